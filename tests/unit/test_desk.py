"""The use cases over ports in memory, in the order a question meets them."""

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from helpdesk import customers, ports, reconciling, ticket
from helpdesk.access import IdempotencyKey
from helpdesk.agents import LEASE, LEASE_GRACE
from helpdesk.moving import ATTEMPTS
from helpdesk.ports import ConflictError, IdempotencyConflictError, NotFoundError, Submission
from helpdesk.processing import Outcome
from helpdesk.reconciling import NUDGES_BEFORE_GIVING_UP, RESEND_ANYWAY, Reconciliation
from helpdesk.ticket import (
    MAX_TEXT,
    Change,
    IllegalMoveError,
    LeaseError,
    Source,
    State,
    TextError,
    replay,
)
from helpdesk.triage import Reason

from tests.fakes import (
    ADA,
    KNOWN,
    MAX_RECEIVES,
    PATIENCE,
    POISON,
    UNKNOWN,
    WANTS_PERSON,
    Fuse,
    InMemoryTickets,
    Office,
    an_article,
)

KEY = IdempotencyKey("shop", "order-1-question-1")
SECOND = timedelta(seconds=1)


@pytest.fixture
def office() -> Office:
    return Office.open()


@pytest.fixture
def waiting(office: Office) -> str:
    """Return the id of a ticket that waits for a person."""
    receipt = office.submit(UNKNOWN)
    office.work_off()
    return receipt.ticket_id


class TestSubmit:
    def test_stores_the_question_and_queues_its_id(self, office: Office) -> None:
        """T1: accepted while no consumer runs."""
        receipt = office.submit()

        assert receipt.queued
        assert office.ticket(receipt.ticket_id).state is State.RECEIVED
        assert office.texts(receipt.ticket_id) == [KNOWN]
        assert office.intake.ticket_ids == [receipt.ticket_id]

    def test_says_so_when_the_queue_is_down_but_keeps_the_question(self, office: Office) -> None:
        office.intake.down = True

        receipt = office.submit()

        assert not receipt.queued
        assert office.texts(receipt.ticket_id) == [KNOWN]

    def test_what_the_queue_refused_is_answered_after_a_reconciliation(
        self, office: Office
    ) -> None:
        office.intake.down = True
        receipt = office.submit()
        office.intake.down = False

        office.clock.advance(PATIENCE)
        office.reconcile()
        office.work_off()

        assert office.ticket(receipt.ticket_id).state is State.ANSWERED

    def test_the_same_key_and_question_is_the_same_request(self, office: Office) -> None:
        first = office.submit(key=KEY)
        office.clock.advance(timedelta(hours=23))

        assert office.submit(key=KEY) == first
        assert len(office.tickets) == 1
        assert office.intake.ticket_ids == [first.ticket_id]

    def test_the_same_key_with_another_question_is_refused(self, office: Office) -> None:
        first = office.submit(key=KEY)

        with pytest.raises(IdempotencyConflictError):
            office.submit("Something else", key=KEY)
        assert len(office.tickets) == 1
        assert office.texts(first.ticket_id) == [KNOWN]
        assert office.intake.depth() == 1

    def test_two_applications_may_use_one_key(self, office: Office) -> None:
        ours = office.submit(key=KEY)
        theirs = office.submit("Something else", key=IdempotencyKey("another shop", KEY.key))

        assert ours.ticket_id != theirs.ticket_id

    def test_a_key_may_be_used_again_once_it_has_expired(self, office: Office) -> None:
        first = office.submit(key=KEY)
        office.clock.advance(office.terms.idempotency_life)

        assert office.submit("Something else", key=KEY).ticket_id != first.ticket_id

    def test_fifty_at_once_with_one_key_are_one_ticket(self, office: Office) -> None:
        together = threading.Barrier(50)

        def submit(_: int) -> customers.Receipt:
            together.wait()
            return office.submit(key=KEY)

        with ThreadPoolExecutor(50) as threads:
            receipts = set(threads.map(submit, range(50)))

        assert len(receipts) == 1
        assert len(office.tickets) == office.intake.depth() == 1

    def test_a_transaction_that_met_another_is_tried_again(self, office: Office) -> None:
        """Of two transactions on one key DynamoDB may refuse both before either is stored."""

        class Busy(InMemoryTickets):
            refusals = 1

            def commit(self, change: Change, submission: Submission | None = None) -> None:
                if self.refusals:
                    self.refusals -= 1
                    raise ConflictError("met another transaction")
                super().commit(change, submission)

        office.tickets = Busy()

        receipt = office.submit(key=KEY)

        assert office.submit(key=KEY) == receipt
        assert office.intake.ticket_ids == [receipt.ticket_id]

    @pytest.mark.parametrize("text", ["", "  \n", "x" * (MAX_TEXT + 1)])
    def test_a_text_that_cannot_be_is_neither_stored_nor_queued(
        self, office: Office, text: str
    ) -> None:
        """T8."""
        with pytest.raises(TextError):
            office.submit(text)
        assert len(office.tickets) == office.intake.depth() == 0


