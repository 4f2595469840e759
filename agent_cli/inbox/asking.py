"""How a screen calls the agent's workplace: from a worker thread, with refusals as text."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from helpdesk.agents import Workplace

type AtWork = Callable[[Callable[[str], None]], AbstractContextManager[Workplace]]
"""Gives the calling thread's own workplace, which tells its warnings to the given function."""


class Ask(Protocol):
    """Calls the workplace of the calling thread, which must not be the thread of the screen."""

    def __call__[T](
        self, what: Callable[[Workplace], T], *, refused: Callable[[str], None] | None = None
    ) -> T | None:
        """Return what the workplace says; if it refuses, tell `refused` why and return None."""
