"""One exam for the ports in memory and the ports over AWS, so that neither drifts."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from unittest import mock

import pytest
from helpdesk import access, ticket
from helpdesk.access import IdempotencyKey
from helpdesk.aws import clients
from helpdesk.aws.knowledge import DynamoKnowledge
from helpdesk.aws.queues import SqsQueue
from helpdesk.aws.tickets import DynamoTickets
from helpdesk.knowledge import Priority
from helpdesk.ports import ConflictError, QueueUnavailableError, Repeat, Submission
from helpdesk.ticket import Awaiting, Change, Customer, Message, State, Ticket, replay
from helpdesk.triage import Answer, Entity, Escalate, Reason

from tests.fakes import (
    ADA,
    BOB,
    MORNING,
    PATIENCE,
    Clock,
    InMemoryArticles,
    InMemoryQueue,
    InMemoryTickets,
    an_article,
    an_understanding,
)
from tests.integration.conftest import Stack

SECOND = timedelta(seconds=1)
LEASE = timedelta(minutes=15)
UNDERSTOOD = an_understanding(
    ("refund", 0.912345),
    ("cancel_order", 0.1),
    sentiment=-0.25,
    entities=(Entity("order", "12345", 9, 15),),
)
ANSWER = Answer(an_article("refund", priority=Priority.URGENT))
ESCALATE = Escalate(Reason.OUT_OF_SCOPE)
IDS = [f"{number:016}" for number in range(10)]


@dataclass(frozen=True)
class Ports:
    """The three ports and, for the queue, a way to let time pass."""

    tickets: Any
    articles: Any
    queue: Any
    wait: Callable[[timedelta], None]
    broken_queue: Any


@pytest.fixture(scope="module")
def aws_ports(deployed: Stack) -> tuple[Any, Any, Any, Any]:
    sqs = clients.sqs()
    return (
        DynamoTickets(clients.table(deployed.outputs["TicketsTable"]), patience=PATIENCE),
        DynamoKnowledge(clients.table(deployed.outputs["KnowledgeTable"])),
        SqsQueue(sqs, deployed.outputs["EscalationQueueUrl"]),
        SqsQueue(sqs, deployed.outputs["EscalationQueueUrl"] + "-that-does-not-exist"),
    )


@pytest.fixture(params=["memory", "aws"])
def ports(request: pytest.FixtureRequest) -> Iterator[Ports]:
    if request.param == "memory":
        clock = Clock()
        broken = InMemoryQueue(clock)
        broken.down = True
        queue = InMemoryQueue(clock)
        yield Ports(InMemoryTickets(), InMemoryArticles(), queue, clock.advance, broken)
        return
    request.getfixturevalue("stack")
    tickets, articles, queue, broken_queue = request.getfixturevalue("aws_ports")
    with moving_queue_time() as wait:
        yield Ports(tickets, articles, queue, wait, broken_queue)


@contextmanager
def moving_queue_time() -> Iterator[Callable[[timedelta], None]]:
    """Let moto's queues see time pass without waiting for it."""
    clock = Clock()

    def milliseconds() -> float:
        return (time.time() + (clock() - MORNING).total_seconds()) * 1_000

    with mock.patch("moto.sqs.models.unix_time_millis", milliseconds):
        yield clock.advance


def opened(ticket_id: str = IDS[0], *, now: datetime = MORNING, **customer: Any) -> Change:
    return ticket.submit(
        ticket_id=ticket_id,
        text="Where is my order 12345? 🙂",
        customer=Customer(**customer),
        channel="web",
        token_hash=access.token_hash("token"),
        now=now,
        token_life=timedelta(days=90),
        retention=timedelta(days=400),
    )


def answered(of: Ticket) -> Change:
    return ticket.settle(of, UNDERSTOOD, ANSWER, now=of.updated_at + SECOND)


def escalated(of: Ticket) -> Change:
    return ticket.settle(of, UNDERSTOOD, ESCALATE, now=of.updated_at + SECOND)


def submission(key: IdempotencyKey, of: Change, *, life: timedelta = timedelta(days=1)) -> Any:
    return Submission(
        key_id=key.id,
        fingerprint="fingerprint",
        ticket_id=of.after.id,
        sealed_token=key.seal(access.new_token()),
        expires_at=of.after.created_at + life,
    )


