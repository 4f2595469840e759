"""Standard streams that may be closed, full, or unable to show every character."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from typing import TextIO

FAILED = 1


@contextmanager
def steady() -> Iterator[None]:
    """Run a command so that odd streams end in one line, never in a traceback.

    A stream that is closed is empty. What an encoding cannot show is escaped. Output that cannot be
    written is told on stderr and exits with 1; if its reader has gone, nothing is told.
    """
    sys.stdin = sys.stdin or _open("r")
    sys.stdout = sys.stdout or _open("w")
    sys.stderr = sys.stderr or _open("w")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        _give_up()
    except OSError as error:
        with suppress(OSError):
            sys.stderr.write(f"helpdesk: {_said(error)}\n")
        _give_up()


def _said(error: OSError) -> str:
    why = error.strerror or str(error)
    return f"{error.filename}: {why}" if error.filename else f"the output cannot be written: {why}"


def _open(mode: str) -> TextIO:
    return TextIOWrapper(open(os.devnull, f"{mode}b"))  # noqa: PTH123 -- for good


def _give_up() -> None:
    """Exit without another try to write what is left in the buffer."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(FAILED)
