"""One day's events counted. Pure.

A ticket is counted on the day it came, by what it is. An event that changes what it is takes one
from the old count of that day and adds one to the new. The day of the event keeps such changes by
the day on which the ticket came. So a day's counts never change when the day is over, and the
changes of later days, added to them, say how its tickets stand now.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from helpdesk.figures.course import Counting, Course, flows
from helpdesk.stats import Happening
from helpdesk.ticket import Move

DIMENSIONS = ("status", "category", "priority", "level", "channel", "language", "team")
"""What tickets are counted by, beside whether they were merged."""

NONE = "none"
"""Where a ticket is counted that has no such thing."""

MOST_EVENTS = 40_000
"""Events of a day that are counted at most: as many as one run of the clock can read."""

MOST_FAMILIES = 20
"""The largest families of a day that its counts name."""

type Counts = dict[str, dict[str, int]]
"""For each dimension, how many tickets have which value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """The counts of a day (UTC), and nothing of any ticket but the ids of the largest families.

    `events` is how many events were counted, `flow` what happened. `came` counts the tickets that
    came on the day, as they stood at its end. `moved` has what the day's events changed of tickets
    that came on other days, by that day. `families` has the tickets into which most were merged on
    the day, and how many. `course` has what happened by hours, intents and agents. `looked_at` is
    when it was last looked whether an event came late. A day of more than MOST_EVENTS events has no
    counts and is not `whole`.
    """

    day: date
    counted_at: datetime
    looked_at: datetime
    events: int = 0
    whole: bool = True
    flow: dict[str, int] = field(default_factory=dict)
    came: Counts = field(default_factory=dict)
    moved: dict[str, Counts] = field(default_factory=dict)
    families: dict[str, int] = field(default_factory=dict)
    course: Course = field(default_factory=Course)


def counted(day: date, happenings: Iterable[Happening], now: datetime) -> Day | None:
    """Return the counts of a day's events.

    None if tickets came on it of which the events do not tell what is counted: it is a day of an
    earlier version.
    """
    events = 0
    flow: Counter[str] = Counter()
    course = Counting()
    by_day: dict[date, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    families: Counter[str] = Counter()
    for each in happenings:
        events += 1
        if events > MOST_EVENTS:
            return Day(day=day, counted_at=now, looked_at=now, events=events, whole=False)
        flow.update(flows(each))
        course.add(each)
        if each.came is None:
            if each.move is Move.SUBMITTED:
                return None
            continue
        facts, counts = each.facts, by_day[each.came]
        if each.move is Move.SUBMITTED:
            for name, value in facts.items():
                counts[name][value or NONE] += 1
        for name, was in (each.was or {}).items():
            counts[name][was or NONE] -= 1
            counts[name][facts[name] or NONE] += 1
        if each.root and "merged" in (each.was or {}):
            families[each.root] += 1
    return Day(
        day=day,
        counted_at=now,
        looked_at=now,
        events=events,
        flow=_some(flow),
        came=_plain(by_day.pop(day, {})),
        moved={str(of): plain for of, each in sorted(by_day.items()) if (plain := _plain(each))},
        families=dict(families.most_common(MOST_FAMILIES)),
        course=course.course(),
    )


def _plain(counts: Mapping[str, Counter[str]]) -> Counts:
    """Return counts without those that are zero."""
    plain = ((name, _some(values)) for name, values in sorted(counts.items()))
    return {name: values for name, values in plain if values}


def _some(values: Counter[str]) -> dict[str, int]:
    return {value: number for value, number in sorted(values.items()) if number}
