"""What a desk made of a case, and the port of those who play one. Pure."""

from dataclasses import dataclass, field
from typing import Protocol

from helpdesk.drafting import Fault, Usage
from helpdesk.evaluation.cases import Case, Named


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What a desk made of a case.

    `intent` is None if it takes the message for none of its matters. `reason` is why a person gets
    it, empty otherwise. `confidence` (0 to 1) is how sure the desk is. `found` are the ids of
    passages that were admitted, best first; `best_line` is the text of the first one. `parts`
    counts the parts of the reply, `faults` are what evidence does not bear in them. `engine` wrote
    the reply; `degraded` says whether it was made without something that was asked for. `seconds`
    is how long a customer would have waited.

    With an `error` nothing else counts: the case is wrong by every measure.
    """

    intent: str | None = None
    sentiment: str = ""
    entities: tuple[Named, ...] = ()
    steps: frozenset[str] = frozenset()
    decision: str = ""
    reason: str = ""
    confidence: float = 0.0
    reply: str = ""
    best_line: str = ""
    found: tuple[str, ...] = ()
    parts: int = 0
    faults: tuple[Fault, ...] = ()
    engine: str = ""
    degraded: bool = False
    usage: Usage = field(default_factory=Usage)
    seconds: float = 0.0
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Versions:
    """What was judged. `knowledge` is the edition or a digest, `index` that of the passages."""

    model: str
    knowledge: str
    index: str
    engine: str
    steps: str


class Player(Protocol):
    """Plays conversations with a desk."""

    @property
    def versions(self) -> Versions:
        """What is judged."""

    def play(self, case: Case) -> Played:
        """Return what the desk makes of a case. A failure of the desk is no error, but told."""


class Closeness(Protocol):
    """How close a text is to the one that a careful person wrote."""

    def bleu(self, text: str, reference: str) -> float:
        """Return BLEU-4, smoothed, from 0 to 1."""

    def chrf(self, text: str, reference: str) -> float:
        """Return chrF, from 0 to 1."""
