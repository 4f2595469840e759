"""DynamoDB's low-level client with plain Python values in its parameters and answers.

A value goes in as text, bytes, a number (int or Decimal), a boolean, None, a list or a dictionary,
and comes back as that, numbers as Decimal. A condition may stand where a call takes an expression.
boto3 does the same for its resources; loading those costs the terminal and the worker a tenth of
a second at each start, and every call a deep copy of its parameters.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from helpdesk.aws.conditions import Condition

_EXPRESSIONS = ("KeyConditionExpression", "ConditionExpression", "FilterExpression")


def speak_plainly(client: Any) -> None:
    """Let a client of DynamoDB take and give plain values, from now on."""
    client.meta.events.register("before-parameter-build.dynamodb", _ask)
    client.meta.events.register("after-call.dynamodb", _told)


def stored(value: Any) -> dict[str, Any]:
    """Return a plain value as DynamoDB takes it. Raises TypeError for any other value."""
    match value:
        case bool():
            return {"BOOL": value}
        case str() | bytes():
            return {"S" if isinstance(value, str) else "B": value}
        case int() | Decimal():
            return {"N": str(value)}
        case None:
            return {"NULL": True}
        case Mapping():
            return {"M": {name: stored(each) for name, each in value.items()}}
        case list() | tuple():
            return {"L": [stored(each) for each in value]}
    raise TypeError(f"DynamoDB cannot store a {type(value).__name__}: {value!r}")


def plain(value: Mapping[str, Any]) -> Any:
    """Return a value of DynamoDB as a plain one. Raises TypeError for a kind never stored."""
    ((kind, held),) = value.items()
    match kind:
        case "S" | "B" | "BOOL":
            return held
        case "N":
            return Decimal(held)
        case "NULL":
            return None
        case "M":
            return {name: plain(each) for name, each in held.items()}
        case "L":
            return [plain(each) for each in held]
    raise TypeError(f"the desk stores no value of the type {kind}")


def _ask(params: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
    context["helpdesk_table"] = _table_of(params)
    for name in _EXPRESSIONS:
        if isinstance(condition := params.get(name), Condition):
            for key, value in condition.parameters(name).items():
                merges = key in params and key != name
                params[key] = {**params[key], **value} if merges else value
    translated = _translated(params, model.input_shape, stored)
    params.update(translated)


def _told(parsed: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
    error = parsed.get("Error", {})
    if error.get("Code") == "ResourceNotFoundException" and (name := context["helpdesk_table"]):
        error["Resource"] = name
        error["Message"] = f"{error.get('Message', 'Not found')}: table {name}"
    parsed.update(_translated(parsed, model.output_shape, plain))


def _table_of(params: Mapping[str, Any]) -> str | None:
    if writes := params.get("TransactItems"):
        params = next(iter(writes[0].values()))
    name: str | None = next(iter(params.get("RequestItems", ())), None) or params.get("TableName")
    return name


def _translated(value: Any, shape: Any, change: Callable[[Any], Any]) -> Any:
    """Return a copy of `value` in which every attribute value is changed."""
    if shape.name == "AttributeValue":
        return change(value)
    if shape.type_name == "structure":
        return {
            name: _translated(each, shape.members[name], change) if name in shape.members else each
            for name, each in value.items()
        }
    if shape.type_name == "map":
        return {name: _translated(each, shape.value, change) for name, each in value.items()}
    if shape.type_name == "list":
        return [_translated(each, shape.member, change) for each in value]
    return value
