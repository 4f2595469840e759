"""An agent's console, started by its own verb in a thread over AWS in the process."""

import queue
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import uvicorn

from agent_cli.commands import web
from agent_cli.session import Session
from agent_cli.verbs import Terminal
from agent_cli.web import serving
from tests.browser.windows import Window
from tests.browser.wire import Kept, Wire
from tests.integration.conftest import REGION, STACK
from tests.integration.test_agent_cli import Desk

ACCOUNT = "123456789012"


class Shifted:
    """The time, some minutes from now."""

    def __init__(self) -> None:
        self.by = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.by


@dataclass
class Opened:
    """A console that serves: the link that it gave to the browser, and its session with AWS."""

    link: str
    session: Session
    clock: Shifted
    desk: Desk
    pages: dict[str, bool] = field(default_factory=dict)
    """Whether an address, without the ids in it, gives a page."""

    @property
    def place(self) -> str:
        """Its host name and port."""
        return urlsplit(self.link).netloc

    @property
    def origin(self) -> str:
        return f"http://{self.place}"

    @property
    def number(self) -> str:
        """Its other origin, for browsers that do not know its name."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def port(self) -> int:
        found = urlsplit(self.link).port
        assert found
        return found

    @property
    def key(self) -> str:
        return parse_qs(urlsplit(self.link).query)["key"][0]

    def let_in(self, window: Window) -> Window:
        """Open the link in a window."""
        assert window.go(self.link) == 200
        return window

    def go(self, window: Window, path: str) -> int:
        """Go to a page of the console."""
        return window.go(f"{self.origin}{path}")

    def shows(self, window: Window, path: str) -> bool:
        """Go there if it is a page, not a file to keep, a piece of a page, or nothing new."""
        kind = re.sub(r"\d{16}", "", path)
        if kind not in self.pages:
            told = window.page.evaluate(
                "path => fetch(path).then(async told => [told.status, await told.text()])", path
            )
            assert told[0] in {200, 204}, (path, told)
            self.pages[kind] = "<main" in told[1]
        if not self.pages[kind]:
            return False
        assert self.go(window, path) == 200, path
        return True


@contextmanager
def opened(
    desk: Desk, wire: Wire, patch: pytest.MonkeyPatch, *, agent: str = "ada", port: int = 0
) -> Iterator[Opened]:
    """Run `helpdesk web` until the block ends; the browser that it opens is given its link."""
    patch.setenv("XDG_STATE_HOME", str(desk.home / "state"))
    patch.setenv("XDG_CONFIG_HOME", str(desk.home / "config"))
    patch.setattr(uvicorn, "Server", Kept)
    patch.setattr(serving, "ended_in_order", nullcontext)  # signals are the main thread's
    links: queue.Queue[str | Exception] = queue.Queue()
    patch.setattr("webbrowser.open", links.put)
    tap(wire, patch)
    clock = Shifted()
    session = Session(stack_name=STACK, region=REGION, named=agent, clock=clock)
    terminal = Terminal({"stack_name": STACK, "region": REGION, "agent": agent})
    vars(terminal)["session"] = session
    before = len(Kept.running)

    def serve() -> None:
        try:
            with web.command.make_context(
                "web", ["--port", str(port), "--undo", "0"], obj=terminal
            ) as context:
                web.command.invoke(context)
        except Exception as error:
            links.put(error)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    link = links.get(timeout=60)
    if isinstance(link, Exception):
        raise link
    yield Opened(link=link, session=session, clock=clock, desk=desk)
    Kept.stop(before)
    thread.join(10)


def tap(wire: Wire, patch: pytest.MonkeyPatch) -> None:
    """Record what arrives at each server that uvicorn is told to run."""
    configure = uvicorn.Config.__init__

    def tapped(config: uvicorn.Config, app: Any, **more: Any) -> None:
        configure(config, wire.tapped(app), **more)

    patch.setattr(uvicorn.Config, "__init__", tapped)
