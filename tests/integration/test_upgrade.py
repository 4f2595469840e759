"""What yesterday's version wrote, today's reads, moves and erases; tomorrow's items it spares.

`kept/` holds the tickets table of earlier versions, item by item, never changed afterwards.
A change of the items' form adds a file.
"""

import json
from base64 import b64decode
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from helpdesk import access, belonging, customers, erasure, processing, ticket
from helpdesk.access import IdempotencyKey
from helpdesk.agents import Query, gather, paging
from helpdesk.aws import clients
from helpdesk.aws.editions import DynamoEditions
from helpdesk.aws.items import SCHEMA
from helpdesk.aws.knowledge import DynamoKnowledge
from helpdesk.aws.models import GOLDEN_KEY, PublishedModels
from helpdesk.aws.tickets import DynamoTickets
from helpdesk.curation import Curator, Replacer, Stater
from helpdesk.knowledge import Golden, as_sent
from helpdesk.ports import NewerSchemaError
from helpdesk.repeating import Guard
from helpdesk.ticket import (
    Agent,
    Awaiting,
    Customer,
    CustomerKey,
    Listing,
    Role,
    State,
    replay,
)

from tests.fakes import LEAD, InMemoryTexts
from tests.integration.conftest import Stack

KEPT = sorted(Path(__file__).with_name("kept").glob("items-*.json"))
LATER = datetime(2026, 12, 1, tzinfo=UTC)


def an_id(number: int) -> str:
    return f"{number:016}"


@pytest.fixture(params=KEPT, ids=lambda path: path.stem)
def tickets(request: pytest.FixtureRequest, stack: Stack) -> DynamoTickets:
    """Return the table as an earlier version left it."""
    kept(request.param.name, stack.outputs["TicketsTable"])
    return DynamoTickets(clients.table(stack.outputs["TicketsTable"]))


def test_every_ticket_loads_and_follows_from_its_events(tickets: DynamoTickets) -> None:
    states = {}
    for number in range(1, 7):
        found = tickets.conversation(an_id(number))
        assert found is not None
        assert replay(tickets.events(an_id(number))) == found.ticket
        assert len(found.messages) == found.ticket.messages
        states[number] = found.ticket.state

    assert list(states.values()) == [
        State.ESCALATED, State.RECEIVED, State.ASKED, State.ANSWERED, State.ESCALATED, State.CLOSED,
    ]  # fmt: skip


def test_the_indexes_still_find_them(tickets: DynamoTickets) -> None:
    assert {each.id for each in tickets.listed(Listing.ESCALATED)} == {an_id(1), an_id(5)}
    assert [each.id for each in tickets.of_customer(Customer(email="ADA@example.com"))] == [
        an_id(1)
    ]
    assert [each.ticket.id for each in tickets.overdue(Awaiting.INTAKE, LATER)] == [an_id(2)]
    since = datetime(2026, 11, 20, tzinfo=UTC)
    assert len(tickets.happened(since, since + timedelta(days=1))) > 20


def test_an_address_in_another_form_of_unicode_is_found_as_it_was_stored(
    tickets: DynamoTickets, stack: Stack
) -> None:
    """Earlier versions kept the form in the key."""
    apart = "ad\u0065\u0301@example.com"
    boto3.resource("dynamodb").Table(stack.outputs["TicketsTable"]).update_item(
        Key={"pk": f"TICKET#{an_id(1)}", "sk": "TICKET"},
        UpdateExpression="SET customer_key = :key, customer.email = :email",
        ExpressionAttributeValues={":key": f"EMAIL#{apart}", ":email": apart},
    )

    for asked in (apart, "AD\u00c9@example.com"):
        assert [each.id for each in tickets.of_customer(Customer(email=asked))] == [an_id(1)]


def test_their_customers_are_found_by_every_key_once_they_are_gathered(
    tickets: DynamoTickets,
) -> None:
    """Earlier versions did not note which keys belong together."""

    def found(text: str) -> list[str]:
        person = belonging.whose(text, tickets)
        return [each.id for each in belonging.tickets_of(person, tickets)]

    assert (found("ada@example.com"), found("C-1"), found("name:Ada")) == ([an_id(1)], [], [])
    since = datetime(2026, 11, 19, tzinfo=UTC)

    assert gather(since, since + timedelta(days=3), agent=LEAD, tickets=tickets) == 6

    assert found("ada@example.com") == found("C-1") == found("name:Ada") == [an_id(1)]


