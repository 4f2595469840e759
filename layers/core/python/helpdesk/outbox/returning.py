"""Mails of the desk that came back, and complaints: notes on their tickets, which people get."""

from collections.abc import Callable, Iterable
from datetime import datetime

from helpdesk.mail import Bounce, BounceKind
from helpdesk.outbox.delivering import tell_people
from helpdesk.outbox.ports import Outbox
from helpdesk.ports import Queue, Tickets


def came_back(
    bounces: Iterable[Bounce],
    *,
    outbox: Outbox,
    tickets: Tickets,
    escalations: Queue,
    clock: Callable[[], datetime],
) -> int:
    """Note what did not arrive; after a complaint, nothing more goes to the address.

    A bounce counts only if a signed address names its ticket: any sender can write one. What may
    still arrive is no matter for people. Returns the number of notes.
    """
    noted = 0
    for each in bounces:
        if each.ticket_id is None or each.kind is BounceKind.TRANSIENT:
            continue
        if each.kind is BounceKind.COMPLAINT:
            known = outbox.correspondence(each.ticket_id)
            if address := known.customer.address if known else each.recipient:
                outbox.suppress(address, clock())
        noted += tell_people(
            each.ticket_id,
            _note(each),
            tickets=tickets,
            escalations=escalations,
            clock=clock,
        )
    return noted


def _note(bounce: Bounce) -> str:
    if bounce.kind is BounceKind.COMPLAINT:
        return "The reader of a mail called it spam. No further mail goes to this address."
    return f"A mail did not arrive: {bounce.status or bounce.kind}."
