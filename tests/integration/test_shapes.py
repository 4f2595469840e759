"""What is stored of the desk's dataclasses, and how it is read again; pydantic is the judge."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from helpdesk.aws.attribute_values import plain, stored
from helpdesk.aws.conditions import Key
from helpdesk.aws.shapes import Shape, UnreadableError
from helpdesk.curation import EditionRecord, InForce, Revision
from helpdesk.knowledge import Article, Golden, Retired
from helpdesk.learning import Published
from helpdesk.stats import Happening
from helpdesk.ticket import Event, Message, Ticket
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from tests.fakes import MORNING

WITHOUT_NONE = (Ticket, Message, Happening)
KINDS = (*WITHOUT_NONE, Revision, Published, EditionRecord, InForce, Golden, Retired)
NOT_KEPT: dict[Any, Any] = {Ticket: {"understanding": {"goods", "meaning"}}}
START = MORNING.replace(tzinfo=None, year=2020)
moments = st.datetimes(START, START.replace(year=2090), timezones=st.just(UTC))
st.register_type_strategy(datetime, moments)
st.register_type_strategy(float, st.floats(-1e6, 1e6, width=32))
names = st.from_regex(r"[a-z]{1,9}", fullmatch=True)
articles = st.builds(
    Article,
    intent=names,
    title=names,
    answer=names,
    utterances=st.lists(names, min_size=1).map(tuple),
    category=names,
    department=names,
)
st.register_type_strategy(Article, articles)


@pytest.mark.parametrize(
    ("kind", "none"), [*((k, True) for k in KINDS), *((k, False) for k in WITHOUT_NONE)]
)
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_writes_and_reads_what_pydantic_does(kind: Any, none: bool, data: Any) -> None:
    value = data.draw(st.from_type(kind))
    shape, judge = Shape[Any](kind), TypeAdapter(kind)

    written = shape.write(value, none=none)
    as_numbers = json.loads(json.dumps(written, default=float))

    expected = judge.dump_python(
        value, mode="json", exclude_none=not none, exclude=NOT_KEPT.get(kind)
    )
    for name in ("tags", "merged"):  # sets are kept in the order of their text
        if name in expected:
            expected[name] = sorted(expected[name])
    assert as_numbers == json.loads(json.dumps(expected))
    assert plain(stored(written)) == written
    assert shape.read(plain(stored(written))) == judge.validate_python(expected) == value


A_MESSAGE: dict[str, Any] = {
    "number": Decimal(1),
    "source": "customer",
    "text": "hello",
    "at": "2026-03-02T09:00:00Z",
}


def test_fields_of_other_versions_are_no_fault() -> None:
    found = Shape[Message](Message).read({**A_MESSAGE, "mood": "new"})

    assert (found.text, found.author) == ("hello", None)


@pytest.mark.parametrize(
    "fault",
    [
        {"number": "1"},
        {"number": Decimal("1.5")},
        {"number": True},
        {"source": "nobody"},
        {"text": 7},
        {"text": None},
        {"at": "yesterday"},
        {"author": 7},
    ],
)
def test_what_is_of_another_type_is_refused(fault: dict[str, Any]) -> None:
    with pytest.raises(UnreadableError):
        Shape[Message](Message).read({**A_MESSAGE, **fault})


@pytest.mark.parametrize("missing", list(A_MESSAGE))
def test_what_is_missing_is_named(missing: str) -> None:
    kept = {name: value for name, value in A_MESSAGE.items() if name != missing}

    with pytest.raises(UnreadableError, match=missing):
        Shape[Message](Message).read(kept)


def test_a_text_is_no_list() -> None:
    with pytest.raises(UnreadableError, match="not a list"):
        Shape[Published](Published).read(
            {
                "version": "1",
                "at": "2026-03-02T09:00:00Z",
                "knowledge": "k",
                "figures": None,
                "refused": "why",
            }
        )


def test_a_moment_may_be_stored_in_seconds() -> None:
    read = Shape[datetime](datetime).read

    assert read(Decimal(1_772_442_000)) == datetime.fromtimestamp(1_772_442_000, UTC)


def test_a_type_that_nothing_stores_has_no_reader() -> None:
    with pytest.raises(UnreadableError, match="no reader"):
        Shape[timedelta](timedelta).read(1)


def test_what_dynamodb_does_not_take_is_refused() -> None:
    for value in (1.5, {1}, datetime.now(UTC)):
        with pytest.raises(TypeError, match="DynamoDB cannot store a"):
            stored({"value": value})
    with pytest.raises(TypeError, match="BS"):
        plain({"BS": []})


def test_bytes_are_kept_as_they_are() -> None:
    value = {"changed": b"\x00\xff", "message": {"text": b""}}

    assert stored(value)["M"]["changed"] == {"B": b"\x00\xff"}
    assert plain(stored(value)) == value


def test_events_keep_what_they_changed() -> None:
    event = {**A_MESSAGE, "move": "closed", "actor": "ada", "changed": {"state": "closed"}}

    assert Shape[Event](Event).read(event).changed == {"state": "closed"}


def test_conditions_name_what_they_are_about_and_hold_no_value() -> None:
    found = (Key("pk").eq("a") & Key("due").between(1, 2)).parameters("KeyConditionExpression")

    assert found == {
        "KeyConditionExpression": "#k0 = :v1 AND #k2 BETWEEN :v3 AND :v4",
        "ExpressionAttributeNames": {"#k0": "pk", "#k2": "due"},
        "ExpressionAttributeValues": {":v1": "a", ":v3": 1, ":v4": 2},
    }
    assert "ExpressionAttributeValues" not in Key("pk").not_exists().parameters("Condition")
