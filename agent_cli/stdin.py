"""Text that is piped in: decoded, or refused in an error that carries the bytes."""

import codecs
import sys

import click
from helpdesk.ticket import TextError

STDIN = "-"
"""The TEXT that means stdin, as in other programs."""
LONGEST_INPUT = 1_000_000
"""Bytes read at most: far more than a reply may have."""


class EncodingError(TextError):
    """The text on stdin is not in the named encoding; `data` has its bytes."""

    def __init__(self, message: str, data: bytes) -> None:
        super().__init__(message)
        self.data = data


def waits() -> bool:
    """Whether text is piped in: stdin is not a terminal."""
    return not sys.stdin.isatty()


def read(encoding: str = "utf-8") -> str:
    """Return the text on stdin; a byte order mark wins over the encoding.

    Raises EncodingError, and click.UsageError for an unknown encoding.
    """
    try:
        codecs.lookup(encoding)
    except LookupError as error:
        raise click.UsageError(f"{error}; try utf-8 or latin-1") from error
    data = sys.stdin.buffer.read(LONGEST_INPUT)
    marked = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return data.decode("utf-16" if marked else encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        wrong = f"the text on stdin is not {encoding} (byte {error.start})"
        raise EncodingError(wrong, data) from error


def given(text: str | None) -> str:
    """Return the TEXT of a command; without a TEXT, or for `-`, the text on stdin.

    Raises click.UsageError if no text is piped in, and EncodingError.
    """
    if text not in (None, STDIN):
        return text
    if text is None and not waits():
        raise click.UsageError("give the TEXT, or pipe it in")
    try:
        return read()
    except EncodingError as error:
        raise EncodingError(f"{error}; convert it with iconv -t utf-8", error.data) from error
