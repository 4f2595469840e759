"""An index of passages whose vectors are in a service, for more than one process holds.

What is published is a manifest: an index without vectors, which names every passage with its
version and the digest of its text. The service holds one vector for each id, perhaps of a newer
text; a digest that is not the asked one's means that the text is encoded here.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np

from helpdesk.evidence import Passage
from helpdesk.learning import Least
from helpdesk.understanding.encoder import Encoder
from helpdesk.understanding.indexing import MOST_NEW, AskedIndex
from helpdesk.understanding.lexical import Floats
from helpdesk.understanding.passage_index import (
    BrokenIndexError,
    Hit,
    PassageIndex,
    Quantised,
    digest,
)
from helpdesk.understanding.text import plain


class Vectors(Protocol):
    """The service: vectors by their keys, each with the version and the digest of its text."""

    def ensure(self, width: int) -> None:
        """Make ready for vectors of `width` numbers."""

    def put(self, vectors: Iterable[tuple[str, Sequence[float], int, str]]) -> None:
        """Store vectors."""

    def nearest(self, vector: Sequence[float], count: int) -> list[tuple[str, int, float]]:
        """Return the nearest: key, version and cosine, best first."""

    def get(self, keys: Iterable[str]) -> Mapping[str, tuple[str, list[float]]]:
        """Return the digest and the numbers of vectors by their keys."""

    def delete(self, keys: Iterable[str]) -> None:
        """Delete vectors."""


def service_name(encoder: str) -> str:
    """Return the name of the index in the service that holds the vectors of an encoder."""
    return f"passages-{hashlib.sha256(encoder.encode()).hexdigest()[:16]}"


@dataclass(frozen=True, slots=True)
class RemoteSearch:
    """A manifest with the service that has its vectors."""

    manifest: PassageIndex
    vectors: Vectors

    @property
    def encoder(self) -> str:
        """The identity of the encoder whose vectors are there."""
        return self.manifest.encoder

    @property
    def least(self) -> Least:
        """The cosine that admits a passage."""
        return self.manifest.least

    @property
    def sources(self) -> Mapping[str, int]:
        """The version of each text that has passages there, by the text's id."""
        return self.manifest.sources

    @property
    def name(self) -> str:
        """The digits that name the manifest's content."""
        return self.manifest.name

    @property
    def data(self) -> bytes:
        """What is stored: the manifest."""
        return self.manifest.data

    def nearest(self, vector: Floats, count: int) -> list[Hit]:
        """Return the `count` passages nearest to a vector, as many as the service returns."""
        if not vector.any():  # the service refuses it
            return []
        return [Hit(*found) for found in self.vectors.nearest(vector.tolist(), count)]

    def cosines(self, vector: Floats, passages: Iterable[Passage]) -> Mapping[str, float]:
        """Return the cosines of passages by their ids; only of those with just these words."""
        wanted = {each.id: written(digest(each)) for each in passages}
        unit = vector / (float(np.linalg.norm(vector)) or 1.0)
        return {
            key: float(unit @ np.array(numbers, np.float32))
            for key, (of_text, numbers) in self.vectors.get(wanted).items()
            if of_text == wanted[key]
        }

    def admitting(self, least: Least) -> Self:
        """Return the same index with another least cosine."""
        return type(self)(self.manifest.admitting(least), self.vectors)


class RemoteIndexer:
    """Makes manifests, and has the service hold their vectors.

    A lesson encodes `most_new` passages at most.
    """

    def __init__(self, encoder: Encoder, vectors: Vectors, *, most_new: int = MOST_NEW) -> None:
        self._encoder = encoder
        self._vectors = vectors
        self._most_new = most_new

    def index(self, passages: Sequence[Passage], *, before: bytes | None) -> AskedIndex:
        """Return an index of passages; what the one before has encoded is taken over.

        Raises ValueError for more passages than a manifest names.
        """
        held = self._opened(before) if before else None
        known = held.digests() if held else {}
        fresh = [each for each in passages if known.get(each.id) != digest(each)]
        taken = fresh[: self._most_new]
        waiting = {each.id for each in fresh[self._most_new :]}
        kept = [each for each in passages if each.id not in waiting]
        self._vectors.ensure(self._encoder.width)
        self._vectors.put(self._encoded(taken))
        self._vectors.delete(sorted(known.keys() - {each.id for each in passages}))
        none = Quantised(np.zeros((len(kept), 0), np.int8), np.zeros(len(kept), np.float32))
        manifest = PassageIndex.of(kept, none, encoder=self._encoder.identity)
        return AskedIndex(
            RemoteSearch(manifest, self._vectors), self._encoder, waiting=len(waiting)
        )

    def open(self, data: bytes) -> AskedIndex | None:
        """Return the index that was stored; None if it is broken or for another encoder."""
        manifest = self._opened(data)
        if manifest is None:
            return None
        return AskedIndex(RemoteSearch(manifest, self._vectors), self._encoder)

    def _opened(self, data: bytes) -> PassageIndex | None:
        try:
            manifest = PassageIndex.from_bytes(data)
        except BrokenIndexError:
            return None
        ours = manifest.encoder == self._encoder.identity and not manifest.width
        return manifest if ours else None

    def _encoded(
        self, passages: Iterable[Passage]
    ) -> Iterator[tuple[str, Sequence[float], int, str]]:
        """Yield what the service holds of passages; it takes no vector without a direction."""
        for each in passages:
            vector = self._encoder.encode([plain(each.text)])[0]
            if vector.any():
                yield each.id, vector.tolist(), each.version, written(digest(each))


def written(number: int) -> str:
    """Return a digest as the service keeps it: its numbers are not as long."""
    return f"{number:016x}"
