"""Forgetting: a ticket, or all tickets of a customer, with everything that belongs to it.

Only a record of the erasure is left: the ticket's id, who asked for it, and when. Queues cannot be
searched for messages. The worker or the agent who receives a message of an erased ticket drops it.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from helpdesk import access, belonging, families, limits, outbox
from helpdesk.belonging import CustomersTickets, Person, Tie
from helpdesk.moving import persistently
from helpdesk.ports import NotFoundError, Tickets
from helpdesk.records import NOTHING_KEPT, Forgetting
from helpdesk.repeating import UNGUARDED, Guard
from helpdesk.ticket import CUSTOMER, Agent, CustomerKey, NotAllowedError, Ticket

RECORD_LIFE = timedelta(days=400)
"""How long the record of an erasure is kept: longer than any queue keeps a message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """The record of an erasure.

    `buckets` are the digests under which the ticket's requests were counted, `ties` the bonds and
    decisions that end with it, `key_id` what is stored of the idempotency key of the request.
    """

    ticket_id: str
    by: str
    at: datetime
    buckets: tuple[str, ...] = ()
    ties: tuple[Tie, ...] = ()
    key_id: str | None = None

    @property
    def expires_at(self) -> datetime:
        """When the record itself is deleted."""
        return self.at + RECORD_LIFE


class Belongings(Protocol):
    """What is kept of tickets outside of their table: files."""

    def erase(self, ticket_id: str) -> None:
        """Delete all that belongs to a ticket."""


class Nothing:
    """No belongings: for a desk that keeps nothing outside of the table."""

    def erase(self, ticket_id: str) -> None:
        """Delete nothing."""


NOTHING = Nothing()


class ErasableTickets(Tickets, CustomersTickets, Protocol):
    """The tickets, and how to erase them."""

    def erased_with(self, ticket_id: str, key_id: str) -> bool:
        """Tell whether a ticket was erased by a request with this idempotency key."""

    def erase(self, ticket: Ticket, erasure: Erasure) -> None:
        """Delete everything that belongs to a ticket and keep the record.

        Raises ConflictError if the ticket moved.
        """

    def forget(self, keys: Iterable[CustomerKey]) -> None:
        """Delete what is kept of a customer beside tickets: analyses, conversations."""


def erase(
    ticket_id: str,
    token: str,
    *,
    guard: Guard = UNGUARDED,
    tickets: ErasableTickets,
    files: Belongings = NOTHING,
    clock: Callable[[], datetime],
) -> None:
    """Erase a ticket for its customer, with the tickets it was merged with and their files.

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

    scene = _Scene(tickets, files, clock)
    if own := find():
        _erase_family(own, CUSTOMER, scene)
    _erase(ticket_id, find, CUSTOMER, scene, key_id=key.id if key else None)


def erase_ticket(
    ticket_id: str,
    lead: Agent,
    *,
    tickets: ErasableTickets,
    files: Belongings = NOTHING,
    clock: Callable[[], datetime],
) -> None:
    """Erase a ticket as a lead, with the tickets it was merged with and their files.

    Raises NotAllowedError, NotFoundError or ConflictError.
    """
    _expect_lead(lead)
    scene = _Scene(tickets, files, clock)
    find = partial(_get, ticket_id, tickets)
    _erase_family(find(), lead.name, scene)
    _erase(ticket_id, find, lead.name, scene)


def erase_customer(
    person: Person,
    lead: Agent,
    *,
    tickets: ErasableTickets,
    files: Belongings = NOTHING,
    records: Forgetting = NOTHING_KEPT,
    clock: Callable[[], datetime],
) -> tuple[str, ...]:
    """Erase all tickets of a customer, then what ties the keys together; return the tickets' ids.

    What the shop knows of the customer, in the `records` of the desk, goes as well.

    Tickets of customers who are not verified and gave a key of this customer go too: they hold it.
    A second call erases tickets that came in during the first. Raises NotAllowedError,
    TooManyKeysError if it cannot be one customer, NotFoundError if there is nothing, or
    ConflictError if a ticket kept changing; the tickets before that one are erased then.
    """
    _expect_lead(lead)
    person.check_whole()
    found = [each.id for each in belonging.tickets_of(person, tickets, unverified=True)]
    erased = []
    for ticket_id in found:
        with suppress(NotFoundError):  # the list may be some seconds old
            find = partial(_get, ticket_id, tickets)
            _erase(ticket_id, find, lead.name, _Scene(tickets, files, clock), alone=False)
            erased.append(ticket_id)
    ties = belonging.ties_of(person, tickets)
    tickets.bonds.remove(ties)
    tickets.forget(person.keys)
    if not records.forget(person.keys) and not erased and not ties:
        raise NotFoundError("no ticket of this customer")
    return tuple(erased)


@dataclass(frozen=True, slots=True)
class _Scene:
    """Where something is erased, and when."""

    tickets: ErasableTickets
    files: Belongings
    clock: Callable[[], datetime]


def _expect_lead(lead: Agent) -> None:
    if not lead.leads:
        raise NotAllowedError(f"only leads erase tickets; {lead.name} is not a lead")


def _erase_family(own: Ticket, by: str, scene: _Scene) -> None:
    """Erase the other tickets of a family. The own one comes last, so that a retry finds them."""
    with suppress(NotFoundError):  # the root may be gone
        for each in families.members(own, scene.tickets):
            if each.id != own.id:
                _erase(each.id, partial(_get, each.id, scene.tickets), by, scene)


def _get(ticket_id: str, tickets: ErasableTickets) -> Ticket:
    if (found := tickets.get(ticket_id)) is None:
        raise NotFoundError(f"no ticket {ticket_id}")
    return found


def _erase(
    ticket_id: str,
    find: Callable[[], Ticket | None],
    by: str,
    scene: _Scene,
    *,
    alone: bool = True,
    key_id: str | None = None,
) -> None:
    """Erase the ticket that `find` returns; None says that it is erased already.

    Its files go first: a call that fails in between is made again, and finds the ticket. A file
    that comes later belongs to no ticket and is deleted where it arrives. If the ticket goes
    `alone`, the bonds that no other ticket shows end with it.
    """
    tickets = scene.tickets

    def attempt() -> Ticket | None:
        if (found := find()) is None:
            return None
        scene.files.erase(found.id)
        names = [("ticket", found.token_hash)]
        if found.customer.key:
            names.append(("customer", found.customer.key))
        if found.customer.email and found.channel == outbox.CHANNEL:
            names += [limits.mailed(found.customer.email), limits.writing(found.customer.email)]
        erasure = Erasure(
            ticket_id=found.id,
            by=by,
            at=scene.clock(),
            buckets=tuple(limits.bucket_id(kind, name) for kind, name in names),
            ties=belonging.ended_by(found, tickets) if alone else (),
            key_id=key_id,
        )
        tickets.erase(found, erasure)
        return found

    gone = persistently(attempt, exhausted=f"ticket {ticket_id} kept changing")
    if gone and alone:  # another ticket that showed the same bonds may have gone at the same time
        tickets.bonds.remove(belonging.ended_by(gone, tickets))
