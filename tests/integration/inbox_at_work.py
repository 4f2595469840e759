"""An agent's inbox, driven by its keys, over ports in memory that may be slow."""

import asyncio
import random
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import pytest_socket
from helpdesk import ticket
from helpdesk.agents import Workplace
from helpdesk.ports import ConflictError, NotFoundError
from helpdesk.ticket import IllegalMoveError, LeaseError, Move, StaleDraftError, TextError
from textual import events
from textual.pilot import Pilot
from textual.widgets import Static

from agent_cli.drafts import Drafts
from agent_cli.inbox import looking, reply
from agent_cli.inbox.app import Inbox
from agent_cli.inbox.lists import FULL
from agent_cli.seen import Seen
from tests.desk import Desk

PLAIN = (
    ConflictError,
    IllegalMoveError,
    LeaseError,
    NotFoundError,
    StaleDraftError,
    TextError,
    ValueError,
)
SIZES = SMALL, LARGE, TINY = (80, 24), (120, 40), (40, 20)


class Slow:
    """A port on a slow network: every call takes its time, before the port does anything."""

    def __init__(self, port: object, wait: Callable[[], None]) -> None:
        self._port, self._wait = port, wait

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        return partial(self._call, found) if callable(found) else Slow(found, self._wait)

    def _call(self, method: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        self._wait()
        return method(*args, **kwargs)


@dataclass
class Network:
    """How long calls take, in seconds: anything between two bounds, or until it is up again."""

    least: float = 0.0
    most: float = 0.0
    chance: random.Random = field(default_factory=lambda: random.Random(0))  # noqa: S311
    up: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.up.set()

    def wait(self) -> None:
        """Let the time of a call pass."""
        assert self.up.wait(30), "the test never let the network come back"
        if self.most:
            time.sleep(self.chance.uniform(self.least, self.most))

    @contextmanager
    def down(self) -> Iterator[None]:
        """Let no call be answered for a while; then all are."""
        self.up.clear()
        try:
            yield
        finally:
            self.up.set()


@dataclass
class Story:
    """One agent's inbox and its keyboard."""

    desk: Desk
    folder: Path
    network: Network = field(default_factory=Network)
    rings: bool = False
    undo: timedelta = timedelta(0)
    app: Inbox = field(init=False)
    pilot: Pilot[list[str]] = field(init=False)

    def tell(
        self,
        play: Callable[["Story"], Awaitable[None]],
        *,
        size: tuple[int, int] = SMALL,
        agent: str = "ada",
    ) -> None:
        """Open the inbox, play, and close it."""

        async def run() -> None:
            self.app = Inbox(
                lambda warn: nullcontext(replace(self.at_work(agent), warn=warn)),
                Drafts(self.folder),
                lambda error: str(error) if isinstance(error, (*PLAIN, OSError)) else None,
                agent=agent,
                clock=self.desk.clock,
                seen=Seen(self.folder / "seen" / "messages.json"),
                rings=self.rings,
                undo=self.undo,
            )
            async with self.app.run_test(size=size) as pilot:
                self.pilot = pilot
                await self.settle()
                await play(self)
                await self.settle()

        asyncio.run(run())

    def at_work(self, agent: str) -> Workplace:
        """Return the agent's workplace at the other end of the network."""
        office = self.desk.office
        return self.desk.agent(
            agent,
            tickets=Slow(office.tickets, self.network.wait),
            escalations=Slow(office.escalations, self.network.wait),
            articles=Slow(office.articles, self.network.wait),
        )

    def moves(self, ticket_id: str) -> list[Move]:
        """Return the moves that agents made on a ticket."""
        events = self.desk.tickets.events(ticket_id)
        return [event.move for event in events if event.actor not in {"customer", "helpdesk"}]

    def follow_up(self, ticket_id: str, text: str) -> None:
        """Let the customer write again."""
        found, now = self.desk.ticket(ticket_id), self.desk.clock()
        self.desk.tickets.commit(ticket.follow_up(found, text, now=now))

    async def press(self, *keys: str) -> None:
        """Press keys and wait until all is done."""
        await self.pilot.press(*keys)
        await self.settle()

    async def write(self, text: str) -> None:
        """Type a text and wait until all is done."""
        await self.pilot.press(*("space" if c == " " else c for c in text))
        await self.settle()

    async def burst(self, *keys: str) -> None:
        """Press keys faster than any screen can follow."""
        for key in keys:
            name, character = {" ": ("space", " ")}.get(key, (key, key if len(key) == 1 else None))
            self.app.post_message(events.Key(name, character))
        await self.settle()

    async def hurry(self, *keys: str) -> None:
        """Press keys and wait for nothing but the screen."""
        await self.pilot.press(*("space" if key == " " else key for key in keys))
        await self.pilot.pause()

    async def settle(self) -> None:
        """Wait until nothing is under way."""
        until = time.monotonic() + 60
        for _ in range(3):
            while any(not worker.is_finished for worker in self.app.workers):
                assert time.monotonic() < until, "something goes on for ever"
                await self.pilot.pause(0.01)
            await self.pilot.pause()

    def list_(self) -> list[str]:
        """The lines of the list, from the due time on."""
        table = self.app.table
        skipped = 2 if table.size.width >= FULL else 1
        return [
            " | ".join(str(cell) for cell in table.get_row_at(row)[skipped:])
            for row in range(table.row_count)
        ]

    def subjects(self) -> list[str]:
        """The subjects of the tickets in the list."""
        return [line.rpartition("| ")[2][2:] for line in self.list_()]

    def screen(self) -> str:
        """Everything on the screen."""
        lines = [
            "".join(segment.text for segment in strip)
            for strip in self.app.screen._compositor.render_strips()
        ]
        return "\n".join(line.rstrip() for line in lines)

    def told(self) -> list[str]:
        """What was shown for a while."""
        return [notification.message for notification in self.app._notifications]

    def hint(self) -> str:
        """The line below the editor."""
        return str(self.app.screen.query_one("#hint", Static).render())

    def status(self) -> str:
        """The line above the list."""
        return str(self.app.screen_stack[0].query_one("#status", Static).render())

    def heading(self) -> str:
        """The lines above the ticket's page."""
        return str(self.app.screen_stack[0].query_one("#heading", Static).render())


@pytest.fixture(autouse=True)
def no_network() -> Iterator[None]:
    """Close the sockets but for the pair that asyncio wakes itself with."""
    pytest_socket.disable_socket(allow_unix_socket=True)
    yield
    pytest_socket.enable_socket()


@pytest.fixture
def practised(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let agents see a change at once: the tests wait for it."""
    monkeypatch.setattr(looking, "REACTION", 0.0)


@pytest.fixture
def quick_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let agents read a question at once."""
    monkeypatch.setattr(reply, "READING", 0.0)


@pytest.fixture
def story(tmp_path: Path) -> Story:
    """Return an inbox over a desk without tickets."""
    return Story(Desk(), tmp_path)
