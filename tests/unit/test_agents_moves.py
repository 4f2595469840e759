"""What else agents do with a ticket: put aside, hand on, give back, end, reopen."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from helpdesk import access, ticket
from helpdesk.agents import LEASE, Query, Workplace
from helpdesk.ports import ConflictError
from helpdesk.ticket import (
    IllegalMoveError,
    LeaseError,
    Listing,
    Move,
    NotAllowedError,
    State,
    replay,
)
from helpdesk.triage import Reason

from tests.desk import HOUR, MINUTE, Desk, taken
from tests.fakes import ADA, LEAD, MORNING, UNKNOWN, InMemoryTickets, Office


class TestOtherMoves:
    def test_snoozing_takes_it_away_until_its_time_and_then_it_is_back(self, desk: Desk) -> None:
        waiting = desk.waiting()
        at = desk.agent()
        at.take_next()
        at.snooze(waiting, MORNING + 2 * HOUR, note="The warehouse calls back.")

        assert at.take_next() is None
        assert desk.office.escalations.ticket_ids == []
        assert [each.id for each in at.find(Query(listings=(Listing.SNOOZED,)))] == [waiting]
        desk.clock.advance(HOUR)
        assert desk.office.reconcile().woken == 0
        desk.clock.advance(HOUR)
        assert desk.office.reconcile().woken == 1
        assert taken(desk.agent("bob")) is None  # it is ada's
        assert taken(at) == waiting

    def test_snoozing_into_the_past_is_refused(self, desk: Desk) -> None:
        waiting = desk.waiting()
        desk.agent().take_next()

        with pytest.raises(IllegalMoveError):
            desk.agent().snooze(waiting, MORNING - MINUTE)

    def test_a_snoozed_ticket_can_be_claimed_early(self, desk: Desk) -> None:
        waiting = desk.waiting()
        at = desk.agent()
        at.take_next()
        at.snooze(waiting, MORNING + 2 * HOUR)

        assert at.claim(waiting).ticket.snoozed_until is None
        assert at.reply(waiting, "Done.").state is State.ANSWERED

    def test_only_a_lead_moves_what_others_hold_and_it_is_marked(self, desk: Desk) -> None:
        waiting = desk.waiting()
        desk.agent().take_next()
        with pytest.raises(LeaseError, match="ada holds"):
            desk.agent("bob").transfer(waiting, to="cleo")

        before = desk.ticket(waiting)
        change = ticket.transfer(before, LEAD, now=desk.clock(), to="cleo", override=True)
        assert change.overrides
        holder = replace(LEAD, name="ada")
        own = ticket.transfer(before, holder, now=desk.clock(), to="cleo", override=True)
        assert not own.overrides
        with pytest.raises(NotAllowedError, match="bob is not a lead"):
            desk.agent("bob").transfer(waiting, to="cleo", override=True)
        replace(desk.agent(), agent=LEAD).transfer(waiting, to="cleo", override=True)
        with pytest.raises(LeaseError):
            desk.agent().reply(waiting, "Mine!")
        assert taken(desk.agent("cleo")) == waiting

    def test_closing_without_a_reply_and_reopening(self, desk: Desk) -> None:
        waiting = desk.waiting()
        at = desk.agent()
        at.take_next()
        at.close(waiting, note="Advertising.")

        assert desk.ticket(waiting).state is State.CLOSED
        assert desk.office.escalations.ticket_ids == []
        desk.clock.advance(HOUR)
        at.reopen(waiting, note="It was not.")
        found = desk.ticket(waiting)
        assert (found.state, found.reason) == (State.ESCALATED, Reason.REOPENED)
        assert found.urgency.since == MORNING + HOUR
        assert taken(at) == waiting

    @pytest.mark.parametrize(
        "move",
        [
            lambda at, i: at.close(i),
            lambda at, i: at.release(i),
            lambda at, i: at.snooze(i, MORNING + HOUR),
            lambda at, i: at.transfer(i, to="bob"),
            lambda at, i: at.reply(i, "Done."),
            lambda at, i: at.extend(i),
        ],
    )
    def test_nothing_is_done_to_a_ticket_that_is_not_held(
        self, desk: Desk, move: Callable[[Workplace, str], object]
    ) -> None:
        waiting = desk.waiting()

        with pytest.raises(LeaseError, match="claim it first"):
            move(desk.agent(), waiting)

    def test_a_note_is_for_colleagues_and_needs_no_lease(self, desk: Desk) -> None:
        waiting = desk.waiting()
        desk.agent("bob").note(waiting, "I know her.")
        dossier = desk.agent().show(waiting)

        assert [(event.actor, event.note) for event in dossier.notes] == [("bob", "I know her.")]
        assert len(dossier.conversation.messages) == 1
        assert desk.agent().history(waiting)[-1].move is Move.NOTED

    def test_a_move_lost_to_a_colleague_is_made_again(self, desk: Desk) -> None:
        waiting = desk.waiting()

        class Busy(InMemoryTickets):
            misses = 2

            def commit(self, change: Any, submission: Any = None) -> None:
                if self.misses:
                    self.misses -= 1
                    raise ConflictError("busy")
                desk.tickets.commit(change, submission)

            def get(self, ticket_id: str) -> Any:
                return desk.tickets.get(ticket_id)

        desk.agent(tickets=Busy()).note(waiting, "At last.")
        assert desk.agent().show(waiting).notes


class TestTokens:
    def test_no_token_opens_a_ticket_whose_token_was_revoked(self, office: Office) -> None:
        receipt = office.submit(UNKNOWN)
        office.work_off()
        before = office.ticket(receipt.ticket_id)

        after = office.at_work().revoke_token(receipt.ticket_id)

        assert after.token_hash != before.token_hash
        assert after.token_expires_at == office.clock()
        assert not access.opens(receipt.token, after, office.clock())
        assert office.tickets.events(receipt.ticket_id)[-1].actor == "ada"


class TestCounting:
    def test_statistics_are_of_what_happened_in_the_span(self, desk: Desk) -> None:
        waiting = desk.waiting()
        at = desk.agent()
        at.claim(waiting)
        at.reply(waiting, "Done.")

        counted = at.stats(MORNING, MORNING + HOUR)

        assert (counted.received, counted.replied, counted.agents) == (1, 1, {"ada": 1})
        assert at.stats(MORNING + HOUR, MORNING + 2 * HOUR).replied == 0


class TestRelease:
    def test_the_next_agent_gets_the_ticket_at_once(self, office: Office, waiting: str) -> None:
        office.take_next("ada")
        office.release(waiting, "ada")

        taken = office.take_next("bob")

        assert taken is not None
        assert taken.ticket.id == waiting

    def test_a_ticket_claimed_without_a_message_gets_one(
        self, office: Office, waiting: str
    ) -> None:
        office.escalations.lose_everything()
        claim = ticket.claim(
            office.ticket(waiting), ADA, now=office.clock(), length=LEASE, receipt=None
        )
        office.tickets.commit(claim)

        office.release(waiting, "ada")

        assert office.escalations.ticket_ids == [waiting]

    def test_only_the_holder_may_release(self, office: Office, waiting: str) -> None:
        office.take_next("ada")

        with pytest.raises(LeaseError):
            office.release(waiting, "bob")
        assert office.take_next("bob") is None


def test_every_history_folds_into_its_ticket(office: Office, waiting: str) -> None:
    """The table's ticket is what its events say, after a whole story."""
    office.take_next("ada")
    office.release(waiting, "ada")
    office.take_next("bob")
    office.reply(waiting, agent="bob")

    events = office.tickets.events(waiting)

    moves = ["submitted", "escalated", "claimed", "released", "claimed", "replied"]
    assert [event.move for event in events] == moves
    assert replay(events) == office.ticket(waiting)
