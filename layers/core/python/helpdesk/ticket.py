"""A customer's matter: its states, its messages, and the legal moves between states. Pure.

A move takes a ticket and returns a `Change`: the ticket afterwards, the event that records the
move, and the messages it adds. Whoever stores the change does so in one step, on the condition
that the ticket is still the one the move was made from. Folding a ticket's events gives the ticket.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Self

from helpdesk import priority
from helpdesk.knowledge import Article, Priority
from helpdesk.priority import Tier, Urgency
from helpdesk.triage import Answer, Ask, Decision, Escalate, Reason, Understanding, question

MAX_TEXT = 4_000
"""Characters in one message or note, customer's or agent's."""

DESK, CUSTOMER = "helpdesk", "customer"
"""Actors that are no agent."""

MAX_SUBJECT = 100
"""Characters of a ticket's first line that lists show."""


class State(StrEnum):
    """Where a ticket is. `received` and `escalated` are open: somebody owes the customer."""

    RECEIVED = "received"
    ASKED = "asked"
    ESCALATED = "escalated"
    ANSWERED = "answered"
    CLOSED = "closed"

    @property
    def is_open(self) -> bool:
        """Whether the desk still owes a reply; an `asked` customer owes one to the desk."""
        return self in {State.RECEIVED, State.ESCALATED}


class Source(StrEnum):
    """Who wrote a message."""

    CUSTOMER = "customer"
    AUTOMATIC = "automatic"
    AGENT = "agent"


class Move(StrEnum):
    """What can happen to a ticket, named as its event is."""

    SUBMITTED = "submitted"
    ANSWERED = "answered"
    ASKED = "asked"
    FOLLOWED_UP = "followed_up"
    RATED = "rated"
    ESCALATED = "escalated"
    CLAIMED = "claimed"
    EXTENDED = "extended"
    RELEASED = "released"
    NOTED = "noted"
    TRANSFERRED = "transferred"
    SNOOZED = "snoozed"
    WOKEN = "woken"
    REPLIED = "replied"
    CLOSED = "closed"
    REOPENED = "reopened"
    REKEYED = "rekeyed"


class IllegalMoveError(Exception):
    """The ticket's state does not allow the move; the message says which state that is."""


class LeaseError(Exception):
    """The agent does not hold the ticket; the message says who does, if anybody."""


class TextError(ValueError):
    """A message that is blank or longer than MAX_TEXT characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """Who asks, as far as they said so."""

    email: str | None = None
    name: str | None = None
    reference: str | None = None
    tier: Tier = Tier.STANDARD

    @classmethod
    def named(cls, name: str) -> Self:
        """Return the customer whom people call by an e-mail address or a reference."""
        return cls(email=name) if "@" in name else cls(reference=name)

    @property
    def key(self) -> str | None:
        """What tells customers apart, or None for one nobody can tell."""
        if self.email:
            return f"EMAIL#{self.email.casefold()}"
        return f"REFERENCE#{self.reference}" if self.reference else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One thing said. `number` counts from 1 within the ticket; `author` is an agent's name."""

    number: int
    source: Source
    text: str
    at: datetime
    author: str | None = None
    intent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """An agent's exclusive hold on a ticket until a moment.

    `fence` grows with every lease of the ticket, so an old holder can be told from the new one.
    `receipt` is what the escalation queue gave for the message, to delete or return it later.
    """

    agent: str
    until: datetime
    fence: int
    receipt: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A customer's matter. `version` counts its events, `messages` its messages.

    `subject` is the first line of the question, shortened. `urgency` says when it is due,
    `priority` how urgent it was when that was last judged. `assignee` is the agent it belongs to,
    held or not; a ticket with `snoozed_until` waits for that moment. `choices` are the intents
    an `asked` customer chooses from, `asked` tells that it was asked once, and `helpful` is what
    the customer thought of the last reply.
    """

    id: str
    version: int
    state: State
    created_at: datetime
    updated_at: datetime
    expires_at: datetime
    token_hash: str
    token_expires_at: datetime
    channel: str
    customer: Customer
    messages: int
    subject: str
    urgency: Urgency
    priority: Priority = Priority.NORMAL
    category: str | None = None
    department: str | None = None
    understanding: Understanding | None = None
    reason: Reason | None = None
    fence: int = 0
    lease: Lease | None = None
    assignee: str | None = None
    snoozed_until: datetime | None = None
    choices: tuple[str, ...] = ()
    asked: bool = False
    helpful: bool | None = None

    def held_by(self, now: datetime) -> Lease | None:
        """Return the lease that is in force at `now`."""
        return self.lease if self.lease and now < self.lease.until else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One move: `number` is the ticket's version after it, `changed` the fields it set.

    `note` is what an agent wrote for colleagues; no customer ever sees it.
    """

    number: int
    move: Move
    at: datetime
    actor: str
    note: str | None = None
    changed: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """What one move does: store all of it or nothing, and only if `before` is still the truth.

    `overrides` marks a move on what another agent holds, which only leads may make.
    """

    before: Ticket | None
    after: Ticket
    event: Event
    messages: tuple[Message, ...] = ()
    overrides: bool = False


