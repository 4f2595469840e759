"""What the clock finds that the queues lost, over ports in memory."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from helpdesk import files, reconciling, ticket
from helpdesk.agents import LEASE
from helpdesk.customers import Receipt
from helpdesk.knowledge import Priority
from helpdesk.ports import ConflictError, QueueName
from helpdesk.reconciling import (
    NUDGES_BEFORE_GIVING_UP,
    RESEND_ANYWAY,
    WORTH_TELLING,
    Reconciliation,
)
from helpdesk.ticket import State
from helpdesk.triage import Reason

from tests.fakes import (
    ADA,
    KNOWN,
    MORNING,
    PATIENCE,
    UNKNOWN,
    InMemoryTickets,
    Office,
    an_article,
    an_understanding,
)
from tests.filing import an_attachment

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


class TestWaits:
    def test_tells_how_long_the_oldest_of_each_kind_waits(self) -> None:
        found = reconciling.waits(
            {"OldestMail": MORNING, "OldestNotice": MORNING + HOUR, "OldestReceived": None},
            MORNING + 2 * HOUR,
        )

        assert found == {"OldestMail": 7200, "OldestNotice": 3600}

    def test_leaves_out_what_just_came_and_what_is_for_later(self) -> None:
        now = MORNING + WORTH_TELLING
        since = {"just": MORNING + SECOND, "later": now + HOUR, "told": MORNING}

        assert reconciling.waits(since, now) == {"told": WORTH_TELLING.total_seconds()}


class TestReconcile:
    def test_refills_queues_that_lost_everything(self, office: Office, waiting: str) -> None:
        received = office.submit(KNOWN).ticket_id
        office.intake.lose_everything()
        office.escalations.lose_everything()
        office.clock.advance(PATIENCE)

        found = office.reconcile()

        assert found == Reconciliation(overdue=2, sent_again=2)
        assert office.intake.ticket_ids == [received]
        assert office.escalations.ticket_ids == [waiting]

    def test_leaves_alone_what_is_not_overdue(self, office: Office) -> None:
        office.submit(KNOWN)
        office.intake.lose_everything()
        office.clock.advance(PATIENCE - SECOND)

        assert office.reconcile() == Reconciliation()
        assert office.intake.depth() == 0

    def test_a_full_queue_is_merely_slow(self, office: Office) -> None:
        for _ in range(10):
            office.submit(KNOWN)
        office.clock.advance(PATIENCE)

        assert office.reconcile() == Reconciliation(overdue=10)
        assert office.intake.depth() == 10

    def test_a_held_ticket_is_not_sent_again(self, office: Office, waiting: str) -> None:
        office.take_next()
        office.clock.advance(LEASE - SECOND)

        assert office.reconcile() == Reconciliation()

    def test_a_ticket_abandoned_without_its_message_is_sent_again(
        self, office: Office, waiting: str
    ) -> None:
        office.take_next()
        office.escalations.lose_everything()
        office.clock.advance(LEASE + PATIENCE)

        assert office.reconcile() == Reconciliation(overdue=1, sent_again=1)
        assert office.escalations.ticket_ids == [waiting]

    def test_a_snoozed_ticket_waits_again_when_its_time_comes(
        self, office: Office, waiting: str
    ) -> None:
        office.take_next("ada")
        until = office.clock() + timedelta(hours=1)
        held = office.ticket(waiting)
        office.tickets.commit(ticket.snooze(held, ADA, until=until, now=office.clock()))
        office.escalations.lose_everything()

        office.clock.advance(timedelta(hours=1) - SECOND)
        assert office.reconcile() == Reconciliation()
        office.clock.advance(SECOND)
        assert office.reconcile() == Reconciliation(woken=1)

        assert office.ticket(waiting).snoozed_until is None
        assert office.escalations.ticket_ids == [waiting]

    def test_behind_duplicates_a_lost_message_is_sent_after_all(self, office: Office) -> None:
        lost = office.submit(KNOWN).ticket_id
        office.intake.lose_everything()
        twice = office.submit(KNOWN).ticket_id
        office.intake.send(twice)

        office.clock.advance(PATIENCE + RESEND_ANYWAY - SECOND)
        office.reconcile()
        assert lost not in office.intake.ticket_ids
        office.clock.advance(SECOND)
        office.reconcile()

        assert lost in office.intake.ticket_ids

    def test_once_sent_again_a_ticket_has_time_to_be_dealt_with(self, office: Office) -> None:
        office.submit(KNOWN)
        office.intake.lose_everything()
        office.clock.advance(PATIENCE)
        office.reconcile()
        office.intake.lose_everything()

        assert office.reconcile() == Reconciliation()

    def test_a_ticket_sent_too_often_goes_to_a_person(self, office: Office) -> None:
        """F6: retried, then handed over; never lost."""
        ticket_id = office.submit(KNOWN).ticket_id
        for _ in range(NUDGES_BEFORE_GIVING_UP):
            office.intake.lose_everything()
            office.clock.advance(PATIENCE)
            assert office.reconcile().sent_again == 1
        office.intake.lose_everything()
        office.clock.advance(PATIENCE)

        assert office.reconcile() == Reconciliation(overdue=1, given_up=1)
        assert office.ticket(ticket_id).reason is Reason.PROCESSING_FAILED
        assert office.escalations.ticket_ids == [ticket_id]

    @pytest.mark.parametrize("door", ["the reconciler", "the worker"])
    def test_what_the_files_of_a_ticket_say_counts_when_no_one_could_process_it(
        self, office: Office, door: str
    ) -> None:
        ticket_id = office.submit(KNOWN).ticket_id
        register = office.tickets.register
        file = an_attachment(ticket_id)
        register.add(file)
        register.change(file, replace(file, state=files.State.READY), text="My lawyer will sue.")
        if door == "the worker":
            office.give_up(ticket_id)
        for _ in range(NUDGES_BEFORE_GIVING_UP + 1):
            office.intake.lose_everything()
            office.clock.advance(PATIENCE)
            office.reconcile()

        given_up = office.ticket(ticket_id)

        assert given_up.reason is Reason.PROCESSING_FAILED
        assert given_up.severity
        assert given_up.severity.name == "legal"
        assert "threatens with the law (file 1)" in given_up.severity.explained
        assert given_up.priority is Priority.URGENT

    def test_an_escalated_ticket_is_sent_as_often_as_it_takes(
        self, office: Office, waiting: str
    ) -> None:
        for _ in range(2 * NUDGES_BEFORE_GIVING_UP):
            office.escalations.lose_everything()
            office.clock.advance(PATIENCE)
            assert office.reconcile().sent_again == 1

    def test_one_queue_that_is_down_does_not_keep_the_other_empty(
        self, office: Office, waiting: str
    ) -> None:
        office.submit(KNOWN)
        office.intake.lose_everything()
        office.escalations.lose_everything()
        office.intake.down = True
        office.clock.advance(PATIENCE)

        office.reconcile()

        assert office.escalations.ticket_ids == [waiting]

    def test_a_weekend_does_not_flood_the_queue_with_duplicates(self, office: Office) -> None:
        for _ in range(10):
            office.submit(UNKNOWN)
        office.work_off()

        for _ in range(60 * 60):
            office.clock.advance(timedelta(minutes=1))
            office.reconcile()

        assert office.escalations.depth() <= 10 * 8

    def test_a_ticket_that_moves_meanwhile_is_skipped(self, office: Office) -> None:
        class Moving(InMemoryTickets):
            def nudge(self, overdue: reconciling.Overdue, now: Any) -> None:
                raise ConflictError("moved")

        office.tickets = Moving()
        office.submit(KNOWN)
        office.intake.lose_everything()
        office.clock.advance(PATIENCE)

        assert office.reconcile() == Reconciliation(overdue=1)
        assert office.intake.depth() == 0


class TestChoices:
    @pytest.fixture
    def asked(self, office: Office) -> Receipt:
        """Return the receipt of a ticket whose customer was asked what is meant."""
        office.articles.put(an_article("cancel_order"))
        unsure = an_understanding(("refund", 0.5), ("cancel_order", 0.45))
        office.understander.script["my order"] = unsure
        receipt = office.submit("my order")
        office.work_off()
        assert office.ticket(receipt.ticket_id).state is State.ASKED
        return receipt

    def test_a_customer_who_does_not_choose_within_a_day_gets_a_person(
        self, office: Office, asked: Receipt
    ) -> None:
        office.clock.advance(24 * HOUR - SECOND)
        assert office.reconcile() == Reconciliation()
        office.clock.advance(SECOND)

        assert office.reconcile() == Reconciliation(given_up=1)
        found = office.ticket(asked.ticket_id)
        assert (found.state, found.reason) == (State.ESCALATED, Reason.AMBIGUOUS)
        assert office.escalations.ticket_ids == [asked.ticket_id]

    def test_every_customer_who_did_not_choose_is_counted(
        self, office: Office, asked: Receipt
    ) -> None:
        others = [office.submit("my order").ticket_id for _ in range(2)]
        office.work_off()
        office.clock.advance(24 * HOUR)

        assert office.reconcile() == Reconciliation(given_up=3)
        assert office.escalations.ticket_ids == [asked.ticket_id, *others]

    def test_a_customer_who_chose_is_left_in_peace(self, office: Office, asked: Receipt) -> None:
        office.follow_up(asked, "1")
        office.work_off()
        office.clock.advance(24 * HOUR)

        assert office.reconcile() == Reconciliation()
        assert office.ticket(asked.ticket_id).state is State.ANSWERED

    def test_people_find_it_although_their_queue_was_down(
        self, office: Office, asked: Receipt
    ) -> None:
        office.escalations.down = True
        office.clock.advance(24 * HOUR)

        assert office.reconcile() == Reconciliation(given_up=1)
        office.escalations.down = False
        office.clock.advance(PATIENCE)

        assert office.reconcile() == Reconciliation(overdue=1, sent_again=1)
        assert office.escalations.ticket_ids == [asked.ticket_id]


class TestPatience:
    @pytest.mark.parametrize(
        ("waiting", "messages", "sent"), [(3, 2, 3), (2, 1, 2), (10, 10, 0), (10, 12, 0)]
    )
    def test_messages_are_missing_where_more_tickets_wait_than_the_queue_holds(
        self, office: Office, waiting: int, messages: int, sent: int
    ) -> None:
        ids = [office.submit(KNOWN).ticket_id for _ in range(waiting)]
        office.intake.lose_everything()
        for ticket_id in (ids * 2)[:messages]:
            office.intake.send(ticket_id)
        office.clock.advance(PATIENCE)

        assert office.reconcile() == Reconciliation(overdue=waiting, sent_again=sent)

    def test_behind_a_full_queue_the_wait_doubles_up_to_a_day(self, office: Office) -> None:
        ticket_id = office.submit(UNKNOWN).ticket_id
        office.work_off()
        for hours in (1, 2, 4, 8, 16, 24, 24):
            office.clock.advance(PATIENCE + hours * HOUR - SECOND)
            assert office.reconcile() == Reconciliation(overdue=1)
            office.clock.advance(SECOND)
            assert office.reconcile() == Reconciliation(overdue=1, sent_again=1)

        assert office.escalations.ticket_ids == [ticket_id] * 8

    def test_a_clock_that_is_late_sends_what_is_long_overdue(self, office: Office) -> None:
        ticket_id = office.submit(KNOWN).ticket_id
        office.clock.advance(PATIENCE + 3 * HOUR)

        assert office.reconcile() == Reconciliation(overdue=1, sent_again=1)
        assert office.intake.ticket_ids == [ticket_id] * 2

    def test_one_that_was_sent_again_does_not_hold_up_the_next(self, office: Office) -> None:
        office.submit(UNKNOWN)
        office.work_off()
        office.clock.advance(PATIENCE + HOUR)
        assert office.reconcile().sent_again == 1
        office.clock.advance(SECOND)
        later = office.submit(UNKNOWN).ticket_id
        office.work_off()
        office.clock.advance(PATIENCE + HOUR)

        assert office.reconcile() == Reconciliation(overdue=2, sent_again=1)
        assert office.escalations.ticket_ids[-1] == later

    def test_a_received_ticket_is_sent_five_times_and_then_given_up(self, office: Office) -> None:
        office.submit(KNOWN)
        sent = []
        for _ in range(6):
            office.intake.lose_everything()
            office.clock.advance(PATIENCE)
            sent.append(office.reconcile().sent_again)

        assert sent == [1, 1, 1, 1, 1, 0]

    def test_without_anything_overdue_no_queue_is_asked(self, office: Office) -> None:
        office.submit(KNOWN)
        reconciling.reconcile(
            tickets=office.tickets,
            texts=office.desk_texts,
            queues={QueueName.INTAKE: Unasked(), QueueName.ESCALATION: Unasked()},
            clock=office.clock,
        )


class Unasked:
    """A queue that must be left alone."""

    def send(self, ticket_id: str) -> None:
        pytest.fail(f"was sent {ticket_id}")

    def depth(self) -> int:
        pytest.fail("was asked")
