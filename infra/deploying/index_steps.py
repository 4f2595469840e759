"""Updates that bring a deployed stack to a new template with one change of an index at a time.

DynamoDB creates or deletes one index of a table in one update, so CloudFormation refuses a template
that replaces two. It also does not wait until a new index is filled. So the new indexes come first,
with the functions that are deployed. Then come the new functions. Old indexes go last, when no
function asks them any more. The plan starts from what is deployed, so a broken off deployment goes
on where it stopped.
"""

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

type Template = dict[str, Any]
type Indexes = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Step:
    """One update on the way: its template, what it does, and whose parameters it takes.

    `deployed` says that it is the deployed template with another index; its parameters stay.
    """

    template: Template
    does: tuple[str, ...]
    deployed: bool


def steps(deployed: Template, wanted: Template) -> list[Step]:
    """Return the updates that come before the one to the template `wanted`.

    Both templates have their intrinsic functions written out. None is needed where no index of a
    table that stays is created or deleted. An index that changes under its name is deleted first,
    and the deployed functions miss it meanwhile.
    """
    tables = [name for name in tables_of(wanted) if name in tables_of(deployed)]
    before = {name: _indexes(deployed, name) for name in tables}
    after = {name: _indexes(wanted, name) for name in tables}
    present = copy.deepcopy(before)
    coming = [
        Step(_with(deployed, wanted, present), does, deployed=True)
        for does in _coming(present, after)
    ]
    going = [
        Step(_with(wanted, deployed, present), does, deployed=False)
        for does in _going(present, after)
    ]
    return [*coming, *going]


def _coming(present: dict[str, Indexes], after: dict[str, Indexes]) -> Iterator[tuple[str, ...]]:
    """Change `present` by one index of each table at a time until it holds every wanted index."""
    moves = []
    for table, wanted in after.items():
        own = present[table]
        changed = [name for name in own if name in wanted and not _same(own[name], wanted[name])]
        new = [name for name in wanted if name not in own]
        moves.append(
            [
                *((table, name, None) for name in changed),
                *((table, name, wanted[name]) for name in (*changed, *new)),
            ]
        )
    for together in zip_longest(*moves):
        yield tuple(_move(present, *move) for move in together if move)


def _going(present: dict[str, Indexes], after: dict[str, Indexes]) -> Iterator[tuple[str, ...]]:
    """Leave `present` for the new functions, then take one index away; the update does the last."""
    old = [
        [(table, name, None) for name in present[table] if name not in wanted]
        for table, wanted in after.items()
    ]
    rounds = list(zip_longest(*old))
    if rounds:
        yield ("functions that ask only indexes that stay",)
    for together in rounds[:-1]:
        yield tuple(_move(present, *move) for move in together if move)


def _move(present: dict[str, Indexes], table: str, name: str, index: dict[str, Any] | None) -> str:
    if index is None:
        del present[table][name]
        return f"{table} without its index {name}"
    present[table][name] = index
    return f"{table} with an index {name}"


def _with(template: Template, other: Template, present: Mapping[str, Indexes]) -> Template:
    """Return a template whose tables have these indexes, and define no attribute but their keys."""
    result = copy.deepcopy(template)
    for table, indexes in present.items():
        own = result["Resources"][table]["Properties"]
        further = other["Resources"][table]["Properties"]
        keys = [*own["KeySchema"], *(key for each in indexes.values() for key in each["KeySchema"])]
        names = {key["AttributeName"] for key in keys}
        defined = {
            each["AttributeName"]: each
            for each in (*further["AttributeDefinitions"], *own["AttributeDefinitions"])
        }
        own["AttributeDefinitions"] = [each for name, each in defined.items() if name in names]
        own.pop("GlobalSecondaryIndexes", None)
        if indexes:
            own["GlobalSecondaryIndexes"] = copy.deepcopy(list(indexes.values()))
    return result


def _same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Tell whether two indexes hold the same; the order of projected attributes says nothing."""
    return _in_order(one) == _in_order(other)


def _in_order(index: dict[str, Any]) -> dict[str, Any]:
    projection = index["Projection"]
    further = sorted(projection.get("NonKeyAttributes", ()))
    return {**index, "Projection": {**projection, "NonKeyAttributes": further}}


def tables_of(template: Template) -> list[str]:
    """Return the logical names of the tables of a template."""
    resources: dict[str, Any] = template["Resources"]
    return [name for name, each in resources.items() if each["Type"] == "AWS::DynamoDB::Table"]


def _indexes(template: Template, table: str) -> Indexes:
    found = template["Resources"][table]["Properties"].get("GlobalSecondaryIndexes", [])
    return {each["IndexName"]: each for each in found}
