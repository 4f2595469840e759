"""The headers of a mail: repaired, unfolded, bounded, and decoded on demand. Pure.

A header may hold raw bytes, which the parser keeps as surrogates. Encoded words (RFC 2047) are
read leniently: with blanks inside, glued to text, or cut within a character.
"""

import binascii
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Self
from urllib.parse import unquote_to_bytes

from helpdesk import characters
from helpdesk.mime.charsets import read_text

LONGEST = 16_384
"""Characters of a header that are read."""

MOST = 1_000
"""Headers of a mail that are read."""

MOST_IDS = 100
"""Message ids that are read from one header."""

_ENCODED = re.compile(
    r"=\?([^?\s]{1,64}+)\?([bBqQ])\?([^?]*+(?:\?(?!=)[^?]*+){0,9}+)\?=(?:\s++(?==\?))?+"
)
_ID = re.compile(r"<([^<>\s]{1,250}+)>")
_PARAMETER = re.compile(
    r';\s*+([^\s=;"]{1,80}+)\s*+=\s*+(?:"((?:[^"\\]|\\[\s\S])*+)(?:"|\\?\Z)|([^;]*+))'
)
_CONTINUED = re.compile(r"([^*]{1,80}+)\*([0-9]{1,3}+)(\*?)")
_ESCAPED = re.compile(r'\\(["\\])')


@dataclass(frozen=True, slots=True)
class Headers:
    """Header lines in their order: names in lower case, values unfolded but not decoded.

    `cut` names those that were too long to be read whole.
    """

    lines: tuple[tuple[str, str], ...] = ()
    cut: frozenset[str] = frozenset()

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]]) -> Self:
        """Return headers from what a parser found; of too many, the first."""
        kept = [
            (repaired(name).strip().lower(), unfolded(repaired(value[:LONGEST])), len(value))
            for name, value in islice(pairs, MOST)
        ]
        cut = frozenset(name for name, _, length in kept if length > LONGEST)
        return cls(tuple((name, value) for name, value, _ in kept), cut)

    def all(self, name: str) -> tuple[str, ...]:
        """Return all values of a header."""
        return tuple(value for each, value in self.lines if each == name)

    def first(self, name: str) -> str | None:
        """Return the first value of a header."""
        return next((value for each, value in self.lines if each == name), None)

    def has(self, *names: str) -> bool:
        """Tell whether one of these headers is there."""
        return any(each in names for each, _ in self.lines)


def repaired(value: str) -> str:
    """Return a header whose raw bytes became surrogates, with those bytes read as text."""
    if value.isascii():
        return value
    raw = value.encode("utf-8", "surrogateescape") if _escaped(value) else None
    return read_text(raw, None) if raw else value.encode("utf-8", "replace").decode()


def _escaped(value: str) -> bool:
    with suppress(UnicodeEncodeError):
        value.encode("utf-8", "surrogateescape")
        return True
    return False


def unfolded(value: str) -> str:
    """Return a header as one line."""
    return " ".join(re.split(r"[\r\n]++[ \t]*+", value)).strip()


def decoded(value: str) -> str:
    """Return a header's text with its encoded words read."""
    parts: list[str] = []
    pending: list[tuple[str, bytes]] = []
    end = 0
    for word in _ENCODED.finditer(value):
        if word.start() > end:
            parts += [_joined(pending), value[end : word.start()]]
            pending = []
        pending.append((word[1].partition("*")[0].lower(), _bytes(word[2], word[3])))
        end = word.end()
    return "".join([*parts, _joined(pending), value[end:]])


def _joined(words: list[tuple[str, bytes]]) -> str:
    """Return adjacent encoded words as text; a character may be cut between two of a charset."""
    texts: list[tuple[str, list[bytes]]] = []
    for charset, data in words:
        if texts and texts[-1][0] == charset:
            texts[-1][1].append(data)
        else:
            texts.append((charset, [data]))
    return "".join(read_text(b"".join(data), charset) for charset, data in texts)


def _bytes(encoding: str, text: str) -> bytes:
    raw = text.encode("utf-8", "replace")
    if encoding in "qQ":
        return binascii.a2b_qp(raw, header=True)
    letters = re.sub(rb"[^A-Za-z0-9+/]++", b"", raw)
    whole = letters[:-1] if len(letters) % 4 == 1 else letters
    return binascii.a2b_base64(whole + b"=" * (-len(whole) % 4))


def line(text: str, most: int) -> str:
    """Return a text as one line of at most `most` characters, without characters that steer."""
    shown = (" " if c in "\t\r\n\v\f\x85\u2028\u2029" else c for c in text)
    words = "".join(c for c in shown if not characters.steers(c)).split()
    return " ".join(words)[:most].rstrip()


def message_ids(value: str | None) -> tuple[str, ...]:
    """Return the message ids of a header, without their brackets; some senders forget those."""
    if not value:
        return ()
    found = _ID.findall(value) or [
        each.strip("<>") for each in value.split() if "@" in each and len(each) <= 250
    ]
    return tuple(dict.fromkeys(filter(None, found)))[-MOST_IDS:]


def kind(value: str | None) -> str:
    """Return the part of a header before its parameters, in lower case: a type, a disposition."""
    return (value or "").partition(";")[0].strip().lower()


def parameters(value: str | None) -> dict[str, str]:
    """Return the parameters of a header as they are written, the first of each name.

    Those that go on in several pieces (RFC 2231) are put together under their name; if their bytes
    are written with percent signs the name ends with a star.
    """
    found: dict[str, str] = {}
    pieces: dict[str, dict[int, str]] = {}
    starred = set()
    for each in _PARAMETER.finditer((value or "")[:LONGEST]):
        name = each[1].lower()
        said = each[3].strip() if each[2] is None else _ESCAPED.sub(r"\1", each[2])
        if piece := _CONTINUED.fullmatch(name):
            pieces.setdefault(piece[1], {}).setdefault(int(piece[2]), said)
            starred |= {piece[1]} if piece[3] else set()
        else:
            found.setdefault(name, said)
    for name, parts in pieces.items():
        whole = "".join(parts[number] for number in sorted(parts))
        found.setdefault(f"{name}*" if name in starred else name, whole)
    return found


def parameter(found: dict[str, str], name: str) -> str | None:
    """Return one of the parameters as text, in whichever of both encodings it is written."""
    if (starred := found.get(f"{name}*")) is not None:
        charset, mark, rest = starred.partition("'")
        text = rest.partition("'")[2] if mark else starred
        raw = text.encode("utf-8", "surrogateescape" if _escaped(text) else "replace")
        return read_text(unquote_to_bytes(raw), charset if mark else None)
    return decoded(repaired(found[name])) if name in found else None
