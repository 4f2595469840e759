"""What leaves of a change, and what keeps a mail from leaving. Pure."""

import json
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from helpdesk.mail import Address, Automatic, Sign, Silence, Standing, normalised, silence
from helpdesk.ports import Letter
from helpdesk.ticket import Change, Message, Move, Source, Ticket

CHANNEL = "mail"
"""The channel of tickets whose customers wrote a mail."""

SUPPRESSED, UNKNOWN = "suppressed", "unknown"
"""Why a mail stays here, beside the reasons of `mail.Silence`.

The reader complained about a mail of the desk; or nothing is left of the customer's mail, so it is
not known whether a machine may answer it.
"""

_ID = re.compile(r"([0-9a-z]{16})\.([1-9][0-9]{0,3})")


class Kind(StrEnum):
    """What is sent."""

    MAIL = "mail"


class Part(StrEnum):
    """What a mail is to its reader. Who gets neither answer, question nor reply, waits for one."""

    ANSWER = "answer"
    QUESTION = "question"
    NEWS = "news"
    REPLY = "reply"

    @property
    def owed(self) -> bool:
        """Whether a person must care for the ticket if this does not arrive."""
        return self is not Part.NEWS


@dataclass(frozen=True, slots=True, kw_only=True)
class Correspondence:
    """What is kept of a ticket's mails: the last one of its customer, and how it is answered.

    `message_id` and `references` are that mail's, without brackets, `subject` is the newest.
    `answered` counts the automatic mails that left. `suppressed`: the address complained. With
    `on_a_page` the customer wrote no mail yet: the desk mails what it says on the page.
    """

    ticket_id: str
    customer: Address
    standing: Standing = Standing.UNPROVEN
    automatic: Sign | None = None
    subject: str = ""
    message_id: str | None = None
    references: tuple[str, ...] = ()
    answered: int = 0
    suppressed: bool = False
    on_a_page: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbound:
    """One mail that is to leave, with the message it carries: `number` of the ticket.

    `counted` tells that an automatic mail has its place among those a sender gets in a day.
    `sent_as` is the id that the sending service gave. `silent` says why it never leaves, `failed`
    why it could not be sent. With `ended_at` nothing is left to be done.
    """

    ticket_id: str
    number: int
    part: Part
    recipient: str | None
    created_at: datetime
    expires_at: datetime
    kind: Kind = Kind.MAIL
    attempts: int = 0
    counted: bool = False
    sent_at: datetime | None = None
    sent_as: str | None = None
    silent: str | None = None
    failed: str | None = None
    ended_at: datetime | None = None

    @property
    def id(self) -> str:
        """The id of the mail, the same at every attempt."""
        return mail_id(self.ticket_id, self.number)

    @property
    def is_automatic(self) -> bool:
        """Whether no person wrote it."""
        return self.part is not Part.REPLY

    @property
    def waits(self) -> bool:
        """Whether the clock looks after it."""
        return self.ended_at is None and self.failed is None


def mail_id(ticket_id: str, number: int) -> str:
    """Return the id of the mail that carries a message of a ticket."""
    return f"{ticket_id}.{number}"


def named(mail: str) -> tuple[str, int] | None:
    """Return the ticket and the number that the id of a mail names; None for any other text."""
    found = _ID.fullmatch(mail)
    return (found[1], int(found[2])) if found else None


def message(mail: str) -> str:
    """Return the queue message that names a mail. It never has its text."""
    return json.dumps({"mail": mail})


def read_message(body: str) -> str:
    """Return the mail that a queue message names. Raises ValueError for any other message."""
    with suppress(ValueError, RecursionError):
        said = json.loads(body)
        if isinstance(said, dict) and said.keys() == {"mail"}:
            mail = said["mail"]
            if isinstance(mail, str) and named(mail):
                return mail
    raise ValueError("this is no message that names a mail")


