"""Which passages speak to a question, and in which order. Pure.

First the articles that the fitted model ranks, then what is near enough by its meaning. Words only
decide between passages that are about as near: their scores have no zero, so no bound on them could
tell what the desk knows from what it does not.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain

from helpdesk.evidence.direction import direction
from helpdesk.evidence.model import Found, Origin, Passage
from helpdesk.evidence.sources import Place
from helpdesk.triage import RankedIntent

MOST = 5
"""Passages that are returned: more than an agent reads are no help."""

MOST_ARTICLES = 3
"""Articles of the model's ranking among them: in 98 of 100 questions the right one is one of three.
"""

PROBABLE = 0.2
"""Probability from which on an article of the model's ranking is one of them."""

WORDS_WEIGH = 0.1
"""What the best match of words adds to a cosine. It orders passages and admits none."""

OPPOSED = 0.3
"""What is taken from a cosine if a passage ends what the question begins, or begins what it ends.
"""

_SENTENCES_OF_A_LONG_ARTICLE = 2
_SATURATION, _LENGTH = 1.2, 0.75
"""The two constants of BM25, as they are usually chosen."""

_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)?")

type Scored = tuple[Passage, float]
"""A passage with the cosine of it and the question."""


def articles_first(
    model_ranking: Iterable[RankedIntent], likely: Sequence[str]
) -> dict[str, float]:
    """Return the intents whose articles come first, best first, each with its probability.

    Those are the `likely` ones in their order, then those that are PROBABLE. Give no ranking for a
    message that is out of scope: what the model says of it means nothing.
    """
    known = {each.name: each.probability for each in model_ranking}
    probable = [name for name, probability in known.items() if probability >= PROBABLE]
    wanted = list(dict.fromkeys((*likely, *probable)))[:MOST_ARTICLES]
    return {name: known.get(name, 0.0) for name in wanted}


def ranked(
    question: str,
    model_ranking: Iterable[RankedIntent],
    likely: Sequence[str],
    scored: Iterable[Scored],
    *,
    least: float,
    most: int = MOST,
) -> tuple[Found, ...]:
    """Return the passages that are admitted, best first, at most `most`.

    `scored` holds the candidates, among them the passages of the articles in `articles_first`. The
    other passages need a cosine of `least`, which belongs to the encoder. Past replies come last.
    No text is returned twice, and of an article or a reply either the whole or a sentence.
    """
    candidates = list(scored)
    first = articles_first(model_ranking, likely)
    chosen = list(chain.from_iterable(_of_article(each, candidates, first) for each in first))
    near = [
        each for each in candidates if each[1] >= least and _source(each[0]) not in _theirs(first)
    ]
    words = _matched(question, [passage.text for passage, _ in near])
    wish = direction(question)
    order = sorted(
        (
            passage.origin is Origin.REPLY,
            OPPOSED * wish.opposes(direction(passage.text)) - cosine - WORDS_WEIGH * matched,
            passage.id,
            row,
        )
        for row, ((passage, cosine), matched) in enumerate(zip(near, words, strict=True))
    )
    chosen += [near[row] for *_, row in order]
    return tuple(
        Found(number=number, passage=passage, score=min(1.0, max(0.0, score)))
        for number, (passage, score) in enumerate(_distinct(chosen)[:most], start=1)
    )


def _of_article(
    intent: str, candidates: Sequence[Scored], probabilities: dict[str, float]
) -> list[Scored]:
    """Return the whole answer for an intent or, of one too long for that, its best sentences."""
    source = f"{Origin.ARTICLE}:{intent}"
    own = [each for each in candidates if _source(each[0]) == source]
    whole = [each for each in own if each[0].id == source]
    best = sorted(own, key=lambda each: -each[1])[:_SENTENCES_OF_A_LONG_ARTICLE]
    told = sorted(best, key=lambda each: _number(each[0]))  # in the article's own order
    return [(passage, probabilities[intent] or cosine) for passage, cosine in whole or told]


def _distinct(chosen: Iterable[Scored]) -> list[Scored]:
    """Leave out what is there already: a text, or another part of an article or reply."""
    found: list[Scored] = []
    texts: set[str] = set()
    wholes: set[str] = set()
    sources: set[str] = set()
    for passage, score in chosen:
        text, source = " ".join(passage.text.casefold().split()), _source(passage)
        whole = passage.id == source
        if text in texts or source in wholes or (whole and source in sources):
            continue
        texts.add(text)
        sources.add(source)
        if whole:
            wholes.add(source)
        found.append((passage, score))
    return found


def _theirs(intents: Iterable[str]) -> set[str]:
    return {f"{Origin.ARTICLE}:{each}" for each in intents}


def _source(passage: Passage) -> str:
    place = Place.of(passage.id)
    return place.source if place else passage.id


def _number(passage: Passage) -> int:
    place = Place.of(passage.id)
    return (place.number if place else None) or 0


def _matched(question: str, texts: Sequence[str]) -> list[float]:
    """Return how well words match, from 0 to 1 for the best: BM25 over these texts alone."""
    asked = set(_words(question))
    counted = [Counter(_words(text)) for text in texts]
    length = sum(map(Counter.total, counted)) / len(counted) if counted else 1.0
    holding = Counter(word for each in counted for word in asked & each.keys())

    def score(found: Counter[str]) -> float:
        stretch = _SATURATION * (1 - _LENGTH + _LENGTH * found.total() / (length or 1.0))
        return sum(
            math.log(1 + (len(counted) - holding[word] + 0.5) / (holding[word] + 0.5))
            * found[word] * (_SATURATION + 1) / (found[word] + stretch)
            for word in asked & found.keys()
        )  # fmt: skip

    scores = list(map(score, counted))
    best = max(scores, default=0.0)
    return [each / best if best else 0.0 for each in scores]


def _words(text: str) -> list[str]:
    return [each.casefold() for each in _WORD.findall(text)]
