"""Items past their time to live disappear, as DynamoDB does by itself and moto does not."""

from __future__ import annotations

import math
import threading
import time
import weakref
from typing import Any

from moto.dynamodb.models.dynamo_type import Item
from moto.dynamodb.models.table import Table
from sortedcontainers import SortedKeyList

from helpdesk_localstack import changes, dynamodb

_FIVE_YEARS_SECONDS = 5 * 365 * 24 * 3600


class _Dues:
    """The items of one table by the time they are due, so that a sweep meets those alone."""

    def __init__(self, table: Table, attribute: str) -> None:
        self.attribute = attribute
        self._due: dict[changes.Key, float] = {}
        self._sorted = SortedKeyList(key=lambda entry: entry[0])
        for key in changes.keys_of(table):
            self.update(key, changes.item_of(table, key))

    def update(self, key: changes.Key, item: Item | None) -> None:
        if (before := self._due.pop(key, None)) is not None:
            self._sorted.remove((before, key))
        if item is not None and (due := _due_of(item, self.attribute)) is not None:
            self._due[key] = due
            self._sorted.add((due, key))

    def between(self, after: float, until: float) -> list[changes.Key]:
        found = self._sorted.irange_key(after, until, (False, True))
        return [key for _due, key in found]


_dues: weakref.WeakKeyDictionary[Table, _Dues] = weakref.WeakKeyDictionary()


def install() -> None:
    """Keep up with every change. Call once per process, before other listeners that may fail."""
    changes.listen(_update)


def sweep(now: float) -> int:
    """Delete what had expired at `now` (epoch seconds); returns how many items that were."""
    deleted = 0
    with changes.operation():
        for table in dynamodb.tables():
            for key in _expired(table, now):
                table.delete_item(*key)
                _attribute_to_service(table)
                deleted += 1
    return deleted


def start(interval_seconds: float) -> None:
    """Sweep every `interval_seconds` for the rest of this process."""

    def forever() -> None:
        while True:
            time.sleep(interval_seconds)
            sweep(time.time())

    threading.Thread(target=forever, name="dynamodb-expiry", daemon=True).start()


def _expired(table: Table, now: float) -> list[changes.Key]:
    if table.ttl.get("TimeToLiveStatus") != "ENABLED":
        _dues.pop(table, None)
        return []
    attribute = table.ttl["AttributeName"]
    dues = _dues.get(table)
    if dues is None or dues.attribute != attribute:
        dues = _dues[table] = _Dues(table, attribute)
    # DynamoDB leaves alone what was due more than five years ago.
    return dues.between(now - _FIVE_YEARS_SECONDS, now)


def _due_of(item: Item, attribute: str) -> float | None:
    value: Any = item.attrs.get(attribute)
    if value is None or not value.is_number():
        return None
    due = float(value.value)
    return due if math.isfinite(due) else None


def _update(touched: changes.Touched) -> None:
    for table, keys in touched.items():
        if (dues := _dues.get(table)) is not None:
            for key in keys:
                dues.update(key, changes.item_of(table, key))


def _attribute_to_service(table: Table) -> None:
    if table.stream_shard is not None:
        table.stream_shard.items[-1].record["userIdentity"] = {
            "type": "Service",
            "principalId": "dynamodb.amazonaws.com",
        }
