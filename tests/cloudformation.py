"""CloudFormation as its documentation describes it, over the tables and buckets of this process.

moto's own has no rollback and no import. This one has: it creates and changes what is kept (tables,
buckets) in the DynamoDB and S3 it is given, and knows all other resources by name alone. It refuses
what AWS refuses: a name that exists, a second mapping of one stream, two indexes at once, an expiry
that is on already, the deletion of a protected table.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from types import SimpleNamespace
from typing import Any, Literal
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from infra.deploying.stack import plain

TABLE, BUCKET = "AWS::DynamoDB::Table", "AWS::S3::Bucket"
ACCOUNT, REGION = "123456789012", "us-east-1"
NOTHING = object()
INDEXES = "GlobalSecondaryIndexes"
FIRST_PAGE = 50


class RefusedError(Exception):
    """A resource could not be created or changed."""

    def __init__(self, logical: str, reason: str) -> None:
        super().__init__(reason)
        self.logical = logical


@dataclass
class Deployed:
    """A stack, or what is left of it."""

    id: str
    status: str
    template: str = '{"Resources": {}}'
    parameters: dict[str, str] = field(default_factory=dict)
    resources: dict[str, str] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)


class CloudFormation:
    """One account's stacks by name. `clock` gives the times of their events."""

    def __init__(self, s3: Any, dynamodb: Any) -> None:
        self.s3, self.dynamodb = s3, dynamodb
        self.stacks: dict[str, Deployed] = {}
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.fails_at: str | None = None
        self.looks = 0
        self.broken_after: int | None = None
        self.executed = 0
        self._proposed: dict[str, dict[str, Any]] = {}
        self._numbers = count(1)
        self._under_way: list[str] = []
        self.clock = datetime(2001, 1, 1, tzinfo=UTC)
        self.secret: frozenset[str] = frozenset()

    # ── what is asked ──

    def describe_stacks(self, *, StackName: str) -> dict[str, Any]:  # noqa: N803
        self.calls.append(("describe_stacks", {}))
        stack = self._found(StackName)
        status = self._under_way.pop(0) if self._under_way else stack.status
        template = plain(stack.template)
        facts = self._facts(StackName, template, stack.parameters)
        parameters = [
            {"ParameterKey": key, "ParameterValue": "****" if key in self.secret else value}
            for key, value in stack.parameters.items()
        ]
        outputs = [
            {"OutputKey": name, "OutputValue": str(resolved(output["Value"], facts))}
            for name, output in template.get("Outputs", {}).items()
            if "Condition" not in output or facts.condition(output["Condition"])
        ]
        found = {"StackId": stack.id, "StackStatus": status, "Parameters": parameters}
        return {"Stacks": [found | {"Outputs": outputs}]}

    def get_template(self, *, StackName: str, TemplateStage: str) -> dict[str, Any]:  # noqa: N803
        template = self._found(StackName).template
        if TemplateStage == "Processed":
            body = plain(template)
            body.pop("Transform", None)
            return {"TemplateBody": body}
        return {"TemplateBody": json.loads(template) if template.startswith("{") else template}

    def describe_stack_resource(self, **named: str) -> dict[str, Any]:
        physical = self._found(named["StackName"]).resources[named["LogicalResourceId"]]
        return {"StackResourceDetail": {"PhysicalResourceId": physical}}

    def describe_change_set(self, *, ChangeSetName: str) -> dict[str, Any]:  # noqa: N803
        described: dict[str, Any] = self._proposed[ChangeSetName]["described"]
        if len(described.get("Changes", [])) > FIRST_PAGE:
            return {**described, "Changes": described["Changes"][:FIRST_PAGE], "NextToken": "more"}
        return described

    def get_paginator(self, name: str) -> Any:
        def paginate(**named: str) -> Iterator[dict[str, Any]]:
            self.calls.append((name, named))
            if name == "describe_change_set":
                yield self._proposed[named["ChangeSetName"]]["described"]
            else:
                events = self._found(named["StackName"]).events[::-1]
                for first in range(0, len(events), 3):
                    yield {"StackEvents": events[first : first + 3]}

        return SimpleNamespace(paginate=paginate)

    # ── what is done ──

    def create_change_set(self, **asked: Any) -> dict[str, str]:
        self.calls.append(("create_change_set", asked))
        kind, name = asked["ChangeSetType"], asked["StackName"]
        stack = self.stacks.get(name)
        if stack and stack.status == "DELETE_COMPLETE":
            stack = None
        if kind == "UPDATE" and (stack is None or not stack.resources):
            raise invalid(f"Stack [{name}] cannot be updated")
        if kind == "CREATE" and stack and stack.status != "REVIEW_IN_PROGRESS":
            raise invalid(f"Stack [{name}] already exists and cannot be created again")
        if stack is None:
            number = next(self._numbers)
            stack = self.stacks[name] = Deployed(f"arn:stack/{name}/{number}", "REVIEW_IN_PROGRESS")
            self._event(stack, name, "REVIEW_IN_PROGRESS")
        bucket, key = urlsplit(asked["TemplateURL"]).path[1:].split("/", 1)
        text = self.s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode()
        template = plain(text)
        parameters = self._chosen(template, asked["Parameters"], stack)
        imported = {
            each["LogicalResourceId"]: next(iter(each["ResourceIdentifier"].values()))
            for each in asked.get("ResourcesToImport", [])
        }
        described: dict[str, Any] = {"Status": "CREATE_COMPLETE"}
        changes = self._changes(stack, template, parameters, imported)
        if kind == "IMPORT":
            self._check_import(stack, template, imported, changes)
        outputs = plain(stack.template).get("Outputs") != template.get("Outputs")
        if kind == "UPDATE" and not changes and not outputs and parameters == stack.parameters:
            reason = "The submitted information didn't contain changes."
            described = {"Status": "FAILED", "StatusReason": reason}
        described["Changes"] = [{"Type": "Resource", "ResourceChange": each} for each in changes]
        number = f"change-set-{next(self._numbers)}"
        self._proposed[number] = {
            "stack": name,
            "kind": kind,
            "text": text,
            "parameters": parameters,
            "imported": imported,
            "described": described,
        }
        return {"Id": number, "StackId": stack.id}

    def delete_change_set(self, *, ChangeSetName: str) -> None:  # noqa: N803
        del self._proposed[ChangeSetName]

    def execute_change_set(
        self,
        *,
        ChangeSetName: str,  # noqa: N803
        RetainExceptOnCreate: bool = False,  # noqa: N803
    ) -> None:
        if self.broken_after == self.executed:
            raise ClientError({"Error": {"Code": "ExpiredToken", "Message": "gone"}}, "Execute")
        self.executed += 1
        asked = self._proposed.pop(ChangeSetName)
        stack, kind = self.stacks[asked["stack"]], asked["kind"]
        self._under_way = [f"{kind}_IN_PROGRESS"] * self.looks
        name, template = asked["stack"], plain(asked["text"])
        before = plain(stack.template)
        facts = self._facts(name, template, asked["parameters"])
        was = self._facts(name, before, stack.parameters)
        created: list[str] = []
        present = {**stack.resources}
        try:
            for logical, resource in template["Resources"].items():
                self._reach(logical)
                new = resolved(resource, facts)
                if logical in asked["imported"]:
                    present[logical] = asked["imported"][logical]
                elif logical in present:
                    old = resolved(before["Resources"][logical], was)
                    self._change(logical, old, new, present[logical])
                else:
                    present[logical] = self._create(logical, new)
                    created.append(logical)
                self._event(stack, logical, f"{kind}_COMPLETE")
            for logical in set(present) - set(template["Resources"]):
                if before["Resources"][logical].get("DeletionPolicy") != "Retain":
                    self._delete(logical, before["Resources"][logical], present[logical])
                del present[logical]
        except RefusedError as error:
            self._event(stack, error.logical, f"{kind}_FAILED", str(error))
            self._roll_back(stack, kind, template, present, created, flag=RetainExceptOnCreate)
            return
        stack.template, stack.parameters = asked["text"], asked["parameters"]
        stack.resources, stack.status = present, f"{kind}_COMPLETE"

    def delete_stack(self, *, StackName: str) -> None:  # noqa: N803
        stack = self._found(StackName)
        resources = plain(stack.template)["Resources"]
        for logical, physical in stack.resources.items():
            if resources[logical].get("DeletionPolicy") == "Retain":
                self._event(stack, logical, "DELETE_SKIPPED")
            else:
                self._delete(logical, resources[logical], physical)
                self._event(stack, logical, "DELETE_COMPLETE")
        stack.resources, stack.status = {}, "DELETE_COMPLETE"
        self.stacks[stack.id] = self.stacks.pop(StackName)

    # ── how ──

    def _found(self, name: str) -> Deployed:
        if name not in self.stacks:
            raise invalid(f"Stack with id {name} does not exist")
        return self.stacks[name]

    def _event(self, stack: Deployed, logical: str, status: str, reason: str = "") -> None:
        self.clock += timedelta(seconds=1)
        stack.events.append(
            {
                "EventId": str(next(self._numbers)),
                "LogicalResourceId": logical,
                "ResourceStatus": status,
                "ResourceStatusReason": reason,
                "Timestamp": self.clock,
            }
        )

    def _chosen(
        self, template: dict[str, Any], sent: list[dict[str, Any]], stack: Deployed
    ) -> dict[str, str]:
        known = template.get("Parameters", {})
        chosen = {name: str(each["Default"]) for name, each in known.items()}
        for each in sent:
            name = each["ParameterKey"]
            if name not in known:
                raise invalid(f"Parameters: [{name}] do not exist in the template")
            if not each.get("UsePreviousValue"):
                chosen[name] = each["ParameterValue"]
            elif name in stack.parameters:
                chosen[name] = stack.parameters[name]
            else:
                raise invalid(f"Invalid input for parameter key {name}. Cannot use previous value")
        return chosen

    def _changes(
        self,
        stack: Deployed,
        template: dict[str, Any],
        parameters: Mapping[str, str],
        imported: Mapping[str, str],
    ) -> list[dict[str, Any]]:
        before, after = plain(stack.template)["Resources"], template["Resources"]
        moved = [n for n, value in parameters.items() if stack.parameters.get(n, NOTHING) != value]
        found = []
        for logical in sorted({*stack.resources, *after}):
            action = None
            if logical in imported:
                action = "Import"
            elif logical not in stack.resources:
                action = "Add"
            elif logical not in after:
                action = "Remove"
            elif before[logical] != after[logical] or self._asks(template, logical, moved):
                action = "Modify"
            if action:
                kind = (after.get(logical) or before[logical])["Type"]
                found.append({"Action": action, "LogicalResourceId": logical, "ResourceType": kind})
        return found

    @staticmethod
    def _asks(template: dict[str, Any], logical: str, parameters: list[str]) -> bool:
        conditions = template.get("Conditions", {})
        names = {*parameters}
        for name, condition in conditions.items():
            if any(f'"{each}"' in json.dumps(condition) for each in parameters):
                names.add(name)
        body = json.dumps(template["Resources"][logical])
        return any(f'"{each}"' in body or f"${{{each}}}" in body for each in names)

    def _check_import(
        self,
        stack: Deployed,
        template: dict[str, Any],
        imported: Mapping[str, str],
        changes: list[dict[str, Any]],
    ) -> None:
        others = [each for each in changes if each["Action"] != "Import"]
        if others:
            raise invalid(f"As part of the import operation, you cannot modify or add {others}")
        if template.get("Outputs", {}) != plain(stack.template).get("Outputs", {}):
            raise invalid("As part of the import operation, you cannot modify or add [Outputs]")
        for logical, name in imported.items():
            resource = template["Resources"][logical]
            if "DeletionPolicy" not in resource:
                raise invalid(f"Resources [{logical}] is missing DeletionPolicy")
            if not self._exists(resource["Type"], name):
                raise invalid(f"{name} does not exist")
            if any(name in each.resources.values() for each in self.stacks.values()):
                raise invalid(f"{name} belongs to another stack")

    def _exists(self, kind: str, name: str) -> bool:
        try:
            if kind == TABLE:
                self.dynamodb.describe_table(TableName=name)
            else:
                self.s3.head_bucket(Bucket=name)
        except ClientError:
            return False
        return True

    def _reach(self, logical: str) -> None:
        if logical == self.fails_at:
            raise RefusedError(logical, "You are not authorized to perform this operation")

    def _create(self, logical: str, resource: dict[str, Any]) -> str:
        kind, properties = resource["Type"], resource.get("Properties", {})
        if kind == TABLE:
            return self._create_table(logical, properties)
        if kind == BUCKET:
            name = str(properties["BucketName"])
            if self._exists(BUCKET, name):
                raise RefusedError(logical, f"{name} already exists")
            self.s3.create_bucket(Bucket=name)
            return name
        return logical

    def _create_table(self, logical: str, properties: dict[str, Any]) -> str:
        name = str(properties["TableName"])
        if self._exists(TABLE, name):
            raise RefusedError(logical, f"{name} already exists")
        parts = ("TableName", "BillingMode", "AttributeDefinitions", "KeySchema", INDEXES)
        wanted = {part: properties[part] for part in parts if part in properties}
        wanted["DeletionProtectionEnabled"] = bool(properties.get("DeletionProtectionEnabled"))
        if properties.get("SSESpecification", {}).get("SSEEnabled"):
            wanted["SSESpecification"] = {"Enabled": True}
        self.dynamodb.create_table(**wanted)
        self._set(logical, {}, properties, name)
        return name

    def _change(
        self, logical: str, old: dict[str, Any], new: dict[str, Any], physical: str
    ) -> None:
        if new["Type"] == TABLE:
            before, after = old["Properties"], new["Properties"]
            if before["TableName"] != after["TableName"]:
                raise RefusedError(logical, "a custom-named resource requires replacing")
            self._move_index(logical, before, after, physical)
            self._set(logical, before, after, physical)
        if "Events" in old.get("Properties", {}) and new["Type"] == "AWS::Serverless::Function":
            events = new["Properties"].get("Events", {})
            for name, event in old["Properties"]["Events"].items():
                start = events.get(name, event)["Properties"].get("StartingPosition")
                if event["Properties"].get("StartingPosition") != start:
                    raise RefusedError(logical, "The event source mapping already exists")

    def _move_index(
        self, logical: str, old: dict[str, Any], new: dict[str, Any], table: str
    ) -> None:
        moved = _names(old) ^ _names(new)
        if len(moved) > 1:
            reason = "Cannot perform more than one GSI creation or deletion in a single update"
            raise RefusedError(logical, reason)
        there = self.dynamodb.describe_table(TableName=table)["Table"]
        for name in moved:
            index = next((each for each in new[INDEXES] if each["IndexName"] == name), None)
            if (name in _names(there)) == (index is not None):
                raise RefusedError(logical, f"the index {name} is there, or is gone, already")
            self.dynamodb.update_table(
                TableName=table,
                AttributeDefinitions=new["AttributeDefinitions"],
                GlobalSecondaryIndexUpdates=[
                    {"Create": index} if index else {"Delete": {"IndexName": name}}
                ],
            )

    def _set(self, logical: str, old: dict[str, Any], new: dict[str, Any], table: str) -> None:
        """Set what differs between two templates, as CloudFormation does, and no more."""

        def moved(part: str) -> bool:
            return old.get(part) != new.get(part)

        if moved("TimeToLiveSpecification"):
            found = self.dynamodb.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
            if found["TimeToLiveStatus"] == "ENABLED":
                raise RefusedError(logical, "TimeToLive is already enabled")
            expiry = new["TimeToLiveSpecification"]
            self.dynamodb.update_time_to_live(TableName=table, TimeToLiveSpecification=expiry)
        if moved("SSESpecification") and old:
            described = self.dynamodb.describe_table(TableName=table)["Table"]
            if described.get("SSEDescription", {}).get("Status") == "ENABLED":
                raise RefusedError(logical, "Table is already encrypted")
            self.dynamodb.update_table(TableName=table, SSESpecification={"Enabled": True})
        if moved("StreamSpecification"):
            stream = {"StreamEnabled": True, **new["StreamSpecification"]}
            self.dynamodb.update_table(TableName=table, StreamSpecification=stream)
        if moved("PointInTimeRecoverySpecification"):
            recovery = new["PointInTimeRecoverySpecification"]
            self.dynamodb.update_continuous_backups(
                TableName=table, PointInTimeRecoverySpecification=recovery
            )
        protected = bool(new.get("DeletionProtectionEnabled"))
        if bool(old.get("DeletionProtectionEnabled")) != protected:
            self.dynamodb.update_table(TableName=table, DeletionProtectionEnabled=protected)

    def _delete(self, logical: str, resource: dict[str, Any], physical: str) -> None:
        try:
            if resource["Type"] == TABLE:
                self.dynamodb.delete_table(TableName=physical)
            if resource["Type"] == BUCKET:
                self.s3.delete_bucket(Bucket=physical)
        except ClientError as error:
            raise RefusedError(logical, str(error)) from error

    def _roll_back(
        self,
        stack: Deployed,
        kind: Literal["CREATE", "UPDATE", "IMPORT"],
        template: dict[str, Any],
        present: dict[str, str],
        created: list[str],
        *,
        flag: bool,
    ) -> None:
        stack.status = "ROLLBACK_COMPLETE" if kind == "CREATE" else f"{kind}_ROLLBACK_COMPLETE"
        for logical in created:
            resource = template["Resources"][logical]
            if resource.get("DeletionPolicy") == "Retain" and not flag:
                self._event(stack, logical, "DELETE_SKIPPED")
                continue
            try:
                self._delete(logical, resource, present[logical])
            except RefusedError as error:
                self._event(stack, logical, "DELETE_FAILED", str(error))
                stack.status = stack.status.replace("COMPLETE", "FAILED")

    def _facts(self, name: str, template: dict[str, Any], parameters: Mapping[str, str]) -> "Facts":
        pseudo = {
            "AWS::StackName": name,
            "AWS::AccountId": ACCOUNT,
            "AWS::Region": REGION,
            "AWS::Partition": "aws",
            "AWS::URLSuffix": "amazonaws.com",
            "AWS::StackId": self.stacks[name].id,
        }
        names = {logical: logical for logical in template["Resources"]}
        names |= self.stacks[name].resources
        return Facts({**names, **pseudo, **parameters}, template.get("Conditions", {}))


