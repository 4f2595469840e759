"""Whether a new case is one of the recent ones. Pure and total."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from helpdesk.cases.agreement import known, share, things_of
from helpdesk.cases.likeness import LIGHT, aligned, containment, cosine, exchanged
from helpdesk.cases.model import FEWEST_WORDS, MOST_ADDED, Case, Rules, passage_of
from helpdesk.cases.naming import conflict, other_number, plain_name, shared_number
from helpdesk.cases.phrases import listed
from helpdesk.cases.purpose import Asking, Reminding

FEWEST_ALIKE = 4
"""A shorter text is only compared as it is, unless a number is shared."""

LITTLE = 1.0
"""Up to this weight, a reminder names nothing: it means the only case there is."""

LEAST_COMMON = 0.25
"""The share of the shorter text's words with weight from which mistyped ones are looked for."""

LEAST_MEANT = 0.5
"""The cosine below which two texts are about other things."""


class Why(StrEnum):
    """Why a case is one of the recent ones or, if it is none of them, why not the nearest."""

    SAME_TEXT = "same_text"
    SAME_WORDS = "same_words"
    SAME_MEANING = "same_meaning"
    REMINDER = "reminder"
    NOTHING_RECENT = "nothing_recent"
    OTHER_NUMBER = "other_number"
    OTHER_AMOUNT = "other_amount"
    OTHER_GOODS = "other_goods"
    OTHER_NAME = "other_name"
    OTHER_WORD = "other_word"
    OTHER_MATTER = "other_matter"
    GRAVER = "graver"
    TOO_SHORT = "too_short"
    UNLIKE = "unlike"


_ONE = {Why.SAME_TEXT, Why.SAME_WORDS, Why.SAME_MEANING, Why.REMINDER}


@dataclass(frozen=True, slots=True)
class Verdict:
    """The ticket of the recent case that it is, or None, and why; `likeness` is from 0 to 1."""

    root: str | None
    why: Why
    likeness: float = 0.0


NOTHING_RECENT = Verdict(None, Why.NOTHING_RECENT)


def decide(recent: Sequence[Case], new: Case, rules: Rules) -> Verdict:
    """Return which recent case a new one is: the most alike, of these the oldest.

    A case never finds itself, and none that is older than the window. A reminder that names nothing
    means the only recent case.
    """
    since = new.at - rules.window
    candidates = [each for each in recent if each.ticket_id != new.ticket_id and each.at > since]
    alone = len(candidates) == 1
    verdicts = [compared(each, new, rules, alone=alone) for each in candidates]
    return max(verdicts, key=_rank, default=NOTHING_RECENT)


def _rank(verdict: Verdict) -> tuple[bool, bool, float]:
    return verdict.root is not None, verdict.why is Why.SAME_TEXT, verdict.likeness


@dataclass(frozen=True, slots=True)
class _Pair:
    """An earlier case and a new one, and how near they are.

    `words` are the new one's with those that are mistyped as the earlier one has them.
    """

    root: Case
    new: Case
    words: tuple[str, ...]
    contained: float
    meant: float

    @property
    def shorter(self) -> int:
        return min(self.root.length, self.new.length)

    @property
    def same_number(self) -> bool:
        return shared_number(self.root.numbers, self.new.numbers)


def _pair(root: Case, new: Case) -> _Pair:
    words, contained = new.words, containment(root.words, new.words)
    mine, theirs = set(words) - LIGHT, set(root.words) - LIGHT
    if contained < 1 and len(mine & theirs) >= LEAST_COMMON * min(len(mine), len(theirs)):
        words = tuple(aligned(new.words, root.words, known(), root.names | new.names))
        contained = containment(root.words, words)
    return _Pair(root, new, words, contained, cosine(root.meaning, new.meaning))


def compared(root: Case, new: Case, rules: Rules, *, alone: bool = False) -> Verdict:
    """Return whether a new case is an earlier one, and why; `alone` if there is no other one."""
    pair = _pair(root, new)
    alike = max(0.0, pair.contained, pair.meant)
    if apart := _named_otherwise(root, new):
        return Verdict(None, apart, alike)
    if root.digest == new.digest and new.length:
        return Verdict(root.ticket_id, Why.SAME_TEXT, 1.0)
    if apart := _worded_otherwise(root, new, template=pair.contained >= rules.template):
        return Verdict(None, apart, alike)
    why = _alike(pair, rules, alone=alone)
    return Verdict(root.ticket_id if why in _ONE else None, why, alike)


