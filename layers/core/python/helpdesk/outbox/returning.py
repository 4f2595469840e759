"""Mails of the desk that came back, and complaints: notes on their tickets, which people get."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime

from helpdesk import ticket
from helpdesk.mail import Bounce, BounceKind
from helpdesk.outbox.ports import Outbox
from helpdesk.ports import Letter, Queue, QueueUnavailableError, Tickets
from helpdesk.ticket import State, Ticket

MOST_TOLD = 5
"""How many recipients of one report a note names."""


def came_back(
    bounces: Iterable[Bounce],
    *,
    letter: Letter | None = None,
    outbox: Outbox,
    tickets: Tickets,
    escalations: Queue,
    now: datetime,
) -> str | None:
    """Note on its ticket what did not arrive, together with the letter that says so.

    People get the ticket, unless the mail may still arrive or the customer has it on a page. After
    a complaint, nothing more goes to the address. A report counts only if a signed address names
    its ticket: any sender can write one. Returns the ticket, or None if there is none. Raises
    ConflictError if the ticket moved, or the letter was taken before.
    """
    told = [each for each in bounces if each.ticket_id][:MOST_TOLD]
    found = _root(told[0].ticket_id or "", tickets) if told else None
    if found is None:
        return None
    on_a_page = False
    for each in told:
        known = outbox.correspondence(each.ticket_id or "")
        on_a_page = on_a_page or bool(known and known.on_a_page)
        address = known.customer.address if known else each.recipient
        if address and each.kind is BounceKind.COMPLAINT:
            outbox.suppress(address, now)
    text = "\n".join(dict.fromkeys(map(_note, told)))
    lasting = any(each.final for each in told) and not on_a_page
    move = ticket.undelivered if lasting else ticket.remark
    change = move(found, text, now=now)
    tickets.commit(change, letter)
    if change.after.state is State.ESCALATED and found.state is not State.ESCALATED:
        with suppress(QueueUnavailableError):  # the clock finds the ticket
            escalations.send(found.id)
    return found.id


def _root(ticket_id: str, tickets: Tickets) -> Ticket | None:
    """Return a ticket, or the one it was merged into: there people read its notes."""
    own = tickets.get(ticket_id)
    root = tickets.get(own.merged_into) if own and own.merged_into else None
    return root or own


def _note(bounce: Bounce) -> str:
    if bounce.kind is BounceKind.COMPLAINT:
        return "The reader of a mail called it spam. No further mail goes to this address."
    to = f" to {bounce.recipient}" if bounce.recipient else ""
    status = f" ({bounce.status})" if bounce.status else ""
    if not bounce.final:
        return f"A mail{to} is late{status}. It may still arrive."
    return f"A mail{to} did not arrive{status}."
