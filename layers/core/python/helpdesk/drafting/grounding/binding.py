"""Which one or two sentences of the evidence a sentence of a draft rests on."""

from collections.abc import Sequence
from dataclasses import dataclass

from helpdesk.drafting.grounding.reading import Sentence, read
from helpdesk.drafting.grounding.spelling import sentences
from helpdesk.evidence import Found, Origin

SECOND = 1
"""Content words that a second sentence must add to be part of what a draft's sentence rests on."""


@dataclass(frozen=True, slots=True)
class Bearing:
    """A sentence of the evidence, with the origin and the title of its passage."""

    sentence: Sentence
    origin: Origin
    title: str


def bearings(evidence: Sequence[Found]) -> tuple[Bearing, ...]:
    """Return the sentences of passages, each once. A record is one sentence."""
    found: dict[tuple[str, Origin], Bearing] = {}
    for each in evidence:
        passage = each.passage
        pieces = sentences(passage.text)
        if passage.origin is Origin.RECORD:
            pieces = (" ; ".join(pieces),)
        for piece in pieces:
            sentence = read(piece)
            found.setdefault(
                (sentence.text, passage.origin), Bearing(sentence, passage.origin, passage.title)
            )
    return tuple(found.values())


def bound(sentence: Sentence, evidence: Sequence[Bearing]) -> tuple[Bearing, ...]:
    """Return the sentences that share most words with `sentence`, the best first.

    None does if none shares a word. A second one counts only if it adds words of the draft that
    the first has not. A record that the draft cites always counts: it is a list of facts, not a
    sentence.
    """
    records = tuple(each for each in evidence if each.origin is Origin.RECORD)
    texts = [each for each in evidence if each.origin is not Origin.RECORD]
    if not texts:
        return records
    best = max(texts, key=lambda each: _shared(sentence, each.sentence))
    if sentence.stems and not sentence.stems & best.sentence.stems:
        return records
    left = sentence.stems - best.sentence.stems
    second = max(texts, key=lambda each: len(left & each.sentence.stems))
    if len(left & second.sentence.stems) >= SECOND:
        return (best, second, *records)
    return (best, *records)


def _shared(sentence: Sentence, other: Sentence) -> tuple[int, float, int]:
    common = len(sentence.stems & other.stems)
    return (
        common,
        common / max(1, len(other.stems)),
        len(sentence.every & other.every),
    )
