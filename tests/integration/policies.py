"""Our own judge: what a policy of the template allows, read as IAM reads it."""

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from typing import Any

from tests.integration.recorded_calls import Call

type Grant = tuple[str, str, str]
"""An action, a resource as `named` says it, and a pattern of partition keys or nothing."""

type Statement = dict[str, Any]

ROLES = {
    "agent": ("AgentPolicy",),
    "lead": ("AgentPolicy", "LeadPolicy"),
    "auditor": ("AuditorPolicy",),
}
"""The policies that people at the desk get."""

NAMED_BY_US = ("bedrock", "cloudformation", "secretsmanager", "ses", "ssm")
"""Services whose resources have names of the stack's parameters."""

UNGUARDED = {"sts:GetCallerIdentity"}
"""Actions that need no permission."""


def documents(template: dict[str, Any], principal: str) -> list[dict[str, Any]]:
    """Return the policy documents of a person's role, of a function or of a function's role."""
    resources = template["Resources"]
    if principal in ROLES:
        own = [resources[name]["Properties"]["PolicyDocument"] for name in ROLES[principal]]
        return [with_all_grants(each) for each in own]
    found = resources[principal]
    if found["Type"] in {"AWS::Lambda::Function", "AWS::Serverless::Function"}:
        found = resources[found["Properties"]["Role"]["Fn::GetAtt"][0]]
    return [with_all_grants(policy["PolicyDocument"]) for policy in found["Properties"]["Policies"]]


def with_all_grants(document: dict[str, Any]) -> dict[str, Any]:
    """Return a policy document with every statement that may be in it."""
    chosen = [each["Fn::If"][1] if "Fn::If" in each else each for each in document["Statement"]]
    return {**document, "Statement": chosen}


def statements(template: dict[str, Any], principal: str) -> list[Statement]:
    """Return the statements of all policies of a principal."""
    return [each for document in documents(template, principal) for each in document["Statement"]]


def unused(given: Iterable[Statement], calls: Sequence[Call]) -> set[Grant]:
    """Return what statements grant and no call needs."""
    granted = {
        (action, named(resource), key)
        for statement in given
        for action in listed(statement["Action"])
        for resource in listed(statement["Resource"])
        for key in _keys(statement.get("Condition")) or ("",)
    }
    return {
        (action, resource, key)
        for action, resource, key in granted
        if not any(
            call.action == action
            and covers(resource, call.resource)
            and (not key or any(fnmatchcase(each, key) for each in call.keys))
            for call in calls
        )
    }


def allows(given: Iterable[Statement], call: Call) -> bool:
    """Judge a call as IAM does: some statement must allow its action, resource and keys."""
    return call.action in UNGUARDED or any(
        statement["Effect"] == "Allow"
        and call.action in listed(statement["Action"])
        and any(covers(named(each), call.resource) for each in listed(statement["Resource"]))
        and _condition_holds(statement.get("Condition"), call.keys)
        for statement in given
    )


def covers(pattern: str, resource: str) -> bool:
    """Tell whether a policy's resource stands for a resource."""
    return pattern == resource or fnmatchcase(resource, pattern)


def _condition_holds(condition: dict[str, Any] | None, keys: tuple[str, ...]) -> bool:
    patterns = _keys(condition)
    return not patterns or (
        bool(keys) and all(any(fnmatchcase(key, pattern) for pattern in patterns) for key in keys)
    )


def _keys(condition: dict[str, Any] | None) -> tuple[str, ...]:
    """Return the patterns of the partition keys that a condition asks for: there is no other."""
    if condition is None:
        return ()
    assert list(condition) == ["ForAllValues:StringLike"]
    return tuple(condition["ForAllValues:StringLike"]["dynamodb:LeadingKeys"])


def listed(given: Any) -> list[Any]:
    """Return what a policy says once, or as a list, as a list."""
    return given if isinstance(given, list) else [given]


def named(given: Any) -> str:
    """Return the logical name of what a policy's resource stands for."""
    if given == "*":
        return "*"
    if "Ref" in given:
        return str(given["Ref"])
    if "Fn::GetAtt" in given:
        name, attribute = given["Fn::GetAtt"]
        return f"{name}/stream/*" if attribute == "StreamArn" else str(name)
    return _written(str(given["Fn::Sub"]))


def _written(text: str) -> str:
    """Return the logical name that an ARN with parts to be filled in stands for."""
    if ":log-group:" in text:
        return "own log group"
    if ":rule/" in text:
        return text.rpartition(":rule/")[2]
    if ":foundation-model/" in text:
        return text.rpartition("::")[2]
    if any(
        f":{service}:" in text
        for service in ("bedrock", "cloudformation", "secretsmanager", "ses", "ssm")
    ):
        return text.partition("${AWS::AccountId}:")[2]
    name, _, rest = text.removeprefix("${").partition(".Arn}")
    return name + rest
