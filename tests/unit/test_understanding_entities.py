"""What a message names: kinds, normal forms and places, and time in proportion to the text."""

import re
from itertools import pairwise

import pytest
import spacy
from helpdesk.understanding import entities

from tests.regex_shape import faults

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
    ("ship to 10115 Berlin", "place", "10115 berlin"),
    ("the code is SW1A 1AA", "place", "sw1a 1aa"),
    ("do you ship to South Africa?", "place", "south africa"),
    ("I live in Zürich.", "place", "zürich"),
    ("roast turkey in paris green", "place", None),
    ("order 48213 is late", "place", None),
    ("since January 15th", "date", "--01-15"),
    ("I have the Travel  Kettle", "product", None),
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
    "text", ["I have 2 chairs", "open 24/7", "at 10:30", "v1.2.3", "50% off", "in the may sale"]
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


@pytest.mark.parametrize(
    "pattern",
    [pattern for _, pattern, _ in entities.PATTERNS],
    ids=lambda found: found.pattern[:30],
)
def test_the_work_grows_with_the_text_and_not_faster(pattern: re.Pattern[str]) -> None:
    assert not faults(pattern)
