"""The key of an engine: read by its name when it is first needed, and kept for some minutes."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

KEPT = timedelta(minutes=5)
"""How long a key that was replaced may still be used."""


class Key(Protocol):
    """Gives the key of an engine."""

    def read(self) -> str:
        """Return the key; an empty text if the engine wants none. Raises EngineError."""

    def forget(self) -> None:
        """Read it again the next time: the engine did not take it."""


class NoKey:
    """For servers of one's own that want none."""

    def read(self) -> str:
        """Return an empty text."""
        return ""

    def forget(self) -> None:
        """Do nothing: there is nothing to read again."""


class KeptKey:
    """A key that `fetch` reads. It raises EngineError if it cannot."""

    def __init__(self, fetch: Callable[[], str], clock: Callable[[], datetime]) -> None:
        self._fetch, self._clock = fetch, clock
        self._kept: tuple[str, datetime] | None = None

    def read(self) -> str:
        """Return the key, at most KEPT old. Raises EngineError."""
        now = self._clock()
        if self._kept is None or now - self._kept[1] >= KEPT:
            self._kept = (self._fetch(), now)
        return self._kept[0]

    def forget(self) -> None:
        """Read it again the next time."""
        self._kept = None
