"""What agents, leads and auditors may do: every verb's AWS calls, held against their policies.

No emulator here enforces IAM. So each verb is run, every call it makes is recorded as the action,
resource and partition key that IAM would judge, and the template's policies judge them.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any
from unittest import mock

import pytest
from botocore.client import BaseClient
from helpdesk import learning
from helpdesk.aws import clients
from helpdesk.aws.models import PublishedModels
from helpdesk.ticket import Agent

from tests.integration.conftest import Stack
from tests.integration.test_agent_cli import Desk, desk, poison  # noqa: F401 -- fixtures

pytestmark = pytest.mark.slow  # every verb for every role, each on a desk of its own

type Call = tuple[str, str, str | None]
"""Action, resource, and the partition key it writes or reads."""

A_MODEL = learning.Published(
    version="v1", at=datetime(2026, 3, 2, tzinfo=UTC), knowledge="digest", figures=None
)

UNGUARDED = {"sts:GetCallerIdentity"}
"""Actions that need no permission."""


def listed(given: Any) -> list[Any]:
    return given if isinstance(given, list) else [given]


def named(given: Any) -> str:
    """Return the logical name of what a policy's resource stands for."""
    if "Ref" in given:
        return str(given["Ref"])
    if "Fn::GetAtt" in given:
        return str(given["Fn::GetAtt"][0])
    name, _, rest = str(given["Fn::Sub"]).removeprefix("${").partition(".Arn}")
    return name + rest


def allows(template: dict[str, Any], policies: tuple[str, ...], call: Call) -> bool:
    """Judge a call as IAM does: some statement must allow its action, resource and key."""
    action, resource, key = call
    if action in UNGUARDED:
        return True
    statements = [
        statement
        for policy in policies
        for statement in template["Resources"][policy]["Properties"]["PolicyDocument"]["Statement"]
    ]
    return any(
        statement["Effect"] == "Allow"
        and action in listed(statement["Action"])
        and resource in map(named, listed(statement["Resource"]))
        and _condition_holds(statement.get("Condition"), key)
        for statement in statements
    )


