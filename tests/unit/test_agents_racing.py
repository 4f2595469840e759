"""An agent who loses tickets to colleagues: what comes next, and who is told."""

import random
from dataclasses import replace

import pytest
from helpdesk.agents import Workplace
from helpdesk.agents.finding import SAME_TIME
from helpdesk.ports import ConflictError, Submission
from helpdesk.ticket import Change, State

from tests.desk import Desk
from tests.fakes import InMemoryTickets


class Lost(InMemoryTickets):
    """A table on which colleagues come first, some times."""

    misses: int

    def commit(self, change: Change, submission: Submission | None = None) -> None:
        if self.misses:
            self.misses -= 1
            raise ConflictError("another move came first")
        super().commit(change, submission)


def racing(desk: Desk, *, misses: int) -> tuple[Workplace, list[str]]:
    """Return an agent who loses so many races, and the list of tickets lost."""
    lost = Lost()
    lost.__dict__ |= desk.tickets.__dict__
    lost.misses = misses
    told: list[str] = []
    return replace(desk.agent(tickets=lost), conflicts=told.append), told


def in_order(desk: Desk, number: int) -> list[str]:
    """Let so many tickets wait, none as urgent as another."""
    waiting = []
    for _ in range(number):
        waiting.append(desk.waiting())
        desk.clock.advance(SAME_TIME)
    return waiting


def test_the_next_one_down_is_tried(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(random, "randrange", lambda _: 0)
    waiting = in_order(desk, 5)
    at, told = racing(desk, misses=2)

    dossier = at.take_next()

    assert dossier
    assert dossier.ticket.id == waiting[2]
    assert told == waiting[:2]


def test_so_many_are_passed_over_as_the_dice_say(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(random, "randrange", lambda _: 2)
    waiting = in_order(desk, 8)
    at, told = racing(desk, misses=2)

    dossier = at.take_next()

    assert dossier
    assert told == [waiting[0], waiting[3]]
    assert dossier.ticket.id == waiting[6]


def test_the_oftener_a_race_is_lost_the_further_down_up_to_a_limit(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits: list[int] = []

    def never(limit: int) -> int:
        limits.append(limit)
        return 0

    monkeypatch.setattr(random, "randrange", never)
    in_order(desk, 7)
    at, _ = racing(desk, misses=7)

    at.take_next()

    assert limits == [2, 4, 8, 16, 32, 32, 32]


def test_after_all_were_lost_it_begins_anew(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(random, "randrange", lambda _: 0)
    waiting = in_order(desk, 3)
    at, told = racing(desk, misses=4)

    dossier = at.take_next()

    assert dossier
    assert dossier.ticket.id == waiting[1]
    assert told == [*waiting, waiting[0]]
    assert desk.office.escalations.depth() == 3


def test_an_agent_who_loses_ten_times_over_takes_nothing_and_keeps_no_message(desk: Desk) -> None:
    (waiting,) = in_order(desk, 1)
    at, told = racing(desk, misses=99)

    assert at.take_next() is None
    assert told == [waiting] * 10
    assert desk.agent().take_next()


def test_one_message_is_taken_however_many_races_are_lost(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(random, "randrange", lambda _: 0)
    in_order(desk, 4)
    at, _ = racing(desk, misses=2)
    at.take_next()

    other = desk.agent("bob")
    assert [bool(other.signals.receive()) for _ in range(4)] == [True, True, True, False]


def test_a_move_of_an_agent_lost_to_another_is_told_and_made_again(desk: Desk) -> None:
    (waiting,) = in_order(desk, 1)
    desk.agent().claim(waiting)
    at, told = racing(desk, misses=3)

    assert at.reply(waiting, "Done.").state is State.ANSWERED
    assert told == [waiting] * 3


class Interrupted(InMemoryTickets):
    """A table on which a colleague makes one move right before the first one is stored."""

    def commit(self, change: Change, submission: Submission | None = None) -> None:
        if meanwhile := self.__dict__.pop("meanwhile", None):
            meanwhile()
        super().commit(change, submission)


def test_two_changes_at_once_are_both_in_the_history(desk: Desk) -> None:
    """M18."""
    waiting = desk.waiting()
    interrupted = Interrupted()
    interrupted.__dict__ = desk.tickets.__dict__ | {
        "meanwhile": lambda: desk.agent("bob").tag(waiting, add=["bobs"])
    }

    desk.agent(tickets=interrupted).tag(waiting, add=["adas"])

    last = desk.tickets.events(waiting)[-2:]
    assert [each.actor for each in last] == ["bob", "ada"]
    assert desk.ticket(waiting).tags == {"adas", "bobs"}
