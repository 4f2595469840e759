"""What an unfinished ticket waits for, and when that is overdue. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from helpdesk.ticket.model import State, Ticket

CHOICE_PATIENCE = timedelta(hours=24)
"""How long a customer may think about a choice before a person gets the ticket."""


class Awaiting(StrEnum):
    """What a ticket can wait for: a message of a queue, waking, a customer's choice."""

    INTAKE = "intake"
    ESCALATION = "escalation"
    WAKING = "waking"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Await:
    """One thing a ticket waits for; the reconciler looks after it from `due` on."""

    what: Awaiting
    due: datetime


def awaits(ticket: Ticket, patience: timedelta) -> tuple[Await, ...]:
    """Return what a ticket waits for, at most one of each kind, the most pressing first.

    `patience` is how long the message of a queue may take.
    """
    match ticket.state:
        case State.RECEIVED:
            return (Await(Awaiting.INTAKE, ticket.updated_at + patience),)
        case State.ASKED:
            return (Await(Awaiting.CHOICE, ticket.updated_at + CHOICE_PATIENCE),)
        case State.ESCALATED if ticket.snoozed_until:
            return (Await(Awaiting.WAKING, ticket.snoozed_until),)
        case State.ESCALATED:
            hidden_until = ticket.lease.until if ticket.lease else ticket.updated_at
            return (Await(Awaiting.ESCALATION, hidden_until + patience),)
        case _:
            return ()
