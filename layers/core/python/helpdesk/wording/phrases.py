"""Phrases as data, and finding them among the words of a text. Pure but for reading the file.

A phrase is a few words. `a|b` stands for one of several words, `word?` for one that may be missing.
Case, apostrophes, accents' Unicode form and invisible characters do not matter.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import product
from typing import Any

_APOSTROPHES = "'`\u2019\u02bc\u00b4"
"""Straight, backtick, typographic, modifier letter, acute: what people type for an apostrophe."""

WORD = rf"[^\W_]+(?:[{_APOSTROPHES}][^\W_]+)*"
"""A word with its apostrophes, as a regular expression."""

_WORD = re.compile(WORD)
_DROPPED = dict.fromkeys(map(ord, _APOSTROPHES))


@dataclass(frozen=True, slots=True)
class Span:
    """A phrase among words: it goes from the word `start` to before the word `stop`."""

    start: int
    stop: int
    label: str

    def overlaps(self, other: "Span") -> bool:
        """Tell whether both have a word in common."""
        return self.start < other.stop and other.start < self.stop


class Phrases:
    """Phrases by their label, in a tree of words."""

    def __init__(self, by_label: Mapping[str, Iterable[str]]) -> None:
        self._tree: dict[str, Any] = {}
        for label, phrases in by_label.items():
            for phrase in phrases:
                for written in _spelled_out(phrase):
                    node = self._tree
                    for word in written:
                        node = node.setdefault(word, {})
                    node.setdefault("", set()).add(label)

    def spans(self, words: list[str]) -> Iterator[Span]:
        """Yield every phrase among the words; each start takes no more steps than a phrase has."""
        for start in range(len(words)):
            for stop, labels in self._from(words, start):
                for label in sorted(labels):
                    yield Span(start, stop, label)

    def ends(self, words: list[str], start: int) -> list[int]:
        """Return where the phrases end that begin at the word `start`."""
        return [stop for stop, _ in self._from(words, start)]

    def _from(self, words: list[str], start: int) -> Iterator[tuple[int, set[str]]]:
        node: dict[str, Any] | None = self._tree
        for place in range(start, len(words)):
            node = node.get(words[place]) if node else None
            if node is None:
                return
            if "" in node:
                yield place + 1, node[""]


def plain(text: str) -> str:
    """Return a text in its plain form: NFKC, small letters, no invisible characters."""
    shown = (sign for sign in text if unicodedata.category(sign) != "Cf")
    return unicodedata.normalize("NFKC", "".join(shown)).casefold()


def words(text: str) -> list[str]:
    """Return the words of a text in their plain form, without apostrophes."""
    return [bare(word) for word in _WORD.findall(plain(text))]


def bare(word: str) -> str:
    """Return a word without its apostrophes: "don't" is written "dont" as well."""
    return word.translate(_DROPPED)


@cache
def data() -> dict[str, Any]:
    """Return the phrases that are kept with the product."""
    return tomllib.loads(resources.files(__package__).joinpath("phrases.toml").read_text("utf-8"))


def _spelled_out(phrase: str) -> Iterator[list[str]]:
    """Yield the words of each way to write a phrase."""
    ways = []
    for part in phrase.split():
        optional = part.endswith("?")
        choices = [bare(plain(word)) for word in part.removesuffix("?").split("|")]
        ways.append([*choices, ""] if optional else choices)
    for way in product(*ways):
        yield [word for word in way if word]
