"""Where a ticket is listed, and in which order. Pure."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum

from helpdesk.ticket.model import State, Ticket


class Listing(StrEnum):
    """The lists of tickets: one for each state, and one for the snoozed tickets."""

    RECEIVED = "received"
    ASKED = "asked"
    ESCALATED = "escalated"
    SNOOZED = "snoozed"
    ANSWERED = "answered"
    CLOSED = "closed"

    @property
    def is_open(self) -> bool:
        """Whether its tickets wait; the others are listed by the day they were done."""
        return self not in {Listing.ANSWERED, Listing.CLOSED}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a ticket stands: its list, the day (UTC) it was done, the moment that sorts it."""

    listing: Listing
    day: date | None
    order: datetime


def place(ticket: Ticket) -> Place:
    """Return where a ticket stands.

    Received and asked tickets are sorted by the moment from which they wait for the worker or the
    customer, escalated ones by due time, snoozed ones by the moment they wake, and done ones by the
    moment they were done.
    """
    match ticket.state:
        case State.RECEIVED | State.ASKED:
            return Place(Listing(ticket.state), None, ticket.updated_at)
        case State.ESCALATED if ticket.snoozed_until:
            return Place(Listing.SNOOZED, None, ticket.snoozed_until)
        case State.ESCALATED:
            return Place(Listing.ESCALATED, None, ticket.urgency.due)
        case _:
            done = ticket.updated_at.astimezone(UTC)
            return Place(Listing(ticket.state), done.date(), done)