def _condition_holds(condition: dict[str, Any] | None, key: str | None) -> bool:
    if condition is None:
        return True
    assert list(condition) == ["ForAllValues:StringLike"]
    patterns = condition["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]
    return key is not None and any(fnmatchcase(key, pattern) for pattern in patterns)


@contextmanager
def recording(stack: Stack) -> Iterator[list[Call]]:
    """Record every AWS call as IAM sees it."""
    calls: list[Call] = []
    call_aws = BaseClient._make_api_call

    def record(self: BaseClient, operation: str, given: dict[str, Any]) -> Any:
        service = self.meta.service_model.service_name
        calls.extend(judged(stack, service, operation, given))
        if service == "lambda":
            return predicted()
        answer = call_aws(self, operation, given)
        if operation == "DescribeStacks":
            function = {"OutputKey": "PredictFunctionName", "OutputValue": "helpdesk-predict"}
            answer["Stacks"][0]["Outputs"].append(function)
        return answer

    with mock.patch.object(BaseClient, "_make_api_call", record):
        yield calls


def judged(stack: Stack, service: str, operation: str, given: dict[str, Any]) -> Iterator[Call]:
    names = {
        value: output.removesuffix("Url").removesuffix("Name")
        for output, value in stack.outputs.items()
    }
    if service in {"sts", "lambda"}:
        resource = "PredictFunction" if service == "lambda" else ""
        yield (
            f"{service}:{ {'Invoke': 'InvokeFunction'}.get(operation, operation) }",
            resource,
            None,
        )
    elif operation == "TransactWriteItems":
        for item in given["TransactItems"]:
            ((verb, write),) = item.items()
            key = (write.get("Item") or write["Key"])["pk"]
            yield f"dynamodb:{verb}Item", names[write["TableName"]], key
    elif operation == "BatchWriteItem":
        for table, requests in given["RequestItems"].items():
            for request in requests:
                yield "dynamodb:BatchWriteItem", names[table], request["DeleteRequest"]["Key"]["pk"]
    elif service == "dynamodb":
        table, index = names[given["TableName"]], given.get("IndexName")
        resource = f"{table}/index/{index}" if index else table
        key = (given.get("Item") or given.get("Key") or {}).get("pk")
        yield f"dynamodb:{operation}", resource, key
    elif service == "cloudformation":
        yield f"cloudformation:{operation}", "AWS::StackId", None
    elif service == "s3":
        action = {"HeadObject": "GetObject"}.get(operation, operation)
        folder = f"/{given['Key'].split('/')[0]}/*" if "Key" in given else ""
        yield f"s3:{action}", f"Bucket{folder}", None
    else:
        yield f"sqs:{operation}", names[given["QueueUrl"]], None


def predicted() -> dict[str, Any]:
    prediction = {
        "decision": "answer",
        "reason": None,
        "choices": [],
        "intents": [{"intent": "refund", "probability": 0.9, "required": 0.5}],
        "scope": 0.9,
        "sentiment": 0.0,
        "language": "en",
        "entities": [],
        "model": "scripted",
    }
    body = json.dumps({"predictions": [prediction]})
    payload = json.dumps({"statusCode": 200, "body": body}).encode()
    return {"Payload": mock.Mock(read=lambda: payload)}


ARTICLE = (
    "intent: wrapping\ntitle: t\nanswer: a\ncategory: c\ndepartment: d\nutterances: [wrap it]\n"
)

READS = (
    "ticket list --state all",
    "ticket show {mine}",
    "ticket history {mine}",
    "ticket tail --for 0m",
    "queue status",
    "knowledge list",
    "knowledge show refund",
    "knowledge history refund",
    "knowledge export",
    "canned list",
    "agent list",
    "model list",
    "stats week",
)
AGENTS = (
    "ticket next",
    "ticket claim {mine}",
    "ticket reply {mine} Done.",
    "ticket note {mine} Called.",
    "ticket release {mine}",
    "ticket transfer {mine} --to bob",
    "ticket snooze {mine} --for 2h",
    "ticket close {mine}",
    "ticket reopen {answered}",
    "ticket revoke {answered} --yes",
    "knowledge test wrapping",
)
LEADS = (
    "ticket transfer {theirs} --to carol --override",
    "ticket erase {long} --yes",
    "ticket erase --customer kim@x.example --yes",
    "knowledge add wrapping --file {article}",
    "knowledge remove refund --yes",
    "knowledge import {articles} --yes",
    "knowledge rollback gift_card --yes",
    "canned set hello Hello.",
    "model rollback v1 --yes",
    "canned remove sorry --yes",
    "agent set bea --role lead --department billing",
    "agent remove bob --yes",
    "deadletter list",
    "deadletter redrive --all --yes",
    "deadletter discard --all --yes",
)
ROLES = {
    "agent": ("AgentPolicy",),
    "lead": ("AgentPolicy", "LeadPolicy"),
    "auditor": ("AuditorPolicy",),
}
MAY = {"agent": {*READS, *AGENTS}, "lead": {*READS, *AGENTS, *LEADS}, "auditor": {*READS}}


@pytest.fixture
def there(desk: Desk, tmp_path: Any) -> dict[str, str]:  # noqa: F811
    """Fill the desk so that every verb has something to do."""
    mine, theirs, answered = (desk.escalated(number, email="kim@x.example") for number in (1, 2, 3))
    long = desk.escalated(4)
    tickets = clients.table(desk.stack.outputs["TicketsTable"])
    first = tickets.get_item(Key={"pk": f"TICKET#{long}", "sk": "MESSAGE#000001"})["Item"]
    with tickets.batch_writer() as batch:
        for number in range(100, 220):  # more than one transaction can delete
            batch.put_item(Item={**first, "sk": f"MESSAGE#{number:06}", "number": number})
    for ticket_id, agent in ((mine, "ada"), (theirs, "bob"), (answered, "ada")):
        assert desk.run("ticket", "claim", ticket_id, agent=agent).exit_code == 0
    assert desk.run("ticket", "reply", answered, "Done.").exit_code == 0
    for source in ("Intake", "Escalation", "Trainer"):
        poison(desk, f"{source}DeadLettersUrl")
    desk.knowledge.put_canned("sorry", "Sorry.")
    desk.knowledge.put_agent(Agent("bob"))
    table = clients.table(desk.stack.outputs["KnowledgeTable"])
    models = PublishedModels(clients.s3(), desk.stack.outputs["Bucket"], table)
    models.publish(A_MODEL, b"model")
    article, articles = tmp_path / "article.yaml", tmp_path / "articles.yaml"
    article.write_text(ARTICLE)
    articles.write_text(f"- {ARTICLE.replace(chr(10), chr(10) + '  ').rstrip()}\n")
    desk.run("knowledge", "remove", "gift_card", "--yes")
    return {
        "mine": mine,
        "theirs": theirs,
        "answered": answered,
        "long": long,
        "article": str(article),
        "articles": str(articles),
    }


@pytest.mark.parametrize("line", [*READS, *AGENTS, *LEADS])
def test_each_verb_is_for_whom_it_is_meant(
    line: str,
    template: dict[str, Any],
    stack: Stack,
    desk: Desk,  # noqa: F811
    there: dict[str, str],
) -> None:
    with recording(stack) as calls:
        result = desk.run(*line.format(**there).split())
    assert result.exit_code == 0, result.output or result.exception
    assert calls

    for role, policies in ROLES.items():
        refused = {call for call in calls if not allows(template, policies, call)}
        assert bool(refused) == (line not in MAY[role]), (role, refused)


def test_nothing_is_granted_that_no_verb_needs(
    template: dict[str, Any],
    stack: Stack,
    desk: Desk,  # noqa: F811
    there: dict[str, str],
) -> None:
    with recording(stack) as calls:
        for line in (*READS, *AGENTS, *LEADS):
            desk.run(*line.format(**there).split())
        desk.run("doctor")
    used = {call[:2] for call in calls}

    for policy in ("AgentPolicy", "LeadPolicy", "AuditorPolicy"):
        document = template["Resources"][policy]["Properties"]["PolicyDocument"]
        granted = {
            (action, named(resource))
            for statement in document["Statement"]
            for action in listed(statement["Action"])
            for resource in listed(statement["Resource"])
        }
        assert granted <= used, policy
