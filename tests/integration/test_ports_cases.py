"""The exam of the ports: a customer's recent cases, with the ticket's move or not at all."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import boto3
import pytest
from cfnlint.decode import decode
from helpdesk import customers, erasure, processing
from helpdesk.aws import clients
from helpdesk.aws.tickets import DynamoTickets
from helpdesk.cases import MOST_ROOTS, Case, Recent, Rules, case_of, remembered
from helpdesk.customers import Question
from helpdesk.ports import ConflictError
from helpdesk.processing import EACH_ITS_OWN, Outcome
from helpdesk.ticket import Customer
from helpdesk.triage import Entity, Policy, Understanding
from moto.core import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.dynamo_type import DynamoType

from infra.measuring.meter import Meter, indexes
from tests.fakes import (
    LEAD,
    MORNING,
    Clock,
    InMemoryArticles,
    InMemoryQueue,
    InMemoryTexts,
    Office,
    an_understanding,
)
from tests.integration.conftest import REGION, ROOT, Stack
from tests.integration.test_ports import (  # noqa: F401 -- fixtures
    IDS,
    Ports,
    aws_ports,
    opened,
    ports,
)

ADA = Customer(email="ada@example.com")
COMPLAINT = (
    "The coffee grinder from order 48213 stopped working after three days. The power light comes"
    " on but nothing else happens, I have tried two other sockets and the old cable as well. I"
    " would like a replacement or the 89.90 EUR back, and please tell me how I return it."
)
RULES = Rules()


def a_case(ticket_id: str = "root", text: str = COMPLAINT) -> Case:
    return case_of(
        text,
        ticket_id=ticket_id,
        at=MORNING,
        entities=[
            Entity("order_number", "48213", 0, 0),
            Entity("amount", "89.90 EUR", 0, 0),
        ],
        goods=["coffee", "grinder"],
        meaning=bytes(range(192)) * 2,
    )


def with_cases(count: int, key: str = "EMAIL#x") -> Iterator[Recent]:
    """Yield the recent cases of a customer after each of so many."""
    recent = Recent(key=key)
    for number in range(count):
        recent = remembered(recent, a_case(f"t{number}"), RULES)
        yield recent


class TestRecentCases:
    def test_there_are_none_at_first(self, ports: Ports) -> None:  # noqa: F811
        assert ports.tickets.recent("EMAIL#x") == Recent(key="EMAIL#x")

    def test_they_are_read_as_they_were_stored(self, ports: Ports) -> None:  # noqa: F811
        for ticket_id, recent in zip(IDS, with_cases(3), strict=False):
            ports.tickets.commit(opened(ticket_id), recent=recent)

            assert ports.tickets.recent("EMAIL#x") == recent
        assert ports.tickets.recent("EMAIL#y").version == 0

    def test_another_tickets_case_that_came_first_refuses_the_change(self, ports: Ports) -> None:  # noqa: F811
        first, second = with_cases(2)
        ports.tickets.commit(opened(), recent=first)
        late = opened(IDS[1])

        with pytest.raises(ConflictError):
            ports.tickets.commit(late, recent=first)
        assert ports.tickets.get(late.after.id) is None
        ports.tickets.commit(late, recent=second)
        with pytest.raises(ConflictError):
            ports.tickets.commit(opened(IDS[2]), recent=second)

    def test_a_change_that_is_refused_leaves_them_as_they_are(self, ports: Ports) -> None:  # noqa: F811
        first, second = with_cases(2)
        change = opened()
        ports.tickets.commit(change, recent=first)

        with pytest.raises(ConflictError):
            ports.tickets.commit(change, recent=second)
        assert ports.tickets.recent("EMAIL#x") == first

    def test_erasing_a_ticket_of_a_customer_forgets_them(self, ports: Ports) -> None:  # noqa: F811
        change = opened(email="ada@example.com")
        key = change.after.customer.key
        assert key
        (recent,) = with_cases(1, key)
        ports.tickets.commit(change, recent=recent)

        erasure.erase_ticket(change.after.id, LEAD, tickets=ports.tickets, clock=lambda: MORNING)

        assert ports.tickets.recent(key) == Recent(key=key)

    def test_what_was_erased_is_not_stored_again_by_a_worker_that_had_read_it(
        self,
        ports: Ports,  # noqa: F811
    ) -> None:
        """Also if another case came after the erasure, and the list began again with it."""
        change = opened(email="ada@example.com")
        key = change.after.customer.key
        assert key
        first = remembered(Recent(key=key), a_case(IDS[0], "My first words"), RULES)
        ports.tickets.commit(change, recent=first)
        late = remembered(ports.tickets.recent(key), a_case(IDS[1]), RULES)
        erasure.erase_ticket(change.after.id, LEAD, tickets=ports.tickets, clock=lambda: MORNING)
        another = replace(a_case(IDS[2]), at=MORNING + timedelta(seconds=1))
        began = remembered(ports.tickets.recent(key), another, RULES)
        ports.tickets.commit(opened(IDS[2]), recent=began)

        with pytest.raises(ConflictError):
            ports.tickets.commit(opened(IDS[1]), recent=late)

        assert ports.tickets.recent(key) == began


def the_item(stack: Stack) -> dict[str, Any]:
    table = boto3.resource("dynamodb").Table(stack.outputs["TicketsTable"])
    (found,) = (each for each in table.scan()["Items"] if each["pk"].startswith("RECENT#"))
    return found


def test_the_first_case_of_a_customer_costs_two_write_units(stack: Stack) -> None:
    """A unit of a transaction is two, for each thousand bytes."""
    tickets = DynamoTickets(clients.table(stack.outputs["TicketsTable"]))
    sizes = []
    for number, recent in enumerate(with_cases(MOST_ROOTS)):
        tickets.commit(opened(f"{number:016}"), recent=recent)
        item = the_item(stack)
        sizes.append(sum(len(r["said"].value) + len(r["meaning"].value) for r in item["roots"]))

    assert 600 < sizes[0] < 900
    assert sizes[-1] < MOST_ROOTS * 900
    assert int(item["expires_at"]) == int((MORNING + timedelta(days=7)).timestamp())
    assert "ada" not in str(item["pk"])


LONG = " ".join(f"On day {n} I wrote about part {n * 7} of machine {n * 13}." for n in range(60))
MOST_EXTRA = 3


@pytest.mark.parametrize("text", [COMPLAINT, "Where is my parcel?", LONG[:4000]])
def test_a_ticket_without_a_family_costs_few_write_units_more(stack: Stack, text: str) -> None:
    """Beside what the same ticket costs where none is compared."""
    alone, compared = (_units_of(stack, text, rules) for rules in (EACH_ITS_OWN, RULES))

    assert 0 < compared - alone <= MOST_EXTRA


def _units_of(stack: Stack, text: str, rules: Rules) -> float:
    """Return the write units of the worker for the first ticket of a customer."""
    name = stack.outputs["TicketsTable"]
    stored = dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].get_table(name)

    def look(_: str, key: dict[str, Any]) -> dict[str, Any] | None:
        found = stored.get_item(*(DynamoType(key[each]) for each in ("pk", "sk")))
        item: dict[str, Any] | None = found.to_json()["Attributes"] if found else None
        return item

    decoded, _ = decode(str(ROOT / "template.yaml"))
    kept = indexes(decoded["Resources"]["TicketsTable"]["Properties"])
    session = boto3.Session(region_name=REGION)
    meter = Meter(session, look, {name: kept})
    worker = Worker(DynamoTickets(clients.table(name, session)), rules)
    customer = Customer(email=f"{len(text)}-{bool(rules.window)}@example.com")
    ticket_id = worker.asked(text, customer)
    before = meter.use.write_units
    worker.process(ticket_id)
    return meter.use.write_units - before


class Worker:
    """The worker over a table; its understander gives each text a meaning."""

    def __init__(self, tickets: DynamoTickets, rules: Rules = RULES) -> None:
        self.office = replace(Office.open(), rules=rules)
        self.tickets, self.rules = tickets, rules
        self.queue = InMemoryQueue(Clock())
        self.meant = replace(an_understanding(("refund", 0.3)), meaning=bytes(range(192)) * 2)

    def understand(self, text: str) -> Understanding:
        """Return the same meaning for each text."""
        return self.meant

    def asked(self, text: str, customer: Customer) -> str:
        """Return the id of a new ticket."""
        return customers.submit(
            Question(text=text, customer=customer, channel="web"),
            key=None,
            tickets=self.tickets,
            intake=self.queue,
            terms=self.office.terms,
            now=MORNING,
        ).ticket_id

    def process(self, ticket_id: str) -> Outcome:
        """Process a ticket."""
        outcome, _ = processing.process(
            ticket_id,
            tickets=self.tickets,
            articles=InMemoryArticles(),
            texts=InMemoryTexts(),
            understander=self,
            escalations=self.queue,
            policy=Policy(),
            clock=lambda: MORNING,
            rules=self.rules,
        )
        return outcome


def test_a_customers_other_address_counts_where_a_bond_shows_it(stack: Stack) -> None:
    worker = Worker(DynamoTickets(clients.table(stack.outputs["TicketsTable"])))
    home, work = (
        Customer(email=email, reference="C-1")
        for email in ("ada@example.com", "lovelace@work.example")
    )
    first = worker.asked(COMPLAINT, home)
    worker.process(first)

    second = worker.asked(COMPLAINT, work)
    assert worker.process(second) is Outcome.DUPLICATE

    found = worker.tickets.get(second)
    assert found
    assert found.merged_into == first
    third = worker.asked(COMPLAINT, Customer(email="LOVELACE@work.example"))
    assert worker.process(third) is Outcome.DUPLICATE
    stranger = worker.asked(COMPLAINT, Customer(email="bob@work.example"))
    assert worker.process(stranger) is Outcome.ESCALATED
    assert worker.process(second) is Outcome.ALREADY_DONE


@pytest.mark.parametrize("count", [10, 30])
def test_many_identical_mails_at_once_are_one_case(stack: Stack, count: int) -> None:
    """M7."""
    office = replace(Office.open(), rules=RULES)
    clock, queue = Clock(), InMemoryQueue(Clock())
    ids = []
    tickets = DynamoTickets(clients.table(stack.outputs["TicketsTable"]))
    for _ in range(count):
        receipt = customers.submit(
            Question(text=COMPLAINT, customer=ADA, channel="web"),
            key=None,
            tickets=tickets,
            intake=queue,
            terms=office.terms,
            now=clock(),
        )
        ids.append(receipt.ticket_id)
    outcomes: list[Outcome] = []
    conflicts: list[None] = []
    start = threading.Barrier(10)

    def work(some: list[str]) -> None:
        own = DynamoTickets(clients.table(stack.outputs["TicketsTable"]))
        start.wait()
        for ticket_id in some:
            for _ in range(2):  # the queue delivers each twice
                outcome, _ = processing.process(
                    ticket_id,
                    tickets=own,
                    articles=InMemoryArticles(),
                    texts=InMemoryTexts(),
                    understander=office.understander,
                    escalations=queue,
                    policy=Policy(),
                    clock=clock,
                    rules=RULES,
                    pause=lambda: conflicts.append(None),
                )
                outcomes.append(outcome)

    workers = [threading.Thread(target=work, args=(ids[n::10],)) for n in range(10)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()

    found = [tickets.get(each) for each in ids]
    roots = [each for each in found if each and each.merged_into is None]
    assert len(roots) == 1
    assert len(roots[0].merged) == count - 1
    assert outcomes.count(Outcome.DUPLICATE) == count - 1
    assert outcomes.count(Outcome.ALREADY_DONE) == count
    assert [each.ticket_id for each in tickets.recent(ADA.key or "").roots] == [roots[0].id]
