"""`make deploy` over a stack of 0.1: its two replaced indexes, as CloudFormation takes them."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from infra.deploying import artifacts
from infra.deploying import stack as deploying
from infra.deploying.stack import LOCAL_ZIP, DeployError, Stack, digest_of, plain
from infra.paths import ROOT

OF_0_1 = {"of-customer": "by-customer", "happened": "by-day"}
"""Indexes of the tickets' table by today's names, with the names of 0.1."""

TABLES = ("TicketsTable", "KnowledgeTable")


class CloudFormation:
    """A stack in CloudFormation, and its tables in DynamoDB, which fill an index in three looks."""

    def __init__(self, s3: Any, template: str) -> None:
        self._s3 = s3
        self.template = template
        self.status = "CREATE_COMPLETE"
        self.updates: list[tuple[list[str], dict[str, str]]] = []
        self.parameters = {"RetentionDays": "90"}
        self.broken_after: int | None = None
        self._proposed: dict[str, Any] = {}
        self._filling: dict[str, int] = {}
        self._events: list[dict[str, Any]] = []
        self._numbers = count()

    def describe_stacks(self, **_named: str) -> dict[str, Any]:
        parameters = [
            {"ParameterKey": key, "ParameterValue": value} for key, value in self.parameters.items()
        ]
        digest = self.parameters.get("Digest")
        outputs = [{"OutputKey": "Digest", "OutputValue": digest}] if digest else []
        found = {"StackStatus": self.status, "Outputs": outputs, "Parameters": parameters}
        return {"Stacks": [found]}

    def get_template(self, *, StackName: str, TemplateStage: str) -> dict[str, Any]:  # noqa: N803
        assert (StackName, TemplateStage) == ("helpdesk", "Original")
        if self.template.startswith("{"):
            return {"TemplateBody": json.loads(self.template)}
        return {"TemplateBody": self.template}

    def create_change_set(self, **proposed: Any) -> dict[str, str]:
        assert proposed["ChangeSetType"] == "UPDATE"
        self._proposed = proposed
        return {"Id": "change-set"}

    def describe_change_set(self, **_named: str) -> dict[str, Any]:
        return {"Status": "CREATE_COMPLETE", "Changes": []}

    def execute_change_set(self, **_named: Any) -> None:
        if self.broken_after == len(self.updates):
            raise ClientError({"Error": {"Code": "ExpiredToken", "Message": "gone"}}, "Execute")
        bucket, key = urlsplit(self._proposed["TemplateURL"]).path[1:].split("/", 1)
        template = self._s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode()
        for table in TABLES:
            before, after = indexes(self.template, table), indexes(template, table)
            moved = before ^ after
            if len(moved) > 1:
                return self._fail(table, "Cannot perform more than one GSI creation or deletion")
            if moved and self._filling:
                return self._fail(table, "Attempting to change an index while another is created")
            self._filling |= dict.fromkeys(after - before, 3)
        for each in self._proposed["Parameters"]:
            name = each["ParameterKey"]
            assert name in plain(template)["Parameters"]
            if not each.get("UsePreviousValue"):
                self.parameters[name] = each["ParameterValue"]
        self.template = template
        self.status = "UPDATE_COMPLETE"
        self.updates.append((sorted(indexes(template, "TicketsTable")), dict(self.parameters)))
        return None

    def _fail(self, table: str, reason: str) -> None:
        self.status = "UPDATE_ROLLBACK_COMPLETE"
        self._events.append(
            {
                "EventId": str(next(self._numbers)),
                "LogicalResourceId": table,
                "ResourceStatus": "UPDATE_FAILED",
                "ResourceStatusReason": reason,
                "Timestamp": datetime.now(UTC),
            }
        )

    def get_paginator(self, name: str) -> Any:
        page = {"StackEvents": self._events[::-1]}
        if name == "describe_change_set":
            page = self.describe_change_set()
        return SimpleNamespace(paginate=lambda **_named: [page])

    def describe_stack_resource(self, **named: str) -> dict[str, Any]:
        return {"StackResourceDetail": {"PhysicalResourceId": named["LogicalResourceId"]}}

    def describe_table(self, *, TableName: str) -> dict[str, Any]:  # noqa: N803
        found = []
        for name in sorted(indexes(self.template, TableName)):
            left = self._filling.pop(name, 0)
            if left > 1:
                self._filling[name] = left - 1
            found.append({"IndexName": name, "IndexStatus": "CREATING" if left else "ACTIVE"})
        table = {"TableName": TableName, "TableStatus": "ACTIVE", "GlobalSecondaryIndexes": found}
        return {"Table": table}


def indexes(template: str, table: str) -> set[str]:
    properties = plain(template)["Resources"][table]["Properties"]
    return {each["IndexName"] for each in properties.get("GlobalSecondaryIndexes", [])}


@pytest.fixture
def today(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return today's template, as if its zips were in a bucket; it is what is deployed from."""
    text = LOCAL_ZIP.sub(r"\g<key>: s3://bucket/0.2.zip", (ROOT / "template.yaml").read_text())
    path = tmp_path / "template.yaml"
    path.write_text(text)
    monkeypatch.setattr(artifacts, "TEMPLATE", path)
    monkeypatch.setattr("infra.deploying.stack.time.sleep", lambda _seconds: None)
    return text


