"""What the desk achieved in a span of time, counted from its events. Pure.

What closed tickets took people becomes a line of the parameter `Severity`, by which later tickets
are estimated: `hours.billing.1=14/34` if 34 of billing, level 1, took 14 hours at the median.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from math import ceil
from statistics import median, quantiles

from helpdesk.knowledge import Priority
from helpdesk.severity import MOST_HOURS
from helpdesk.ticket import Change, Event, Fate, Listing, Move, State, Ticket, place
from helpdesk.triage import Reason

ENOUGH = 20
"""How many closed tickets of a matter and level it takes to learn their hours."""


class Became(StrEnum):
    """What can become of a draft in an event, as statistics see it."""

    CAME = "came"
    USED = "used"
    EDITED = "edited"
    DISMISSED = "dismissed"
    STALE = "stale"


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """An event as statistics see it.

    `reason` is why people got the ticket, for an event that handed it to them. `waited` is how
    long the customer had waited when the reply came, in seconds in which the desk worked.
    `priority`, `level`, `channel`, `department`, `category` and `language` are the ticket's after
    the event, `matter` that of a ticket that was closed, `due` only while the desk owes a reply;
    `helpful` is what a customer said in this event. `draft` is what became of a draft in it, and
    `microdollars` what engines took for one that came.

    `came` is the day (UTC) on which the ticket came, `root` the ticket it was merged into. `was`
    has the values before the event of those facts (see `facts`) that it changed. Events from
    before these were told have none of the three. `returned` is true if the desk had answered by
    itself and this event says that it did not end there: the customer wrote again, said that it
    did not help, or an agent opened the ticket again.
    """

    ticket_id: str
    number: int
    move: Move
    at: datetime
    actor: str
    intent: str | None = None
    reason: Reason | None = None
    waited: int | None = None
    priority: Priority | None = None
    due: datetime | None = None
    channel: str | None = None
    department: str | None = None
    category: str | None = None
    language: str | None = None
    helpful: bool | None = None
    status: Listing | None = None
    level: int = 0
    team: str | None = None
    root: str | None = None
    came: date | None = None
    matter: str | None = None
    draft: Became | None = None
    microdollars: int | None = None
    returned: bool | None = None
    was: dict[str, str | None] | None = None

    @property
    def facts(self) -> dict[str, str | None]:
        """What tickets are counted by, as it is after the event."""
        return {
            "status": self.status,
            "category": self.category,
            "priority": self.priority,
            "level": str(self.level),
            "channel": self.channel,
            "language": self.language,
            "team": self.team,
            "merged": MERGED if self.root else None,
        }


MERGED = "merged"
"""How a ticket is counted that was merged into another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """How long customers waited for a reply: how many, and seconds at the median and the 90 %."""

    replies: int
    median: float
    p90: float


@dataclass(slots=True, kw_only=True)
class IntentCount:
    """What happened to the tickets about one intent."""

    intent: str
    answered: int = 0
    escalated: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """The hours that tickets of a matter and level took: how many tickets, and their median."""

    matter: str
    level: int
    tickets: int
    hours: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafts:
    """How many drafts came and what became of drafts; `microdollars` is what engines took for them.

    A draft in whose place a better one came is counted as one that came, and not as one that ended.
    """

    came: int = 0
    used: int = 0
    edited: int = 0
    dismissed: int = 0
    stale: int = 0
    microdollars: int = 0

    @property
    def ended(self) -> int:
        """How many drafts wait no more."""
        return self.used + self.edited + self.dismissed + self.stale


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """Counts of tickets from `since` to before `until`, by what happened to them then.

    `escalated` counts every time people got a ticket, by any move; `reasons` says why, and its
    sum is the same number. `reopened` counts the tickets that wait again because an agent
    or a mail that did not arrive made them. `taken` are the hours that those closed took people.
    `drafts` are those of replies, by what became of them.
    """

    since: datetime
    until: datetime
    received: int
    answered_automatically: int
    escalated: int
    replied: int
    reopened: int
    closed: int
    reasons: dict[Reason, int]
    agents: dict[str, int]
    automatic_reply: Waits | None
    agent_reply: Waits | None
    intents: tuple[IntentCount, ...] = field(default=())
    taken: tuple[Taken, ...] = field(default=())
    drafts: Drafts = field(default=Drafts())


def happening(change: Change) -> Happening:
    """Return what statistics need from a change, so that they need not read the ticket."""
    event, before, after = change.event, change.before, change.after
    handed_over = after.state is State.ESCALATED and (before is None or before.state != after.state)
    replied = event.move in {Move.ANSWERED, Move.REPLIED}
    told = _as_it_is(after, event)
    earlier = _as_it_is(before, event).facts if before else {}
    return replace(
        told,
        reason=after.reason if handed_over else None,
        waited=int(after.urgency.waits(event.at).total_seconds()) if replied else None,
        helpful=after.helpful if event.move is Move.RATED else None,
        draft=_draft(before, after),
        microdollars=(after.draft.microdollars or None) if change.draft and after.draft else None,
        returned=_returned(before, after) or None,
        was={name: was for name, was in earlier.items() if was != told.facts[name]} or None,
    )


