"""What a draft is, and the port of the engines that write one. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from helpdesk.evidence import Found, Origin

EXTRACTIVE = "extractive"
"""The engine that is always there: it only quotes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A sentence or paragraph of a draft. `rests_on` are the numbers of its evidence."""

    text: str
    rests_on: tuple[int, ...] = ()


class Severity(StrEnum):
    """What a fault means: a draft with a hard one is never shown as ready, a soft one marks."""

    HARD = "hard"
    SOFT = "soft"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something in a draft that its evidence does not bear.

    `kind` says what, such as `number` or `negation`; `what` is the spelling in the draft, `part`
    the part that holds it, counted from 0.
    """

    severity: Severity
    kind: str
    what: str
    part: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What engines were asked for a draft: tokens read and written, calls, and their price.

    `microdollars` is a millionth of a US dollar, by the prices of the settings.
    """

    read: int = 0
    written: int = 0
    calls: int = 0
    microdollars: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            read=self.read + other.read,
            written=self.written + other.written,
            calls=self.calls + other.calls,
            microdollars=self.microdollars + other.microdollars,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Cited:
    """Evidence as a draft keeps it: which passage in which version, and what it said then."""

    number: int
    id: str
    version: int
    origin: Origin
    title: str
    quote: str
    score: float

    @classmethod
    def of(cls, found: Found) -> "Cited":
        """Return what a draft keeps of a passage that was found."""
        passage = found.passage
        return cls(
            number=found.number,
            id=passage.id,
            version=passage.version,
            origin=passage.origin,
            title=passage.title,
            quote=passage.text,
            score=found.score,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A reply that waits for an agent. No customer sees it.

    `number` is the version of the ticket from the move that brought it. `basis` is the number of
    the last message it was written for. `degraded` says why another engine than the one that was
    asked wrote it; None if that one did.
    """

    number: int
    basis: int
    at: datetime
    parts: tuple[Part, ...]
    evidence: tuple[Cited, ...]
    engine: str
    degraded: str | None = None
    faults: tuple[Fault, ...] = ()
    usage: Usage = Usage()

    @property
    def text(self) -> str:
        """The draft as one text: its parts, with a line between paragraphs."""
        return "\n\n".join(each.text for each in self.parts)

    @property
    def ready(self) -> bool:
        """Whether it may be shown as ready: nothing in it lacks evidence."""
        return all(each.severity is not Severity.HARD for each in self.faults)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A message of the conversation, as an engine gets it."""

    by_customer: bool
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What an engine is asked to write.

    `conversation` is oldest first, bounded. `evidence` holds no links: code puts them in
    afterwards. `instructions` are the desk's, never a customer's. `faults` say what an earlier try
    had without evidence. `most` is the number of tokens that may be written.
    """

    conversation: tuple[Said, ...]
    evidence: tuple[Found, ...]
    instructions: str
    faults: tuple[Fault, ...] = ()
    most: int = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What an engine wrote, and what that took."""

    parts: tuple[Part, ...]
    usage: Usage


class Failure(StrEnum):
    """Why an engine wrote nothing that can be used."""

    UNAVAILABLE = "unavailable"
    THROTTLED = "throttled"
    TOO_SLOW = "too_slow"
    REFUSED = "refused"
    CUT_OFF = "cut_off"
    MALFORMED = "malformed"
    OVER_BUDGET = "over_budget"
    UNGROUNDED = "ungrounded"


class EngineError(Exception):
    """An engine wrote nothing that can be used; the message holds nothing a customer wrote."""

    def __init__(self, failure: Failure, message: str, usage: Usage = Usage()) -> None:
        super().__init__(message)
        self.failure, self.usage = failure, usage


class Engine(Protocol):
    """Writes a draft out of evidence."""

    @property
    def name(self) -> str:
        """The engine and its model, as agents see it, such as `bedrock:eu.some-model`."""

    def write(self, request: Request) -> Written:
        """Return parts that name their evidence. Raises EngineError."""
