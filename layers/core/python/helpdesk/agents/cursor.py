"""The text that says where a list goes on: opaque to people, checked when it comes back. Pure."""

import json
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, fields
from hashlib import sha256

from helpdesk.agents.ports import Positions
from helpdesk.agents.query import Query

_CHECKED = 6
"""Bytes of the check that stands before the content."""

_FORM = "1"
"""The form of the content: a cursor of another version of this module begins otherwise."""

_LONGEST = 20_000
"""Bytes of a cursor's content, unpacked."""


class CursorError(ValueError):
    """A text that is no cursor of this query."""

    def __init__(self) -> None:
        super().__init__(
            "this cursor is damaged, or it belongs to a list with other filters; repeat the "
            "filters it came with, or begin again without a cursor"
        )


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a list goes on: in which part, and where in it.

    `found` and `examined` count the tickets of the earlier pages.
    """

    part: str
    after: Positions
    found: int
    examined: int


def written(cursor: Cursor, query: Query) -> str:
    """Return a cursor as text. It holds no text of the query, and no text of a customer."""
    content = [cursor.part, dict(cursor.after), cursor.found, cursor.examined]
    packed = zlib.compress(json.dumps(content, separators=(",", ":")).encode(), 9)
    return _FORM + urlsafe_b64encode(_check(packed, query) + packed).decode().rstrip("=")


def read(text: str, query: Query) -> Cursor:
    """Return the cursor of a text. Raises CursorError unless it was written for this query."""
    form, packed_text = text.strip()[:1], text.strip()[1:]
    try:
        raw = urlsafe_b64decode(packed_text + "=" * (-len(packed_text) % 4))
    except ValueError as error:
        raise CursorError from error
    check, packed = raw[:_CHECKED], raw[_CHECKED:]
    if form != _FORM or check != _check(packed, query):
        raise CursorError
    part, after, found, examined = json.loads(zlib.decompressobj().decompress(packed, _LONGEST))
    return Cursor(part, after, found, examined)


def _check(packed: bytes, query: Query) -> bytes:
    """Return what changes if the content or the query changes; the size of a page may change."""
    asked = [(each.name, _text(getattr(query, each.name))) for each in fields(query)]
    kept = [pair for pair in asked if pair[0] != "limit"]
    return sha256(json.dumps(kept).encode() + packed).digest()[:_CHECKED]


def _text(value: object) -> str:
    if isinstance(value, Mapping | set | frozenset):
        return str(sorted(value))
    return str(value)
