"""Spans of time in words, and when a ticket is due."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from agent_cli.words.tickets import TicketRow


class Tone(StrEnum):
    """How much a word should stand out."""

    PLAIN = "plain"
    ASIDE = "aside"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Due:
    """When a ticket is due, as in "in 3 h", and how much that should stand out."""

    text: str
    tone: Tone = Tone.PLAIN


def due(row: TicketRow, now: datetime) -> Due:
    """Return when a ticket is due, as seen at `now`; the text is empty for one that is done."""
    if row.snoozed_until:
        return Due(f"back in {age(row.snoozed_until - now)}", Tone.ASIDE)
    if row.due is None:
        return Due("")
    if row.overdue:
        return Due(f"{age(now - row.due)} late", Tone.LATE)
    return Due(f"in {age(row.due - now)}")


def age(distance: timedelta) -> str:
    """Return a span in its largest unit, as in "3 h"."""
    seconds = max(0, int(distance.total_seconds()))
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def span(seconds: float | None) -> str | None:
    """Return seconds in their largest unit, as in "3 h"."""
    return None if seconds is None else age(timedelta(seconds=seconds))


def minute(at: datetime) -> str:
    """Return a moment to the minute in the reader's time zone, as in "02 Mar 09:00 CET"."""
    return f"{at.astimezone():%d %b %H:%M} {zone(at)}"


def second(at: datetime) -> str:
    """Return a moment to the second in the reader's time zone, as in "02 Mar 09:00:30 CET"."""
    return f"{at.astimezone():%d %b %H:%M:%S} {zone(at)}"


def dated(at: datetime) -> str:
    """Return a moment with its year, as in "02 Mar 2026 09:00 CET"."""
    return f"{at.astimezone():%d %b %Y %H:%M} {zone(at)}"


def clock(at: datetime) -> str:
    """Return a time of day, as in "09:00 CET"."""
    return f"{at.astimezone():%H:%M} {zone(at)}"


def weekday(at: datetime) -> str:
    """Return a moment with its weekday, as in "Mon 02 Mar 2026 09:00 CET"."""
    return f"{at.astimezone():%a} {dated(at)}"


def zone(at: datetime) -> str:
    """Return the name of the reader's time zone at a moment: CET, or UTC+03 if it has no name."""
    name = at.astimezone().tzname() or "UTC"
    return f"UTC{name}" if name[0] in "+-" else name