def _returned(before: Ticket | None, after: Ticket) -> bool:
    """Tell whether a ticket that the desk answered by itself is open again.

    `reason` says why people have or had the ticket; the desk's own answer leaves none. A ticket
    that was not understood yet, that still has choices or that was merged had no such answer.
    """
    if before is None or before.reason or before.merged_into or before.choices:
        return False
    if before.understanding is None:
        return False
    return not place(before).listing.is_open and place(after).listing.is_open


def _draft(before: Ticket | None, after: Ticket) -> Became | None:
    """Return what became of a ticket's draft between two moments."""
    earlier, now = before.draft if before else None, after.draft
    if earlier == now:
        return None
    if now is None:
        return Became.STALE if earlier and earlier.fate is Fate.OPEN else None
    return Became.CAME if now.fate is Fate.OPEN else Became(now.fate)


def _as_it_is(ticket: Ticket, event: Event) -> Happening:
    """Return what an event tells of a ticket by itself."""
    closed = event.move is Move.CLOSED
    return Happening(
        ticket_id=ticket.id,
        number=event.number,
        move=event.move,
        at=event.at,
        actor=event.actor,
        intent=ticket.intent,
        priority=ticket.priority,
        due=ticket.urgency.due if ticket.state.is_open else None,
        channel=ticket.channel,
        department=ticket.department,
        category=ticket.category,
        language=ticket.understanding.language if ticket.understanding else None,
        status=place(ticket).listing,
        level=ticket.level,
        team=ticket.severity.team if ticket.severity else None,
        root=ticket.merged_into,
        came=ticket.created_at.astimezone(UTC).date(),
        matter=ticket.severity.matter if closed and ticket.severity else None,
    )


def count(happenings: Iterable[Happening], since: datetime, until: datetime) -> Stats:
    """Count the events of a span; `intents` lists the most frequent first."""
    happenings = tuple(happenings)
    moves: Counter[Move] = Counter()
    reasons: Counter[Reason] = Counter()
    agents: Counter[str] = Counter()
    waits: dict[Move, list[int]] = {Move.ANSWERED: [], Move.REPLIED: []}
    intents: dict[str, IntentCount] = {}
    for each in happenings:
        moves[each.move] += 1
        if each.reason:
            reasons[each.reason] += 1
        if each.move is Move.REPLIED:
            agents[each.actor] += 1
        if each.move in waits and each.waited is not None:
            waits[each.move].append(each.waited)
        if each.intent and (each.reason or each.move is Move.ANSWERED):
            about = intents.setdefault(each.intent, IntentCount(intent=each.intent))
            about.answered += each.move is Move.ANSWERED
            about.escalated += each.reason is not None
    return Stats(
        since=since,
        until=until,
        received=moves[Move.SUBMITTED],
        answered_automatically=moves[Move.ANSWERED],
        escalated=reasons.total(),
        replied=moves[Move.REPLIED],
        reopened=moves[Move.REOPENED],
        closed=moves[Move.CLOSED],
        reasons=dict(reasons.most_common()),
        agents=dict(agents.most_common()),
        automatic_reply=_waits(waits[Move.ANSWERED]),
        agent_reply=_waits(waits[Move.REPLIED]),
        intents=tuple(
            sorted(intents.values(), key=lambda of: (-of.answered - of.escalated, of.intent))
        ),
        taken=taken(happenings),
        drafts=drafts(happenings),
    )


def drafts(happenings: Iterable[Happening]) -> Drafts:
    """Count drafts by what became of them."""
    happenings = tuple(happenings)
    became = Counter(each.draft for each in happenings if each.draft)
    return Drafts(
        **{each.value: became[each] for each in Became},
        microdollars=sum(each.microdollars or 0 for each in happenings),
    )


def _waits(seconds: list[int]) -> Waits | None:
    if not seconds:
        return None
    tenths = quantiles(seconds, n=10, method="inclusive")
    return Waits(replies=len(seconds), median=tenths[4], p90=tenths[8])


def taken(happenings: Iterable[Happening]) -> tuple[Taken, ...]:
    """Return what closed tickets took, most tickets first.

    A ticket took the hours, in which the desk worked, that its customer waited for the replies of
    agents. One that is not closed, that no agent replied to, or that has no level does not count.
    """
    seconds: dict[str, int] = defaultdict(int)
    closed: dict[str, tuple[str, int]] = {}
    for each in happenings:
        if each.move is Move.REPLIED and each.waited is not None:
            seconds[each.ticket_id] += each.waited
        if each.matter is not None and each.move is Move.CLOSED:
            closed[each.ticket_id] = (each.matter, each.level)
    spans: dict[tuple[str, int], list[int]] = defaultdict(list)
    for ticket_id, row in closed.items():
        if ticket_id in seconds:
            spans[row].append(seconds[ticket_id])
    rows = (
        Taken(matter=matter, level=level, tickets=len(each), hours=_hours(median(each)))
        for (matter, level), each in spans.items()
    )
    return tuple(sorted(rows, key=lambda row: (-row.tickets, row.matter, row.level)))


def line(rows: Iterable[Taken]) -> str:
    """Return the line that makes estimates follow what tickets took; empty if too few did."""
    return "; ".join(
        f"hours.{each.matter}.{each.level}={each.hours}/{each.tickets}"
        for each in rows
        if each.tickets >= ENOUGH
    )


def _hours(seconds: float) -> int:
    return min(max(1, ceil(seconds / 3600)), MOST_HOURS)
