"""Moments as people type them, in the time zone of their machine."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

HOW = "write tomorrow 9, mon 14:00, 16:30, 2026-03-02 or 2026-03-02T09:00"

_CLOCK = re.compile(r"(?:at )?(\d{1,2})(?::(\d{2}))?")
_IN = re.compile(r"in (.+)")

HOURS, MOST_HOURS = 6, 24
"""The hours in which incidents are looked for unless the agent names others, and the most."""


class MomentError(ValueError):
    """A text that does not name one moment; the message says how to write it."""


def moment_of(text: str, now: datetime, *, span: Callable[[str], timedelta]) -> datetime:
    """Return the moment, in UTC, that a text names: ISO 8601, a day, a time of day, or both.

    Without a zone it is local time, without a time of day it is midnight. A time of day alone is
    its next one. `span` reads what follows "in". Raises MomentError, also for a local time that the
    clocks skip or show twice, and ValueError of `span`.
    """
    words = " ".join(text.split()).lower()
    if match := _IN.fullmatch(words):
        return now + span(match[1])
    if words == "now":
        return now
    return _exact(_named(words, now.astimezone()) or _iso(text.strip()), text)


def later(text: str, now: datetime, *, span: Callable[[str], timedelta]) -> datetime:
    """Return the moment that a text names, or that is a span such as `2h` from now.

    `span` reads the span. Raises MomentError.
    """
    try:
        return now + span(text)
    except OverflowError as error:
        raise MomentError(f"{text!r} is too long") from error
    except ValueError:
        return moment(text, now, span=span)


def moment(text: str, now: datetime, *, span: Callable[[str], timedelta]) -> datetime:
    """Return the moment of `moment_of`; every text that names none raises MomentError."""
    try:
        return moment_of(text, now, span=span)
    except MomentError:
        raise
    except (ValueError, OverflowError) as error:
        raise MomentError(str(error)) from error


def _named(words: str, now: datetime) -> datetime | None:
    """Return the local time, without a zone, of a day by its name, a time of day, or both."""
    head, _, rest = words.partition(" ")
    today = now.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    if head in {"today", "tomorrow", "yesterday"}:
        day = today + timedelta(days={"today": 0, "tomorrow": 1, "yesterday": -1}[head])
        return _at(day, rest)
    if head[:3] in DAYS and _is_weekday(head):
        ahead = (DAYS.index(head[:3]) - today.weekday()) % 7
        named = _at(today + timedelta(days=ahead), rest)
        past = named is not None and named <= now.replace(tzinfo=None)
        return named + timedelta(days=7) if named and past else named
    named = _at(today, words) if words else None
    if named and named <= now.replace(tzinfo=None):
        return named + timedelta(days=1)
    return named


def _is_weekday(word: str) -> bool:
    names = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    return word in DAYS or word in names


def _at(day: datetime, clock: str) -> datetime | None:
    if not clock:
        return day
    match = _CLOCK.fullmatch(clock)
    if match is None or int(match[1]) > 23 or int(match[2] or 0) > 59:
        return None
    return day + timedelta(hours=int(match[1]), minutes=int(match[2] or 0))


def _iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _exact(moment: datetime | None, text: str) -> datetime:
    """Return a local time in UTC, or ask which moment is meant."""
    if moment is None:
        raise MomentError(f"{text!r} is not a moment; {HOW}")
    if moment.tzinfo:
        return moment.astimezone(UTC)
    try:
        first, second = (moment.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
        back = first.astimezone().replace(tzinfo=None)
    except (OverflowError, OSError) as error:
        raise MomentError(f"{text!r} is too early or too late for a clock") from error
    if back != moment.replace(fold=0):
        raise MomentError(
            f"{text!r} does not exist here: the clocks skip it; {_either(first, second)}"
        )
    if first != second:
        raise MomentError(
            f"{text!r} exists twice here: the clocks are set back; {_either(first, second)}"
        )
    return first


def _either(first: datetime, second: datetime) -> str:
    one, other = sorted(each.astimezone() for each in (first, second))
    return f"write {one:%Y-%m-%dT%H:%M%:z} or {other:%Y-%m-%dT%H:%M%:z}"


def midnight(now: datetime, *, days_ago: int = 0) -> datetime:
    """Return the local midnight at which today began, or an earlier day, in UTC."""
    day = now.astimezone().date() - timedelta(days=days_ago)
    return datetime.combine(day, time()).astimezone(UTC)
