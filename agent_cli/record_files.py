"""Files with what a shop knows of its customers: CSV with an order a row, JSON, JSON Lines.

A row of CSV has the columns `customer`, `number`, `status`, and as it likes `placed_on`,
`expected_on`, `carrier`, `tracking`, `items` (semicolons between them) and `open` (yes or no). In
JSON a customer is `{"customer": "…", "record": {…}, "orders": [{…}]}`; a file has a list of these,
or one a line. Fields that are not on the list are left out and named.
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from helpdesk.records import (
    FIELDS,
    ORDER_FIELDS,
    Holding,
    InvalidRecordError,
    Order,
    Record,
    check_owners,
    number_key,
    read_order,
    read_record,
)
from helpdesk.ticket import CustomerKey, Kind

MOST_FAULTS = 20
"""Faults that are told of one file."""

NEEDED = ("customer", "number", "status")
"""The columns that CSV must have."""


class RecordFileError(ValueError):
    """A file that cannot be taken; the message has a line for each fault, with its place."""


@dataclass(slots=True)
class Sheet:
    """What a file holds; `left_out` names the fields that are not kept."""

    holdings: tuple[Holding, ...] = ()
    left_out: tuple[str, ...] = ()


@dataclass(slots=True)
class _Reading:
    """What was found of a file so far, by customer and number."""

    orders: dict[CustomerKey, dict[str, Order]] = field(default_factory=dict)
    records: dict[CustomerKey, Record] = field(default_factory=dict)
    left_out: dict[str, None] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def leave_out(self, said: Mapping[str, Any], known: tuple[str, ...]) -> None:
        self.left_out |= dict.fromkeys(str(name) for name in said if name not in known)

    def order(self, where: str, key: CustomerKey, said: Mapping[str, Any]) -> None:
        self.leave_out(said, (*ORDER_FIELDS, "customer"))
        try:
            found = read_order(said)
        except InvalidRecordError as error:
            self.faults.append(f"{where}: {error}")
            return
        known = self.orders.setdefault(key, {})
        if number_key(found.number) in known:
            self.faults.append(f"{where}: this order is there twice")
        known[number_key(found.number)] = found

    def record(self, where: str, key: CustomerKey, said: Mapping[str, Any]) -> None:
        self.leave_out(said, FIELDS)
        try:
            found = read_record(said)
        except InvalidRecordError as error:
            self.faults.append(f"{where}: {error}")
            return
        if found:
            self.records[key] = found

    def key(self, where: str, said: object) -> CustomerKey | None:
        if not isinstance(said, str) or not said.strip():
            self.faults.append(f"{where}: customer: neither an address nor a reference")
            return None
        key = CustomerKey.typed(said.strip())
        if key.kind is Kind.NAME:
            self.faults.append(f"{where}: customer: a name is shared by many")
            return None
        self.orders.setdefault(key, {})
        return key


def read(path: Path) -> Sheet:
    """Return what a file holds. Raises RecordFileError or OSError."""
    reading = _Reading()
    try:
        text = path.read_text(encoding="utf-8-sig")
        if path.suffix == ".csv":
            _read_csv(text, reading)
        elif path.suffix in {".json", ".jsonl"}:
            _read_json(text, path.suffix, reading)
        else:
            raise RecordFileError(f"{path}: not .csv, .json or .jsonl")
    except (UnicodeDecodeError, csv.Error, RecursionError) as error:
        raise RecordFileError(f"{path}: {error}") from error
    holdings = tuple(
        Holding(key=key, record=reading.records.get(key), orders=tuple(orders.values()))
        for key, orders in reading.orders.items()
    )
    try:
        check_owners(holdings)
    except InvalidRecordError as error:
        reading.faults.append(str(error))
    if reading.faults:
        raise RecordFileError(_told(path, reading.faults))
    return Sheet(holdings, tuple(reading.left_out))


def _read_csv(text: str, reading: _Reading) -> None:
    rows = csv.DictReader(io.StringIO(text), restkey="cells beyond the last column", strict=True)
    columns = rows.fieldnames or []
    if missing := [name for name in NEEDED if name not in columns]:
        reading.faults.append(f"line 1: there is no column {', '.join(missing)}")
        return
    for row in rows:
        where = f"line {rows.line_num}"
        if key := reading.key(where, row.get("customer")):
            reading.order(where, key, row)


def _read_json(text: str, suffix: str, reading: _Reading) -> None:
    for where, said in _customers(text, suffix, reading):
        if not isinstance(said, dict):
            reading.faults.append(f"{where}: not an object with `customer` and `orders`")
            continue
        reading.leave_out(said, ("customer", "record", "orders"))
        if (key := reading.key(where, said.get("customer"))) is None:
            continue
        record, orders = said.get("record") or {}, said.get("orders") or []
        if not isinstance(record, dict) or not isinstance(orders, list):
            reading.faults.append(f"{where}: `record` is an object, `orders` is a list")
            continue
        reading.record(where, key, record)
        for number, order in enumerate(orders, start=1):
            at = f"{where}, order {number}"
            if isinstance(order, dict):
                reading.order(at, key, order)
            else:
                reading.faults.append(f"{at}: not an object")


def _customers(text: str, suffix: str, reading: _Reading) -> Iterator[tuple[str, Any]]:
    """Yield the customers of a file, each with its place."""
    if suffix == ".json":
        try:
            found = json.loads(text)
        except ValueError as error:
            reading.faults.append(f"not JSON: {error}")
            return
        many = found if isinstance(found, list) else [found]
        yield from ((f"customer {number}", each) for number, each in enumerate(many, start=1))
        return
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            try:
                yield f"line {number}", json.loads(line)
            except ValueError:
                reading.faults.append(f"line {number}: not JSON")


def _told(path: Path, faults: list[str]) -> str:
    more = len(faults) - MOST_FAULTS
    lines = [f"{path}: nothing was imported", *faults[:MOST_FAULTS]]
    return "\n".join([*lines, f"and {more} more"] if more > 0 else lines)
