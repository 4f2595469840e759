"""What each request costs the tickets table, with few tickets in it and with many.

    python -m infra.measuring.table_cost --tickets 1000 100000

Runs the use cases over the adapters and the template's own table, answered in the process, and
counts for each: calls, items examined, and the read and write units DynamoDB would charge for
them, by the sizes of the items. A request whose cost does not grow with the table does not scan it.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

import boto3
from boto3.dynamodb.types import TypeSerializer
from cfnlint.decode import decode
from helpdesk import access, customers, processing, reconciling, ticket
from helpdesk.access import IdempotencyKey
from helpdesk.agents import Query, Workplace
from helpdesk.aws import clients
from helpdesk.aws.buckets import DynamoBuckets
from helpdesk.aws.knowledge import DynamoKnowledge
from helpdesk.aws.queues import SqsQueue
from helpdesk.aws.tables import Table
from helpdesk.aws.texts import DynamoTexts
from helpdesk.aws.tickets import DynamoTickets
from helpdesk.customers import Question, Terms
from helpdesk.knowledge import Article
from helpdesk.limits import Bucket, Gate, Limit
from helpdesk.ports import QueueName
from helpdesk.ticket import Agent, Customer
from helpdesk.triage import Answer, Escalate, Policy, RankedIntent, Reason, Understanding
from moto import mock_aws
from moto.dynamodb.models import dynamodb_backends

from infra.deploying.stack import TEMPLATE
from infra.measuring.meter import Item, Meter, Use, indexes, size, wire
from infra.measuring.recorded_items import items_of
from infra.paths import ROOT

ACCOUNT, REGION = "123456789012", "us-east-1"
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
TERMS = Terms(token_life=timedelta(days=90), retention=timedelta(days=400))
GROWING = {"agent: next", "stats of a day"}
"""Requests that examine more in a larger table, as their subject grows with it."""

WAITING = 100
"""Tickets that wait for people in either table; the rest was answered over the last year."""

UNDERSTOOD = Understanding(
    ranking=tuple(RankedIntent(f"intent_{n}", 0.9 / n**3, 0.5) for n in range(1, 6)),
    scope=0.9,
    scope_required=0.5,
    language="en",
    sentiment=0.0,
    entities=(),
    model="0123456789abcdef",
)
ARTICLE = Article(
    intent="intent_1",
    title="Where an order is",
    answer="Follow the link in the mail that said your order was sent. " * 8,
    utterances=("where is my order",),
    category="orders",
    department="orders",
)


class _Understander:
    def understand(self, text: str) -> Understanding:
        return UNDERSTOOD if "order" in text else _strange()


def _not_unlimited(error: Exception) -> None:
    raise error


def _strange() -> Understanding:
    return Understanding(
        ranking=UNDERSTOOD.ranking,
        scope=0.0,
        scope_required=0.5,
        language="en",
        sentiment=0.0,
        entities=(),
        model=UNDERSTOOD.model,
    )


@dataclass(frozen=True, slots=True)
class _Desk:
    tickets: DynamoTickets
    articles: DynamoKnowledge
    texts: DynamoTexts
    intake: SqsQueue
    escalations: SqsQueue
    table: Table
    meter: Meter

    def agent(self, at: datetime = NOW) -> Workplace:
        return Workplace(
            agent=Agent("ada"),
            tickets=self.tickets,
            escalations=self.escalations,
            articles=self.articles,
            clock=lambda: at,
        )


def measure(tickets: int) -> dict[str, Use]:
    """Return what each request costs with that many tickets in the table."""
    with _desk() as at:
        _fill(tickets)
        return dict(_requests(at))


def _requests(at: _Desk) -> Iterator[tuple[str, Use]]:
    made: dict[str, customers.Receipt] = {}

    def submit(text: str, key: str) -> None:
        made[key] = customers.submit(
            Question(text=text, customer=Customer(email="kim@example.com"), channel="web"),
            key=IdempotencyKey("shop", key),
            tickets=at.tickets,
            intake=at.intake,
            terms=TERMS,
            now=NOW,
        )

    def process(key: str) -> None:
        processing.process(
            made[key].ticket_id,
            tickets=at.tickets,
            articles=at.articles,
            texts=at.texts,
            understander=_Understander(),
            escalations=at.escalations,
            policy=Policy(),
            clock=lambda: NOW,
        )

    def follow_up() -> None:
        customers.follow_up(
            made["one"].ticket_id,
            made["one"].token,
            "where is it?",
            tickets=at.tickets,
            intake=at.intake,
            escalations=at.escalations,
            texts=at.texts,
            now=NOW,
        )

    def reconcile(now: datetime) -> None:
        reconciling.reconcile(
            tickets=at.tickets,
            texts=at.texts,
            queues={QueueName.INTAKE: at.intake, QueueName.ESCALATION: at.escalations},
            clock=lambda: now,
        )

    def metered(action: Callable[[], object]) -> Use:
        at.meter.use = Use()
        action()
        return at.meter.use

    def admit() -> None:
        limit = Limit(per_second=1, burst=10)
        callers = [Bucket(kind, "kim", limit) for kind in ("customer", "address", "application")]
        Gate(DynamoBuckets(at.table), _not_unlimited).admit(*callers, now=NOW)

    day = timedelta(days=1)
    yield "any: within the caller's limits", metered(admit)
    yield "submit", metered(lambda: submit("where is my order?", "one"))
    yield "the same again, by its key", metered(lambda: submit("where is my order?", "one"))
    yield "process: answer", metered(lambda: process("one"))
    receipt = made["one"]
    yield (
        "fetch",
        metered(
            lambda: customers.fetch(receipt.ticket_id, receipt.token, tickets=at.tickets, now=NOW)
        ),
    )
    yield "follow up", metered(follow_up)
    submit("something else", "two")
    yield "process: escalate", metered(lambda: process("two"))
    yield f"reconcile, {WAITING} tickets overdue", metered(lambda: reconcile(NOW))
    yield "reconcile, nothing overdue", metered(lambda: reconcile(NOW))
    yield "agent: next", metered(lambda: at.agent().take_next())
    other = made["two"].ticket_id
    yield "agent: claim", metered(lambda: at.agent().claim(other))
    yield "agent: show", metered(lambda: at.agent().show(other))
    yield "agent: reply", metered(lambda: at.agent().reply(other, "Here you are."))
    yield "agent: list, first 25", metered(lambda: at.agent().find(Query(limit=25)))
    yield (
        "agent: a customer's tickets",
        metered(lambda: at.agent().find(Query(customer="kim@example.com"))),
    )
    yield "stats of a day", metered(lambda: at.agent().stats(NOW - day, NOW + day))


def _fill(tickets: int) -> None:
    """Put tickets into the table as if they came in over a year, the last ones still waiting."""
    table = dynamodb_backends[ACCOUNT][REGION].get_table("tickets")
    plain: Any = TypeSerializer().serialize
    for number in range(tickets):
        waits = number >= tickets - WAITING
        then = (
            NOW - timedelta(minutes=30)
            if waits
            else NOW - (tickets - number) * (timedelta(days=365) / tickets)
        )
        change = ticket.submit(
            ticket_id=_id(number),
            text="Do you sell gift wrapping?" if waits else "Where is my order 12345?",
            customer=Customer(email=f"customer{number % 5000}@example.com"),
            channel="web",
            token_hash=access.token_hash("token"),
            now=then,
            token_life=TERMS.token_life,
            retention=TERMS.retention,
        )
        decision = Escalate(Reason.OUT_OF_SCOPE) if waits else Answer(ARTICLE)
        change = ticket.settle(change.after, UNDERSTOOD, decision, now=then)
        for item in items_of(change):
            table.put_item(plain(item)["M"])


def _stored() -> int:
    """Return the bytes of an answered ticket's items, without what DynamoDB adds to each."""
    change = ticket.submit(
        ticket_id=_id(1),
        text="Where is my order 12345?",
        customer=Customer(email="kim@example.com"),
        channel="web",
        token_hash=access.token_hash("token"),
        now=NOW,
        token_life=TERMS.token_life,
        retention=TERMS.retention,
    )
    settled = ticket.settle(change.after, UNDERSTOOD, Answer(ARTICLE), now=NOW)
    items = {
        (item["pk"], item["sk"]): item for each in (change, settled) for item in items_of(each)
    }
    return sum(size(wire(item)) for item in items.values())


