"""`helpdesk ticket files`, and the files on the page of a ticket."""

import json
import stat
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from unittest import mock

import pytest
from helpdesk import files
from helpdesk.aws import clients
from helpdesk.aws.attachments import DynamoAttachments
from helpdesk.files import Attachment, State, Why

from tests.filing import an_attachment
from tests.integration.test_agent_cli import Desk, desk  # noqa: F401 -- a fixture

LONG = "word " * 1_000


class Cabinet:
    """A waiting ticket, and a way to give it files."""

    def __init__(self, desk: Desk, ticket_id: str | None = None) -> None:  # noqa: F811
        self.desk = desk
        self.id = ticket_id or desk.escalated(1, name="Kim")
        self.register = DynamoAttachments(clients.table(desk.stack.outputs["TicketsTable"]))

    def file(
        self, number: int, content: bytes | None = None, text: str = "", **more: object
    ) -> Attachment:
        known = an_attachment(self.id, number, announced_at=self.desk.now)
        expires = self.desk.now + timedelta(days=400)
        known = replace(known, expires_at=expires, size=len(content or b"x"), **more)  # type: ignore[arg-type]
        if content is not None:
            put = clients.s3().put_object(
                Bucket=self.desk.stack.outputs["FilesBucket"],
                Key=files.key_of(self.id, number),
                Body=content,
            )
            known = replace(known, etag=put["ETag"].strip('"'))
        self.register.add(known)
        self.register.change(known, after := replace(known, version=2), text=text)
        return after


@pytest.fixture
def cabinet(desk: Desk) -> Cabinet:  # noqa: F811
    return Cabinet(desk)


@pytest.fixture
def full(cabinet: Cabinet) -> Cabinet:
    """Return a ticket with a file of every state, and one without text."""
    cabinet.file(1, b"one", "refund of order 12345", state=State.READY, kind="pdf", named="png")
    cabinet.file(2, state=State.EXPECTED)
    cabinet.file(3, b"three", state=State.CHECKED)
    cabinet.file(4, b"four", state=State.REFUSED, why=Why.MALWARE)
    cabinet.file(5, b"five", state=State.READY, why=Why.ENCRYPTED, kind="pdf")
    cabinet.file(6, state=State.ERASED)
    return cabinet


def test_every_file_is_shown_with_its_text_or_the_reason(full: Cabinet) -> None:
    result = full.desk.run("ticket", "files", full.id)

    assert result.exit_code == 0, result.output
    said = " ".join(result.stdout.split())
    assert "file 1 · invoice.pdf · 3 B · ready, content is pdf" in said
    assert "refund of order 12345" in said
    assert "file 3 · invoice.pdf · 5 B · being checked" in said
    assert "The file holds malware." in said
    assert "The file is protected with a password." in said
    assert "6 files" in result.stderr


def test_a_script_gets_every_fact(full: Cabinet) -> None:
    found = full.desk.json("ticket", "files", full.id)

    assert [each["state"] for each in found] == [
        "ready", "expected", "being_checked", "refused", "ready", "erased",
    ]  # fmt: skip
    assert found[0]["text"] == "refund of order 12345"
    assert [each["why"] for each in found][3:5] == ["malware", "encrypted"]
    assert {each["saved"] for each in found} == {None}


