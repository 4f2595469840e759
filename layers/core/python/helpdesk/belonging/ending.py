"""Which bonds and decisions end with a ticket, and which with a customer."""

from collections.abc import Iterable

from helpdesk.belonging.bonds import Bond, CustomersTickets, Tie, shown_by
from helpdesk.belonging.persons import Person
from helpdesk.ticket import Customer, CustomerKey, Kind, Ticket


def ended_by(ticket: Ticket, tickets: CustomersTickets) -> tuple[Tie, ...]:
    """Return the bonds that only this ticket shows, so that they go with it.

    A bond is shown by the tickets that are listed under its address or, without one, under its
    reference. With the last ticket of an address go all its bonds. With all that is known of a key
    go the decisions about it.
    """
    customer = ticket.customer
    if customer.key is None or not customer.verified:
        return ()
    key = customer.keys[0]
    ending, last = {each.other: each for each in shown_by(ticket)}, True
    for other in tickets.of_customer(customer):
        if other.id != ticket.id:
            last = False
            for shown in other.customer.keys:
                ending.pop(shown, None)
            if not ending:
                return ()
    if last:
        ending |= {each.other: each for each in tickets.bonds.of(key) if _listed_under(each, key)}
    ties: list[Tie] = list(ending.values())
    if last:
        ties += _decisions_without(ending.values(), key, tickets)
    for other_key, bond in ending.items():
        listed = tickets.of_customer(Customer.known_by(other_key))
        if other_key.kind is Kind.REFERENCE and next(iter(listed), None) is None:
            ties += _decisions_without([bond], other_key, tickets)
    return tuple(ties)


def ties_of(person: Person, tickets: CustomersTickets) -> tuple[Tie, ...]:
    """Return the bonds and decisions that end with a customer.

    What a ticket of another customer shows stays, with what a lead decided about it: a lead took
    the key away from that customer, and the next ticket must not undo this.
    """
    found: list[Tie] = []
    for key in person.keys:
        found += tickets.bonds.of(key)
        found += tickets.bonds.decisions(key)
    shown = {
        (listed, key)
        for listed in {each.other for each in found}
        if listed.kind is Kind.EMAIL and listed not in person.keys
        for each in tickets.of_customer(Customer.known_by(listed))
        for key in each.customer.keys
    }
    return tuple(each for each in found if (each.other, each.one) not in shown)


def _listed_under(bond: Bond, key: CustomerKey) -> bool:
    """Tell whether the tickets that show a bond are listed under this key of it."""
    return key.kind is Kind.EMAIL or bond.other.kind is Kind.NAME


def _decisions_without(
    ending: Iterable[Bond], key: CustomerKey, tickets: CustomersTickets
) -> Iterable[Tie]:
    """Return the decisions about a key if these are all bonds that it has."""
    pairs = {frozenset((each.one, each.other)) for each in ending}
    stays = any(frozenset((key, each.other)) not in pairs for each in tickets.bonds.of(key))
    return () if stays else tickets.bonds.decisions(key)
