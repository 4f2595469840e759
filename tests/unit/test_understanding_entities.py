"""What a message names: kinds, normal forms and places, and time in proportion to the text."""

import json
import re
from itertools import pairwise
from pathlib import Path

import pytest
import spacy
from helpdesk.evaluation.cases import Named
from helpdesk.evaluation.normal import normal
from helpdesk.naming import KINDS
from helpdesk.understanding import entities

from tests.regex_shape import faults

DEVELOPMENT = Path(__file__).parents[1] / "golden" / "entities_dev.jsonl"

NAMED = [
    ("order number 10482 please", "order_number", "10482"),
    ("my order #A-12345 is late", "order_number", "A-12345"),
    ("cancel purchase 123", "order_number", "123"),
    ("it was order no. 88-10233", "order_number", "88-10233"),
    ("ORD-99812 never came", "order_number", "ORD-99812"),
    ("4471902, bought the wrong colour", "order_number", "4471902"),
    ("invoice INV-2024-001", "invoice_number", "INV-2024-001"),
    ("invoice number 55/", "invoice_number", None),
    ("receipt no 88123 is wrong", "invoice_number", "88123"),
    ("tracking 1Z999AA10123456784", "tracking_number", "1Z999AA10123456784"),
    ("RR123456785GB is stuck", "tracking_number", "RR123456785GB"),
    ("tracking number is JD0146000029", "tracking_number", "JD0146000029"),
    ("I paid $1,299.99", "amount", "1299.99 USD"),
    ("39.90 euros", "amount", "39.90 EUR"),
    ("1.299,50 EUR back", "amount", "1299.50 EUR"),
    ("£20 off", "amount", "20.00 GBP"),
    ("64 dollars", "amount", "64.00 USD"),
    ("since 2024-01-15", "date", "2024-01-15"),
    ("on January 15th, 2024", "date", "2024-01-15"),
    ("on 3 november", "date", "--11-03"),
    ("May 5 already", "date", "--05-05"),
    ("on 25/12/2024", "date", "2024-12-25"),
    ("on 12/25/2024", "date", "2024-12-25"),
    ("on 03/04/2024", "date", "03/04/2024"),
    ("on 15.01.24", "date", "2024-01-15"),
    ("on 31.02.2024", "date", None),
    ("write to Jo.Doe+shop@Example.ORG.", "email", "jo.doe+shop@example.org"),
    ("call +44 20 7946 0958", "phone", "+442079460958"),
    ("call (030) 123 4567", "phone", "0301234567"),
    ("deliver to 12 Baker Street please", "place", "12 baker street"),
    ("Flat 3, 7 Willow Court", "place", "flat 3, 7 willow court"),
    ("send it to Lindenstraße 4a", "place", "lindenstrasse 4a"),
    ("the code is SW1A 1AA", "place", "sw1a 1aa"),
    ("do you ship to South Africa?", "place", "south africa"),
    ("I live in Zürich.", "place", "zürich"),
    ("roast turkey in paris green", "place", None),
    ("order 48213 is late", "place", None),
    ("since January 15th", "date", "--01-15"),
    ("I have the TRAVEL KETTLE", "product", "travel kettle"),
]


@pytest.fixture(scope="module")
def pipeline() -> spacy.language.Language:
    nlp = spacy.blank("en")
    nlp.add_pipe("helpdesk_entities", config={"products": ["travel kettle"]})
    return nlp


@pytest.mark.parametrize(("text", "kind", "value"), NAMED)
def test_what_is_named_is_found_in_its_normal_form(
    pipeline: spacy.language.Language, text: str, kind: str, value: str | None
) -> None:
    found = [e.value for e in pipeline(text)._.entities if e.kind == kind]
    assert found == ([value] if value else [])


@pytest.mark.parametrize(
    "text", ["I have 2 children", "open 24/7", "at 10:30", "v1.2.3", "50% off", "in the may sale"]
)
def test_ordinary_numbers_name_nothing(pipeline: spacy.language.Language, text: str) -> None:
    assert pipeline(text)._.entities == ()


