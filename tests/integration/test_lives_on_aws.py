"""The random lives of `tests/lives` over the adapters for AWS, in the process.

`LIVES=1000 python -m pytest tests/integration/test_lives_on_aws.py -m slow` for more than a few.
"""

import json
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from unittest import mock

import boto3
import pytest
from helpdesk import stats
from helpdesk.aws import clients
from helpdesk.aws.attachments import DynamoAttachments
from helpdesk.aws.figures import DynamoFigures
from helpdesk.aws.knowledge import DynamoKnowledge
from helpdesk.aws.letters import DynamoMailbox
from helpdesk.aws.queues import SqsQueue
from helpdesk.aws.tickets import DynamoTickets
from helpdesk.cases import Rules
from helpdesk.notifying import audience
from helpdesk.receiving import Mailroom
from helpdesk.ticket import Move
from helpdesk.triage import Reason
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from tests.fakes import KNOWN, MAX_RECEIVES, MORNING, PATIENCE, UNKNOWN, Clock, Office
from tests.filed import InMemoryVault
from tests.integration.conftest import Stack
from tests.lives.acts import CALMLY, Lives
from tests.lives.drawing import draw_alike
from tests.lives.promises import BrokenPromiseError, Promise, expect
from tests.lives.steps import HOLDER
from tests.lives.world import ARTICLES, Delivery, script
from tests.mailroom import open_room

pytestmark = pytest.mark.slow  # thousands of lives

EVERY_TIME = 10
STEPS = 15


@pytest.fixture(autouse=True)
def the_same_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    draw_alike(monkeypatch)


class Aws:
    """The adapters over a stack, emptied; its queues go by the office's clock."""

    def __init__(self, stack: Stack, clock: Clock) -> None:
        stack.empty()
        self._sqs = boto3.client("sqs")
        self._urls = stack.outputs
        self._table = clients.table(stack.outputs["TicketsTable"])
        self.vault, self.files = InMemoryVault(), DynamoAttachments(self._table)
        self.office = Office(
            clock=clock,
            tickets=DynamoTickets(self._table, patience=PATIENCE, heard_by=audience("webhook")),
            intake=SqsQueue(self._sqs, stack.outputs["IntakeQueueUrl"]),
            escalations=SqsQueue(self._sqs, stack.outputs["EscalationQueueUrl"]),
            articles=DynamoKnowledge(clients.table(stack.outputs["KnowledgeTable"])),
            understander=script(),
            rules=Rules(),
            shelf=DynamoFigures(self._table),
            files=self.files,
        )
        for article in ARTICLES:
            self.office.articles.put(article)

    def take(self, most: int) -> list[Delivery]:
        answer = self._sqs.receive_message(
            QueueUrl=self._urls["IntakeQueueUrl"],
            MaxNumberOfMessages=most,
            WaitTimeSeconds=0,
            MessageSystemAttributeNames=["ApproximateReceiveCount"],
        )
        return [
            Delivery(
                json.loads(message["Body"])["ticket"],
                message["ReceiptHandle"],
                int(message["Attributes"]["ApproximateReceiveCount"]),
            )
            for message in answer.get("Messages", ())
        ]

    def purge(self, queue: SqsQueue) -> None:
        self._sqs.purge_queue(QueueUrl=queue._url)

    def dead_letters(self) -> list[str]:
        url, found = self._urls["IntakeDeadLettersUrl"], []
        while messages := self._sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=0
        ).get("Messages"):
            for message in messages:
                found.append(json.loads(message["Body"])["ticket"])
                self._sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return found

    def mailroom(self, office: Office) -> Mailroom:
        room = open_room(
            office,
            DynamoMailbox(self._table),
            register=self.files,
            vault=self.vault,
        )
        return room.room

    def filed(self, ticket_id: str) -> dict[str, bytes | None]:
        return self.vault.contents(self.files.of(ticket_id))

    def leaving(self) -> list[str]:
        whole = boto3.resource("dynamodb").Table(self._table.name)
        found = whole.scan(ConsistentRead=True)["Items"]
        return [
            f"{each['ticket_id']}.{int(each['number'])}"
            for each in found
            if each["sk"].startswith("DISPATCH#0") and "ended_at" not in each
        ]

    def to_be_heard(self) -> list[str]:
        whole = boto3.resource("dynamodb").Table(self._table.name)
        found = whole.scan(ConsistentRead=True)["Items"]
        return [
            f"{each['ticket_id']}-{int(each['number'])}-webhook"
            for each in found
            if each["sk"].startswith("DISPATCH#webhook#")
            and "ended_at" not in each
            and "due_at" not in each
        ]

    def stored(self) -> list[str]:
        whole = boto3.resource("dynamodb").Table(self._table.name)
        keys = whole.scan(ProjectionExpression="pk, sk", ConsistentRead=True)["Items"]
        return [key["pk"].removeprefix("TICKET#") for key in keys if key["sk"] == "TICKET"]


