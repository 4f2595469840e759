"""Whether a new case is one of the recent ones. Pure and total."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from helpdesk.cases.likeness import containment, cosine, exchanged
from helpdesk.cases.model import Case, Rules
from helpdesk.cases.naming import conflict, other_number, shared_number

FEWEST_WORDS = 6
"""A shorter text is only compared as it is, unless a number is shared."""

MOST_ADDED = 2
"""How many times as long a text may be that is recognised by holding an earlier one.

A longer one says more than the earlier one, and what it says more must not be lost.
"""


class Why(StrEnum):
    """Why a case is one of the recent ones or, if it is none of them, why not the nearest."""

    SAME_TEXT = "same_text"
    SAME_WORDS = "same_words"
    SAME_MEANING = "same_meaning"
    NOTHING_RECENT = "nothing_recent"
    OTHER_NUMBER = "other_number"
    OTHER_AMOUNT = "other_amount"
    OTHER_GOODS = "other_goods"
    OTHER_WORD = "other_word"
    GRAVER = "graver"
    TOO_SHORT = "too_short"
    UNLIKE = "unlike"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The ticket of the recent case that it is, or None, and why; `likeness` is from 0 to 1."""

    root: str | None
    why: Why
    likeness: float = 0.0


NOTHING_RECENT = Verdict(None, Why.NOTHING_RECENT)


def decide(recent: Sequence[Case], new: Case, rules: Rules) -> Verdict:
    """Return which recent case a new one is: the most alike, of these the oldest.

    A case never finds itself, and none that is older than the window.
    """
    since = new.at - rules.window
    verdicts = [
        compared(each, new, rules)
        for each in recent
        if each.ticket_id != new.ticket_id and each.at > since
    ]
    return max(verdicts, key=_rank, default=NOTHING_RECENT)


def _rank(verdict: Verdict) -> tuple[bool, bool, float]:
    return verdict.root is not None, verdict.why is Why.SAME_TEXT, verdict.likeness


def compared(root: Case, new: Case, rules: Rules) -> Verdict:
    """Return whether a new case is an earlier one, and why."""
    contained, meant = containment(root.words, new.words), cosine(root.meaning, new.meaning)
    alike = max(0.0, contained, meant)
    if apart := _named_otherwise(root, new):
        return Verdict(None, apart, alike)
    if root.digest == new.digest and new.length:
        return Verdict(root.ticket_id, Why.SAME_TEXT, 1.0)
    if apart := _worded_otherwise(root, new, template=contained >= rules.template):
        return Verdict(None, apart, alike)
    if contained >= rules.contained and new.length <= MOST_ADDED * max(root.length, FEWEST_WORDS):
        return Verdict(root.ticket_id, Why.SAME_WORDS, contained)
    if meant >= _least(root, new, rules):
        return Verdict(root.ticket_id, Why.SAME_MEANING, meant)
    return Verdict(None, Why.UNLIKE, alike)


def _named_otherwise(root: Case, new: Case) -> Why | None:
    """Return why two texts are two cases, equal as they may be."""
    if other_number(root.numbers, new.numbers):
        return Why.OTHER_NUMBER
    return Why.OTHER_AMOUNT if conflict(root.amounts, new.amounts) else None


def _worded_otherwise(root: Case, new: Case, *, template: bool) -> Why | None:
    """Return why two texts that are not equal are two cases, alike as they may be."""
    if conflict(root.goods, new.goods):
        return Why.OTHER_GOODS
    if not new.grave <= root.grave:
        return Why.GRAVER
    short = min(root.length, new.length) < FEWEST_WORDS
    if short and not shared_number(root.numbers, new.numbers):
        return Why.TOO_SHORT
    return Why.OTHER_WORD if template and exchanged(root.words, new.words) else None


def _least(root: Case, new: Case, rules: Rules) -> float:
    """Return how near in meaning two texts must be, given what both name."""
    if shared_number(root.numbers, new.numbers):
        return rules.meant_numbered
    named = root.goods & new.goods or root.amounts & new.amounts
    return rules.meant_named if named else rules.meant