def _repair_moto() -> None:
    """Let moto read only what a request names, as the emulator does; else it copies all tables.

    These are the emulator's repairs of writes, in the emulator's order. They need no LocalStack.
    """
    sys.path.append(str(ROOT / "infra" / "localstack" / "src"))
    for name in ("changes", "moto_items", "moto_transactions"):
        import_module(f"helpdesk_localstack.{name}").install()


def _look(name: str, key: Item) -> Item | None:
    """Return an item as the table holds it."""
    found = dynamodb_backends[ACCOUNT][REGION].get_item(name, key)
    attributes: Item | None = found.to_json()["Attributes"] if found else None
    return attributes


def _id(number: int) -> str:
    return f"{number:016}"


@contextmanager
def _desk() -> Iterator[_Desk]:
    """Yield a desk over the template's own table and two queues."""
    decoded, _faults = decode(str(TEMPLATE))
    template = json.loads(json.dumps(decoded))
    with mock_aws():
        session = boto3.Session(
            aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION
        )
        dynamodb = session.client("dynamodb")
        for name, resource in (("tickets", "TicketsTable"), ("knowledge", "KnowledgeTable")):
            properties = template["Resources"][resource]["Properties"]
            wanted = {"AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode"}
            kept = {key: value for key, value in properties.items() if key in wanted}
            dynamodb.create_table(TableName=name, **kept)
        sqs = clients.sqs(session)
        urls = [sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("intake", "escalation")]
        articles = DynamoKnowledge(clients.table("knowledge", session))
        articles.put(ARTICLE)
        indexed = {
            name: indexes(template["Resources"][resource]["Properties"])
            for name, resource in (("tickets", "TicketsTable"), ("knowledge", "KnowledgeTable"))
        }
        meter = Meter(session, _look, indexed)
        intake, escalations = (SqsQueue(sqs, url) for url in urls)
        table = clients.table("tickets", session)
        texts = DynamoTexts(clients.table("knowledge", session))
        yield _Desk(DynamoTickets(table), articles, texts, intake, escalations, table, meter)


def main() -> int:
    """Measure for each number of tickets and print as JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--tickets", type=int, nargs="+", default=[1000, 10_000])
    counts = parser.parse_args().tickets
    _repair_moto()
    found: dict[str, Any] = {
        str(count): {name: asdict(use) for name, use in measure(count).items()} for count in counts
    }
    print(json.dumps(found | {"stored_bytes": _stored()}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