def heard(letter: Letter, of: Ticket) -> Correspondence | None:
    """Return what is kept of a mail that came, for the mails that answer it.

    Nothing is kept of a mail that is not the customer's: the ticket's mails go on answering the
    one before.
    """
    if not letter.answerable:
        return None
    return Correspondence(
        ticket_id=of.id,
        customer=Address(letter.sender or "", letter.sender_name),
        standing=Standing(letter.standing),
        automatic=Sign(letter.automatic) if letter.automatic else None,
        subject=letter.subject,
        message_id=letter.message_id,
        references=letter.references,
    )


def beside_a_page(of: Ticket) -> Correspondence | None:
    """Return what stands for a mail of a customer who asked on a page and gave an address.

    It may be a stranger's address. So, unless a shop vouches for it, nothing that was typed on the
    page goes there: neither a name nor a subject.
    """
    customer = of.customer
    if not (customer.mailed and customer.email):
        return None
    proven = customer.verified
    return Correspondence(
        ticket_id=of.id,
        customer=Address(customer.email, (customer.name or "") if proven else ""),
        standing=Standing.PROVEN if proven else Standing.UNPROVEN,
        subject=of.subject if proven else "",
        on_a_page=True,
    )


def may_correspond(of: Ticket) -> bool:
    """Tell whether there may be mails of a ticket, so that looking for them is worth a read."""
    return of.channel == CHANNEL or bool(of.merged) or of.customer.mailed


def speaks(change: Change) -> bool:
    """Tell whether the customer is told something by a change."""
    return any(said.source is not Source.CUSTOMER for said in change.messages)


def outbound(change: Change, correspondence: Correspondence | None) -> tuple[Outbound, ...]:
    """Return the mails that a change brings: one for each message that the customer did not write.

    Only a ticket of which a mail is kept, or whose customer gave an address on a page, brings any:
    a program that submits a question may call its channel as it likes. A mail that must not leave
    is among them, with the reason, so that a person learns what the customer was not told.
    """
    if correspondence is None:
        return ()
    return tuple(
        _outbound(change, said, correspondence)
        for said in change.messages
        if said.source is not Source.CUSTOMER
    )


def _outbound(change: Change, said: Message, known: Correspondence) -> Outbound:
    part = _part(change, said, known)
    recipient = _recipient(known)
    return Outbound(
        ticket_id=change.after.id,
        number=said.number,
        part=part,
        recipient=recipient,
        created_at=said.at,
        expires_at=change.after.expires_at,
        silent=_silent(part, recipient, known),
    )


def _part(change: Change, said: Message, known: Correspondence) -> Part:
    if said.source is Source.AGENT:
        return Part.REPLY
    if known.on_a_page:  # there the customer reads it
        return Part.NEWS
    if change.event.move is Move.ASKED:
        return Part.QUESTION
    return Part.ANSWER if said.intent else Part.NEWS


def _recipient(known: Correspondence) -> str | None:
    address = normalised(known.customer.address)
    return address if address and address.isascii() else None


def _silent(part: Part, recipient: str | None, known: Correspondence) -> str | None:
    """Return why a mail must not leave, as far as its change tells; counters are asked later."""
    if recipient and known.suppressed:
        return SUPPRESSED
    if part is Part.REPLY:
        return None if recipient else Silence.NO_SENDER
    return why_silent(recipient, known, on_ticket=0, to_sender_today=0)


def why_silent(
    recipient: str | None, known: Correspondence | None, *, on_ticket: int, to_sender_today: int
) -> str | None:
    """Return why an automatic mail must not leave, with what left already, or None if it may.

    Answers are the same for all customers, so they are not personal. What is personal, the quoted
    history, is left out for senders who are not proven.
    """
    if recipient is None or known is None:
        return UNKNOWN if recipient else Silence.NO_SENDER
    return silence(
        Automatic(known.automatic) if known.automatic else None,
        known.standing,
        Address(recipient),
        on_ticket=on_ticket,
        to_sender_today=to_sender_today,
        personal=False,
    )
