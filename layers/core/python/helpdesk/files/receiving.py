"""What the desk does with a file that arrived: look, have it scanned and read, keep what it found.

A queue may tell of a file twice, late, or in another order. The register says what was done: each
change is stored only if the file is as it was when the change was decided.
"""

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import unquote_plus

from helpdesk import severity
from helpdesk.files import deciding, naming
from helpdesk.files.looking import has_text
from helpdesk.files.model import Attachment, State
from helpdesk.files.ports import Reader, Register, Vault
from helpdesk.moving import persistently
from helpdesk.ports import Queue, QueueUnavailableError, Tickets
from helpdesk.ticket import MAX_TEXT
from helpdesk.ticket import State as TicketState


@dataclass(frozen=True, slots=True)
class Arrival:
    """Something happened to a file: it came, was scanned, or is gone."""

    ticket_id: str
    number: int


class Outcome(StrEnum):
    """What became of an arrival."""

    READ = "read"
    UNREAD = "unread"
    REFUSED = "refused"
    WAITING = "waiting"
    ERASED = "erased"
    DISCARDED = "discarded"
    ALREADY_DONE = "already_done"


def arrivals(body: str) -> tuple[Arrival, ...]:
    """Return the files that a message of the bucket is about; none for a message of another kind.

    A bucket that is new sends a message without files. Raises ValueError for a body that is none of
    the bucket's.
    """
    try:
        said = json.loads(body)
    except RecursionError as error:
        raise ValueError("the message is nested too deep to be the bucket's") from error
    records = said.get("Records", []) if isinstance(said, dict) else None
    if not isinstance(records, list):
        raise ValueError("the message is not the bucket's")  # noqa: TRY004 -- of its value
    found = (_arrival(each) for each in records)
    return tuple(filter(None, found))


def _arrival(record: Any) -> Arrival | None:
    try:
        key = unquote_plus(record["s3"]["object"]["key"])
    except (KeyError, TypeError) as error:
        raise ValueError("the message does not say which file it is about") from error
    kept = naming.kept_at(key)
    return Arrival(*kept) if kept else None


def take_in(
    arrival: Arrival,
    *,
    register: Register,
    vault: Vault,
    read: Reader,
    scanned: bool,
    tickets: Tickets,
    intake: Queue,
) -> Outcome:
    """Read a file that arrived and store what was found; then let the desk look at its ticket.

    A file that belongs to no ticket, or to none any more, is deleted. With `scanned`, a file waits
    for the scanner for malware, whose tag is an arrival of its own. Raises what a port raises; the
    caller then leaves the message on the queue.
    """
    at = (arrival.ticket_id, arrival.number)

    def attempt() -> tuple[Outcome, Attachment | None]:
        known = register.get(*at)
        if known is None:
            vault.discard(*at)
            return Outcome.DISCARDED, None
        stored = vault.look(*at)
        if stored is None:
            return _changed(register, known, deciding.lost(known), Outcome.ERASED)
        verdict = vault.verdict(*at) if scanned else None
        there = deciding.arrived(known, stored, verdict, scanned=scanned)
        if there.state is State.REFUSED:
            return _changed(register, known, there, Outcome.REFUSED)
        if there.state is State.READY:
            return Outcome.ALREADY_DONE, there
        if there != known:
            register.change(known, there, text="")
        if deciding.waits(verdict, scanned=scanned):
            return Outcome.WAITING, there
        content = vault.read(*at, stored)
        ready, text = deciding.was_read(there, read(content, there.name, there.media_type))
        register.change(there, ready, text=text)
        return Outcome.UNREAD if ready.why else Outcome.READ, ready

    outcome, file = persistently(attempt, exhausted=f"file {at} kept changing")
    if file and not file.state.is_pending:
        grave = has_text(file) and _is_grave(register.text(*at))
        _tell(arrival.ticket_id, tickets, intake, grave=grave)
    return outcome


def _changed(
    register: Register, known: Attachment, after: Attachment, outcome: Outcome
) -> tuple[Outcome, Attachment]:
    """Store a file that has no text any more, unless it is as it was."""
    if after == known:
        return Outcome.ALREADY_DONE, known
    register.change(known, after, text="")
    return outcome, after


def _is_grave(text: str) -> bool:
    """Tell whether a text may raise the level of its ticket."""
    return severity.of_text(text[:MAX_TEXT], "", severity.shipped()) is not None


def _tell(ticket_id: str, tickets: Tickets, intake: Queue, *, grave: bool) -> None:
    """Have a ticket looked at that may wait for its files; a lost message the reconciler finds.

    What is `grave` is told of a settled ticket, too, and until the queue takes it: no one else
    looks for it. Raises QueueUnavailableError.
    """
    found = tickets.get(ticket_id)
    if found and grave and found.state is not TicketState.RECEIVED:
        intake.send(ticket_id)
        return
    if found and found.state is TicketState.RECEIVED:
        try:
            intake.send(ticket_id)
        except QueueUnavailableError:
            return