@contextmanager
def queues_by(clock: Clock) -> Iterator[None]:
    """Let moto's queues see the time of a clock."""
    seconds = mock.patch("moto.sqs.models.unix_time", side_effect=lambda: clock().timestamp())
    milliseconds = mock.patch(
        "moto.sqs.models.unix_time_millis", side_effect=lambda: clock().timestamp() * 1_000
    )
    with seconds, milliseconds:
        yield


class OverAws(Lives):
    """Lives over a stack; `lived` counts them."""

    lived = 0
    stack: Stack
    clock: Clock

    def open_world(self) -> Aws:
        OverAws.lived += 1
        self.clock.now = MORNING
        return Aws(self.stack, self.clock)

    def _come_to_rest(self) -> None:
        super()._come_to_rest()
        self.expect_every_escalation_counted()

    def expect_every_escalation_counted(self) -> None:
        """Compare the statistics with the stories."""
        stories = [self._story(each.id) for each in self._tickets()]
        told = Counter(reason for story in stories for reason in story.escalations)
        since, until = MORNING, self.clock.now + timedelta(minutes=1)
        figures = stats.count(self.office.tickets.happened(since, until), since, until)
        why = f"{dict(told)} in the stories, {figures.escalated} of {figures.reasons} in figures"
        expect(Promise.COUNTED, figures.escalated == told.total(), why)
        for reason, times in told.items():
            expect(Promise.COUNTED, figures.reasons.get(Reason(reason), 0) == times, why)


@pytest.fixture
def over_aws(deployed: Stack) -> Iterator[type[OverAws]]:
    OverAws.lived, OverAws.stack, OverAws.clock = 0, deployed, Clock()
    with queues_by(OverAws.clock):
        yield OverAws


def test_no_life_of_a_ticket_breaks_a_promise_on_aws(
    deployed: Stack, over_aws: type[OverAws]
) -> None:
    """T7 to T10, F5 to F7, F12, R14, with the tables and queues of the template."""
    wanted = int(os.environ.get("LIVES", EVERY_TIME))
    assert int(deployed.environments["WorkerFunction"]["MAX_RECEIVES"]) == MAX_RECEIVES
    chosen = settings(
        CALMLY,
        max_examples=wanted,
        stateful_step_count=STEPS,
        database=None,
        derandomize="LIVES" not in os.environ,
    )

    run_state_machine_as_test(over_aws, settings=chosen)

    assert over_aws.lived >= wanted


def handed_over(life: OverAws, move: Move) -> None:
    """Live a life in which a ticket comes to people by a move of the desk or the customer."""
    life.begin([UNKNOWN if move is not Move.RATED else KNOWN], delivered=True)
    if move is Move.RATED:
        life.conclude(0, "did not help", None)
    if move is Move.FOLLOWED_UP:
        life.reply(0, HOLDER, None, None)
        life.follow_up(0, KNOWN, None)
    life.every_story_is_legal()
    life.expect_every_escalation_counted()


@pytest.mark.parametrize("move", [Move.ESCALATED, Move.RATED, Move.FOLLOWED_UP])
def test_each_way_to_people_is_counted(over_aws: type[OverAws], move: Move) -> None:
    life = over_aws()
    handed_over(life, move)

    told = {event.move for each in life._tickets() for event in life.office.tickets.events(each.id)}
    assert move in told


@pytest.mark.parametrize("move", [Move.ESCALATED, Move.RATED, Move.FOLLOWED_UP])
def test_an_escalation_that_is_not_counted_is_found(
    over_aws: type[OverAws], monkeypatch: pytest.MonkeyPatch, move: Move
) -> None:
    """A planted bug: statistics that do not hear of one kind of event."""
    happened = DynamoTickets.happened
    monkeypatch.setattr(
        DynamoTickets,
        "happened",
        lambda *args: [each for each in happened(*args) if each.move is not move],
    )

    with pytest.raises(BrokenPromiseError, match=f"^{Promise.COUNTED}: "):
        handed_over(over_aws(), move)
