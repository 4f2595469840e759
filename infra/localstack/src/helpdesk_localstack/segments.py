"""The items of all tables in one folder: a base, and the journals written since.

`<n>.base` holds what all journals up to number n say, `<n>.journal` what happened after the ones
before it. Both are records (see `journal`) of JSON. To load is to read the newest base, then the
journals after it; to compact is to write that down as a new base. Nothing here needs the tables in
memory, so another process compacts: `python -m helpdesk_localstack.segments FOLDER NUMBER`.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from helpdesk_localstack.journal import Journal, mend, records

LOG = logging.getLogger(__name__)

_ITEMS_PER_RECORD = 500

type Item = dict[str, Any]  # as JSON of DynamoDB: {"pk": {"S": "…"}, …}


class Name(NamedTuple):
    """A table with its key attributes: one, or partition and sort. Other keys, another table."""

    account: str
    region: str
    table: str
    keys: tuple[str, ...]


@dataclass
class Change:
    """What one operation did to one table: items as they are now, keys of items that went."""

    table: Name
    put: list[Item] = field(default_factory=list)
    gone: list[Item] = field(default_factory=list)
    dropped: bool = False  # the table itself went, with everything in it


class Contents(dict[Name, dict[str, Item]]):
    """The items of every table, by their keys."""

    def apply(self, change: Change) -> None:
        """Do to these items what the change says."""
        if change.dropped:
            self.pop(change.table, None)
            return
        items = self.setdefault(change.table, {})
        for item in change.put:
            items[_key(change.table, item)] = item
        for key in change.gone:
            items.pop(_key(change.table, key), None)


def encode(changes: Iterable[Change]) -> bytes:
    """One record: all of it is applied, or nothing."""
    document = [[change.table, change.put, change.gone, change.dropped] for change in changes]
    return json.dumps(document, separators=(",", ":")).encode()


def decode(payload: bytes) -> Iterator[Change]:
    """The changes of one record."""
    for (account, region, table, keys), put, gone, dropped in json.loads(payload):
        yield Change(Name(account, region, table, tuple(keys)), put, gone, dropped)


def journal_path(folder: Path, number: int) -> Path:
    """Where the journal of that number lies."""
    return folder / f"{number:08}.journal"


def base_path(folder: Path, number: int) -> Path:
    """Where the base lies that holds all journals up to that number."""
    return folder / f"{number:08}.base"


def recover(folder: Path) -> tuple[Contents, int]:
    """All items in the folder, and the number of the last journal (or base); 0 when it is empty.

    A torn last record is cut off, and files that a newer base replaces are removed. ValueError
    names a file that is damaged elsewhere.
    """
    folder.mkdir(parents=True, exist_ok=True)
    journals = _numbers(folder, "journal")
    if journals and (torn := mend(journal_path(folder, journals[-1]))):
        LOG.warning("the last record of the tables' journal was torn: %d bytes dropped", torn)
    last = max([0, *journals, *_numbers(folder, "base")])
    contents = load(folder, last)
    remove_replaced(folder)
    return contents, last


def load(folder: Path, last: int) -> Contents:
    """All items as of the end of journal `last`. ValueError names a damaged file."""
    base = max((number for number in _numbers(folder, "base") if number <= last), default=0)
    contents = Contents()
    paths = [base_path(folder, base)] if base else []
    paths += [
        journal_path(folder, number)
        for number in _numbers(folder, "journal")
        if base < number <= last
    ]
    for path in paths:
        for payload in records(path):
            for change in decode(payload):
                contents.apply(change)
    return contents


def write_base(folder: Path, number: int, contents: Contents) -> None:
    """Write a base: wholly there and on the disk, or not at all."""
    partial = base_path(folder, number).with_suffix(f".{os.getpid()}.partial")
    base = Journal(partial, sync=False)
    for table, items in contents.items():
        listed = list(items.values())
        for start in range(0, len(listed), _ITEMS_PER_RECORD):
            base.append(encode([Change(table, put=listed[start : start + _ITEMS_PER_RECORD])]))
    base.close()
    partial.replace(base_path(folder, number))


def remove_replaced(folder: Path) -> None:
    """Remove what the newest base makes unnecessary, and what a crash left of one."""
    newest = max(_numbers(folder, "base"), default=0)
    for number in _numbers(folder, "journal"):
        if number <= newest:
            journal_path(folder, number).unlink(missing_ok=True)
    for number in _numbers(folder, "base"):
        if number < newest:
            base_path(folder, number).unlink(missing_ok=True)
    for path in folder.glob("*.partial"):
        path.unlink(missing_ok=True)


def sizes(folder: Path) -> tuple[int, int]:
    """Bytes of the base, and of all journals since."""
    base, journals = (
        sum(path.stat().st_size for path in folder.glob(f"*.{kind}"))
        for kind in ("base", "journal")
    )
    return base, journals


def _key(table: Name, attributes: Item) -> str:
    return json.dumps([attributes[name] for name in table.keys])


def _numbers(folder: Path, kind: str) -> list[int]:
    found = (re.fullmatch(rf"(\d+)\.{kind}", path.name) for path in folder.glob(f"*.{kind}"))
    return sorted(int(match[1]) for match in found if match)


if __name__ == "__main__":
    os.nice(10)  # requests come first
    place, upto = Path(sys.argv[1]), int(sys.argv[2])
    write_base(place, upto, load(place, upto))
