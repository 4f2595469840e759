"""Hard atoms: what a sentence may say only if its evidence says it."""

from dataclasses import dataclass
from enum import StrEnum

from helpdesk.evidence import Origin


class Kind(StrEnum):
    """What an atom is; a fault is called by it."""

    NUMBER = "number"
    AMOUNT = "amount"
    PERCENTAGE = "percentage"
    DURATION = "duration"
    TIME = "time"
    DATE = "date"
    WEEKDAY = "weekday"
    LINK = "link"
    EMAIL = "email"
    PHONE = "phone"
    IDENTIFIER = "identifier"
    NAME = "name"
    PROMISE = "promise"


COUNTED = frozenset({Kind.NUMBER, Kind.AMOUNT, Kind.PERCENTAGE, Kind.DURATION, Kind.TIME})
"""Kinds that have a unit or a noun, and are compared with it."""

WEAK: dict[Origin, frozenset[Kind]] = {
    Origin.REPLY: COUNTED | {Kind.DATE, Kind.WEEKDAY, Kind.IDENTIFIER, Kind.EMAIL, Kind.PHONE},
    Origin.RECORD: frozenset({Kind.PERCENTAGE}),
}
"""What a past reply never bears, for it was right for one customer, once; and what a record never
bears, for it knows facts of a customer and no rules."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Atom:
    """A number, name or address of a sentence.

    `values` are its possible readings in one spelling; two atoms agree if they share one.
    `unit` is "" for a bare number, and `nouns` are then the stems right after it. `around` are the
    stems of its clause. `bound` is "least" or "most" where the sentence makes it a limit. `weak`
    atoms bear others and need no evidence. `end` marks the one end of a range.
    """

    kind: Kind
    values: frozenset[str]
    spelling: str
    unit: str = ""
    nouns: frozenset[str] = frozenset()
    around: frozenset[str] = frozenset()
    bound: str = ""
    weak: bool = False
    end: bool = False
