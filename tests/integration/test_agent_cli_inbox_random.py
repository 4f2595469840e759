"""Random keys in the inbox on a slow network: every move was meant, and every character arrives.

The long run, fifty sessions and one with three seconds for every call:

    SESSIONS=50 pytest tests/integration/test_agent_cli_inbox_random.py -m slow
"""

import asyncio
import os
import random
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from helpdesk import agents, ticket
from helpdesk.ticket import Move, State
from textual.widgets import Input

from agent_cli.drafts import Drafts
from agent_cli.inbox import looking, reply
from agent_cli.inbox.app import Inbox
from agent_cli.inbox.prompts import Choice, Keys, Question
from agent_cli.inbox.reply import Reply, Stage
from tests.desk import Desk
from tests.integration.inbox_at_work import (  # noqa: F401 -- fixtures
    PLAIN,
    SIZES,
    Story,
    no_network,
)
from tests.tickets import a_draft

KEYS = 200
OTHERS = ["new", "customer", "claim", "answer", "release", "redraft", "dismiss"]
SESSIONS = int(os.environ.get("SESSIONS", "2"))
"""Sessions of the slow run; a long one is `SESSIONS=50 pytest … -m slow`, an hour on two cores."""

SLOW, QUICK = 3.0, 0.03
"""Seconds that a call takes at most: as in the field, and a hundredth of it."""

COMMANDS = "rcoltzxugsaed"
"""The keys that act on the ticket under the cursor."""

MOVES = {
    "c": {Move.CLAIMED},
    "r": {Move.CLAIMED},
    "l": {Move.RELEASED},
    "o": {Move.NOTED},
    "t": {Move.CLAIMED, Move.TRANSFERRED},
    "g": {Move.TAGGED},
    "s": {Move.CLAIMED, Move.CLOSED},
    "z": {Move.CLAIMED, Move.SNOOZED},
    "x": {Move.CLAIMED, Move.CLOSED},
    "u": {Move.REOPENED},
    "a": {Move.CLAIMED, Move.REPLIED, Move.RELEASED},
    "e": {Move.CLAIMED},
    "d": {Move.DISMISSED},
    "ctrl+s": {Move.CLAIMED, Move.REPLIED, Move.ADDED},
}
LETTERS = "rcoltzxunvq?/ abc123"
NAMES = {" ": "space", "?": "question_mark", "/": "slash"}


@pytest.fixture(autouse=True)
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the list be read often, and let agents see a change at once."""
    monkeypatch.setattr(looking, "REFRESH", 0.05)
    monkeypatch.setattr(looking, "REACTION", 0.05)
    monkeypatch.setattr(reply, "READING", 0.05)


@dataclass
class Witness:
    """Presses random keys and writes down what each was pressed on, from the screen alone."""

    at: Story
    chance: random.Random
    pressed: Counter[tuple[str, Move]] = field(default_factory=Counter)
    """How often each move of each ticket was asked for, by a key with this ticket on the screen."""
    nexts: int = 0
    typed: str = ""
    """What was typed into the field on the screen."""
    sending: str | None = None
    notes: Counter[str] = field(default_factory=Counter)

    @property
    def app(self) -> Inbox:
        return self.at.app

    async def press(self, key: str) -> None:
        """Press a key, and see that it did what it should with what was on the screen."""
        before = self.app.screen
        under = self.belongs_together()
        if isinstance(before, Reply) and key == "ctrl+s":
            self.allow(before.ticket_id, key)
            if before.stage is Stage.WRITING:
                self.sending = self.typed
        await self.at.hurry(key)
        after = self.app.screen
        if isinstance(before, Reply):
            self._in_the_editor(before, after, key)
        elif isinstance(before, Question):
            self._in_a_question(before, after, key)
        elif len(self.app.screen_stack) > 1 and before is self.app.screen_stack[0]:
            self._opened(after, key, under)
        elif before is after:
            if key == "n":
                self.nexts += 1
            elif key in COMMANDS and under:
                self.allow(under, key)

    def allow(self, ticket_id: str, key: str) -> None:
        for move in MOVES[key]:
            self.pressed[ticket_id, move] += 1

    def belongs_together(self) -> str | None:
        """Return the ticket under the cursor; the page beside the list must be this ticket's."""
        line = self.app.table.under_cursor
        if line is None:
            assert self.at.heading().strip() == ""
            return None
        assert line.row.id in self.at.heading()
        return line.row.id

    def _opened(self, after: object, key: str, under: str | None) -> None:
        self.typed = ""
        if isinstance(after, Reply):
            assert (key, after.ticket_id) in {("r", under), ("e", under), ("U", after.ticket_id)}
            self.allow(after.ticket_id, "r")
            self.typed = after.text
            self.sending = None
        elif isinstance(after, Question):
            self.typed = after.query_one(Input).value if after._kept else ""
            if key != "slash":
                assert under
                assert under in after._title
                self.allow(under, key)

    def _in_the_editor(self, before: Reply, after: object, key: str) -> None:
        self.typed += "\n" if key == "enter" else typed_by(key)
        if before.stage is Stage.SENT and self.sending is not None:
            self.typed, self.sending = self.typed.removeprefix(self.sending), None
        if after is before:
            assert before.text == self.typed
        elif not isinstance(after, Choice):
            kept = Drafts(self.at.folder).read(before.ticket_id) or ""
            assert kept == self.typed.strip()

    def _in_a_question(self, before: Question, after: object, key: str) -> None:
        self.typed += typed_by(key)
        if after is before:
            assert (
                before.query_one(Input).value.removeprefix("2h").removeprefix("spam") == self.typed
            )
        elif key == "enter" and before._title.startswith("Note"):
            self.notes[self.typed.strip()] += bool(self.typed.strip())

    def any_key(self) -> str:
        """Return a key that may be pressed now; most of them do something."""
        match self.app.screen:
            case Reply():
                keys = [*LETTERS] * 3 + ["enter", "f4", "escape", "escape", "ctrl+s", "ctrl+s"]
            case Question():
                keys = [*LETTERS, "enter", "enter", "enter", "escape"]
            case Choice() | Keys():
                keys = ["escape", "enter", "down"]
            case _:
                keys = [
                    *COMMANDS,
                    *"rrccnUUaeeRk",
                    "v",
                    "slash",
                    "question_mark",
                    *["down", "up"] * 4,
                ]
        key = self.chance.choice(keys)
        return NAMES.get(key, key)


