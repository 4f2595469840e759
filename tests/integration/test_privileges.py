"""Each function's role grants what the function does, and nothing else.

An emulator that does not enforce IAM proves nothing of this. Here every call that a function's
use cases make is recorded and held against its role in the template.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock

import pytest
from botocore.client import BaseClient
from helpdesk import customers, erasure, learning, processing, reconciling, ticket
from helpdesk.access import IdempotencyKey
from helpdesk.aws import clients
from helpdesk.aws.buckets import DynamoBuckets
from helpdesk.aws.knowledge import DynamoKnowledge
from helpdesk.aws.models import GOLDEN_KEY, PublishedModels
from helpdesk.aws.queues import SqsQueue
from helpdesk.aws.tickets import DynamoTickets
from helpdesk.limits import Bucket, Limit
from helpdesk.ports import QueueName
from helpdesk.triage import Policy

from tests.fakes import (
    ADA,
    KNOWN,
    UNKNOWN,
    Clock,
    ScriptedUnderstander,
    an_article,
    an_understanding,
)
from tests.integration.conftest import Stack

type Grant = tuple[str, str]

# What Lambda itself does with a function's role: no call of ours.
LOGS = {("logs:CreateLogStream", "log group"), ("logs:PutLogEvents", "log group")}
POLLER = {
    ("sqs:ReceiveMessage", "IntakeQueue"),
    ("sqs:DeleteMessage", "IntakeQueue"),
    ("sqs:GetQueueAttributes", "IntakeQueue"),
}
STREAM = {
    ("dynamodb:DescribeStream", "KnowledgeTable"),
    ("dynamodb:GetRecords", "KnowledgeTable"),
    ("dynamodb:GetShardIterator", "KnowledgeTable"),
    ("dynamodb:ListStreams", "KnowledgeTable/stream"),
    ("dynamodb:ListStreams", "KnowledgeTable/stream"),
    ("sqs:SendMessage", "TrainerDeadLetters"),
}
# S3 tells a missing object from a forbidden one only to who may list the bucket.
LISTING = {("s3:ListBucket", "Bucket")}
ACTIONS = {"HeadObject": "GetObject"}


A_MODEL = learning.Published(
    version="v1", at=datetime(2026, 3, 2, tzinfo=UTC), knowledge="digest", figures=None
)


def resource(stack: Stack, call: dict[str, Any]) -> str:
    """Return the logical name of what a call is about."""
    names = {
        stack.outputs["TicketsTable"]: "TicketsTable",
        stack.outputs["KnowledgeTable"]: "KnowledgeTable",
        stack.outputs["IntakeQueueUrl"]: "IntakeQueue",
        stack.outputs["EscalationQueueUrl"]: "EscalationQueue",
        stack.outputs["Bucket"]: "Bucket",
    }
    if "TransactItems" in call:
        (name,) = {put["TableName"] for item in call["TransactItems"] for put in item.values()}
    elif "RequestItems" in call:
        (name,) = call["RequestItems"]
    else:
        name = next(call[key] for key in ("TableName", "QueueUrl", "Bucket") if key in call)
    if "Key" in call and "Bucket" in call:
        return f"Bucket/{call['Key'].split('/')[0]}"
    index = call.get("IndexName")
    return f"{names[name]}/{index}" if index else names[name]


@pytest.fixture
def recorded(stack: Stack) -> Iterator[set[Grant]]:
    """Record every AWS call as the action it needs and the resource it is about."""
    with recording(stack) as grants:
        yield grants


@contextmanager
def recording(stack: Stack) -> Iterator[set[Grant]]:
    grants: set[Grant] = set()
    client: Any = BaseClient
    call_aws = client._make_api_call

    def record(self: BaseClient, operation: str, call: dict[str, Any]) -> Any:
        service = self.meta.service_model.service_name
        actions = {ACTIONS.get(operation, operation)}
        if "TransactItems" in call:  # judged by what it does
            actions = {f"{verb}Item" for item in call["TransactItems"] for verb in item}
        grants.update((f"{service}:{action}", resource(stack, call)) for action in actions)
        return call_aws(self, operation, call)

    with mock.patch.object(BaseClient, "_make_api_call", record):
        yield grants


def granted(template: dict[str, Any], role: str) -> set[Grant]:
    """Return what a role of the template allows, in the same words."""
    grants = set()
    for policy in template["Resources"][role]["Properties"]["Policies"]:
        for statement in policy["PolicyDocument"]["Statement"]:
            for action in listed(statement["Action"]):
                grants |= {(action, named(given)) for given in listed(statement["Resource"])}
    return grants


def listed(given: Any) -> list[Any]:
    return given if isinstance(given, list) else [given]


def named(given: Any) -> str:
    if "Fn::GetAtt" in given:
        return str(given["Fn::GetAtt"][0])
    text: str = given["Fn::Sub"]
    if ":log-group:" in text:
        return "log group"
    name, _, rest = text.removeprefix("${").partition(".Arn}")
    return name + rest.replace("/index/", "/").removesuffix("/*")


@pytest.fixture
def tickets(stack: Stack) -> DynamoTickets:
    return DynamoTickets(clients.table(stack.outputs["TicketsTable"]))


@pytest.fixture
def intake(stack: Stack) -> SqsQueue:
    return SqsQueue(clients.sqs(), stack.outputs["IntakeQueueUrl"])


@pytest.fixture
def escalations(stack: Stack) -> SqsQueue:
    return SqsQueue(clients.sqs(), stack.outputs["EscalationQueueUrl"])


def submit(
    tickets: DynamoTickets, intake: SqsQueue, text: str, key: str | None = None
) -> customers.Receipt:
    return customers.submit(
        customers.Question(text=text, customer=ticket.Customer(), channel="web"),
        key=IdempotencyKey("shop", key) if key else None,
        tickets=tickets,
        intake=intake,
        terms=customers.Terms(token_life=timedelta(days=90), retention=timedelta(days=400)),
        now=datetime.now(UTC),
    )


def test_intake(
    template: dict[str, Any],
    recorded: set[Grant],
    tickets: DynamoTickets,
    intake: SqsQueue,
    escalations: SqsQueue,
) -> None:
    receipt = submit(tickets, intake, KNOWN, key="key")
    assert submit(tickets, intake, KNOWN, key="key") == receipt
    now = datetime.now(UTC)
    customers.fetch(receipt.ticket_id, receipt.token, tickets=tickets, now=now)
    customers.watch(
        receipt.ticket_id,
        receipt.token,
        seen=None,
        patience=timedelta(0),
        tickets=tickets,
        clock=lambda: now,
        sleep=lambda _: None,
    )
    received = tickets.get(receipt.ticket_id)
    assert received
    given_up = ticket.give_up(received, now=now)
    tickets.commit(given_up)
    claimed = ticket.claim(given_up.after, ADA, now=now, length=timedelta(minutes=15))
    tickets.commit(claimed)
    tickets.commit(ticket.reply(claimed.after, ADA, "Done.", now=now))
    customers.rate(
        receipt.ticket_id,
        receipt.token,
        helpful=False,
        comment=None,
        tickets=tickets,
        escalations=escalations,
        now=now,
    )

    long = tickets.get(receipt.ticket_id)
    assert long is not None
    for number in range(60):  # more than one transaction takes
        change = ticket.follow_up(long, f"And {number}?", now=now)
        tickets.commit(change)
        long = change.after
    erasure.erase(receipt.ticket_id, receipt.token, tickets=tickets, clock=lambda: now)
    buckets = DynamoBuckets(tickets._table)
    buckets.draw(Bucket("address", "192.0.2.1", Limit(1, 1)), 1, now)

    assert granted(template, "IntakeRole") - LOGS == recorded


def test_worker(template: dict[str, Any], stack: Stack, request: pytest.FixtureRequest) -> None:
    tickets, intake, escalations = (
        request.getfixturevalue(name) for name in ("tickets", "intake", "escalations")
    )
    knowledge = clients.table(stack.outputs["KnowledgeTable"])
    articles = DynamoKnowledge(knowledge)
    articles.put(an_article("refund"))
    models = PublishedModels(clients.s3(), stack.outputs["Bucket"], knowledge)
    models.publish(A_MODEL, b"model")
    known, unknown, failed = (
        submit(tickets, intake, text).ticket_id for text in (KNOWN, UNKNOWN, UNKNOWN)
    )

    def now() -> datetime:
        return datetime.now(UTC)

    with recording(stack) as recorded:
        current = models.current()
        assert current is not None
        models.load(current.version)
        for ticket_id in (known, unknown):
            processing.process(
                ticket_id,
                tickets=tickets,
                articles=articles,
                understander=ScriptedUnderstander({KNOWN: an_understanding(("refund", 0.9))}),
                escalations=escalations,
                policy=Policy(),
                clock=now,
            )
        processing.give_up(failed, tickets=tickets, escalations=escalations, clock=now)
        # Where the table is busy, the opening is read with a query.
        tickets.conversation(known)

    assert granted(template, "WorkerRole") - LOGS - POLLER == recorded


def test_reconciler(
    template: dict[str, Any],
    stack: Stack,
    tickets: DynamoTickets,
    intake: SqsQueue,
    escalations: SqsQueue,
) -> None:
    submit(tickets, intake, UNKNOWN)
    lost = submit(tickets, intake, UNKNOWN).ticket_id
    processing.give_up(
        lost, tickets=tickets, escalations=escalations, clock=lambda: datetime.now(UTC)
    )
    clock = Clock(datetime.now(UTC))
    grants: set[Grant] = set()
    for _ in range(reconciling.NUDGES_BEFORE_GIVING_UP + 1):
        for queue in ("IntakeQueueUrl", "EscalationQueueUrl"):
            clients.sqs().purge_queue(QueueUrl=stack.outputs[queue])
        clock.advance(timedelta(hours=2))
        with recording(stack) as recorded:
            reconciling.reconcile(
                tickets=tickets,
                queues={QueueName.INTAKE: intake, QueueName.ESCALATION: escalations},
                clock=clock,
            )
        grants |= recorded

    assert granted(template, "ReconcilerRole") - LOGS == grants


def test_predict(template: dict[str, Any], stack: Stack) -> None:
    knowledge = clients.table(stack.outputs["KnowledgeTable"])
    articles = DynamoKnowledge(knowledge)
    articles.put(an_article("refund"))
    models = PublishedModels(clients.s3(), stack.outputs["Bucket"], knowledge)
    models.publish(A_MODEL, b"model")

    with recording(stack) as recorded:
        current = models.current()
        assert current is not None
        models.load(current.version)
        understander = ScriptedUnderstander({KNOWN: an_understanding(("refund", 0.9))})
        processing.predict(KNOWN, articles=articles, understander=understander, policy=Policy())

    assert granted(template, "PredictRole") - LOGS == recorded


class Teacher:
    """Fits nothing, and understands what the script says."""

    def __init__(self, version: str) -> None:
        self._version = version

    def fit(self, utterances: Mapping[str, Sequence[str]]) -> learning.Learned:
        return learning.Learned(self._version, b"model")

    def understander(self, data: bytes) -> ScriptedUnderstander:
        return ScriptedUnderstander({KNOWN: an_understanding(("refund", 0.9))})


def test_trainer(template: dict[str, Any], stack: Stack) -> None:
    knowledge = clients.table(stack.outputs["KnowledgeTable"])
    articles = DynamoKnowledge(knowledge)
    models = PublishedModels(clients.s3(), stack.outputs["Bucket"], knowledge)
    golden = json.dumps({"text": KNOWN, "intent": "refund"}).encode()
    clients.s3().put_object(Bucket=stack.outputs["Bucket"], Key=GOLDEN_KEY, Body=golden)
    models.publish(A_MODEL, b"model")
    articles.put(an_article("refund"))

    with recording(stack) as recorded:
        outcome, _ = learning.learn(
            articles.all(),
            models=models,
            teacher=Teacher("v2"),
            golden=models.golden(),
            policy=Policy(),
            tolerance=0.02,
            clock=lambda: datetime.now(UTC),
        )

    assert outcome is learning.Outcome.PUBLISHED
    assert granted(template, "TrainerRole") >= STREAM
    assert granted(template, "TrainerRole") - LOGS - STREAM - LISTING == recorded


def test_the_record_is_not_empty(recorded: set[Grant], tickets: DynamoTickets) -> None:
    tickets.get("0123456789abcdef")

    assert json.dumps(sorted(recorded)) == '[["dynamodb:GetItem", "TicketsTable"]]'