@dataclass(frozen=True, slots=True)
class Conversation:
    """A ticket with its messages, oldest first."""

    ticket: Ticket
    messages: tuple[Message, ...]


def check_text(text: str) -> str:
    """Return `text` without surrounding white space, or raise TextError saying what is wrong."""
    text = text.strip()
    if not text:
        raise TextError("the text is blank")
    if len(text) > MAX_TEXT:
        raise TextError(f"the text has {len(text)} characters; at most {MAX_TEXT} are allowed")
    return text


def submit(
    *,
    ticket_id: str,
    text: str,
    customer: Customer,
    channel: str,
    token_hash: str,
    now: datetime,
    token_life: timedelta,
    retention: timedelta,
) -> Change:
    """Open a ticket with the customer's question. Raises TextError."""
    text = check_text(text)
    ticket = Ticket(
        id=ticket_id,
        version=1,
        state=State.RECEIVED,
        created_at=now,
        updated_at=now,
        expires_at=(now + retention).replace(microsecond=0),
        token_hash=token_hash,
        token_expires_at=now + token_life,
        channel=channel,
        customer=customer,
        messages=1,
        subject=text.splitlines()[0][:MAX_SUBJECT],
        urgency=priority.opening(text, since=now, tier=customer.tier),
    )
    opening = {f.name: getattr(ticket, f.name) for f in fields(ticket)}
    event = Event(number=1, move=Move.SUBMITTED, at=now, actor=CUSTOMER, changed=opening)
    message = Message(number=1, source=Source.CUSTOMER, text=text, at=now)
    return Change(None, ticket, event, (message,))


def settle(
    ticket: Ticket, understanding: Understanding, decision: Decision, *, now: datetime
) -> Change:
    """Carry out what triage decided on a received ticket. Raises IllegalMoveError."""
    _expect(ticket, State.RECEIVED)
    match decision:
        case Ask(choices):
            return _change(
                ticket,
                Move.ASKED,
                actor=DESK,
                now=now,
                say=(Source.AUTOMATIC, question(choices), None, None),
                state=State.ASKED,
                understanding=understanding,
                choices=tuple(article.intent for article in choices),
                asked=True,
            )
        case Answer(article):
            return _settled(ticket, understanding, article, now=now)
        case Escalate(reason, article):
            return _settled(ticket, understanding, article, reason, now=now)


def _settled(
    ticket: Ticket,
    understanding: Understanding,
    article: Article | None,
    reason: Reason | None = None,
    *,
    now: datetime,
) -> Change:
    labels: dict[str, Any] = (
        {"category": article.category, "department": article.department} if article else {}
    )
    urgency = priority.judged(
        ticket.urgency,
        matter=article.priority if article else Priority.NORMAL,
        reason=reason,
        understanding=understanding,
    )
    return _change(
        ticket,
        Move.ESCALATED if reason else Move.ANSWERED,
        actor=DESK,
        now=now,
        say=(Source.AUTOMATIC, article.answer, None, article.intent) if article else None,
        state=State.ESCALATED if reason else State.ANSWERED,
        understanding=understanding,
        reason=reason,
        urgency=urgency,
        priority=urgency.priority(now),
        choices=(),
        **labels,
    )