def typed_by(key: str) -> str:
    """Return the character that a key adds to a text."""
    return next((each for each, name in NAMES.items() if name == key), key if len(key) == 1 else "")


def others(desk: Desk, chance: random.Random) -> None:
    """Let a customer write, a colleague answer, or a new question arrive."""
    found = [each for each in map(desk.ticket, desk.office_ids()) if each.state is State.ESCALATED]
    bob = desk.agent("bob")
    with suppress(IndexError, *PLAIN):
        match chance.choice(["nothing"] * 6 + OTHERS):
            case "new":
                desk.waiting(f"question {chance.randrange(1000)}")
            case "customer":
                asked = chance.choice(found)
                desk.tickets.commit(ticket.follow_up(asked, "And?", now=desk.clock()))
            case "claim":
                bob.claim(chance.choice(found).id)
            case "answer":
                held = [each for each in found if each.lease and each.lease.agent == "bob"]
                bob.reply(chance.choice(held).id, "From Bob.")
            case "release":
                held = [each for each in found if each.lease and each.lease.agent == "bob"]
                bob.release(chance.choice(held).id)
            case "redraft":
                of = chance.choice([each for each in found if each.in_review])
                instead_of = of.draft.number if of.draft else 0
                better = ticket.redraft(
                    of, a_draft("Better."), instead_of=instead_of, now=desk.clock()
                )
                desk.tickets.commit(better)
            case "dismiss":
                of = chance.choice([each for each in found if each.in_review])
                agents.dismiss(bob, of.id, of.draft.number if of.draft else 0)


async def session(at: Story, seed: int, keys: int) -> None:
    """Press random keys, and account for every move and every note."""
    chance = random.Random(seed)  # noqa: S311
    desk = at.desk
    witness = Witness(at, chance)
    for _ in range(keys):
        others(desk, chance)
        await witness.press(witness.any_key())
        await asyncio.sleep(chance.choice([0, 0, at.network.most]))
    at.network.most = 0.0
    while len(at.app.screen_stack) > 1:
        await at.press("escape")
    made: Counter[tuple[str, Move]] = Counter()
    noted: Counter[str] = Counter()
    for ticket_id in desk.office_ids():
        for event in desk.tickets.events(ticket_id):
            if event.actor == "ada" and event.move is not Move.EXTENDED:
                made[ticket_id, event.move] += 1
                noted[event.note or ""] += event.move is Move.NOTED
    unmeant = made - witness.pressed
    nexts = sum(count for (_, move), count in unmeant.items() if move is Move.CLAIMED)
    assert {move for _, move in unmeant} <= {Move.CLAIMED}
    assert nexts <= witness.nexts
    assert witness.notes == noted


@pytest.mark.parametrize("seed", range(2))
def test_random_keys_on_a_slow_network(tmp_path: Path, seed: int) -> None:
    """The same as below, a hundred times as fast and shorter."""
    play_sessions(tmp_path, range(seed, seed + 1), 40, QUICK)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(SESSIONS))
def test_two_hundred_random_keys_in_a_session(tmp_path: Path, seed: int) -> None:
    play_sessions(tmp_path, range(seed, seed + 1), KEYS, QUICK)


@pytest.mark.slow
@pytest.mark.skipif(SESSIONS < 50, reason="takes ten minutes: SESSIONS=50")
def test_a_session_with_three_seconds_for_every_call(tmp_path: Path) -> None:
    play_sessions(tmp_path, range(1), KEYS, SLOW)


def play_sessions(folder: Path, seeds: range, keys: int, most: float) -> None:
    for seed in seeds:
        desk = Desk()
        for number in range(6):
            draft = a_draft(f"You get matter {number}.") if number % 2 else None
            desk.waiting(f"matter {number}", draft, customer={"name": f"Kim {number}"})
        story = Story(desk, folder / str(seed))
        story.undo = timedelta(seconds=5) if seed % 2 else timedelta(0)
        story.network.least, story.network.most = most / 30, most
        story.network.chance = random.Random(seed)  # noqa: S311

        async def play(at: Story, seed: int = seed) -> None:
            await session(at, seed, keys)

        story.tell(play, size=SIZES[seed % len(SIZES)])
