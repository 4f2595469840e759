"""Whether sentences of the evidence bear an atom of a draft."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from helpdesk.drafting.grounding.atoms import COUNTED, WEAK, Atom, Kind
from helpdesk.drafting.grounding.binding import Bearing
from helpdesk.drafting.grounding.reading import Sentence, codes_in, names_in
from helpdesk.drafting.grounding.signs import address
from helpdesk.drafting.grounding.spelling import spelled
from helpdesk.evidence import Origin


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a draft may say beside its evidence: names, links, and what identifies something."""

    names: frozenset[str] = field(default_factory=frozenset)
    codes: frozenset[str] = field(default_factory=frozenset)
    links: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def of(cls, said: str, known: Iterable[str], links: Iterable[str]) -> "Allowed":
        """Return what the customer's message, names of the ticket and trusted links allow.

        The message allows identifiers alone: no amount is true because a customer wrote it.
        """
        texts = [spelled(each) for each in known]
        return cls(
            names=frozenset().union(*map(names_in, texts)),
            codes=codes_in(spelled(said)).union(*map(codes_in, texts)),
            links=frozenset(map(address, links)),
        )


def bears(atom: Atom, evidence: Sequence[Bearing], allowed: Allowed) -> bool:
    """Tell whether the evidence that a sentence is bound to bears one of its atoms."""
    if atom.kind is Kind.NAME:
        return _bears_name(atom, evidence, allowed)
    if atom.kind is Kind.IDENTIFIER and atom.values & allowed.codes:
        return True
    if atom.kind is Kind.LINK and atom.values & allowed.links:
        return True
    usable = [each for each in evidence if atom.kind not in WEAK.get(each.origin, ())]
    if atom.kind is Kind.PROMISE:  # "free" of one sentence and "gift" of another promise nothing
        records = [each for each in usable[1:] if each.origin is Origin.RECORD]
        return any(_keeps(atom, each.sentence) for each in (*usable[:1], *records))
    return any(_bears(atom, each.sentence) for each in usable)


def _bears_name(atom: Atom, evidence: Sequence[Bearing], allowed: Allowed) -> bool:
    (value,) = atom.values
    words = value.split()
    if len(words) == 1 and (words[0] in allowed.names or _joined(words[0], allowed.names)):
        return True
    for each in evidence:
        names = names_in(f"{each.sentence.text}\n{spelled(each.title)}")
        if len(words) == 1 and (words[0] in names or _joined(words[0], names)):
            return True
        if len(words) > 1 and f" {value} " in f" {' '.join(_in_order(each.sentence))} ":
            return True
    return False


def _keeps(atom: Atom, sentence: Sentence) -> bool:
    """Tell whether a sentence says that something was done, or has the word of a promise."""
    (value,) = atom.values
    manner, _, word = value.partition(":")
    if manner == "promised":
        return word in sentence.stems
    return any(value in each.values for each in sentence.atoms if each.kind is Kind.PROMISE)


def _joined(word: str, names: frozenset[str]) -> bool:
    """Tell whether the parts of a word with hyphens are all there."""
    return "-" in word and all(part in names for part in word.split("-") if part)


def _in_order(sentence: Sentence) -> list[str]:
    from_text = sentence.text.casefold()
    return "".join(c if c.isalpha() or c in "'-" else " " for c in from_text).split()


def _bears(atom: Atom, sentence: Sentence) -> bool:
    others = [each for each in sentence.atoms if _comparable(atom, each)]
    if atom.kind is Kind.DATE:
        return any(_same_day(a, b) for each in others for a in atom.values for b in each.values)
    equal = [each for each in others if atom.values & each.values]
    if atom.kind not in COUNTED:
        return bool(equal)
    crowd = [each for each in sentence.atoms if each.kind in COUNTED and not each.end]
    return any(_agree(atom, each, crowd) for each in equal)


def _comparable(atom: Atom, other: Atom) -> bool:
    if atom.kind is Kind.IDENTIFIER:
        return other.kind in {Kind.IDENTIFIER, Kind.NUMBER}
    if atom.kind in COUNTED:
        return other.kind in COUNTED and (Kind.TIME in {atom.kind, other.kind}) <= (
            atom.kind is other.kind
        )
    return atom.kind is other.kind


def _agree(atom: Atom, other: Atom, crowd: Sequence[Atom]) -> bool:
    """Tell whether two equal numbers count the same.

    Units must be equal. Where a unit is missing, or another number of the sentence has the same
    unit, the clause decides: no other number may stand in a clause that is more alike.
    """
    if not _same_unit(atom, other) or not _same_bound(atom, other):
        return False
    rivals = [
        each
        for each in crowd
        if (each.kind, each.unit) == (other.kind, other.unit) and not each.values & other.values
    ]
    if atom.unit == other.unit and not rivals and (atom.unit or _same_nouns(atom, other)):
        return True
    alike = _alike(atom, other)
    if not alike:
        return atom.kind is Kind.TIME and not rivals
    return all(_alike(atom, rival) <= alike for rival in rivals)


def _same_unit(one: Atom, other: Atom) -> bool:
    if one.unit and other.unit:
        return (one.kind, one.unit) == (other.kind, other.unit)
    return not (one.unit and other.nouns) and not (other.unit and one.nouns)


def _same_nouns(one: Atom, other: Atom) -> bool:
    """Tell whether two bare numbers may count the same: one has no noun, or they share it."""
    shared = not one.nouns or not other.nouns or bool(one.nouns & other.nouns)
    return shared and one.bound == other.bound


def _same_bound(atom: Atom, other: Atom) -> bool:
    """Tell whether "at most" is not "at least". One end of a range is only true as a limit."""
    if atom.bound and other.bound:
        return atom.bound == other.bound
    return bool(atom.bound) or not other.end


def _alike(one: Atom, other: Atom) -> float:
    """Return how much two clauses share, from 0 to 1."""
    if one.around == other.around:
        return 1.0
    return len(one.around & other.around) / len(one.around | other.around)


def _same_day(one: str, other: str) -> bool:
    (year, day), (other_year, other_day) = one.split(":"), other.split(":")
    return day == other_day and (year == other_year or not year or not other_year)
