"""What an operation changes in moto's tables, known before anybody hears that it succeeded.

Every operation runs inside `operation()`. Everything that it wrote is collected, and told to the
listeners once, when the outermost one ends: the journal writes it as one record, the indexes
take it in. This also holds for an operation that fails half-way, as moto's may: told is what the
tables really contain.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, KeysView, Mapping
from contextlib import contextmanager
from typing import Any

from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table

type Key = tuple[DynamoType, DynamoType | None]
type Touched = Mapping[Table, KeysView[Key]]

# moto is not thread-safe, and LocalStack calls it from many threads.
LOCK = threading.RLock()

_listeners: list[Callable[[Touched], None]] = []
_touched: dict[Table, dict[Key, None]] = {}
_depth = 0


def listen(listener: Callable[[Touched], None]) -> None:
    """Call `listener` with the lock held after every operation that wrote, in order of arrival.

    What it raises ends the operation, whose caller is then told of a failure.
    """
    _listeners.append(listener)


def forget_listeners() -> None:
    """Stop telling."""
    _listeners.clear()


@contextmanager
def operation() -> Iterator[None]:
    """One operation on the tables: alone, and told to the listeners at its end."""
    global _depth  # noqa: PLW0603 -- guarded by the lock, like the tables themselves
    with LOCK:
        _depth += 1
        try:
            yield
        finally:
            _depth -= 1
            if not _depth and _touched:
                _tell()


def touch(table: Table, hash_key: DynamoType, range_key: DynamoType | None) -> None:
    """The item under this key may have changed. Call inside `operation()`."""
    _touched.setdefault(table, {})[hash_key, range_key] = None


def item_of(table: Table, key: Key) -> Item | None:
    """The item under a key, if there is one."""
    hash_key, range_key = key
    found: Any = table.items.get(hash_key)
    if range_key is None or found is None:
        return found  # type: ignore[no-any-return]
    return found.get(range_key)  # type: ignore[no-any-return]


def keys_of(table: Table) -> Iterator[Key]:
    """The keys of all items, in no order."""
    for hash_key, found in table.items.items():
        if table.range_key_attr is None:
            yield hash_key, None
        else:
            for range_key in found:
                yield hash_key, range_key


def install() -> None:
    """Notice every write of moto. Call once per process."""
    stock_put, stock_delete = Table.put_item, Table.delete_item
    stock_update = DynamoDBBackend.update_item

    def put_item(self: Table, item_attrs: dict[str, Any], *args: Any, **kwargs: Any) -> Item:
        with operation():
            item = stock_put(self, item_attrs, *args, **kwargs)
            touch(self, item.hash_key, item.range_key)
            return item

    def delete_item(self: Table, hash_key: Any, range_key: Any) -> Item | None:
        with operation():
            touch(self, hash_key, range_key)
            return stock_delete(self, hash_key, range_key)

    def update_item(
        self: DynamoDBBackend, table_name: str, key: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Item:
        table = self.get_table(table_name)
        with operation():
            if all(name in key for name in table.table_key_attrs):
                touch(table, *self.get_keys_value(table, key))
            return stock_update(self, table_name, key, *args, **kwargs)

    Table.put_item = put_item
    Table.delete_item = delete_item
    DynamoDBBackend.update_item = update_item


def _tell() -> None:
    touched = {table: keys.keys() for table, keys in _touched.items()}
    _touched.clear()
    for listener in _listeners:
        listener(touched)
