"""The clock's door: what the queues lost is found in the table."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from helpdesk import access, ticket
from helpdesk.aws import clients
from helpdesk.aws.figures import DynamoFigures
from helpdesk.aws.queues import SqsQueue
from helpdesk.aws.tickets import DynamoTickets
from helpdesk.notifying import audience
from helpdesk.reconciling import NUDGES_BEFORE_GIVING_UP, RESEND_ANYWAY
from helpdesk.ticket import State
from helpdesk.triage import Escalate, Reason

from tests.fakes import Clock, an_understanding
from tests.integration.conftest import Function, Stack, load

QUIET = {
    "overdue": 0,
    "sent_again": 0,
    "given_up": 0,
    "woken": 0,
    "posted_again": 0,
    "notified_again": 0,
}


@dataclass(frozen=True)
class Desk:
    """The reconciler function, the table and queues it looks at, and its clock."""

    run: Callable[[], dict[str, int]]
    clock: Clock
    tickets: DynamoTickets
    intake: SqsQueue
    escalations: SqsQueue
    stack: Stack
    patience: timedelta

    def received(self, ticket_id: str) -> str:
        """Store a ticket whose intake message was lost."""
        self.tickets.commit(
            ticket.submit(
                ticket_id=ticket_id,
                text="Where is my order?",
                customer=ticket.Customer(),
                channel="web",
                token_hash=access.token_hash("token"),
                now=self.clock(),
                token_life=timedelta(days=90),
                retention=timedelta(days=400),
            )
        )
        return ticket_id

    def escalated(self, ticket_id: str) -> str:
        """Store a ticket whose escalation message was lost."""
        self.received(ticket_id)
        received = self.tickets.get(ticket_id)
        assert received is not None
        decision = Escalate(Reason.OUT_OF_SCOPE)
        self.tickets.commit(ticket.settle(received, an_understanding(), decision, now=self.clock()))
        return ticket_id

    def on(self, output: str) -> list[str]:
        """Take what is on a queue."""
        return sorted(json.loads(body)["ticket"] for body in self.stack.take_messages(output))

    def lose_messages(self) -> None:
        for output in ("IntakeQueueUrl", "EscalationQueueUrl"):
            boto3.client("sqs").purge_queue(QueueUrl=self.stack.outputs[output])


@pytest.fixture(scope="module")
def function(template: dict[str, Any], deployed: Stack) -> Function:
    return load(template, deployed, "ReconcilerFunction")


@pytest.fixture
def desk(function: Function, stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Desk:
    patience = timedelta(seconds=int(stack.environments["ReconcilerFunction"]["QUEUE_PATIENCE"]))
    clock = Clock(datetime.now(UTC).replace(microsecond=0))
    monkeypatch.setattr(function.module, "partial", lambda *_: clock)
    sqs = clients.sqs()
    return Desk(
        run=lambda: function({"source": "aws.events"}),
        clock=clock,
        tickets=DynamoTickets(clients.table(stack.outputs["TicketsTable"]), patience=patience),
        intake=SqsQueue(sqs, stack.outputs["IntakeQueueUrl"]),
        escalations=SqsQueue(sqs, stack.outputs["EscalationQueueUrl"]),
        stack=stack,
        patience=patience,
    )


def an_id(number: int) -> str:
    return f"{number:016}"


def test_with_nothing_overdue_nothing_is_done(desk: Desk) -> None:
    desk.received(an_id(1))

    assert desk.run() == QUIET
    assert desk.on("IntakeQueueUrl") == []


def test_emptied_queues_are_refilled_from_the_table(desk: Desk) -> None:
    received = [desk.received(an_id(number)) for number in range(3)]
    escalated = [desk.escalated(an_id(number)) for number in range(3, 5)]
    desk.clock.advance(desk.patience)

    assert desk.run() == QUIET | {"overdue": 5, "sent_again": 5}
    assert desk.on("IntakeQueueUrl") == received
    assert desk.on("EscalationQueueUrl") == escalated


def test_a_full_queue_is_not_fed(desk: Desk) -> None:
    for number in range(3):
        desk.intake.send(desk.received(an_id(number)))
    desk.intake.receive(timedelta(minutes=3))  # a worker has one in hand
    desk.clock.advance(desk.patience)

    assert desk.run() == QUIET | {"overdue": 3}
    assert desk.intake.depth() == 3


def test_a_message_lost_behind_duplicates_is_sent_in_the_end(desk: Desk) -> None:
    lost, twice = desk.received(an_id(1)), desk.received(an_id(2))
    desk.intake.send(twice)
    desk.intake.send(twice)

    desk.clock.advance(desk.patience)
    assert desk.run()["sent_again"] == 0
    desk.clock.advance(RESEND_ANYWAY)
    assert desk.run()["sent_again"] == 2
    assert lost in desk.on("IntakeQueueUrl")


def test_the_next_run_lets_what_was_sent_be_dealt_with(desk: Desk) -> None:
    desk.received(an_id(1))
    desk.clock.advance(desk.patience)
    desk.run()
    desk.lose_messages()

    assert desk.run() == QUIET


def test_after_too_many_nudges_a_person_gets_the_ticket(desk: Desk) -> None:
    """F6: never a lost question."""
    ticket_id = desk.received(an_id(1))
    for _ in range(NUDGES_BEFORE_GIVING_UP):
        desk.clock.advance(desk.patience)
        assert desk.run()["sent_again"] == 1
        desk.lose_messages()
    desk.clock.advance(desk.patience)

    assert desk.run() == QUIET | {"overdue": 1, "given_up": 1}
    found = desk.tickets.get(ticket_id)
    assert found is not None
    assert (found.state, found.reason) == (State.ESCALATED, Reason.PROCESSING_FAILED)
    assert desk.on("EscalationQueueUrl") == [ticket_id]


def test_many_lost_messages_are_found_and_none_is_sent_twice(desk: Desk) -> None:
    """R2."""
    lost = [desk.received(an_id(number)) for number in range(30)]
    desk.clock.advance(desk.patience)

    assert desk.run()["sent_again"] == 30
    found = [ticket_id for _ in range(3) for ticket_id in desk.on("IntakeQueueUrl")]
    assert sorted(found) == lost


def test_the_counts_are_logged_and_measured(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.received(an_id(1))
    desk.clock.advance(desk.patience)
    desk.run()

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    waited, metrics = (line for line in lines if "_aws" in line)
    assert waited["OldestReceived"] == desk.patience.total_seconds()
    assert (metrics["Overdue"], metrics["SentAgain"]) == (1.0, 1.0)
    assert "GivenUp" not in metrics, "a metric that is zero is charged as well"
    assert {"overdue": 1, "sent_again": 1}.items() <= metrics.items()


def test_what_happened_is_counted_and_the_count_is_no_metric(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    """A metric that is told every minute is charged every month."""
    desk.clock.now = datetime.now(UTC)
    desk.escalated(an_id(1))
    desk.run()

    day = DynamoFigures(clients.table(desk.stack.outputs["TicketsTable"])).day(desk.clock().date())
    assert day
    assert (day.flow, day.came["status"]) == (
        {"received": 1, "escalated": 1},
        {"escalated": 1},
    )
    assert "_aws" not in capsys.readouterr().out


@pytest.mark.parametrize(("on", "found"), [("webhook", 1), ("", 0)])
def test_what_leads_were_not_told_is_named_again_if_a_channel_is_on(
    template: dict[str, Any], stack: Stack, monkeypatch: pytest.MonkeyPatch, on: str, found: int
) -> None:
    """Without one the index is not asked: nothing waits there."""
    function = load(template, stack.where("ReconcilerFunction", NOTIFIED=on), "ReconcilerFunction")
    clock = Clock(datetime.now(UTC))
    monkeypatch.setattr(function.module, "partial", lambda *_: clock)
    table = clients.table(stack.outputs["TicketsTable"])
    tickets = DynamoTickets(table, heard_by=audience("webhook", "webhook: legal"))
    change = ticket.submit(
        ticket_id=an_id(1),
        text="My lawyer will sue you",
        customer=ticket.Customer(),
        channel="web",
        token_hash="hash",
        now=clock(),
        token_life=timedelta(days=90),
        retention=timedelta(days=400),
    )
    tickets.commit(change)
    decision = Escalate(Reason.LEGAL)
    tickets.commit(ticket.settle(change.after, an_understanding(), decision, now=clock()))
    clock.advance(timedelta(hours=1))

    assert function({"source": "aws.events"})["notified_again"] == found
    bodies = stack.take_messages("NoticesQueueUrl")
    assert [json.loads(each)["notice"] for each in bodies] == [f"{an_id(1)}-2-webhook"] * found
