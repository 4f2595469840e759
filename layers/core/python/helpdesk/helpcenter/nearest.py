"""The public articles nearest to a few typed words, by the words that mean them. Pure.

An index has, for each article, the words that speak for it, with weights. A page loads it once and
finds the nearest articles by itself, so what people type stays on their machine; its script does
there what `nearest` does here. Only the first letters of a word count, so "deliver", "delivery" and
"deliveries" are one. The figures here were chosen by `infra.evaluating.suggestions` on phrases that
no index was made of.
"""

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import log
from typing import Final

from helpdesk.helpcenter.showing import PublicArticle
from helpdesk.knowledge import ANY_LANGUAGE

LETTERS: Final = 5
"""The first letters of a word that count."""

MOST_WORDS: Final = 60
"""Words of an article in the index."""

MOST_READ: Final = 40
"""Words of a text that are looked at; the page's script has the same number."""

MANY: Final = 3
"""Articles that are shown."""

LEAST: Final = 6
"""The weight from which an article is shown."""

_SMOOTHING: Final = 0.003
_TITLE: Final = 0.1
_ANSWER: Final = 0.02
_TITLE_ALONE: Final = 1.0
_ANSWER_ALONE: Final = 0.2
_CHOSEN: Final = 0.7
_SHORTEST: Final = 2
_BEGUN: Final = 3

_WORD = re.compile(r"[^\W_]+")
SIGNS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
"""The signs for the weights 0 to 35."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An article in an index: its name in addresses, its title, and the weights of its words."""

    slug: str
    title: str
    weights: Mapping[str, int]

    @property
    def written(self) -> tuple[str, str, str]:
        """The entry as pages get it: each word is followed by a sign for its weight."""
        words = " ".join(f"{word}{SIGNS[weight]}" for word, weight in self.weights.items())
        return self.slug, self.title, words


def words(text: str) -> tuple[str, ...]:
    """Return the words of a text as they count, each once."""
    plain = unicodedata.normalize("NFKD", text).lower()
    bare = "".join(each for each in plain if not unicodedata.category(each).startswith("M"))
    found = (each[:LETTERS] for each in _WORD.findall(bare) if len(each) >= _SHORTEST)
    return tuple(dict.fromkeys(found))[:MOST_READ]


def index(articles: Iterable[PublicArticle], language: str) -> tuple[Entry, ...]:
    """Return the index of the articles that can be read in a language.

    A word weighs as much as it is more frequent in what means the article than in what means the
    others. Only the language of the desk has utterances; others have titles and answers alone.
    """
    read = [each for each in articles if language in each.texts]
    shares = [_shares(each, language) for each in read]
    total: Counter[str] = Counter()
    for each in shares:
        total.update(each)
    others = max(1, len(read) - 1)
    return tuple(
        Entry(
            slug=each.slug,
            title=each.text(language).title,
            weights=_weights(share, total, others),
        )
        for each, share in zip(read, shares, strict=True)
    )


def _shares(article: PublicArticle, language: str) -> Counter[str]:
    """Return in which share of an article's utterances each word is; titles and answers add."""
    own = language == ANY_LANGUAGE
    said = article.text(language)
    shares: Counter[str] = Counter()
    texts = article.utterances if own else ()
    weighed = [
        *((text, 1 / len(texts)) for text in texts),
        (said.title, _TITLE if own else _TITLE_ALONE),
        (said.answer, _ANSWER if own else _ANSWER_ALONE),
    ]
    for text, weight in weighed:
        for word in words(text):
            shares[word] += weight  # type: ignore[assignment]  # a Counter of shares
    return shares


def _weights(
    shares: Mapping[str, float], total: Mapping[str, float], others: int
) -> dict[str, int]:
    """Return the weights of the words that tell an article from the others best."""
    told = {
        word: log((share + _SMOOTHING) / ((total[word] - share) / others + _SMOOTHING))
        for word, share in shares.items()
    }
    best = sorted(told, key=lambda word: (-told[word] * shares[word] ** _CHOSEN, word))
    found = {word: min(round(5 * told[word]), len(SIGNS) - 1) for word in best[:MOST_WORDS]}
    return {word: weight for word, weight in found.items() if weight > 0}


def nearest(entries: Iterable[Entry], text: str, many: int = MANY) -> tuple[Entry, ...]:
    """Return the entries nearest to a text, the nearest first; none if nothing is near.

    The last word may still be being typed, so it counts for the best word that begins with it.
    """
    typed = words(text)
    scored = [(_score(each.weights, typed), each) for each in entries]
    found = [pair for pair in scored if pair[0] >= LEAST]
    found.sort(key=lambda pair: -pair[0])
    return tuple(each for _, each in found[:many])


def _score(weights: Mapping[str, int], typed: tuple[str, ...]) -> int:
    last = typed[-1] if typed else ""
    if not _BEGUN <= len(last) < LETTERS:
        return sum(weights.get(word, 0) for word in typed)
    best = max((each for word, each in weights.items() if word.startswith(last)), default=0)
    return best + sum(weights.get(word, 0) for word in typed[:-1])


def written(entries: Iterable[Entry]) -> str:
    """Return an index as pages load it."""
    return json.dumps([each.written for each in entries], ensure_ascii=False, separators=(",", ":"))