def repeat(key: IdempotencyKey, of: Change, sealed_token: str | None = None) -> Repeat:
    return Repeat(
        key_id=key.id,
        fingerprint="f1" * 32,
        version=of.after.version,
        state=of.after.state,
        sealed_token=sealed_token,
    )


KEY = IdempotencyKey("shop", "key")


class TestTogether:
    def both(self, ports: Ports) -> tuple[Ticket, Ticket]:
        for ticket_id in IDS[:2]:
            change = opened(ticket_id, email="ada@example.com")
            ports.tickets.commit(change)
            ports.tickets.commit(escalated(change.after))
        root, other = (ports.tickets.get(ticket_id) for ticket_id in IDS[:2])
        return root, other

    def test_two_tickets_move_in_one_step(self, ports: Ports) -> None:
        root, other = self.both(ports)
        of_root, of_other = ticket.merge(root, other, ADA, now=MORNING + SECOND)

        ports.tickets.commit(of_root, also=of_other)

        assert ports.tickets.get(IDS[0]) == of_root.after
        assert ports.tickets.get(IDS[1]) == of_other.after
        assert ports.tickets.events(IDS[1])[-1] == of_other.event

    @pytest.mark.parametrize("moved", [0, 1])
    def test_neither_moves_if_another_move_of_one_came_first(
        self, ports: Ports, moved: int
    ) -> None:
        both = self.both(ports)
        of_root, of_other = ticket.merge(*both, ADA, now=MORNING + SECOND)
        ports.tickets.commit(ticket.note(both[moved], BOB, "First.", now=MORNING + SECOND))

        with pytest.raises(ConflictError):
            ports.tickets.commit(of_root, also=of_other)

        assert ports.tickets.get(IDS[0]).merged == frozenset()
        assert ports.tickets.get(IDS[1]).merged_into is None