def follow_up(ticket: Ticket, text: str, *, now: datetime) -> Change:
    """Add the customer's message: it is understood again, or goes to the people who have it.

    What an agent answered goes back to that agent, with a new wait; what the desk answered or
    asked is received again; what waits already goes on waiting. Raises TextError.
    """
    text = check_text(text)
    changed: dict[str, Any] = {}
    if ticket.state not in {State.RECEIVED, State.ESCALATED}:
        if ticket.assignee:
            urgency = priority.judged(replace(ticket.urgency, since=now))
            changed = {"reason": Reason.FOLLOWED_UP, "priority": urgency.priority(now)}
            changed |= {"state": State.ESCALATED, "urgency": urgency, "helpful": None}
        else:
            changed = {"state": State.RECEIVED, "helpful": None}
            changed |= {"urgency": priority.opening(text, since=now, tier=ticket.customer.tier)}
    if ticket.snoozed_until:
        changed["snoozed_until"] = None
    return _change(
        ticket,
        Move.FOLLOWED_UP,
        actor=CUSTOMER,
        now=now,
        say=(Source.CUSTOMER, text, None, None),
        **changed,
    )


def rate(ticket: Ticket, *, helpful: bool, comment: str | None, now: datetime) -> Change:
    """Record what the customer thought of the reply; no help from the desk means a person.

    Raises IllegalMoveError where there is no reply to rate, or TextError for the comment.
    """
    if ticket.state not in {State.ANSWERED, State.CLOSED}:
        raise IllegalMoveError(f"the ticket is {ticket.state}: there is no reply to rate yet")
    changed: dict[str, Any] = {"helpful": helpful}
    if not helpful and ticket.state is State.ANSWERED:
        urgency = replace(ticket.urgency, since=now)
        changed |= {"state": State.ESCALATED, "reason": Reason.NOT_HELPED, "urgency": urgency}
        changed |= {"priority": urgency.priority(now)}
    note = check_text(comment) if comment else None
    return _change(ticket, Move.RATED, actor=CUSTOMER, now=now, note=note, **changed)


def withdraw(ticket: Ticket, *, now: datetime) -> Change:
    """Close the ticket as its customer. Raises IllegalMoveError if it is closed."""
    if ticket.state is State.CLOSED:
        raise IllegalMoveError("the ticket is closed already")
    return _change(
        ticket,
        Move.CLOSED,
        actor=CUSTOMER,
        now=now,
        state=State.CLOSED,
        lease=None,
        snoozed_until=None,
        choices=(),
    )


def rekey(ticket: Ticket, actor: str, token_hash: str, *, until: datetime, now: datetime) -> Change:
    """Let another token open the ticket until a moment; the one before opens it no more."""
    return _change(
        ticket,
        Move.REKEYED,
        actor=actor,
        now=now,
        token_hash=token_hash,
        token_expires_at=min(until, ticket.expires_at),
    )


def give_up_asking(ticket: Ticket, *, now: datetime) -> Change:
    """Hand a ticket whose customer did not choose to people. Raises IllegalMoveError."""
    _expect(ticket, State.ASKED)
    urgency = priority.judged(ticket.urgency, reason=Reason.AMBIGUOUS)
    return _change(
        ticket,
        Move.ESCALATED,
        actor=DESK,
        now=now,
        state=State.ESCALATED,
        reason=Reason.AMBIGUOUS,
        urgency=urgency,
        priority=urgency.priority(now),
        choices=(),
    )


