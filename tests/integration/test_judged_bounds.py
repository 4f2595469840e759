"""What each role is allowed and does not need, of every call that any part of the product makes.

The calls are recorded: of each function at work, of what Lambda does for it, of each verb of the
terminal. Each role is asked about each of them, by the evaluator that is not ours. `make rules`
runs this.
"""

import json
from collections.abc import Iterable
from typing import Any

import pytest

from tests.integration.agents_at_work import (  # noqa: F401 -- fixtures
    AGENTS,
    LEADS,
    READS,
    Desk,
    desk,
    there,
)
from tests.integration.calls_of_lambda import by_lambda
from tests.integration.conftest import ROOT, Stack
from tests.integration.functions_at_work import AT_WORK
from tests.integration.policies import ROLES, UNGUARDED
from tests.integration.recorded_calls import Call, recording
from tests.integration.second_judge import question, verdicts
from tests.integration.test_second_judge import NOT_FOR_ANY, REFUSED

pytestmark = pytest.mark.rules

type Grant = tuple[str, str]
"""An action and the resource it is allowed on."""

OF_SIXTEEN = {"TICKET", "OVERRIDE", "ERASURE", "FILES"}
"""Kinds of partitions whose key ends with a ticket's id."""

VERBS = {
    "agent": (*READS, *AGENTS),
    "lead": (*READS, *AGENTS, *LEADS),
    "auditor": READS,
}

MORE: dict[str, dict[Grant, str]] = {}
"""What a role may and does not need, with the reason why it is not narrower."""


def alike(call: Call) -> Call:
    """Return a call in the place of all that differ from it by an id only."""
    return Call(call.action, _place(call.resource), tuple(sorted({_kind(k) for k in call.keys})))


def _place(resource: str) -> str:
    name, _, path = resource.partition("/")
    folder, slash, rest = path.partition("/")
    if "Bucket" not in name or not slash:
        return resource
    return f"{name}/{folder}/{'test-1' if rest.startswith('test-') else '1'}"


def _kind(key: str) -> str:
    kind, mark, _ = key.partition("#")
    return f"{kind}#{'0123456789abcdef' if kind in OF_SIXTEEN else '0'}" if mark else key


def _calls_of(desk: Desk, there: dict[str, str], stack: Stack) -> dict[str, set[Call]]:  # noqa: F811
    made: dict[str, set[Call]] = {}
    for line in (*READS, *AGENTS, *LEADS):
        with recording(stack) as calls:
            desk.run(*line.format(**there).split())
        made[line] = {alike(call) for call in calls}
    return {role: set().union(*(made[line] for line in lines)) for role, lines in VERBS.items()}


def _allowed(template: dict[str, Any], principal: str, calls: Iterable[Call]) -> set[Call]:
    asked = sorted(calls)
    told = verdicts([question(template, principal, call) for call in asked])
    return {call for call, verdict in zip(asked, told, strict=True) if verdict == "Allowed"}


def test_every_role_may_what_it_needs_and_no_more_than_is_named(
    template: dict[str, Any],
    stack: Stack,
    desk: Desk,  # noqa: F811
    there: dict[str, str],  # noqa: F811
) -> None:
    written_out = json.loads((ROOT / "build" / "template.json").read_text())
    needed = _calls_of(desk, there, stack)
    for function, work in AT_WORK.items():
        calls = [*work(stack), *by_lambda(template, function)]
        needed[function] = {alike(call) for call in calls}
    universe = set().union(*needed.values(), NOT_FOR_ANY, *REFUSED.values())
    universe = {alike(call) for call in universe if call.action not in UNGUARDED}
    universe -= {call for call in universe if call.resource == "own log group"}
    more: dict[str, set[Grant]] = {}
    for principal, own in needed.items():
        allowed = _allowed(written_out, principal, universe)
        assert not (own & universe) - allowed, principal
        more[principal] = {(call.action, call.resource) for call in allowed - own}
        for x in sorted(allowed - own):
            print(principal, x)
    assert more == {principal: set(MORE.get(principal, {})) for principal in needed}
    assert set(needed) == {*AT_WORK, *ROLES}