def test_only_what_is_ready_is_saved_and_nothing_is_replaced(full: Cabinet, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    found = full.desk.json("ticket", "files", full.id, "--save", str(folder))

    saved = [each["saved"] for each in found]
    assert saved == [
        str(folder / "invoice.pdf"),
        *[None] * 3,
        str(folder / "invoice (2).pdf"),
        None,
    ]
    assert (folder / "invoice.pdf").read_bytes() == b"one"
    assert (folder / "invoice (2).pdf").read_bytes() == b"five"
    assert stat.S_IMODE((folder / "invoice.pdf").stat().st_mode) == 0o600
    again = full.desk.json("ticket", "files", full.id, "--save", str(folder))
    assert again[0]["saved"] == str(folder / "invoice (3).pdf")


def test_a_file_is_not_saved_through_a_link_that_lies_there(
    cabinet: Cabinet, tmp_path: Path
) -> None:
    cabinet.file(1, b"one", state=State.READY)
    (tmp_path / "invoice.pdf").symlink_to(tmp_path / "elsewhere")

    cabinet.desk.json("ticket", "files", cabinet.id, "--save", str(tmp_path))

    assert not (tmp_path / "elsewhere").exists()
    assert (tmp_path / "invoice (2).pdf").read_bytes() == b"one"


def test_a_content_that_was_not_checked_is_not_saved(cabinet: Cabinet, tmp_path: Path) -> None:
    known = cabinet.file(1, b"one", state=State.READY)
    at = {"Bucket": cabinet.desk.stack.outputs["FilesBucket"], "Key": files.key_of(cabinet.id, 1)}
    clients.s3().put_object(**at, Body=b"another")

    (found,) = cabinet.desk.json("ticket", "files", cabinet.id, "--save", str(tmp_path))

    assert found["saved"] is None
    assert not list(tmp_path.glob("*.pdf"))
    clients.s3().delete_object(**at)
    (found,) = cabinet.desk.json("ticket", "files", cabinet.id, "--save", str(tmp_path))
    assert (found["saved"], found["state"]) == (None, known.state)


def test_a_folder_that_cannot_be_written_is_told_in_one_line(full: Cabinet) -> None:
    result = full.desk.run("ticket", "files", full.id, "--save", "/proc/none")

    assert result.exit_code == 1
    assert "cannot write to /proc/none" in result.stderr


def test_a_ticket_without_files_and_one_that_is_missing(cabinet: Cabinet) -> None:
    assert cabinet.desk.json("ticket", "files", cabinet.id) == []
    assert cabinet.desk.run("ticket", "files", "0000000000000009").exit_code == 3


def test_the_page_of_a_ticket_shows_files_with_the_beginning_of_their_text(
    cabinet: Cabinet,
) -> None:
    cabinet.file(1, b"one", LONG, state=State.READY, kind="pdf")
    result = cabinet.desk.run("ticket", "show", cabinet.id)

    assert "file 1 · invoice.pdf" in result.stdout
    assert 390 < result.stdout.count("word") <= 400
    assert "…" in result.stdout
    whole = cabinet.desk.run("ticket", "files", cabinet.id)
    assert whole.stdout.count("word") == 1_000
    (shown,) = cabinet.desk.json("ticket", "show", cabinet.id)["files"]
    assert shown["text"] == LONG


def test_what_stands_in_a_file_does_not_steer_the_terminal(cabinet: Cabinet) -> None:
    cabinet.file(1, b"one", "a\x1b[2Jb\u202ec", state=State.READY)
    for verb in ("files", "show"):
        out = cabinet.desk.run("ticket", verb, cabinet.id).stdout

        assert "\x1b[2J" not in out
        assert "\u202e" not in out
        assert "a\\x1b[2Jb\\u202ec" in out


def test_a_lead_erases_files_with_their_ticket(full: Cabinet) -> None:
    with mock.patch.dict("os.environ", {}):
        result = full.desk.run("ticket", "erase", full.id, "--yes")

    assert result.exit_code == 0, result.output
    bucket = full.desk.stack.outputs["FilesBucket"]
    left = clients.s3().list_object_versions(Bucket=bucket, Prefix=files.folder_of(full.id))
    assert "Versions" not in left
    assert full.register.of(full.id) == ()
    assert full.register.text(full.id, 1) == ""


def test_a_dead_letter_of_a_file_names_its_ticket_and_is_sent_again(cabinet: Cabinet) -> None:
    body = f'{{"Records": [{{"s3": {{"object": {{"key": "{files.key_of(cabinet.id, 1)}"}}}}}}]}}'
    outputs = cabinet.desk.stack.outputs
    clients.sqs().send_message(QueueUrl=outputs["FilesDeadLettersUrl"], MessageBody=body)

    (letter,) = cabinet.desk.json("deadletter", "list", "--queue", "files")
    assert (letter["queue"], letter["ticket"]) == ("files", cabinet.id)
    cabinet.desk.run("deadletter", "redrive", cabinet.id, "--yes")

    assert cabinet.desk.stack.take_messages("FilesQueueUrl") == [body]
    assert cabinet.desk.json("deadletter", "list") == []


def test_a_customer_who_asks_for_everything_gets_the_files_too(
    full: Cabinet, tmp_path: Path
) -> None:
    full.desk.escalated(2, email="kim@x.example")
    theirs = Cabinet.__new__(Cabinet)
    theirs.desk, theirs.id, theirs.register = full.desk, f"{2:016}", full.register
    theirs.file(1, b"one", "refund", state=State.READY)
    theirs.file(2, b"two", state=State.REFUSED, why=Why.MALWARE)
    folder = tmp_path / "kim"

    full.desk.json("customer", "export", "kim@x.example", "--to", str(folder))

    assert (folder / "files" / theirs.id / "invoice.pdf").read_bytes() == b"one"
    told = json.loads((folder / "tickets" / f"{theirs.id}.json").read_text())
    assert [each["text"] for each in told["files"]] == ["refund", ""]
    assert [each["saved"] for each in told["files"]] == [f"files/{theirs.id}/invoice.pdf", None]
