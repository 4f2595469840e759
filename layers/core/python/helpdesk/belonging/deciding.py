"""What leads decide of customers: that two are one, or that a key is another customer's."""

from datetime import datetime

from helpdesk.belonging.bonds import CustomersTickets, Decision
from helpdesk.belonging.persons import Person, is_known, neighbours, person_of
from helpdesk.ports import NotFoundError
from helpdesk.ticket import (
    Agent,
    CustomerKey,
    IllegalMoveError,
    Kind,
    NotAllowedError,
    check_text,
)


def join(
    one: CustomerKey,
    other: CustomerKey,
    *,
    lead: Agent,
    reason: str,
    tickets: CustomersTickets,
    now: datetime,
) -> Person:
    """Make the customers of two keys one, and return that customer.

    Raises NotAllowedError, NotFoundError for a key of which nothing is known, TextError for the
    reason, or IllegalMoveError if they are one already.
    """
    _expect_lead(lead)
    reason = check_text(reason)
    for key in (one, other):
        _expect_known(key, tickets)
    if other in person_of(one, tickets.bonds).keys:
        raise IllegalMoveError(f"{one} and {other} are one customer already")
    tickets.bonds.decide(
        Decision(one=one, other=other, together=True, by=lead.name, at=now, reason=reason)
    )
    return person_of(one, tickets.bonds)


def separate(
    one: CustomerKey,
    other: CustomerKey,
    *,
    lead: Agent,
    reason: str,
    tickets: CustomersTickets,
    now: datetime,
) -> tuple[Person, Person]:
    """Take a key away from the customer that `other` belongs to; return both customers.

    The key `one` keeps the keys that belong together with it by other ways. Raises NotAllowedError,
    TextError for the reason, or IllegalMoveError if they are not one customer.
    """
    _expect_lead(lead)
    reason = check_text(reason)
    bonds = tickets.bonds
    whole = person_of(one, bonds)
    if one == other or other not in whole.keys:
        raise IllegalMoveError(f"{one} and {other} are not one customer")
    for near in _on_the_way(one, other, tickets):
        bonds.decide(
            Decision(one=one, other=near, together=False, by=lead.name, at=now, reason=reason)
        )
    return person_of(one, bonds), person_of(other, bonds)


def _on_the_way(
    one: CustomerKey, other: CustomerKey, tickets: CustomersTickets
) -> list[CustomerKey]:
    """Return the neighbours of `one` from which `other` is reached without `one`."""
    reached, waiting = {other}, [other]
    while waiting:
        for near in neighbours(waiting.pop(), tickets.bonds):
            if near not in reached and near != one and near.kind is not Kind.NAME:
                reached.add(near)
                waiting.append(near)
    return [near for near in neighbours(one, tickets.bonds) if near in reached]


def _expect_lead(lead: Agent) -> None:
    if not lead.leads:
        raise NotAllowedError(f"only leads join and separate customers; {lead.name} is not a lead")


def _expect_known(key: CustomerKey, tickets: CustomersTickets) -> None:
    """Raise NotFoundError for a key that nothing is known of: it may be mistyped."""
    if key.kind is Kind.NAME:
        raise NotFoundError(f"{key} is a name; customers are joined by address or reference")
    if not is_known(key, tickets):
        raise NotFoundError(f"there is no customer with the key {key}")
