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
from typing import Any, Self

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


@dataclass(frozen=True, slots=True)
class Part:
    """One place of a phrase: any of its words may stand there, or none if it is optional."""

    words: frozenset[str]
    optional: bool

    @classmethod
    def of(cls, written: str) -> Self:
        """Return a place as the data write it: `a|b`, or `a|b?` if it may be missing."""
        choices = written.removesuffix("?").split("|")
        return cls(frozenset(bare(plain(word)) for word in choices), written.endswith("?"))


type Phrase = tuple[Part, ...]


class Phrases:
    """Phrases by their label. They are looked up by the word they may begin with."""

    def __init__(self, by_label: Mapping[str, Iterable[str]]) -> None:
        self.labels = tuple(by_label)
        self._by_first: dict[str, list[tuple[Phrase, str]]] = {}
        for label, phrases in by_label.items():
            for written in phrases:
                phrase = tuple(map(Part.of, written.split()))
                for word in frozenset().union(*(part.words for part in _leading(phrase))):
                    self._by_first.setdefault(word, []).append((phrase, label))

    def spans(self, words: list[str]) -> Iterator[Span]:
        """Yield every phrase among the words, each once."""
        for start in range(len(words)):
            found = {Span(start, stop, label) for stop, label in self._from(words, start)}
            yield from sorted(found, key=lambda each: (each.stop, each.label))

    def ends(self, words: list[str], start: int) -> list[int]:
        """Return where the phrases end that begin at the word `start`."""
        return sorted({stop for stop, _ in self._from(words, start)})

    def _from(self, words: list[str], start: int) -> Iterator[tuple[int, str]]:
        for phrase, label in self._by_first.get(words[start], ()) if start < len(words) else ():
            places = {start}
            for part in phrase:
                read = {at + 1 for at in places if at < len(words) and words[at] in part.words}
                places = places | read if part.optional else read
            yield from ((stop, label) for stop in places if stop > start)


def _leading(phrase: Phrase) -> Iterator[Part]:
    """Yield the places in which the first word of a phrase may stand."""
    for part in phrase:
        yield part
        if not part.optional:
            return


HARMLESS = " harmless"
"""What the label of a harmless phrase ends with, after that of the phrases it takes away."""


def told(phrases: Phrases, words: list[str]) -> frozenset[str]:
    """Return the labels of the phrases among words that do not overlap a harmless one of theirs."""
    spans = list(phrases.spans(words))
    harmless = [each for each in spans if each.label.endswith(HARMLESS)]
    return frozenset(
        each.label
        for each in spans
        if not each.label.endswith(HARMLESS)
        and not any(each.label + HARMLESS == h.label and each.overlaps(h) for h in harmless)
    )


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
