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

READS_OF_TICKETS = (
    "it reads tickets, which are the most that the table tells of a person; what else is kept "
    "beside them grows with the product, and a read that is forgotten would stop the desk"
)
READS_OF_KNOWLEDGE = (
    "articles, documents, facts and models are the shop's own and name no customer; no one may "
    "change them by reading"
)
OF_PEOPLE = "people at the desk may read all that the desk keeps, and auditors nothing but that"
TICKETS, KNOWLEDGE, RECORDS = "TicketsTable", "KnowledgeTable", "RecordsTable"


def _reads(table: str, reason: str, *verbs: str) -> dict[Grant, str]:
    return {(f"dynamodb:{verb}", table): reason for verb in verbs}


MORE: dict[str, dict[Grant, str]] = {
    "agent": _reads(TICKETS, OF_PEOPLE, "BatchGetItem", "GetItem", "Query")
    | _reads(KNOWLEDGE, OF_PEOPLE, "GetItem", "Query"),
    "lead": _reads(TICKETS, OF_PEOPLE, "BatchGetItem", "GetItem")
    | _reads(KNOWLEDGE, OF_PEOPLE, "GetItem")
    | _reads(RECORDS, OF_PEOPLE, "GetItem")
    | {
        (f"dynamodb:{verb}Item", KNOWLEDGE): "leads change all of the knowledge: its articles, "
        "facts, texts, documents, golden cases, roster and the model in force"
        for verb in ("Put", "Delete")
    },
    "auditor": _reads(TICKETS, OF_PEOPLE, "BatchGetItem", "GetItem", "Query")
    | _reads(KNOWLEDGE, OF_PEOPLE, "GetItem", "Query"),
    "IntakeFunction": _reads(TICKETS, READS_OF_TICKETS, "BatchGetItem", "GetItem", "Query"),
    "WorkerFunction": _reads(TICKETS, READS_OF_TICKETS, "GetItem", "Query")
    | _reads(KNOWLEDGE, READS_OF_KNOWLEDGE, "GetItem", "Query")
    | _reads(RECORDS, "it reads the records of the customer by a query", "GetItem"),
    "ReconcilerFunction": _reads(TICKETS, READS_OF_TICKETS, "BatchGetItem", "GetItem"),
    "CourierFunction": _reads(TICKETS, READS_OF_TICKETS, "GetItem", "Query"),
    "DrafterFunction": _reads(TICKETS, READS_OF_TICKETS, "GetItem", "Query")
    | _reads(KNOWLEDGE, READS_OF_KNOWLEDGE, "GetItem"),
    "TrainerFunction": _reads(KNOWLEDGE, READS_OF_KNOWLEDGE, "GetItem", "Query"),
    "PredictFunction": _reads(KNOWLEDGE, READS_OF_KNOWLEDGE, "GetItem", "Query"),
    "MailFunction": _reads(TICKETS, READS_OF_TICKETS, "BatchGetItem", "GetItem", "Query"),
    "MailboxFunction": {
        ("s3:PutObject", "MailBucket/inbound/test-1"): "the names of test mails begin as those "
        "of all mails do, and IAM has no pattern that leaves some out"
    },
}
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


def _is_none(call: Call) -> bool:
    """Tell whether DynamoDB takes no such call: one for items, without a partition."""
    of_items = call.action.removeprefix("dynamodb:") in {"GetItem", "Query", "BatchGetItem"}
    return of_items and not call.keys and "/index/" not in call.resource


def _is_needed(call: Call, own: set[Call]) -> bool:
    """Tell whether a role makes a call, or one for each of its keys."""
    keys = {
        key
        for each in own
        if (each.action, each.resource) == (call.action, call.resource)
        for key in each.keys
    }
    return call in own or (bool(call.keys) and set(call.keys) <= keys)


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
        stack.empty()
        calls = [*work(stack), *by_lambda(template, function)]
        needed[function] = {alike(call) for call in calls}
    universe = set().union(*needed.values(), NOT_FOR_ANY, *REFUSED.values())
    universe = {alike(call) for call in universe if call.action not in UNGUARDED}
    universe -= {call for call in universe if call.resource == "own log group" or _is_none(call)}
    more: dict[str, set[Grant]] = {}
    for principal, own in needed.items():
        allowed = _allowed(written_out, principal, universe)
        assert not (own & universe) - allowed, principal
        more[principal] = {
            (call.action, call.resource) for call in allowed if not _is_needed(call, own)
        }
    assert more == {principal: set(MORE.get(principal, {})) for principal in needed}
    assert set(needed) == {*AT_WORK, *ROLES}


@pytest.mark.parametrize("principal", [*AT_WORK, *ROLES])
def test_every_role_is_refused_five_calls_of_its_own_at_least(principal: str) -> None:
    """They are judged in test_second_judge, with those that are for no role."""
    assert len(set(REFUSED[principal])) >= 5
