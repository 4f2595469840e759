"""Which kinds of wording a text holds, and what follows from each.

Total, and pure but for the data.

Rather careful than bold: what sounds like danger, law, fraud, death or a child is for a person to
read.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from helpdesk.wording.phrases import HARMLESS, Phrases, data, told, words


class Kind(StrEnum):
    """What a wording shows. The phrases of a kind are in the data under its name."""

    DANGER = "danger"
    INJURY = "injury"
    THREAT = "threat"
    TAKEOVER = "takeover"
    LEGAL = "legal"
    FRAUD = "fraud"
    DEATH = "death"
    MINOR = "minor"
    NOT_HELPED = "not_helped"
    ANGER = "anger"
    DEMAND = "demand"
    AGAIN = "again"
    HASTE = "haste"


@dataclass(frozen=True, slots=True)
class Wording:
    """A kind of wording: the points of urgency it brings, and how agents are told why."""

    kind: Kind
    why: str
    points: int


@cache
def wordings() -> dict[Kind, Wording]:
    """Return what follows from each kind, the gravest first."""
    found = data()
    return {kind: Wording(kind, found[kind]["why"], found[kind]["points"]) for kind in Kind}


def kinds_in(text: str) -> frozenset[Kind]:
    """Return the kinds of wording in a text.

    A phrase does not count where it shares a word with a harmless one of its kind: a "lawyer
    costume" is no lawyer. Signs, such as rolling eyes, count in any place.
    """
    shown = {kind for kind, signs in _signs().items() if any(sign in text for sign in signs)}
    return frozenset((*map(Kind, told(_phrases(), words(text))), *shown))


@cache
def _signs() -> dict[Kind, list[str]]:
    return {kind: found["signs"] for kind in Kind if "signs" in (found := data()[kind])}


@cache
def _phrases() -> Phrases:
    found = data()
    telling = {str(kind): found[kind]["phrases"] for kind in Kind}
    harmless = {kind + HARMLESS: found[kind].get("harmless", []) for kind in Kind}
    return Phrases(telling | harmless)
