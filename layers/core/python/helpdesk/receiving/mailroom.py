"""The use cases of the mailroom: take a mail, release one, hear what became of one. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from helpdesk import access, customers, mail, outbox, ticket
from helpdesk.customers import Terms
from helpdesk.files import Announcing, Enclosed
from helpdesk.limits import Bucket, Gate, Limit, LimitedError, writing
from helpdesk.mail import (
    Append,
    Automatic,
    Bounce,
    FoundTicket,
    Mail,
    NewTicket,
    PointsBack,
    Sign,
    Standing,
    Verdict,
)
from helpdesk.mime.charsets import unguessed
from helpdesk.moving import persistently
from helpdesk.outbox import Outbox
from helpdesk.ports import Letter, Queue, Texts
from helpdesk.receiving.filing import Filing, told_of
from helpdesk.receiving.ports import Mailbox, Threads
from helpdesk.receiving.telling import (
    BY_A_LEAD,
    body_of,
    by_a_machine,
    facts_of,
    held_of,
    letter_of,
    opening,
    sender_of,
    with_note,
)
from helpdesk.receiving.trying import is_trial
from helpdesk.ticket import Change, State, Ticket


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
class Rules:
    """How mail is taken: the desk's address, the keys of its signed addresses, and the periods.

    A closed ticket opens again by a mail that comes `reopen_within`. `held_for` is how long the
    quarantine keeps a mail. Who writes more than `an_hour` mails gets no answer of a machine.
    """

    mailbox: str
    keys: mail.Keys
    terms: Terms
    reopen_within: timedelta
    held_for: timedelta
    an_hour: int
    detect: mail.Detect = unguessed


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailroom:
    """Takes mails, by its rules. `gate` counts those of each sender; `filing` has their files."""

    tickets: Announcing
    outbox: Outbox
    threads: Threads
    mailbox: Mailbox
    filing: Filing
    gate: Gate
    texts: Texts
    intake: Queue
    escalations: Queue
    rules: Rules

    def take(self, key: str, raw: bytes, now: datetime) -> Taken:
        """Take the mail that the object `key` holds. Raises ConflictError if a ticket kept moving.

        A mail that was taken before is left alone, but for contents of its files that are missing.
        """
        if self.mailbox.taken(key):
            return self._again(key, raw)
        read = self._paced(self._read(raw), now)
        return self._persistently(key, lambda: self._take(key, read, now))

    def release(self, key: str, raw: bytes, now: datetime, *, by: str) -> Taken:
        """Take a mail out of the quarantine as what it would be if it were no spam.

        One that is not there is left alone, as by `take`. Raises ConflictError as `take` does.
        """
        if self.mailbox.held_as(key) is None:
            return self._again(key, raw)
        read = self._read(raw)
        trusted = replace(read, verdicts=replace(read.verdicts, spam=Verdict.GRAY))
        return self._persistently(key, lambda: self._released(key, trusted, now, by))

    def hear(self, event_id: str, event: str, now: datetime) -> Taken:
        """Take what the sending service says became of a mail. Raises ConflictError as `take` does.

        What it says twice under one id is noted once.
        """
        bounces = mail.of_event(event, self.rules.mailbox, self.rules.keys)
        key = f"event/{event_id}"
        letter = Letter(key=key, sender=None, subject="", standing=Standing.PROVEN.value)
        return self._persistently(key, lambda: self._bounced(letter, bounces, now))

    def _again(self, key: str, raw: bytes) -> Taken:
        """Keep what is missing of the files of a mail that was taken before."""
        ticket_id = self.mailbox.placed(key)
        missing = self.filing.missing(ticket_id, key) if ticket_id else ()
        if missing:
            self.filing.keep_missing(self._read(raw), missing)
        return Taken(Outcome.REPEATED)

    def _read(self, raw: bytes) -> Mail:
        return mail.read(raw, detect=self.rules.detect, mailboxes=(self.rules.mailbox,))

    def _persistently(self, key: str, attempt: Callable[[], Taken]) -> Taken:
        return persistently(attempt, exhausted=f"the ticket of mail {key} kept changing")

    def _paced(self, read: Mail, now: datetime) -> Mail:
        """Count a mail of its sender; one too many is marked, so that no machine answers it."""
        if read.sender is None:
            return read
        limit = Limit(per_second=self.rules.an_hour / 3_600, burst=self.rules.an_hour)
        try:
            self.gate.admit(Bucket(*writing(read.sender.address), limit), now=now)
        except LimitedError:
            return replace(read, automatic=read.automatic or Automatic(Sign.FREQUENT))
        return read

    def _take(self, key: str, read: Mail, now: datetime) -> Taken:
        if self.mailbox.taken(key):
            return Taken(Outcome.REPEATED)
        letter = letter_of(key, read)
        if bounces := mail.of_mail(read, self.rules.mailbox, self.rules.keys):
            return self._bounced(letter, bounces, now)
        if read.verdicts.spam is Verdict.FAIL:
            self.mailbox.hold(held_of(key, read, now, self.rules.held_for))
            return Taken(Outcome.QUARANTINED)
        return self._placed(letter, read, now)

    def _released(self, key: str, read: Mail, now: datetime, by: str) -> Taken:
        if (held := self.mailbox.held_as(key)) is None:
            return Taken(Outcome.REPEATED)
        letter = replace(letter_of(key, read), held_at=held.at)
        return self._placed(letter, read, now, [f"{by} released it from quarantine."])

    def _bounced(self, letter: Letter, bounces: tuple[Bounce, ...], now: datetime) -> Taken:
        """Note on its ticket that a mail did not arrive. An unsigned report is of no known mail."""
        if self.mailbox.taken(letter.key):
            return Taken(Outcome.REPEATED)
        ticket_id = outbox.came_back(
            bounces,
            letter=letter,
            outbox=self.outbox,
            tickets=self.tickets,
            escalations=self.escalations,
            now=now,
        )
        return Taken(Outcome.BOUNCED if ticket_id else Outcome.BOUNCED_UNKNOWN, ticket_id)

    def _placed(self, letter: Letter, read: Mail, now: datetime, told: Sequence[str] = ()) -> Taken:
        signed = mail.ticket_of(read.recipients, self.rules.mailbox, self.rules.keys)
        own = read.message_id
        known = self.threads.find([*mail.ids_of(read), *([own] if own else [])])
        # Who is not proven claims no id: a reply to another's mail could land on that ticket.
        proven = read.verdicts.dmarc is Verdict.PASS
        letter = replace(letter, indexed=proven and bool(own) and own not in known)
        told = [*told, *([BY_A_LEAD] if is_trial(letter.key) else ()), *facts_of(read)]
        ids = {each.ticket_id for each in known.values()} | ({signed} if signed else set())
        families = {each: found for each in sorted(ids) if (found := self._family(each))}
        placing = mail.place(
            read,
            signed=signed,
            known=known,
            tickets={each: _seen(*found) for each, found in families.items()},
            now=now,
            reopen_within=self.rules.reopen_within,
        )
        match placing:
            case NewTicket():
                return self._submitted(read, letter, now, told)
            case PointsBack(old):
                told.insert(0, f"It goes on from {old}, which was closed.")
                return self._submitted(read, letter, now, told)
            case Append(into, as_other):
                here = families[into][-1]
                if (sign := read.automatic) and sign.by_machine:
                    enclosed = self.filing.enclosed(read, letter.key, here, now)
                    text = by_a_machine(read, sign, told_of(enclosed))
                    note = ticket.remark(here, text, now=now)
                    return self._stored(Outcome.NOTED, note, letter, read, enclosed)
                return self._appended(here, read, letter, now, told, as_other=as_other)

    def _family(self, ticket_id: str) -> tuple[Ticket, ...]:
        """Return a ticket, and the one it was merged into; nothing if it is gone."""
        own = self.tickets.get(ticket_id)
        root = self.tickets.get(own.merged_into) if own and own.merged_into else None
        return tuple(filter(None, (own, root)))

    def _submitted(self, read: Mail, letter: Letter, now: datetime, told: list[str]) -> Taken:
        terms = self.rules.terms
        change = ticket.submit(
            ticket_id=access.new_ticket_id(),
            text=opening(read),
            customer=sender_of(read),
            channel=outbox.CHANNEL,
            token_hash=access.token_hash(access.new_token()),  # no mail holds a token
            now=now,
            token_life=terms.token_life,
            retention=terms.retention,
            calendar=terms.calendar,
            scale=terms.scale,
        )
        answerable = replace(letter, answerable=True)
        return self._noted(Outcome.SUBMITTED, change, answerable, read, told)

    def _appended(
        self,
        found: Ticket,
        read: Mail,
        letter: Letter,
        now: datetime,
        told: list[str],
        *,
        as_other: bool,
    ) -> Taken:
        author = (read.sender.address if read.sender else "unknown sender") if as_other else None
        change = customers.followed_up(
            found,
            body_of(read),
            tickets=self.tickets,
            texts=self.texts,
            now=now,
            author=author,
            scale=self.rules.terms.scale,
        )
        if author:
            told = [f"It is from {author}, not surely the ticket's customer.", *told]
        answerable = replace(letter, answerable=author is None)
        return self._noted(Outcome.APPENDED, change, answerable, read, told)

    def _noted(
        self, outcome: Outcome, change: Change, letter: Letter, read: Mail, told: list[str]
    ) -> Taken:
        now = change.event.at
        enclosed = self.filing.enclosed(read, letter.key, change.after, now)
        noted = with_note(change, [*told, *told_of(enclosed)])
        return self._stored(outcome, noted, letter, read, enclosed)

    def _stored(
        self, outcome: Outcome, change: Change, letter: Letter, read: Mail, enclosed: Enclosed
    ) -> Taken:
        """Store a mail with what is known of its files, hand its ticket on, keep the contents."""
        number = change.messages[0].number if change.messages else None
        self.tickets.commit(change, replace(letter, number=number), expected=enclosed.expected)
        if change.messages:
            customers.hand_on(change, intake=self.intake, escalations=self.escalations)
        self.filing.keep(read, enclosed)
        return Taken(outcome, change.after.id)


def _seen(own: Ticket, root: Ticket | None = None) -> FoundTicket:
    """Return what placing needs of a ticket, and of the one it was merged into."""
    said = (each.customer.email for each in (own, root) if each)
    at = root or own
    return FoundTicket(
        customers=frozenset(filter(None, (mail.normalised(each) for each in said if each))),
        closed_at=at.updated_at if at.state is State.CLOSED else None,
    )
