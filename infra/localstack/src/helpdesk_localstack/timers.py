"""Timers that share one thread. LocalStack starts a thread for each invocation, to end an idle
environment ten minutes later, and ends that thread with the next invocation."""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections.abc import Callable
from typing import Any

from localstack.services.lambda_.invocation import execution_environment


def install() -> None:
    """Use these timers for execution environments. Call before the first one is made."""
    execution_environment.Timer = Timer


class Timer:
    """Calls `function`, in a thread of its own, `interval` seconds after `start`."""

    def __init__(self, interval: float, function: Callable[..., Any]) -> None:
        self._interval = interval
        self._function = function
        self._cancelled = False

    def start(self) -> None:
        """Let the time run."""
        _CLOCK.add(time.monotonic() + self._interval, self)

    def cancel(self) -> None:
        """Call nothing, unless it was called already."""
        self._cancelled = True
        self._function = _nothing  # let go of the environment: the clock forgets this timer later

    def fire(self) -> None:
        """The time is over."""
        if not self._cancelled:
            threading.Thread(target=self._function, name="timer", daemon=True).start()

    @property
    def is_cancelled(self) -> bool:
        """Whether nothing will be called any more."""
        return self._cancelled


class _Clock:
    """Fires timers when they are due."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._due: list[tuple[float, int, Timer]] = []
        self._numbers = itertools.count()
        self._running = False

    def add(self, due: float, timer: Timer) -> None:
        with self._changed:
            heapq.heappush(self._due, (due, next(self._numbers), timer))
            if not self._running:
                self._running = True
                threading.Thread(target=self._run, name="timers", daemon=True).start()
            elif self._due[0][2] is timer:  # earlier than what the thread waits for
                self._changed.notify()

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._due or self._due[0][0] > time.monotonic():
                    self._forget_cancelled()
                    left = self._due[0][0] - time.monotonic() if self._due else None
                    self._changed.wait(left)
                _, _, timer = heapq.heappop(self._due)
            timer.fire()

    def _forget_cancelled(self) -> None:
        while self._due and self._due[0][2].is_cancelled:
            heapq.heappop(self._due)


def _nothing() -> None:
    """What a cancelled timer calls."""


_CLOCK = _Clock()
