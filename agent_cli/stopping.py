"""A long reading that shows how far it is, and that Ctrl-C stops without losing what it found."""

import signal
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any, Self

import click

STOPPED = 130
"""The exit code of a command that Ctrl-C stopped."""

OFTEN, SELDOM = 0.2, 5.0
"""Seconds between two looks at the progress: on a terminal, and elsewhere."""


class Stop:
    """While it is open, Ctrl-C asks the reading to end; a second Ctrl-C breaks it off.

    `told` says whether the progress is shown on stderr, `what` names what is done.
    """

    def __init__(
        self,
        *,
        told: bool,
        what: str = "reading every message",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.asked = False
        self._what = what
        self._told, self._clock = told, clock
        self._shown_at = clock()
        self._on_terminal = sys.stderr.isatty()
        self._before: Any = None

    def __enter__(self) -> Self:
        """Take Ctrl-C."""
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._interrupted)
        if self._told:
            click.echo(f"helpdesk: {self._what}; Ctrl-C stops", err=True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give Ctrl-C back."""
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)
        if self._told and self._on_terminal:
            click.echo("\r\x1b[K", nl=False, err=True)

    def watch(self, examined: int, found: int) -> bool:
        """Show the progress now and then; tell whether the reading should go on."""
        now = self._clock()
        if self._told and now - self._shown_at >= (OFTEN if self._on_terminal else SELDOM):
            self._shown_at = now
            text = f"{examined:,} examined, {found:,} found"
            if self._on_terminal:
                click.echo(f"\r\x1b[K{text}", nl=False, err=True)
            else:
                click.echo(f"helpdesk: {text}", err=True)
        return not self.asked

    def _interrupted(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True
