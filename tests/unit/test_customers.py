"""What customers do over ports in memory: ask, look, wait for news."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any, Self

import pytest
from helpdesk import customers, watching
from helpdesk.access import IdempotencyKey
from helpdesk.ports import (
    ConflictError,
    IdempotencyConflictError,
    NotFoundError,
    Repeat,
    Submission,
)
from helpdesk.ticket import MAX_TEXT, Change, Conversation, Source, State, TextError

from tests.fakes import KNOWN, PATIENCE, UNKNOWN, InMemoryTickets, Office
from tests.holding import held

KEY = IdempotencyKey("shop", "order-1-question-1")
SECOND = timedelta(seconds=1)


class Lagging(InMemoryTickets):
    """Tickets whose looks that need not be up to date are behind: missing first, then as before."""

    looks: int
    before: Conversation | None

    @classmethod
    def of(cls, tickets: InMemoryTickets, ticket_id: str, *, looks: int) -> Self:
        lagging = cls()
        lagging.__dict__ |= tickets.__dict__
        now = tickets.conversation(ticket_id)
        assert now
        older = replace(now.ticket, version=now.ticket.version - 1)
        lagging.looks, lagging.before = looks, Conversation(older, now.messages[:-1])
        return lagging

    def conversation(self, ticket_id: str, *, latest: bool = True) -> Conversation | None:
        if latest or self.looks <= 0:
            return super().conversation(ticket_id)
        self.looks -= 1
        return None if self.looks % 2 else self.before


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

        for number in range(8):
            with pytest.raises(IdempotencyConflictError, match="used with another request"):
                office.submit(f"Something else, {number}", key=KEY)
        other = IdempotencyKey("shop", "order-1-question-2")
        office.submit("Something else, 0", key=other)
        with pytest.raises(IdempotencyConflictError):
            office.submit(KNOWN, key=other)
        assert len(office.tickets) == 2
        assert office.texts(first.ticket_id) == [KNOWN]
        assert office.intake.depth() == 2

    def test_two_applications_may_use_one_key(self, office: Office) -> None:
        ours = office.submit(key=KEY)
        theirs = office.submit("Something else", key=IdempotencyKey("another shop", KEY.key))

        assert ours.ticket_id != theirs.ticket_id

    def test_a_key_may_be_used_again_once_it_has_expired(self, office: Office) -> None:
        first = office.submit(key=KEY)
        office.clock.advance(timedelta(hours=24))

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

            def commit(self, change: Change, remembered: Submission | Repeat | None = None) -> None:
                if self.refusals:
                    self.refusals -= 1
                    raise ConflictError("met another transaction")
                super().commit(change, remembered)

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

    def reading(ticket_id: str, **how: bool) -> Any:
        reads.append(ticket_id)
        return ask(ticket_id, **how)

    monkeypatch.setattr(office.tickets, read, reading)
    return reads


class TestWatch:
    def watch(
        self,
        office: Office,
        receipt: customers.Receipt,
        *,
        seen: tuple[int, ...] | None = None,
        seconds: float = 20,
        token: str | None = None,
    ) -> Any:
        return watching.watch(
            receipt.ticket_id,
            token or receipt.token,
            seen=seen,
            hold=held(seconds),
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

    @pytest.mark.parametrize(("behind", "waits"), [(0, True), (1, False), (-1, False)])
    def test_what_the_caller_has_seen_is_no_news(
        self, office: Office, behind: int, waits: bool
    ) -> None:
        receipt = office.submit()
        office.work_off()
        start = office.clock()

        self.watch(office, receipt, seen=(office.ticket(receipt.ticket_id).version - behind,))

        assert (office.clock() > start) is waits

    def test_a_sleep_that_takes_too_long_ends_the_wait(self, office: Office) -> None:
        receipt = office.submit()
        start = office.clock()
        sleeps: list[float] = []

        def oversleep(seconds: float) -> None:
            assert not sleeps, "slept again"
            sleeps.append(seconds)
            office.clock.advance(30 * SECOND)

        office.clock.sleep = oversleep  # type: ignore[method-assign]

        assert self.watch(office, receipt, seconds=7).ticket.state is State.RECEIVED
        assert office.clock() - start == 30 * SECOND

    @pytest.mark.parametrize("lag", [1, 3, 20])
    def test_later_looks_may_be_out_of_date_but_what_is_returned_is_newer(
        self, office: Office, lag: int
    ) -> None:
        """A stale look may miss the ticket or show it as it was before the first look."""
        receipt = office.submit()
        office.work_off()
        seen = office.ticket(receipt.ticket_id).version
        office.follow_up(receipt, UNKNOWN)
        office.tickets = Lagging.of(office.tickets, receipt.ticket_id, looks=lag)
        start = office.clock()

        found = self.watch(office, receipt, seen={seen + 1})

        assert found.ticket.version == seen + 1
        assert office.clock() - start >= timedelta(seconds=20)

        office.tickets = Lagging.of(office.tickets, receipt.ticket_id, looks=lag)
        office.work_off()
        assert self.watch(office, receipt, seen={seen + 1}).ticket.version == seen + 2

    def test_what_is_erased_while_its_customer_waits_is_gone(self, office: Office) -> None:
        receipt = office.submit()

        def sleep(seconds: float) -> None:
            office.clock.sleep(seconds)
            office.tickets._files.clear()

        with pytest.raises(NotFoundError):
            watching.watch(
                receipt.ticket_id,
                receipt.token,
                seen=None,
                hold=held(20),
                tickets=office.tickets,
                clock=office.clock,
                sleep=sleep,
            )

    def test_a_stranger_is_refused_at_once(self, office: Office) -> None:
        receipt = office.submit()
        start = office.clock()

        with pytest.raises(NotFoundError):
            self.watch(office, receipt, token="wrong")
        assert office.clock() == start
