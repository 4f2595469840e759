"""The demonstration of `make run` on a desk in use: its own tickets alone, and few failures."""

import io
import subprocess
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from infra.deploying.stack import DeployError
from infra.local import conversation, stage
from infra.local.conversation import Conversation
from infra.local.customer import Ticket, View
from infra.local.questions import PARROT, SPONSORING, STARTER
from infra.local.stage import CONFLICT, Stage
from tests.fakes import an_article


class Api:
    """A customer's API whose desk answers all but `escalated`; agents' replies reach it at once."""

    def __init__(self, *escalated: str, busy: int = 0) -> None:
        self.escalated, self.busy = escalated, busy
        self.asked: list[str] = []
        self.who: list[dict[str, str]] = []
        self.replies: dict[str, str] = {}

    def ask(self, text: str, **customer: str) -> Ticket:
        self.asked.append(text)
        self.who.append(customer)
        return Ticket(f"t{len(self.asked)}", "token")

    def fetch(self, ticket: Ticket, *, wait: int = 0) -> View:
        text = self.asked[int(ticket.id[1:]) - 1]
        if self.busy:
            self.busy -= 1
            return View("received", None, 0.0, None, ())
        if ticket.id in self.replies:
            return View("answered", None, 0.0, None, (("agent", self.replies[ticket.id]),))
        if text in self.escalated:
            return View("escalated", None, 0.0, "low_confidence", ())
        return View("answered", "refund", 0.9, None, (("automatic", "So it is."),))


class Desk:
    """A stack in use: what it knows, its API, and the terminal's commands with their exit codes."""

    def __init__(self, api: Api, **exits: int) -> None:
        self.api, self.exits = api, exits
        self.articles = [an_article("bread", utterances=("is there bread",))]
        self.typed: list[tuple[str, ...]] = []
        self.environment: dict[str, str] = {}
        self.delivers, self.interrupted = True, False
        self.screen = io.StringIO()
        self.given: list[str] = []

    def terminal(self, command: list[str], *, env: dict[str, str], **_: Any) -> Any:
        words = tuple(command[3:])
        self.typed.append(words)
        if self.interrupted:
            raise KeyboardInterrupt
        self.environment = env
        if words[1] == "reply" and self.delivers:
            self.api.replies[words[2]] = words[3]
        return subprocess.CompletedProcess(command, self.exits.get(words[1], 0), "", "told")

    def give(self, address: str) -> None:
        self.given.append(address)

    def hold(self) -> str | None:
        stack: Any = SimpleNamespace(
            name="helpdesk", endpoint_url="http://x", api_url="", api_key=""
        )
        shown = Stage(stack, Console(file=self.screen, width=200))
        return Conversation(shown, parcels=self).hold()


@pytest.fixture
def open_desk(monkeypatch: pytest.MonkeyPatch) -> Any:
    def opened(api: Api, **exits: int) -> Desk:
        desk = Desk(api, **exits)
        known = SimpleNamespace(all=lambda: desk.articles)
        monkeypatch.setattr(Conversation, "_knowledge", lambda _: known)
        monkeypatch.setattr(conversation, "Customer", lambda *_: api)
        monkeypatch.setattr(stage.subprocess, "run", desk.terminal)
        return desk

    return opened


def test_its_agent_takes_the_demonstrations_own_ticket_by_its_id(open_desk: Any) -> None:
    desk = open_desk(Api(SPONSORING.text))

    assert desk.hold() == "t2"
    assert desk.typed == [
        ("ticket", "claim", "t2"),
        ("ticket", "reply", "t2", SPONSORING.reply),
    ]
    assert SPONSORING.reply.splitlines()[0] in desk.screen.getvalue()


def test_it_says_when_it_asks_about_articles_of_another_desk(open_desk: Any) -> None:
    desk = open_desk(Api(SPONSORING.text))
    desk.hold()

    assert "the desk's own articles" in desk.screen.getvalue()
    assert desk.api.asked[0] == "is there bread"
    desk = open_desk(Api(SPONSORING.text))
    desk.articles = [an_article(intent) for intent in STARTER]
    desk.hold()
    assert "own articles" not in desk.screen.getvalue()
    assert desk.api.asked[:-1] == list(STARTER.values())


def test_who_asks_about_the_samples_order_has_it(open_desk: Any) -> None:
    desk = open_desk(Api(SPONSORING.text))
    desk.articles = [an_article(intent) for intent in STARTER]
    desk.hold()

    about = dict(zip(desk.api.asked, desk.api.who, strict=True))
    assert about[STARTER["track_order"]] == {"email": desk.given[0]}
    assert [who for text, who in about.items() if text in STARTER.values()].count({}) == 5


def test_what_the_desk_answers_after_all_is_followed_by_another_question(open_desk: Any) -> None:
    desk = open_desk(Api(PARROT.text))

    assert desk.hold() == "t3"
    assert desk.api.replies == {"t3": PARROT.reply}


def test_a_desk_that_answers_everything_needs_no_agent(open_desk: Any) -> None:
    desk = open_desk(Api())

    assert desk.hold() is None
    assert desk.typed == []
    assert "No agent is needed" in desk.screen.getvalue()


def test_a_real_agent_may_be_faster(open_desk: Any) -> None:
    desk = open_desk(Api(SPONSORING.text), claim=CONFLICT)

    assert desk.hold() is None
    assert [words[1] for words in desk.typed] == ["claim"]
    assert "An agent was faster" in desk.screen.getvalue()


def test_a_busy_desk_is_waited_for_and_said_to_be_busy(open_desk: Any) -> None:
    desk = open_desk(Api(SPONSORING.text, busy=2))

    assert desk.hold() == "t2"
    assert "busy" not in desk.screen.getvalue()
    desk = open_desk(Api(SPONSORING.text, busy=3))
    assert desk.hold() == "t2"
    assert "the desk is busy" in desk.screen.getvalue()


@pytest.mark.parametrize("verb", ["claim", "reply"])
def test_a_terminal_that_fails_fails_the_run(open_desk: Any, verb: str) -> None:
    with pytest.raises(DeployError, match="terminal failed"):
        open_desk(Api(SPONSORING.text), **{verb: 1}).hold()


def test_a_reply_that_does_not_arrive_fails_the_run(open_desk: Any) -> None:
    desk = open_desk(Api(SPONSORING.text))
    desk.delivers = False

    with pytest.raises(DeployError, match="did not get the agent's reply"):
        desk.hold()


def test_an_interrupted_agent_names_the_ticket_that_is_left(open_desk: Any) -> None:
    desk = open_desk(Api(SPONSORING.text))
    desk.interrupted = True

    with pytest.raises(KeyboardInterrupt):
        desk.hold()
    assert "ticket t2 may still wait" in desk.screen.getvalue()


def test_the_terminal_meets_no_setting_of_the_person(
    open_desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_PROFILE", "XDG_CONFIG_HOME", "HELPDESK_STACK", "AWS_DEFAULT_REGION"):
        monkeypatch.setenv(name, "of-the-person")
    desk = open_desk(Api(SPONSORING.text))
    desk.hold()

    assert "of-the-person" not in desk.environment.values()
    assert desk.environment["HELPDESK_STACK"] == "helpdesk"
