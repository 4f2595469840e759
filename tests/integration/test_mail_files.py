"""Files that come by mail, over the functions themselves: read, refused, named, never hidden."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from helpdesk import files
from helpdesk.aws import clients
from helpdesk.aws.knowledge import DynamoKnowledge
from helpdesk.composition import Parts, Resources
from helpdesk.files import State, Why
from helpdesk.ticket import Ticket

from tests.fakes import ScriptedUnderstander, an_article, an_understanding
from tests.integration.conftest import Function, Stack, load, understand_with
from tests.integration.test_mail_function import Mails, function, mails  # noqa: F401 -- fixtures
from tests.integration.test_worker import record
from tests.mailroom import VIRUS, bill
from tests.mails import BLOCK, HEAD, coded, part, parts, whole
from tests.unit.documents import drawn, hostile
from tests.unit.documents import files as samples

BASE64 = b"Content-Transfer-Encoding: base64"
SHEET = '<row><c r="A1" t="s"><v>0</v></c></row>'
READ: dict[str, Callable[[], bytes]] = {
    "a.pdf": lambda: samples.pdf("the marker"),
    "a.docx": lambda: samples.docx(samples.paragraph("the marker")),
    "a.txt": lambda: b"the marker",
    "a.csv": lambda: b"the,marker\n",
    "a.xlsx": lambda: samples.xlsx(SHEET, shared=["the marker"]),
    "a.png": lambda: drawn.saved(drawn.page(("the marker of this page",))),
}
NOT_READ: dict[str, tuple[Callable[[], bytes], set[Why]]] = {
    "locked.pdf": (hostile.locked, {Why.ENCRYPTED}),
    "bomb.docx": (lambda: hostile.docx_bomb(300), {Why.TOO_LARGE, Why.TOO_COSTLY}),
    "../../../etc/passwd.txt": (lambda: b"\x00\x01" * 50, {Why.UNREADABLE}),
}
LARGE = 50_000_000
LETTER = "Give me my money back"


def with_files(*inner: bytes, text: bytes = b"see the files", block: bytes = BLOCK) -> bytes:
    return block + whole(parts("mixed", part("text/plain", text), *inner))


def named(name: str, content: bytes) -> bytes:
    """Return a file as many programs send it: coded, and of no kind."""
    told = b'Content-Disposition: attachment; filename="' + name.encode() + b'"'
    return part("application/octet-stream", coded(content), BASE64, told)


@dataclass
class Post:
    """The functions that a mail with files passes through."""

    mails: Mails
    documents: Function
    worker: Function

    @property
    def desk(self) -> Parts:
        return Parts(resources=Resources.of_outputs(self.mails.stack.outputs))

    def take(self, raw: bytes) -> str:
        """Take a mail, and return its ticket."""
        self.mails.take("a", raw)
        (ticket_id,) = self.mails.queued()
        return ticket_id

    def read(self, ticket_id: str) -> tuple[files.Attachment, ...]:
        """Let the documents function hear of every file whose content was kept."""
        for key in self.objects(ticket_id):
            body = json.dumps({"Records": [{"s3": {"object": {"key": key}}}]})
            assert self.documents({"Records": [record("m", body, 1)]}) == {"batchItemFailures": []}
        return self.desk.attachments.of(ticket_id)

    def objects(self, ticket_id: str) -> list[str]:
        bucket = self.mails.stack.outputs["FilesBucket"]
        found = clients.s3().list_object_versions(Bucket=bucket)
        return sorted(each["Key"] for each in found.get("Versions", []) if ticket_id in each["Key"])

    def work(self, ticket_id: str) -> Ticket:
        body = json.dumps({"ticket": ticket_id})
        assert self.worker({"Records": [record("m", body, 1)]}) == {"batchItemFailures": []}
        return self.mails.conversation(ticket_id).ticket

    def note(self, ticket_id: str) -> str:
        return self.mails.tickets.events(ticket_id)[0].note or ""


@pytest.fixture(scope="module")
def documents(template: dict[str, Any], deployed: Stack) -> Function:
    return load(template, deployed, "DocumentsFunction")


@pytest.fixture
def post(
    mails: Mails,  # noqa: F811
    documents: Function,
    template: dict[str, Any],
    stack: Stack,
) -> Post:
    DynamoKnowledge(clients.table(stack.outputs["KnowledgeTable"])).put(an_article("refund"))
    worker = load(template, stack, "WorkerFunction")
    nothing = an_understanding(("nothing", 0.1), scope=0.0)
    script = {LETTER: an_understanding(("refund", 0.9)), "Order": nothing}
    understand_with(worker, lambda: ScriptedUnderstander(script))
    return Post(mails, documents, worker)


def test_what_stands_in_each_kind_of_file_is_kept_with_the_ticket(post: Post) -> None:
    """M8: of a mail with all six; each is stored under the ticket's id, encrypted."""
    ticket_id = post.take(with_files(*(named(name, make()) for name, make in READ.items())))

    found = post.read(ticket_id)

    assert [(each.name, each.state, each.why) for each in found] == [
        (name, State.READY, None) for name in READ
    ]
    for each in found:
        assert "marker" in post.desk.attachments.text(ticket_id, each.number), each.name
        head = clients.s3().head_object(
            Bucket=post.mails.stack.outputs["FilesBucket"], Key=files.key_of(ticket_id, each.number)
        )
        assert head["ServerSideEncryption"] == "AES256"
    assert post.objects(ticket_id) == [files.key_of(ticket_id, n) for n in range(1, len(READ) + 1)]


