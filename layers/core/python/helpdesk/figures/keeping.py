"""Which days the clock counts, and when their counts are final. Pure.

Today is counted again and again. A day is final half an hour after its end: by then every function
has stored what it began before midnight. But an event has the moment of the clock that made it, and
an agent's machine may be slow. So a final day is looked at again after 1, 2, 4, 8, 16 and 32 days.
It changes only if it has more events than were counted; an erasure takes none away.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol

from helpdesk.figures.counting import Day, counted
from helpdesk.stats import Happening

GRACE = timedelta(minutes=30)
"""How long after its end a day's counts become final."""

LOOKS = (1, 2, 4, 8, 16, 32)
"""After how many days a final day is looked at for events that came late."""

LOOK_BACK = LOOKS[-1] + 2
"""Days that the clock looks after: a look falls due in the night after its day."""

AT_ONCE = 1
"""Earlier days that one run counts at most; the next run goes on. Two large ones take too long."""

PACE = timedelta(minutes=1)
"""How long a count of today stands for each thousand events: a large day is counted less often."""

STANDS = timedelta(minutes=5)
"""After this, a count of today is stored again although it is the same: it says since when."""

ONE = timedelta(days=1)


class Events(Protocol):
    """What happened to tickets."""

    def happenings(self, since: datetime, until: datetime) -> Iterable[Happening]:
        """Return every event from `since` to before `until`, in no order; may be seconds old."""


class Days(Protocol):
    """The counts that are kept."""

    def day(self, of: date) -> Day | None:
        """Return what is kept of a day."""

    def days(self, since: date) -> Iterable[Day]:
        """Return what is kept of the days from one on, the earliest first."""

    def keep(self, day: Day) -> None:
        """Keep the counts of a day. Counts that are later stay, and these are dropped."""


def keep(*, days: Days, events: Events, clock: Callable[[], datetime]) -> int:
    """Count what has to be counted now; return how many days were counted.

    The first count of today is kept last: until then each run looks after all earlier days.
    """
    now = clock().astimezone(UTC)
    today = now.date()
    there = days.day(today)
    if there and now - there.counted_at < PACE * (there.events // 1_000):
        return 0
    earlier = [days.day(today - ONE)] if there else list(days.days(today - LOOK_BACK * ONE))
    known = {each.day: each for each in earlier if each}
    due = list(_due(known, now))
    for of in due[:AT_ONCE]:
        _again(of, known.get(of), days, events, now)
    if not there and len(due) > AT_ONCE:
        return AT_ONCE
    return min(len(due), AT_ONCE) + _of_today(there, today, days, events, now)


def _due(known: dict[date, Day], now: datetime) -> Iterator[date]:
    """Yield the days before today that have to be counted, from the first that is known on."""
    today = now.date()
    if not known:
        return
    of = min(known)
    while of < today:
        there = known.get(of)
        if there is None or any(_missed(there, _end(of) + GRACE, now)):
            yield of
        of += ONE


def _missed(there: Day, final_at: datetime, now: datetime) -> Iterator[bool]:
    """Yield, for each moment at which a day has to be looked at, whether that is still to do."""
    for at in (final_at, *(final_at + look * ONE for look in LOOKS)):
        yield there.looked_at < at <= now


def _again(of: date, there: Day | None, days: Days, events: Events, now: datetime) -> None:
    """Count a day that is over: for good, or to see whether an event came late."""
    fresh = _count(of, events, now)
    if fresh is None:
        return
    final = there is not None and there.counted_at >= _end(of) + GRACE
    if there and final and fresh.events <= there.events:
        fresh = replace(there, looked_at=now)
    days.keep(fresh)


def _of_today(there: Day | None, today: date, days: Days, events: Events, now: datetime) -> int:
    fresh = _count(today, events, now)
    if fresh is None:
        return 0
    if there is None or _changed(there, fresh) or now - there.counted_at >= STANDS:
        days.keep(fresh)
    return 1


def _changed(there: Day, fresh: Day) -> bool:
    return replace(fresh, counted_at=there.counted_at, looked_at=there.looked_at) != there


def _count(of: date, events: Events, now: datetime) -> Day | None:
    begin = datetime.combine(of, time(), UTC)
    return counted(of, events.happenings(begin, begin + ONE), now)


def _end(of: date) -> datetime:
    return datetime.combine(of + ONE, time(), UTC)
