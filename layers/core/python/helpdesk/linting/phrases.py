"""Texts made comparable without a model: normal form, content words, likeness by trigrams."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from helpdesk.knowledge import Article
from helpdesk.linting.wording import STOP_WORDS

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A phrase of another article, and how much it is like one of an article's own (0 to 1)."""

    phrase: str
    other: str
    intent: str
    likeness: float


def words(text: str) -> list[str]:
    """Return the words of a text in small letters, without punctuation."""
    return _WORD.findall(text.casefold().replace("\u2019", "'"))


def normal(text: str) -> str:
    """Return a text in the form in which two texts are the same phrase."""
    return " ".join(words(text))


@cache
def content(text: str) -> str:
    """Return the words that carry a text's matter, in order of the alphabet."""
    said = words(text)
    return " ".join(sorted({each for each in said if each not in STOP_WORDS}) or said)


@cache
def trigrams(text: str) -> frozenset[str]:
    """Return the runs of three characters of a text's content words."""
    padded = f"  {content(text)} "
    return frozenset(padded[at : at + 3] for at in range(len(padded) - 2))


def likeness(one: str, other: str) -> float:
    """Return how much two texts are alike, from 0 to 1: what they share of their trigrams."""
    mine, theirs = trigrams(one), trigrams(other)
    return 2 * len(mine & theirs) / (len(mine) + len(theirs))


class Index:
    """Texts by their trigrams, to find those like another without looking at each."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts
        self._with: Mapping[str, list[int]] = defaultdict(list)
        for number, text in enumerate(texts):
            for each in trigrams(text):
                self._with[each].append(number)

    def like(self, text: str, least: float) -> Iterator[tuple[int, float]]:
        """Yield the numbers of the texts with at least this likeness, and the likeness."""
        mine = trigrams(text)
        shared: Counter[int] = Counter()
        for each in mine:
            shared.update(self._with.get(each, ()))
        for number, count in shared.items():
            alike = 2 * count / (len(mine) + len(trigrams(self.texts[number])))
            if alike >= least:
                yield number, alike


def nearest(article: Article, others: Iterable[Article], count: int) -> tuple[Neighbour, ...]:
    """Return the phrases of other articles that are most like those of an article, the most first.

    Each phrase of another article is named once.
    """
    foreign = [(t, o.intent) for o in others if o.intent != article.intent for t in o.utterances]
    index = Index([text for text, _ in foreign])
    best: dict[int, Neighbour] = {}
    for phrase in article.utterances:
        for number, alike in index.like(phrase, 0.3):
            if number not in best or best[number].likeness < alike:
                best[number] = Neighbour(phrase, *foreign[number], round(alike, 2))
    return tuple(sorted(best.values(), key=lambda each: (-each.likeness, each.other))[:count])
