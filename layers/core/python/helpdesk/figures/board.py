"""What a desk's board shows of a span: its figures, hours and days, and how they went. Pure."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from helpdesk.figures.adding import Figures, Shelf, added
from helpdesk.figures.counting import Day
from helpdesk.figures.course import Course, together
from helpdesk.ticket import Ticket

HOURS = 24
"""Hours of the board, the present one among them."""

WEEK = timedelta(days=7)
HOUR = timedelta(hours=1)

LOOK_BACK = 9
"""Days that the hours and the same hours a week ago lie in, counting today."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hour:
    """An hour, and the same one a week before; None for what was not counted then."""

    at: datetime
    answered: int | None
    escalated: int | None
    answered_before: int | None
    escalated_before: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """How a day went: what the desk answered by itself, and what people got.

    Of the tickets that came on the day, `given` counts the desk's own answers so far, and
    `returned` those after which the ticket was open again.
    """

    day: date
    answered: int
    escalated: int
    given: int
    returned: int

    @property
    def automatic(self) -> float | None:
        """The share that the desk answered by itself; None if nothing was settled."""
        settled = self.answered + self.escalated
        return self.answered / settled if settled else None

    @property
    def stayed(self) -> float | None:
        """The share of the desk's answers after which the ticket stayed as it was."""
        return 1 - self.returned / self.given if self.given else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """What a board shows. `course` is that of the whole span, `days` has each counted day of it."""

    figures: Figures
    hours: tuple[Hour, ...]
    days: tuple[Share, ...]
    course: Course


def board(
    span: int,
    *,
    shelf: Shelf,
    found: Callable[[Collection[str]], Mapping[str, Ticket]],
    now: datetime,
) -> Board:
    """Return the board of the last days, today among them, in three reads.

    `found` returns the tickets with some ids, as far as they are there.
    """
    until = now.astimezone(UTC).date()
    since = until - timedelta(days=span - 1)
    first = min(since, until - timedelta(days=LOOK_BACK - 1))
    every = [each for each in shelf.days(first) if each.whole]
    days = [each for each in every if each.day >= since]
    course = together(each.course for each in days)
    return Board(
        figures=added(days, shelf.counts(since), since=since, until=until, found=found),
        hours=_hours({each.day: each for each in every}, now),
        days=tuple(_share(each, course) for each in days),
        course=course,
    )


def _share(each: Day, course: Course) -> Share:
    answers = course.answers.get(str(each.day), {})
    return Share(
        day=each.day,
        answered=each.flow.get("answered", 0),
        escalated=each.flow.get("escalated", 0),
        given=answers.get("given", 0),
        returned=answers.get("returned", 0),
    )


def _hours(days: Mapping[date, Day], now: datetime) -> tuple[Hour, ...]:
    last = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return tuple(_hour(days, last - HOUR * back) for back in reversed(range(HOURS)))


def _hour(days: Mapping[date, Day], at: datetime) -> Hour:
    answered, escalated = _of_hour(days, at)
    answered_before, escalated_before = _of_hour(days, at - WEEK)
    return Hour(
        at=at,
        answered=answered,
        escalated=escalated,
        answered_before=answered_before,
        escalated_before=escalated_before,
    )


def _of_hour(days: Mapping[date, Day], at: datetime) -> tuple[int | None, int | None]:
    """Return how many were answered and escalated in an hour; None if its day tells no hours.

    A day of an earlier version has counts and no course.
    """
    day = days.get(at.date())
    if day is None or (day.flow and not day.course.hours):
        return None, None
    counts = day.course.hours.get(str(at.hour), {})
    return counts.get("answered", 0), counts.get("escalated", 0)
