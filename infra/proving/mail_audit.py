"""Compares the mails that were accepted with tickets, files and what left: each of them once."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from email.parser import BytesParser
from hashlib import sha256
from pathlib import Path
from typing import Any

from helpdesk.aws import clients
from helpdesk.aws.attachments import DynamoAttachments
from helpdesk.files import Attachment, State, key_of
from helpdesk.outbox import named
from helpdesk.ticket import Source
from helpdesk.ticket import State as TicketState

from infra.deploying.stack import Stack
from infra.proving.audit import Audit, audit, tickets_of
from infra.proving.letters import Enclosed, Written, marks_in


@dataclass(slots=True)
class MailAudit:
    """What became of some mails. Lists hold what is wrong, as sentences without any text of mails.

    `copies` are mails that left again, byte for byte, as the courier was killed before its mark or
    the sink after it took them.
    """

    mails: int
    tickets: Audit
    ids: list[str] = field(default_factory=list)
    files: int = 0
    answers: int = 0
    copies: int = 0
    refused: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    unsent: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Whether each mail, each file and each answer is there once, as its ticket explains."""
        return self.tickets.clean and not (self.lost or self.doubled or self.unsent)

    @property
    def wrong(self) -> list[str]:
        """What is wrong, in one list."""
        return [*self.lost, *self.doubled, *self.unsent]


def audit_mails(stack: Stack, posted: Mapping[str, Written], sunk: Path) -> MailAudit:
    """Look for every mail that a sender was told is accepted, in the whole table.

    Lost: its words are on no ticket, or a file is not kept whole and read. Doubled: they are on
    two, a file is kept twice, or a ticket's customer got two automatic mails. Unsent: an answer
    that has neither left nor a reason, or whose mark is there and not the mail.
    """
    items = list(_items(stack))
    ids = [each["id"] for each in items if each["sk"] == "TICKET" and each["channel"] == "mail"]
    found = MailAudit(len(posted), audit(ids, tickets_of(stack)), ids)
    _look_for_mails(stack, posted.values(), found)
    _look_for_files(stack, posted.values(), found)
    _look_for_answers(stack, items, sunk, found)
    return found


def _items(stack: Stack) -> Iterator[dict[str, Any]]:
    table = clients.table(
        stack.outputs["TicketsTable"], stack.session, endpoint_url=stack.endpoint_url
    )
    for page in table.client.get_paginator("scan").paginate(TableName=table.name):
        yield from page["Items"]


def _look_for_mails(stack: Stack, mails: Iterable[Written], found: MailAudit) -> None:
    tickets = tickets_of(stack)
    places: Counter[str] = Counter()
    for ticket_id in found.ids:
        said = tickets.conversation(ticket_id)
        for message in said.messages if said else ():
            if message.source is Source.CUSTOMER:
                places.update(marks_in(message.text))
    for mail in mails:
        if not (times := places[mail.mark]):
            found.lost.append(f"mail {mail.mark} is on no ticket")
        elif times > 1:
            found.doubled.append(f"mail {mail.mark} is {times} messages")


def _look_for_files(stack: Stack, mails: Iterable[Written], found: MailAudit) -> None:
    table = clients.table(
        stack.outputs["TicketsTable"], stack.session, endpoint_url=stack.endpoint_url
    )
    register, s3 = DynamoAttachments(table), stack.client("s3")
    bucket = stack.outputs["FilesBucket"]
    known: dict[str, list[Attachment]] = defaultdict(list)
    for ticket_id in found.ids:
        for each in register.of(ticket_id):
            known[each.name].append(each)

    def wrong(file: Enclosed, at: Attachment, mark: str) -> str | None:
        if at.state is not State.READY:
            return f"is {at.state}"
        stored = s3.get_object(Bucket=bucket, Key=key_of(at.ticket_id, at.number))["Body"].read()
        if stored != file.content:
            return "has another content"
        read = register.text(at.ticket_id, at.number)
        return None if marks_in(read) == [mark] else "was not read"

    for mark, file in ((mail.mark, file) for mail in mails for file in mail.files):
        found.files += 1
        kept = known[file.name]
        if len(kept) > 1:
            found.doubled.append(f"file {file.name} is kept {len(kept)} times")
        if why := wrong(file, kept[0], mark) if kept else "is not known":
            found.lost.append(f"file {file.name} {why}")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    objects = sum(len(page.get("Contents", ())) for page in pages)
    if objects > found.files:
        found.doubled.append(f"the bucket has {objects} objects of {found.files} files")


def _look_for_answers(
    stack: Stack, items: list[dict[str, Any]], sunk: Path, found: MailAudit
) -> None:
    left: dict[str, list[bytes]] = defaultdict(list)
    automatic: dict[str, set[str]] = defaultdict(set)
    for path in sorted(sunk.glob("*.eml")):
        raw = path.read_bytes()
        head = BytesParser().parsebytes(raw, headersonly=True)
        name = str(head["Message-ID"]).strip("<>")
        left[name].append(sha256(raw).digest())
        if head["Auto-Submitted"]:
            ticket_id, _, _ = name.partition(".")
            automatic[ticket_id].add(name)
    found.answers = len(left)
    found.copies = sum(map(len, left.values())) - len(left)
    found.doubled += [
        f"mail {name} left changed" for name, all_ in left.items() if len(set(all_)) > 1
    ]
    found.doubled += [
        f"ticket {ticket_id} got {len(names)} automatic mails"
        for ticket_id, names in automatic.items()
        if len(names) > 1
    ]
    tickets, marked = tickets_of(stack), set[str]()
    for each in (each for each in items if each["sk"].startswith("DISPATCH#")):
        mail = f"mail {each['ticket_id']}.{int(each['number'])}"
        if each.get("sent_at"):
            marked.add(each["sent_as"])
            if each["sent_as"] not in left:
                found.unsent.append(f"{mail} has its mark and did not leave")
        elif each.get("ended_at") and (each.get("silent") or each.get("failed")):
            found.refused += bool(each.get("failed"))
            ticket = tickets.get(each["ticket_id"])
            if each["part"] != "news" and (not ticket or ticket.state is not TicketState.ESCALATED):
                found.unsent.append(f"{mail} stays here, and no person has its ticket")
        else:
            found.unsent.append(f"{mail} has not left")
    found.unsent += [f"mail {name} left without a mark" for name in left.keys() - marked]
    strangers = [name for name in left if named(name.partition("@")[0]) is None]
    found.doubled += [f"a mail left that is no ticket's: {name}" for name in strangers]