class TestTickets:
    def test_what_was_stored_comes_back(self, ports: Ports) -> None:
        change = opened(email="Ada@Example.com", name="Ada", reference="C-1")
        ports.tickets.commit(change)

        assert ports.tickets.get(IDS[0]) == change.after
        found = ports.tickets.conversation(IDS[0])
        assert (found.ticket, found.messages) == (change.after, change.messages)

    def test_a_whole_story_comes_back_and_its_events_fold_into_the_ticket(
        self, ports: Ports
    ) -> None:
        """The ticket and its history agree, over every store."""
        story = [opened(email="ada@example.com")]
        story.append(escalated(story[-1].after))
        now = MORNING + timedelta(minutes=1)
        story.append(ticket.claim(story[-1].after, ADA, now=now, length=LEASE, receipt="r-1"))
        story.append(ticket.release(story[-1].after, ADA, now=now))
        story.append(ticket.claim(story[-1].after, BOB, now=now, length=LEASE, receipt="r-2"))
        story.append(ticket.reply(story[-1].after, BOB, "Voilà,\nyour parcel ✅", now=now))
        for change in story:
            ports.tickets.commit(change)
            assert ports.tickets.get(IDS[0]) == change.after

        assert ports.tickets.events(IDS[0]) == tuple(change.event for change in story)
        assert replay(ports.tickets.events(IDS[0])) == ports.tickets.get(IDS[0])
        messages = tuple(message for change in story for message in change.messages)
        assert ports.tickets.conversation(IDS[0]).messages == messages

    def test_the_latest_is_the_ticket_with_its_last_message(self, ports: Ports) -> None:
        change = opened()
        ports.tickets.commit(change)
        assert ports.tickets.latest(IDS[0]).messages == change.messages

        answer = answered(change.after)
        ports.tickets.commit(answer)
        found = ports.tickets.latest(IDS[0])

        assert found.ticket.state is State.ANSWERED
        assert found.messages == answer.messages

    def test_more_than_ten_messages_keep_their_order(self, ports: Ports) -> None:
        change = opened()
        ports.tickets.commit(change)
        for number in range(2, 13):
            before = change.after
            after = replace(before, version=before.version + 1, messages=number)
            event = replace(change.event, number=after.version, changed={"messages": number})
            said = Message(
                number=number, source=ticket.Source.CUSTOMER, text=str(number), at=MORNING
            )
            change = Change(before, after, event, (said,))
            ports.tickets.commit(change)

        found = ports.tickets.conversation(IDS[0])

        assert [message.number for message in found.messages] == list(range(1, 13))

    def test_an_unknown_ticket_is_nothing(self, ports: Ports) -> None:
        assert ports.tickets.get(IDS[9]) is None
        assert ports.tickets.latest(IDS[9]) is None
        assert ports.tickets.conversation(IDS[9]) is None
        assert ports.tickets.events(IDS[9]) == ()

    def test_what_is_remembered_of_a_move_is_found_under_its_key(self, ports: Ports) -> None:
        first = opened()
        ports.tickets.commit(first)
        said = ticket.follow_up(first.after, "And now?", now=MORNING + SECOND)
        of_message = repeat(KEY, said, sealed_token="sealed")
        ports.tickets.commit(said, of_message)
        closed = ticket.withdraw(said.after, now=MORNING + 2 * SECOND)
        of_event = repeat(IdempotencyKey("shop", "other"), closed)
        ports.tickets.commit(closed, of_event)

        def found(known: Repeat, since: timedelta = SECOND, ticket_id: str = IDS[0]) -> Any:
            return ports.tickets.repeat(ticket_id, known.key_id, MORNING + since)

        assert (found(of_message), found(of_event)) == (of_message, of_event)
        assert found(of_message, 2 * SECOND) is None
        assert found(of_event, 3 * SECOND) is None
        assert found(of_message, ticket_id=IDS[1]) is None
        assert ports.tickets.repeat(IDS[0], IdempotencyKey("shop", "none").id, MORNING) is None

    def test_who_is_not_verified_stays_so_and_has_a_list_of_their_own(self, ports: Ports) -> None:
        known, claimed = (
            opened(ticket_id, email="ada@example.com", verified=verified)
            for ticket_id, verified in zip(IDS, (True, False), strict=False)
        )
        for change in (known, claimed):
            ports.tickets.commit(change)

        both = [Customer(email="Ada@example.com", verified=verified) for verified in (True, False)]
        lists = [[each.id for each in ports.tickets.of_customer(customer)] for customer in both]
        assert lists == [[IDS[0]], [IDS[1]]]
        assert ports.tickets.get(IDS[1]) == claimed.after
        assert replay(ports.tickets.events(IDS[1])) == claimed.after

    def test_an_id_is_taken_once(self, ports: Ports) -> None:
        ports.tickets.commit(opened())

        with pytest.raises(ConflictError):
            ports.tickets.commit(opened())

    def test_of_two_moves_from_one_state_the_second_is_refused_whole(self, ports: Ports) -> None:
        change = opened()
        ports.tickets.commit(change)
        first, second = answered(change.after), escalated(change.after)
        ports.tickets.commit(first)

        with pytest.raises(ConflictError):
            ports.tickets.commit(second)
        assert ports.tickets.get(IDS[0]) == first.after
        assert len(ports.tickets.events(IDS[0])) == 2
        assert ports.tickets.conversation(IDS[0]).messages == change.messages + first.messages

    def test_a_move_of_an_unknown_ticket_is_refused(self, ports: Ports) -> None:
        with pytest.raises(ConflictError):
            ports.tickets.commit(answered(opened().after))


class TestSubmissions:
    def test_a_submission_is_remembered_with_its_ticket(self, ports: Ports) -> None:
        change = opened()
        first = submission(KEY, change)
        ports.tickets.commit(change, first)

        assert ports.tickets.submission(KEY.id, MORNING) == first

    def test_a_taken_key_keeps_the_second_ticket_from_being_stored(self, ports: Ports) -> None:
        one, two = opened(IDS[0]), opened(IDS[1])
        first = submission(KEY, one)
        ports.tickets.commit(one, first)

        with pytest.raises(ConflictError):
            ports.tickets.commit(two, submission(KEY, two))
        assert ports.tickets.get(IDS[1]) is None
        assert ports.tickets.submission(KEY.id, MORNING) == first

    def test_an_expired_key_is_forgotten_and_may_be_taken_again(self, ports: Ports) -> None:
        life = timedelta(days=1)
        one, two = opened(IDS[0]), opened(IDS[1], now=MORNING + life)
        ports.tickets.commit(one, submission(KEY, one, life=life))

        assert ports.tickets.submission(KEY.id, MORNING + life - SECOND) is not None
        assert ports.tickets.submission(KEY.id, MORNING + life) is None
        again = submission(KEY, two)
        ports.tickets.commit(two, again)
        assert ports.tickets.submission(KEY.id, MORNING + life) == again

    def test_an_unknown_key_is_nothing(self, ports: Ports) -> None:
        assert ports.tickets.submission("unknown", MORNING) is None


