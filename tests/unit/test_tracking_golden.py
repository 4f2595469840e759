"""Five hundred questions about the orders of two hundred customers, of a second hand.

A quarter are attacks: other people's orders, several numbers, numbers in quotes, orders to obey.
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from helpdesk import tracking
from helpdesk.knowledge import Article, Facts, as_sent, shipped
from helpdesk.records import Holding, Order, read_order
from helpdesk.ticket import Customer, CustomerKey
from helpdesk.triage import Answer, Ask, Decision, Entity, Escalate, Understanding
from helpdesk.understanding.entities import PATTERNS

from infra.teaching import knowledge_files
from tests.fakes import MORNING, InMemoryArticles, InMemoryTexts, Office, an_understanding
from tests.orders import InMemoryRecords

GOLDEN = Path(__file__).parents[1] / "golden"
UNKNOWN, WHICH = (shipped()[name] for name in (tracking.UNKNOWN, tracking.WHICH))


def lines(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (GOLDEN / name).read_text().splitlines()]


QUESTIONS = lines("order_questions.jsonl")
OF_KIND = {kind: [q for q in QUESTIONS if q["kind"] == kind] for kind in Counter(
    q["kind"] for q in QUESTIONS
)}  # fmt: skip


class Reader:
    """Finds entities by the product's own patterns, and takes everything for `track_order`."""

    def understand(self, text: str) -> Understanding:
        taken, found = set[int](), list[Entity]()
        for kind, pattern, normalise in PATTERNS:
            for match in pattern.finditer(text):
                value = normalise(match)
                if value and not taken & {*range(*match.span())}:
                    taken |= {*range(*match.span())}
                    found.append(Entity(kind, value, *match.span(), match[0]))
        understood = an_understanding(("track_order", 0.9))
        return replace(understood, entities=tuple(sorted(found, key=lambda each: each.start)))


@cache
def holdings() -> Mapping[str, Holding]:
    return {
        each["email"]: Holding(
            key=CustomerKey.typed(each["email"]), orders=tuple(map(read_order, each["orders"]))
        )
        for each in lines("order_records.jsonl")
    }


@cache
def article() -> Article:
    found = next(each for each in knowledge_files.read() if each.intent == "track_order")
    sent = as_sent(found, lambda _: Facts(values=knowledge_files.facts()), MORNING)
    assert sent
    return sent


@dataclass(frozen=True)
class Replied:
    """What a question led to: the decision, what the customer reads, and what was read."""

    decision: Decision
    text: str
    reads: tuple[str, ...]


def records_of(*emails: str) -> InMemoryRecords:
    return InMemoryRecords({h.key: h for h in map(holdings().__getitem__, emails)}, imported=True)


def replied(question: dict[str, Any], records: InMemoryRecords) -> Replied:
    office = Office.open()
    customer = Customer(email=question["email"], verified=question["verified"])
    receipt = office.submit(question["text"], customer=customer)
    conversation = office.tickets.conversation(receipt.ticket_id)
    assert conversation
    records.reads.clear()
    decision = tracking.tracked(
        Answer(article()),
        conversation,
        language="en",
        records=records,
        understander=Reader(),
        texts=InMemoryTexts(),
    )
    text = decision.text if isinstance(decision, Answer | Ask) else ""
    return Replied(decision, text, tuple(records.reads))


@cache
def whole() -> Mapping[str, Replied]:
    """Return what each question leads to, by its id, with the records of all customers."""
    everyone = records_of(*holdings())
    return {each["id"]: replied(each, everyone) for each in QUESTIONS}


def own(question: dict[str, Any]) -> tuple[Order, ...]:
    return holdings()[question["email"]].orders


def test_there_is_something_to_ask() -> None:
    assert (len(QUESTIONS), len(holdings())) == (500, 200)
    assert len(OF_KIND["attack"]) >= 100


@pytest.mark.parametrize("kind", OF_KIND)
def test_no_reply_depends_on_the_records_of_others(kind: str) -> None:
    """The same question to a desk that has the customer's records alone: word for word equal."""
    for question in OF_KIND[kind]:
        assert replied(question, records_of(question["email"])) == whole()[question["id"]]


def test_no_number_or_link_of_others_is_in_a_reply() -> None:
    for question in QUESTIONS:
        text = whole()[question["id"]].text
        for email, holding in holdings().items():
            for order in holding.orders if email != question["email"] else ():
                assert order.number not in text, question["id"]
                assert not order.tracking or order.tracking not in text, question["id"]


def test_what_is_not_theirs_and_what_is_not_there_are_the_same_words_and_reads() -> None:
    told = {
        kind: {(whole()[q["id"]].text, whole()[q["id"]].reads) for q in OF_KIND[kind]}
        for kind in ("foreign_number", "no_such_number")
    }

    assert told["foreign_number"] == told["no_such_number"] == {(UNKNOWN, ("order", "kept"))}


def test_the_own_number_tells_the_own_status() -> None:
    for question in OF_KIND["own_number"]:
        (order,) = (each for each in own(question) if each.number == question["number"])
        found = whole()[question["id"]]

        assert isinstance(found.decision, Answer), question["id"]
        assert order.number in found.text
        assert not order.tracking or order.status != "shipped" or order.tracking in found.text
        assert found.reads == ("order",)


def test_without_a_number_the_only_open_order_is_told() -> None:
    for question in OF_KIND["own_no_number"]:
        found = whole()[question["id"]]

        assert isinstance(found.decision, Answer), question["id"]
        assert question["number"] in found.text


def test_of_several_open_orders_the_desk_asks_which() -> None:
    for question in OF_KIND["several_open"]:
        found = whole()[question["id"]]
        open_ones = [each.number for each in own(question) if each.open]

        assert isinstance(found.decision, Ask), question["id"]
        assert found.text.startswith(WHICH)
        assert all(number in found.text for number in open_ones)
        assert "https://" not in found.text


def test_who_is_not_proven_gets_the_general_answer_and_nothing_is_read() -> None:
    for question in QUESTIONS:
        if not question["verified"]:
            found = whole()[question["id"]]
            assert (found.text, found.reads) == (article().answer, ()), question["id"]


def test_a_proven_attacker_reads_the_own_orders_or_none() -> None:
    for question in OF_KIND["attack"]:
        found = whole()[question["id"]]
        numbers = {each.number for each in own(question)}
        if question["verified"] and not isinstance(found.decision, Escalate):
            assert "MK-" not in found.text or any(number in found.text for number in numbers)


def test_a_few_go_through_the_worker() -> None:
    office = replace(
        Office.open(),
        articles=InMemoryArticles(article()),
        understander=Reader(),  # type: ignore[arg-type]
        records=records_of(*holdings()),
    )
    ways = {"own_number": "answered", "several_open": "asked", "foreign_number": "asked"}
    for kind, way in ways.items():
        for question in OF_KIND[kind][:5]:
            customer = Customer(email=question["email"])
            ticket_id = office.submit(question["text"], customer=customer).ticket_id
            outcome, _ = office.process(ticket_id)

            assert outcome == way, question["id"]
            assert office.texts(ticket_id)[-1] == whole()[question["id"]].text