def test_places_point_into_the_text_and_do_not_overlap(pipeline: spacy.language.Language) -> None:
    text = "order A-12345 of 2024-01-15 over $20, mail a@b.example"
    found = pipeline(text)._.entities
    assert [e.kind for e in found] == ["order_number", "date", "amount", "email"]
    assert [text[e.start : e.end] for e in found] == [
        "order A-12345", "2024-01-15", "$20", "a@b.example",
    ]  # fmt: skip
    assert all(text[e.start : e.end] == e.spelling for e in found)
    assert all(one.end <= other.start for one, other in pairwise(found))


SEVERAL = [
    ("ship to 10115 Berlin", "place", ["10115", "berlin"]),
    ("to Gartenweg 12, 8004 Zurich", "place", ["gartenweg 12", "8004", "zurich"]),
    ("do you ship to germany or the uk?", "place", ["germany", "uk"]),
    ("the store in Bath has a bath", "place", ["bath"]),
    ("we live in Obertal now", "place", ["obertal"]),
    ("it lies in Springfield, IL 62704", "place", ["springfield", "62704"]),
    ("yesterday or on Monday", "date", ["yesterday", "monday"]),
    ("by next Friday", "date", ["next friday"]),
    ("my Black Friday deal of last week", "date", []),
    ("since the 24th, not January 15th", "date", ["---24", "--01-15"]),
    ("the 2nd driver, the 3rd time", "date", []),
    ("on 25/11 or by 03/04", "date", ["--11-25", "03/04"]),
    ("forty euros and two hundred and five dollars", "amount", ["40.00 EUR", "205.00 USD"]),
    ("49.90 for the lamp", "amount", ["49.90"]),
    ("they charged me 1,250 for it", "amount", ["1250.00"]),
    ("I paid 3 times and waited 12.50 hours", "amount", []),
    ("open from 9.30 to 17.45", "amount", []),
    ("my walnut bookshelf came", "product", ["walnut bookshelf"]),
    ("the broken desk lamp", "product", ["desk lamp"]),
    ("we ordered linen curtains and towels", "product", ["linen curtains", "towels"]),
    ("a gift card, not my credit card", "product", ["gift card"]),
    ("I bought a zephyr last week", "product", ["zephyr"]),
    ("I bought a subscription last week", "product", []),
    ("my XT-200 headphones hum", "product", ["xt-200 headphones"]),
    ("the XT-200 hums", "product", ["xt-200"]),
    ("I write from my laptop, on my phone number", "product", []),
    ("in case I saw it, stand up", "product", []),
    ("I have the Travel  Kettle", "product", ["travel kettle"]),
    ("my new travel kettle and TRAVEL KETTLE", "product", ["travel kettle", "travel kettle"]),
]


@pytest.mark.parametrize(("text", "kind", "values"), SEVERAL)
def test_each_thing_is_named_once_and_what_only_looks_so_is_not(
    pipeline: spacy.language.Language, text: str, kind: str, values: list[str]
) -> None:
    assert [e.value for e in pipeline(text)._.entities if e.kind == kind] == values


def test_the_number_of_a_model_is_no_order(pipeline: spacy.language.Language) -> None:
    kinds = [e.kind for e in pipeline("my XT-200, ORD-200, order XT-200")._.entities]
    assert kinds == ["product", "order_number", "order_number"]


def test_messages_for_development_are_understood(pipeline: spacy.language.Language) -> None:
    named = found = both = 0
    for line in DEVELOPMENT.read_text("utf-8").splitlines():
        case = json.loads(line)
        wanted = {normal(Named(**each)) for each in case["entities"]}
        ours = {
            normal(Named(KINDS.get(each.kind, each.kind), each.spelling))
            for each in pipeline(case["text"])._.entities
        }
        named, found, both = named + len(wanted), found + len(ours), both + len(wanted & ours)
    assert both / named >= 0.95
    assert both / found >= 0.95


@pytest.mark.parametrize(
    "pattern",
    [*(pattern for _, pattern, _ in entities.PATTERNS), entities.UNLISTED],
    ids=lambda found: found.pattern[:30],
)
def test_the_work_grows_with_the_text_and_not_faster(pattern: re.Pattern[str]) -> None:
    assert not faults(pattern)
