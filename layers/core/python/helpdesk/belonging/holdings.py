"""What the desk has of a customer: the tickets, by the key under which each is listed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from heapq import merge

from helpdesk.belonging.bonds import CustomersTickets
from helpdesk.belonging.persons import Person
from helpdesk.ticket import Customer, CustomerKey, Ticket


@dataclass(frozen=True, slots=True)
class Holdings:
    """What the desk has of a customer.

    `listed` are the customer's tickets by key, `claimed` those of customers who are not verified
    and gave the key as their own.
    """

    person: Person
    listed: dict[CustomerKey, tuple[Ticket, ...]]
    claimed: dict[CustomerKey, tuple[Ticket, ...]]

    @property
    def tickets(self) -> tuple[Ticket, ...]:
        """The customer's tickets, newest first."""
        found = [each for some in self.listed.values() for each in some]
        return tuple(sorted(found, key=lambda each: each.created_at, reverse=True))

    @property
    def unverified(self) -> tuple[Ticket, ...]:
        """The tickets of customers who are not verified and gave a key of this one."""
        return tuple(each for some in self.claimed.values() for each in some)


def holdings(person: Person, tickets: CustomersTickets) -> Holdings:
    """Return what the desk has of a customer; the lists may be some seconds old."""
    listed, claimed = (
        {
            key: tuple(tickets.of_customer(Customer.known_by(key, verified=verified)))
            for key in person.keys
        }
        for verified in (True, False)
    )
    return Holdings(person, listed, claimed)


def tickets_of(
    person: Person,
    tickets: CustomersTickets,
    *,
    unverified: bool = False,
    until: datetime | None = None,
) -> Iterator[Ticket]:
    """Yield a customer's tickets, newest first.

    With `unverified`, also those of customers who are not verified and gave a key of this one.
    With `until`, later tickets are left out, and not read.
    """
    vouched = (True, False) if unverified else (True,)
    lists = (
        tickets.of_customer(Customer.known_by(key, verified=verified), until=until)
        for key in person.keys
        for verified in vouched
    )
    yield from merge(*lists, key=lambda each: each.created_at, reverse=True)
