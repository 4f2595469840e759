"""Holds for tests: as long as they ask, or by a meter in the memory that all environments share."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from helpdesk.holding import AHEAD, LEAST, Hold, Holds
from helpdesk.limits import Limit


class Plenty:
    """A meter that always has all the seconds that are wanted."""

    def take(self, wanted: float, now: datetime) -> float:
        return wanted


def held(seconds: float) -> Hold:
    """Return a hold that lasts as long as it asks."""
    holds = Holds(Plenty(), failed=raised)
    return holds.begin(timedelta(seconds=seconds), datetime(2026, 3, 2, tzinfo=UTC))


def raised(error: Exception) -> None:
    raise error


@dataclass
class SharedMeter:
    """The meter as it is in the table, for so many requests at once; counts its writes."""

    at_once: int
    full_at: float = 0.0
    writes: int = 0

    def take(self, wanted: float, now: datetime) -> float:
        limit, moment = Limit(self.at_once, AHEAD * self.at_once), now.timestamp()
        self.writes += 1
        if (share := limit.share(self.full_at, wanted, moment)) < min(LEAST, wanted):
            return 0.0
        self.full_at = limit.draw(self.full_at, share, moment)
        return share


BEGAN = datetime(2026, 3, 2, tzinfo=UTC)


@dataclass
class Rush:
    """Requests that come evenly, `a_second`, each to be held 20 seconds, and no news for any.

    As Lambda does, a request gets an environment that is idle, and a new one if there is none.
    """

    a_second: float
    meter: SharedMeter
    seconds: int = 120
    environments: int = 0
    busy: list[tuple[float, int]] = field(default_factory=list)
    held: list[float] = field(default_factory=list)

    def run(self) -> "Rush":
        """Play all requests; count how many environments are busy after each step."""
        idle: list[Holds] = []
        events: list[tuple[float, int, Callable[[], None]]] = []
        number = busy = 0

        def at(moment: float, do: Callable[[], None]) -> None:
            nonlocal number
            number += 1
            heapq.heappush(events, (moment, number, do))

        def come(moment: float) -> None:
            nonlocal busy
            if not idle:
                self.environments += 1
            holds = idle.pop() if idle else Holds(self.meter, failed=raised)
            busy += 1
            hold = holds.begin(timedelta(seconds=20), BEGAN + timedelta(seconds=moment))
            first = moment + hold.first.total_seconds()
            at(first, lambda: go_on(moment, first, hold, holds))

        def go_on(began: float, first: float, hold: Hold, holds: Holds) -> None:
            more = hold.go_on(BEGAN + timedelta(seconds=first)).total_seconds()
            at(first + more, lambda: end(first + more - began, holds))

        def end(held: float, holds: Holds) -> None:
            nonlocal busy
            busy -= 1
            idle.append(holds)
            self.held.append(held)

        for each in range(int(self.a_second * self.seconds)):
            moment = each / self.a_second
            at(moment, lambda moment=moment: come(moment))  # type: ignore[misc]
        while events:
            moment, _, do = heapq.heappop(events)
            do()
            self.busy.append((moment, busy))
        return self

    def most(self, after: float = 0.0) -> int:
        """Return how many environments were busy at most after so many seconds."""
        return max(busy for moment, busy in self.busy if moment >= after)


def table() -> str:
    """Return the table of docs/waiting.md: what 300 held requests at once come to."""
    rows = [
        "| waiting looks a second | without a meter | at most | after 10 s, at most "
        "| held on average | writes a second |",
        "|---|---|---|---|---|---|",
    ]
    for rate in (5, 15, 50, 100, 500, 1000):
        rush = Rush(rate, SharedMeter(300)).run()
        mean = sum(rush.held) / len(rush.held)
        rows.append(
            f"| {rate:,} | {rate * 20:,} | {rush.most():,} | {rush.most(10.0):,} | {mean:.1f} s | "
            f"{rush.meter.writes / rush.seconds:.0f} |"
        )
    return "\n".join(rows)
