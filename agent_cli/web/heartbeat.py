"""The signs of life of an agent who writes in the browser: each keeps a ticket's lease alive."""

import threading
from datetime import datetime, timedelta

REMEMBERED = 500
"""Leases of which the last sign of life is known."""


class Heartbeats:
    """When each lease was last kept alive. May be used by threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last: dict[tuple[str, int], datetime] = {}

    def due(self, ticket_id: str, fence: int, *, now: datetime, every: timedelta) -> bool:
        """Tell whether a lease should be kept alive now; if so, note that it was."""
        with self._lock:
            last = self._last.get((ticket_id, fence))
            if last is not None and now - last < every:
                return False
            self._last.pop((ticket_id, fence), None)
            self._last[ticket_id, fence] = now
            while len(self._last) > REMEMBERED:
                del self._last[next(iter(self._last))]
            return True
