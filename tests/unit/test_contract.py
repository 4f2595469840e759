"""What crosses the borders, and the document that describes it."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from helpdesk import contract, openapi, ticket
from helpdesk.contract import Accepted, Problem, QuestionIn, TicketMessage, TicketOut
from helpdesk.ticket import MAX_TEXT, Conversation, Customer, State
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate
from pydantic import BaseModel, ValidationError

from tests.fakes import ADA, MORNING, UNKNOWN, Office

DOCUMENT = openapi.document("1")


def faults_of(body: object) -> list[contract.Fault]:
    with pytest.raises(ValidationError) as caught:
        QuestionIn.model_validate_json(json.dumps(body))
    return contract.faults(caught.value)


@pytest.mark.parametrize(
    ("body", "field", "limit"),
    [
        ({}, "text", None),
        ({"text": ""}, "text", 1),
        ({"text": " \t\n\u00a0"}, "text", 1),
        ({"text": "\x1c\x1d"}, "text", 1),
        ({"text": 5}, "text", None),
        ({"text": None}, "text", None),
        ({"text": ["a"]}, "text", None),
        ({"text": "x" * (MAX_TEXT + 1)}, "text", MAX_TEXT),
        ({"text": "\f" + "x" * MAX_TEXT}, "text", MAX_TEXT),
        ({"text": "x" * MAX_TEXT + "\n"}, "text", MAX_TEXT),
        ({"text": "hi", "mood": "good"}, "mood", None),
        ({"text": "hi", "channel": "Web Site"}, "channel", None),
        ({"text": "hi", "customer": None}, "customer", None),
        ({"text": "hi", "customer": {"email": "not an address"}}, "customer.email", None),
        ({"text": "hi", "customer": {"email": f"{'a' * 250}@b.de"}}, "customer.email", 254),
        ({"text": "hi", "customer": {"name": "x" * 201}}, "customer.name", 200),
        ({"text": "hi", "customer": {"name": "x" * 200 + " "}}, "customer.name", 200),
        ({"text": "hi", "customer": {"name": ""}}, "customer.name", 1),
        ({"text": "hi", "customer": {"name": " "}}, "customer.name", 1),
        ({"text": "hi", "customer": {"reference": "\u200b"}}, "customer.reference", 1),
        ({"text": "hi", "customer": {"phone": "1"}}, "customer.phone", None),
        ([], "body", None),
        ("hi", "body", None),
    ],
)
def test_a_wrong_request_names_its_field_and_limit(
    body: object, field: str, limit: int | None
) -> None:
    """T8, F5."""
    (fault,) = faults_of(body)

    assert (fault.field, fault.limit) == (field, limit)


def test_every_fault_is_named_at_once() -> None:
    assert {fault.field for fault in faults_of({"text": "", "mood": 1, "channel": 2})} == {
        "text",
        "mood",
        "channel",
    }


def test_a_fault_does_not_repeat_what_was_sent() -> None:
    """T16: not even the wrong text goes into an answer that may be logged."""
    said = faults_of({"text": "my secret " * MAX_TEXT, "customer": {"email": "secret"}})

    assert "secret" not in repr(said)


@pytest.mark.parametrize("text", ["x" * MAX_TEXT, "🙂" * MAX_TEXT, "  x  ", "مرحبا، أين طلبي؟"])
def test_a_question_of_the_allowed_length_is_taken(text: str) -> None:
    question = QuestionIn.model_validate_json(json.dumps({"text": text})).question()

    assert question.text == text.strip()


def test_white_space_around_who_asks_is_dropped() -> None:
    body = {"text": "hi", "customer": {"email": " ada@example.com\n", "name": " Ada "}}

    customer = QuestionIn.model_validate_json(json.dumps(body)).question().customer

    assert (customer.email, customer.name) == ("ada@example.com", "Ada")


def test_the_longest_question_fits_the_largest_body() -> None:
    longest = {
        "text": "🙂" * MAX_TEXT,
        "channel": "x" * 32,
        "customer": {"email": "e" * 254, "name": "🙂" * 200, "reference": "🙂" * 200},
    }

    assert len(json.dumps(longest)) <= contract.MAX_BODY


@pytest.mark.parametrize(
    "body",
    [
        '{"ticket": "short"}',
        '{"ticket": "UPPERCASE1234567"}',
        '{"ticket": "0123456789abcdef\\n"}',
        '{"ticket": "0123456789abcdef", "text": "hello"}',
        '{"ticket": 1}',
        "{}",
        "hello",
        "",
    ],
)
def test_a_queue_message_is_one_ticket_id_and_nothing_else(body: str) -> None:
    with pytest.raises(ValidationError):
        TicketMessage.model_validate_json(body)


def test_a_customer_sees_neither_the_agents_name_nor_what_opens_the_ticket() -> None:
    office = Office.open()
    receipt = office.submit(UNKNOWN)
    office.work_off()
    office.take_next("ada.lovelace")
    office.reply(receipt.ticket_id, agent="ada.lovelace")
    conversation = office.tickets.conversation(receipt.ticket_id)
    assert conversation is not None

    seen = TicketOut.of(conversation).model_dump_json()

    assert "ada.lovelace" not in seen
    assert conversation.ticket.token_hash not in seen
    sources = [message["source"] for message in json.loads(seen)["messages"]]
    assert sources == ["customer", "automatic", "agent"]


def test_a_customer_sees_by_when_a_person_answers_while_one_is_awaited() -> None:
    office = Office.open()
    receipt = office.submit(UNKNOWN)

    def due() -> datetime | None:
        conversation = office.tickets.conversation(receipt.ticket_id)
        assert conversation is not None
        assert conversation.ticket.urgency.due
        shown = TicketOut.of(conversation).due_at
        assert shown in {None, conversation.ticket.urgency.due}
        return shown

    assert due() is None, "the desk may answer at once"
    office.work_off()
    assert due()
    office.take_next("ada")
    assert due()
    office.reply(receipt.ticket_id, agent="ada")
    assert due() is None


def test_a_ticket_shows_intent_and_score_once_known() -> None:
    """F2: intent and score (0 to 1)."""
    office = Office.open()
    receipt = office.submit()

    def seen() -> TicketOut:
        conversation = office.tickets.conversation(receipt.ticket_id)
        assert conversation is not None
        return TicketOut.of(conversation, server=True)

    assert (seen().intent, seen().score) == (None, None)
    office.work_off()
    assert (seen().intent, seen().score) == ("refund", 0.9)


def test_the_document_is_valid_openapi() -> None:
    validate(DOCUMENT)


def test_every_schema_is_used() -> None:
    text = json.dumps(DOCUMENT)

    unused = {
        name
        for name in DOCUMENT["components"]["schemas"]
        if f'"#/components/schemas/{name}"' not in text
    }
    assert not unused


def validator(model: str) -> OAS31Validator:
    return OAS31Validator({"$ref": f"#/components/schemas/{model}"} | DOCUMENT)


@pytest.mark.parametrize(
    "answer",
    [
        Accepted(id="0123456789abcdef", token="t", status=State.RECEIVED),
        Problem(title="Not a question", status=400, detail="text: missing"),
        contract.Health(status="ok"),
    ],
    ids=lambda answer: type(answer).__name__,
)
def test_what_the_api_says_is_what_the_document_promises(answer: BaseModel) -> None:
    validator(type(answer).__name__).validate(json.loads(answer.model_dump_json()))


def test_a_ticket_at_any_time_is_what_the_document_promises() -> None:
    office = Office.open()
    receipt = office.submit(UNKNOWN)
    for step in (lambda: None, office.work_off, office.take_next):
        step()
        conversation = office.tickets.conversation(receipt.ticket_id)
        assert conversation is not None
        validator("TicketOut").validate(json.loads(TicketOut.of(conversation).model_dump_json()))


def examples(schema: dict[str, Any], root: str) -> Iterator[tuple[str, dict[str, Any], Any]]:
    for name, described in schema.get("properties", {}).items():
        for example in described.get("examples", ()):
            yield f"{root}.{name}", described, example


EXAMPLES = [
    pytest.param(described, example, id=f"{where}={example}")
    for name, schema in DOCUMENT["components"]["schemas"].items()
    for where, described, example in examples(schema, name)
]


@pytest.mark.parametrize(("schema", "example"), EXAMPLES)
def test_every_example_is_one(schema: dict[str, Any], example: object) -> None:
    OAS31Validator(schema | {"components": DOCUMENT["components"]}).validate(example)


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 4


def test_the_smallest_question_of_the_document_is_taken() -> None:
    schema = DOCUMENT["components"]["schemas"]["AskedIn"]
    smallest = {name: schema["properties"][name]["examples"][0] for name in schema["required"]}

    assert QuestionIn.model_validate_json(json.dumps(smallest)).question().channel == "web"


def test_another_sender_is_named_and_no_agent_is() -> None:
    opened = ticket.submit(
        ticket_id="1" * 16,
        text="Where is my order?",
        customer=Customer(email="ada@example.com"),
        channel="mail",
        token_hash="hash",
        now=MORNING,
        token_life=timedelta(days=90),
        retention=timedelta(days=400),
    )
    added = ticket.follow_up(opened.after, "I am Bob.", now=MORNING, author="bob@example.org")
    given_up = ticket.give_up(added.after, now=MORNING)
    held = ticket.claim(given_up.after, ADA, now=MORNING, length=timedelta(minutes=15))
    replied = ticket.reply(held.after, ADA, "It is here.", now=MORNING)
    said = (*opened.messages, *added.messages, *replied.messages)

    found = TicketOut.of(Conversation(replied.after, said)).messages
    assert [each.sender for each in found] == [None, "bob@example.org", None]


def test_a_field_that_may_have_several_forms_is_named_once_and_plainly() -> None:
    with pytest.raises(ValidationError) as refused:
        contract.MessageToProcess.model_validate({"current_prospect_message": " ", "Odd-one": 1})

    told = {each.field: each.message for each in contract.faults(refused.value)}

    assert told["current_prospect_message"] == "String should have at least 1 character"
    assert "Odd-one" in told
    assert not [field for field in told if "[" in field]
