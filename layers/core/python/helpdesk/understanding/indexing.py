"""Makes indexes of passages with one encoder, and asks them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol, Self

import numpy as np

from helpdesk.evidence import Passage
from helpdesk.learning import LOOKED_AT, Least
from helpdesk.understanding.encoder import Encoder
from helpdesk.understanding.lexical import Floats
from helpdesk.understanding.passage_index import (
    BrokenIndexError,
    Hit,
    PassageIndex,
    Quantised,
    digest,
)
from helpdesk.understanding.text import plain

MOST_NEW = 20_000
"""Passages that one lesson encodes: a trainer that has minutes encodes about a hundred a second."""


def vector_of(text: str, meaning: bytes, encoder: Encoder) -> Floats:
    """Return the vector of a text: its `meaning` as it was understood, or else encoded now."""
    if len(meaning) == encoder.width:
        return np.frombuffer(meaning, np.int8).astype(np.float32)
    vector: Floats = encoder.encode([plain(text)])[0]
    return vector


class Searched(Protocol):
    """An index in the process or in a service."""

    @property
    def name(self) -> str:
        """The digits that name its content."""

    @property
    def data(self) -> bytes:
        """What is stored of it."""

    @property
    def least(self) -> Least:
        """The cosine that admits a passage."""

    def nearest(self, vector: Floats, count: int) -> list[Hit]:
        """Return the `count` passages nearest to a vector."""

    def admitting(self, least: Least) -> Self:
        """Return the same index with another least cosine."""


@dataclass(frozen=True, slots=True)
class AskedIndex:
    """An index with the encoder that its questions are encoded by; each is asked once."""

    found: "Searched"
    encoder: Encoder
    waiting: int = 0
    asked: dict[str, list[tuple[str, float]]] = field(default_factory=dict, repr=False)

    @property
    def name(self) -> str:
        """The digits that name its content."""
        return self.found.name

    @property
    def data(self) -> bytes:
        """What is stored of it."""
        return self.found.data

    def nearest(self, text: str, meaning: bytes, count: int) -> Sequence[tuple[str, float]]:
        """Return the passages nearest to a text, LOOKED_AT at most: the ids, with the cosines."""
        if text not in self.asked:
            vector = vector_of(text, meaning, self.encoder)
            hits = self.found.nearest(vector, LOOKED_AT)
            self.asked[text] = [(hit.id, hit.cosine) for hit in hits]
        return self.asked[text][:count]

    def admitting(self, least: Least) -> Self:
        """Return the same index with another least cosine."""
        found = self.found.admitting(least)
        return type(self)(found, self.encoder, self.waiting, self.asked)


class PassageIndexer:
    """Makes indexes with one encoder; a lesson encodes `most_new` passages at most."""

    def __init__(self, encoder: Encoder, *, most_new: int = MOST_NEW) -> None:
        self._encoder = encoder
        self._most_new = most_new

    def index(self, passages: Sequence[Passage], *, before: bytes | None) -> AskedIndex:
        """Return an index of passages; what the one before has encoded is taken over.

        Raises ValueError for more passages than an index holds.
        """
        held = self._opened(before) if before else None
        known = held.known() if held else {}
        kept = [each for each in passages if digest(each) in known]
        fresh = [each for each in passages if digest(each) not in known]
        taken = fresh[: self._most_new]
        encoded = Quantised.of(self._encoder.encode([plain(each.text) for each in taken]))
        if held:
            over = held.quantised([known[digest(each)] for each in kept])
            rows = np.concatenate([over.rows, encoded.rows])
            encoded = Quantised(rows, np.concatenate([over.scales, encoded.scales]))
        index = PassageIndex.of([*kept, *taken], encoded, encoder=self._encoder.identity)
        return AskedIndex(index, self._encoder, waiting=len(fresh) - len(taken))

    def open(self, data: bytes) -> AskedIndex | None:
        """Return the index that was stored; None if it is broken or for another encoder."""
        index = self._opened(data)
        return None if index is None else AskedIndex(index, self._encoder)

    def _opened(self, data: bytes) -> PassageIndex | None:
        try:
            index = PassageIndex.from_bytes(data)
        except BrokenIndexError:
            return None
        ours = (self._encoder.identity, self._encoder.width)
        return index if (index.encoder, index.width) == ours else None
