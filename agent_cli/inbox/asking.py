"""How a screen reaches the agent's workplace: from a worker thread, and refusals are told."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from helpdesk.agents import Workplace

type AtWork = Callable[[Callable[[str], None]], AbstractContextManager[Workplace]]
"""Gives the calling thread's own workplace, which tells its warnings to the given function."""


class Ask(Protocol):
    """Does something at the workplace of the calling thread, which must not be the screen's."""

    def __call__[T](
        self, what: Callable[[Workplace], T], *, refused: Callable[[str], None] | None = None
    ) -> T | None:
        """Return what the workplace says; tell `refused` what it refuses, and return None."""
