"""What an agent does all day: see what waits, take the next, answer it. With the ports it needs.

The tickets table says who is served first: by due time, whoever asks. The escalation queue says
that somebody waits: one message for each waiting ticket. Taking a ticket takes one message, hidden
for as long as the lease lasts; replying deletes it, releasing shows it again. A message names the
ticket it was sent for, but whoever receives it serves the most urgent one, so that an urgent
ticket overtakes a thousand ordinary ones on one queue. A message that is lost costs nothing, for
tickets are found in the table; one too many is deleted as soon as its ticket no longer waits.
"""

import random
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from itertools import islice
from typing import Protocol

from helpdesk import access, desk, stats, ticket
from helpdesk.desk import ConflictError, NotFoundError, QueueUnavailableError
from helpdesk.knowledge import Article, Priority
from helpdesk.stats import Happening, Stats
from helpdesk.ticket import (
    Change,
    Conversation,
    Customer,
    Event,
    IllegalMoveError,
    Lease,
    LeaseError,
    Source,
    State,
    Ticket,
)

LEASE = timedelta(minutes=15)
"""How long an agent holds a ticket without a sign of life."""

LEASE_GRACE = timedelta(seconds=30)
"""How much longer the queue hides a claimed ticket's message than the lease lasts."""

HEARTBEAT = LEASE / 3
"""How often whoever has a ticket open shows a sign of life."""

ATTEMPTS = 10
"""How often a move is made anew after somebody else moved the ticket first."""

WINDOW = 100
"""How many waiting tickets are looked at for who else is at work, and to choose among."""

SAME_TIME = timedelta(minutes=1)
"""Tickets whose due times are closer than this are equally urgent."""

SUGGESTIONS = 3
WORTH_SUGGESTING = 0.1
"""How many replies the knowledge suggests, and how probable each must be."""

_PLACEHOLDER = re.compile(r"\{\{?\s*([a-z_]+)\s*\}?\}")


class Listing(StrEnum):
    """Where a ticket is listed."""

    RECEIVED = "received"
    ASKED = "asked"
    ESCALATED = "escalated"
    SNOOZED = "snoozed"
    ANSWERED = "answered"
    CLOSED = "closed"

    @property
    def is_open(self) -> bool:
        """Whether its tickets wait; the others are listed by the day they were done."""
        return self not in {Listing.ANSWERED, Listing.CLOSED}


class PlaceholderError(ValueError):
    """A reply still holds a placeholder; the message names it and what can be filled in."""


class Files(desk.Tickets, Protocol):
    """The tickets, as people look for them."""

    def events(self, ticket_id: str) -> tuple[Event, ...]:
        """Return the ticket's history, oldest first."""

    def listed(self, listing: Listing, day: date | None = None) -> Iterable[Ticket]:
        """Return the tickets of a listing: open ones in the order they are due, done ones of a day.

        They are as of a moment ago.
        """

    def of_customer(self, customer: Customer) -> Iterable[Ticket]:
        """Return a customer's tickets, newest first; none for a customer nobody can tell."""

    def happened(self, since: datetime, until: datetime) -> Iterable[Happening]:
        """Return every event from `since` to before `until`, oldest first, as of a moment ago."""


@dataclass(frozen=True, slots=True)
class Received:
    """A message taken from a queue: which ticket to look at, and the receipt to settle it."""

    ticket_id: str
    receipt: str


class EscalationQueue(desk.Queue, Protocol):
    """The queue agents work; its messages can be taken, put aside and settled.

    All of it may raise QueueUnavailableError.
    """

    def receive(self, hidden: timedelta) -> Received | None:
        """Take one message, hidden from others for a time."""

    def delete(self, receipt: str) -> None:
        """Settle a message. One that is already gone is no error."""

    def put_back(self, receipt: str) -> None:
        """Show a message to others at once. One that is already gone is no error."""

    def hide(self, receipt: str, hidden: timedelta) -> None:
        """Hide a message for a time from now. One that is already gone is no error."""


