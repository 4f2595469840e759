"""The ids of tickets in a list. What customers wrote is never taken for an id."""

import csv
import io
import json
import re
from collections.abc import Iterator
from typing import Any

from helpdesk.ticket import TextError

_ID = re.compile(r"[a-z0-9]{16}")


def ids_in(text: str) -> tuple[str, ...]:
    """Return the ids that a list names, in its order, each once.

    The list is JSON or JSON lines of tickets or ids, CSV with a column `id`, or lines that begin
    with an id. Raises TextError for CSV that cannot be read.
    """
    try:
        found = [each.strip() for each in _named(text)]
    except csv.Error as error:
        raise TextError(f"the list cannot be read as CSV: {error}") from error
    return tuple(dict.fromkeys(each for each in found if _ID.fullmatch(each)))


def _named(text: str) -> Iterator[str]:
    if (whole := _json(text)) is not None:
        page = whole.get("items", [whole]) if isinstance(whole, dict) else whole
        yield from _of_rows(page if isinstance(page, list) else [page])
    elif "id" in next(csv.reader(text.splitlines()[:1]), []):
        for row in csv.DictReader(io.StringIO(text, newline="")):
            yield row["id"] or ""
    else:
        for line in text.splitlines():
            yield from (
                line.split(maxsplit=1)[:1] if (row := _json(line)) is None else _of_rows([row])
            )


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _of_rows(rows: list[Any]) -> Iterator[str]:
    for row in rows:
        match row:
            case str():
                yield row
            case {"ticket": {"id": str(found)}} | {"id": str(found)}:
                yield found
