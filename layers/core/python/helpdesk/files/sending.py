"""What customers do with files: announce one, list them, fetch one, with the ticket's token."""

import hashlib
import json
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from helpdesk import access
from helpdesk.files import deciding, naming
from helpdesk.files.model import LONGEST_LINK, Announcement, Attachment, State
from helpdesk.files.ports import Files, Form, Links, Register
from helpdesk.moving import persistently
from helpdesk.ports import IdempotencyConflictError, NotFoundError, Tickets
from helpdesk.repeating import LIFE, UNGUARDED, Guard
from helpdesk.ticket import IllegalMoveError, Ticket
from helpdesk.ticket import State as TicketState


def announce(
    ticket_id: str,
    token: str,
    wanted: Announcement,
    *,
    guard: Guard = UNGUARDED,
    tickets: Tickets,
    register: Register,
    links: Links,
    life: timedelta = LONGEST_LINK,
    now: datetime,
) -> tuple[Attachment, Form | None]:
    """Expect a file for a ticket; return it, and the form with which it may be sent.

    Only the arrival of the file makes it one of the ticket's. A request that is repeated with its
    key gets the same file, and a form that lives on; none if the file is there already. Raises
    NotFoundError, IllegalMoveError for a closed ticket, TooManyFilesError,
    IdempotencyConflictError, PreconditionError or ConflictError.
    """
    life = min(life, LONGEST_LINK)
    key = guard.key.within(ticket_id) if guard.key else None
    fingerprint = _fingerprint(ticket_id, wanted)

    def attempt() -> Attachment:
        own = _opened(ticket_id, token, tickets, now)
        there = register.of(ticket_id)
        if key and (earlier := _announced_with(key.id, there, now)):
            if earlier.fingerprint != fingerprint:
                raise IdempotencyConflictError("this Idempotency-Key was used with another request")
            again = deciding.announced_again(earlier, now=now, life=life)
            if again != earlier:
                register.change(earlier, again)
            return again
        guard.check(_version(own, tickets))
        if own.state is TicketState.CLOSED and not own.merged_into:
            raise IllegalMoveError("the ticket is closed: write a message first")
        file, before = deciding.announced(wanted, there, ticket=own, now=now, life=life)
        if key:
            file = replace(file, key_id=key.id, fingerprint=fingerprint)
        register.add(file, instead_of=before)
        return file

    file = persistently(attempt, exhausted=f"the files of ticket {ticket_id} kept changing")
    expected = file.state is State.EXPECTED
    return file, links.form(file, now=now) if expected else None


def files_of(
    ticket_id: str, token: str, *, tickets: Tickets, files: Files, now: datetime
) -> tuple[Attachment, ...]:
    """Return the files of the customer's own ticket. Raises NotFoundError."""
    _opened(ticket_id, token, tickets, now)
    return files.of(ticket_id)


def facts_of(
    ticket_id: str,
    token: str,
    numbers: Collection[int],
    *,
    tickets: Tickets,
    register: Register,
    now: datetime,
) -> tuple[Attachment, ...]:
    """Return what is known of some files of the customer's own ticket.

    Raises NotFoundError, for a ticket as for a file.
    """
    _opened(ticket_id, token, tickets, now)
    found = tuple(register.get(ticket_id, number) for number in numbers)
    known = tuple(filter(None, found))
    if len(known) < len(found):
        raise NotFoundError("the ticket has no such file")
    return known


def link_to(
    ticket_id: str,
    token: str,
    number: str,
    *,
    tickets: Tickets,
    register: Register,
    links: Links,
    life: timedelta = LONGEST_LINK,
    now: datetime,
) -> str:
    """Return where the customer can save a file of the own ticket, for a short time.

    `number` is as the path says it. Raises NotFoundError, for a ticket as for a file; and
    NotReadyError, RefusedError or ErasedFileError for a file that is not given out.
    """
    _opened(ticket_id, token, tickets, now)
    said = naming.number_said(number)
    file = register.get(ticket_id, said) if said else None
    if file is None:
        raise NotFoundError("the ticket has no such file")
    deciding.check_released(file)
    stored = links.look(ticket_id, file.number)
    if stored is None:
        raise NotFoundError("the ticket has no such file")
    deciding.check_released(file, stored)
    return links.link(file, life=min(life, LONGEST_LINK))


def _opened(ticket_id: str, token: str, tickets: Tickets, now: datetime) -> Ticket:
    """Return the ticket that the token opens. A foreign and a missing one are told alike."""
    own = tickets.get(ticket_id) if access.is_ticket_id(ticket_id) else None
    if own is None or not access.opens(token, own, now):
        raise NotFoundError("no such ticket for this token")
    return own


def _version(own: Ticket, tickets: Tickets) -> int:
    """Return the ticket's version as its customer is shown it: with that of the root."""
    root = tickets.get(own.merged_into) if own.merged_into else None
    return own.version + (root.version if root else 0)


def _announced_with(key_id: str, there: tuple[Attachment, ...], now: datetime) -> Attachment | None:
    found = (each for each in there if each.key_id == key_id and now - each.announced_at < LIFE)
    return next(found, None)


def _fingerprint(ticket_id: str, wanted: Announcement) -> str:
    """Return a digest that is equal for equal requests."""
    asked = [ticket_id, "announce", wanted.name, wanted.media_type, wanted.size]
    return hashlib.sha256(json.dumps(asked).encode()).hexdigest()
