"""Texts without markup, in any encoding."""

import codecs
import re

import charset_normalizer

from helpdesk_documents.bounds import CHARACTERS, ROWS
from helpdesk_documents.result import Found, Reason, RefusedError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins like the next one
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_GUESSABLE = 200
"""Bytes from which on a guess at the encoding is better than none."""

_SAMPLE = 64 * 1024
_LARGEST = 4 * CHARACTERS
"""Bytes that the most characters take in any encoding."""

_BINARY = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def read(data: bytes) -> Found:
    """Return a text as it is: its first rows, if they are many."""
    text = decode(data)
    if _BINARY.search(text[:4096]):
        raise RefusedError(Reason.UNREADABLE)
    lines = text.split("\n", ROWS)
    cut = len(data) > _LARGEST or len(lines) > ROWS
    return Found("\n".join(lines[:ROWS]), cut=cut)


def decode(data: bytes, declared: str | None = None) -> str:
    """Return the characters of a text: no text is refused, and what cannot be decoded is replaced.

    A declared encoding is believed if the whole text can be decoded with it.
    """
    data = data[:_LARGEST]
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    for stated in (declared, "utf-8"):
        if stated and (exact := _exactly(data, stated)) is not None:
            return exact
    # A cut may have gone through a character.
    whole = data[: data.rfind(b"\n") + 1]
    if len(data) == _LARGEST and (text := _exactly(whole, "utf-8")) is not None:
        return text
    return data.decode(_guessed(data), "replace")


def _exactly(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except (LookupError, ValueError):
        return None


def _guessed(data: bytes) -> str:
    if len(data) > _GUESSABLE:
        best = charset_normalizer.from_bytes(data[:_SAMPLE]).best()
        if best is not None and best.encoding != "ascii":
            return best.encoding
    return "cp1252" if _exactly(data, "cp1252") is not None else "latin-1"
