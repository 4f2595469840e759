"""What happened in the course of a day, of which only counts are kept. Pure.

Counts of several days add up, waiting times too: they are kept by how long they were, in steps of
BOUNDS, not as medians.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC

from helpdesk.stats import Happening
from helpdesk.ticket import Move

FLOWS = {
    Move.SUBMITTED: "received",
    Move.ANSWERED: "answered",
    Move.REPLIED: "replied",
    Move.REOPENED: "reopened",
    Move.CLOSED: "closed",
}
"""The moves that are counted as such."""

BOUNDS = tuple(
    60 * minutes
    for minutes in (
        *(1, 2, 3, 5, 7, 10, 15, 20, 30, 45),
        *(60, 90, 120, 180, 240, 360, 480, 720),
        *(1_440, 2 * 1_440, 4 * 1_440, 7 * 1_440),
    )
)
"""The steps of waiting times, in seconds: each time is counted by the first that it is within."""

LONGER = "longer"
"""Where waiting times beyond the last step are counted."""

type Table = dict[str, dict[str, int]]
"""Counts by two names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """The course of a day, or of several.

    `hours` has by the hour (UTC, "0" to "23") what happened in it. `answers` has, by the day on
    which the tickets came, the desk's own answers that were `given` and those that `returned`:
    after them the customer wrote again or said that it did not help, or an agent opened the ticket
    again. `reasons` says why people got tickets. `intents` has by intent how many were `answered`,
    `escalated`, `returned`, and rated `unhelpful` after the desk's own answer. `agents` has by
    agent the replies, by how long the customer had waited for each.
    """

    hours: Table = field(default_factory=dict)
    answers: Table = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)
    intents: Table = field(default_factory=dict)
    agents: Table = field(default_factory=dict)

    @property
    def waits(self) -> dict[str, int]:
        """How many replies of agents came after how long."""
        found: Counter[str] = Counter()
        for each in self.agents.values():
            found.update(each)
        return dict(found)


class Counting:
    """Counts the course of a day, event by event."""

    def __init__(self) -> None:
        self._tables: dict[str, dict[str, Counter[str]]] = {
            name: defaultdict(Counter) for name in ("hours", "answers", "intents", "agents")
        }
        self._reasons: Counter[str] = Counter()

    def add(self, each: Happening) -> None:
        """Count an event."""
        found = self._tables
        if names := flows(each):
            found["hours"][str(each.at.astimezone(UTC).hour)].update(names)
        answered, returned = each.move is Move.ANSWERED, bool(each.returned)
        if each.came:
            kinds = {"given": answered, "returned": returned}
            found["answers"][str(each.came)].update(name for name, is_so in kinds.items() if is_so)
        if each.reason:
            self._reasons[each.reason] += 1
        if each.intent:
            kinds = {
                "answered": answered,
                "escalated": each.reason is not None,
                "returned": returned,
                "unhelpful": returned and each.helpful is False,
            }
            found["intents"][each.intent].update(name for name, is_so in kinds.items() if is_so)
        if each.move is Move.REPLIED and each.waited is not None:
            found["agents"][each.actor][step(each.waited)] += 1

    def course(self) -> Course:
        """Return what was counted so far."""
        tables = {name: _plain(each) for name, each in self._tables.items()}
        return Course(reasons=dict(sorted(self._reasons.items())), **tables)


def flows(each: Happening) -> list[str]:
    """Return under which names an event is counted as something that happened."""
    found = [FLOWS[each.move]] if each.move in FLOWS else []
    return [*found, "escalated"] if each.reason else found


def step(seconds: float) -> str:
    """Return the step by which a waiting time is counted."""
    return next((str(bound) for bound in BOUNDS if seconds <= bound), LONGER)


def within(waits: Mapping[str, int], share: float) -> int | None:
    """Return the step, in seconds, within which a share (0 to 1) of waiting times is.

    None if there are none, or if it takes longer than the last step.
    """
    wanted, so_far = share * sum(waits.values()), 0
    for bound in BOUNDS:
        so_far += waits.get(str(bound), 0)
        if so_far and so_far >= wanted:
            return bound
    return None


def together(courses: Iterable[Course]) -> Course:
    """Add up courses of days; hours of several days add up by the time of day."""
    tables: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    reasons: Counter[str] = Counter()
    for each in courses:
        reasons.update(each.reasons)
        for name in (one.name for one in fields(Course) if one.name != "reasons"):
            for key, counts in getattr(each, name).items():
                tables[name][key].update(counts)
    return Course(
        reasons=dict(reasons.most_common()),
        **{name: _plain(each) for name, each in tables.items()},
    )


def _plain(table: Mapping[str, Counter[str]]) -> Table:
    """Return counts in order, without rows of nothing."""
    return {key: dict(sorted(counts.items())) for key, counts in sorted(table.items()) if counts}
