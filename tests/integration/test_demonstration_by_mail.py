"""The part of the demonstration that is held by mail, with real SMTP at both ends."""

import io
import subprocess
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from helpdesk.files import State as FileState
from helpdesk.ticket import State
from rich.console import Console

from infra.deploying.stack import DeployError
from infra.local import correspondence, stage
from infra.local.correspondence import Correspondence
from infra.local.correspondent import Post, receipt
from infra.local.mail import Door, listener
from infra.local.mail_sink import MailSink, start
from infra.local.questions import PARROT, Questions
from infra.local.stage import CONFLICT, Stage
from tests.integration.test_mail_listener import MAILBOX, free_port

ASKED = "Where is my order?"


class Desk:
    """A desk that answers each mail at once; `state` is that of the second one's ticket."""

    def __init__(self, sink: MailSink) -> None:
        self.sink, self.state, self.silent = sink, State.ESCALATED, False
        self.came: list[Any] = []
        self.typed: list[tuple[str, ...]] = []
        self.claim, self.looks = 0, 0

    def take(self, _name: str, raw: bytes) -> None:
        self.came.append(message_from_bytes(raw, policy=policy.default))
        if not self.silent:
            self.send(self.came[-1]["From"].addresses[0].addr_spec, f"word {len(self.came)}")

    def send(self, to: str, text: str) -> None:
        self.sink.keep("desk@example.com", [to], f"Subject: Re\r\n\r\n{text}\r\n".encode())

    def placed(self, key: str) -> str | None:
        self.looks += 1
        return f"ticket-of-{key}" if self.looks % 2 == 0 else None

    def of(self, _ticket_id: str) -> Any:
        self.looks += 1
        read = FileState.READY if self.looks % 3 == 0 else FileState.CHECKED
        return (SimpleNamespace(state=read),)

    def get(self, _ticket_id: str) -> Any:
        return SimpleNamespace(state=self.state)

    def terminal(self, command: list[str], **_: Any) -> Any:
        words = tuple(command[3:])
        self.typed.append(words)
        if words[1] == "reply":
            self.send(self.came[-1]["From"].addresses[0].addr_spec, words[3])
        exits = self.claim if words[1] == "claim" else 0
        return subprocess.CompletedProcess(command, exits, "", "told")


@pytest.fixture
def desk(tmp_path: Path, socket_enabled: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    with start(tmp_path) as sink:
        desk = Desk(sink)
        for name in ("DynamoMailbox", "DynamoAttachments", "DynamoTickets"):
            monkeypatch.setattr(correspondence, name, lambda _: desk)
        monkeypatch.setattr(Correspondence, "_table", None)
        monkeypatch.setattr(correspondence, "PATIENCE", 2)
        monkeypatch.setattr(stage.subprocess, "run", desk.terminal)
        yield desk
        sink.shutdown()


def hold(desk: Desk, *answerable: str) -> str:
    """Hold the conversation and return what is on the screen."""
    screen, port = io.StringIO(), free_port()
    stack: Any = SimpleNamespace(name="helpdesk", endpoint_url="http://x")
    door = listener(Door(MAILBOX, desk.take), port)
    door.start()
    try:
        mails = Correspondence(
            Stage(stack, Console(file=screen, width=200)),
            Post(port, MAILBOX, desk.sink.folder),
            Questions(answerable, own=False, escalating=(PARROT,)),
        )
        mails.begin()
        mails.follow()
    finally:
        door.stop()
    return screen.getvalue()


def test_a_mail_with_a_picture_is_answered_and_another_by_an_agent(desk: Desk) -> None:
    said = hold(desk, ASKED)

    first, second = desk.came
    assert ASKED in first.get_body().get_content()
    (picture,) = first.iter_attachments()
    assert picture.get_content() == receipt("12345")
    assert PARROT.text in second.get_content()
    assert [words[1] for words in desk.typed] == ["files", "claim", "reply"]
    places = [said.index(each) for each in ("word 1", "word 2", PARROT.reply.splitlines()[0])]
    assert places == sorted(places)


def test_a_desk_without_automatic_answers_gets_one_mail(desk: Desk) -> None:
    hold(desk)

    assert len(desk.came) == 1
    assert [words[1] for words in desk.typed] == ["claim", "reply"]


def test_two_visits_write_from_different_addresses(desk: Desk) -> None:
    hold(desk, ASKED)
    hold(desk, ASKED)

    assert len({each["From"] for each in desk.came}) == 4


def test_what_no_person_has_to_answer_is_left(desk: Desk) -> None:
    desk.state = State.ANSWERED

    assert "No agent is needed" in hold(desk, ASKED)
    assert [words[1] for words in desk.typed] == ["files"]


def test_a_faster_agent_is_no_failure(desk: Desk) -> None:
    desk.claim = CONFLICT

    assert "An agent was faster" in hold(desk, ASKED)


def test_an_answer_that_does_not_leave_fails_the_run(desk: Desk) -> None:
    desk.silent = True

    with pytest.raises(DeployError, match="no mail left for lin"):
        hold(desk, ASKED)


def test_a_mail_that_becomes_no_ticket_fails_the_run(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "placed", lambda _: None)

    with pytest.raises(DeployError, match="became no ticket"):
        hold(desk, ASKED)
