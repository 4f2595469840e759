"""Each function's role grants what the function does, and nothing else.

An emulator that does not enforce IAM proves nothing of this. Here every call that a function's
use cases make is recorded and held against its role in the template.
"""

from typing import Any

import pytest

from tests.integration.conftest import Stack, functions
from tests.integration.functions_at_work import AT_WORK, BY_LAMBDA, LOGS, tickets_of
from tests.integration.policies import allows, statements, unused
from tests.integration.recorded_calls import Call, recording


@pytest.mark.parametrize("function", AT_WORK)
def test_a_function_may_what_it_does(template: dict[str, Any], stack: Stack, function: str) -> None:
    given = statements(template, function)
    calls = [*AT_WORK[function](stack), *LOGS, *BY_LAMBDA.get(function, [])]

    assert not [call for call in calls if not allows(given, call)]
    assert not unused(given, calls)


def test_every_function_was_at_work(template: dict[str, Any]) -> None:
    assert set(AT_WORK) == set(functions(template))


def test_the_record_is_not_empty(stack: Stack) -> None:
    with recording(stack) as calls:
        tickets_of(stack).get("0123456789abcdef")

    assert calls == [Call("dynamodb:GetItem", "TicketsTable", ("TICKET#0123456789abcdef",))]
