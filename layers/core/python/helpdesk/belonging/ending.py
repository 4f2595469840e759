"""Which bonds and decisions end with a ticket, and which with a customer."""

from collections.abc import Iterable

from helpdesk.belonging.bonds import CustomersTickets, Tie, shown_by
from helpdesk.ticket import CustomerKey, Ticket


def ended_by(ticket: Ticket, tickets: CustomersTickets) -> tuple[Tie, ...]:
    """Return the bonds that only this ticket shows, so that they go with it.

    With the last ticket of its key go all bonds and decisions of that key.
    """
    customer = ticket.customer
    if customer.key is None or not customer.verified:
        return ()
    ending = {each.other: each for each in shown_by(ticket)}
    last = True
    for other in tickets.of_customer(customer):
        if other.id != ticket.id:
            last = False
            for key in other.customer.keys:
                ending.pop(key, None)
            if not ending:
                return ()
    return ties_of((customer.keys[0],), tickets) if last else tuple(ending.values())


def ties_of(keys: Iterable[CustomerKey], tickets: CustomersTickets) -> tuple[Tie, ...]:
    """Return every bond and decision of some keys."""
    found: list[Tie] = []
    for key in keys:
        found += tickets.bonds.of(key)
        found += tickets.bonds.decisions(key)
    return tuple(found)
