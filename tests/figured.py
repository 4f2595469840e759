"""Counts of days in memory, and a count of tickets that takes no short cut."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from helpdesk.figures import (
    DIMENSIONS,
    FAILED,
    LATEST_FAULTS,
    NONE,
    Counted,
    Day,
    Fault,
    Figures,
    Kind,
)
from helpdesk.stats import Happening
from helpdesk.ticket import Ticket, place


class InMemoryFigures:
    """Counts in dictionaries; `kept` counts how often a day was stored."""

    def __init__(self) -> None:
        self.all_days: dict[date, Day] = {}
        self.kept = 0
        self._counted: dict[date, Counted] = {}
        self._faults: list[Fault] = []

    def day(self, of: date) -> Day | None:
        return self.all_days.get(of)

    def days(self, since: date) -> list[Day]:
        return [each for of, each in sorted(self.all_days.items()) if of >= since]

    def keep(self, day: Day) -> None:
        there = self.all_days.get(day.day)
        if there is None or there.counted_at <= day.counted_at:
            self.all_days[day.day] = day
            self.kept += 1

    def add(self, kind: Kind, outcome: str, at: datetime) -> None:
        of = at.astimezone(UTC).date()
        here = self._counted.setdefault(of, Counted(day=of))
        counts = here.outcomes.setdefault(kind, {})
        counts[outcome] = counts.get(outcome, 0) + 1
        if outcome != FAILED:
            here.last[kind] = at

    def fault(self, fault: Fault) -> None:
        self._faults = [*self._faults, fault][-LATEST_FAULTS:]

    def counts(self, since: date) -> tuple[list[Counted], list[Fault]]:
        found = [each for of, each in sorted(self._counted.items()) if of >= since]
        return found, list(self._faults)


def stands(found: Figures) -> dict[str, dict[str, int]]:
    """Return how figures say that tickets stand."""
    return {name: getattr(found.tickets, name) for name in DIMENSIONS}


def as_listed(tickets: Iterable[Ticket]) -> dict[str, dict[str, int]]:
    """Count tickets one by one."""
    counts: dict[str, Counter[str]] = {name: Counter() for name in DIMENSIONS}
    for each in tickets:
        severity, understanding = each.severity, each.understanding
        counts["status"][place(each).listing] += 1
        counts["category"][each.category or NONE] += 1
        counts["priority"][each.priority] += 1
        counts["level"][str(each.level)] += 1
        counts["channel"][each.channel] += 1
        counts["language"][(understanding and understanding.language) or NONE] += 1
        counts["team"][(severity and severity.team) or NONE] += 1
    return {name: dict(values) for name, values in counts.items()}


def as_told(happenings: Iterable[Happening]) -> dict[str, dict[str, int]]:
    """Fold all events: the last one of each ticket says how it stands."""
    last: dict[str, Happening] = {}
    for each in happenings:
        if each.ticket_id not in last or last[each.ticket_id].number < each.number:
            last[each.ticket_id] = each
    counts: dict[str, Counter[str]] = {name: Counter() for name in DIMENSIONS}
    for each in last.values():
        for name, values in counts.items():
            values[each.facts[name] or NONE] += 1
    return {name: dict(values) for name, values in counts.items()}


if TYPE_CHECKING:
    from collections.abc import Callable

    from helpdesk.figures import Shelf

    _shelf: Callable[[], Shelf] = InMemoryFigures
