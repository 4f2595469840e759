"""What the worker does with a received ticket, over ports in memory."""

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from helpdesk import ports, processing
from helpdesk.erasure import Erasure
from helpdesk.knowledge import Priority
from helpdesk.ports import ConflictError, ErasedError, NotFoundError
from helpdesk.priority import Points
from helpdesk.processing import Outcome
from helpdesk.ticket import Change, State
from helpdesk.triage import Answer, Escalate, Reason

from tests.fakes import (
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
    an_understanding,
    announced,
)


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
        assert office.texts(ticket_id) == [UNKNOWN, announced(after)]

    @pytest.mark.parametrize(
        ("probability", "article", "feared"),
        [
            (0.1, {}, True),
            (0.09, {}, False),
            (0.1, {"priority": Priority.HIGH}, False),
            (0.1, {"needs_person": False}, False),
        ],
    )
    def test_an_urgent_matter_that_it_may_be_counts_for_the_line(
        self, office: Office, probability: float, article: dict[str, Any], feared: bool
    ) -> None:
        urgent = {"priority": Priority.URGENT, "automatic": False, "needs_person": True}
        office.articles.put(an_article("safety", **(urgent | article)))
        text = "It got fat overnight"
        office.understander.script[text] = an_understanding(
            ("refund", 0.3), ("safety", probability), scope=0.4
        )
        ticket_id = office.submit(text).ticket_id

        _, after = office.process(ticket_id)

        assert after.reason is Reason.OUT_OF_SCOPE
        expected = [Points("may be safety", 80)] if feared else []
        assert list(after.urgency.points) == expected
        assert after.category == "orders"

    def test_acknowledges_and_escalates_the_wish_for_a_person(self, office: Office) -> None:
        """T6."""
        ticket_id = office.submit(WANTS_PERSON).ticket_id

        outcome, after = office.process(ticket_id)

        assert (outcome, after.reason) == (Outcome.ESCALATED, Reason.ASKED_FOR_PERSON)
        told = announced(after, "2026-03-03 00:00 UTC")
        assert office.texts(ticket_id)[1:] == [f"{an_article('speak_to_human').answer}\n\n{told}"]
        assert office.escalations.ticket_ids == [ticket_id]

    def test_an_edited_answer_is_used_by_the_next_question(self, office: Office) -> None:
        """T13."""
        office.articles.put(an_article("refund", answer="Refunds now take two days."))
        ticket_id = office.submit(KNOWN).ticket_id
        office.process(ticket_id)

        assert office.texts(ticket_id)[-1] == "Refunds now take two days."

    def test_an_article_in_review_waits_for_an_agent_with_its_matter(self, office: Office) -> None:
        """R5: it is in the right department's view."""
        office.articles.put(an_article("refund", review=True))
        ticket_id = office.submit(KNOWN).ticket_id

        outcome, after = office.process(ticket_id)

        assert (outcome, after.reason) == (Outcome.ESCALATED, Reason.REVIEW)
        assert (after.category, after.department) == ("orders", "orders")
        assert not after.matter_guessed
        assert office.texts(ticket_id) == [KNOWN, announced(after, "2026-03-03 00:00 UTC")]

    @pytest.mark.parametrize(("category", "reason"), [("orders", Reason.REVIEW), ("billing", None)])
    def test_a_category_in_review_puts_its_articles_there(
        self, office: Office, category: str, reason: Reason | None
    ) -> None:
        office = replace(office, reviewed=frozenset({category}))
        office.articles.put(an_article("refund", category="Orders"))

        _, after = office.process(office.submit(KNOWN).ticket_id)

        assert after.reason is reason

    def test_a_category_in_review_leaves_to_a_person_what_a_person_gets(
        self, office: Office
    ) -> None:
        office = replace(office, reviewed=frozenset({"orders"}))

        _, after = office.process(office.submit(WANTS_PERSON).ticket_id)

        assert after.reason is Reason.ASKED_FOR_PERSON

    def test_an_answer_that_may_not_be_sent_today_is_not_reviewed_either(
        self, office: Office
    ) -> None:
        gone = office.clock().date() - timedelta(days=1)
        office.articles.put(an_article("refund", review=True, valid_until=gone))

        _, after = office.process(office.submit(KNOWN).ticket_id)

        assert after.reason is Reason.NOT_AUTOMATIC

    def test_a_prediction_knows_the_categories_in_review(self, office: Office) -> None:
        for reviewed, kind in (({"orders"}, Escalate), (set(), Answer)):
            _, decision = processing.predict(
                KNOWN,
                articles=office.articles,
                understander=office.understander,
                policy=office.policy,
                now=office.clock(),
                reviewed=frozenset(reviewed),
            )
            assert isinstance(decision, kind)

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

    def test_an_erased_ticket_is_told_from_one_that_never_was(self, office: Office) -> None:
        ticket_id = office.submit(KNOWN).ticket_id
        record = Erasure(ticket_id=ticket_id, by="lena", at=office.clock())
        office.tickets.erase(office.ticket(ticket_id), record)

        with pytest.raises(ErasedError, match=f"ticket {ticket_id} was erased"):
            office.process(ticket_id)
        with pytest.raises(NotFoundError, match="no ticket 0000000000000000") as missing:
            office.process("0000000000000000")
        assert not isinstance(missing.value, ErasedError)

    def test_a_delivery_more_does_not_read_the_whole_conversation(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ticket_id = office.submit(KNOWN).ticket_id
        office.process(ticket_id)
        monkeypatch.setattr(office.tickets, "conversation", lambda _: pytest.fail("was read"))

        assert office.process(ticket_id)[0] is Outcome.ALREADY_DONE

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

            def commit(self, change: Change, *remembered: Any, **more: Any) -> None:
                if change.before:
                    self.refused += 1
                    raise ConflictError("moved")
                super().commit(change, *remembered, **more)

        office.tickets = tickets = Restless()
        ticket_id = office.submit(KNOWN).ticket_id

        with pytest.raises(ConflictError):
            office.process(ticket_id)
        assert tickets.refused == processing.ATTEMPTS

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
