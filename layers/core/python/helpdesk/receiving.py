"""The use case of the mailroom: a mail becomes a ticket, or a message or a note on one. Pure.

The object that holds a mail is its name: if the queue brings it again, nothing is done again. What
a mail changes is stored in one step with the letter, which says that the mail was taken.

Every mail of a person becomes a ticket or a message, however little can be read of it. Spam becomes
neither: it is held in quarantine, a listing of its own, until people look at it or it expires. A
report that a mail of the desk did not arrive becomes a note and never a ticket. So does what a
machine writes to a ticket: such a mail moves nothing.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Protocol

from helpdesk import access, characters, customers, mail, ticket
from helpdesk.customers import Terms
from helpdesk.mail import (
    Append,
    Bounce,
    FoundTicket,
    Mail,
    NewTicket,
    PointsBack,
    Standing,
    ThreadEntry,
    Verdict,
)
from helpdesk.mail.charsets import unguessed
from helpdesk.moving import persistently
from helpdesk.ports import Letter, Queue, Texts, Tickets
from helpdesk.ticket import MAX_TEXT, Change, Customer, State, Ticket

CHANNEL = "mail"
"""The channel of tickets that came by mail."""

CUT = "\n[...]"
"""What a text ends with of which only the beginning fits."""

NO_TEXT = "(This mail has no text.)"

MOST_NAMED = 5
"""How many faults and files of a mail a note names."""


class Outcome(StrEnum):
    """What became of a mail."""

    SUBMITTED = "submitted"
    APPENDED = "appended"
    NOTED = "noted"
    BOUNCED = "bounced"
    BOUNCED_UNKNOWN = "bounced_unknown"
    QUARANTINED = "quarantined"
    REPEATED = "repeated"


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a mail, and on which ticket."""

    outcome: Outcome
    ticket_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A mail in quarantine: `key` names the object that holds it, as long as that is kept."""

    key: str
    at: datetime
    expires_at: datetime
    sender: str | None = None
    subject: str = ""


class Threads(Protocol):
    """Which tickets earlier mails belong to."""

    def find(self, message_ids: Collection[str]) -> Mapping[str, ThreadEntry]:
        """Return what is kept under message ids, as far as there is something."""


class Mailbox(Protocol):
    """What became of the objects that mails came in."""

    def taken(self, key: str) -> bool:
        """Tell whether the mail in an object was taken, with a ticket's change or into quarantine.

        It is still known when the ticket was erased.
        """

    def hold(self, held: Held) -> None:
        """Put a mail into quarantine. Raises ConflictError if it was taken before."""

    def held(self, day: date) -> Iterable[Held]:
        """Return the mails that came into quarantine on a day (UTC), newest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How mail is taken: the desk's address, the keys of its signed addresses, and the periods.

    A closed ticket opens again by a mail that comes `reopen_within`. `held_for` is how long the
    quarantine keeps a mail.
    """

    mailbox: str
    keys: mail.Keys
    terms: Terms
    reopen_within: timedelta
    held_for: timedelta
    detect: mail.Detect = unguessed


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailroom:
    """Takes mails, by its rules."""

    tickets: Tickets
    threads: Threads
    mailbox: Mailbox
    texts: Texts
    intake: Queue
    escalations: Queue
    rules: Rules

    def take(self, key: str, raw: bytes, now: datetime) -> Taken:
        """Take the mail that the object `key` holds. Raises ConflictError if a ticket kept moving.

        A mail that was taken before is left alone.
        """
        read = mail.read(raw, detect=self.rules.detect, mailboxes=(self.rules.mailbox,))
        return persistently(
            lambda: self._take(key, read, now), exhausted=f"the ticket of mail {key} kept changing"
        )

    def _take(self, key: str, read: Mail, now: datetime) -> Taken:
        if self.mailbox.taken(key):
            return Taken(Outcome.REPEATED)
        if bounces := mail.of_mail(read, self.rules.mailbox, self.rules.keys):
            return self._bounced(key, read, bounces, now)
        if read.verdicts.spam is Verdict.FAIL:
            self.mailbox.hold(_held(key, read, now, self.rules.held_for))
            return Taken(Outcome.QUARANTINED)
        return self._placed(key, read, now)

    def _bounced(self, key: str, read: Mail, bounces: tuple[Bounce, ...], now: datetime) -> Taken:
        """Note on its ticket that a mail did not arrive. An unsigned report is of no known mail."""
        named = next((each.ticket_id for each in bounces if each.ticket_id), None)
        found = self.tickets.get(named) if named else None
        if found is None:
            return Taken(Outcome.BOUNCED_UNKNOWN)
        text = "\n".join(map(_told, bounces[:MOST_NAMED]))
        change = ticket.remark(found, text, now=now)
        self.tickets.commit(change, _letter(key, read))
        return Taken(Outcome.BOUNCED, found.id)

    def _placed(self, key: str, read: Mail, now: datetime) -> Taken:
        signed = mail.ticket_of(read.recipients, self.rules.mailbox, self.rules.keys)
        own = read.message_id
        known = self.threads.find([*mail.ids_of(read), *([own] if own else [])])
        # Who is not proven claims no id: a reply to another's mail could land on that ticket.
        proven = read.verdicts.dmarc is Verdict.PASS
        letter = replace(_letter(key, read), indexed=proven and bool(own) and own not in known)
        ids = {each.ticket_id for each in known.values()} | ({signed} if signed else set())
        tickets = {each: found for each in sorted(ids) if (found := self._family(each))}
        placing = mail.place(
            read,
            signed=signed,
            known=known,
            tickets={each: _seen(*found) for each, found in tickets.items()},
            now=now,
            reopen_within=self.rules.reopen_within,
        )
        match placing:
            case NewTicket():
                return self._submitted(read, letter, now)
            case PointsBack(old):
                return self._submitted(read, letter, now, old=old)
            case Append(into, as_other):
                return self._appended(tickets[into][-1], read, letter, now, as_other=as_other)

    def _family(self, ticket_id: str) -> tuple[Ticket, ...]:
        """Return a ticket, and the one it was merged into; nothing if it is gone."""
        own = self.tickets.get(ticket_id)
        root = self.tickets.get(own.merged_into) if own and own.merged_into else None
        return tuple(filter(None, (own, root)))

    def _submitted(
        self, read: Mail, letter: Letter, now: datetime, *, old: str | None = None
    ) -> Taken:
        terms = self.rules.terms
        change = ticket.submit(
            ticket_id=access.new_ticket_id(),
            text=opening(read),
            customer=sender_of(read),
            channel=CHANNEL,
            token_hash=access.token_hash(access.new_token()),  # no mail holds a token
            now=now,
            token_life=terms.token_life,
            retention=terms.retention,
            calendar=terms.calendar,
        )
        told = [f"It goes on from {old}, which was closed."] if old else []
        self._commit(_noted(change, [*told, *_facts(read)]), letter)
        return Taken(Outcome.SUBMITTED, change.after.id)

    def _appended(
        self, found: Ticket, read: Mail, letter: Letter, now: datetime, *, as_other: bool
    ) -> Taken:
        if read.automatic and read.automatic.by_machine:
            text = _bounded(f"A machine wrote by mail ({read.automatic.sign}):\n{_body(read)}")
            self._commit(ticket.remark(found, text, now=now), letter)
            return Taken(Outcome.NOTED, found.id)
        author = (read.sender.address if read.sender else "unknown sender") if as_other else None
        change = customers.followed_up(
            found, _body(read), tickets=self.tickets, texts=self.texts, now=now, author=author
        )
        told = [f"It is from {author}, not surely the ticket's customer."] if author else []
        self._commit(_noted(change, [*told, *_facts(read)]), letter)
        return Taken(Outcome.APPENDED, found.id)

    def _commit(self, change: Change, letter: Letter) -> None:
        number = change.messages[0].number if change.messages else None
        self.tickets.commit(change, replace(letter, number=number))
        if change.messages:
            customers.hand_on(change, intake=self.intake, escalations=self.escalations)


def opening(read: Mail) -> str:
    """Return a mail as the text of a new ticket: its subject, unless the text says it, and text."""
    body, subject = _body(read), read.subject.strip()
    if characters.shows_nothing(subject) or body.startswith(subject):
        return body
    return _bounded(subject if body == NO_TEXT else f"{subject}\n\n{body}")


def sender_of(read: Mail) -> Customer:
    """Return who wrote a mail. Only the sender's own domain proves that it is that person."""
    if read.sender is None:
        return Customer(verified=False)
    name = read.sender.name
    return Customer(
        email=read.sender.address,
        name=None if characters.shows_nothing(name) or characters.steers(name) else name,
        verified=read.verdicts.dmarc is Verdict.PASS,
    )


