"""The random lives of `tests/lives` over the adapters for AWS, in the process.

`LIVES=1000 python -m pytest tests/integration/test_lives_on_aws.py` for more than a few.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

import boto3
import pytest
from helpdesk.aws import clients
from helpdesk.aws.knowledge import DynamoKnowledge
from helpdesk.aws.queues import SqsQueue
from helpdesk.aws.tickets import DynamoTickets
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from tests.fakes import MAX_RECEIVES, MORNING, PATIENCE, Clock, Office
from tests.integration.conftest import Stack
from tests.lives.acts import CALMLY, Lives
from tests.lives.world import ARTICLES, Delivery, script

pytestmark = pytest.mark.slow  # thousands of lives

EVERY_TIME = 10
STEPS = 15


class Aws:
    """The adapters over a stack, emptied; its queues go by the office's clock."""

    def __init__(self, stack: Stack, clock: Clock) -> None:
        stack.empty()
        self._sqs = boto3.client("sqs")
        self._urls = stack.outputs
        self._table = clients.table(stack.outputs["TicketsTable"])
        self.office = Office(
            clock=clock,
            tickets=DynamoTickets(self._table, patience=PATIENCE),
            intake=SqsQueue(self._sqs, stack.outputs["IntakeQueueUrl"]),
            escalations=SqsQueue(self._sqs, stack.outputs["EscalationQueueUrl"]),
            articles=DynamoKnowledge(clients.table(stack.outputs["KnowledgeTable"])),
            understander=script(),
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

    def stored(self) -> list[str]:
        keys = self._table.scan(ProjectionExpression="pk, sk", ConsistentRead=True)["Items"]
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


def test_no_life_of_a_ticket_breaks_a_promise_on_aws(deployed: Stack) -> None:
    """T7 to T10, F5 to F7, F12, R14, with the tables and queues of the template."""
    wanted = int(os.environ.get("LIVES", EVERY_TIME))
    assert int(deployed.environments["WorkerFunction"]["MAX_RECEIVES"]) == MAX_RECEIVES
    clock = Clock()

    class OverAws(Lives):
        lived = 0

        def open_world(self) -> Aws:
            OverAws.lived += 1
            clock.now = MORNING
            return Aws(deployed, clock)

    chosen = settings(
        CALMLY,
        max_examples=wanted,
        stateful_step_count=STEPS,
        database=None,
        derandomize="LIVES" not in os.environ,
    )
    with queues_by(clock):
        run_state_machine_as_test(OverAws, settings=chosen)
    assert OverAws.lived >= wanted
