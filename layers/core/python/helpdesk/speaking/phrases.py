"""Phrases as data, and finding them among words. Pure but for reading the files.

A phrase is a few words. `a|b` stands for one of several words, `word?` for one that may be missing.
Case, accents and apostrophes do not matter, and a hyphen parts words.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib import resources
from itertools import product
from typing import Any, NamedTuple

_LETTERS = r"[^\W_](?:[^\W_]|[\u0300-\u036f])*+"
_APOSTROPHES = "'`\u2019\u02bc\u00b4"
_WORD = re.compile(rf"{_LETTERS}(?:[{_APOSTROPHES}]{_LETTERS})*+")
_DROPPED = dict.fromkeys(map(ord, _APOSTROPHES))


class Word(NamedTuple):
    """A word in its plain form, where it stands in the text, and whether it begins as names do."""

    plain: str
    start: int
    stop: int
    capital: bool


class Phrases:
    """Phrases that are looked up word by word: as much work as the longest has words."""

    def __init__(self, written: Iterable[str]) -> None:
        self._tree: dict[str, Any] = {}
        for phrase in written:
            for choice in product(*map(_choices, phrase.split())):
                branch = self._tree
                for word in filter(None, choice):
                    branch = branch.setdefault(word, {})
                branch[""] = {}

    def ends(self, words: Sequence[Word], start: int = 0) -> list[int]:
        """Return where the phrases end that begin at the word `start`, the shortest first."""
        branch, found = self._tree, []
        for at in range(start, len(words) + 1):
            if "" in branch and at > start:
                found.append(at)
            if at == len(words) or words[at].plain not in branch:
                break
            branch = branch[words[at].plain]
        return found

    def are(self, words: Sequence[Word]) -> bool:
        """Tell whether the words are one of the phrases, all of them."""
        return bool(words) and len(words) in self.ends(words)

    def among(self, words: Sequence[Word]) -> set[tuple[str, ...]]:
        """Return the phrases that stand anywhere among the words."""
        return {
            tuple(word.plain for word in words[start:stop])
            for start in range(len(words))
            for stop in self.ends(words, start)
        }


def words(text: str, start: int = 0, stop: int | None = None) -> list[Word]:
    """Return the words between two places of a text."""
    found = _WORD.finditer(text, start, len(text) if stop is None else stop)
    read = [Word(plain(each[0]), *each.span(), each[0][0].isupper()) for each in found]
    return [word for word in read if word.plain]


def plain(word: str) -> str:
    """Return a word in small letters, without accents and apostrophes."""
    if word.isascii():
        return word.translate(_DROPPED).lower()
    parted = unicodedata.normalize("NFKD", word.casefold())
    return "".join(c for c in parted if not unicodedata.combining(c)).translate(_DROPPED).casefold()


@cache
def phrases(topic: str, name: str) -> Phrases:
    """Return the phrases that the data hold under a topic and a name."""
    return Phrases(_data()[topic][name])


@cache
def listed(topic: str, name: str) -> frozenset[str]:
    """Return the single words that the data hold under a topic and a name."""
    return frozenset(map(plain, _data()[topic][name].split()))


@cache
def number(topic: str, name: str) -> int:
    """Return a number that the data hold under a topic and a name."""
    return int(_data()[topic][name])


def _choices(written: str) -> Iterator[str]:
    """Yield the words that may stand in a place of a phrase, and "" if none has to."""
    yield from map(plain, written.removesuffix("?").split("|"))
    if written.endswith("?"):
        yield ""


@cache
def _data() -> dict[str, Any]:
    files = resources.files(__package__)
    read = (files.joinpath(name).read_text("utf-8") for name in ("phrases.toml", "mails.toml"))
    return {topic: kept for text in read for topic, kept in tomllib.loads(text).items()}
