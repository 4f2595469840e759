"""To which ticket a mail belongs. Pure.

A signed address decides, from whichever sender. The ids of earlier mails decide only for a proven
sender who is the ticket's own customer: ids are not secret. Nothing else does, neither a number in
the subject nor its prefix: people forward, quote and guess.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from helpdesk.mail.model import Mail
from helpdesk.mail.trust import Standing, Verdict

MOST_IDS = 50
"""Message ids of a mail that are looked at."""


@dataclass(frozen=True, slots=True)
class ThreadEntry:
    """What is kept of a mail under its id: its ticket, and the customer's normalised addresses."""

    ticket_id: str
    customers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class FoundTicket:
    """What the desk knows of a ticket: the customer's normalised addresses, and when it closed."""

    customers: frozenset[str] = frozenset()
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NewTicket:
    """The mail is a matter of its own."""


@dataclass(frozen=True, slots=True)
class Append:
    """The mail belongs to a ticket.

    `as_other`: it is shown as from its own sender, who does not become the customer and is shown
    nothing. `reopens`: the ticket is closed and opens again.
    """

    ticket_id: str
    as_other: bool = False
    reopens: bool = False


@dataclass(frozen=True, slots=True)
class PointsBack:
    """The mail is a new ticket that names the old one, which was closed too long ago."""

    ticket_id: str
    as_other: bool = False


type Placing = NewTicket | Append | PointsBack


def ids_of(mail: Mail) -> tuple[str, ...]:
    """Return the ids of earlier mails to look up, in the order in which they decide."""
    ids = dict.fromkeys((*mail.in_reply_to, *reversed(mail.references)))
    return tuple(ids)[:MOST_IDS]


def place(
    mail: Mail,
    *,
    signed: str | None,
    known: Mapping[str, ThreadEntry],
    tickets: Mapping[str, FoundTicket],
    now: datetime,
    reopen_within: timedelta,
) -> Placing:
    """Return where a mail belongs.

    `signed` is the ticket that a rightly signed address names, `known` what is kept under the ids
    of `ids_of`, `tickets` those of both that still exist.
    """
    if signed is not None and signed in tickets:
        as_other = not _is_customer(mail, tickets[signed].customers)
        return _within(mail, signed, tickets[signed], now, reopen_within, as_other=as_other)
    if mail.standing is Standing.PROVEN:
        for each in ids_of(mail):
            entry = known.get(each)
            found = tickets.get(entry.ticket_id) if entry else None
            if entry and found and _is_customer(mail, entry.customers | found.customers):
                return _within(mail, entry.ticket_id, found, now, reopen_within, as_other=False)
    return NewTicket()


def _is_customer(mail: Mail, customers: Collection[str]) -> bool:
    """Tell whether the sender is a customer, as far as the sender's domain does not deny it."""
    denied = mail.verdicts.dmarc is Verdict.FAIL
    return mail.sender is not None and mail.sender.address in customers and not denied


def _within(
    mail: Mail,
    ticket_id: str,
    found: FoundTicket,
    now: datetime,
    reopen_within: timedelta,
    *,
    as_other: bool,
) -> Placing:
    """A machine's mail, such as an absence note, opens nothing and is no matter of its own."""
    if found.closed_at is None or (mail.automatic and mail.automatic.by_machine):
        return Append(ticket_id, as_other)
    if now - found.closed_at <= reopen_within:
        return Append(ticket_id, as_other, reopens=True)
    return PointsBack(ticket_id, as_other)
