"""moto's transactions, at a cost that grows with the request instead of with the table.

To be able to undo one, moto copies every table it names, with the one lock held: seconds for two
writes to a table of ten thousand items.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import Table


def install() -> None:
    """Replace moto's TransactWriteItems. Call once per process."""
    stock = DynamoDBBackend.transact_write_items

    def transact_write_items(self: DynamoDBBackend, transact_items: list[dict[str, Any]]) -> Any:
        operations = [operation for item in transact_items for operation in item.values()]
        named = [(self.tables.get(o.get("TableName", "")), o) for o in operations]
        tables = {table.name: table for table, _ in named if table is not None}
        undo = [_undo(table, operation) for table, operation in named if table is not None]
        undo += [_undo_stream(table) for table in tables.values()]
        with _copied_by_reference(list(tables.values())):
            try:
                return stock(self, transact_items)
            except BaseException:
                for restore in undo:
                    restore()
                raise

    DynamoDBBackend.transact_write_items = transact_write_items


@contextmanager
def _copied_by_reference(tables: list[Any]) -> Iterator[None]:
    for table in tables:
        table.__deepcopy__ = lambda _memo, table=table: table
    try:
        yield
    finally:
        for table in tables:
            del table.__deepcopy__


def _undo(table: Table, operation: dict[str, Any]) -> Callable[[], None]:
    key = operation.get("Key") or operation.get("Item") or {}
    if not all(attribute in key for attribute in table.table_key_attrs):
        return lambda: None  # moto refuses such an operation before it changes anything
    hash_key = DynamoType(key[table.hash_key_attr])
    holder: dict[Any, Any]
    if table.range_key_attr is None:
        holder, at = table.items, hash_key
    else:
        holder, at = table.items[hash_key], DynamoType(key[table.range_key_attr])
    before = copy.deepcopy(holder.get(at))

    def restore() -> None:
        if before is None:
            holder.pop(at, None)
        else:
            holder[at] = before

    return restore


def _undo_stream(table: Table) -> Callable[[], None]:
    shard = table.stream_shard
    length = len(shard.items) if shard else 0

    def restore() -> None:
        if shard:
            del shard.items[length:]

    return restore