def test_kept_bonds_and_decisions_are_read_decided_on_and_erased(stack: Stack) -> None:
    for name in ("items-2026-11-27.json", "bonds-2026-11-28.json"):
        kept(name, stack.outputs["TicketsTable"])
    tickets = DynamoTickets(clients.table(stack.outputs["TicketsTable"]))
    ada, shop = map(CustomerKey.typed, ("ada@example.com", "C-1"))

    person = belonging.whose("name:Ada", tickets)
    assert str(person) == "email:ada@example.com, reference:C-2, name:ada"
    first, second = tickets.bonds.decisions(ada)
    assert (first.by, first.reason) == ("lena", "the same phone number")
    assert (second.other, second.together) == (shop, False)
    belonging.join(ada, shop, lead=LEAD, reason="no mistake", tickets=tickets, now=LATER)
    person = belonging.whose("C-1", tickets)
    assert set(erasure.erase_customer(person, LEAD, tickets=tickets, clock=lambda: LATER)) == {
        an_id(1),
        an_id(4),
    }

    left = boto3.resource("dynamodb").Table(stack.outputs["TicketsTable"]).scan()["Items"]
    assert "ada@" not in repr(left)
    assert not {item["pk"] for item in left if item["pk"].startswith(("CUSTOMER", "DECISION"))}


def test_lists_show_each_of_them_once(tickets: DynamoTickets) -> None:
    query = Query(listings=tuple(Listing), days=2)
    page = paging.read(query, tickets, datetime(2026, 11, 21, 9, tzinfo=UTC))

    assert sorted(each.id for each in page.tickets) == [an_id(number) for number in range(1, 7)]


def test_they_move_on(tickets: DynamoTickets) -> None:
    found = tickets.get(an_id(1))
    assert found is not None
    claimed = ticket.claim(found, Agent("eve"), now=LATER, length=timedelta(minutes=15))
    tickets.commit(claimed)
    tickets.commit(ticket.reply(claimed.after, Agent("eve"), "Found it.", now=LATER))
    moved = customers.follow_up(
        an_id(4), "token-4", "And now?", tickets=tickets, intake=Silent(), escalations=Silent(),
        texts=InMemoryTexts(), now=LATER,
    )  # fmt: skip

    assert moved.state is State.RECEIVED
    for number in (1, 4):
        assert replay(tickets.events(an_id(number))) == tickets.get(an_id(number))


class Silent:
    """A queue that takes everything."""

    def __getattr__(self, name: str) -> Any:
        return lambda *_: None


def test_their_tokens_still_open_them_and_erase_them(tickets: DynamoTickets, stack: Stack) -> None:
    found = tickets.get(an_id(1))
    assert found is not None
    assert access.opens("token-1", found, LATER)
    erasure.erase(an_id(1), "token-1", tickets=tickets, clock=lambda: LATER)

    left = boto3.resource("dynamodb").Table(stack.outputs["TicketsTable"]).scan()["Items"]
    assert {item["pk"] for item in left if an_id(1) in repr(item)} == {f"ERASURE#{an_id(1)}"}


def test_a_later_versions_ticket_is_neither_misread_nor_overwritten(
    tickets: DynamoTickets, stack: Stack
) -> None:
    """While a deployment rolls out, or is rolled back, both versions are at the table."""
    table = boto3.resource("dynamodb").Table(stack.outputs["TicketsTable"])
    key = {"pk": f"TICKET#{an_id(2)}", "sk": "TICKET"}
    table.update_item(
        Key=key,
        UpdateExpression="SET #schema = :next, novelty = :value",
        ExpressionAttributeNames={"#schema": "schema"},
        ExpressionAttributeValues={":next": SCHEMA + 1, ":value": "kept"},
    )
    with pytest.raises(NewerSchemaError, match="schema"):
        processing.give_up(
            an_id(2),
            tickets=tickets,
            texts=InMemoryTexts(),
            escalations=Silent(),
            clock=lambda: LATER,
        )

    assert table.get_item(Key=key)["Item"]["novelty"] == "kept"


def test_every_item_of_a_ticket_says_its_schema(tickets: DynamoTickets, stack: Stack) -> None:
    found = tickets.get(an_id(2))
    assert found is not None
    tickets.commit(ticket.follow_up(found, "Hello?", now=LATER))

    table = boto3.resource("dynamodb").Table(stack.outputs["TicketsTable"])
    written = [i for i in table.scan()["Items"] if i["pk"] == f"TICKET#{an_id(2)}"]
    newest = [i for i in written if i["sk"] in {"TICKET", "MESSAGE#000002"}]
    assert [item["schema"] for item in newest] == [SCHEMA] * 2


