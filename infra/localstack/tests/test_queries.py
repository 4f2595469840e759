"""A query answers like moto's own, which walks the table, and meets only what it answers with."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from moto.dynamodb.exceptions import MockValidationException
from moto.dynamodb.models import DynamoDBBackend, dynamodb_backends
from moto.dynamodb.models.dynamo_type import DynamoType
from tables import ACCOUNT, REGION, STOCK_QUERY, calls_of, create, put


def index(name: str, *keys: str, **projection: Any) -> dict[str, Any]:
    return {
        "IndexName": name,
        "KeySchema": [
            {"AttributeName": key, "KeyType": kind}
            for key, kind in zip(keys, ("HASH", "RANGE"), strict=False)
        ],
        "Projection": projection or {"ProjectionType": "ALL"},
    }


INDEXES = [
    index("by-g", "g", "r"),
    index("by-g-alone", "g"),
    index("keys", "g", "r", ProjectionType="KEYS_ONLY"),
    index("some", "g", "r", ProjectionType="INCLUDE", NonKeyAttributes=["n", "absent"]),
]


def letters(alphabet: str) -> st.SearchStrategy[str]:
    return st.text(alphabet=alphabet, min_size=1, max_size=3)


ITEM = st.fixed_dictionaries(
    {"pk": letters("pq"), "sk": letters("aż\U0010ffff"), "n": st.integers(0, 9)},
    optional={"g": letters("gh"), "r": letters("aż\U0010ffff"), "nested": st.just({"M": {}})},
)
STEP = st.one_of(
    st.tuples(st.just("put"), ITEM),
    st.tuples(st.just("delete"), ITEM),
    st.tuples(st.just("move"), ITEM),
    st.tuples(st.just("ask"), ITEM),
)
QUESTION = st.fixed_dictionaries(
    {
        "index": st.sampled_from([None, *(entry["IndexName"] for entry in INDEXES)]),
        "partition": letters("pqgh"),
        "comparison": st.sampled_from(
            [None, "EQ", "LT", "LE", "GT", "GE", "<", "BETWEEN", "BEGINS_WITH"]
        ),
        "values": st.tuples(letters("aż\U0010ffff"), letters("aż\U0010ffff")).map(sorted),
        "limit": st.sampled_from([None, 1, 2, 5]),
        "forward": st.booleans(),
    }
)


def ask(table: Any, question: dict[str, Any], start: Any = None, *, how: Any = None) -> Any:
    ranged = table.has_range_key if question["index"] is None else question["index"] != "by-g-alone"
    comparison = question["comparison"] if ranged else None
    count = {None: 0, "BETWEEN": 2}.get(comparison, 1)
    return (how or type(table).query)(
        table,
        DynamoType({"S": question["partition"]}),
        comparison,
        [DynamoType({"S": value}) for value in question["values"][:count]],
        question["limit"],
        start,
        question["forward"],
        None,
        question["index"],
        False,
        None,
    )


def listed(answer: Any) -> Any:
    items, scanned, last = answer
    return [item.to_json() for item in items], scanned, last


def do(backend: DynamoDBBackend, table: Any, step: str, values: dict[str, Any]) -> None:
    key = {name: {"S": values[name]} for name in table.table_key_attrs}
    match step:
        case "put":
            put(table, **values)
        case "delete":
            backend.delete_item("T", key)
        case "move":
            backend.update_item(
                "T",
                key,
                "SET n = :n, g = :g REMOVE r" if "g" in values else "SET n = :n REMOVE g",
                {},
                {":n": {"N": str(values["n"])}, ":g": {"S": values.get("g", "g")}},
            )
        case _:
            for entry in INDEXES:
                table.query(
                    DynamoType({"S": "g"}), None, [], 1, None, True, None, entry["IndexName"]
                )


@pytest.mark.parametrize("keys", [("pk", "sk"), ("pk",)], ids="-".join)
@settings(max_examples=60, deadline=None)
@given(steps=st.lists(STEP, max_size=40), questions=st.lists(QUESTION, min_size=5, max_size=15))
def test_answers_are_those_of_a_walk_of_the_table(
    keys: tuple[str, ...], steps: list[Any], questions: list[Any]
) -> None:
    backend = dynamodb_backends[ACCOUNT][REGION]
    backend.tables.clear()
    table = create(backend, *keys, global_indexes=INDEXES)
    for step, values in steps:
        do(backend, table, step, values)
    for question in questions:
        expected = listed(ask(table, question, how=STOCK_QUERY))
        assert listed(ask(table, question)) == expected
        if (last := expected[2]) is not None:
            start = {name: value.to_json() for name, value in last.items()}
            assert listed(ask(table, question, start)) == listed(
                ask(table, question, start, how=STOCK_QUERY)
            )
    backend.tables.clear()


def test_pages_join_up(backend: DynamoDBBackend) -> None:
    table = create(backend, "pk", "sk", global_indexes=INDEXES)
    for number in range(40):
        put(table, pk=f"p{number % 7}", sk=f"s{number}", g="g", r=f"r{number % 3}", n=number)
    question = {
        "index": "by-g",
        "partition": "g",
        "comparison": None,
        "values": [],
        "limit": 3,
        "forward": False,
    }
    seen, start = [], None
    while True:
        page, _, last = ask(table, question, start)
        seen += [item.attrs["n"].value for item in page]
        if last is None:
            break
        start = {name: value.to_json() for name, value in last.items()}
    whole, _, _ = ask(table, {**question, "limit": None})
    assert seen == [item.attrs["n"].value for item in whole]
    assert len(seen) == 40


def test_numbers_that_a_float_cannot_tell_apart_are_two_items(backend: DynamoDBBackend) -> None:
    table = create(
        backend,
        "pk",
        "n",
        attr=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "n", "AttributeType": "N"},
        ],
    )
    for value in ("12345678901234567890.5", "12345678901234567890.6", "9"):
        table.put_item({"pk": {"S": "p"}, "n": {"N": value}})
    items, _, _ = table.query(DynamoType({"S": "p"}), None, [], None, None, True, None)
    assert [item.attrs["n"].value[-2:] for item in items] == ["9", ".5", ".6"]


def test_an_attribute_of_another_type_is_not_in_the_index(backend: DynamoDBBackend) -> None:
    table = create(backend, "pk", global_indexes=INDEXES)
    put(table, pk="text", g="g", r="1")
    put(table, pk="number", g="g", r=1)
    items, _, _ = table.query(DynamoType({"S": "g"}), None, [], None, None, True, None, "by-g")
    assert [item.hash_key.value for item in items] == ["text"]


def test_a_start_key_without_its_attributes_is_refused(backend: DynamoDBBackend) -> None:
    table = create(backend, "pk", "sk", global_indexes=INDEXES)
    with pytest.raises(MockValidationException, match="starting key"):
        table.query(DynamoType({"S": "g"}), None, [], 1, {"pk": {"S": "p"}}, True, None, "by-g")


def test_an_index_added_later_holds_what_was_there(backend: DynamoDBBackend) -> None:
    table = create(backend, "pk")
    put(table, pk="before", g="g", r="1")
    backend.update_table_global_indexes(table, [{"Create": INDEXES[0]}])
    put(table, pk="after", g="g", r="2")
    items, _, _ = table.query(DynamoType({"S": "g"}), None, [], None, None, True, None, "by-g")
    assert [item.hash_key.value for item in items] == ["before", "after"]


@pytest.mark.parametrize("name", [None, "by-g"])
@pytest.mark.parametrize("forward", [True, False])
def test_cost_does_not_grow_with_the_partition(
    backend: DynamoDBBackend, name: str | None, *, forward: bool
) -> None:
    """Counted in calls, of a page of ten from the middle, after a write."""
    table = create(backend, "pk", "sk", global_indexes=INDEXES)
    calls = []
    for size in (100, 10_000):
        for number in range(size):
            put(table, pk="p", sk=f"{number:05}", g="p", r=f"{number:05}")

        def one_page() -> None:
            put(table, pk="p", sk="00050", g="p", r="00050")
            page, _, _ = table.query(
                DynamoType({"S": "p"}),
                "GT" if forward else "LT",
                [DynamoType({"S": "00050"})],
                10,
                None,
                forward,
                None,
                name,
            )
            assert len(page) == 10

        one_page()
        calls.append(calls_of(one_page))
    few, many = calls
    assert 0 < many <= few * 1.1
