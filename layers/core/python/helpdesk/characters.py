"""Characters that show nothing, steer what shows them, or pile up: what text may be made of. Pure.

Unicode's categories decide: Cc are control characters, Cf characters without a shape (joiners,
marks of direction), M* marks that join the character before them.
"""

import unicodedata
from collections.abc import Iterator

MOST_MARKS, LONGEST_CLUSTER = 6, 16
"""Marks on one character, and what it may have in all, joined emoji included, where lists show it.

No script needs more.
"""

_JOINER = "\u200d"
_SKIN_TONES = range(0x1F3FB, 0x1F400)
_UNSEEN_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Fillers and the empty braille pattern: letters and signs to Unicode, nothing to a reader."""

_UNSEEN_MARKS = frozenset(
    map(chr, (0x034F, 0x17B4, 0x17B5, *range(0x180B, 0x1810), *range(0xFE00, 0xFE10)))
) | frozenset(map(chr, range(0xE0100, 0xE01F0)))
"""Marks without a shape: joiners of graphemes and choices of a variant."""

_STEERING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks of direction: what follows one is shown in another order than it is written in."""


def shows_nothing(text: str) -> bool:
    """Tell whether a reader sees nothing: white space, joiners, fillers, control characters."""
    return all(_unseen(character) for character in text)


def steers(text: str) -> bool:
    """Tell whether `text` holds control characters or marks of direction."""
    return any(c in _STEERING or unicodedata.category(c) == "Cc" for c in text)


def hides_something(text: str) -> bool:
    """Tell whether `text` holds a character without a shape, for texts that tell people apart."""
    return any(
        unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"}
        or c in _UNSEEN_LETTERS
        or c in _UNSEEN_MARKS
        for c in text
    )


def headline(text: str, most: int) -> str:
    """Return the first line of `text` that shows something, at most `most` characters of it.

    A character keeps MOST_MARKS of its marks and is not cut apart. The result is empty if no line
    shows anything.
    """
    lines = (line.strip() for line in text.splitlines())
    line = next((line for line in lines if not shows_nothing(line)), "")
    kept = ""
    for cluster in _clusters(line):
        if len(kept) + len(cluster) > most:
            break
        kept += cluster
    return kept.rstrip()


def _clusters(line: str) -> Iterator[str]:
    """Yield what a reader takes for one character each: with its marks, or joined into one."""
    cluster, marks = "", 0
    for character in line:
        category = unicodedata.category(character)
        mark = category.startswith("M")
        joins = mark or character == _JOINER or ord(character) in _SKIN_TONES
        if cluster and (joins or (cluster[-1] == _JOINER and category == "So")):
            marks += mark
            if marks <= MOST_MARKS and len(cluster) < LONGEST_CLUSTER:
                cluster += character
            continue
        if cluster:
            yield cluster
        cluster, marks = character, 0
    if cluster:
        yield cluster


def _unseen(character: str) -> bool:
    return (
        character.isspace()
        or unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zs", "Zl", "Zp"}
        or character in _UNSEEN_LETTERS
        or character in _UNSEEN_MARKS
    )
