"""What each request costs the tickets table, with few tickets in it and with many.

    python -m infra.measuring.table_cost --tickets 1000 100000

Runs the use cases over the adapters and the template's own table, answered in the process, and
counts for each: calls, items examined, and the read and write units DynamoDB would charge for
them, by the sizes of the items. A request whose cost does not grow with the table does not scan it.

The limits of one request take a unit each: a write for its customer, its address and its
application. A process to which an address and an application come often borrows blocks of theirs.
So `limits_at` measures the mean of a request by how many come in a month.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from importlib import import_module
from typing import Any

import boto3
from boto3.dynamodb.types import TypeSerializer
from cfnlint.decode import decode
from helpdesk import customers, figures, processing, reconciling
from helpdesk.access import IdempotencyKey
from helpdesk.agents import Query, Workplace
from helpdesk.aws import clients
from helpdesk.aws.buckets import DynamoBuckets
from helpdesk.aws.figures import DynamoFigures
from helpdesk.aws.knowledge import DynamoKnowledge
from helpdesk.aws.queues import SqsMailQueue, SqsQueue
from helpdesk.aws.tables import Table
from helpdesk.aws.texts import DynamoTexts
from helpdesk.aws.tickets import DynamoTickets
from helpdesk.cases import Rules
from helpdesk.customers import Question
from helpdesk.limits import Bucket, Gate, Limit
from helpdesk.ports import QueueName
from helpdesk.ticket import Agent, Customer, Listing
from helpdesk.triage import Policy, Understanding
from moto import mock_aws
from moto.dynamodb.models import dynamodb_backends

from infra.deploying.stack import TEMPLATE
from infra.measuring import past_year
from infra.measuring.meter import Item, Meter, Use, indexes, size, wire
from infra.measuring.past_year import ARTICLE, TERMS, UNDERSTOOD
from infra.paths import ROOT

IDLE_RUN = "reconcile, nothing overdue"
QUEUES = ("intake", "escalation", "outbox")
ACCOUNT, REGION = "123456789012", "us-east-1"
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
MONTH = timedelta(days=30)
PROCESSES = 2
"""Environments that share the requests of the API in turn, when limits are measured. More of them
borrow smaller blocks. At ten million queries a month and 17 ms a request, one is busy for an eighth
of the time, so a second one is seldom needed."""

REQUESTS = 1_000
"""Requests in a row, to measure what the limits of one cost."""

GROWING = {"agent: next", "stats of a day", "count of a day"}
"""Requests that examine more in a larger table, as their subject grows with it."""

RULES = Rules()
"""How cases are told apart: as in the template."""

WAITING = 100
"""Tickets that wait for people in either table; the rest was answered over the last year."""


class Understander:
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
class Desk:
    tickets: DynamoTickets
    articles: DynamoKnowledge
    texts: DynamoTexts
    intake: SqsQueue
    escalations: SqsQueue
    mails: SqsMailQueue
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


def limits_at(queries: int) -> float:
    """Return the write units that the limits of a POST take, where so many come in a month.

    They come evenly, each from another customer, all from one address and one application: one
    shop's server. Limits are those of the template.
    """
    pause = MONTH / queries
    with desk() as at:
        gates = [Gate(DynamoBuckets(at.table), _not_unlimited) for _ in range(PROCESSES)]
        at.meter.use = Use()
        for number in range(REQUESTS):
            asking = callers(str(number), "192.0.2.1", "shop")
            gates[number % PROCESSES].admit(*asking, now=NOW + number * pause)
        return at.meter.use.write_units / REQUESTS


def callers(customer: str, address: str, application: str) -> list[Bucket]:
    """Return the buckets of a request, with the limits of the template."""
    default = {
        name: parameter["Default"]
        for name, parameter in template()["Parameters"].items()
        if "Default" in parameter
    }
    a_minute, a_second = default["CustomerPerMinute"], default["AddressPerSecond"]
    shared = Limit(default["RequestsPerSecond"], default["RequestsBurst"])
    return [
        Bucket("customer", customer, Limit(a_minute / 60, a_minute)),
        Bucket("address", address, Limit(a_second, 2 * a_second)),
        Bucket("application", application, shared),
    ]


def measure(tickets: int) -> dict[str, Use]:
    """Return what each request costs with that many tickets in the table."""
    with desk() as at:
        _fill(tickets)
        return dict(_requests(at))


def _requests(at: Desk) -> Iterator[tuple[str, Use]]:
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

    def ask(customer: Customer) -> None:
        customers.submit(
            Question(text="where is my order?", customer=customer, channel="web"),
            key=None,
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
            understander=Understander(),
            escalations=at.escalations,
            policy=Policy(),
            clock=lambda: NOW,
            rules=RULES,
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

    def metered(action: Callable[[], object]) -> Use:
        at.meter.use = used = Use()
        action()
        at.meter.use = Use()  # what is done between two requests counts for neither
        return used

    def admit() -> None:
        gate = Gate(DynamoBuckets(at.table), _not_unlimited)
        gate.admit(*callers("kim", "192.0.2.1", "shop"), now=NOW)

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
    yield f"reconcile, {WAITING} tickets overdue", metered(lambda: _reconcile(at))
    yield IDLE_RUN, metered(lambda: _reconcile(at))
    yield "count of a day", metered(partial(_count_days, at, NOW - day))
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
    regular = Customer(email="ada@example.com", reference="C-1", name="Ada")
    yield "submit: two keys and a name, first time", metered(lambda: ask(regular))
    yield "submit: the same customer again", metered(lambda: ask(regular))
    for number in range(38):
        ask(replace(regular, email=f"ada{number % 3}@example.com"))
    for text in ("C-1", "ada@example.com", "name:Ada"):
        query = Query(listings=tuple(Listing), customer=text)
        yield f"agent: 40 tickets of {text}", metered(partial(at.agent().find, query))
    yield "stats of a day", metered(lambda: at.agent().stats(NOW - day, NOW + day))
    yield "figures of 90 days", metered(partial(_dashboard, at))


def _look_for_the_oldest(at: Desk) -> None:
    for listing in (Listing.RECEIVED, Listing.ESCALATED):
        at.tickets.oldest(listing)
    at.tickets.outbox.oldest()


def at_rest() -> float:
    """Return the read units of a run of the reconciler in a desk that no one has asked yet."""
    with desk() as at:
        _reconcile(at)
        at.meter.use = Use()
        _reconcile(at)
        return at.meter.use.read_units


def _reconcile(at: Desk) -> None:
    _look_for_the_oldest(at)
    reconciling.reconcile(
        tickets=at.tickets,
        texts=at.texts,
        queues={QueueName.INTAKE: at.intake, QueueName.ESCALATION: at.escalations},
        clock=lambda: NOW,
    )
    reconciling.post_again(at.tickets.outbox, post=at.mails.send, clock=lambda: NOW)
    _count_days(at, NOW)


def _count_days(at: Desk, now: datetime) -> None:
    figures.keep(days=DynamoFigures(at.table), events=at.tickets, clock=lambda: now)


def _dashboard(at: Desk) -> None:
    figures.figures(90, shelf=DynamoFigures(at.table), found=at.tickets.found, now=NOW)


def _fill(tickets: int) -> None:
    """Put tickets into the table as if they came in over a year, the last ones still waiting."""
    table = dynamodb_backends[ACCOUNT][REGION].get_table("tickets")
    plain: Any = TypeSerializer().serialize
    for item in past_year.items(tickets, NOW, waiting=WAITING):
        table.put_item(plain(item)["M"])


OVERHEAD = 100
"""Bytes that DynamoDB adds to each item and each entry of an index, for which it charges
(docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html)."""


def stored() -> tuple[int, int]:
    """Return the bytes of an answered ticket that are charged: its items, their index entries."""
    properties = template()["Resources"]["TicketsTable"]["Properties"]
    found = list(map(wire, past_year.items(1, NOW)))
    entries = [index.entry(item) for item in found for index in indexes(properties)]
    return _charged(found), _charged(each for each in entries if each)


def _charged(items: Iterable[Item]) -> int:
    return sum(size(item) + OVERHEAD for item in items)


def repair_moto() -> None:
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


@cache
def template() -> dict[str, Any]:
    decoded, _faults = decode(str(TEMPLATE))
    plain: dict[str, Any] = json.loads(json.dumps(decoded))
    return plain


@contextmanager
def desk(lag: timedelta = timedelta(0)) -> Iterator[Desk]:
    """Yield a desk over the template's own tables and three queues.

    `lag` is how long it may take another edition of the articles for the one in force.
    """
    resources = template()["Resources"]
    with mock_aws():
        session = boto3.Session(
            aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION
        )
        dynamodb = session.client("dynamodb")
        for name, resource in (("tickets", "TicketsTable"), ("knowledge", "KnowledgeTable")):
            properties = resources[resource]["Properties"]
            wanted = {"AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode"}
            kept = {key: value for key, value in properties.items() if key in wanted}
            dynamodb.create_table(TableName=name, **kept)
        sqs = clients.sqs(session)
        urls = [sqs.create_queue(QueueName=name)["QueueUrl"] for name in QUEUES]
        DynamoKnowledge(clients.table("knowledge", session)).put(ARTICLE)
        indexed = {
            name: indexes(resources[resource]["Properties"])
            for name, resource in (("tickets", "TicketsTable"), ("knowledge", "KnowledgeTable"))
        }
        meter = Meter(session, _look, indexed)  # what is made from here on is counted
        articles = DynamoKnowledge(clients.table("knowledge", session), lag=lag)
        intake, escalations = (SqsQueue(sqs, url) for url in urls[:2])
        mails = SqsMailQueue(sqs, urls[2])
        table = clients.table("tickets", session)
        texts = DynamoTexts(clients.table("knowledge", session))
        yield Desk(DynamoTickets(table), articles, texts, intake, escalations, mails, table, meter)


def main() -> int:
    """Measure for each number of tickets and print as JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--tickets", type=int, nargs="+", default=[1000, 10_000])
    parser.add_argument("--queries", type=int, nargs="*", default=[], help="a month")
    given = parser.parse_args()
    repair_moto()
    found: dict[str, Any] = {
        str(count): {name: asdict(use) for name, use in measure(count).items()}
        for count in given.tickets
    }
    limits = {str(queries): limits_at(queries) for queries in given.queries}
    print(json.dumps(found | {"limits": limits}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