def give_up(ticket: Ticket, *, now: datetime) -> Change:
    """Hand a received ticket that could not be processed to people. Raises IllegalMoveError."""
    _expect(ticket, State.RECEIVED)
    urgency = priority.judged(ticket.urgency, reason=Reason.PROCESSING_FAILED)
    return _change(
        ticket,
        Move.ESCALATED,
        actor=DESK,
        now=now,
        state=State.ESCALATED,
        reason=Reason.PROCESSING_FAILED,
        urgency=urgency,
        priority=urgency.priority(now),
    )


def claim(
    ticket: Ticket, agent: str, *, now: datetime, length: timedelta, receipt: str | None = None
) -> Change:
    """Lease an escalated ticket to `agent`, anew if the agent already holds it.

    Raises IllegalMoveError, or LeaseError if another agent holds it.
    """
    _expect(ticket, State.ESCALATED)
    held = ticket.held_by(now)
    if held and held.agent != agent:
        raise LeaseError(_holder(held))
    if receipt is None and ticket.lease:
        receipt = ticket.lease.receipt
    fence = ticket.fence + 1
    lease = Lease(agent=agent, until=now + length, fence=fence, receipt=receipt)
    woken: dict[str, Any] = {"snoozed_until": None} if ticket.snoozed_until else {}
    return _change(ticket, Move.CLAIMED, actor=agent, now=now, lease=lease, fence=fence, **woken)


def extend(
    ticket: Ticket, agent: str, *, now: datetime, length: timedelta, fence: int | None = None
) -> Change:
    """Let a lease in force run for another `length`. Raises IllegalMoveError or LeaseError."""
    lease = _expect_lease(ticket, agent, now, fence)
    return _change(
        ticket, Move.EXTENDED, actor=agent, now=now, lease=replace(lease, until=now + length)
    )


def release(ticket: Ticket, agent: str, *, now: datetime) -> Change:
    """Give a leased ticket back to the queue. Raises IllegalMoveError or LeaseError."""
    _expect_lease(ticket, agent, now)
    return _change(ticket, Move.RELEASED, actor=agent, now=now, lease=None)


def note(ticket: Ticket, agent: str, text: str, *, now: datetime) -> Change:
    """Write something for colleagues, whoever holds the ticket. Raises TextError."""
    return _change(ticket, Move.NOTED, actor=agent, now=now, note=check_text(text))


def transfer(
    ticket: Ticket,
    agent: str,
    *,
    now: datetime,
    to: str | None = None,
    department: str | None = None,
    note: str | None = None,
    lead: bool = False,
) -> Change:
    """Give an escalated ticket to an agent or a department; the customer's wait goes on.

    A `lead` may do so with what others hold. Raises IllegalMoveError, LeaseError or TextError.
    """
    _expect(ticket, State.ESCALATED)
    held = ticket.held_by(now)
    if not lead:
        _expect_lease(ticket, agent, now)
    return _change(
        ticket,
        Move.TRANSFERRED,
        actor=agent,
        now=now,
        note=check_text(note) if note else None,
        overrides=held is None or held.agent != agent,
        lease=None,
        assignee=to,
        department=department or ticket.department,
    )


def snooze(
    ticket: Ticket, agent: str, *, until: datetime, now: datetime, note: str | None = None
) -> Change:
    """Put a leased ticket aside until a moment; it stays the agent's.

    Raises IllegalMoveError, LeaseError or TextError.
    """
    _expect_lease(ticket, agent, now)
    if until <= now:
        raise IllegalMoveError("a ticket can be put aside until a moment to come, not a past one")
    return _change(
        ticket,
        Move.SNOOZED,
        actor=agent,
        now=now,
        note=check_text(note) if note else None,
        lease=None,
        assignee=agent,
        snoozed_until=until,
    )


def wake(ticket: Ticket, *, now: datetime) -> Change:
    """Let a snoozed ticket wait again. Raises IllegalMoveError."""
    _expect(ticket, State.ESCALATED)
    if ticket.snoozed_until is None:
        raise IllegalMoveError("the ticket is not snoozed")
    return _change(ticket, Move.WOKEN, actor=DESK, now=now, snoozed_until=None)


