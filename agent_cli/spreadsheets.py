"""Tables as CSV whose cells no spreadsheet takes for formulas.

A spreadsheet runs a cell that begins with = + - or @, also after a tab or a line break, and also in
their wide forms. A customer can write such a text. Where it stands at the beginning of a cell, or
after a character that some spreadsheets separate cells by, an apostrophe is put before it.
Spreadsheets show such a cell as text. JSON has every text unchanged.
"""

import csv
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import IO, Any

ENCODING = "utf-8-sig"
"""UTF-8 with the mark by which spreadsheets know it."""

_FORMULA = re.compile(r"(^|[;,|\t\r\n])([\s\"'\u200b\ufeff]*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])")
_STEERS = re.compile(r"^(?=[\t\r])")


def cell(value: Any) -> str:
    """Return a value as the text of a cell: moments in UTC, nothing for None, yes or no."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case int() | float():
            return str(value)
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="seconds")
        case tuple() | list() | frozenset():
            return cell(" ".join(sorted(str(each) for each in value)))
    return _STEERS.sub("'", _FORMULA.sub(r"\1\2'", str(value)))


def write(file: IO[str], head: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write a table with a line of names; every cell is quoted, lines end as RFC 4180 says."""
    writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows([cell(each) for each in row] for row in rows)
