"""What DynamoDB calls cost: calls, items examined, and the units AWS charges on demand."""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import boto3


@dataclass(slots=True)
class Use:
    """What one request did to the table. Units are DynamoDB's, on demand."""

    calls: int = 0
    examined: int = 0
    read_units: float = 0.0
    write_units: float = 0.0


class Meter:
    """Counts what a session's DynamoDB calls cost, while it is on."""

    def __init__(self, session: boto3.Session) -> None:
        self.use = Use()
        self._asked: dict[str, Any] = {}
        before: Any = self._before
        after: Any = self._after
        session.events.register("before-call.dynamodb", before)
        session.events.register("after-call.dynamodb", after)

    def _before(self, params: Mapping[str, Any], **_: Any) -> None:
        self._asked = json.loads(params["body"])

    def _after(self, model: Any, parsed: Mapping[str, Any], **_: Any) -> None:
        self.use.calls += 1
        count: Callable[[dict[str, Any], Mapping[str, Any]], None] | None
        if count := getattr(self, f"_{model.name}", None):
            count(self._asked, parsed)

    def _GetItem(self, asked: dict[str, Any], answer: Mapping[str, Any]) -> None:  # noqa: N802
        self._read([answer["Item"]] if "Item" in answer else [{}], asked)

    def _BatchGetItem(self, asked: dict[str, Any], answer: Mapping[str, Any]) -> None:  # noqa: N802
        for name, wanted in asked["RequestItems"].items():
            for item in answer["Responses"][name]:
                self._read([item], wanted)

    def _Query(self, asked: dict[str, Any], answer: Mapping[str, Any]) -> None:  # noqa: N802
        items = answer.get("Items") or [{}] * answer["ScannedCount"]
        self._read(items, asked)
        self.use.examined += answer["ScannedCount"] - len(items)

    def _TransactWriteItems(self, asked: dict[str, Any], _answer: Any) -> None:  # noqa: N802
        for write in asked["TransactItems"]:
            if "Put" in write:
                self._wrote(write["Put"]["Item"], times=2)
            else:
                self.use.write_units += 2

    def _UpdateItem(self, asked: dict[str, Any], _answer: Any) -> None:  # noqa: N802
        bucket = asked["Key"]["sk"]["S"] == "RATE"
        # else a ticket's item of two units at most, and its place in by-awaiting
        self.use.write_units += 1 if bucket else 4

    def _read(self, items: list[dict[str, Any]], asked: dict[str, Any]) -> None:
        bytes_read = sum(map(size, items))
        units = max(1, math.ceil(bytes_read / 4096))
        self.use.read_units += units if asked.get("ConsistentRead") else units / 2
        self.use.examined += len(items)

    def _wrote(self, item: dict[str, Any], *, times: int) -> None:
        """Count the item, and every index it is in; one whose keys change is written twice."""
        units = math.ceil(size(item) / 1024)
        self.use.write_units += times * units
        if "listing" in item:
            self.use.write_units += 2 * units
        if "customer_key" in item:
            self.use.write_units += units
        if "awaiting" in item:
            self.use.write_units += 2
        if "day" in item:
            self.use.write_units += 1


def size(value: Any) -> int:
    """Return the bytes DynamoDB counts for an item: names and values, as its guide says."""
    match value:
        case dict():
            return sum(len(str(name).encode()) + size(each) for name, each in value.items())
        case list() | tuple():
            return 3 + sum(1 + size(each) for each in value)
        case str():
            return len(value.encode())
        case bool() | None:
            return 1
        case int() | float() | Decimal():
            return len(str(value)) // 2 + 2
    return 0
