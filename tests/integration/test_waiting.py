"""Looks at a ticket: held for a shorter time when many wait, refused to a client that runs wild."""

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from unittest import mock

import pytest
from helpdesk.holding import Holds
from helpdesk.limits import Gate, Limit, OwnBuckets

from tests.holding import SharedMeter, raised
from tests.integration.conftest import Function, Stack
from tests.integration.recorded_calls import recording
from tests.integration.test_intake import (  # noqa: F401 -- fixtures
    Asked,
    Gateway,
    asked,
    function,
    gateway,
)


@pytest.fixture
def slept(function: Function, monkeypatch: pytest.MonkeyPatch) -> list[float]:  # noqa: F811
    """Let time pass as the function sleeps."""
    slept: list[float] = []
    start = datetime.now(UTC)
    monkeypatch.setattr(function.module.time, "sleep", slept.append)
    monkeypatch.setattr(function.module, "_now", lambda: start + timedelta(seconds=sum(slept)))
    return slept


def with_needs(function: Function, **others: Any) -> Any:  # noqa: F811
    """Let the function use others of what it needs."""
    module = function.module
    changed = module.needs().__replace__(**others)
    return mock.patch.object(module, "needs", cache(lambda: changed))


@pytest.mark.parametrize("left", [(0.0, 20.0, "1"), (2.0, 10.5, "5"), (60.0, 1.0, "5")])
def test_a_look_is_held_for_the_share_that_is_left_and_told_when_to_come_again(
    function: Function,  # noqa: F811
    gateway: Gateway,  # noqa: F811
    asked: Asked,  # noqa: F811
    slept: list[float],
    left: tuple[float, float, str],
) -> None:
    full_in, held, again = left
    full_at = function.module._now().timestamp() + full_in
    holds = Holds(SharedMeter(300, full_at), failed=raised)

    with with_needs(function, holds=holds):
        reply = gateway.fetch(asked.id, asked.token, query={"wait": "20"})

    assert (reply.status, reply.body["status"]) == (200, "received"), "none is refused"
    assert sum(slept) == pytest.approx(held, abs=0.01)
    assert reply.headers["Retry-After"] == again


def test_the_meter_of_the_stack_is_asked_once_in_a_long_hold(
    stack: Stack,
    gateway: Gateway,  # noqa: F811
    asked: Asked,  # noqa: F811
    slept: list[float],
) -> None:
    with recording(stack) as calls:
        gateway.fetch(asked.id, asked.token, query={"wait": "20"})

    assert sum(slept) == pytest.approx(20, abs=0.001)
    assert sum(call.action == "dynamodb:UpdateItem" for call in calls) == 1


def test_a_plain_look_writes_nothing(
    stack: Stack,
    gateway: Gateway,  # noqa: F811
    asked: Asked,  # noqa: F811
) -> None:
    with recording(stack) as calls:
        for _ in range(3):
            assert gateway.fetch(asked.id, asked.token).status == 200

    assert {call.action for call in calls} == {"dynamodb:Query"}


@pytest.mark.parametrize("path", ["/queries/{id}", "/queries/{id}/attachments"])
def test_who_looks_too_often_is_told_to_wait_and_no_one_else(
    function: Function,  # noqa: F811
    gateway: Gateway,  # noqa: F811
    asked: Asked,  # noqa: F811
    path: str,
) -> None:
    door = function.module.needs().door.__replace__(
        looks=Gate(OwnBuckets(), failed=raised), per_reader=Limit(1, 3)
    )

    def look(token: str) -> Any:
        return gateway.request(
            "GET", path, id=asked.id, headers={"Authorization": f"Bearer {token}"}
        )

    with with_needs(function, door=door):
        statuses = [look(asked.token).status for _ in range(5)]
        refused, other = look(asked.token), look("another-token")

    assert statuses == [200, 200, 200, 429, 429]
    assert int(refused.headers["Retry-After"]) >= 1
    assert other.status == 404


def test_one_address_that_guesses_tokens_is_slowed_down(
    function: Function,  # noqa: F811
    gateway: Gateway,  # noqa: F811
    asked: Asked,  # noqa: F811
) -> None:
    door = function.module.needs().door.__replace__(
        looks=Gate(OwnBuckets(), failed=raised), per_address=Limit(1, 4)
    )

    with with_needs(function, door=door):
        statuses = [gateway.fetch(asked.id, f"guess-{n}").status for n in range(6)]

    assert statuses == [404] * 4 + [429] * 2
