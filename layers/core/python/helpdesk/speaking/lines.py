"""A text as lines that can be looked at in bounded time. Pure.

A line is looked at in its folded form: runs of blanks are one, and it is cut. Blank lines that
follow each other are one. Places in the text stay those of the whole text.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import NamedTuple

from helpdesk.speaking.phrases import Word, words

MOST_CHARACTERS, MOST_LINES, LONGEST_LINE = 100_000, 3_000, 2_000
"""How much of a text is looked at. The rest speaks."""

_BREAKS = frozenset(',.!?;:()\u2026\u2013\u2014\u00bf\u00a1"\u201c\u201d\u201e\u00ab\u00bb|\n')

_SAYING = re.compile("[^\\W_]|[?\u2190-\u2bff\U0001f000-\U0001faff]")


@dataclass(frozen=True, slots=True)
class Line:
    """A line without the blanks around it, from `start` to before `stop`, and its folded form."""

    start: int
    stop: int
    said: str


@dataclass(frozen=True, slots=True)
class Bounded:
    """The lines that are looked at, and whether that is all of the text."""

    text: str
    lines: list[Line]
    whole: bool


class Part(NamedTuple):
    """Words between two breaks, and what stands between them and the next words."""

    words: list[Word]
    after: str


def bounded(text: str) -> Bounded:
    """Return the lines of a text, not more than the bounds allow."""
    head, lines, place = text[:MOST_CHARACTERS], list[Line](), 0
    for written in head.splitlines(keepends=True):
        place += len(written)
        said = " ".join(written.split())[:LONGEST_LINE]
        if not said and lines and not lines[-1].said:
            continue
        if len(lines) == MOST_LINES:
            return Bounded(text, lines, whole=False)
        start = place - len(written.lstrip())
        lines.append(Line(start, start + len(written.strip()), said))
    return Bounded(text, lines, whole=len(head) == len(text))


def parts(text: str, start: int, stop: int) -> list[Part]:
    """Return the parts between two places of a text: sentences, or what commas part."""
    found, held = list[Part](), list[Word]()
    read = words(text, start, stop)
    for at, word in enumerate(read):
        held.append(word)
        after = text[word.stop : read[at + 1].start if at + 1 < len(read) else stop]
        if at + 1 == len(read) or _breaks(after, word):
            found.append(Part(held, after))
            held = []
    return found


def says_something(text: str) -> bool:
    """Tell whether a text has a letter, a digit, a question mark or a picture."""
    return _SAYING.search(text) is not None


def _breaks(between: str, before: Word) -> bool:
    if between[:1] == "." and before.capital and before.stop - before.start <= 3:
        between = between[1:]  # an initial, or "Mr."
    return " - " in between or any(c in _BREAKS or unicodedata.category(c) == "So" for c in between)
