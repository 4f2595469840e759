"""The console over AWS in the process, and a browser without scripts that came in by the link."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import pytest_socket
from httpx import Response
from starlette.testclient import TestClient

from agent_cli.drafts import Drafts
from agent_cli.seen import Seen
from agent_cli.session import Session
from agent_cli.web.asking import FIELD, Console
from agent_cli.web.console import application
from agent_cli.web.door import Door, Keys
from agent_cli.web.outbox import Outbox
from agent_cli.web.standing import LastKnown
from tests.integration.conftest import STACK
from tests.integration.test_agent_cli import Desk

NAME = "desk-0123.localhost:4321"
ORIGIN = f"http://{NAME}"


@dataclass
class Browser:
    """A browser in which the console is open; `console` is what its pages need."""

    console: Console
    client: TestClient

    def get(self, path: str, status: int = 200) -> str:
        """Return the text of a page, which must answer with a status."""
        answer = self.client.get(path)
        assert answer.status_code == status, (answer.status_code, answer.text)
        return answer.text

    def post(self, path: str, fields: dict[str, Any] | None = None, **more: Any) -> Response:
        """Send a form as a page of the console does."""
        sent = {FIELD: self.console.keys.form, **(fields or {})}
        return self.client.post(path, data=sent, headers={"origin": ORIGIN}, **more)

    def done(self, path: str, fields: dict[str, Any] | None = None, **more: Any) -> str:
        """Send a form that must be carried out; return the page to which it leads."""
        answer = self.post(path, fields, **more)
        assert answer.status_code == 303, (answer.status_code, answer.text)
        return self.get(answer.headers["location"])


def words_of(page: str) -> str:
    """Return the text of a page, without its tags, in one line."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", page)).split())


@pytest.fixture
def no_network() -> Iterator[None]:
    """Only this machine may be asked: an event loop has a pair of sockets."""
    pytest_socket.socket_allow_hosts(["127.0.0.1"], allow_unix_socket=True)
    yield
    pytest_socket.enable_socket()


def opened(desk: Desk, agent: str = "ada", *, undo: timedelta = timedelta()) -> Browser:
    """Return a browser in which an agent has opened a console over a desk.

    Replies wait for the time `undo` by the desk's clock, until the test sends what is due.
    """
    session = Session(stack_name=STACK, named=agent, clock=lambda: desk.now)
    keys = Keys(session.clock)
    drafts = Drafts(desk.home / "state" / "helpdesk" / "drafts" / STACK, agent=agent)
    seen = Seen(desk.home / f"seen-{agent}.json")
    outbox = Outbox(undo=undo, drafts=drafts, seen=seen, clock=session.clock, where="AWS")
    console = Console(
        desk_of=lambda _: session.at_desk(),
        standing=LastKnown(session),
        forget=session.forget,
        where="AWS",
        drafts=drafts,
        seen=seen,
        outbox=outbox,
        keys=keys,
        clock=session.clock,
    )
    door = Door(application(console), origins=frozenset({ORIGIN}), keys=keys)
    client = TestClient(door, base_url=ORIGIN, follow_redirects=False)
    assert client.get(f"/?key={keys.entry}").status_code == 303
    return Browser(console, client)
