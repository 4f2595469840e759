"""What a ticket is: its states, its messages, and the events that record its moves. Pure."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from helpdesk import characters
from helpdesk.drafting import Draft
from helpdesk.knowledge import Priority
from helpdesk.priority import Tier, Urgency
from helpdesk.severity import ANYONE, Severity
from helpdesk.ticket.drafted import Drafted, Fate
from helpdesk.ticket.keys import CustomerKey, Kind
from helpdesk.triage import Reason, Understanding

MAX_TEXT = 4_000
"""Characters in one message or note, customer's or agent's."""

DESK, CUSTOMER = "helpdesk", "customer"
"""The actors of events that are not agents."""

SPAM = "spam"
"""The tag of tickets that were closed as spam."""

MAX_SUBJECT = 100
"""Characters of a ticket's first line that lists show at most."""


class State(StrEnum):
    """Where a ticket is. The desk owes a reply while it is `received` or `escalated`."""

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
    ADDED = "added"
    TAGGED = "tagged"
    MERGED = "merged"
    SPLIT = "split"
    DRAFTED = "drafted"
    DISMISSED = "dismissed"


class IllegalMoveError(Exception):
    """The ticket's state does not allow the move; the message says which state that is."""


class LeaseError(Exception):
    """The agent does not hold the ticket; the message says which agent does, if one does.

    `at` is a moment that the message names between `before` and `after`: doors tell it to a person
    in the person's own time zone.
    """

    def __init__(self, before: str, at: datetime | None = None, after: str = "") -> None:
        super().__init__(f"{before}{f'{at:%H:%M} UTC' if at else ''}{after}")
        self.before, self.at, self.after = before, at, after


class NewsError(Exception):
    """More was said than the agent has seen; the message says so. Nothing was stored."""


class StaleDraftError(Exception):
    """The draft is not the ticket's open one, or not as it was seen; the message says why."""


class NotAllowedError(Exception):
    """The agent's roles do not allow the move; the message says which role does."""


class TextError(ValueError):
    """A message that shows nothing or is longer than MAX_TEXT characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """The person who asks, with what the person said about themselves.

    `verified` tells whether a server or a shop's signature vouches for the address and the
    reference. If not, any visitor of a page may have typed them. `mailed` tells that the desk also
    mails to the address what it says on a page. `country` is a code of ISO 3166.
    """

    email: str | None = None
    name: str | None = None
    reference: str | None = None
    tier: Tier = Tier.STANDARD
    verified: bool = True
    country: str | None = None
    mailed: bool = False

    @classmethod
    def named(cls, name: str) -> Self:
        """Return the customer with this e-mail address or, without an @ in it, this reference."""
        return cls(email=name) if "@" in name else cls(reference=name)

    @classmethod
    def known_by(cls, key: CustomerKey, *, verified: bool = True) -> Self:
        """Return the customer of whom nothing is known but this key."""
        given: dict[str, Any] = {key.kind.value: key.value}
        return cls(**given, verified=verified)

    @property
    def keys(self) -> tuple[CustomerKey, ...]:
        """What the customer is known by: address, reference and name, as far as they are given."""
        said = {Kind.EMAIL: self.email, Kind.REFERENCE: self.reference, Kind.NAME: self.name}
        return tuple(CustomerKey.of(kind, text) for kind, text in said.items() if text)

    @property
    def key(self) -> str | None:
        """The key of the customer, or None for a customer without address and reference.

        Customers who are not verified have keys of their own.
        """
        return next(iter(self.spellings), None)

    @property
    def spellings(self) -> tuple[str, ...]:
        """The key, then the forms of it that earlier versions stored."""
        first = next((each for each in self.keys if each.kind is not Kind.NAME), None)
        if first is None:
            return ()
        if not self.verified:
            return (f"UNVERIFIED#{first.stored}",)
        return first.spellings


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One thing said. `number` counts from 1 within the ticket.

    `author` is an agent's name or, of a customer's message, who wrote in the customer's place.
    """

    number: int
    source: Source
    text: str
    at: datetime
    author: str | None = None
    intent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """An agent's exclusive hold on a ticket until a moment.

    `fence` grows with every lease of the ticket, so that the old and the new holder differ.
    `receipt` is what the escalation queue gave for the message, to delete or return it later.
    """

    agent: str
    until: datetime
    fence: int
    receipt: str | None = None


class Role(StrEnum):
    """What an agent may do. Auditors read everything and change nothing."""

    AGENT = "agent"
    LEAD = "lead"
    AUDITOR = "auditor"


