"""What others ask of a text: what it holds, and what it has in common with another."""

from helpdesk.drafting.grounding.atoms import WEAK, Atom, Kind
from helpdesk.drafting.grounding.quantities import tokens
from helpdesk.drafting.grounding.reading import codes_in, content, letters, read
from helpdesk.drafting.grounding.spelling import sentences, spelled
from helpdesk.evidence import Origin


def has_weak_atom(text: str, origin: Origin) -> bool:
    """Tell whether a text holds what a passage of its origin never bears."""
    weak = WEAK.get(origin, frozenset())
    return any(atom.kind in weak and not atom.weak for atom in _atoms(text))


def has_hard_atom(text: str) -> bool:
    """Tell whether a text holds anything that is asked for evidence."""
    return any(not atom.weak for atom in _atoms(text))


def has_link(text: str) -> bool:
    """Tell whether a text holds a link, of any scheme, or an address that becomes one."""
    return any(atom.kind is Kind.LINK for atom in _atoms(text))


def identifiers(text: str) -> frozenset[str]:
    """Return the codes of a text in the spelling that is compared, such as those of orders."""
    return frozenset(
        value for atom in _atoms(text) if atom.kind is Kind.IDENTIFIER for value in atom.values
    )


def codes(text: str) -> frozenset[str]:
    """Return all that may name something in a customer's text: identifiers and long numbers."""
    return codes_in(spelled(text))


def stems(text: str) -> frozenset[str]:
    """Return the stems of the content words of a text."""
    words = (token.text for token in tokens(spelled(text)) if token.kind == "word")
    return content(words)


def key(text: str) -> str:
    """Return a text by its letters and digits alone: equal keys, equal sentences."""
    return letters(spelled(text))


def _atoms(text: str) -> tuple[Atom, ...]:
    return tuple(atom for sentence in sentences(text) for atom in read(sentence).atoms)
