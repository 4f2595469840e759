"""The items of all tables, kept in one file across restarts and crashes of LocalStack.

LocalStack itself forgets everything. After a restart the stack is deployed again and creates its
tables again. A table of the same name and keys then gets its old items back before its creator
hears that it exists. Only items are kept; the template makes tables and indexes.
"""

from __future__ import annotations

import gc
import json
import logging
import os
import signal
import threading
import time
import traceback
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table

from helpdesk_localstack import dynamodb

LOG = logging.getLogger(__name__)

_FORMAT = 1
_MAX_SHARE_OF_TIME = 0.05
_GIVE_UP_AFTER_SECONDS = 300


@dataclass(frozen=True)
class _Name:
    account: str
    region: str
    table: str


@dataclass(frozen=True)
class _Contents:
    """A table's key attributes, `[partition]` or `[partition, sort]`, and its items as JSON."""

    keys: list[str]
    items: list[dict[str, Any]]


class Snapshot:
    """Loads `path` at once, if it exists, and saves there what `changed` announces.

    Without a path nothing is kept. ValueError when the file is of another format.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._waiting = _load(path) if path else {}
        self._changes = threading.Event()
        self._saving = threading.Lock()

    def changed(self) -> None:
        """Items may have changed: save at the next opportunity. Costs nothing."""
        self._changes.set()

    def fill_new_tables(self) -> None:
        """Give every empty table that has a waiting namesake its items. Call with the lock held."""
        for table in dynamodb.tables():
            name = _name_of(table)
            waiting = self._waiting.get(name)
            if waiting is None or table.items:
                continue
            if waiting.keys != table.table_key_attrs:
                LOG.warning("table %s has other keys than before: its old items wait", name.table)
                continue
            _pour(waiting.items, table)
            del self._waiting[name]
            LOG.warning("table %s restored: %d items", name.table, len(waiting.items))

    def save(self) -> None:
        """Write everything to disk, if anything changed since the last time.

        A crash leaves the previous file or the new one, never half of one. OSError when that
        fails; the reason is on stderr. It is written by a fork, whose memory stays as it was: a
        thread would hold up every request, a third of a second for ten thousand items.
        """
        with self._saving:
            if self._path is None or not self._changes.is_set():
                return
            self._changes.clear()
            with dynamodb.LOCK:
                child = _fork()
                if child is None:
                    _write_and_exit(self._path, self._waiting)
            _, status = os.waitpid(child, 0)
            if code := os.waitstatus_to_exitcode(status):
                raise OSError(f"the process that saves ended with {code}")

    def save_forever(self, interval_seconds: float) -> None:
        """Save every `interval_seconds` from a thread, more rarely when tables are so large that
        saving would take more than a twentieth of the time."""
        if self._path is None:
            return

        def forever() -> None:
            pause = interval_seconds
            while True:
                time.sleep(pause)
                self._changes.wait()
                began = time.monotonic()
                try:
                    self.save()
                except OSError:
                    LOG.exception("cannot save tables to %s", self._path)
                    self._changes.set()
                pause = max(interval_seconds, (time.monotonic() - began) / _MAX_SHARE_OF_TIME)

        threading.Thread(target=forever, name="dynamodb-snapshot", daemon=True).start()


def _fork() -> int | None:
    """Return the child's process id, or None in the child."""
    with warnings.catch_warnings():
        # "May deadlock" on a lock that another thread holds. The child takes none of ours, and
        # is given up after a while.
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork() or None


def _write_and_exit(path: Path, waiting: dict[_Name, _Contents]) -> NoReturn:
    """Save as a forked child, which must leave no trace in what it shares with its parent."""
    status = 1
    try:
        signal.alarm(_GIVE_UP_AFTER_SECONDS)
        gc.disable()  # a collection would copy all of the parent's memory
        os.closerange(3, os.sysconf("SC_OPEN_MAX"))  # ports and pipes end with the parent
        _write(path, {**waiting, **_collect()})
        status = 0
    except BaseException:
        os.write(2, traceback.format_exc().encode())
    finally:
        os._exit(status)


def _name_of(table: Table) -> _Name:
    return _Name(table.account_id, table.region_name, table.name)


def _collect() -> dict[_Name, _Contents]:
    """All tables as plain data. Call where nothing changes them."""
    return {
        _name_of(table): _Contents(
            list(table.table_key_attrs),
            [
                {name: _plain(value) for name, value in item.attrs.items()}
                for item in _items_of(table)
            ],
        )
        for table in dynamodb.tables()
    }


def _items_of(table: Table) -> list[Any]:
    if table.range_key_attr is None:
        return list(table.items.values())
    return [item for partition in table.items.values() for item in partition.values()]


def _plain(value: Any) -> Any:
    """DynamoDB JSON."""
    if not isinstance(value, DynamoType):
        return value
    if value.is_map():
        return {value.type: {name: _plain(inner) for name, inner in value.value.items()}}
    if value.is_list() or value.is_set():
        return {value.type: [_plain(inner) for inner in value.value]}
    return value.to_json()


def _pour(items: list[dict[str, Any]], table: Table) -> None:
    """Fill a table directly: restored items are no writes, and leave no stream records."""
    content: dict[Any, Any] = table.items
    for attributes in items:
        hash_key = DynamoType(attributes[table.hash_key_attr])
        if table.range_key_attr is None:
            content[hash_key] = Item(hash_key, None, attributes)
        else:
            range_key = DynamoType(attributes[table.range_key_attr])
            content[hash_key][range_key] = Item(hash_key, range_key, attributes)


def _load(path: Path) -> dict[_Name, _Contents]:
    try:
        document = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    if document["format"] != _FORMAT:
        raise ValueError(f"{path} has format {document['format']}, not {_FORMAT}; remove it")
    return {
        _Name(entry["account"], entry["region"], entry["table"]): _Contents(
            entry["keys"], entry["items"]
        )
        for entry in document["tables"]
    }


def _write(path: Path, contents: dict[_Name, _Contents]) -> None:
    document = {
        "format": _FORMAT,
        "tables": [
            {**vars(name), "keys": table.keys, "items": table.items}
            for name, table in contents.items()
        ],
    }
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    path.parent.mkdir(parents=True, exist_ok=True)
    with partial.open("w") as file:
        file.write(json.dumps(document, separators=(",", ":")))  # dump() is not written in C
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
