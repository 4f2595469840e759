"""The updates that replace indexes of tables: one index at a time, and never one that is asked."""

import copy
from typing import Any

import pytest

from infra.deploying.index_steps import Template, steps


def an_index(name: str, *, sort: str = "at", **projection: Any) -> dict[str, Any]:
    return {
        "IndexName": name,
        "KeySchema": [
            {"AttributeName": f"{name}_key", "KeyType": "HASH"},
            {"AttributeName": sort, "KeyType": "RANGE"},
        ],
        "Projection": {"ProjectionType": "KEYS_ONLY", **projection},
    }


def a_table(*indexes: dict[str, Any]) -> dict[str, Any]:
    keys = [{"AttributeName": "pk", "KeyType": "HASH"}]
    used = {key["AttributeName"]: None for each in indexes for key in each["KeySchema"]}
    properties: dict[str, Any] = {
        "KeySchema": keys,
        "AttributeDefinitions": [
            {"AttributeName": name, "AttributeType": "S"} for name in ("pk", *used)
        ],
    }
    if indexes:
        properties["GlobalSecondaryIndexes"] = list(indexes)
    return {"Type": "AWS::DynamoDB::Table", "DeletionPolicy": "Retain", "Properties": properties}


def a_template(release: str, **tables: dict[str, Any]) -> Template:
    function = {"Type": "AWS::Serverless::Function", "Properties": {"CodeUri": release}}
    return {"Resources": {"Worker": function, **tables}}


def named(*names: str) -> dict[str, Any]:
    return a_table(*map(an_index, names))


def indexes(template: Template, table: str = "Table") -> dict[str, dict[str, Any]]:
    found = template["Resources"][table]["Properties"].get("GlobalSecondaryIndexes", [])
    return {each["IndexName"]: each for each in found}


def release(template: Template) -> str:
    found: str = template["Resources"]["Worker"]["Properties"]["CodeUri"]
    return found


def carried_out(deployed: Template, wanted: Template) -> list[tuple[str, list[str]]]:
    """Make every update as DynamoDB would allow it; return the functions and indexes after each."""
    present, seen = deployed, []
    for template in (*(step.template for step in steps(deployed, wanted)), wanted):
        for table in (name for name in present["Resources"] if name != "Worker"):
            before, after = indexes(present, table), indexes(template, table)
            moved = [n for n in before | after if before.get(n) != after.get(n)]
            assert len(moved) <= 1, f"{moved} of {table} in one update"
            assert not [n for n in moved if n in before and n in after], "no index changes in place"
            properties = template["Resources"][table]["Properties"]
            keys = [each["KeySchema"] for each in after.values()] + [properties["KeySchema"]]
            used = {key["AttributeName"] for schema in keys for key in schema}
            defined = [each["AttributeName"] for each in properties["AttributeDefinitions"]]
            assert sorted(defined) == sorted(used), "DynamoDB refuses a definition without a use"
        present = template
        seen.append((release(template), sorted(indexes(template))))
    return seen


def test_two_replaced_indexes_come_before_the_functions_that_ask_them_and_go_after() -> None:
    deployed = a_template("0.1", Table=named("one", "two", "three"))
    wanted = a_template("0.2", Table=named("one", "four", "five"))

    assert carried_out(deployed, wanted) == [
        ("0.1", ["four", "one", "three", "two"]),
        ("0.1", ["five", "four", "one", "three", "two"]),
        ("0.2", ["five", "four", "one", "three", "two"]),
        ("0.2", ["five", "four", "one", "three"]),
        ("0.2", ["five", "four", "one"]),
    ]
    plan = steps(deployed, wanted)
    assert [step.deployed for step in plan] == [True, True, False, False]
    assert [step.does for step in plan] == [
        ("Table with an index four",),
        ("Table with an index five",),
        ("functions that ask only indexes that stay",),
        ("Table without its index two",),
    ]


@pytest.mark.parametrize("done", range(5))
def test_a_deployment_that_was_broken_off_goes_on(done: int) -> None:
    deployed = a_template("0.1", Table=named("one", "two", "three"))
    wanted = a_template("0.2", Table=named("one", "four", "five"))
    whole = carried_out(deployed, wanted)
    if done:
        deployed = steps(deployed, wanted)[done - 1].template
    rest = carried_out(deployed, wanted)
    # The plan may begin with the update that was the last one: it changes nothing then.
    assert rest[-len(whole[done:]) :] == whole[done:]
    assert len(rest) <= len(whole[done:]) + 1


def test_nothing_comes_before_an_update_that_touches_no_index() -> None:
    deployed, wanted = (a_template(each, Table=named("one", "two")) for each in ("0.1", "0.2"))
    assert steps(deployed, wanted) == []


def test_a_table_that_comes_or_goes_takes_its_indexes_with_it() -> None:
    bare = a_template("0.1")
    with_table = a_template("0.2", Table=named("one", "two"))
    assert steps(bare, with_table) == []
    assert steps(with_table, bare) == []


def test_tables_move_together() -> None:
    deployed = a_template("0.1", Table=named("one"), Other=named("two", "three"))
    wanted = a_template("0.2", Table=named("four"), Other=named())

    carried_out(deployed, wanted)
    plan = steps(deployed, wanted)

    assert [step.does for step in plan] == [
        ("Table with an index four",),
        ("functions that ask only indexes that stay",),
        ("Table without its index one", "Other without its index two"),
    ]
    assert "GlobalSecondaryIndexes" in plan[-1].template["Resources"]["Other"]["Properties"]


def test_an_index_that_changes_under_its_name_goes_first() -> None:
    deployed = a_template("0.1", Table=named("one", "two"))
    wanted = a_template("0.2", Table=a_table(an_index("one", sort="other"), an_index("two")))

    assert carried_out(deployed, wanted) == [
        ("0.1", ["two"]),
        ("0.1", ["one", "two"]),
        ("0.2", ["one", "two"]),
    ]


def test_the_order_of_projected_attributes_says_nothing() -> None:
    first, second = (
        a_template(r, Table=a_table(an_index("one", ProjectionType="INCLUDE", NonKeyAttributes=a)))
        for r, a in (("0.1", ["x", "y"]), ("0.2", ["y", "x"]))
    )
    assert steps(first, second) == []


def test_the_templates_stay_as_they_were() -> None:
    deployed = a_template("0.1", Table=named("one", "two"))
    wanted = a_template("0.2", Table=named("three"))
    before = copy.deepcopy((deployed, wanted))
    plan = steps(deployed, wanted)
    plan[0].template["Resources"]["Table"]["Properties"]["GlobalSecondaryIndexes"].clear()
    assert (deployed, wanted) == before
