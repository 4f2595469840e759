"""A ticket from its events. Pure."""

from collections.abc import Iterable
from dataclasses import replace

from helpdesk.ticket.model import Event, Ticket


def replay(events: Iterable[Event]) -> Ticket:
    """Fold events, oldest first, into the ticket they describe.

    Raises ValueError if one is missing or the first is not the submission.
    """
    ticket: Ticket | None = None
    for number, event in enumerate(events, start=1):
        if event.number != number:
            raise ValueError(f"event {number} is missing: found {event.number}")
        if ticket is None:
            ticket = Ticket(**event.changed)
        else:
            ticket = replace(ticket, **event.changed, version=number, updated_at=event.at)
    if ticket is None:
        raise ValueError("there are no events, so there is no ticket")
    return ticket