class TestProcess:
    def test_answers_with_the_stored_text(self, office: Office) -> None:
        """T2."""
        ticket_id = office.submit(KNOWN).ticket_id

        outcome, after = office.process(ticket_id)

        assert (outcome, after.state) == (Outcome.ANSWERED, State.ANSWERED)
        assert office.texts(ticket_id) == [KNOWN, an_article("refund").answer]
        assert office.escalations.depth() == 0

    def test_escalates_what_it_does_not_know(self, office: Office) -> None:
        """T4: exactly one escalation message with the same id."""
        ticket_id = office.submit(UNKNOWN).ticket_id

        outcome, after = office.process(ticket_id)

        assert (outcome, after.reason) == (Outcome.ESCALATED, Reason.OUT_OF_SCOPE)
        assert office.escalations.ticket_ids == [ticket_id]
        assert office.texts(ticket_id) == [UNKNOWN]

    def test_acknowledges_and_escalates_the_wish_for_a_person(self, office: Office) -> None:
        """T6."""
        ticket_id = office.submit(WANTS_PERSON).ticket_id

        outcome, after = office.process(ticket_id)

        assert (outcome, after.reason) == (Outcome.ESCALATED, Reason.ASKED_FOR_PERSON)
        assert office.texts(ticket_id)[1:] == [an_article("speak_to_human").answer]
        assert office.escalations.ticket_ids == [ticket_id]

    def test_an_edited_answer_is_used_by_the_next_question(self, office: Office) -> None:
        """T13."""
        office.articles.put(an_article("refund", answer="Refunds now take two days."))
        ticket_id = office.submit(KNOWN).ticket_id
        office.process(ticket_id)

        assert office.texts(ticket_id)[-1] == "Refunds now take two days."

    def test_an_intent_without_article_escalates(self, office: Office) -> None:
        """T13, F7."""
        office.articles.remove("refund")
        _, after = office.process(office.submit(KNOWN).ticket_id)

        assert after.reason is Reason.NO_ARTICLE

    def test_a_delivery_more_changes_nothing(self, office: Office) -> None:
        """T9: the same message twice, still one reply."""
        ticket_id = office.submit(KNOWN).ticket_id
        office.process(ticket_id)
        before = office.tickets.conversation(ticket_id)

        outcome, _ = office.process(ticket_id)

        assert outcome is Outcome.ALREADY_DONE
        assert office.tickets.conversation(ticket_id) == before

    def test_looks_once_at_the_text_and_once_at_the_knowledge(self, office: Office) -> None:
        """F8, F10: one pipeline call and one knowledge read per message."""
        office.process(office.submit(KNOWN).ticket_id)

        assert office.understander.texts == [KNOWN]
        assert office.articles.reads == 1

    def test_two_hundred_tickets_cost_four_calls_each_and_no_pause(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """R15, as counts: the two-hundredth costs what the first did. `make bench` has seconds."""
        monkeypatch.setattr(time, "sleep", lambda _: pytest.fail("slept"))
        tickets = [office.submit(KNOWN).ticket_id for _ in range(200)]
        for ticket_id in tickets:
            fuse = Fuse(5, after=False)
            office.guarded_by(fuse).process(ticket_id)
            assert not fuse.blown

        assert {office.ticket(ticket_id).state for ticket_id in tickets} == {State.ANSWERED}

    def test_an_unknown_id_is_not_found(self, office: Office) -> None:
        with pytest.raises(NotFoundError):
            office.process("0000000000000000")

    def test_ten_workers_at_once_give_one_reply(self, office: Office) -> None:
        ticket_id = office.submit(KNOWN).ticket_id
        all_have_read = threading.Barrier(10)
        understand = office.understander.understand

        def understand_together(text: str) -> Any:
            all_have_read.wait()
            return understand(text)

        office.understander.understand = understand_together  # type: ignore[method-assign]
        with ThreadPoolExecutor(10) as workers:
            found = [outcome for outcome, _ in workers.map(office.process, [ticket_id] * 10)]

        assert Counter(found) == {Outcome.ANSWERED: 1, Outcome.ALREADY_DONE: 9}
        assert office.texts(ticket_id) == [KNOWN, an_article("refund").answer]

    def test_a_ticket_that_keeps_moving_fails_its_message(self, office: Office) -> None:
        class Restless(InMemoryTickets):
            refused = 0

            def commit(self, change: Change, submission: Submission | None = None) -> None:
                if change.before:
                    self.refused += 1
                    raise ConflictError("moved")
                super().commit(change, submission)

        office.tickets = tickets = Restless()
        ticket_id = office.submit(KNOWN).ticket_id

        with pytest.raises(ConflictError):
            office.process(ticket_id)
        assert tickets.refused == ATTEMPTS

    def test_a_model_that_raises_leaves_the_ticket_for_the_next_attempt(
        self, office: Office
    ) -> None:
        ticket_id = office.submit(POISON).ticket_id

        with pytest.raises(RuntimeError, match="the model broke"):
            office.process(ticket_id)
        assert office.ticket(ticket_id).state is State.RECEIVED

    def test_an_escalation_survives_a_queue_that_is_down(self, office: Office) -> None:
        ticket_id = office.submit(UNKNOWN).ticket_id
        office.escalations.down = True
        with pytest.raises(ports.QueueUnavailableError):
            office.process(ticket_id)
        office.escalations.down = False

        assert office.process(ticket_id)[0] is Outcome.ALREADY_DONE
        office.clock.advance(PATIENCE)
        office.reconcile()

        assert office.escalations.ticket_ids == [ticket_id]


class TestGivingUp:
    def test_the_last_attempt_hands_the_ticket_to_a_person(self, office: Office) -> None:
        """T10: what always fails ends with a person, and is marked so."""
        poison = office.submit(POISON).ticket_id
        good = office.submit(KNOWN).ticket_id

        for _ in range(MAX_RECEIVES):
            assert office.ticket(poison).state is State.RECEIVED
            office.work_off()
            office.clock.advance(timedelta(minutes=3))

        assert office.ticket(good).state is State.ANSWERED
        assert office.ticket(poison).reason is Reason.PROCESSING_FAILED
        assert office.escalations.ticket_ids == [poison]

    def test_a_settled_ticket_is_left_alone(self, office: Office) -> None:
        ticket_id = office.submit(KNOWN).ticket_id
        office.process(ticket_id)
        before = office.ticket(ticket_id)

        assert office.give_up(ticket_id) is Outcome.ALREADY_DONE
        assert office.ticket(ticket_id) == before
        assert office.escalations.depth() == 0

    def test_the_table_knows_before_the_queue_is_told(self, office: Office) -> None:
        ticket_id = office.submit(POISON).ticket_id
        office.escalations.down = True

        with pytest.raises(ports.QueueUnavailableError):
            office.give_up(ticket_id)
        assert office.ticket(ticket_id).reason is Reason.PROCESSING_FAILED

    def test_an_unknown_ticket_is_left_alone(self, office: Office) -> None:
        assert office.give_up("0000000000000000") is Outcome.ALREADY_DONE


class TestFetch:
    def fetch(self, office: Office, ticket_id: str, token: str) -> Any:
        return customers.fetch(ticket_id, token, tickets=office.tickets, now=office.clock())

    def test_shows_the_conversation_to_the_holder_of_the_token(self, office: Office) -> None:
        receipt = office.submit(KNOWN)
        office.work_off()

        found = self.fetch(office, receipt.ticket_id, receipt.token)

        sources = [message.source for message in found.messages]
        assert sources == [Source.CUSTOMER, Source.AUTOMATIC]

    def test_a_foreign_a_missing_and_an_expired_ticket_look_the_same(self, office: Office) -> None:
        """T15."""
        mine, theirs = office.submit(), office.submit()

        def refusal(ticket_id: str, token: str) -> str:
            with pytest.raises(NotFoundError) as caught:
                self.fetch(office, ticket_id, token)
            return str(caught.value)

        foreign = refusal(theirs.ticket_id, mine.token)
        missing = refusal("0000000000000000", mine.token)
        office.clock.advance(office.terms.token_life)
        expired = refusal(mine.ticket_id, mine.token)

        assert foreign == missing == expired


def counted(monkeypatch: pytest.MonkeyPatch, office: Office, read: str) -> list[str]:
    """Return a list that grows by the ticket's id with each such read of the table."""
    reads: list[str] = []
    ask = getattr(office.tickets, read)

    def reading(ticket_id: str) -> Any:
        reads.append(ticket_id)
        return ask(ticket_id)

    monkeypatch.setattr(office.tickets, read, reading)
    return reads


class TestWatch:
    def watch(
        self,
        office: Office,
        receipt: customers.Receipt,
        *,
        seen: int | None = None,
        seconds: float = 20,
        token: str | None = None,
    ) -> Any:
        return customers.watch(
            receipt.ticket_id,
            token or receipt.token,
            seen=seen,
            patience=timedelta(seconds=seconds),
            tickets=office.tickets,
            clock=office.clock,
            sleep=office.clock.sleep,
        )

    def test_news_comes_at_once(self, office: Office) -> None:
        receipt = office.submit()
        office.work_off()
        start = office.clock()

        assert self.watch(office, receipt).ticket.state is State.ANSWERED
        assert office.clock() == start

    def test_holds_until_the_news_comes(self, office: Office) -> None:
        receipt = office.submit()
        start = office.clock()
        sleep = office.clock.sleep

        def sleep_while_the_worker_runs(seconds: float) -> None:
            sleep(seconds)
            if office.clock() - start > 3 * SECOND:
                office.work_off()

        office.clock.sleep = sleep_while_the_worker_runs  # type: ignore[method-assign]

        assert self.watch(office, receipt).ticket.state is State.ANSWERED
        assert 3 * SECOND < office.clock() - start < 5 * SECOND

    def test_without_news_returns_what_there_is_when_patience_ends(self, office: Office) -> None:
        receipt = office.submit()
        start = office.clock()

        assert self.watch(office, receipt, seconds=7).ticket.state is State.RECEIVED
        assert office.clock() - start == 7 * SECOND

    @pytest.mark.parametrize(("seconds", "most"), [(0, 1), (0.1, 11), (1, 20), (20, 40)])
    def test_looks_often_at_first_and_seldom_later(
        self, office: Office, monkeypatch: pytest.MonkeyPatch, seconds: float, most: int
    ) -> None:
        receipt = office.submit()
        looks = counted(monkeypatch, office, "conversation")
        others = counted(monkeypatch, office, "get")

        self.watch(office, receipt, seconds=seconds)

        assert most - 5 <= len(looks) <= most
        assert not others

    def test_an_answer_is_seen_within_a_hundredth_of_a_second_with_one_read(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        receipt = office.submit()
        looks = counted(monkeypatch, office, "conversation")
        start, sleep = office.clock(), office.clock.sleep

        def sleep_while_the_worker_runs(seconds: float) -> None:
            sleep(seconds)
            if len(looks) == 4:
                office.work_off()

        office.clock.sleep = sleep_while_the_worker_runs  # type: ignore[method-assign]

        found = self.watch(office, receipt)

        assert found.messages[-1].source is Source.AUTOMATIC
        assert len(looks) == 5
        assert office.clock() - start == timedelta(milliseconds=40)

    @pytest.mark.parametrize(("behind", "waits"), [(0, True), (1, False)])
    def test_what_the_caller_has_seen_is_no_news(
        self, office: Office, behind: int, waits: bool
    ) -> None:
        receipt = office.submit()
        office.work_off()
        start = office.clock()

        self.watch(office, receipt, seen=office.ticket(receipt.ticket_id).version - behind)

        assert (office.clock() > start) is waits

    def test_a_stranger_is_refused_at_once(self, office: Office) -> None:
        receipt = office.submit()
        start = office.clock()

        with pytest.raises(NotFoundError):
            self.watch(office, receipt, token="wrong")
        assert office.clock() == start


class TestTakeNext:
    def test_leases_the_ticket_and_hides_its_message(self, office: Office, waiting: str) -> None:
        taken = office.take_next("ada")

        assert taken is not None
        assert taken.ticket.id == waiting
        assert taken.ticket.lease is not None
        assert taken.ticket.lease.until == office.clock() + LEASE
        assert office.take_next("bob") is None

    def test_an_empty_queue_is_nothing_to_do(self, office: Office) -> None:
        assert office.take_next() is None

    def test_two_agents_never_get_one_ticket(self, office: Office) -> None:
        """T12."""
        tickets = {office.submit(UNKNOWN).ticket_id for _ in range(50)}
        office.work_off()
        for ticket_id in tickets:
            office.escalations.send(ticket_id)

        with ThreadPoolExecutor(8) as agents:
            taken = list(agents.map(office.take_next, [f"agent-{n}" for n in range(60)]))

        ids = [conversation.ticket.id for conversation in taken if conversation]
        assert len(ids) == 50
        assert set(ids) == tickets

    def test_messages_of_settled_tickets_are_deleted_on_the_way(
        self, office: Office, waiting: str
    ) -> None:
        settled = office.submit(KNOWN).ticket_id
        office.process(settled)
        office.escalations.lose_everything()
        office.escalations.send(settled)
        office.escalations.send(waiting)

        taken = office.take_next()

        assert taken is not None
        assert taken.ticket.id == waiting
        assert office.escalations.ticket_ids == [waiting]

    def test_a_second_message_of_a_held_ticket_is_deleted(
        self, office: Office, waiting: str
    ) -> None:
        office.take_next("ada")
        office.escalations.send(waiting)

        assert office.take_next("bob") is None
        assert office.escalations.depth() == 1

    def test_a_message_of_an_unknown_ticket_is_left_to_the_dead_letters(
        self, office: Office
    ) -> None:
        office.escalations.send("0000000000000000")

        assert office.take_next() is None
        assert office.escalations.depth() == 1

    def test_a_ticket_that_moved_meanwhile_is_put_back_and_taken_again(
        self, office: Office, waiting: str
    ) -> None:
        class Contested(InMemoryTickets):
            refusals = 1

            def commit(self, change: Change, submission: Submission | None = None) -> None:
                if self.refusals:
                    self.refusals -= 1
                    raise ConflictError("moved")
                super().commit(change, submission)

        contested = Contested()
        contested.__dict__ |= office.tickets.__dict__
        office.tickets = contested

        taken = office.take_next()

        assert taken is not None
        assert taken.ticket.id == waiting

    def test_an_abandoned_ticket_comes_back_after_its_lease(
        self, office: Office, waiting: str
    ) -> None:
        """T11: listed again after the visibility time."""
        office.take_next("ada")

        office.clock.advance(LEASE - SECOND)
        assert office.take_next("bob") is None
        office.clock.advance(SECOND)
        taken = office.take_next("bob")

        assert taken is not None
        assert taken.ticket.id == waiting


class TestReply:
    def test_stores_the_text_and_settles_the_message(self, office: Office, waiting: str) -> None:
        """T5."""
        text = "Grüß Gott,\n\nja: wir packen alles ein ✅"
        office.take_next()
        office.clock.advance(timedelta(minutes=10))

        after = office.reply(waiting, text)

        assert after.state is State.ANSWERED
        assert office.texts(waiting)[-1] == text
        assert office.escalations.depth() == 0

    def test_a_blank_reply_is_refused_and_the_ticket_still_held(
        self, office: Office, waiting: str
    ) -> None:
        """T11."""
        office.take_next()

        with pytest.raises(TextError):
            office.reply(waiting, " \n ")
        assert office.ticket(waiting).lease is not None

    def test_who_does_not_hold_the_ticket_is_told_who_does(
        self, office: Office, waiting: str
    ) -> None:
        """T12."""
        office.take_next("ada")

        with pytest.raises(LeaseError, match="ada holds this ticket"):
            office.reply(waiting, agent="bob")
        assert office.texts(waiting) == [UNKNOWN]

    def test_a_stale_reply_is_refused_after_the_ticket_changed_hands(
        self, office: Office, waiting: str
    ) -> None:
        first = office.take_next("ada")
        office.clock.advance(LEASE + LEASE_GRACE)
        office.take_next("bob")
        assert first is not None

        with pytest.raises(LeaseError, match="bob holds this ticket"):
            office.reply(waiting, agent="ada", fence=first.ticket.fence)
        office.reply(waiting, "From Bob.", agent="bob")

        assert office.texts(waiting) == [UNKNOWN, "From Bob."]

    def test_a_reply_written_under_the_agents_own_older_lease_is_refused(
        self, office: Office, waiting: str
    ) -> None:
        first = office.take_next("ada")
        office.clock.advance(LEASE + LEASE_GRACE)
        second = office.take_next("ada")
        assert first is not None
        assert second is not None

        with pytest.raises(LeaseError, match="older lease"):
            office.reply(waiting, fence=first.ticket.fence)
        assert office.reply(waiting, fence=second.ticket.fence).state is State.ANSWERED

    def test_a_double_click_stores_one_reply(self, office: Office, waiting: str) -> None:
        office.take_next()
        office.reply(waiting, "Once.")

        office.reply(waiting, "Once.")
        with pytest.raises(IllegalMoveError, match="answered"):
            office.reply(waiting, "Twice.")
        assert office.texts(waiting) == [UNKNOWN, "Once."]

    def test_an_unknown_ticket_is_not_found(self, office: Office) -> None:
        with pytest.raises(NotFoundError):
            office.reply("0000000000000000")


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
