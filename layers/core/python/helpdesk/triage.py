"""From what was understood to what to do: answer, or escalate with a reason. Pure and total."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from helpdesk.knowledge import Article


@dataclass(frozen=True, slots=True)
class RankedIntent:
    """One candidate: `probability` (0 to 1) is calibrated, so 0.9 is right nine times in ten.

    `required` is the probability this intent needs to be answered at the model's target precision.
    """

    name: str
    probability: float
    required: float


@dataclass(frozen=True, slots=True)
class Entity:
    """Something named in the text: `text[start:end]` is the mention, `value` its normal form."""

    kind: str
    value: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Understanding:
    """What one message was taken to mean.

    `ranking` is best first. `scope` (0 to 1) says how much the message resembles anything the
    desk knows; below `scope_required` it is about something else. `sentiment` runs from -1
    (angry) to 1 (delighted). `language` is an ISO 639-1 code, or "und" where it cannot be told.
    `model` names the artifact and mode that decided.
    """

    ranking: tuple[RankedIntent, ...]
    scope: float
    scope_required: float
    language: str
    sentiment: float
    entities: tuple[Entity, ...]
    model: str
