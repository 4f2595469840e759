"""The incidents of the last hours, found in what happened, by bounded reads.

The events of the span say which tickets came. Of the newest MOST_LOOKED_AT, the conversation is
read, and what is kept of the case of its customer. The events of the week before say what is usual;
they are read only if enough customers are about the same, and MOST_EVENTS of them at most.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from helpdesk.agents import TicketLists
from helpdesk.cases import Case, case_of
from helpdesk.incidents.grouping import incidents
from helpdesk.incidents.model import Incident, Rules, Voice
from helpdesk.ports import NotFoundError
from helpdesk.stats import Happening
from helpdesk.ticket import SPAM, Conversation, Move

MOST_LOOKED_AT = 200
"""Tickets whose words are compared; of more, the newest."""

MOST_EVENTS = 20_000
"""Events of the week before that are read; of more, those of the latest days."""

DAYS = 7
"""Days before the span that say what is usual."""

MOMENT = timedelta(milliseconds=1)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Found:
    """The incidents, how many tickets came in the span, and how many of them were looked at."""

    incidents: tuple[Incident, ...]
    came: int
    looked_at: int


def suspected(tickets: TicketLists, now: datetime, rules: Rules) -> Found:
    """Return what may be incidents: only a person knows."""
    since = now - rules.span
    happened = tickets.happened(since, now + MOMENT)
    came = list(dict.fromkeys(each.ticket_id for each in happened if each.move is Move.SUBMITTED))
    newest = came[-MOST_LOOKED_AT:]
    voices = [each for ticket_id in newest if (each := _voice(ticket_id, tickets))]
    found = incidents(voices, rules, _Usual(tickets, since, rules).of)
    return Found(found, came=len(came), looked_at=len(newest))


def holding(ticket_id: str, found: Collection[Incident]) -> Incident:
    """Return the incident that a ticket belongs to. Raises NotFoundError."""
    for each in found:
        if ticket_id in {voice.id for voice in each.voices}:
            return each
    raise NotFoundError(f"{ticket_id} belongs to no incident now; see `helpdesk incident list`")


def _voice(ticket_id: str, tickets: TicketLists) -> Voice | None:
    """Return a ticket as it is compared; None if it is gone, spam, or merged into another."""
    found = tickets.conversation(ticket_id, latest=False)
    if found is None or found.ticket.merged_into or SPAM in found.ticket.tags:
        return None
    return Voice(ticket=found.ticket, case=_case(found, tickets), messages=len(found.messages))


def _case(found: Conversation, tickets: TicketLists) -> Case:
    """Return what a ticket says, with goods and meaning if they were kept for its customer."""
    ticket = found.ticket
    case = case_of(
        found.written,
        ticket_id=ticket.id,
        at=ticket.created_at,
        entities=ticket.understanding.entities if ticket.understanding else (),
        names=[ticket.customer.name] if ticket.customer.name else [],
    )
    roots = tickets.recent(ticket.customer.key).roots if ticket.customer.key else ()
    for each in roots:
        if each.ticket_id == ticket.id:
            return replace(case, goods=each.goods, meaning=each.meaning)
    return case


@dataclass(slots=True)
class _Usual:
    """How many tickets of an intent come in a span; read once, when it is first asked."""

    tickets: TicketLists
    since: datetime
    rules: Rules
    _counted: tuple[Counter[str], timedelta] | None = field(default=None)

    def of(self, intent: str | None) -> float | None:
        """Return the mean; None if nothing happened in the week before."""
        if self._counted is None:
            self._counted = self._count()
        counts, known = self._counted
        if not known or intent is None:
            return None
        return counts[intent] * (self.rules.span / known)

    def _count(self) -> tuple[Counter[str], timedelta]:
        """Return the tickets by intent, and the days back to the first of them."""
        counts: Counter[str] = Counter()
        read, known = 0, timedelta()
        for number in range(1, DAYS + 1):
            until = self.since - (number - 1) * DAY
            events = tuple(self.tickets.happened(until - DAY, until))
            if intents := _intents(events):
                counts.update(intents)
                known = number * DAY
            read += len(events)
            if read >= MOST_EVENTS:
                break
        return counts, known


def _intents(events: Iterable[Happening]) -> list[str]:
    """Return the intent of each ticket that something happened to, once for each ticket."""
    return list({each.ticket_id: each.intent for each in events if each.intent}.values())