def kept(name: str, table: str) -> None:
    """Put the items of a kept file into a table; bytes are kept in base64."""
    for item in json.loads((Path(__file__).with_name("kept") / name).read_text()):
        boto3.client("dynamodb").put_item(TableName=table, Item=decoded(item))


def decoded(item: dict[str, Any]) -> dict[str, Any]:
    """Return an item's attributes with their bytes, as boto3 takes them; maps included."""
    found = {}
    for name, value in item.items():
        ((kind, content),) = value.items()
        if kind == "B":
            content = b64decode(content)
        found[name] = {kind: decoded(content) if kind == "M" else content}
    return found


def test_choices_that_an_earlier_version_left_behind_are_cleared_by_the_next_move(
    stack: Stack,
) -> None:
    """That version reopened a ticket of which its customer had been asked, and kept the choices."""
    kept("choices-left-2026-11-27.json", stack.outputs["TicketsTable"])
    tickets = DynamoTickets(clients.table(stack.outputs["TicketsTable"]))
    before = tickets.get(an_id(7))
    assert before is not None
    assert before.choices == ("refund", "cancel_order")

    tickets.commit(ticket.follow_up(before, "1", now=LATER))

    after = tickets.get(an_id(7))
    assert after is not None
    assert (after.state, after.choices) == (State.ESCALATED, ())
    assert replay(tickets.events(an_id(7))) == after


def test_a_customer_who_is_not_verified_stays_so_and_a_key_is_remembered(stack: Stack) -> None:
    kept("not-verified-2026-11-28.json", stack.outputs["TicketsTable"])
    tickets = DynamoTickets(clients.table(stack.outputs["TicketsTable"]))
    soon = datetime(2026, 11, 28, 10, tzinfo=UTC)

    again = customers.follow_up(
        an_id(8), "token-8", "And now?", guard=Guard(IdempotencyKey("shop", "key-8")),
        tickets=tickets, intake=Silent(), escalations=Silent(), texts=InMemoryTexts(), now=soon,
    )  # fmt: skip

    found = tickets.get(an_id(8))
    assert found is not None
    assert (again.version, again.repeated, found.version) == (2, True, 2)
    assert not found.customer.verified
    assert replay(tickets.events(an_id(8))) == found
    both = [replace(found.customer, verified=verified) for verified in (True, False)]
    lists = [[each.id for each in tickets.of_customer(customer)] for customer in both]
    assert lists == [[], [an_id(8)]]


def test_the_customers_of_earlier_versions_are_verified(tickets: DynamoTickets) -> None:
    """There were servers' keys only."""
    for number in range(1, 7):
        found = tickets.get(an_id(number))
        assert found is not None
        assert found.customer.verified


def test_the_knowledge_of_earlier_versions_is_read_and_edited(stack: Stack) -> None:
    kept("knowledge-2026-11-27.json", stack.outputs["KnowledgeTable"])
    knowledge = DynamoKnowledge(clients.table(stack.outputs["KnowledgeTable"]))
    lead = knowledge.agent("lena")
    assert lead == Agent("lena", frozenset({Role.AGENT, Role.LEAD}), frozenset({"orders"}))
    curator = Curator(lead=lead, knowledge=knowledge, clock=lambda: LATER)

    refund = curator.get("refund")
    assert (refund.needs, refund.by_status) == (None, ())
    curator.edit(replace(refund, answer="Within 30 days."))
    curator.roll_back("gift_card")

    assert [each.version for each in curator.history("refund")] == [1, 2, 3]
    assert {each.intent for each in knowledge.all()} == {"gift_card", "refund"}
    assert knowledge.canned() == {"apology": "Dear {name}, we are sorry."}


