"""A customer who wrote by mail is erased: everything that the stack keeps is looked at."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from helpdesk import ticket
from helpdesk.mail import reply_address, return_path
from helpdesk.ticket import Agent, Role

from infra.local.mail_sink import MailSink, start
from tests.fakes import ADA
from tests.integration.conftest import Function, Stack, load
from tests.integration.test_agent_cli import Desk, desk  # noqa: F401 -- fixture
from tests.integration.test_mail_files import Post, documents, named, post  # noqa: F401
from tests.integration.test_mail_function import (  # noqa: F401 -- fixtures
    HOUR,
    MAILBOX,
    SECRET,
    function,
    mails,
)
from tests.integration.test_worker import record
from tests.mails import BLOCK, part, parts, whole
from tests.unit.documents import files as samples

WHO = "zoe.quince@erased.example"
OTHER = "zoe@work.erased.example"
WORDS = ("erased.example", "zanzibar", "quincebill", "1@mail.erased.example", "Zoe Quince")
"""What would show that something of hers is left: address, text, file, id, name."""

SPAM = BLOCK.replace(b"Spam-Verdict: PASS", b"Spam-Verdict: FAIL")
BY_DIGEST = {
    "MAIL": {"pk", "sk", "expires_at", "ticket_id", "at"},
    "RATE": {"pk", "sk", "expires_at", "full_at"},
    "SUPPRESSED": {"pk", "sk", "at", "expires_at"},
}
"""What docs/mail.md says stays, and what it may hold: nothing that the customer wrote."""

LENA = Agent("lena", frozenset({Role.AGENT, Role.LEAD}))


def of_zoe(
    *inner: bytes, text: bytes, ids: bytes, to: str = MAILBOX, block: bytes = BLOCK
) -> bytes:
    """Return a mail of the customer's, as the service hands it on."""
    raw = block + whole(parts("mixed", part("text/plain", text), *inner))
    head = b"Message-ID: <" + ids + b"@mail.erased.example>\r\nTo: " + to.encode()
    return (
        raw.replace(b"To: support@shop.example", head)
        .replace(b"Ada <ada@example.com>", b"Zoe Quince <" + WHO.encode() + b">")
        .replace(b"example.com", b"erased.example")
        .replace(b"Subject: Order", b"Subject: zanzibar order")
    )


@pytest.fixture
def sink(tmp_path: Path, socket_enabled: None) -> Iterator[MailSink]:
    found = start(tmp_path / "left")
    yield found
    found.shutdown()
    found.server_close()


@pytest.fixture
def courier(template: dict[str, Any], stack: Stack, sink: MailSink) -> Function:
    url = f"smtp://127.0.0.1:{sink.port}"
    there = stack.where("CourierFunction", MAIL_SECRET=SECRET, SMTP_URL=url)
    return load(template, there, "CourierFunction")


class Everything:
    """All that a stack keeps: the items of its tables, the objects of its buckets."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack

    def items(self) -> list[dict[str, Any]]:
        found = []
        for name in boto3.client("dynamodb").list_tables()["TableNames"]:
            found += boto3.resource("dynamodb").Table(name).scan()["Items"]
        return found

    def objects(self) -> dict[str, str]:
        """Return every version of every object of every bucket, by its place, with its tags."""
        s3, found = boto3.client("s3"), {}
        for bucket in (each["Name"] for each in s3.list_buckets()["Buckets"]):
            listed = s3.list_object_versions(Bucket=bucket)
            for each in [*listed.get("Versions", []), *listed.get("DeleteMarkers", [])]:
                at = {"Bucket": bucket, "Key": each["Key"], "VersionId": each["VersionId"]}
                got = s3.get_object(**at) if "Size" in each else {"Metadata": "", "Body": None}
                said = got["Body"].read().decode("latin-1") if got["Body"] else ""
                found[f"{bucket}/{each['Key']}@{each['VersionId']}"] = f"{got['Metadata']}{said}"
        return found

    def naming(self, *words: str) -> list[str]:
        """Return what holds one of some words, in an item, a place or an object."""
        every = [repr(each) for each in self.items()]
        every += [f"{place} {said}" for place, said in self.objects().items()]
        return [each[:300] for each in every if any(w.lower() in each.lower() for w in words)]


def came(at: Post, name: str, raw: bytes) -> None:
    at.mails.take(name, raw)


def replied(at: Post, ticket_id: str, text: str) -> None:
    """Answer as an agent."""
    tickets, now = at.desk.tickets, at.mails.conversation(ticket_id).ticket.updated_at
    found = tickets.get(ticket_id)
    assert found
    tickets.commit(given := ticket.give_up(found, now=now))
    tickets.commit(held := ticket.claim(given.after, ADA, now=now, length=HOUR))
    tickets.commit(ticket.reply(held.after, ADA, text, now=now))


def send(courier: Function, stack: Stack) -> list[str]:
    """Let the courier send what waits; return the mails."""
    bodies = stack.take_messages("OutboxQueueUrl")
    for body in bodies:
        assert courier({"Records": [record("m", body, 1)]}) == {"batchItemFailures": []}
    return [json.loads(body)["mail"] for body in bodies]


def complain(at: Post, ticket_id: str) -> None:
    """Let the customer's mail provider say that she calls a mail of the desk spam."""
    event = {
        "eventType": "Complaint",
        "mail": {"source": return_path(MAILBOX, ticket_id, 2, SECRET), "messageId": "0100"},
        "complaint": {"complainedRecipients": [{"emailAddress": WHO}]},
    }
    notice = {"Type": "Notification", "MessageId": "m-1", "Message": json.dumps(event)}
    assert at.mails.deliver(json.dumps(notice)) == set()


