"""What scripts and people see of incidents across customers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from helpdesk import characters
from helpdesk.incidents import Found, Incident, Outcome, Step
from helpdesk.ticket import MAX_SUBJECT

from agent_cli.words.tickets import TicketRow


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentView:
    """An incident: its oldest ticket's id, the subject in its middle, and how many there are.

    `usual` is how many tickets of the intent come in such a span; null if no earlier week says it.
    """

    id: str
    told: str
    about: str
    intent: str | None
    customers: int
    tickets: int
    waiting: int
    usual: float | None
    since: datetime
    until: datetime

    @classmethod
    def of(cls, found: Incident) -> Self:
        """Return the view of an incident."""
        return cls(
            id=found.id,
            told=found.told,
            about=characters.headline(found.middle.ticket.subject, MAX_SUBJECT),
            intent=found.middle.intent,
            customers=found.customers,
            tickets=len(found.voices),
            waiting=found.waiting,
            usual=None if found.usual is None else round(found.usual, 2),
            since=found.since,
            until=found.until,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentsView:
    """The incidents of the last hours, of the tickets that came and those that were compared."""

    hours: int
    came: int
    looked_at: int
    incidents: tuple[IncidentView, ...]

    @property
    def told(self) -> str:
        """What was found, in one line."""
        count = len(self.incidents)
        named = "incident" if count == 1 else "incidents"
        more = "" if self.looked_at == self.came else f", the newest {self.looked_at}"
        return f"{count} {named} in {self.hours} h, of {self.came} tickets that came{more}"

    @classmethod
    def of(cls, found: Found, hours: int) -> Self:
        """Return the view of what was found."""
        views = tuple(map(IncidentView.of, found.incidents))
        return cls(hours=hours, came=found.came, looked_at=found.looked_at, incidents=views)


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentTicketsView:
    """An incident with its tickets, the oldest first."""

    incident: IncidentView
    tickets: tuple[TicketRow, ...]

    @classmethod
    def of(cls, found: Incident, now: datetime) -> Self:
        """Return the view of an incident at a moment."""
        rows = tuple(TicketRow.of(each.ticket, now) for each in found.voices)
        return cls(incident=IncidentView.of(found), tickets=rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class RepliedView:
    """What became of a ticket of an incident: replied, has_it (it had the reply), or skipped."""

    id: str
    outcome: Outcome
    why: str | None

    @classmethod
    def of(cls, step: Step) -> Self:
        """Return the view of a step."""
        return cls(id=step.ticket_id, outcome=step.outcome, why=step.why)

    @property
    def told(self) -> str:
        """What became of the ticket, in few words."""
        said = {Outcome.REPLIED: "replied", Outcome.HAS_IT: "has the reply already"}
        return said.get(self.outcome) or f"skipped: {self.why}"


def summed_up(steps: Sequence[RepliedView], *, dry_run: bool = False) -> str:
    """Return what became of all tickets of an incident, in one line."""
    count = sum(each.outcome is Outcome.REPLIED for each in steps)
    told = "would be replied to" if dry_run else "replied to"
    return f"{told}: {count} of {len(steps)} tickets"