@dataclass
class Facts:
    """What parameters and conditions of a template are."""

    values: dict[str, str]
    conditions: dict[str, Any]

    def condition(self, name: str) -> bool:
        return bool(self.holds(self.conditions[name]))

    def holds(self, value: Any) -> Any:
        match value:
            case {"Fn::Equals": [one, other]}:
                return resolved(one, self) == resolved(other, self)
            case {"Fn::Not": [inner]}:
                return not self.holds(inner)
            case {"Fn::And": inner}:
                return all(map(self.holds, inner))
            case {"Fn::Or": inner}:
                return any(map(self.holds, inner))
            case {"Condition": name}:
                return self.condition(name)
        raise AssertionError(value)


def resolved(value: Any, facts: Facts) -> Any:
    """Return a value of a template with its intrinsic functions carried out."""
    result = value
    match value:
        case {"Ref": "AWS::NoValue"}:
            result = NOTHING
        case {"Ref": name}:
            result = facts.values[name]
        case {"Fn::GetAtt": name}:
            result = ".".join(name)
        case {"Fn::Sub": str(text)}:
            result = re.sub(
                r"\$\{([\w:]+)\}", lambda found: facts.values.get(found[1], found[0]), text
            )
        case {"Fn::If": [name, yes, no]}:
            result = resolved(yes if facts.condition(name) else no, facts)
        case dict():
            inner = {key: resolved(each, facts) for key, each in value.items()}
            result = {key: each for key, each in inner.items() if each is not NOTHING}
        case list():
            parts = [resolved(each, facts) for each in value]
            result = [each for each in parts if each is not NOTHING]
    return result


def invalid(message: str) -> ClientError:
    """Return the error with which CloudFormation refuses a request."""
    return ClientError({"Error": {"Code": "ValidationError", "Message": message}}, "CloudFormation")


def _names(table: dict[str, Any]) -> set[str]:
    return {each["IndexName"] for each in table.get(INDEXES, [])}
