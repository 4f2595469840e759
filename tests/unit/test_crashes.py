"""The process dies before or after any call of any port; the road is then walked again.

After every crash, the question ends with exactly one reply, or with exactly one person.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from itertools import count

import pytest
from helpdesk.access import IdempotencyKey
from helpdesk.cases import Rules
from helpdesk.customers import Receipt
from helpdesk.reconciling import NUDGES_BEFORE_GIVING_UP
from helpdesk.ticket import Move, Source, State

from tests.fakes import KNOWN, POISON, UNKNOWN, WANTS_PERSON, Crash, Fuse, Office

KEY = IdempotencyKey("shop", "order-1-question-1")


def every_crash(steps: int) -> Iterator[tuple[Office, Fuse]]:
    """Yield a new desk for each place a crash can be at, until the road is longer than that.

    `steps` is the least number of calls the road must have, so that the test cannot go empty.
    """
    for after in (False, True):
        for at in count(1):
            fuse = Fuse(at, after=after)
            yield Office.open(), fuse
            if not fuse.blown:
                assert at > steps
                break


def settle_down(office: Office) -> None:
    """Let the poller and the schedule run for long enough that everything is dealt with."""
    for _ in range(5 * (NUDGES_BEFORE_GIVING_UP + 1)):
        office.work_off()
        office.clock.advance(timedelta(minutes=3))
        office.reconcile()
    office.work_off()


def submitted(office: Office, text: str) -> Receipt:
    receipt = office.submit(text, key=KEY)
    assert len(office.tickets) == 1
    return receipt


def moves(office: Office, ticket_id: str) -> list[Move]:
    return [event.move for event in office.tickets.events(ticket_id)]


def sources(office: Office, ticket_id: str) -> list[Source]:
    found = office.tickets.conversation(ticket_id)
    assert found is not None
    return [message.source for message in found.messages]


def is_answered_once(office: Office, ticket_id: str) -> None:
    assert moves(office, ticket_id) == [Move.SUBMITTED, Move.ANSWERED]
    assert sources(office, ticket_id) == [Source.CUSTOMER, Source.AUTOMATIC]
    assert office.intake.depth() == office.escalations.depth() == 0


def is_handed_over_once(office: Office, ticket_id: str) -> None:
    assert moves(office, ticket_id) == [Move.SUBMITTED, Move.ESCALATED]
    taken = office.take_next()
    assert taken is not None
    assert taken.ticket.id == ticket_id
    assert office.take_next("another agent") is None
    assert [each for each in sources(office, ticket_id) if each is Source.AUTOMATIC] == [
        Source.AUTOMATIC
    ]
    office.reply(ticket_id)
    assert office.take_next() is None
    assert office.escalations.depth() == 0


def test_a_duplicate_is_joined_once_wherever_the_worker_dies() -> None:
    for office, fuse in every_crash(steps=5):
        office.rules = Rules()
        first = office.submit(UNKNOWN)
        office.work_off()
        second = office.submit(UNKNOWN)
        with suppress(Crash):
            office.guarded_by(fuse).work_off()

        settle_down(office)

        assert moves(office, second.ticket_id) == [Move.SUBMITTED, Move.MERGED]
        assert moves(office, first.ticket_id).count(Move.MERGED) == 1
        assert office.ticket(first.ticket_id).merged == {second.ticket_id}
        assert office.intake.depth() == 0


@pytest.mark.parametrize(
    ("text", "ends_well"),
    [
        (KNOWN, is_answered_once),
        (UNKNOWN, is_handed_over_once),
        (WANTS_PERSON, is_handed_over_once),
        (POISON, is_handed_over_once),
    ],
)
class TestAnyStep:
    def test_of_submitting(self, text: str, ends_well: Callable[[Office, str], None]) -> None:
        """The client that got no answer sends its request again, with the same key."""
        for office, fuse in every_crash(steps=2):
            with suppress(Crash):
                office.guarded_by(fuse).submit(text, key=KEY)

            receipt = submitted(office, text)

            settle_down(office)
            ends_well(office, receipt.ticket_id)

    def test_of_the_worker(self, text: str, ends_well: Callable[[Office, str], None]) -> None:
        """T9: the message returns; one reply, not two."""
        for office, fuse in every_crash(steps=4):
            ticket_id = submitted(office, text).ticket_id
            with suppress(Crash):
                office.guarded_by(fuse).work_off()

            settle_down(office)
            ends_well(office, ticket_id)

    def test_of_the_reconciler(self, text: str, ends_well: Callable[[Office, str], None]) -> None:
        for office, fuse in every_crash(steps=5):
            ticket_id = submitted(office, text).ticket_id
            office.intake.lose_everything()
            office.clock.advance(timedelta(minutes=2))
            with suppress(Crash):
                office.guarded_by(fuse).reconcile()

            settle_down(office)
            ends_well(office, ticket_id)


def waiting(office: Office) -> str:
    ticket_id = submitted(office, UNKNOWN).ticket_id
    office.work_off()
    return ticket_id


def replied_once(office: Office, ticket_id: str) -> None:
    """An agent who comes later can finish, unless the reply was stored before the crash."""
    office.clock.advance(timedelta(minutes=16))
    office.reconcile()
    while taken := office.take_next("bob"):
        office.reply(taken.ticket.id, agent="bob")
    assert office.ticket(ticket_id).state is State.ANSWERED
    assert sources(office, ticket_id) == [Source.CUSTOMER, Source.AUTOMATIC, Source.AGENT]
    assert office.escalations.depth() == 0


def test_any_step_of_taking_a_ticket() -> None:
    for office, fuse in every_crash(steps=4):
        ticket_id = waiting(office)
        with suppress(Crash):
            office.guarded_by(fuse).take_next("ada")

        replied_once(office, ticket_id)


def test_any_step_of_replying() -> None:
    for office, fuse in every_crash(steps=3):
        ticket_id = waiting(office)
        office.take_next("ada")
        with suppress(Crash):
            office.guarded_by(fuse).reply(ticket_id)

        replied_once(office, ticket_id)


def test_any_step_of_releasing() -> None:
    for office, fuse in every_crash(steps=3):
        ticket_id = waiting(office)
        office.take_next("ada")
        with suppress(Crash):
            office.guarded_by(fuse).release(ticket_id)

        replied_once(office, ticket_id)


def test_any_step_of_giving_up_after_too_many_nudges() -> None:
    for office, fuse in every_crash(steps=6):
        ticket_id = submitted(office, KNOWN).ticket_id
        for _ in range(NUDGES_BEFORE_GIVING_UP):
            office.intake.lose_everything()
            office.clock.advance(timedelta(minutes=2))
            office.reconcile()
        office.intake.lose_everything()
        office.clock.advance(timedelta(minutes=2))
        with suppress(Crash):
            office.guarded_by(fuse).reconcile()

        settle_down(office)
        is_handed_over_once(office, ticket_id)
