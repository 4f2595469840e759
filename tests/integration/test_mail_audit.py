"""The audit of mails: it finds each fault that is planted, and nothing where all is well."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from helpdesk.aws import clients
from helpdesk.aws.attachments import DynamoAttachments
from helpdesk.files import State
from helpdesk.mail import Delivery, received_block
from helpdesk.outbox import mail_id

from infra.deploying.stack import Stack as Deployed
from infra.local.mail import PASSING
from infra.proving.letters import Written, marks_in, write
from infra.proving.mail_audit import MailAudit, audit_mails
from tests.integration.conftest import REGION, STACK, Function, Stack, load
from tests.integration.test_worker import record

MAILBOX = "support@helpdesk.example"


@dataclass
class Office:
    """The mail function over the template's stack, and a folder of mails that left."""

    stack: Stack
    function: Function
    sunk: Path
    posted: dict[str, Written] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.register = DynamoAttachments(clients.table(self.stack.outputs["TicketsTable"]))
        self.s3 = boto3.client("s3")

    def accept(self, mail: Written, name: str | None = None) -> str:
        """Store a mail as the listener does; return its key."""
        key = f"inbound/{name or mail.mark}"
        delivery = Delivery(
            id=mail.mark,
            sender=mail.sender,
            recipient=MAILBOX,
            client="192.0.2.1",
            helo="customers.example",
            at=datetime.now(UTC),
        )
        block = received_block(delivery, PASSING)
        bucket = self.stack.outputs["MailBucket"]
        self.s3.put_object(Bucket=bucket, Key=key, Body=block + mail.as_sent(MAILBOX))
        self.posted[key] = mail
        return key

    def take(self, key: str) -> None:
        body = json.dumps({"Records": [{"s3": {"object": {"key": key}}}]})
        assert self.function({"Records": [record("1", body, 1)]}) == {"batchItemFailures": []}

    def read_files(self) -> None:
        """Store of each file what the documents function would."""
        for ticket_id in self.audit().ids:
            for each in self.register.of(ticket_id):
                said = next(f for m in self.posted.values() for f in m.files if f.name == each.name)
                ready = replace(each, state=State.READY, version=each.version + 1)
                self.register.change(each, ready, text=said.content.decode())

    def leave(self, ticket_id: str, number: int, text: str = "Hello") -> None:
        """Let the sink have an automatic mail of a ticket."""
        self.sunk.mkdir(exist_ok=True)
        head = f"Message-ID: <{mail_id(ticket_id, number)}@helpdesk.example>\n"
        path = self.sunk / f"{len(list(self.sunk.iterdir())):04}.eml"
        path.write_text(f"{head}Auto-Submitted: auto-replied\n\n{text}\n")

    def audit(self) -> MailAudit:
        deployed = Deployed(STACK, boto3.Session(region_name=REGION))
        return audit_mails(deployed, self.posted, self.sunk)


@pytest.fixture
def office(template: dict[str, Any], stack: Stack, tmp_path: Path) -> Iterator[Office]:
    opened = Office(stack, load(template, stack, "MailFunction"), tmp_path / "sunk")
    yield opened
    for bucket in (stack.outputs["MailBucket"], stack.outputs["FilesBucket"]):
        for each in opened.s3.list_objects_v2(Bucket=bucket).get("Contents", ()):
            opened.s3.delete_object(Bucket=bucket, Key=each["Key"])


def mails(count: int = 1, **how: Any) -> list[Written]:
    return write(count, random.Random(1), **how)  # noqa: S311 -- the same each time


def test_mails_have_a_mark_each_and_replies_come_from_who_wrote_the_mail_before() -> None:
    written = mails(40)
    by_id = {each.message_id: each for each in written}
    replies = [each for each in written if each.answers]

    assert len({each.mark for each in written}) == 40
    assert [marks_in(each.text) for each in written] == [[each.mark] for each in written]
    assert len(replies) == 5
    assert all(each.sender == by_id[each.answers or ""].sender for each in replies)
    files = [file for each in written for file in each.files]
    assert len({file.name for file in files}) == len(files)
    assert 0 < len(files) < 120


def test_where_all_is_well_nothing_is_found(office: Office) -> None:
    for each in mails(16, files_in=0.5):
        office.take(office.accept(each))
    office.read_files()

    found = office.audit()

    assert found.clean, found.wrong
    assert (found.mails, len(found.ids)) == (16, 14)
    assert found.files == sum(len(each.files) for each in office.posted.values())


def test_a_mail_that_no_ticket_has_is_lost(office: Office) -> None:
    for each in mails(2, files_in=0.0)[:1]:
        office.take(office.accept(each))
    lost = office.accept(mails(2, files_in=0.0)[1])

    assert office.audit().lost == [f"mail {office.posted[lost].mark} is on no ticket"]


def test_a_mail_that_two_tickets_have_is_doubled(office: Office) -> None:
    (mail,) = mails(files_in=0.0)
    for name in ("one", "two"):
        office.take(office.accept(mail, name))
    del office.posted["inbound/two"]

    assert office.audit().doubled == [f"mail {mail.mark} is 2 messages"]


@pytest.mark.parametrize("what", ["never read", "other content", "twice in the bucket"])
def test_a_file_that_is_not_kept_once_and_whole_is_found(office: Office, what: str) -> None:
    (mail,) = mails(files_in=1.0)
    mail = replace(mail, files=mail.files[:1])
    office.take(office.accept(mail))
    bucket, name = office.stack.outputs["FilesBucket"], mail.files[0].name
    (kept,) = office.s3.list_objects_v2(Bucket=bucket)["Contents"]
    if what != "never read":
        office.read_files()
    if what == "other content":
        office.s3.put_object(Bucket=bucket, Key=kept["Key"], Body=b"x")
    if what == "twice in the bucket":
        office.s3.put_object(Bucket=bucket, Key="more", Body=b"x")

    found = office.audit()

    assert (found.lost, found.doubled) == {
        "never read": ([f"file {name} is expected"], []),
        "other content": ([f"file {name} has another content"], []),
        "twice in the bucket": ([], ["the bucket has 2 objects of 1 files"]),
    }[what]


def test_what_left_must_be_once_a_ticket_the_same_and_have_its_mark(office: Office) -> None:
    (mail,) = mails(files_in=0.0)
    office.take(office.accept(mail))
    (ticket_id,) = office.audit().ids
    first = f"mail {mail_id(ticket_id, 2)}@helpdesk.example"

    office.leave(ticket_id, 2)
    office.leave(ticket_id, 2)
    found = office.audit()
    assert (found.answers, found.copies, found.doubled) == (1, 1, [])
    assert found.unsent == [f"{first} left without a mark"]

    office.leave(ticket_id, 2, text="Hello again")
    office.leave(ticket_id, 3)
    assert office.audit().doubled == [
        f"{first} left changed",
        f"ticket {ticket_id} got 2 automatic mails",
    ]