@pytest.fixture
def account(today: str) -> Iterator[CloudFormation]:
    """Return an account where 0.1 is deployed."""
    deployed = today.replace("0.2.zip", "0.1.zip")
    for name, old in OF_0_1.items():
        deployed = deployed.replace(f"IndexName: {name}", f"IndexName: {old}")
    with mock_aws():
        yield CloudFormation(boto3.client("s3", region_name="us-east-1"), deployed)


@pytest.fixture
def stack(account: CloudFormation) -> Stack:
    real = boto3.Session(region_name="us-east-1")

    def client(service: str, **_options: Any) -> Any:
        return account if service in {"cloudformation", "dynamodb"} else real.client(service)

    session: Any = SimpleNamespace(region_name="us-east-1", client=client)
    return Stack("helpdesk", session)


def test_two_replaced_indexes_take_five_updates_of_one_deployment(
    stack: Stack, account: CloudFormation, today: str
) -> None:
    said: list[str] = []
    given = {"RetentionDays": "180"}

    assert stack.deploy({**given, "Digest": digest_of(given)}, said.append)

    assert [(names, parameters["RetentionDays"]) for names, parameters in account.updates] == [
        (["by-awaiting", "by-customer", "by-day", "by-state", "of-customer"], "90"),
        (["by-awaiting", "by-customer", "by-day", "by-state", "happened", "of-customer"], "90"),
        (["by-awaiting", "by-customer", "by-day", "by-state", "happened", "of-customer"], "180"),
        (["by-awaiting", "by-day", "by-state", "happened", "of-customer"], "180"),
        (["by-awaiting", "by-state", "happened", "of-customer"], "180"),
    ]
    assert account.template == today
    assert stack.digest == digest_of(given)
    assert "waiting for DynamoDB: of-customer" in said
    assert "an update before the others: TicketsTable with an index of-customer" in said


def test_one_that_is_broken_off_goes_on_and_is_not_taken_for_done(
    stack: Stack, account: CloudFormation, today: str
) -> None:
    account.broken_after = 2
    digest = digest_of({})
    with pytest.raises(ClientError, match="ExpiredToken"):
        stack.deploy({"Digest": digest})
    assert stack.digest != digest

    account.broken_after = None
    stack.deploy({"Digest": digest})

    assert len(account.updates) == 5
    assert account.template == today
    assert stack.digest == digest


def test_without_the_steps_cloudformation_would_refuse_it(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deploying, "steps", lambda *_templates: [])
    with pytest.raises(DeployError, match="TicketsTable: Cannot perform more than one GSI"):
        stack.deploy({})


def test_the_next_deployment_is_one_update(
    stack: Stack, account: CloudFormation, today: str
) -> None:
    stack.deploy({})
    account.updates.clear()
    stack.deploy({"RetentionDays": "30"})
    assert [parameters["RetentionDays"] for _, parameters in account.updates] == ["30"]