def test_kept_facts_and_dates_are_read_and_sent(stack: Stack) -> None:
    kept("facts-2026-11-28.json", stack.outputs["KnowledgeTable"])
    knowledge = DynamoKnowledge(clients.table(stack.outputs["KnowledgeTable"]))
    lead = Agent("lena", frozenset({Role.AGENT, Role.LEAD}))
    refund = Curator(lead=lead, knowledge=knowledge, clock=lambda: LATER).get("refund")

    assert (refund.automatic, refund.automatic_reason, refund.owner) == (True, "No risk.", "lena")
    assert (refund.review_on, refund.valid_from, refund.valid_until) == (
        date(2027, 3, 1), date(2026, 11, 1), date(2027, 12, 31),
    )  # fmt: skip
    sent = as_sent(refund, knowledge.facts, LATER)
    assert sent
    assert sent.answer == "Within 30 days."
    Stater(lead=lead, knowledge=knowledge, clock=lambda: LATER).set("return_period", "9 days")
    assert knowledge.facts().values == {"return_period": "9 days"}


def test_a_knowledge_from_before_editions_is_the_first_and_can_be_replaced(stack: Stack) -> None:
    """Its golden set is the object in the bucket until another is loaded."""
    kept("knowledge-2026-11-27.json", stack.outputs["KnowledgeTable"])
    table = clients.table(stack.outputs["KnowledgeTable"])
    models = PublishedModels(clients.s3(), stack.outputs["Bucket"], table)
    line = b'{"text": "my money", "intent": "refund"}'
    clients.s3().put_object(Bucket=models.bucket, Key=GOLDEN_KEY, Body=line)
    editions = DynamoEditions(table, models)

    first = editions.to_learn()
    clients.s3().delete_object(Bucket=models.bucket, Key=GOLDEN_KEY)

    assert [each.intent for each in first.articles] == ["refund"]
    assert (first.number, first.golden) == (0, (Golden("my money", ("refund",)),))
    assert editions.records() == ()
    editions.put_in_force(1, instead_of=0, at=LATER, by="lena", model=None)
    assert DynamoKnowledge(table).all() == ()


def test_kept_editions_are_read_edited_and_gone_back_to(stack: Stack) -> None:
    kept("editions-2026-11-27.json", stack.outputs["KnowledgeTable"])
    table = clients.table(stack.outputs["KnowledgeTable"])
    models = PublishedModels(clients.s3(), stack.outputs["Bucket"], table)
    for version in ("first", "second"):
        models.keep(version, version.encode())
    knowledge, editions = DynamoKnowledge(table), DynamoEditions(table, models)
    lead = Agent("lena", frozenset({Role.AGENT, Role.LEAD}))
    curator = Curator(lead=lead, knowledge=knowledge, clock=lambda: LATER)

    present = editions.to_learn()
    assert (present.number, len(present.golden)) == (1, 2)
    assert [each.intent for each in present.articles] == ["loan", "opening_hours"]
    assert [each.intent for each in present.retired] == ["track_order"]
    assert [each.failed[0].made for each in models.history() if each.refused] == [
        "answered as loan"
    ]
    curator.edit(replace(curator.get("loan"), answer="Three weeks."))
    assert [each.version for each in curator.history("loan")] == [1, 2, 3]

    replacer = Replacer(
        lead=lead, editions=editions, rehearse=Silent().rehearse, clock=lambda: LATER
    )
    model = replacer.go_back(replacer.plan_return())
    assert model
    assert (model.version, models.current()) == ("first", model)
    assert [each.intent for each in knowledge.all()] == ["refund"]
    assert editions.to_learn().golden == (Golden("my money back", ("refund",)),)
    for version in ("first", "second"):
        clients.s3().delete_object(Bucket=models.bucket, Key=f"models/{version}.npz")


def test_a_kept_level_is_read_and_raised_and_older_tickets_have_none(
    tickets: DynamoTickets, stack: Stack
) -> None:
    kept("severity-2026-11-28.json", stack.outputs["TicketsTable"])

    for number in range(1, 7):
        old = tickets.get(an_id(number))
        assert old
        assert (old.severity, old.level) == (None, 0)
    found = tickets.get(an_id(9))
    assert found
    assert replay(tickets.events(an_id(9))) == found
    assert found.severity
    assert found.severity.explained == "1 lead: demands money back (message 1)"
    assert (found.severity.team, found.severity.least) == ("returns_team", 8)

    soon = datetime(2026, 11, 28, 10, tzinfo=UTC)
    for number in (1, 9):
        before = tickets.get(an_id(number))
        assert before
        tickets.commit(ticket.follow_up(before, "My lawyer will write to you", now=soon))
        graver = tickets.get(an_id(number))
        assert graver
        assert (graver.level, replay(tickets.events(an_id(number)))) == (3, graver)
