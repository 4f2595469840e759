"""Texts without markup, in any encoding."""

import re

import charset_normalizer
from helpdesk.mime.charsets import read_text
from helpdesk.unread import Why

from helpdesk_documents.bounds import CHARACTERS, ROWS
from helpdesk_documents.result import Found, RefusedError

_LARGEST = 4 * CHARACTERS
"""Bytes that the most characters take in any encoding."""

_HALF = re.compile(rb"[\xc0-\xff][\x80-\xbf]{0,2}\Z")
_BINARY = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def read(data: bytes) -> Found:
    """Return a text as it is: its first rows, if they are many."""
    text = decode(data)
    if _BINARY.search(text[:4096]):
        raise RefusedError(Why.UNREADABLE)
    lines = text.split("\n", ROWS)
    cut = len(data) > _LARGEST or len(lines) > ROWS
    return Found("\n".join(lines[:ROWS]), cut=cut)


def decode(data: bytes, declared: str | None = None) -> str:
    """Return the characters of a text: no text is refused, and what cannot be decoded is replaced.

    A declared encoding is believed if the text can be decoded with it.
    """
    if len(data) > _LARGEST:
        # The cut may go through a character, which must not make the text another encoding's.
        data = data[: _LARGEST - 4] + _HALF.sub(b"", data[_LARGEST - 4 : _LARGEST])
    return read_text(data, declared, guessed)


def guessed(data: bytes) -> str | None:
    """Return the name of the encoding that bytes are most likely in."""
    best = charset_normalizer.from_bytes(data).best()
    return best.encoding if best else None
