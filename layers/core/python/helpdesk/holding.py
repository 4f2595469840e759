"""How long requests that wait are held, by all environments together. Pure.

A request that is held keeps its environment busy, and an environment cannot see the others. So what
is held is metered: the seconds held a second are the number of environments that hold one (Little's
law). The meter is a bucket of seconds in the store, refilled with as many a second as environments
may hold at once. A hold takes its seconds in advance, and gets that share of what it asks for that
is left in the bucket. So while few wait, each is held as long as it asks; while many wait, each is
held for a part of it, and none is refused.

The first moment (FREE) of a hold is not counted, and most answers come within it: these holds write
nothing. After the first cut an environment makes that moment as much shorter as the hold.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from helpdesk.limits import BucketsUnavailableError

FREE = 1.0
"""Seconds of a hold that are not counted."""

LEAST = 1.0
"""Seconds for which it is worth to go on."""

AHEAD = 2
"""Seconds of refill that the meter holds: so much more may be held after a quiet time."""

REMEMBERED = timedelta(seconds=60)
"""How long an environment goes by the share that it got last."""

EMPTY = timedelta(seconds=1)
"""How long an environment does not ask a meter that had nothing for it: each try costs a write."""

KEPT = timedelta(seconds=60)
"""How long seconds that were taken and not used may be used by a later hold."""


class Meter(Protocol):
    """Where all environments count the seconds that they hold."""

    def take(self, wanted: float, now: datetime) -> float:
        """Take seconds and return how many: the share of those wanted that is left, or none.

        Raises BucketsUnavailableError.
        """


class Holds:
    """The holds of one environment, one after the other.

    If the meter does not answer, `failed` is called, and holds end with their first moment.
    """

    def __init__(self, meter: Meter, failed: Callable[[Exception], None]) -> None:
        self._meter = meter
        self._failed = failed
        self._share = 1.0
        self._share_until: datetime | None = None
        self._empty_until: datetime | None = None
        self._spare = 0.0
        self._spare_until: datetime | None = None

    def begin(self, asked: timedelta, now: datetime) -> "Hold":
        """Begin a hold that is asked to last so long at most."""
        known = self._share_until is not None and now < self._share_until
        return Hold(self, asked.total_seconds(), FREE * (self._share if known else 1.0))

    def take(self, wanted: float, now: datetime) -> float:
        """Return for how many of the wanted seconds a hold may go on; the rest is not held."""
        spare = self._spare if self._spare_until and now < self._spare_until else 0.0
        self._spare = max(0.0, spare - wanted)
        if (lacking := wanted - spare) <= 0:
            return wanted
        taken = self._taken(lacking, now)
        if (granted := spare + taken) >= LEAST:
            return granted
        self.give_back(granted, now)
        return 0.0

    def _taken(self, wanted: float, now: datetime) -> float:
        if self._empty_until and now < self._empty_until:
            return 0.0
        try:
            taken = self._meter.take(wanted, now)
        except BucketsUnavailableError as error:
            self._failed(error)
            taken = 0.0
        self._share, self._share_until = taken / wanted, now + REMEMBERED
        self._empty_until = None if taken else now + EMPTY
        return taken

    def give_back(self, unused: float, now: datetime) -> None:
        """Keep seconds that were taken and not used for the next hold."""
        if unused > 0:
            self._spare += unused
            self._spare_until = now + KEPT


class Hold:
    """One request that is held; `shortened` tells whether it may be held less than it asked."""

    def __init__(self, holds: Holds, asked: float, free: float) -> None:
        self._holds = holds
        self._asked = asked
        self._taken: float | None = None
        self.first = timedelta(seconds=min(asked, free))
        self.shortened = False

    def go_on(self, now: datetime) -> timedelta:
        """Return for how long to go on after the first moment, or after that: no longer."""
        wanted = self._asked - self.first.total_seconds()
        if self._taken is not None or wanted <= 0:
            return timedelta(0)
        self._taken = self._holds.take(wanted, now)
        self.shortened = self._taken < wanted
        return timedelta(seconds=self._taken)

    def end(self, left: timedelta, now: datetime) -> None:
        """End with news, `left` before its time was over: give back what is left of it."""
        if self._taken is not None:
            self._holds.give_back(left.total_seconds(), now)
