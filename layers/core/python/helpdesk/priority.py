"""How urgent a ticket is, by points that a person can check, and when it is due. Pure.

A ticket starts with the points of its matter, its wording, its customer's mood and standing, and
then gains POINTS_PER_HOUR while its customer waits. The points give the priority. All tickets gain
points equally fast, so the order of points never changes. One stored moment sorts the tickets for
good: `due`, an hour after the moment at which the ticket becomes urgent. Where the desk has
business hours, only those count, for points and for `due`.

    priority  from points  due after
    urgent, at once    85        0 h
    urgent             80        1 h
    high               40        9 h
    normal              0       17 h
    low               -40       25 h
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from helpdesk import hours
from helpdesk.knowledge import Article, Priority
from helpdesk.severity import Severity, Tables
from helpdesk.triage import Reason, Understanding
from helpdesk.wording import Kind, kinds_in, wordings

BANDS = {Priority.URGENT: 80, Priority.HIGH: 40, Priority.NORMAL: 0, Priority.LOW: -40}
"""The points at which a priority begins; also what an article of that priority starts with."""

POINTS_PER_HOUR = 5
URGENT_WITHIN = timedelta(hours=1)

AT_ONCE = 85
"""Points that a single fact brings if a person must act at once: no sum of others comes to it."""


class Tier(StrEnum):
    """A customer's standing, as the application that asks for them says it."""

    STANDARD = "standard"
    PLUS = "plus"
    VIP = "vip"


TIERS = {Tier.PLUS: 10, Tier.VIP: 20}

REASONS = {
    Reason.PROCESSING_FAILED: ("could not be processed", 40),
    Reason.LOOKUP_FAILED: ("could not be looked up", 10),
    Reason.ASKED_FOR_PERSON: ("asked for a person", 10),
}

MOODS = ((-0.7, 20, "very angry"), (-0.35, 10, "unhappy"))
"""Up to which sentiment (-1 to 1) a message gets the points of a mood, lowest first."""


@dataclass(frozen=True, slots=True)
class Points:
    """Some of a ticket's points, and why it has them."""

    why: str
    points: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Urgency:
    """A ticket's points, and since when its customer waits for a person.

    `calendar` is the one by which it is due, as `helpdesk.hours` reads it: what a customer was
    told stays true when the desk changes its hours. Without one the desk never closes.
    """

    points: tuple[Points, ...]
    since: datetime
    calendar: str | None = None

    @property
    def score(self) -> int:
        """The points at `since`, at most "urgent": the oldest of the urgent tickets comes first.

        What a person must act on at once stays above all of them.
        """
        if self.at_once:
            return AT_ONCE
        return min(sum(found.points for found in self.points), BANDS[Priority.URGENT])

    @property
    def at_once(self) -> bool:
        """Whether a person must act at once, such as for a life in danger."""
        return any(found.points >= AT_ONCE for found in self.points)

    @property
    def due(self) -> datetime:
        """When the customer should have a reply; the order in which tickets are served.

        What must be acted on at once does not wait for the hours of the desk.
        """
        if self.at_once:
            return self.since
        calm = timedelta(hours=(BANDS[Priority.URGENT] - self.score) / POINTS_PER_HOUR)
        return hours.read(self.calendar or "").after(self.since, calm + URGENT_WITHIN)

    @property
    def due_at_desk(self) -> datetime:
        """When it is due, in the time zone of the desk's hours."""
        return hours.read(self.calendar or "").local(self.due)

    def priority(self, now: datetime) -> Priority:
        """Return the priority at `now`, with the points for waiting."""
        score = self.score + self.waited(now)
        return next((band for band, least in BANDS.items() if score >= least), Priority.LOW)

    def waited(self, now: datetime) -> int:
        """Return the points for waiting until `now`."""
        return int(self.waits(now) / timedelta(hours=1) * POINTS_PER_HOUR)

    def waits(self, now: datetime) -> timedelta:
        """Return how long the customer waits at `now`, in the hours of the desk."""
        return hours.read(self.calendar or "").between(self.since, now)

    def explained(self, now: datetime) -> str:
        """Say why, as in "Urgent: legal threat +80, waiting 2 h +10"."""
        parts = [f"{found.why} {found.points:+}" for found in self.points]
        if waited := self.waited(now):
            parts.append(f"waiting {_span(self.waits(now))} {waited:+}")
        return f"{self.priority(now).capitalize()}: {', '.join(parts) or 'nothing special'}"


def opening(
    text: str, *, since: datetime, tier: Tier = Tier.STANDARD, calendar: str | None = None
) -> Urgency:
    """Return the points for what a customer wrote and who it is; `calendar` is the desk's."""
    points = [*_of_wording(text)]
    if tier in TIERS:
        points.append(Points(f"{tier} customer", TIERS[tier]))
    return Urgency(points=tuple(points), since=since, calendar=calendar)


def heard(urgency: Urgency, text: str) -> Urgency:
    """Add the points for what a customer adds; each wording counts once."""
    return _with(urgency, _of_wording(text))


def judged(
    urgency: Urgency,
    *,
    matter: Priority = Priority.NORMAL,
    feared: Article | None = None,
    reason: Reason | None = None,
    understanding: Understanding | None = None,
) -> Urgency:
    """Add the points for what the desk understood.

    `matter` is the priority of the article, `feared` what it may be about as well.
    """
    points = [Points(f"{matter} matter", BANDS[matter])] if BANDS[matter] else []
    if feared:
        points.append(Points(f"may be {feared.intent}", BANDS[feared.priority]))
    if reason in REASONS:
        points.append(Points(*REASONS[reason]))
    if reason and str(reason) in set(Kind):
        wording = wordings()[Kind(str(reason))]
        points += [Points(wording.why, wording.points)]
    if understanding:
        points += _of_mood(understanding.sentiment)
    return _with(urgency, points)


def lifted(urgency: Urgency, found: Severity | None, tables: Tables) -> Urgency:
    """Add what a ticket lacks of the points that its level has at least."""
    level = tables.levels[found.level] if found else tables.levels[0]
    others = tuple(each for each in urgency.points if not each.why.startswith(_LEVEL))
    lacks = min(level.points - sum(each.points for each in others), BANDS[Priority.URGENT])
    why = f"{_LEVEL}{level.name}"
    points = others if lacks <= 0 or not found else (Points(why, lacks), *others)
    return urgency if points == urgency.points else replace(urgency, points=points)


_LEVEL = "for the level "
"""What the reason of the points for a level begins with."""


def _with(urgency: Urgency, points: Iterable[Points]) -> Urgency:
    """Put points before those of an urgency, except those that it has for the same reason."""
    known = {found.why for found in urgency.points}
    new = tuple(each for each in points if each.why not in known)
    return replace(urgency, points=(*new, *urgency.points))


def _of_wording(text: str) -> Iterator[Points]:
    found = kinds_in(text)
    for kind, wording in wordings().items():
        if kind in found and wording.points:
            yield Points(wording.why, wording.points)


def _of_mood(sentiment: float) -> Iterator[Points]:
    for most, points, why in MOODS:
        if sentiment <= most:
            yield Points(why, points)
            return


def _span(span: timedelta) -> str:
    minutes = int(span.total_seconds()) // 60
    return f"{minutes // 60} h" if minutes >= 60 else f"{minutes} min"
