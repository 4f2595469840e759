"""Text that is piped in or in a file: decoded, or refused in an error that carries the bytes."""

import codecs
import sys
from pathlib import Path
from typing import IO

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


def read(encoding: str = "utf-8", most: int = LONGEST_INPUT) -> str:
    """Return the text on stdin, of at most `most` bytes; a byte order mark wins over the encoding.

    Raises EncodingError, TextError if it is longer, and click.UsageError for an unknown encoding.
    """
    try:
        codecs.lookup(encoding)
    except LookupError as error:
        raise click.UsageError(f"{error}; try utf-8 or latin-1") from error
    name = "the text on stdin"
    return decoded(within(sys.stdin.buffer, most, name), encoding, name)


def within(file: IO[bytes], most: int, name: str) -> bytes:
    """Return the bytes of a file, at most `most`. Raises TextError, with its name, for more."""
    data = file.read(most + 1)
    if len(data) > most:
        raise TextError(f"{name} is longer than {most:,} bytes")
    return data


def of_file(path: Path, most: int = LONGEST_INPUT) -> str:
    """Return the text of a file in UTF-8, of at most `most` bytes.

    Raises click.UsageError if it cannot be read, and as `read` does.
    """
    try:
        with path.open("rb") as file:
            return decoded(within(file, most, str(path)), "utf-8", str(path))
    except OSError as error:
        raise click.UsageError(f"cannot read {path}: {error.strerror}") from error


def decoded(data: bytes, encoding: str, name: str) -> str:
    """Return the text of bytes. Raises EncodingError, with the name of where they come from."""
    marked = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return data.decode("utf-16" if marked else encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        wrong = f"{name} is not {encoding} (byte {error.start})"
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
