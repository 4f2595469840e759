"""What a message is like, by a reader fitted to labelled messages. Pure but for the file.

The reader sees the sentence encoder's vector, the rules whose words stand in the text, and how the
text speaks: whether it asks, demands or threatens. `likeness.json` is written by
`python -m infra.teaching.grading`; it reads vectors of the encoder that it names and no others.
"""

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Self

from helpdesk.severity.tables import frames, matter_words, shipped, spoken
from helpdesk.wording.phrases import words

WIDTH = 384
"""How many numbers the vector of a message has, one byte each."""

STRENGTH = 0.6
"""What a sign of the words weighs beside the vector's numbers, which are small."""

MOST_WORDS = 60
_VECTOR_SCALE = 127
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*")


@dataclass(frozen=True, slots=True)
class Reader:
    """Weights of each class, for each sign and last for none; `scale` is what a step is worth."""

    classes: tuple[str, ...]
    scale: float
    weights: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> Self:
        """Return a reader as the file writes it."""
        weights = tuple(tuple(each) for each in found["weights"])
        return cls(tuple(found["classes"]), found["scale"], weights)

    def read(self, signs: Sequence[float]) -> dict[str, float]:
        """Return how probable each class is, 0 to 1."""
        whole = (*signs, 1.0)
        scores = [
            self.scale * sum(map(float.__mul__, whole, map(float, each))) for each in self.weights
        ]
        top = max(scores)
        parts = [math.exp(score - top) for score in scores]
        total = sum(parts)
        return dict(zip(self.classes, (part / total for part in parts), strict=True))


def levels_like(text: str, meaning: bytes) -> dict[str, float] | None:
    """Return what a message is like, by the classes of grave messages; None without a vector."""
    return reader("levels").read(signs(text, meaning)) if len(meaning) == WIDTH else None


def matters_like(text: str, meaning: bytes) -> dict[str, float] | None:
    """Return which matter a message is like; None without a vector."""
    return reader("matters").read(topics(text, meaning)) if len(meaning) == WIDTH else None


def signs(text: str, meaning: bytes) -> list[float]:
    """Return what the reader of levels sees."""
    found = words(text)
    named = set(spoken(text, shipped()))
    speaks = {each.label for each in frames().spans(found)}
    sentences = [each.strip() for each in _SENTENCE.findall(text) if each.strip()]
    asking = [each.endswith("?") for each in sentences]
    shown = [
        *(name in named for name in shipped().rules),
        *(name in speaks for name in frame_names()),
        all(asking),
        any(asking),
        "!" in text,
        min(len(found), MOST_WORDS) / MOST_WORDS,
    ]
    return [*_vector(meaning), *(STRENGTH * each for each in shown)]


def topics(text: str, meaning: bytes) -> list[float]:
    """Return what the reader of matters sees."""
    said = [each.label for each in matter_words().spans(words(text))]
    counts = [min(said.count(name), 3) / 2 for name in shipped().matters]
    return [*_vector(meaning), *(STRENGTH * each for each in counts)]


@cache
def frame_names() -> tuple[str, ...]:
    """Return the names of the ways to speak, in order."""
    return tuple(frames().labels)


def _vector(meaning: bytes) -> list[float]:
    return [each / _VECTOR_SCALE for each in memoryview(meaning).cast("b")]


@cache
def reader(name: str) -> Reader:
    """Return the reader of levels or of matters. Raises KeyError for another."""
    written = resources.files(__package__).joinpath("likeness.json").read_text("utf-8")
    return Reader.of(json.loads(written)[name])