class TestOverdue:
    def overdue(self, ports: Ports, awaiting: Awaiting, after: timedelta) -> list[str]:
        return [late.ticket.id for late in ports.tickets.overdue(awaiting, MORNING + after)]

    def test_a_ticket_is_overdue_when_its_patience_ends(self, ports: Ports) -> None:
        ports.tickets.commit(opened())

        assert self.overdue(ports, Awaiting.INTAKE, PATIENCE - SECOND) == []
        assert self.overdue(ports, Awaiting.INTAKE, PATIENCE) == [IDS[0]]

    def test_oldest_first(self, ports: Ports) -> None:
        for number in (2, 0, 1):
            ports.tickets.commit(opened(IDS[number], now=MORNING + number * SECOND))

        assert self.overdue(ports, Awaiting.INTAKE, timedelta(hours=1)) == IDS[:3]

    def test_each_state_awaits_its_queue(self, ports: Ports) -> None:
        changes = [opened(ticket_id) for ticket_id in IDS[:3]]
        for change in changes:
            ports.tickets.commit(change)
        ports.tickets.commit(escalated(changes[1].after))
        ports.tickets.commit(answered(changes[2].after))
        hour = timedelta(hours=1)

        assert self.overdue(ports, Awaiting.INTAKE, hour) == [IDS[0]]
        assert self.overdue(ports, Awaiting.ESCALATION, hour) == [IDS[1]]
        assert ports.tickets.waiting(Awaiting.INTAKE) == 1
        assert ports.tickets.waiting(Awaiting.ESCALATION) == 1

    def test_a_held_ticket_is_overdue_after_its_lease(self, ports: Ports) -> None:
        """The queue hides its message for as long as the agent holds the ticket."""
        change = opened()
        ports.tickets.commit(change)
        change = escalated(change.after)
        ports.tickets.commit(change)
        ports.tickets.commit(
            ticket.claim(change.after, ADA, now=MORNING, length=LEASE, receipt="r-1")
        )

        assert self.overdue(ports, Awaiting.ESCALATION, LEASE + PATIENCE - SECOND) == []
        assert self.overdue(ports, Awaiting.ESCALATION, LEASE + PATIENCE) == [IDS[0]]

    def test_a_snoozed_ticket_awaits_waking_and_no_queue(self, ports: Ports) -> None:
        change = opened()
        ports.tickets.commit(change)
        for move in (
            escalated,
            lambda held: ticket.claim(held, ADA, now=MORNING, length=LEASE),
            lambda held: ticket.snooze(held, ADA, until=MORNING + LEASE, now=MORNING),
        ):
            change = move(change.after)
            ports.tickets.commit(change)

        assert ports.tickets.waiting(Awaiting.ESCALATION) == 0
        assert self.overdue(ports, Awaiting.WAKING, LEASE - SECOND) == []
        assert self.overdue(ports, Awaiting.WAKING, LEASE) == [IDS[0]]

    def test_a_nudge_is_counted_and_puts_the_ticket_off(self, ports: Ports) -> None:
        ports.tickets.commit(opened())
        now = MORNING + PATIENCE
        (late,) = ports.tickets.overdue(Awaiting.INTAKE, now)
        assert (late.due, late.nudges) == (now, 0)

        ports.tickets.nudge(late, now)

        assert list(ports.tickets.overdue(Awaiting.INTAKE, now + PATIENCE - SECOND)) == []
        (late,) = ports.tickets.overdue(Awaiting.INTAKE, now + PATIENCE)
        assert (late.due, late.nudges) == (now + PATIENCE, 1)
        assert ports.tickets.get(IDS[0]) == late.ticket

    def test_two_reconcilers_nudge_once(self, ports: Ports) -> None:
        ports.tickets.commit(opened())
        (late,) = ports.tickets.overdue(Awaiting.INTAKE, MORNING + PATIENCE)
        ports.tickets.nudge(late, MORNING + PATIENCE)

        with pytest.raises(ConflictError):
            ports.tickets.nudge(late, MORNING + PATIENCE)

    def test_a_ticket_that_moved_is_not_nudged(self, ports: Ports) -> None:
        change = opened()
        ports.tickets.commit(change)
        (late,) = ports.tickets.overdue(Awaiting.INTAKE, MORNING + PATIENCE)
        ports.tickets.commit(escalated(change.after))

        with pytest.raises(ConflictError):
            ports.tickets.nudge(late, MORNING + PATIENCE)

    def test_a_move_starts_the_count_anew(self, ports: Ports) -> None:
        change = opened()
        ports.tickets.commit(change)
        (late,) = ports.tickets.overdue(Awaiting.INTAKE, MORNING + PATIENCE)
        ports.tickets.nudge(late, MORNING + PATIENCE)
        moved = escalated(change.after)
        ports.tickets.commit(moved)

        (late,) = ports.tickets.overdue(Awaiting.ESCALATION, MORNING + timedelta(hours=1))

        assert (late.due, late.nudges) == (moved.after.updated_at + PATIENCE, 0)


