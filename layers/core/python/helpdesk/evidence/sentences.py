"""A text of the desk as sentences, and how much of it an encoder reads. Pure.

Lines are borders, and so is the end of a sentence before what begins another. No border is within
a number, an address, or after an abbreviation.
"""

import re
from itertools import pairwise

ENCODED = 128
"""Word pieces that the encoder reads of a text; it never sees the rest."""

_BORDER = re.compile(
    r"[.!?\u2026]['\"\u2019\u201d\u00bb)\]]{0,3}(\s+)(?=['\"\u2018\u201c\u201e\u00ab(\[]{0,3}[^\W_a-z])"
)
_LAST_WORD = re.compile(r"([^\W\d_](?:[^\W\d_]|\.(?=[^\W\d_]))*)\.\Z")
_SHORT = frozenset(
    "a.m abs approx art bzw ca co dr e.g eg etc excl ext fig i.e incl inc jr ltd max mr mrs ms min "
    "mt nr no p.m pp prof resp sec sr st str tel u.a usw vgl vol vs z.b".split()
)
"""What a full stop is part of. `no.` ends a sentence too; then the next one begins no number."""

_PIECES = re.compile(r"[^\W\d_]+|\d|[^\w\s]|_")
_LONG_WORD, _PIECE = 5, 3
"""Letters of a word that is taken for one piece, and of each piece beyond. Longer words are rare
in vocabularies, and the count must not be too low."""


def sentences(text: str) -> tuple[str, ...]:
    """Return the sentences of a text in order, each on one line, without those that say nothing."""
    found = (
        sentence for line in text.splitlines() for sentence in _of_line(" ".join(line.split()))
    )
    return tuple(each for each in found if any(map(str.isalnum, each)))


def pieces(text: str) -> int:
    """Return how many word pieces an encoder takes a text for at most, its two marks included."""
    return 2 + sum(map(_pieces_of, _PIECES.findall(text)))


def _of_line(line: str) -> list[str]:
    borders = [
        found.start(1)
        for found in _BORDER.finditer(line)
        if not _within(line[: found.start(1)], line[found.end() :])
    ]
    return [line[start:stop].strip() for start, stop in pairwise([0, *borders, len(line)])]


def _within(before: str, after: str) -> bool:
    """Tell whether a full stop is part of a word: of an abbreviation, an initial, a number."""
    if re.fullmatch(r"\d+\.", before):  # the number of a step
        return True
    if not (last := _LAST_WORD.search(before)):
        return False
    word = last[1].casefold()
    if word in {"no", "nr"}:
        return after[:1].isdigit()
    return word in _SHORT or (len(word) == 1 and last[1].isupper() and word != "i")


def _pieces_of(token: str) -> int:
    return 1 + max(0, -(-(len(token) - _LONG_WORD) // _PIECE))