@dataclass(frozen=True, slots=True)
class Agent:
    """A person who works at the desk.

    `departments` are those the agent serves; an agent without any serves them all.
    """

    name: str
    roles: frozenset[Role] = frozenset({Role.AGENT})
    departments: frozenset[str] = frozenset()

    @property
    def leads(self) -> bool:
        """Whether the agent may decide over the work of others."""
        return Role.LEAD in self.roles

    @property
    def works(self) -> bool:
        """Whether the agent may move tickets at all."""
        return bool(self.roles & {Role.AGENT, Role.LEAD})

    def serves(self, department: str | None) -> bool:
        """Tell whether a ticket of this department, or of none, is the agent's work."""
        return not self.departments or department is None or department in self.departments


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A customer's matter. `version` counts its events, `messages` its messages.

    `subject` is the first line of the question, shortened. `urgency` says when it is due,
    `priority` how urgent it was when that was last judged. `assignee` is the agent it belongs to,
    held or not; a ticket with `snoozed_until` waits for that moment. `choices` are the intents
    an `asked` customer chooses from, `asked` tells that it was asked once, and `helpful` is what
    the customer thought of the last reply. `tags` are the agents' own words for it. `merged` are
    the ids of the tickets that were merged into this one; such a ticket knows the root in
    `merged_into`, and since when. `matter_guessed` marks a category and a department
    that are those of the best candidate only. `severity` says how serious it is; None if nothing
    was found and people never had it, or if it is older than that. `draft` is the draft of a reply
    that belongs to what was said last, with what became of it.
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
    matter_guessed: bool | None = None
    understanding: Understanding | None = None
    severity: Severity | None = None
    reason: Reason | None = None
    fence: int = 0
    lease: Lease | None = None
    assignee: str | None = None
    snoozed_until: datetime | None = None
    choices: tuple[str, ...] = ()
    asked: bool = False
    helpful: bool | None = None
    tags: frozenset[str] = frozenset()
    merged: frozenset[str] = frozenset()
    merged_into: str | None = None
    merged_at: datetime | None = None
    draft: Drafted | None = None

    def held_by(self, now: datetime) -> Lease | None:
        """Return the lease that is in force at `now`."""
        return self.lease if self.lease and now < self.lease.until else None

    def entrusted(self, agent: Agent) -> bool:
        """Tell whether an agent may take it, by its level.

        What must be acted on at once is for everyone, and so is what was given to the agent.
        """
        needs = self.severity.needs if self.severity else ANYONE
        given = self.urgency.at_once or self.assignee == agent.name
        return needs == ANYONE or agent.leads or given

    @property
    def in_review(self) -> bool:
        """Whether people have it, with a draft that waits for one of them."""
        waits = self.draft is not None and self.draft.fate is Fate.OPEN
        return waits and self.state is State.ESCALATED

    @property
    def intent(self) -> str | None:
        """What it is most likely about; None if it was not understood."""
        ranking = self.understanding.ranking if self.understanding else ()
        return ranking[0].name if ranking else None

    @property
    def level(self) -> int:
        """How serious it is, from 0 to 3."""
        return self.severity.level if self.severity else 0


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

    `overrides` marks a move on a ticket that another agent holds, which only leads may make.
    `draft` is a draft that the move brings.
    """

    before: Ticket | None
    after: Ticket
    event: Event
    messages: tuple[Message, ...] = ()
    overrides: bool = False
    draft: Draft | None = None


@dataclass(frozen=True, slots=True)
class Conversation:
    """A ticket with its messages, oldest first."""

    ticket: Ticket
    messages: tuple[Message, ...]

    @property
    def since_reply(self) -> tuple[Message, ...]:
        """What its customer wrote since the last reply: it is one turn."""
        turn: list[Message] = []
        for each in reversed(self.messages):
            if each.source is not Source.CUSTOMER:
                break
            turn.append(each)
        return tuple(reversed(turn))

    @property
    def written(self) -> str:
        """What its customer wrote, as far as the messages are here."""
        return "\n".join(each.text for each in self.messages if each.source is Source.CUSTOMER)


def check_text(text: str) -> str:
    """Return `text` without surrounding white space, or raise TextError saying what is wrong."""
    text = text.strip()
    if characters.shows_nothing(text):
        raise TextError("the text is blank")
    if len(text) > MAX_TEXT:
        raise TextError(f"the text has {len(text)} characters; at most {MAX_TEXT} are allowed")
    return text
