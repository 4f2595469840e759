"""How alike two texts are: as they are, by their words, by the vectors of their meaning. Pure."""

import hashlib
import math
import re
import unicodedata
from collections.abc import Container, Iterable, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import pairwise

_FEWEST = 3
"""Pairs of words of the shorter text without which a share says nothing."""

_ALMOST = 0.75
"""How alike (0 to 1) two words are that are one, mistyped or in another form."""

_MOST_OFF = 2
"""Letters that a mistyped word has more or less."""

_VECTORS = 64
"""Vectors that are kept in memory: those of one customer."""

_WORD = re.compile(r"[^\W_]+")
_DROPPED = dict.fromkeys(map(ord, "'`\u2019\u02bc\u00b4"))
LIGHT = frozenset(
    "a about after again all already also although am an and any are as at be because been"
    " before both but by can cannot cant could couldnt dear did didnt do does doesnt doing"
    " dont each even ever everything for from get getting got greetings had has hasnt have"
    " havent having hello here hey hi how however i id if ill im in into is isnt it its itself"
    " ive just kind kindly let like many me more much my myself never no none not nothing now"
    " of off on once one only or our out please really regards same sincerely since so some"
    " still such than thank thanks that thats the their them then there these they thing this"
    " those though to too under until up us very want was wasnt way we well were weve what"
    " when where which while who why will wish with without wont would yes yet you your"
    " yours".split()
)
"""Words that tell no case from another."""


def words_of(text: str) -> list[str]:
    """Return the words of a text in one form: small letters, no signs."""
    return _WORD.findall(unicodedata.normalize("NFKC", text).translate(_DROPPED).casefold())


def digest_of(words: Sequence[str]) -> str:
    """Return what is equal for equal words."""
    return hashlib.sha256(" ".join(words).encode("utf-8", "replace")).hexdigest()[:32]


def containment(one: Sequence[str], other: Sequence[str]) -> float:
    """Return which share (0 to 1) of the shorter text's two-word shingles the longer one has.

    0 if there are too few to say anything.
    """
    pairs = (set(pairwise(some)) for some in (one, other))
    shorter, longer = sorted(pairs, key=len)
    if len(shorter) < _FEWEST:
        return 0.0
    return len(shorter & longer) / len(shorter)


def aligned(
    new: Sequence[str], root: Sequence[str], known: Container[str], names: Container[str]
) -> list[str]:
    """Return the words of a text with those that are mistyped as they are in another text.

    Two words that are both `known` or `names` are two words, near as they may be: boots, books.
    """

    def sure(word: str) -> bool:
        return word in known or word in names

    mine, theirs = set(new) - set(root), set(root) - set(new)
    found = {
        word: other
        for word in mine
        for other in theirs
        if abs(len(word) - len(other)) <= _MOST_OFF
        and not (sure(word) and sure(other))
        and _almost(word, other)
    }
    return [found.get(word, word) for word in new]


def exchanged(one: Iterable[str], other: Iterable[str]) -> bool:
    """Tell whether each of two texts has a word of weight in the place of one of the other's.

    A mistyped word and another form of a word are the same word; another number never is.
    """
    mine, theirs = set(one) - LIGHT, set(other) - LIGHT
    left, right = mine - theirs, theirs - mine
    return _unmatched(left, theirs) and _unmatched(right, mine)


def _unmatched(words: Iterable[str], others: Iterable[str]) -> bool:
    return any(not any(_almost(word, each) for each in others) for word in words)


def _almost(one: str, other: str) -> bool:
    if not (one.isalpha() and other.isalpha()) or min(len(one), len(other)) < 3:
        return False
    if len(one) == len(other) and sorted(one) == sorted(other):
        return True
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return matcher.quick_ratio() >= _ALMOST and matcher.ratio() >= _ALMOST


def cosine(one: bytes, other: bytes) -> float:
    """Return how near two vectors of bytes are, -1 to 1; 0 if there is nothing to compare."""
    if not one or len(one) != len(other):
        return 0.0
    length = math.sqrt(_squared(one) * _squared(other))
    return math.sumprod(_numbers(one), _numbers(other)) / length if length else 0.0


@lru_cache(maxsize=_VECTORS)
def _numbers(vector: bytes) -> list[int]:
    return memoryview(vector).cast("b").tolist()


@lru_cache(maxsize=_VECTORS)
def _squared(vector: bytes) -> float:
    numbers = _numbers(vector)
    return math.sumprod(numbers, numbers)
