"""The use case of the courier: send a mail, mark it, or tell people why it did not leave.

The mail is marked after it is sent. If the courier dies between the two, the next attempt sends it
again, with the same id: at least once. A mail with its mark is never sent again.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from helpdesk import ticket
from helpdesk.mail import compose
from helpdesk.moving import persistently
from helpdesk.outbox.outbound import SUPPRESSED, Correspondence, Outbound, named
from helpdesk.outbox.ports import Outbox, RefusedError, Sender
from helpdesk.outbox.writing import Desk, written
from helpdesk.ports import Queue, QueueUnavailableError, Tickets
from helpdesk.ticket import Conversation


class Outcome(StrEnum):
    """What became of a mail at this attempt."""

    SENT = "sent"
    SILENT = "silent"
    REFUSED = "refused"
    ALREADY = "already"
    GONE = "gone"


def deliver(
    mail_id: str,
    *,
    outbox: Outbox,
    tickets: Tickets,
    escalations: Queue,
    sender: Sender,
    desk: Desk,
    clock: Callable[[], datetime],
) -> Outcome:
    """Send a mail if it has no mark yet, and mark it.

    Raises ValueError for a text that names no mail, UnavailableError, or ConflictError while
    another courier has it.
    """
    mail = _find(mail_id, outbox)
    if mail is None:
        return Outcome.GONE
    if mail.ended_at:
        return Outcome.ALREADY
    mail = outbox.begin(mail, clock())
    said, known = tickets.conversation(mail.ticket_id), outbox.correspondence(mail.ticket_id)
    if said is None:
        return Outcome.GONE

    def stays(why: str) -> None:
        _tell(mail, known, why, tickets=tickets, escalations=escalations, clock=clock)

    if silent := _silent(mail, known, outbox, clock):
        stays(f"The {mail.part} in message {mail.number} was not sent by mail: {silent}.")
        outbox.end(replace(mail, silent=silent, ended_at=clock()))
        return Outcome.SILENT
    try:
        sent_as = _send(mail, said, known, sender, desk)
    except RefusedError as error:
        stays(f"The {mail.part} in message {mail.number} could not be sent by mail: {error}")
        outbox.end(replace(mail, failed=str(error), ended_at=clock()))
        return Outcome.REFUSED
    outbox.end(replace(mail, sent_at=clock(), sent_as=sent_as, failed=None, ended_at=clock()))
    return Outcome.SENT


def give_up(
    mail_id: str,
    *,
    outbox: Outbox,
    tickets: Tickets,
    escalations: Queue,
    clock: Callable[[], datetime],
) -> None:
    """Let people know that a mail failed for now; its dead letter can still be sent again."""
    mail = _find(mail_id, outbox)
    if mail is None or not mail.waits:
        return
    failed = f"no attempt of {max(1, mail.attempts)} succeeded"
    why = f"The {mail.part} in message {mail.number} is not sent by mail yet: {failed}."
    known = outbox.correspondence(mail.ticket_id)
    _tell(mail, known, why, tickets=tickets, escalations=escalations, clock=clock)
    outbox.end(replace(mail, failed=failed))


def _find(mail_id: str, outbox: Outbox) -> Outbound | None:
    if (name := named(mail_id)) is None:
        raise ValueError("this is not the id of a mail")
    return outbox.mail(*name)


def _silent(
    mail: Outbound,
    known: Correspondence | None,
    outbox: Outbox,
    clock: Callable[[], datetime],
) -> str | None:
    """Return why a mail must not leave: what its change told, a complaint since, or the counters.

    Who may not be answered by a machine may have become known after the change.
    """
    if mail.silent:
        return mail.silent
    if known and known.suppressed:
        return SUPPRESSED
    if not mail.is_automatic:
        return None
    return persistently(
        lambda: outbox.take_place(mail, outbox.correspondence(mail.ticket_id), clock()),
        exhausted=f"mail {mail.id} found no moment to be counted",
    )


def _send(
    mail: Outbound, said: Conversation, known: Correspondence | None, sender: Sender, desk: Desk
) -> str:
    """Send a mail and return its id. Raises RefusedError or UnavailableError."""
    try:
        outgoing = written(mail, said, known, desk)
        data, return_path = compose(outgoing), desk.return_path(mail)
    except ValueError as error:
        raise RefusedError(str(error)) from error
    return sender.send(data, return_path=return_path, to=outgoing.to.address)


def _tell(
    mail: Outbound,
    known: Correspondence | None,
    why: str,
    *,
    tickets: Tickets,
    escalations: Queue,
    clock: Callable[[], datetime],
) -> None:
    """Note on the ticket why its customer got no mail, if the customer waits for one.

    People get the ticket, unless the customer has on a page what the mail says.
    """
    if not mail.part.owed:
        return
    reopens = not (known and known.on_a_page)

    def attempt() -> ticket.Ticket | None:
        if (found := tickets.get(mail.ticket_id)) is None:
            return None
        move = ticket.undelivered if reopens else ticket.remark
        change = move(found, why, now=clock())
        tickets.commit(change)
        return change.after

    after = persistently(attempt, exhausted=f"ticket {mail.ticket_id} kept changing")
    if reopens and after and after.state is ticket.State.ESCALATED:
        with suppress(QueueUnavailableError):  # the clock finds the ticket
            escalations.send(mail.ticket_id)
