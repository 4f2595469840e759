"""A notice leaves once, waits for a channel that is busy, and is kept if it is refused."""

import json
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from helpdesk import notifying, reconciling, ticket
from helpdesk.notifying import (
    ATTEMPTS,
    LATE,
    PAUSES,
    AgainError,
    Channel,
    GoneError,
    LaterError,
    Notifier,
    Outcome,
    RefusedError,
    audience,
)
from helpdesk.ports import ConflictError
from helpdesk.ticket import Ticket
from helpdesk.triage import Escalate, Reason

from tests.fakes import LEAD, Clock, InMemoryQueue, InMemoryTickets, an_understanding
from tests.notices import HOLD, PATIENCE, Board, InMemoryNotices
from tests.tickets import LEASE, submitted

ID = "1" * 16
NOW = f"{ID}-2-webhook"
LATER = f"{NOW}-later"


class Killed(BaseException):
    """The process dies."""


@dataclass
class Scene:
    """A desk with one channel, whose people got a legal threat."""

    board: Board = field(default_factory=Board)
    on: bool = True

    def __post_init__(self) -> None:
        self.clock = Clock()
        self.queue = InMemoryQueue(self.clock)
        self.notices = InMemoryNotices(audience("webhook"), self.queue)
        self.tickets = InMemoryTickets(notices=self.notices)
        self.buried: list[str] = []
        change = submitted("My lawyer will sue you")
        self.tickets.commit(change)
        decision = Escalate(Reason.LEGAL)
        self.tickets.commit(
            ticket.settle(change.after, an_understanding(), decision, now=self.clock())
        )

    @property
    def ticket(self) -> Ticket:
        found = self.tickets.get(ID)
        assert found
        return found

    def deliver(self, notice: str = NOW, attempt: int = 1) -> Outcome:
        return Notifier(
            notices=self.notices,
            tickets=self.tickets,
            posts={Channel.WEBHOOK: self.board} if self.on else {},
            bury=self.buried.append,
            clock=self.clock,
            jitter=lambda: 0.0,
        ).deliver(notice, attempt)

    def look(self) -> int:
        return reconciling.post_again(self.notices, post=self.queue.send, clock=self.clock)


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_it_is_posted_once_however_often_the_queue_brings_it(scene: Scene) -> None:
    assert [scene.deliver() for _ in range(3)] == [Outcome.SENT, Outcome.ALREADY, Outcome.ALREADY]
    assert scene.board.ids == [NOW]
    assert scene.notices.record(Channel.WEBHOOK).sent == 1


def test_two_failures_then_one_delivery_with_one_id(scene: Scene) -> None:
    scene.board.faults = [LaterError("it answered 500"), LaterError("it answered 500")]
    for attempt, planned in enumerate(PAUSES[:2], 1):
        with pytest.raises(AgainError) as caught:
            scene.deliver(attempt=attempt)
        assert caught.value.after == planned
        scene.clock.advance(planned)

    assert scene.deliver(attempt=3) is Outcome.SENT
    assert scene.board.ids == [NOW]
    assert scene.notices.notices[NOW].attempts == 3


def test_while_it_waits_the_clock_does_not_send_it_again(scene: Scene) -> None:
    scene.board.faults = [LaterError("busy", timedelta(minutes=30))]
    with pytest.raises(AgainError):
        scene.deliver()

    scene.clock.advance(timedelta(minutes=30))
    assert scene.look() == 0
    scene.clock.advance(PATIENCE)
    assert scene.look() == 1


def test_what_no_attempt_brought_is_a_dead_letter_that_can_be_sent_again(scene: Scene) -> None:
    scene.board.faults = [LaterError("it answered 503")] * ATTEMPTS
    for attempt in range(1, ATTEMPTS):
        with pytest.raises(AgainError):
            scene.deliver(attempt=attempt)
        scene.clock.advance(HOLD)

    assert scene.deliver(attempt=ATTEMPTS) is Outcome.REFUSED
    assert scene.buried == [notifying.message(NOW)]
    assert scene.notices.record(Channel.WEBHOOK).fault == (
        "no attempt of 6 succeeded; at last it answered 503"
    )
    scene.clock.advance(timedelta(days=2))
    assert [each.id for each in scene.notices.overdue(scene.clock())] == [LATER]
    assert scene.deliver() is Outcome.SENT
    assert scene.board.ids == [NOW]