def reply(
    ticket: Ticket,
    agent: str,
    text: str,
    *,
    now: datetime,
    fence: int | None = None,
    intent: str | None = None,
) -> Change:
    """Answer as the agent who holds the ticket; a stale `fence` is refused.

    `intent` names the article the reply was made from. Raises IllegalMoveError, LeaseError or
    TextError.
    """
    text = check_text(text)
    _expect_lease(ticket, agent, now, fence)
    return _change(
        ticket,
        Move.REPLIED,
        actor=agent,
        now=now,
        say=(Source.AGENT, text, agent, intent),
        state=State.ANSWERED,
        lease=None,
        assignee=agent,
    )


def close(ticket: Ticket, agent: str, *, now: datetime, note: str | None = None) -> Change:
    """End a ticket: one the agent holds, without a reply, or one that was answered.

    Raises IllegalMoveError, LeaseError or TextError.
    """
    if ticket.state is not State.ANSWERED:
        _expect_lease(ticket, agent, now)
    return _change(
        ticket,
        Move.CLOSED,
        actor=agent,
        now=now,
        note=check_text(note) if note else None,
        state=State.CLOSED,
        lease=None,
    )


def reopen(ticket: Ticket, agent: str, *, now: datetime, note: str | None = None) -> Change:
    """Let an answered or closed ticket wait again, from now on.

    Raises IllegalMoveError or TextError.
    """
    if ticket.state.is_open:
        raise IllegalMoveError(f"the ticket is {ticket.state}, and so still open")
    urgency = replace(ticket.urgency, since=now)
    return _change(
        ticket,
        Move.REOPENED,
        actor=agent,
        now=now,
        note=check_text(note) if note else None,
        state=State.ESCALATED,
        reason=Reason.REOPENED,
        urgency=urgency,
        priority=urgency.priority(now),
    )


def replay(events: Iterable[Event]) -> Ticket:
    """Fold events, oldest first, into the ticket they describe.

    Raises ValueError if one is missing or the first is not the submission.
    """
    ticket: Ticket | None = None
    for number, event in enumerate(events, start=1):
        if event.number != number:
            raise ValueError(f"event {number} is missing: found {event.number}")
        if ticket is None:
            ticket = Ticket(**event.changed)
        else:
            ticket = replace(ticket, **event.changed, version=number, updated_at=event.at)
    if ticket is None:
        raise ValueError("no events, no ticket")
    return ticket


def _change(
    ticket: Ticket,
    move: Move,
    *,
    actor: str,
    now: datetime,
    say: tuple[Source, str, str | None, str | None] | None = None,
    note: str | None = None,
    overrides: bool = False,
    **changed: Any,
) -> Change:
    messages: tuple[Message, ...] = ()
    if say:
        source, text, author, intent = say
        changed["messages"] = number = ticket.messages + 1
        messages = (
            Message(number=number, source=source, text=text, at=now, author=author, intent=intent),
        )
    after = replace(ticket, **changed, version=ticket.version + 1, updated_at=now)
    event = Event(number=after.version, move=move, at=now, actor=actor, note=note, changed=changed)
    return Change(ticket, after, event, messages, overrides)


def _expect(ticket: Ticket, state: State) -> None:
    if ticket.state is not state:
        raise IllegalMoveError(f"the ticket is {ticket.state}, not {state}")


def _expect_lease(ticket: Ticket, agent: str, now: datetime, fence: int | None = None) -> Lease:
    _expect(ticket, State.ESCALATED)
    held = ticket.held_by(now)
    if held and held.agent != agent:
        raise LeaseError(_holder(held))
    if held and fence is not None and fence != held.fence:
        raise LeaseError(f"{_holder(held)}; this was written under an older lease")
    if held:
        return held
    if ticket.lease and ticket.lease.agent == agent:
        raise LeaseError(f"your lease ended at {ticket.lease.until:%H:%M} UTC; claim it again")
    raise LeaseError("nobody holds this ticket; claim it first")


def _holder(lease: Lease) -> str:
    return f"{lease.agent} holds this ticket until {lease.until:%H:%M} UTC"