class TestQueue:
    HIDDEN = timedelta(minutes=1)

    def test_an_empty_queue_has_nothing(self, ports: Ports) -> None:
        assert ports.queue.receive(self.HIDDEN) is None
        assert ports.queue.depth() == 0

    def test_a_message_is_received_once_while_hidden(self, ports: Ports) -> None:
        ports.queue.send(IDS[0])

        assert ports.queue.receive(self.HIDDEN).ticket_id == IDS[0]
        assert ports.queue.receive(self.HIDDEN) is None
        assert ports.queue.depth() == 1

    def test_a_message_comes_back_when_it_was_not_settled(self, ports: Ports) -> None:
        """T11: what an agent abandons is there again after its time."""
        ports.queue.send(IDS[0])
        ports.queue.receive(self.HIDDEN)

        ports.wait(self.HIDDEN - SECOND)
        assert ports.queue.receive(self.HIDDEN) is None
        ports.wait(2 * SECOND)
        assert ports.queue.receive(self.HIDDEN).ticket_id == IDS[0]

    def test_a_settled_message_is_gone(self, ports: Ports) -> None:
        ports.queue.send(IDS[0])
        ports.queue.delete(ports.queue.receive(self.HIDDEN).receipt)

        ports.wait(2 * self.HIDDEN)
        assert ports.queue.receive(self.HIDDEN) is None
        assert ports.queue.depth() == 0

    def test_a_message_put_back_is_there_at_once(self, ports: Ports) -> None:
        ports.queue.send(IDS[0])
        ports.queue.put_back(ports.queue.receive(self.HIDDEN).receipt)

        assert ports.queue.receive(self.HIDDEN).ticket_id == IDS[0]

    def test_settling_twice_is_no_error(self, ports: Ports) -> None:
        ports.queue.send(IDS[0])
        receipt = ports.queue.receive(self.HIDDEN).receipt
        ports.queue.delete(receipt)

        ports.queue.delete(receipt)
        ports.queue.put_back(receipt)
        assert ports.queue.depth() == 0

    def test_the_same_ticket_may_be_sent_twice(self, ports: Ports) -> None:
        ports.queue.send(IDS[0])
        ports.queue.send(IDS[0])

        assert ports.queue.depth() == 2

    def test_a_queue_that_cannot_take_a_message_says_so(self, ports: Ports) -> None:
        with pytest.raises(QueueUnavailableError):
            ports.broken_queue.send(IDS[0])


class TestArticles:
    def test_what_was_put_comes_back(self, ports: Ports) -> None:
        article = an_article("refund", priority=Priority.HIGH, needs_person=True, version=3)
        ports.articles.put(article)

        assert ports.articles.get("refund") == article

    def test_an_edit_is_read_at_once(self, ports: Ports) -> None:
        """T13."""
        ports.articles.put(an_article("refund"))
        ports.articles.put(an_article("refund", answer="New."))

        assert ports.articles.get("refund").answer == "New."

    def test_a_removed_and_an_unknown_article_are_nothing(self, ports: Ports) -> None:
        ports.articles.put(an_article("refund"))
        ports.articles.remove("refund")
        ports.articles.remove("refund")

        assert ports.articles.get("refund") is None
        assert ports.articles.get("unheard_of") is None

    def test_all_by_intent(self, ports: Ports) -> None:
        for intent in ("refund", "cancel_order", "track_order"):
            ports.articles.put(an_article(intent))

        intents = [article.intent for article in ports.articles.all()]
        assert intents == ["cancel_order", "refund", "track_order"]