def test_what_cannot_be_read_has_a_reason_and_the_ticket_is_there(post: Post) -> None:
    """M9: an encrypted PDF, an archive bomb and a name that climbs; keys hold no name."""
    made = [named(name, make()) for name, (make, _) in NOT_READ.items()]
    ticket_id = post.take(with_files(*made))

    found = post.read(ticket_id)

    assert [each.name for each in found] == [name.rpartition("/")[2] for name in NOT_READ]
    for each, (_, reasons) in zip(found, NOT_READ.values(), strict=True):
        assert each.why in reasons
    assert post.objects(ticket_id) == [files.key_of(ticket_id, each) for each in (1, 2, 3)]
    assert post.mails.conversation(ticket_id).messages[0].text == "Order\n\nsee the files"


def test_each_file_is_counted_by_how_it_ended(post: Post) -> None:
    made = {"a.txt": b"Where is it?", "b.txt": b"And this?", "c.pdf": b"%PDF-1 of nothing"}
    ticket_id = post.take(with_files(*(named(name, content) for name, content in made.items())))
    post.read(ticket_id)
    post.read(ticket_id)

    counted, _ = post.desk.figures.counts(datetime.now(UTC).date())

    (today,) = counted
    assert today.outcomes["files"] == {"read": 2, "unread": 1}


def test_what_is_not_taken_is_named_with_its_reason(post: Post) -> None:
    """M9: an unknown kind and 50 MB; neither is stored."""
    large = part(
        "application/pdf", b"x" * LARGE, b"Content-Disposition: attachment; filename=large.pdf"
    )
    ticket_id = post.take(with_files(named("run.exe", b"MZ"), large))

    assert post.desk.attachments.of(ticket_id) == ()
    assert post.objects(ticket_id) == []
    assert "run.exe (files of this kind are not taken)" in post.note(ticket_id)
    assert "large.pdf (it has more than 20000000 bytes)" in post.note(ticket_id)


def test_a_refund_request_in_the_pdf_alone_gives_the_category(post: Post) -> None:
    """M10: the mail itself has no text."""
    ticket_id = post.take(with_files(named("letter.pdf", samples.pdf(LETTER)), text=b""))
    assert post.work(ticket_id).state == "received", "it waits for the file"
    post.read(ticket_id)

    after = post.work(ticket_id)

    assert (after.state, after.category) == ("escalated", an_article("refund").category)


class TestWhatAVirusCheckMayNotHaveSeen:
    """No file is given out that shows only because the desk mended the head of its mail."""

    FILE = b"--q\r\n" + bill(b"%PDF-1.4 hidden", name=b"hidden.pdf") + b"\r\n--q--\r\n"
    TEXT = b"--q\r\nContent-Type: text/plain\r\n\r\nsee the file\r\n"
    HEADS = (
        b"junk\r\nContent-Type: multipart/mixed; boundary=q\r\n",
        b"Content-Type: multipart/mixed;\r\nboundary=q\r\n",
        b"Content-Type: multipart/mixed\r\n",
    )

    @pytest.mark.parametrize("head", HEADS)
    def test_no_file_of_a_mended_mail_is_kept(self, post: Post, head: bytes) -> None:
        ticket_id = post.take(BLOCK + HEAD + head + b"\r\n" + self.TEXT + self.FILE)

        assert post.desk.attachments.of(ticket_id) == ()
        assert post.objects(ticket_id) == []
        assert "see the file" in post.mails.conversation(ticket_id).messages[0].text

    @pytest.mark.parametrize("head", HEADS[:2])
    def test_people_are_told_of_it(self, post: Post, head: bytes) -> None:
        ticket_id = post.take(BLOCK + HEAD + head + b"\r\n" + self.TEXT + self.FILE)

        assert "hidden.pdf (the mail's head is broken" in post.note(ticket_id)

    def test_its_texts_are_read(self, post: Post) -> None:
        head = b"Content-Type: multipart/mixed;\r\nboundary=q\r\n\r\n"
        ticket_id = post.take(BLOCK + HEAD + head + self.TEXT + b"--q--\r\n")

        assert post.mails.conversation(ticket_id).messages[0].text == "Order\n\nsee the file"
        assert "not taken" not in post.note(ticket_id)

    def test_nor_of_one_with_a_virus(self, post: Post) -> None:
        ticket_id = post.take(with_files(bill(b"%PDF"), block=VIRUS))

        (file,) = post.desk.attachments.of(ticket_id)
        assert (file.state, file.why) == (State.REFUSED, Why.MALWARE)
        assert post.objects(ticket_id) == []
