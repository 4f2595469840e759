"""The items of all tables, kept on disk across restarts and crashes of LocalStack.

LocalStack itself forgets everything. After a restart the stack is deployed again and creates its
tables again; a table of the same name and keys then gets its old items back before its creator
hears that it exists. Only items are kept: tables and indexes are the template's business.

Every write is in the journal before it is answered. When the journals outgrow the last base,
another process writes a new one (see `segments`), while this one goes on answering.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table

from helpdesk_localstack import changes, segments
from helpdesk_localstack.journal import Journal
from helpdesk_localstack.segments import Change, Contents, Name

LOG = logging.getLogger(__name__)

COMPACT_OVER_BYTES = 32 * 1024 * 1024
_LEGACY_FORMAT = 1


class KeptTables:
    """Loads `folder` at once and journals there what the tables are told to hold from now on.

    `legacy` is the file that earlier versions kept: read when the folder is new, then set aside.
    With `sync` every write waits for the disk. ValueError names a file that is damaged.
    """

    def __init__(
        self,
        folder: Path,
        *,
        legacy: Path | None = None,
        sync: bool = False,
        compact_over_bytes: int = COMPACT_OVER_BYTES,
    ) -> None:
        self._folder = folder
        self._sync = sync
        self._compact_over_bytes = compact_over_bytes
        if legacy is not None and legacy.exists() and not folder.exists():
            _take_over(legacy, folder)
        self._waiting, last = segments.recover(folder)
        self._number = last + 1
        self._journal = Journal(segments.journal_path(folder, self._number), sync=sync)
        self._base_bytes, self._finished_bytes = segments.sizes(folder)
        self._owed: dict[Table, dict[changes.Key, None]] = {}
        self._compacting: threading.Thread | None = None
        self._closed = False

    def install(self) -> None:
        """Keep what moto writes, and give new tables their old items. Call once per process."""
        changes.listen(self.written)
        stock_create, stock_delete = DynamoDBBackend.create_table, DynamoDBBackend.delete_table
        DynamoDBBackend.create_table = _then(stock_create, self.fill)
        DynamoDBBackend.delete_table = _then(stock_delete, self.dropped)
        for name in ("restore_table_from_backup", "restore_table_to_point_in_time"):
            stock: Any = getattr(DynamoDBBackend, name)
            setattr(DynamoDBBackend, name, _then(stock, _touch_all))

    def written(self, touched: changes.Touched) -> None:
        """Journal the items under these keys as they are now, as one record.

        OSError when that cannot be done; they are then owed, and part of the next record.
        """
        for table, keys in touched.items():
            self._owed.setdefault(table, {}).update(dict.fromkeys(keys))
        self._journal.append(
            segments.encode(_change(table, keys) for table, keys in self._owed.items())
        )
        self._owed.clear()
        self._compact_if_due()

    def fill(self, table: Table) -> None:
        """Give a new table the items that its namesake with the same keys had."""
        items = self._waiting.pop(_name_of(table), {})
        if items:
            _pour(list(items.values()), table)
            LOG.warning("table %s restored: %d items", table.name, len(items))

    def dropped(self, table: Table) -> None:
        """Forget the items of a table that was deleted."""
        self._owed.pop(table, None)
        self._journal.append(segments.encode([Change(_name_of(table), dropped=True)]))

    def close(self) -> None:
        """Put everything on the disk. Nothing is journalled afterwards."""
        with changes.LOCK:
            if not self._closed:
                self._closed = True
                self._journal.close()
        if self._compacting is not None:
            self._compacting.join()

    def compact(self) -> None:
        """Write a new base from everything journalled until now.

        Only opening the next journal holds requests up. OSError when the other process fails; the
        journals then stay as they are, and nothing is lost.
        """
        with changes.LOCK:
            if self._closed:
                return
            upto = self._number
            following = Journal(segments.journal_path(self._folder, upto + 1), sync=self._sync)
            self._journal, finished = following, self._journal
            self._number += 1
        finished.close()
        command = [sys.executable, "-m", segments.__name__, str(self._folder), str(upto)]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, check=False)
        if done.returncode != 0:
            raise OSError(f"the process that compacts ended with {done.returncode}")
        segments.remove_replaced(self._folder)
        with changes.LOCK:
            self._base_bytes, self._finished_bytes = segments.sizes(self._folder)
            self._finished_bytes -= self._journal.size

    def _compact_if_due(self) -> None:
        journalled = self._finished_bytes + self._journal.size
        if journalled < max(self._compact_over_bytes, self._base_bytes) or (
            self._compacting and self._compacting.is_alive()
        ):
            return
        self._compacting = threading.Thread(
            target=self._compact_and_say, name="dynamodb-compaction", daemon=True
        )
        self._compacting.start()

    def _compact_and_say(self) -> None:
        try:
            self.compact()
        except OSError:
            LOG.exception("cannot compact the journals in %s", self._folder)


def _then[**P](stock: Callable[P, Table], and_then: Callable[[Table], None]) -> Callable[P, Table]:
    def call(*args: P.args, **kwargs: P.kwargs) -> Table:
        with changes.operation():
            table = stock(*args, **kwargs)
            and_then(table)
            return table

    return call


def _touch_all(table: Table) -> None:
    for key in changes.keys_of(table):
        changes.touch(table, *key)


def _name_of(table: Table) -> Name:
    return Name(table.account_id, table.region_name, table.name, tuple(table.table_key_attrs))


def _change(table: Table, keys: dict[changes.Key, None]) -> Change:
    change = Change(_name_of(table))
    for key in keys:
        item = changes.item_of(table, key)
        if item is None:
            values = (value.to_json() for value in key if value is not None)
            change.gone.append(dict(zip(table.table_key_attrs, values, strict=True)))
        else:
            change.put.append({name: plain(value) for name, value in item.attrs.items()})
    return change


def plain(value: Any) -> Any:
    """An attribute as JSON of DynamoDB."""
    if not isinstance(value, DynamoType):
        return value
    if value.is_map():
        return {value.type: {name: plain(inner) for name, inner in value.value.items()}}
    if value.is_list() or value.is_set():
        return {value.type: [plain(inner) for inner in value.value]}
    return value.to_json()


def _pour(items: list[segments.Item], table: Table) -> None:
    """Fill a table directly: restored items are no writes, and leave no stream records."""
    content: dict[Any, Any] = table.items
    for attributes in items:
        hash_key = DynamoType(attributes[table.hash_key_attr])
        if table.range_key_attr is None:
            content[hash_key] = Item(hash_key, None, attributes)
        else:
            range_key = DynamoType(attributes[table.range_key_attr])
            content[hash_key][range_key] = Item(hash_key, range_key, attributes)


def _take_over(legacy: Path, folder: Path) -> None:
    """Make a base of the one JSON document that earlier versions saved, and set that aside."""
    document = json.loads(legacy.read_bytes())
    if document["format"] != _LEGACY_FORMAT:
        raise ValueError(f"{legacy} has format {document['format']}, not {_LEGACY_FORMAT}")
    contents = Contents()
    for entry in document["tables"]:
        name = Name(entry["account"], entry["region"], entry["table"], tuple(entry["keys"]))
        contents.apply(Change(name, put=entry["items"]))
    arriving = folder.with_name(f"{folder.name}.arriving")
    arriving.mkdir(parents=True, exist_ok=True)
    segments.write_base(arriving, 1, contents)
    arriving.replace(folder)
    legacy.rename(legacy.with_name(f"{legacy.name}.taken-over"))
