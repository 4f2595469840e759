"""The hours in which a desk works, and how long a span is when only those count. Pure.

A calendar is one line, as an operator writes it in the stack's parameter `BusinessHours`:

    Europe/Berlin; mon-fri 09:00-12:30 13:00-17:30; sat 10:00-14:00; closed 2026-12-25 2026-12-26

An empty line means that the desk never closes.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

HORIZON = timedelta(days=60)
"""How far ahead a ticket keeps the closed days of its desk: no ticket is due later."""

LONGEST_BREAK = 370
"""Days a desk may be closed in one piece; a calendar that never opens again is refused."""

_DAYS = re.compile(rf"({'|'.join(DAYS)})(?:-({'|'.join(DAYS)}))?")
_SPAN = re.compile(r"\d{2}:\d{2}-\d{2}:\d{2}")
_MIDNIGHT = time(0)


class HoursError(ValueError):
    """A line that is not a calendar; the message says which part, and how to write it."""


@dataclass(frozen=True, slots=True)
class Hours:
    """When a desk works: its time zone, its spans of local time by weekday, its closed days.

    A desk without any span never closes. A span that ends at 00:00 ends at midnight.
    """

    zone: str = "UTC"
    week: tuple[tuple[tuple[time, time], ...], ...] = ()
    closed: frozenset[date] = frozenset()

    def after(self, start: datetime, work: timedelta) -> datetime:
        """Return the moment at which the desk has worked for `work` since `start`."""
        if not self.week:
            return start + work
        for opens, closes in self._spans(start):
            begin = max(opens, start)
            if closes - begin >= work:
                return begin + work
            work -= closes - begin
        raise HoursError("the desk does not open again")

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Return how long the desk works from `start` to `end`; nothing if `end` is earlier."""
        if not self.week:
            return max(end - start, timedelta(0))
        total = timedelta(0)
        for opens, closes in self._spans(start, end):
            total += max(min(closes, end) - max(opens, start), timedelta(0))
        return total

    def local(self, moment: datetime) -> datetime:
        """Return a moment in the desk's time zone."""
        return moment.astimezone(ZoneInfo(self.zone) if self.week else UTC)

    def _spans(
        self, start: datetime, end: datetime | None = None
    ) -> Iterator[tuple[datetime, ...]]:
        """Yield the spans that end after `start`, in UTC, and begin before `end`."""
        zone = ZoneInfo(self.zone)
        day, idle = start.astimezone(zone).date(), 0
        while idle < LONGEST_BREAK:
            idle += 1
            spans = () if day in self.closed else self.week[day.weekday()]
            for begins, ends in spans:
                idle = 0
                last = day if ends != _MIDNIGHT else day + timedelta(days=1)
                opens = datetime.combine(day, begins, zone).astimezone(UTC)
                closes = datetime.combine(last, ends, zone).astimezone(UTC)
                if end is not None and opens >= end:
                    return
                if closes > max(opens, start):
                    yield opens, closes
            day += timedelta(days=1)
            if end is not None and datetime.combine(day, _MIDNIGHT, zone) >= end:
                return


@lru_cache(maxsize=64)
def read(line: str) -> Hours:
    """Return the calendar that a line describes. Raises HoursError."""
    if not line.strip():
        return Hours()
    zone, *parts = (part.strip() for part in line.split(";"))
    name = _zone(zone)
    week: list[tuple[tuple[time, time], ...]] = [()] * 7
    closed: set[date] = set()
    for part in filter(None, parts):
        head, *words = part.lower().split()
        if head == "closed":
            closed |= {_day(word) for word in words}
            continue
        spans = tuple(_span(word) for word in words)
        if not spans or any(ends > begins for (_, ends), (begins, _) in pairwise(spans)):
            raise HoursError(f"{part!r}: write its times in order, as in mon-fri 09:00-17:30")
        for index in _weekdays(head):
            week[index] = spans
    if not any(week):
        raise HoursError(f"{line!r} has no hours; write them, as in mon-fri 09:00-17:30")
    return Hours(name, tuple(week), frozenset(closed))


def near(line: str, now: datetime) -> str:
    """Return the line without the closed days that are past or too far ahead to matter.

    A ticket keeps the calendar by which it is due; most of a year's closed days would be ballast.
    """
    if "closed" not in line.lower():
        return line
    first, last = (now - timedelta(days=2)).date(), (now + HORIZON).date()
    kept = []
    for part in line.split(";"):
        head, *words = part.split() or [""]
        if head.lower() == "closed":
            words = [word for word in words if first <= _day(word) <= last]
            if words:
                kept.append(" ".join([head, *words]))
        else:
            kept.append(part.strip())
    return "; ".join(filter(None, kept))


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError) as error:
        raise HoursError(
            f"{name!r} is not a time zone; begin with one, as in Europe/Berlin"
        ) from error
    return name


def _weekdays(text: str) -> Iterator[int]:
    match = _DAYS.fullmatch(text)
    if match is None:
        raise HoursError(f"{text!r} is not a weekday; write mon, or mon-fri, or closed")
    first, last = DAYS.index(match[1]), DAYS.index(match[2] or match[1])
    yield first
    while first != last:
        first = (first + 1) % 7
        yield first


def _span(text: str) -> tuple[time, time]:
    match = _SPAN.fullmatch(text)
    try:
        begins, ends = map(time.fromisoformat, text.split("-") if match else ("", ""))
    except ValueError:
        raise HoursError(f"{text!r} is not a span of hours; write 09:00-17:30") from None
    if begins >= ends != _MIDNIGHT:
        raise HoursError(f"{text!r} ends before it begins; write two spans, split at midnight")
    return begins, ends


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise HoursError(f"{text!r} is not a day; write 2026-12-25") from None