def test_a_refusal_is_a_dead_letter_at_once(scene: Scene) -> None:
    scene.board.faults = [RefusedError("it answered 404")]

    assert scene.deliver() is Outcome.REFUSED
    assert [json.loads(each) for each in scene.buried] == [{"notice": NOW}]
    assert scene.notices.notices[NOW].failed == "it answered 404"


def test_a_receiver_that_is_gone_is_not_asked_again(scene: Scene) -> None:
    scene.board.faults = [GoneError()]
    assert scene.deliver() is Outcome.SWITCHED_OFF

    scene.clock.now = scene.ticket.urgency.due + LATE
    assert scene.deliver(LATER) is Outcome.SILENT
    assert scene.board.ids == []
    silent = [each.silent for each in scene.notices.notices.values()]
    assert silent == ["its receiver is gone"] * 2


@pytest.mark.parametrize("way", ["switched on", "another address"])
def test_a_channel_comes_back(scene: Scene, way: str) -> None:
    scene.notices.switch_off(Channel.WEBHOOK, scene.board.place, scene.clock())
    if way == "switched on":
        scene.notices.switch_on(Channel.WEBHOOK)
    else:
        scene.board.place = "there"

    assert scene.deliver() is Outcome.SENT


def test_a_channel_that_was_taken_away_says_nothing(scene: Scene) -> None:
    scene.on = False

    assert scene.deliver() is Outcome.SILENT
    assert scene.notices.notices[NOW].silent == "channel is off"


def test_a_courier_that_dies_before_the_mark_posts_again_with_the_same_id(scene: Scene) -> None:
    scene.board.then = Killed()
    with pytest.raises(Killed):
        scene.deliver()
    with pytest.raises(ConflictError):
        scene.deliver(attempt=2)
    scene.clock.advance(HOLD)

    assert scene.deliver(attempt=3) is Outcome.SENT
    assert scene.board.ids == [NOW, NOW]
    first, second = (each for _, each in scene.board.posted)
    assert first == second


def test_what_the_queue_loses_the_clock_finds(scene: Scene) -> None:
    scene.queue.lose_everything()
    scene.clock.advance(PATIENCE)

    assert scene.look() == 1
    received = scene.queue.receive(HOLD)
    assert received
    assert received.ticket_id == NOW
    assert scene.deliver() is Outcome.SENT
    scene.clock.advance(timedelta(hours=1))
    assert scene.look() == 0


def test_a_ticket_that_is_late_is_told_then_and_not_before(scene: Scene) -> None:
    scene.deliver()
    assert scene.queue.depth() == 1, "only what is told at once"
    scene.clock.now = scene.ticket.urgency.due + LATE - timedelta(seconds=1)
    assert scene.look() == 0
    scene.clock.advance(timedelta(seconds=1))

    assert scene.look() == 1
    assert scene.deliver(LATER) is Outcome.SENT
    (_, content) = scene.board.posted[-1]
    assert content.why == ("overdue",)


def test_a_ticket_that_was_answered_in_time_is_not_late(scene: Scene) -> None:
    held = ticket.claim(scene.ticket, LEAD, now=scene.clock(), length=LEASE)
    scene.tickets.commit(held)
    scene.tickets.commit(ticket.reply(held.after, LEAD, "Here.", now=scene.clock()))

    assert scene.deliver(LATER) is Outcome.SILENT
    assert scene.notices.notices[LATER].silent == "no longer overdue"
    assert scene.board.ids == []


def test_a_notice_of_an_erased_ticket_is_dropped(scene: Scene) -> None:
    scene.notices.forget(ID)

    assert scene.deliver() is Outcome.GONE
    with pytest.raises(ValueError, match="webhook"):
        scene.deliver("webhook")


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (None, None),
        (GoneError(), "its receiver is gone"),
        (RefusedError("it answered 404"), "it answered 404"),
        (LaterError("it answered 500"), "it answered 500"),
    ],
)
def test_a_lead_who_tries_a_channel_out_is_told_why_it_failed(
    scene: Scene, fault: Exception | None, said: str | None
) -> None:
    board = Board(faults=[fault] if fault else [])

    assert notifying.tried(board, message_id="test-1", now=scene.clock()) == said
    assert board.ids == ([] if fault else ["test-1"])
    assert notifying.tried(None, message_id="test-2", now=scene.clock()) == "channel is off"
