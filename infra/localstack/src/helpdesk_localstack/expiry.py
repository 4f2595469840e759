"""Items past their time to live disappear, as DynamoDB does by itself and moto does not."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from moto.dynamodb.models.table import Table

from helpdesk_localstack import dynamodb

_FIVE_YEARS_SECONDS = 5 * 365 * 24 * 3600
_MAX_SHARE_OF_TIME = 0.02


def sweep(now: float) -> int:
    """Delete what had expired at `now` (epoch seconds); returns how many items that were."""
    deleted = 0
    with dynamodb.LOCK:
        for table in dynamodb.tables():
            for hash_key, range_key in list(_expired(table, now)):
                table.delete_item(hash_key, range_key)
                _attribute_to_service(table)
                deleted += 1
    return deleted


def start(interval_seconds: float, on_write: Callable[[], None]) -> None:
    """Sweep every `interval_seconds` for the rest of this process, more rarely where that took more
    than a fiftieth of the time; `on_write` is called if any item went."""

    def forever() -> None:
        pause = interval_seconds
        while True:
            time.sleep(pause)
            began = time.monotonic()
            if sweep(time.time()):
                on_write()
            pause = max(interval_seconds, (time.monotonic() - began) / _MAX_SHARE_OF_TIME)

    threading.Thread(target=forever, name="dynamodb-expiry", daemon=True).start()


def _expired(table: Table, now: float) -> Iterator[tuple[Any, Any]]:
    if table.ttl.get("TimeToLiveStatus") != "ENABLED":
        return
    attribute = table.ttl["AttributeName"]
    for item in table.all_items():
        due = item.attrs.get(attribute)
        # DynamoDB ignores other types, and times more than five years ago.
        if due is None or not due.is_number():
            continue
        if now - _FIVE_YEARS_SECONDS < float(due.value) <= now:
            yield item.hash_key, item.range_key


def _attribute_to_service(table: Table) -> None:
    if table.stream_shard is not None:
        table.stream_shard.items[-1].record["userIdentity"] = {
            "type": "Service",
            "principalId": "dynamodb.amazonaws.com",
        }
