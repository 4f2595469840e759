"""What customers do with a ticket they have: write again, rate, close, exchange the token."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from helpdesk import customers, watching
from helpdesk.customers import Receipt
from helpdesk.moving import ATTEMPTS
from helpdesk.ports import ConflictError, NotFoundError, Submission
from helpdesk.ticket import Change, IllegalMoveError, Source, State, TextError
from helpdesk.triage import Reason

from tests.fakes import KNOWN, PATIENCE, UNKNOWN, InMemoryTickets, Office
from tests.holding import held

HOUR = timedelta(hours=1)

type Call = Callable[[Office, Receipt], object]


def renewed(office: Office, receipt: Receipt) -> Receipt:
    return customers.renew_token(
        receipt.ticket_id,
        receipt.token,
        tickets=office.tickets,
        terms=office.terms,
        now=office.clock(),
    )


MOVES: dict[str, Call] = {
    "follow up": lambda office, receipt: office.follow_up(receipt, "And now?"),
    "rate": lambda office, receipt: office.rate(receipt),
    "withdraw": lambda office, receipt: office.withdraw(receipt),
    "renew": renewed,
}


def opens(office: Office, receipt: Receipt) -> bool:
    """Tell whether the customer may look at the ticket."""
    try:
        customers.fetch(
            receipt.ticket_id, receipt.token, tickets=office.tickets, now=office.clock()
        )
    except NotFoundError:
        return False
    return True


@pytest.fixture
def answered(office: Office) -> Receipt:
    """Return the receipt of a ticket that the desk answered by itself."""
    receipt = office.submit(KNOWN)
    office.work_off()
    return receipt


@pytest.fixture
def escalated(office: Office) -> Receipt:
    """Return the receipt of a ticket that waits for a person."""
    receipt = office.submit(UNKNOWN)
    office.work_off()
    return receipt


class TestEveryMove:
    @pytest.mark.parametrize("move", MOVES)
    def test_only_the_tickets_own_token_will_do_and_only_for_as_long_as_it_may(
        self, office: Office, answered: Receipt, move: str
    ) -> None:
        before = office.ticket(answered.ticket_id)
        others = office.submit(KNOWN)
        strangers = [
            Receipt(answered.ticket_id, others.token),
            Receipt(answered.ticket_id, ""),
            Receipt("0" * 16, answered.token),
            Receipt("no ticket's id", answered.token),
        ]

        for receipt in strangers:
            with pytest.raises(NotFoundError, match="no such ticket for this token"):
                MOVES[move](office, receipt)
        office.clock.advance(office.terms.token_life)
        with pytest.raises(NotFoundError, match="no such ticket for this token"):
            MOVES[move](office, answered)
        assert office.ticket(answered.ticket_id) == before

    @pytest.mark.parametrize("move", MOVES)
    def test_a_move_lost_to_another_is_made_again(
        self, office: Office, answered: Receipt, move: str
    ) -> None:
        busy = Busy.instead_of(office, misses=ATTEMPTS - 1)
        version = office.ticket(answered.ticket_id).version

        MOVES[move](office, answered)

        assert busy.misses == 0
        assert office.ticket(answered.ticket_id).version == version + 1

    @pytest.mark.parametrize("move", MOVES)
    def test_a_ticket_that_keeps_moving_is_left_and_the_customer_told(
        self, office: Office, answered: Receipt, move: str
    ) -> None:
        busy = Busy.instead_of(office, misses=2 * ATTEMPTS)
        before = office.ticket(answered.ticket_id)

        with pytest.raises(ConflictError, match=f"ticket {answered.ticket_id} kept changing"):
            MOVES[move](office, answered)
        assert busy.misses == ATTEMPTS
        assert office.ticket(answered.ticket_id) == before


class Busy(InMemoryTickets):
    """The table of an office, on which other moves come first some times."""

    misses: int

    @classmethod
    def instead_of(cls, office: Office, *, misses: int) -> "Busy":
        busy = cls()
        busy.__dict__ |= office.tickets.__dict__
        busy.misses = misses
        office.tickets = busy
        return busy

    def commit(self, change: Change, submission: Submission | None = None) -> None:
        if self.misses:
            self.misses -= 1
            raise ConflictError("another move came first")
        super().commit(change, submission)


class TestFollowUp:
    def test_what_the_desk_answered_goes_back_to_the_desk(
        self, office: Office, answered: Receipt
    ) -> None:
        after = office.follow_up(answered, " And now? ")

        assert after.state is State.RECEIVED
        assert office.texts(answered.ticket_id)[-1] == "And now?"
        assert office.intake.ticket_ids == [answered.ticket_id]
        assert office.escalations.ticket_ids == []

    def test_what_an_agent_answered_goes_back_to_that_agent(
        self, office: Office, escalated: Receipt
    ) -> None:
        office.take_next("ada")
        office.reply(escalated.ticket_id)
        office.clock.advance(HOUR)

        after = office.follow_up(escalated, "And now?")

        assert (after.state, after.reason) == (State.ESCALATED, Reason.FOLLOWED_UP)
        assert (after.assignee, after.urgency.since) == ("ada", office.clock())
        assert office.escalations.ticket_ids == [escalated.ticket_id]
        assert office.intake.ticket_ids == []
        assert office.take_next("bob") is None

    def test_what_waits_for_people_goes_on_waiting_under_the_message_it_has(
        self, office: Office, escalated: Receipt
    ) -> None:
        after = office.follow_up(escalated, "And now?")

        assert after.state is State.ESCALATED
        assert office.escalations.ticket_ids == [escalated.ticket_id]
        assert office.intake.ticket_ids == []

    def test_what_sleeps_wakes_and_people_are_told(
        self, office: Office, escalated: Receipt
    ) -> None:
        office.take_next("ada")
        office.at_work("ada").snooze(escalated.ticket_id, office.clock() + HOUR)
        assert office.escalations.ticket_ids == []

        after = office.follow_up(escalated, "And now?")

        assert after.snoozed_until is None
        assert office.escalations.ticket_ids == [escalated.ticket_id]

    def test_a_queue_that_is_down_delays_it_and_loses_nothing(
        self, office: Office, answered: Receipt
    ) -> None:
        office.intake.down = True
        office.follow_up(answered, "And now?")
        office.intake.down = False
        assert office.intake.depth() == 0

        office.clock.advance(PATIENCE)
        office.reconcile()

        assert office.intake.ticket_ids == [answered.ticket_id]

    @pytest.mark.parametrize("text", ["", " \n", "x" * 4001])
    def test_a_text_that_cannot_be_changes_nothing(
        self, office: Office, answered: Receipt, text: str
    ) -> None:
        with pytest.raises(TextError):
            office.follow_up(answered, text)
        assert office.ticket(answered.ticket_id).state is State.ANSWERED


class TestRate:
    def test_what_did_not_help_goes_to_people_who_read_why(
        self, office: Office, answered: Receipt
    ) -> None:
        office.clock.advance(HOUR)
        after = office.rate(answered, helpful=False, comment=" I said a month. ")

        assert (after.state, after.reason) == (State.ESCALATED, Reason.NOT_HELPED)
        assert (after.helpful, after.urgency.since) == (False, office.clock())
        assert office.escalations.ticket_ids == [answered.ticket_id]
        taken = office.take_next()
        assert taken
        assert [event.note for event in taken.notes] == ["I said a month."]
        assert all(said.source is not Source.AGENT for said in taken.conversation.messages)

    def test_what_helped_goes_to_no_queue(self, office: Office, answered: Receipt) -> None:
        after = office.rate(answered, helpful=True)

        assert (after.state, after.helpful) == (State.ANSWERED, True)
        assert office.escalations.depth() == office.intake.depth() == 0

    def test_a_closed_ticket_is_rated_and_stays_closed(
        self, office: Office, answered: Receipt
    ) -> None:
        office.withdraw(answered)
        after = office.rate(answered, helpful=False)

        assert (after.state, after.helpful) == (State.CLOSED, False)
        assert office.escalations.depth() == 0

    def test_what_has_no_reply_cannot_be_rated(self, office: Office, escalated: Receipt) -> None:
        with pytest.raises(IllegalMoveError, match="no reply to rate yet"):
            office.rate(escalated)


class TestWithdraw:
    def test_a_customer_closes_what_waits_and_what_was_answered(
        self, office: Office, answered: Receipt, escalated: Receipt
    ) -> None:
        assert office.withdraw(answered).state is State.CLOSED
        assert office.withdraw(escalated).state is State.CLOSED
        assert office.take_next() is None

    def test_what_is_closed_is_not_closed_again(self, office: Office, answered: Receipt) -> None:
        office.withdraw(answered)

        with pytest.raises(IllegalMoveError, match="closed already"):
            office.withdraw(answered)

    def test_a_customer_who_writes_again_gets_it_opened_again(
        self, office: Office, answered: Receipt
    ) -> None:
        office.withdraw(answered)

        assert office.follow_up(answered, "And now?").state is State.RECEIVED


class TestRenewToken:
    def test_the_new_token_opens_the_ticket_and_the_old_one_does_not(
        self, office: Office, answered: Receipt
    ) -> None:
        fresh = renewed(office, answered)

        assert fresh.ticket_id == answered.ticket_id
        assert opens(office, fresh)
        assert not opens(office, answered)

    def test_it_opens_the_ticket_for_a_whole_life_of_a_token_from_now(
        self, office: Office, answered: Receipt
    ) -> None:
        office.clock.advance(office.terms.token_life - HOUR)
        fresh = renewed(office, answered)

        office.clock.advance(office.terms.token_life - HOUR)
        assert opens(office, fresh)
        office.clock.advance(HOUR)
        assert not opens(office, fresh)


class TestWatch:
    def test_it_looks_often_at_first_and_then_once_a_second(self, office: Office) -> None:
        receipt = office.submit(KNOWN)
        pauses: list[float] = []

        def sleep(seconds: float) -> None:
            assert len(pauses) < 100, "sleeps without end"
            pauses.append(seconds)
            office.clock.sleep(seconds)

        found: Any = watching.watch(
            receipt.ticket_id,
            receipt.token,
            seen=None,
            hold=held(20),
            tickets=office.tickets,
            clock=office.clock,
            sleep=sleep,
        )

        assert found.ticket.state is State.RECEIVED
        assert pauses[:10] == [0.01] * 10
        assert pauses[10:13] == pytest.approx([0.015, 0.0225, 0.03375])
        assert pauses[-3:-1] == [1.0, 1.0]
        assert max(pauses) == 1.0
        assert sum(pauses) == pytest.approx(20)

    def test_what_is_no_ticket_is_refused(self, office: Office) -> None:
        for ticket_id in ("0" * 16, "no ticket's id"):
            with pytest.raises(NotFoundError, match="no such ticket for this token"):
                watching.watch(
                    ticket_id,
                    "token",
                    seen=None,
                    hold=held(3_600),
                    tickets=office.tickets,
                    clock=office.clock,
                    sleep=office.clock.sleep,
                )
