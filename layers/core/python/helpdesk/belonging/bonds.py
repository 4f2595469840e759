"""What is kept of customers' keys: bonds, which tickets show, and decisions, which leads make."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from helpdesk.ticket import Customer, CustomerKey, Ticket

DECISION_LIFE = timedelta(days=800)
"""How long a decision counts: twice as long as a ticket is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bond:
    """Two keys that a ticket shows together.

    `expires_at` is when the bond is deleted. It lives twice as long as the ticket, so that it need
    not be stored again for each ticket of a customer who comes back.
    """

    one: CustomerKey
    other: CustomerKey
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """That a lead joined or separated two keys: which lead, when and why."""

    one: CustomerKey
    other: CustomerKey
    together: bool
    by: str
    at: datetime
    reason: str

    @property
    def expires_at(self) -> datetime:
        """When the decision is deleted."""
        return self.at + DECISION_LIFE


type Tie = Bond | Decision


class Bonds(Protocol):
    """Where bonds and decisions are kept. Each is found from both of its keys, as `other`."""

    def of(self, key: CustomerKey) -> Iterable[Bond]:
        """Return the bonds of a key; `one` is that key."""

    def decisions(self, key: CustomerKey) -> Iterable[Decision]:
        """Return the decisions about a key, oldest first; `one` is that key."""

    def note(self, bonds: Iterable[Bond], *, needed_until: datetime) -> None:
        """Store the bonds that are not stored yet, or that expire before `needed_until`."""

    def decide(self, decision: Decision) -> None:
        """Store a decision."""

    def remove(self, ties: Iterable[Tie]) -> None:
        """Delete bonds and decisions. It is no error if they are already gone."""


class CustomersTickets(Protocol):
    """The tickets of customers, and what is known of their keys."""

    @property
    def bonds(self) -> Bonds:
        """The bonds and decisions."""

    def of_customer(self, customer: Customer, *, until: datetime | None = None) -> Iterable[Ticket]:
        """Return the tickets that are listed under a customer's own key, newest first.

        The list may be some seconds old. There are none for a customer without a key. With
        `until`, later tickets are left out, and not read.
        """


def shown_by(ticket: Ticket) -> tuple[Bond, ...]:
    """Return the bonds that a ticket shows: of the key it is listed under with each other key."""
    customer = ticket.customer
    if customer.key is None or not customer.verified:
        return ()
    first, *others = customer.keys
    expires_at = ticket.expires_at + (ticket.expires_at - ticket.created_at)
    return tuple(
        Bond(one=first, other=other, expires_at=expires_at.replace(microsecond=0))
        for other in others
    )
