"""How much two texts have in common by what their words stand for. Pure but for the data.

Words that say the same count as one, in any form: delivered, arrived. What nearly every message
says counts little.
"""

from collections.abc import Iterable
from functools import cache, lru_cache

from helpdesk.cases.likeness import LIGHT
from helpdesk.cases.phrases import data, listed

_LITTLE = 0.25
"""What a word weighs that nearly every message has."""

_BEGINNING = 5
"""Letters of a longer word by which its other forms are known, and words that are mistyped."""

_ENDINGS = ("ings", "ing", "edly", "ied", "ies", "ed", "es", "ly", "er", "en", "s", "e")
_SHORTEST = 4
"""Letters that a word has at least without its ending."""

_COUNTS = dict(
    zip(
        "one two three four five six seven eight nine ten twelve twenty thirty".split(),
        "1 2 3 4 5 6 7 8 9 10 12 20 30".split(),
        strict=True,
    )
)


def things_of(words: Iterable[str]) -> dict[str, float]:
    """Return what words stand for, with how much each weighs."""
    found = dict[str, float]()
    for word in words:
        if word not in LIGHT and word not in listed("alike", "nothing"):
            thing = _thing(word)
            found[thing] = _LITTLE if thing in _weak() else 1.0
    return found


def share(one: dict[str, float], other: dict[str, float]) -> float:
    """Return which share (0 to 1) of what one text is about the other is about as well."""
    whole = sum(one.values())
    if not whole:
        return 0.0
    beginnings = {_beginning(each) for each in other}
    common = (w for each, w in one.items() if each in other or _beginning(each) in beginnings)
    return sum(common) / whole


@cache
def known() -> frozenset[str]:
    """Return the words that are kept with the product: these are not mistyped."""
    return frozenset({*LIGHT, *_alike(), *listed("alike", "nothing")})


def _beginning(thing: str) -> str:
    return thing[:_BEGINNING] if len(thing) > _BEGINNING - 1 and thing.isalpha() else thing


@lru_cache(maxsize=4096)
def _thing(word: str) -> str:
    said = _COUNTS.get(word, word)
    return _alike().get(said) or _alike().get(_stem(said)) or _stem(said)


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST:
            return word.removesuffix(ending)
    return word


@cache
def _alike() -> dict[str, str]:
    found = dict[str, str]()
    for kind in ("weak", "strong"):
        for line in data()["alike"][kind].strip().splitlines():
            first, *more = line.split()
            for word in (first, *more):
                for form in (word, _stem(word)):
                    found.setdefault(form, first)
    return found


@cache
def _weak() -> frozenset[str]:
    return frozenset(line.split()[0] for line in data()["alike"]["weak"].strip().splitlines())
