"""What is asked, and what is said: values only. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from helpdesk.drafting import Fault, Part, Request, Usage
from helpdesk.evidence import Found
from helpdesk.knowledge import Link, Priority
from helpdesk.records import Order, Record
from helpdesk.steps import Step
from helpdesk.ticket import Customer
from helpdesk.triage import Decision, Entity, Understanding

MOST_SHOWN = 3
"""Passages that are shown at most."""

MOOD = 0.35
"""The sentiment, from 0 to 1, from which a message is positive, or with a minus negative."""


class Mood(StrEnum):
    """What a sentiment is called."""

    POSITIVE = "positive"
    NEUTRAL = "neutral"
    NEGATIVE = "negative"


@dataclass(frozen=True, slots=True, kw_only=True)
class Talked:
    """A message of a conversation; `at` is when it was written, if the caller knows."""

    by_customer: bool
    text: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A message that the shop got, with what was said before.

    `customer` is the one whom the shop's server names; None leaves it to the conversation. A
    `history` that is given counts instead of the stored one: the caller knows what was sent.
    """

    text: str
    customer: Customer | None = None
    history: tuple[Talked, ...] = ()
    conversation: str | None = None


@dataclass(frozen=True, slots=True)
class Used:
    """A tool that was used: what it was given, without values, and what came of it."""

    tool: str
    given: Mapping[str, str]
    output: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """A draft: its parts, which engine wrote it, and which was asked, if one was.

    `degraded` says why the engine that was asked did not write it.
    """

    parts: tuple[Part, ...]
    engine: str
    asked: str | None = None
    degraded: str | None = None
    faults: tuple[Fault, ...] = ()
    usage: Usage = field(default_factory=Usage)

    @property
    def text(self) -> str:
        """The draft as one text, with a line between paragraphs."""
        return "\n\n".join(each.text for each in self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What a draft is made of.

    `request` is what an engine gets. `quoted` is the draft that is there already, out of
    `evidence`. `names` are those that the shop vouches for, `links` those that code puts in, by the
    number of the passage. What an engine takes counts for the `conversation`, an id.
    """

    conversation: str
    request: Request
    quoted: tuple[Part, ...]
    evidence: tuple[Found, ...]
    names: tuple[str, ...] = ()
    links: Mapping[int, tuple[Link, ...]] = field(default_factory=dict)


type Compose = Callable[[Material], Composed]
"""Writes the draft. An engine that fails is no error: then it is what was quoted, and says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assisted:
    """What is suggested for a message, with all that was looked up for it.

    `evidence` is what was admitted, best first. `confidence` goes from 0 to 1. `trace` are the
    reasons, a line each. `lacking` says what it was made without; then it is degraded.
    """

    conversation: str
    draft: Composed
    steps: tuple[Step, ...]
    used: tuple[Used, ...]
    confidence: float
    trace: tuple[str, ...]
    understanding: Understanding
    decision: Decision
    intent: str | None
    mood: Mood
    entities: tuple[Entity, ...]
    priority: Priority
    record: Record | None = None
    orders: tuple[Order, ...] = ()
    evidence: tuple[Found, ...] = ()
    lacking: tuple[str, ...] = ()