def _body(read: Mail) -> str:
    return NO_TEXT if characters.shows_nothing(read.text) else _bounded(read.text.strip())


def _bounded(text: str) -> str:
    return text if len(text) <= MAX_TEXT else f"{text[: MAX_TEXT - len(CUT)].rstrip()}{CUT}"


def _seen(own: Ticket, root: Ticket | None = None) -> FoundTicket:
    """Return what placing needs of a ticket, and of the one it was merged into."""
    said = (each.customer.email for each in (own, root) if each)
    at = root or own
    return FoundTicket(
        customers=frozenset(filter(None, (mail.normalised(each) for each in said if each))),
        closed_at=at.updated_at if at.state is State.CLOSED else None,
    )


def _noted(change: Change, told: list[str]) -> Change:
    """Return the change with what people should know of the mail, if there is anything."""
    note = _bounded(" ".join(["By mail.", *told])) if told else None
    return replace(change, event=replace(change.event, note=note))


def _facts(read: Mail) -> list[str]:
    """Return what people should know of a mail before they rely on it, in sentences."""
    facts = []
    if read.standing is Standing.INFECTED:
        facts.append("A virus was found in it: its files are withheld.")
    if read.verdicts.dmarc is not Verdict.PASS:
        facts.append("Its sender is not proven.")
    if read.automatic:
        facts.append(f"No machine may answer it ({read.automatic.sign}).")
    if read.attachments:
        names = [each.name for each in read.attachments[:MOST_NAMED]]
        facts.append(f"It has {len(read.attachments)} files: {', '.join(names)}.")
    if read.faults:
        kinds = list(dict.fromkeys(each.kind.value for each in read.faults))[:MOST_NAMED]
        facts.append(f"Not all of it could be read: {', '.join(kinds)}.")
    if len(read.text.strip()) > MAX_TEXT:
        facts.append("Its text is longer than what is shown.")
    return facts


def _told(bounce: Bounce) -> str:
    to = f" to {bounce.recipient}" if bounce.recipient else ""
    status = f", {bounce.status}" if bounce.status else ""
    return f"A mail{to} did not arrive ({bounce.kind}{status})."


def _letter(key: str, read: Mail) -> Letter:
    return Letter(
        key=key,
        sender=read.sender.address if read.sender else None,
        subject=read.subject,
        standing=read.standing.value,
        message_id=read.message_id,
        automatic=read.automatic.sign.value if read.automatic else None,
        files=len(read.attachments),
    )


def _held(key: str, read: Mail, now: datetime, life: timedelta) -> Held:
    return Held(
        key=key,
        at=now,
        expires_at=(now + life).replace(microsecond=0),
        sender=read.sender.address if read.sender else None,
        subject=read.subject,
    )
