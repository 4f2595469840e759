"""A sentence as the check reads it: its words, its atoms, and what it denies."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from helpdesk.drafting.grounding.atoms import Atom, Kind
from helpdesk.drafting.grounding.english import english, plain, stem
from helpdesk.drafting.grounding.promises import promises
from helpdesk.drafting.grounding.quantities import quantities, tokens
from helpdesk.drafting.grounding.signs import Signs

LETTERS = 5
"""Letters of an identifier, such as ORDER-12345."""

_CACHED = 4096
_LETTERS = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence in `spelled` form.

    `stems` are those of its content words, `nouns` the words that an article or preposition makes
    a noun, `denied` the stems that stand under a negation, and `negations` their number.
    """

    text: str
    stems: frozenset[str]
    every: frozenset[str]
    nouns: tuple[str, ...]
    denied: frozenset[str]
    negations: int
    atoms: tuple[Atom, ...]


@lru_cache(_CACHED)
def read(text: str) -> Sentence:
    """Return a sentence in `spelled` form as it is read."""
    words = [token.text for token in tokens(text) if token.kind == "word"]
    denied, negations = _denied(words)
    signs = Signs(text)
    found = (*signs.atoms, *quantities(signs.rest), *promises(text))
    return Sentence(
        text=text,
        stems=content(words),
        every=frozenset(map(plain, words)),
        nouns=_nouns(text),
        denied=denied,
        negations=negations,
        atoms=found,
    )


def letters(text: str) -> str:
    """Return a text by its letters and digits alone: equal ones, equal sentences."""
    return " ".join(_LETTERS.findall(text.casefold()))


def content(words: Iterable[str]) -> frozenset[str]:
    """Return the stems of the content words among words in lower case."""
    return frozenset(stem(word) for word in words if not _small(word))


def _small(word: str) -> bool:
    known = english()
    return (
        len(word) == 1
        or any(known.among(topic, word) for topic in ("stop", "negations", "weekdays"))
        or known.among("weekdays", word.removesuffix("s"))
    )


def _nouns(text: str) -> tuple[str, ...]:
    """Return the content words that follow a determiner or preposition, in their order."""
    found: list[str] = []
    open_ = False
    for token in tokens(text):
        word = token.text
        if token.kind != "word":
            open_ = open_ and token.kind in {"number", "time"}
        elif english().among("determiners", word):
            open_ = True
        elif _small(word) or word.endswith(("ly", "ing")):
            open_ = False
        elif open_ and word not in english().units and word not in english().numbers:
            found.append(word)
    return tuple(dict.fromkeys(found))


def _denied(words: list[str]) -> tuple[frozenset[str], int]:
    """Return the stems of the first content word after each negation, and how many there are."""
    denied: set[str] = set()
    negations = 0
    for at, word in enumerate(words):
        if english().among("negations", word):
            negations += 1
            after = (stem(each) for each in words[at + 1 :] if not _small(each))
            denied.add(next(after, ""))
    return frozenset(denied - {""}), negations


def stripped(sentence: Sentence) -> frozenset[Atom]:
    """Return the atoms of a sentence that are asked for evidence."""
    return frozenset(atom for atom in sentence.atoms if not atom.weak)


def names_in(text: str) -> frozenset[str]:
    """Return the words of a text as names are compared."""
    return frozenset(plain(word) for word in re.findall(r"[^\W\d_]+(?:['-][^\W\d_]+)*", text))


def codes_in(text: str) -> frozenset[str]:
    """Return the identifiers of a text as they are compared; long numbers are some too.

    A code that holds a word is none: it may be what the customer wants to be said.
    """
    found = {
        value for atom in Signs(text).atoms if atom.kind is Kind.IDENTIFIER for value in atom.values
    }
    short = {code for code in found if sum(map(str.isalpha, code)) <= LETTERS}
    return frozenset(short | set(re.findall(r"(?<![\w.,])\d{4,}(?![\w%]|[.,]\d)", text)))
