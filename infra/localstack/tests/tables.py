"""Tables of moto for the tests that need no LocalStack, and the repairs put in place once."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.table import Table

from helpdesk_localstack import moto_repairs

ACCOUNT, REGION = "000000000000", "eu-west-1"
STOCK_QUERY: Any = Table.query
moto_repairs.install()


def create(
    backend: DynamoDBBackend, *keys: str, name: str = "T", attr: Any = None, **options: Any
) -> Any:
    defaults: dict[str, Any] = dict.fromkeys(
        (
            "throughput",
            "global_indexes",
            "indexes",
            "streams",
            "sse_specification",
            "tags",
            "deletion_protection_enabled",
            "warm_throughput",
        )
    )
    kinds = dict(zip(keys, ("HASH", "RANGE"), strict=False))
    table: Any = backend.create_table(
        name,
        schema=[{"AttributeName": key, "KeyType": kind} for key, kind in kinds.items()],
        attr=attr
        or [{"AttributeName": key, "AttributeType": "S"} for key in ("pk", "sk", "g", "r")],
        billing_mode="PAY_PER_REQUEST",
        **{**defaults, **options},
    )
    return table


def calls_of(action: Callable[[], object]) -> int:
    """How many functions `action` calls, those of the interpreter included."""
    counted = 0

    def count(_frame: Any, event: str, _argument: Any) -> None:
        nonlocal counted
        counted += event in {"call", "c_call"}

    sys.setprofile(count)
    try:
        action()
    finally:
        sys.setprofile(None)
    return counted


def put(table: Any, **values: Any) -> None:
    kinds = {str: "S", int: "N", float: "N"}
    table.put_item(
        {
            name: {kinds[type(value)]: str(value)} if type(value) in kinds else value
            for name, value in values.items()
        }
    )


def contents(table: Any) -> list[Any]:
    return [item.to_json()["Attributes"] for item in table.all_items()]
