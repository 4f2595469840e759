"""The escalation queue's messages, kept in step with the table."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from helpdesk.agents import LEASE, LEASE_GRACE, Workplace
from helpdesk.agents.signals import Signals
from helpdesk.erasure import Erasure
from helpdesk.ports import ConflictError, QueueUnavailableError
from helpdesk.ticket import IllegalMoveError, State

from tests.desk import HOUR, MINUTE, Desk, taken
from tests.fakes import LEAD, MORNING, InMemoryQueue, InMemoryTickets

SECOND = timedelta(seconds=1)


def signals(desk: Desk) -> Signals:
    return desk.agent().signals


def visible(desk: Desk) -> bool:
    """Tell whether the queue would give a message now; it is taken for no time."""
    return desk.office.escalations.receive(timedelta(0)) is not None


def test_a_lease_lasts_a_quarter_of_an_hour_and_its_message_is_hidden_a_little_longer() -> None:
    assert timedelta(minutes=15) == LEASE
    assert timedelta(seconds=30) == LEASE_GRACE
    assert Desk().agent().heartbeat == timedelta(minutes=5)


class TestTakenInVain:
    def test_a_message_whose_ticket_no_agent_holds_is_shown_at_once(self, desk: Desk) -> None:
        desk.waiting()
        message = signals(desk).receive()
        assert not visible(desk)

        signals(desk).put_back(message)

        assert visible(desk)

    def test_a_message_whose_ticket_is_held_is_shown_when_the_lease_is_over(
        self, desk: Desk
    ) -> None:
        waiting = desk.waiting()
        desk.office.escalations.lose_everything()
        desk.agent().claim(waiting)
        desk.office.escalations.send(waiting)
        message = signals(desk).receive()
        desk.clock.advance(MINUTE)

        signals(desk).put_back(message)

        desk.clock.advance(LEASE + LEASE_GRACE - MINUTE - SECOND)
        assert not visible(desk)
        desk.clock.advance(SECOND)
        assert visible(desk)

    @pytest.mark.parametrize(("spare", "left"), [(True, 1), (False, 2)])
    def test_a_spare_message_of_a_ticket_whose_holder_has_one_is_deleted(
        self, desk: Desk, *, spare: bool, left: int
    ) -> None:
        waiting = desk.waiting()
        desk.agent().claim(waiting)
        desk.office.escalations.send(waiting)
        message = signals(desk).receive()

        signals(desk).put_back(message, spare=spare)

        assert desk.office.escalations.depth() == left
        assert not visible(desk)

    def test_a_spare_message_is_kept_where_the_holder_has_none(self, desk: Desk) -> None:
        waiting = desk.waiting()
        desk.office.escalations.lose_everything()
        desk.agent().claim(waiting)
        desk.office.escalations.send(waiting)

        signals(desk).put_back(signals(desk).receive(), spare=True)

        assert desk.office.escalations.ticket_ids == [waiting]

    def test_a_message_of_an_unknown_ticket_may_be_put_back(self, desk: Desk) -> None:
        desk.office.escalations.send("9" * 16)
        message = desk.office.escalations.receive(HOUR)

        signals(desk).put_back(message)

        assert visible(desk)

    def test_a_claim_of_what_is_not_waiting_puts_its_message_back(self, desk: Desk) -> None:
        first, second = desk.waiting(), desk.waiting()
        at = desk.agent()
        at.claim(first)
        at.close(first)
        desk.office.escalations.lose_everything()
        desk.office.escalations.send(second)

        with pytest.raises(IllegalMoveError):
            at.claim(first)

        assert visible(desk)


class TestSettled:
    def test_a_message_of_an_erased_ticket_is_deleted_on_the_way(self, desk: Desk) -> None:
        erased, waiting = desk.waiting(), desk.waiting()
        record = Erasure(ticket_id=erased, by="lena", at=MORNING)
        desk.tickets.erase(desk.ticket(erased), record)

        assert taken(desk.agent()) == waiting
        assert desk.office.escalations.ticket_ids == [waiting]

    def test_a_message_of_a_snoozed_ticket_is_deleted_on_the_way(self, desk: Desk) -> None:
        asleep, waiting = desk.waiting(), desk.waiting()
        at = desk.agent()
        at.claim(asleep)
        at.snooze(asleep, MORNING + HOUR)
        desk.office.escalations.lose_everything()
        desk.office.escalations.send(asleep)
        desk.office.escalations.send(waiting)

        assert taken(at) == waiting
        assert desk.office.escalations.ticket_ids == [waiting]

    @pytest.mark.parametrize(
        "end",
        [
            lambda at, ticket_id: at.reply(ticket_id, "Done."),
            lambda at, ticket_id: at.close(ticket_id),
            lambda at, ticket_id: at.snooze(ticket_id, MORNING + HOUR),
        ],
    )
    def test_what_waits_no_longer_and_has_no_message_settles_none(
        self, desk: Desk, end: Callable[[Workplace, str], object]
    ) -> None:
        waiting, other = desk.waiting(), desk.waiting()
        desk.office.escalations.lose_everything()
        desk.agent().claim(waiting)
        desk.office.escalations.send(other)

        end(desk.agent(), waiting)

        assert desk.office.escalations.ticket_ids == [other]
        assert desk.warnings == []

    def test_what_was_answered_and_is_closed_has_no_message_to_settle(self, desk: Desk) -> None:
        waiting = desk.waiting()
        at = desk.agent()
        at.take_next()
        at.reply(waiting, "Done.")

        assert at.close(waiting).state is State.CLOSED
        assert desk.warnings == []


class TestGivenUp:
    @pytest.mark.parametrize(
        "give_up",
        [
            lambda at, ticket_id: at.release(ticket_id),
            lambda at, ticket_id: at.transfer(ticket_id, to="bob"),
        ],
    )
    def test_its_message_is_shown_again_or_one_is_sent(
        self, desk: Desk, give_up: Callable[[Workplace, str], object]
    ) -> None:
        waiting = desk.waiting()
        desk.agent().take_next()
        give_up(desk.agent(), waiting)
        assert visible(desk)
        assert desk.office.escalations.ticket_ids == [waiting]

        desk.office.escalations.lose_everything()
        at = desk.agent("bob")
        at.claim(waiting)
        give_up(at, waiting)
        assert visible(desk)
        assert desk.office.escalations.ticket_ids == [waiting]

    def test_a_lead_gives_away_what_no_agent_holds_and_a_message_is_sent(self, desk: Desk) -> None:
        waiting = desk.waiting()
        desk.office.escalations.lose_everything()

        replace(desk.agent(), agent=LEAD).transfer(waiting, to="bob", override=True)

        assert desk.office.escalations.ticket_ids == [waiting]


class TestRefused:
    def test_a_queue_that_is_down_delays_every_move_and_stops_none(self, desk: Desk) -> None:
        class Down(InMemoryQueue):
            def refuse(self, *_: object) -> None:
                raise QueueUnavailableError("the queue is down")

            send = put_back = delete = hide = refuse  # type: ignore[assignment]

        waiting = desk.waiting()
        desk.agent().claim(waiting)
        at = desk.agent(escalations=Down(desk.clock))
        at.extend(waiting)
        at.claim(waiting)
        at.release(waiting)
        desk.office.escalations.lose_everything()
        desk.agent().claim(waiting)
        at.release(waiting)
        desk.agent().claim(waiting)
        at.close(waiting)
        at.reopen(waiting)

        assert desk.ticket(waiting).state is State.ESCALATED
        assert set(desk.warnings) == {
            "the queue did not answer; the reconciler will repair this: the queue is down"
        }
        assert len(desk.warnings) == 5

    def test_a_claim_that_loses_every_race_puts_its_message_back_and_tells_of_each(
        self, desk: Desk
    ) -> None:
        class Lost(InMemoryTickets):
            def commit(self, *_: object) -> None:
                raise ConflictError("another move came first")

        waiting = desk.waiting()
        lost = Lost()
        lost.__dict__ |= desk.tickets.__dict__
        told: list[str] = []

        with pytest.raises(ConflictError, match=f"ticket {waiting} keeps changing; try again"):
            replace(desk.agent(tickets=lost), conflicts=told.append).claim(waiting)

        assert told == [waiting] * 10
        assert visible(desk)
