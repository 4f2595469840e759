"""Each function's role grants what the function does, and nothing else.

An emulator that does not enforce IAM proves nothing of this. Here every call that a function's
use cases make is recorded and held against its role in the template.
"""

from collections import defaultdict
from typing import Any

import pytest

from tests.integration.calls_of_lambda import by_lambda
from tests.integration.conftest import Stack, functions
from tests.integration.functions_at_work import AT_WORK, tickets_of
from tests.integration.policies import ROLES, allows, listed, named, statements, unused
from tests.integration.recorded_calls import Call, recording


@pytest.mark.parametrize("function", AT_WORK)
def test_a_function_may_what_it_does(template: dict[str, Any], stack: Stack, function: str) -> None:
    given = statements(template, function)
    calls = [*AT_WORK[function](stack), *by_lambda(template, function)]

    assert not [call for call in calls if not allows(given, call)]
    assert not unused(given, calls)


WRITES = {f"dynamodb:{verb}Item" for verb in ("Put", "Update", "Delete", "ConditionCheck")}


@pytest.mark.parametrize("principal", [*AT_WORK, *ROLES])
def test_one_statement_allows_all_keys_that_one_step_may_write(
    template: dict[str, Any], principal: str
) -> None:
    """A transaction is allowed whether IAM is told the keys of one write or those of all."""
    patterns: dict[tuple[str, str], list[set[str]]] = defaultdict(list)
    for statement in statements(template, principal):
        keys = statement.get("Condition", {}).get("ForAllValues:StringLike", {})
        for action in WRITES & set(listed(statement["Action"])):
            for resource in listed(statement["Resource"]):
                only = set(keys.get("dynamodb:LeadingKeys", ["*"]))
                patterns[action, named(resource)].append(only)

    for written, found in patterns.items():
        assert set().union(*found) in [*found, *([{"*"}] if {"*"} in found else [])], written


def test_every_function_was_at_work(template: dict[str, Any]) -> None:
    assert set(AT_WORK) == set(functions(template))


def test_the_record_is_not_empty(stack: Stack) -> None:
    with recording(stack) as calls:
        tickets_of(stack).get("0123456789abcdef")

    assert calls == [Call("dynamodb:GetItem", "TicketsTable", ("TICKET#0123456789abcdef",))]