def _alike(pair: _Pair, rules: Rules, *, alone: bool) -> Why:
    if pair.contained >= rules.contained and _adds_a_question(pair):
        return Why.OTHER_MATTER
    if _same_words(pair, rules):
        return Why.SAME_WORDS
    if _reminds(pair, rules, alone=alone):
        return Why.REMINDER
    return _meant_otherwise(pair, rules) or Why.SAME_MEANING


def _same_words(pair: _Pair, rules: Rules) -> bool:
    """Tell whether much of what the shorter text says is in the longer one."""
    root, new = pair.root, pair.new
    if (pair.words == root.words and new.length) or _passage(root, new):
        return True
    longest = MOST_ADDED * max(root.length, FEWEST_WORDS)
    enough = pair.shorter >= FEWEST_WORDS or pair.same_number
    return enough and pair.contained >= rules.contained and new.length <= longest


def _meant_otherwise(pair: _Pair, rules: Rules) -> Why | None:
    """Return why two texts with other words are two cases."""
    root, new = pair.root, pair.new
    short = pair.shorter < FEWEST_WORDS and not pair.same_number
    if short and (pair.shorter < FEWEST_ALIKE or exchanged(root.words, pair.words)):
        return Why.TOO_SHORT
    if pair.meant < LEAST_MEANT or _likeness(root, new, pair.meant) < rules.alike:
        return Why.UNLIKE
    return Why.OTHER_NAME if _names_apart(root, new) else None


def _named_otherwise(root: Case, new: Case) -> Why | None:
    """Return why two texts are two cases, equal as they may be."""
    if other_number(root.numbers, new.numbers) or conflict(root.codes, new.codes):
        return Why.OTHER_NUMBER
    return Why.OTHER_AMOUNT if conflict(root.amounts, new.amounts) else None


def _worded_otherwise(root: Case, new: Case, *, template: bool) -> Why | None:
    """Return why two texts that are not equal are two cases, alike as they may be."""
    if conflict(root.goods, new.goods):
        return Why.OTHER_GOODS
    if not new.grave <= root.grave:
        return Why.GRAVER
    if new.goes_on and not root.goes_on:
        return Why.OTHER_MATTER
    return Why.OTHER_WORD if template and exchanged(root.words, new.words) else None


def _names_apart(root: Case, new: Case) -> bool:
    """Tell whether each of two texts names or counts what the other does not."""
    theirs, mine = set(map(plain_name, root.words)), set(map(plain_name, new.words))
    return bool(root.names - mine and new.names - theirs)


def _passage(root: Case, new: Case) -> bool:
    """Tell whether one text is a passage of the other, which says little more, as mails do."""
    return passage_of(root.digest) in new.passages or passage_of(new.digest) in root.passages


def _reminds(pair: _Pair, rules: Rules, *, alone: bool) -> bool:
    """Tell whether a new text reminds of this case: by what it is about, if it says that."""
    new = pair.new
    if new.reminds is Reminding.NOT:
        return False
    about = things_of(each for each in new.beside if each not in listed("reminds", "nothing"))
    common = share(about, things_of(pair.root.words)) >= rules.reminded
    if new.reminds is Reminding.PERHAPS:
        return common and pair.meant >= rules.meant
    if sum(about.values()) < LITTLE and not new.goods:
        return alone
    return common or (pair.meant >= rules.meant and not _asks_more(pair.root, new))


def _adds_a_question(pair: _Pair) -> bool:
    return pair.new.length > pair.root.length and _asks_more(pair.root, pair.new)


def _asks_more(root: Case, new: Case) -> bool:
    return new.asks is not Asking.NOTHING and root.asks is Asking.NOTHING


def _likeness(root: Case, new: Case, meant: float) -> float:
    """Return the sum of what speaks for one case, less what speaks against it.

    The weights are those of a logistic regression over the pairs for development, divided by that
    of the cosine and rounded.
    """
    mine, theirs = things_of(new.words), things_of(root.words)
    lower, upper = sorted((share(mine, theirs), share(theirs, mine)))
    likeness = meant + 0.65 * lower + 0.3 * upper
    likeness += 0.1 * bool(root.goods & new.goods)
    likeness -= 0.15 * (bool(root.goods) != bool(new.goods))
    likeness -= 0.2 * (new.asks is Asking.ALL and root.asks is not Asking.ALL)
    likeness -= 0.2 * _asks_more(root, new)
    likeness -= 0.15 * (root.asks is Asking.ALL and new.asks is not Asking.ALL)
    likeness -= 0.4 * bool((mine.keys() - theirs.keys()) & listed("acts", "words"))
    return likeness
