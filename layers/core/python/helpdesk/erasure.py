"""Forgetting: a ticket, or all tickets of a customer, with everything that belongs to it.

Only a record of the erasure is left: the ticket's id, who asked for it, and when. Queues cannot be
searched for messages. The worker or the agent who receives a message of an erased ticket drops it.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from helpdesk import access, limits
from helpdesk.moving import persistently
from helpdesk.ports import NotFoundError, Tickets
from helpdesk.repeating import UNGUARDED, Guard
from helpdesk.ticket import CUSTOMER, Agent, Customer, NotAllowedError, Ticket

RECORD_LIFE = timedelta(days=400)
"""How long the record of an erasure is kept: longer than any queue keeps a message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """The record of an erasure. `buckets` are the digests under which its requests were counted.

    `key_id` is what is stored of the idempotency key of the request for it.
    """

    ticket_id: str
    by: str
    at: datetime
    buckets: tuple[str, ...] = ()
    key_id: str | None = None

    @property
    def expires_at(self) -> datetime:
        """When the record itself is deleted."""
        return self.at + RECORD_LIFE


class ErasableTickets(Tickets, Protocol):
    """The tickets, and how to erase them."""

    def of_customer(self, customer: Customer) -> Iterable[Ticket]:
        """Return a customer's tickets; the list may be some seconds old."""

    def erased_with(self, ticket_id: str, key_id: str) -> bool:
        """Tell whether a ticket was erased by a request with this idempotency key."""

    def erase(self, ticket: Ticket, erasure: Erasure) -> None:
        """Delete everything that belongs to a ticket and keep the record.

        Raises ConflictError if the ticket moved.
        """


def erase(
    ticket_id: str,
    token: str,
    *,
    guard: Guard = UNGUARDED,
    tickets: ErasableTickets,
    clock: Callable[[], datetime],
) -> None:
    """Erase a ticket for its customer.

    A request that is repeated with its key and token finds its work done. Raises NotFoundError,
    PreconditionError or ConflictError.
    """
    key = guard.key.within(ticket_id, access.token_hash(token)) if guard.key else None

    def find() -> Ticket | None:
        found = tickets.get(ticket_id) if access.is_ticket_id(ticket_id) else None
        if found is None and key and tickets.erased_with(ticket_id, key.id):
            return None
        if found is None or not access.opens(token, found, clock()):
            raise NotFoundError("no such ticket for this token")
        guard.check(found.version)
        return found

    _erase(ticket_id, find, CUSTOMER, tickets, clock, key_id=key.id if key else None)


def erase_ticket(
    ticket_id: str, lead: Agent, *, tickets: ErasableTickets, clock: Callable[[], datetime]
) -> None:
    """Erase a ticket as a lead. Raises NotAllowedError, NotFoundError or ConflictError."""
    if not lead.leads:
        raise NotAllowedError(f"only leads erase tickets; {lead.name} is not a lead")

    def find() -> Ticket:
        if (found := tickets.get(ticket_id)) is None:
            raise NotFoundError(f"no ticket {ticket_id}")
        return found

    _erase(ticket_id, find, lead.name, tickets, clock)


def erase_customer(
    customer: Customer, lead: Agent, *, tickets: ErasableTickets, clock: Callable[[], datetime]
) -> tuple[str, ...]:
    """Erase all tickets of a customer and return their ids, also those whose customer only says so.

    A second call erases tickets that came in during the first. Raises NotAllowedError,
    NotFoundError if there is no ticket, or ConflictError if a ticket kept moving; the tickets
    before that one are erased then.
    """
    found = tuple(each.id for claim in customer.claims for each in tickets.of_customer(claim))
    erased = []
    for ticket_id in found:
        with suppress(NotFoundError):  # the list may be some seconds old
            erase_ticket(ticket_id, lead, tickets=tickets, clock=clock)
            erased.append(ticket_id)
    if not erased:
        raise NotFoundError("no ticket of this customer")
    return tuple(erased)


def _erase(
    ticket_id: str,
    find: Callable[[], Ticket | None],
    by: str,
    tickets: ErasableTickets,
    clock: Callable[[], datetime],
    *,
    key_id: str | None = None,
) -> None:
    """Erase the ticket that `find` returns; None says that it is erased already."""

    def attempt() -> None:
        if (found := find()) is None:
            return
        names = [("ticket", found.token_hash)]
        if found.customer.key:
            names.append(("customer", found.customer.key))
        erasure = Erasure(
            ticket_id=found.id,
            by=by,
            at=clock(),
            buckets=tuple(limits.bucket_id(kind, name) for kind, name in names),
            key_id=key_id,
        )
        tickets.erase(found, erasure)

    persistently(attempt, exhausted=f"ticket {ticket_id} kept moving")