def lived(at: Post, courier: Function, stack: Stack) -> str:
    """Play all that leaves something behind, and return the ticket."""
    bill = named("quincebill.txt", b"zanzibar in a file")
    came(at, "erased-1", of_zoe(bill, text=b"Where is my zanzibar?", ids=b"1"))
    (ticket_id,) = at.mails.queued()
    to = reply_address(MAILBOX, ticket_id, SECRET)
    letter = named("quincebill.docx", samples.docx(samples.paragraph("zanzibar again")))
    came(at, "erased-2", of_zoe(letter, text=b"And another zanzibar", ids=b"2", to=to))
    brother = of_zoe(text=b"zanzibar, says her brother", ids=b"3", to=to)
    came(at, "erased-3", brother.replace(WHO.encode(), OTHER.encode()))
    came(at, "erased-4", of_zoe(text=b"zanzibar for sale", ids=b"4", block=SPAM))
    at.read(ticket_id)
    replied(at, ticket_id, "Your zanzibar is on its way.")
    assert f"{ticket_id}.4" in send(courier, stack)
    complain(at, ticket_id)
    return ticket_id


def test_of_a_customer_by_mail_nothing_is_left_but_the_record_and_digests(
    post: Post,  # noqa: F811
    courier: Function,
    sink: MailSink,
    desk: Desk,  # noqa: F811
    stack: Stack,
) -> None:
    """X6: mails in and out, files and their text, threads, quarantine, bonds; every version."""
    every = Everything(stack)
    ticket_id = lived(post, courier, stack)
    desk.knowledge.put_agent(LENA)
    before = {each["pk"].split("#")[0] for each in every.items() if "pk" in each}
    assert before >= {
        "TICKET", "FILES", "THREAD", "MAIL", "QUARANTINE", "CUSTOMER", "SUPPRESSED", "RATE",
    }  # fmt: skip
    assert sum("inbound/erased-" in each for each in every.objects()) == 4
    assert sum(f"attachments/{ticket_id}/" in each for each in every.objects()) == 2
    assert len(list(sink.folder.glob("*.eml"))) >= 1
    for word in (*WORDS, ticket_id):
        assert every.naming(word), "the search would have found it"

    asked = ("ticket", "erase", "--customer", WHO, "--yes")
    assert desk.run(*asked, agent="lena").exit_code == 0

    assert every.naming(*WORDS) == []
    left = [each for each in every.items() if each.get("pk", "").partition("#")[0] != "AGENT"]
    own = [each for each in left if ticket_id in repr(each)]
    (erasure,) = [each for each in own if each["sk"] == "ERASURE"]
    assert {**erasure, "at": "", "expires_at": 0} == {
        "pk": f"ERASURE#{ticket_id}", "sk": "ERASURE", "by": "lena", "at": "", "expires_at": 0,
    }  # fmt: skip
    assert {each["pk"].partition("#")[0] for each in own} == {"ERASURE", "MAIL"}
    assert not [place for place in every.objects() if ticket_id in place or "erased-" in place]
    for each in left:
        kind, _, rest = each["pk"].partition("#")
        if kind in BY_DIGEST:
            assert each.keys() <= BY_DIGEST[kind], each
            assert WHO not in rest
        elif kind == "COUNTED":  # counts of mails and files, and the moments of the last ones
            beside = {"pk", "sk", "expires_at", "mail_at", "files_at", "notices_at"}
            counts = {name for name in each if name.startswith(("mail#", "files#", "notices#"))}
            assert each.keys() <= beside | counts, each
        else:
            assert kind in {"ERASURE", "INTENT", "ARTICLE", "MODEL", "TEXT", "EDITION"}, each


def test_a_queue_that_brings_its_mails_again_brings_nothing_back(
    post: Post,  # noqa: F811
    courier: Function,
    desk: Desk,  # noqa: F811
    stack: Stack,
) -> None:
    every = Everything(stack)
    ticket_id = lived(post, courier, stack)
    desk.knowledge.put_agent(LENA)
    desk.run("ticket", "erase", "--customer", WHO, "--yes", agent="lena")
    post.mails.queued()
    before = sorted(map(repr, every.items()))

    for number in range(1, 5):
        key = {"Records": [{"s3": {"object": {"key": f"inbound/erased-{number}"}}}]}
        assert post.mails.deliver(json.dumps(key), attempt=2) == set()
    waiting = json.dumps({"mail": f"{ticket_id}.4"})
    assert courier({"Records": [record("m", waiting, 2)]}) == {"batchItemFailures": []}
    arrived = {"Records": [{"s3": {"object": {"key": f"attachments/{ticket_id}/1"}}}]}
    assert post.documents({"Records": [record("m", json.dumps(arrived), 2)]}) == {
        "batchItemFailures": []
    }

    assert sorted(map(repr, every.items())) == before
    assert post.mails.queued() == []
