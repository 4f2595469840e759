"""The faults of a draft: what it says and its evidence does not."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from helpdesk.drafting.grounding.asking import stems
from helpdesk.drafting.grounding.atoms import WEAK
from helpdesk.drafting.grounding.bearing import Allowed, bears
from helpdesk.drafting.grounding.binding import Bearing, bearings, bound
from helpdesk.drafting.grounding.english import english, stem
from helpdesk.drafting.grounding.reading import Sentence, read, stripped
from helpdesk.drafting.grounding.spelling import sentences
from helpdesk.drafting.model import Fault, Part, Severity
from helpdesk.evidence import Found

type Likeness = Callable[[str, str], float]
"""Returns how alike two sentences are, from 0 to 1."""

UNLIKE = 0.65
"""Below this likeness to every sentence of its evidence, a sentence is marked."""

NEAR = 0.9
"""Share of words from which on two sentences must deny the same number of times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Checked:
    part: int
    cited: tuple[Bearing, ...]
    allowed: Allowed
    likeness: Likeness | None


def faults(
    parts: Sequence[Part],
    evidence: Sequence[Found],
    *,
    said: str = "",
    known: Sequence[str] = (),
    links: Sequence[str] = (),
    likeness: Likeness | None = None,
) -> tuple[Fault, ...]:
    """Return what parts say without evidence, in the order of the parts.

    `said` is what the customer wrote: it bears identifiers, such as an order number, and nothing
    else. `known` are names that the ticket vouches for. `links` are those that code puts in.
    `likeness` compares meanings, if the caller has a measure.
    """
    numbers = {each.number for each in evidence}
    allowed = Allowed.of(said, known, links)
    found: list[Fault] = []
    for at, part in enumerate(parts):
        found += [
            Fault(severity=Severity.HARD, kind="citation", what=str(number), part=at)
            for number in part.rests_on
            if number not in numbers
        ]
        cited = bearings([each for each in evidence if each.number in part.rests_on])
        checked = _Checked(part=at, cited=cited, allowed=allowed, likeness=likeness)
        for sentence in map(read, sentences(part.text)):
            found += _of_sentence(sentence, checked)
    return tuple(dict.fromkeys(found))


def _of_sentence(sentence: Sentence, checked: _Checked) -> Iterator[Fault]:
    if any(_quotes(sentence, each) for each in checked.cited):
        return
    rests_on = bound(sentence, checked.cited)
    for atom in sorted(stripped(sentence), key=lambda each: sentence.text.find(each.spelling)):
        if not bears(atom, rests_on, checked.allowed):
            yield _fault(Severity.HARD, atom.kind.value, atom.spelling, checked)
    if rests_on and _denies_otherwise(sentence, rests_on):
        yield _fault(Severity.SOFT, "negation", sentence.text, checked)
    if not _courteous(sentence):
        if not any(sentence.stems & each.sentence.stems for each in rests_on):
            yield _fault(Severity.HARD, "uncited", sentence.text, checked)
        yield from _soft(sentence, checked)


def _quotes(sentence: Sentence, bearing: Bearing) -> bool:
    """Tell whether a sentence stands in the evidence as it is.

    A past reply bears no number even if it is quoted.
    """
    never = WEAK.get(bearing.origin, frozenset())
    weak = any(atom.kind in never for atom in sentence.atoms)
    return sentence.text == bearing.sentence.text and not weak


def _soft(sentence: Sentence, checked: _Checked) -> Iterator[Fault]:
    known = frozenset().union(*(each.sentence.stems | stems(each.title) for each in checked.cited))
    for noun in sentence.nouns:
        if stem(noun) not in known and noun not in checked.allowed.names:
            yield _fault(Severity.SOFT, "noun", noun, checked)
    if checked.likeness and checked.cited:
        measure = checked.likeness
        best = max(measure(sentence.text, each.sentence.text) for each in checked.cited)
        if best < UNLIKE:
            yield _fault(Severity.SOFT, "unlike", sentence.text, checked)


def _denies_otherwise(sentence: Sentence, rests_on: Sequence[Bearing]) -> bool:
    """Tell whether a sentence denies what its evidence affirms, or the other way round."""
    best = rests_on[0].sentence
    denied = frozenset().union(*(each.sentence.denied for each in rests_on))
    stems = frozenset().union(*(each.sentence.stems for each in rests_on))
    if sentence.denied & (stems - denied) or (denied & sentence.stems) - sentence.denied:
        return True
    if sentence.negations and not any(each.sentence.negations for each in rests_on):
        return True
    words = frozenset().union(*(each.sentence.every for each in rests_on))
    if _opposed(sentence.every - words, words - sentence.every):
        return True
    shared = len(sentence.stems & best.stems)
    near = shared >= NEAR * max(len(sentence.stems), len(best.stems), 1)
    return near and sentence.negations != best.negations


def _opposed(one: frozenset[str], other: frozenset[str]) -> bool:
    """Tell whether one text has "used" and the other "unused"."""
    return any(f"un{word}" in other for word in one) or any(f"un{word}" in one for word in other)


def _courteous(sentence: Sentence) -> bool:
    """Tell whether a sentence greets, thanks, regrets, asks or offers, and claims nothing."""
    low = sentence.text.casefold()
    known = english()
    if not sentence.stems or low.endswith("?"):
        return True
    if any(claim in low for claim in known.claiming):
        return False
    return low.startswith(known.beginning) or any(phrase in low for phrase in known.holding)


def _fault(severity: Severity, kind: str, what: str, checked: _Checked) -> Fault:
    return Fault(severity=severity, kind=kind, what=what, part=checked.part)
