"""Lists over DynamoDB's indexes: what a page costs, and that nothing is lost or shown twice."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import boto3
import pytest
from boto3.dynamodb.types import TypeSerializer
from cfnlint.decode import decode
from helpdesk import ticket
from helpdesk.agents import Count, Exactness, Page, Part, Query, paging
from helpdesk.aws import clients, items
from helpdesk.aws.tickets import DynamoTickets
from helpdesk.ticket import Customer, Listing
from helpdesk.triage import Answer, Escalate, Reason
from moto.core import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.dynamo_type import DynamoType

from infra.measuring.meter import Meter, Use, indexes
from infra.measuring.recorded_items import items_of
from tests.fakes import MORNING, an_article, an_understanding
from tests.integration.conftest import REGION, ROOT, Stack
from tests.integration.test_ports import LEASE, Ports, aws_ports, opened, ports  # noqa: F401
from tests.unit.test_agents_lists import ids

EVERYWHERE = tuple(Listing)
MINUTE = timedelta(minutes=1)
COUNTED = 200


class Shelf:
    """The tickets table of the template, filled past the desk, and a meter at its door."""

    def __init__(self, stack: Stack) -> None:
        self.name = stack.outputs["TicketsTable"]
        decoded, _ = decode(str(ROOT / "template.yaml"))
        kept = indexes(decoded["Resources"]["TicketsTable"]["Properties"])
        session = boto3.Session(region_name=REGION)
        self.meter = Meter(session, lambda *_: None, {self.name: kept})
        self.tickets = DynamoTickets(clients.table(self.name, session))
        self.stored = dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].get_table(self.name)
        self.plain: Any = TypeSerializer().serialize

    def put(self, number: int, at: datetime, *, answered: bool = False, **more: Any) -> str:
        """Store a ticket that waits for people or was answered, with its last event only."""
        change = ticket.submit(
            ticket_id=f"{number:016}",
            text=more.get("text", "Do you sell gift wrapping?"),
            customer=Customer(email=more.get("email")),
            channel="web",
            token_hash="hash",
            now=at,
            token_life=timedelta(days=90),
            retention=timedelta(days=400),
        )
        decision = Answer(an_article("refund")) if answered else Escalate(Reason.OUT_OF_SCOPE)
        settled = ticket.settle(change.after, an_understanding(("refund", 0.6)), decision, now=at)
        for item in items_of(settled)[: 2 if answered else 1]:
            self.stored.put_item(self.plain(item)["M"])
        return change.after.id

    def put_many(self, count: int) -> list[str]:
        """Store many tickets that wait for people, a second apart: copies of one."""
        self.put(0, MORNING)
        first = self.stored.get_item(
            DynamoType({"S": "TICKET#" + "0" * 16}), DynamoType({"S": "TICKET"})
        )
        known = first.to_json()["Attributes"]
        order = datetime.fromisoformat(known["order"]["S"])
        for number in range(1, count):
            name, at = f"{number:016}", items.moment(order + timedelta(seconds=number))
            shard = items.shard_of_list(Listing.ESCALATED, name)
            awaiting = shard.replace("escalated", "escalation")
            own = {"pk": f"TICKET#{name}", "id": name, "order": at, "due": at,
                   "listing": shard, "awaiting": awaiting}  # fmt: skip
            self.stored.put_item(known | {key: {"S": value} for key, value in own.items()})
        return [f"{number:016}" for number in range(count)]

    def page(self, query: Query, cursor: str | None = None, **more: Any) -> tuple[Page, Use]:
        self.meter.use = Use()
        page = paging.read(query, self.tickets, MORNING + timedelta(hours=9), cursor=cursor, **more)
        return page, self.meter.use


@pytest.fixture
def shelf(stack: Stack) -> Shelf:
    return Shelf(stack)


@pytest.mark.parametrize(
    ("count", "number"), [(1_000, 10), pytest.param(10_000, 100, marks=pytest.mark.slow)]
)
def test_a_late_page_examines_what_page_1_examines(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch, count: int, number: int
) -> None:
    """The cursor holds a position for each partition, so nothing before it is read again."""
    waiting = shelf.put_many(count)
    with monkeypatch.context() as patch:  # of the pages between, only where they end matters
        patch.setattr("helpdesk.aws.pages.LARGE_PAGE", 5_000)
        before, _ = shelf.page(Query(limit=50 * (number - 1)), count_to=0)
    first, of_first = shelf.page(Query(limit=50), count_to=COUNTED)

    late, of_late = shelf.page(Query(limit=50), before.cursor, count_to=COUNTED)

    assert ids(first.tickets) == waiting[:50]
    assert ids(late.tickets) == waiting[50 * (number - 1) : 50 * number]
    assert first.total == Count(COUNTED, Exactness.AT_LEAST)
    assert late.total == Count(50 * number, Exactness.AT_LEAST)
    assert (first.examined, late.examined) == (50, 50)
    assert of_late.examined == pytest.approx(of_first.examined, rel=0.1)
    assert of_late.read_units == pytest.approx(of_first.read_units, rel=0.1)
    assert of_late.calls == of_first.calls
    assert of_first.examined - COUNTED < 3 * 50


def test_a_page_of_done_tickets_costs_the_same_everywhere_too(shelf: Shelf) -> None:
    for number in range(300):
        shelf.put(number, MORNING + number * MINUTE / 10, answered=True)
    query = Query(listings=(Listing.ANSWERED, Listing.CLOSED), limit=20)
    first, of_first = shelf.page(query)
    twenty, _ = shelf.page(replace(query, limit=200), None)

    later, of_later = shelf.page(query, twenty.cursor)

    assert ids(first.tickets) == [f"{number:016}" for number in range(299, 279, -1)]
    assert ids(later.tickets) == [f"{number:016}" for number in range(99, 79, -1)]
    assert first.total == later.total == Count(300, Exactness.AT_MOST)
    assert of_later.examined == pytest.approx(of_first.examined, rel=0.1)


def test_a_customers_pages_read_only_what_is_left(shelf: Shelf) -> None:
    for number in range(300):
        shelf.put(number, MORNING + number * MINUTE, email="kim@example.com")
    query = Query(listings=EVERYWHERE, customer="kim@example.com", limit=20)
    most, _ = shelf.page(replace(query, limit=270))

    last, of_last = shelf.page(query, most.cursor)

    assert ids(last.tickets) == [f"{number:016}" for number in range(29, 9, -1)]
    assert of_last.examined < 100


def pages(read: Any, query: Query) -> Iterator[Page]:
    cursor = None
    while True:
        page = read(query, cursor)
        yield page
        if (cursor := page.cursor) is None:
            return


def test_tickets_with_one_due_time_are_each_listed_once(shelf: Shelf) -> None:
    """Equal keys: the position names the entry, not only its time."""
    waiting = {shelf.put(number, MORNING) for number in range(30)}
    finished = {shelf.put(number, MORNING, answered=True) for number in range(60, 75)}

    for limit in (4, 25):
        query = Query(listings=EVERYWHERE, limit=limit)
        seen = [each for page in pages(lambda *of: shelf.page(*of)[0], query)
                for each in ids(page.tickets)]  # fmt: skip
        assert sorted(seen) == sorted(waiting | finished)


class TestEntries:
    """The exam of the port, over memory and DynamoDB."""

    def committed(self, tickets: Any, *changes: ticket.Change) -> ticket.Ticket:
        for change in changes:
            tickets.commit(change)
        return changes[-1].after

    def settled(self, ports: Ports, number: int, decision: Any, at: datetime) -> ticket.Ticket:  # noqa: F811
        change = opened(f"{number:016}", now=at)
        understood = an_understanding(("refund", 0.6))
        return self.committed(
            ports.tickets, change, ticket.settle(change.after, understood, decision, now=at)
        )

    def listed(self, tickets: Any, part: Part, after: Any = None) -> list[str]:
        found = tickets.entries(part, after or {}, 10)
        return [entry.ticket.id for entry in found if entry.ticket]

    @pytest.mark.parametrize("listing", [Listing.RECEIVED, Listing.ESCALATED, Listing.SNOOZED])
    def test_an_open_list_goes_on_after_each_of_its_entries(
        self,
        ports: Ports,  # noqa: F811
        listing: Listing,
    ) -> None:
        tickets = ports.tickets
        for number in range(6):
            at = MORNING + number * MINUTE
            if listing is Listing.RECEIVED:
                self.committed(tickets, opened(f"{number:016}", now=at))
                continue
            waits = self.settled(ports, number, Escalate(Reason.OUT_OF_SCOPE), at)
            if listing is Listing.SNOOZED:
                held = ticket.claim(waits, ticket.Agent("ada"), now=at, length=LEASE)
                until = at + timedelta(hours=1)
                self.committed(
                    tickets,
                    held,
                    ticket.snooze(held.after, ticket.Agent("ada"), until=until, now=at),
                )
        part = Part((listing,))
        whole = [f"{number:016}" for number in range(6)]

        assert self.listed(tickets, part) == whole
        for number, entry in enumerate(list(tickets.entries(part, {}, 10))):
            assert self.listed(tickets, part, entry.after) == whole[number + 1 :]
        assert tickets.count(part, 100) == Count(6)
        assert tickets.count(part, 4).exactness is Exactness.AT_LEAST

    def test_a_done_ticket_is_listed_at_its_last_event(self, ports: Ports) -> None:  # noqa: F811
        for number in range(5):
            at = MORNING + number * MINUTE
            answered = self.settled(ports, number, Answer(an_article("refund")), at)
            if number == 1:  # and rated and closed later that day
                rated = ticket.rate(answered, helpful=True, comment=None, now=at + 9 * MINUTE)
                closed = ticket.withdraw(rated.after, now=at + 10 * MINUTE)
                self.committed(ports.tickets, rated, closed)
        part = Part((Listing.ANSWERED, Listing.CLOSED), date(2026, 3, 2))
        whole = [f"{number:016}" for number in (1, 4, 3, 2, 0)]

        assert self.listed(ports.tickets, part) == whole
        for entry in list(ports.tickets.entries(part, {}, 10)):
            if entry.ticket:
                number = whole.index(entry.ticket.id)
                assert self.listed(ports.tickets, part, entry.after) == whole[number + 1 :]
        assert self.listed(ports.tickets, Part((Listing.ANSWERED,), date(2026, 3, 2))) == whole[1:]
        assert ports.tickets.count(part, 100).number >= 5
        assert ports.tickets.count(part, 2) == Count(0, Exactness.AT_LEAST)

    def test_the_reading_goes_on_where_it_was_though_that_ticket_is_gone(
        self,
        ports: Ports,  # noqa: F811
    ) -> None:
        tickets = ports.tickets
        waits = [
            self.settled(ports, number, Escalate(Reason.OUT_OF_SCOPE), MORNING + number * MINUTE)
            for number in range(4)
        ]
        part = Part((Listing.ESCALATED,))
        second = list(tickets.entries(part, {}, 10))[1]
        held = ticket.claim(waits[1], ticket.Agent("ada"), now=MORNING, length=LEASE).after
        claimed = ticket.claim(waits[1], ticket.Agent("ada"), now=MORNING, length=LEASE)
        self.committed(
            tickets, claimed, ticket.close(held, ticket.Agent("ada"), note=None, now=MORNING)
        )

        assert self.listed(tickets, part, second.after) == [waits[2].id, waits[3].id]


def test_positions_of_all_partitions_fit_into_a_cursor_one_can_copy(shelf: Shelf) -> None:
    for number in range(80):
        shelf.put(number, MORNING + number * MINUTE, answered=True)
    query = Query(listings=(Listing.ANSWERED,), limit=40)

    page, _ = shelf.page(query)

    assert page.cursor
    assert len(page.cursor) < 600
    assert items.SHARDS_OF_A_DAY == 8