class Articles(desk.Articles, Protocol):
    """What the desk can say, to people as well."""

    def canned(self) -> Mapping[str, str]:
        """Return the canned replies by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A reply the knowledge offers; `probability` is how likely it is what the customer means."""

    intent: str
    title: str
    version: int
    probability: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """Everything known about a ticket, for one screen; `others` are its customer's other ones."""

    conversation: Conversation
    events: tuple[Event, ...]
    others: tuple[Ticket, ...]
    suggestions: tuple[Suggestion, ...]

    @property
    def ticket(self) -> Ticket:
        """The ticket itself."""
        return self.conversation.ticket

    @property
    def notes(self) -> tuple[Event, ...]:
        """The events in which an agent left a note."""
        return tuple(event for event in self.events if event.note)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Which tickets to list. What is None does not matter; `text` is looked for in what was said.

    `days` says how far back done tickets are listed, counting today.
    """

    listings: tuple[Listing, ...] = (Listing.ESCALATED,)
    priority: Priority | None = None
    intent: str | None = None
    department: str | None = None
    owner: str | None = None
    customer: str | None = None
    waiting_longer_than: timedelta | None = None
    text: str | None = None
    days: int = 1
    limit: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Workplace:
    """An agent at the desk.

    `conflicts` is told the id of every ticket lost to a colleague, `warn` what the queue refused
    after the table had taken the move: that delays things, and nothing else.
    """

    agent: str
    tickets: Files
    escalations: EscalationQueue
    articles: Articles
    clock: Callable[[], datetime]
    conflicts: Callable[[str], None] = lambda _: None
    warn: Callable[[str], None] = lambda _: None

    def find(self, query: Query) -> tuple[Ticket, ...]:
        """Return the tickets that match, open ones first due first, done ones newest first."""
        found: list[Ticket] = []
        for each in self._candidates(query):
            if self._matches(each, query):
                found.append(each)
            if len(found) == query.limit:
                break
        return tuple(found)

    def show(self, ticket_id: str) -> Dossier:
        """Return everything known about a ticket. Raises NotFoundError."""
        conversation = self.tickets.conversation(ticket_id)
        if conversation is None:
            raise NotFoundError(f"no ticket {ticket_id}")
        customer = conversation.ticket.customer
        others = (each for each in self.tickets.of_customer(customer) if each.id != ticket_id)
        return Dossier(
            conversation=conversation,
            events=self.tickets.events(ticket_id),
            others=tuple(others),
            suggestions=tuple(self._suggestions(conversation)),
        )

    def history(self, ticket_id: str) -> tuple[Event, ...]:
        """Return a ticket's events, oldest first. Raises NotFoundError."""
        if not (events := self.tickets.events(ticket_id)):
            raise NotFoundError(f"no ticket {ticket_id}")
        return events

    def next_waiting(self, *, department: str | None = None) -> Iterator[Ticket]:
        """Return the tickets this agent may take, the next first.

        What belongs to a colleague is left to them until it is overdue. Where colleagues are at
        work, tickets that are due at the same time come in any order, so that not everybody runs
        after the same one.
        """
        now = self.clock()
        listed = iter(self.tickets.listed(Listing.ESCALATED))
        window = list(islice(listed, WINDOW))
        held = (each.held_by(now) for each in window)
        colleagues = sum(lease is not None and lease.agent != self.agent for lease in held)
        free = [each for each in window if self._may_take(each, department, now)]
        same = [each for each in free if each.urgency.due < free[0].urgency.due + SAME_TIME]
        crowd = same[: 1 + 2 * colleagues]
        yield from random.sample(crowd, len(crowd))
        yield from free[len(crowd) :]
        yield from (each for each in listed if self._may_take(each, department, now))

    def take_next(self, *, department: str | None = None) -> Dossier | None:
        """Lease the most urgent waiting ticket, or return None when nothing waits.

        Whoever loses one to a colleague goes on to one of the next, the further down the oftener
        that happens, so that many agents at once do not all run after the same ticket.
        """
        message: Received | None = None
        for _ in range(ATTEMPTS):
            lost = skip = 0
            for waiting in self.next_waiting(department=department):
                if skip:
                    skip -= 1
                    continue
                message = message or self._receive()
                try:
                    self.tickets.commit(self._claim(waiting, message))
                except (ConflictError, IllegalMoveError, LeaseError):
                    self.conflicts(waiting.id)
                    lost += 1
                    skip = random.randrange(min(2**lost, 32))  # noqa: S311 -- nothing secret
                else:
                    return self.show(waiting.id)
            if not lost:
                break
        self._put_back(message or self._receive(), spare=True)
        return None

    def claim(self, ticket_id: str) -> Dossier:
        """Lease this ticket, or renew the lease on it.

        Raises NotFoundError, IllegalMoveError, LeaseError or ConflictError.
        """
        held = self._get(ticket_id).held_by(self.clock())
        message = None if held else self._receive()
        try:
            change = self._move(ticket_id, lambda found: self._claim(found, message))
        except (IllegalMoveError, LeaseError, ConflictError):
            self._put_back(message)
            raise
        if held:
            self._hide(change.after.lease)
        return self.show(ticket_id)

    def extend(self, ticket_id: str, *, fence: int | None = None) -> Ticket:
        """Show a sign of life: the lease and the message's hiding run on from now.

        Raises NotFoundError, IllegalMoveError, LeaseError or ConflictError.
        """
        change = self._move(
            ticket_id,
            lambda found: ticket.extend(
                found, self.agent, now=self.clock(), length=LEASE, fence=fence
            ),
        )
        self._hide(change.after.lease)
        return change.after

    def reply(
        self, ticket_id: str, text: str, *, fence: int | None = None, intent: str | None = None
    ) -> Ticket:
        """Store the reply, then delete the queue message.

        Sending the same reply again is the same reply. Raises NotFoundError, TextError,
        PlaceholderError, IllegalMoveError, LeaseError or ConflictError, and then nothing was
        stored. After a crash in between, whoever receives the message next deletes it.
        """
        text = ticket.check_text(text)
        if unfilled := _PLACEHOLDER.search(text):
            raise PlaceholderError(
                f"fill in {unfilled[0]} first; known here: "
                f"{', '.join(sorted(self.facts(ticket_id))) or 'nothing'}"
            )
        try:
            change = self._move(
                ticket_id,
                lambda found: ticket.reply(
                    found, self.agent, text, now=self.clock(), fence=fence, intent=intent
                ),
            )
        except IllegalMoveError:
            if stands := self._said(ticket_id, text):
                return stands
            raise
        self._delete(change.before)
        return change.after

    def note(self, ticket_id: str, text: str) -> Ticket:
        """Write something for colleagues. Raises NotFoundError, TextError or ConflictError."""
        return self._move(
            ticket_id, lambda found: ticket.note(found, self.agent, text, now=self.clock())
        ).after

    def release(self, ticket_id: str) -> Ticket:
        """Give a ticket back, so that the next agent can take it at once.

        Raises NotFoundError, IllegalMoveError, LeaseError or ConflictError.
        """
        change = self._move(
            ticket_id, lambda found: ticket.release(found, self.agent, now=self.clock())
        )
        self._show_again(change)
        return change.after

    def transfer(
        self,
        ticket_id: str,
        *,
        to: str | None = None,
        department: str | None = None,
        note: str | None = None,
        lead: bool = False,
    ) -> Ticket:
        """Give a ticket to a colleague or a department; it keeps its place among what is due.

        With `lead`, also one that others hold: the table refuses that to who is no lead. Raises
        NotFoundError, IllegalMoveError, LeaseError, TextError or ConflictError.
        """
        change = self._move(
            ticket_id,
            lambda found: ticket.transfer(
                found,
                self.agent,
                now=self.clock(),
                to=to,
                department=department,
                note=note,
                lead=lead,
            ),
        )
        self._show_again(change)
        return change.after

    def snooze(self, ticket_id: str, until: datetime, *, note: str | None = None) -> Ticket:
        """Put a ticket aside until a moment, when the reconciler wakes it.

        Raises NotFoundError, IllegalMoveError, LeaseError, TextError or ConflictError.
        """
        change = self._move(
            ticket_id,
            lambda found: ticket.snooze(
                found, self.agent, until=until, now=self.clock(), note=note
            ),
        )
        self._delete(change.before)
        return change.after

    def close(self, ticket_id: str, *, note: str | None = None) -> Ticket:
        """End a ticket without a reply, or after one.

        Raises NotFoundError, IllegalMoveError, LeaseError, TextError or ConflictError.
        """
        change = self._move(
            ticket_id,
            lambda found: ticket.close(found, self.agent, now=self.clock(), note=note),
        )
        self._delete(change.before)
        return change.after

    def reopen(self, ticket_id: str, *, note: str | None = None) -> Ticket:
        """Let a done ticket wait again.

        Raises NotFoundError, IllegalMoveError, TextError or ConflictError.
        """
        change = self._move(
            ticket_id,
            lambda found: ticket.reopen(found, self.agent, now=self.clock(), note=note),
        )
        self._send(ticket_id)
        return change.after

    def revoke_token(self, ticket_id: str) -> Ticket:
        """Let no token open a ticket any more, as one that leaked must not; agents still see it.

        Raises NotFoundError or ConflictError.
        """
        nobodys, now = access.token_hash(access.new_token()), self.clock()
        change = self._move(
            ticket_id,
            lambda found: ticket.rekey(found, self.agent, nobodys, until=now, now=now),
        )
        return change.after

    def stats(self, since: datetime, until: datetime) -> Stats:
        """Count what happened from `since` to before `until`."""
        return stats.count(self.tickets.happened(since, until), since, until)

    def facts(self, ticket_id: str) -> dict[str, str]:
        """Return what placeholders of canned replies stand for. Raises NotFoundError."""
        found = self._get(ticket_id)
        known = {
            "agent": self.agent,
            "ticket": found.id,
            "name": found.customer.name,
            "email": found.customer.email,
            "reference": found.customer.reference,
            "department": found.department,
        }
        if found.understanding:
            known |= {entity.kind: entity.value for entity in found.understanding.entities}
        return {name: value for name, value in known.items() if value}

    def canned(self, name: str, ticket_id: str) -> str:
        """Return a canned reply, filled in as far as the ticket allows. Raises NotFoundError."""
        replies = self.articles.canned()
        if name not in replies:
            raise NotFoundError(f"no canned reply {name!r}; there are {', '.join(sorted(replies))}")
        facts = self.facts(ticket_id)
        return _PLACEHOLDER.sub(lambda match: facts.get(match[1], match[0]), replies[name])

    def _candidates(self, query: Query) -> Iterator[Ticket]:
        if query.customer:
            for each in self.tickets.of_customer(Customer.named(query.customer)):
                if _listing(each) in query.listings:
                    yield each
            return
        for listing in query.listings:
            if listing.is_open:
                yield from self.tickets.listed(listing)
                continue
            today = self.clock().astimezone(UTC).date()
            for back in range(query.days):
                done = list(self.tickets.listed(listing, today - timedelta(days=back)))
                yield from reversed(done)

    def _may_take(self, found: Ticket, department: str | None, now: datetime) -> bool:
        ours = found.assignee in {None, self.agent} or found.urgency.due < now
        return ours and found.held_by(now) is None and department in {None, found.department}

    def _matches(self, found: Ticket, query: Query) -> bool:
        now = self.clock()
        held = found.held_by(now)
        owner = held.agent if held else found.assignee
        ranking = found.understanding.ranking if found.understanding else ()
        since = query.waiting_longer_than
        return (
            (query.priority is None or found.urgency.priority(now) is query.priority)
            and (query.intent is None or bool(ranking and ranking[0].name == query.intent))
            and (query.department is None or found.department == query.department)
            and (query.owner is None or owner == query.owner)
            and (since is None or now - found.urgency.since > since)
            and (query.text is None or self._says(found, query.text.casefold()))
        )

    def _says(self, found: Ticket, text: str) -> bool:
        if text in found.subject.casefold():
            return True
        conversation = self.tickets.conversation(found.id)
        messages = conversation.messages if conversation else ()
        return any(text in said.text.casefold() for said in messages)

    def _suggestions(self, conversation: Conversation) -> Iterator[Suggestion]:
        understanding = conversation.ticket.understanding
        said = {message.text for message in conversation.messages}
        for ranked in understanding.ranking[:SUGGESTIONS] if understanding else ():
            article = self.articles.get(ranked.name)
            likely = ranked.probability >= WORTH_SUGGESTING
            if likely and article and article.answer not in said:
                yield _suggestion(article, ranked.probability)

    def _get(self, ticket_id: str) -> Ticket:
        found = self.tickets.get(ticket_id)
        if found is None:
            raise NotFoundError(f"no ticket {ticket_id}")
        return found

    def _move(self, ticket_id: str, move: Callable[[Ticket], Change]) -> Change:
        for _ in range(ATTEMPTS):
            change = move(self._get(ticket_id))
            try:
                self.tickets.commit(change)
            except ConflictError:
                self.conflicts(ticket_id)
            else:
                return change
        raise ConflictError(f"ticket {ticket_id} keeps moving; try again")

    def _claim(self, waiting: Ticket, message: Received | None) -> Change:
        receipt = message.receipt if message else None
        return ticket.claim(waiting, self.agent, now=self.clock(), length=LEASE, receipt=receipt)

    def _said(self, ticket_id: str, text: str) -> Ticket | None:
        """Return the ticket if this agent's reply is the last thing said: it was sent before."""
        found = self.tickets.conversation(ticket_id)
        last = found.messages[-1] if found else None
        if (
            found
            and last
            and (last.source, last.author, last.text)
            == (
                Source.AGENT,
                self.agent,
                text,
            )
        ):
            return found.ticket
        return None

    @contextmanager
    def _forgiving(self) -> Iterator[None]:
        try:
            yield
        except QueueUnavailableError as error:
            self.warn(f"the queue did not answer, which the reconciler will make good: {error}")

    def _receive(self) -> Received | None:
        """Take the message of a ticket that waits; settle those of tickets that do not any more.

        One whose ticket is unknown stays hidden and goes the way of dead letters.
        """
        with self._forgiving():
            while received := self.escalations.receive(LEASE + LEASE_GRACE):
                found = self.tickets.get(received.ticket_id)
                if found is None:
                    if self.tickets.erased(received.ticket_id):
                        self.escalations.delete(received.receipt)
                    continue
                if found.state is State.ESCALATED and found.snoozed_until is None:
                    return received
                self.escalations.delete(received.receipt)
        return None

    def _put_back(self, message: Received | None, *, spare: bool = False) -> None:
        """Show a message again that was received in vain; if somebody holds its ticket, later.

        Where nothing waits, a message is `spare` if its ticket's holder has another one.
        """
        if message is None:
            return
        found = self.tickets.get(message.ticket_id)
        held = found.held_by(self.clock()) if found else None
        with self._forgiving():
            if held is None:
                self.escalations.put_back(message.receipt)
            elif spare and held.receipt:
                self.escalations.delete(message.receipt)
            else:
                self.escalations.hide(message.receipt, held.until + LEASE_GRACE - self.clock())

    def _hide(self, lease: Lease | None) -> None:
        if lease and lease.receipt:
            with self._forgiving():
                self.escalations.hide(lease.receipt, LEASE + LEASE_GRACE)

    def _delete(self, before: Ticket | None) -> None:
        if before and before.lease and before.lease.receipt:
            with self._forgiving():
                self.escalations.delete(before.lease.receipt)

    def _show_again(self, change: Change) -> None:
        lease = change.before.lease if change.before else None
        if lease and lease.receipt:
            with self._forgiving():
                self.escalations.put_back(lease.receipt)
        else:
            self._send(change.after.id)

    def _send(self, ticket_id: str) -> None:
        with self._forgiving():
            self.escalations.send(ticket_id)


def _suggestion(article: Article, probability: float) -> Suggestion:
    return Suggestion(
        intent=article.intent,
        title=article.title,
        version=article.version,
        probability=probability,
        text=article.answer.strip(),
    )


def _listing(found: Ticket) -> Listing:
    snoozed = found.state is State.ESCALATED and found.snoozed_until
    return Listing.SNOOZED if snoozed else Listing(found.state)
