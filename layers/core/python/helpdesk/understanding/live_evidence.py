"""What the desk knows about a question, found by the index in force and told by the texts of now.

The index names passages; each text is read where it is kept when it is asked for, so an edit is in
the next draft. A text that is newer than the index is laid over it: it is encoded here, and so is a
passage whose words are not those that the index knows.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

import numpy as np

from helpdesk.evidence import Found, Origin, Passage, PassageSource
from helpdesk.evidence.ranking import articles_first, ranked
from helpdesk.learning import Least, Published
from helpdesk.ports import NoModelError
from helpdesk.triage import Understanding
from helpdesk.understanding.encoder import Encoder
from helpdesk.understanding.indexing import vector_of
from helpdesk.understanding.lexical import Floats
from helpdesk.understanding.live import LOOK_AGAIN
from helpdesk.understanding.model import ModelMismatchError
from helpdesk.understanding.passage_index import Hit, PassageIndex, digest
from helpdesk.understanding.text import plain

MOST_READ: Final = 30
"""Passages of the index whose texts are read for a question, the nearest first."""

MOST_LAID_OVER: Final = 200
"""Passages of texts newer than the index that are looked at; the others wait for the next lesson,
and are found meanwhile by the vectors that the index has."""

MOST_ENCODED: Final = 50
"""Passages that one question encodes; what it leaves, the next ones encode."""

MOST_REMEMBERED: Final = 2_000
"""Vectors that are kept of such passages."""


class Sources(PassageSource, Protocol):
    """The texts that passages are from."""

    def versions(self) -> Mapping[str, int]:
        """Return the version of each text by its id, such as `document:returns`: articles first."""

    def of(self, source: str) -> Sequence[Passage]:
        """Return the passages of a text as they are now; none if customers may not get it."""

    def of_each(self, sources: Iterable[str]) -> Iterator[Sequence[Passage]]:
        """Yield the passages of texts one by one, as `of` does, each only when it is asked for."""


class Search(Protocol):
    """Where vectors are searched: an index in the process, or a service."""

    @property
    def encoder(self) -> str:
        """The identity of the encoder whose vectors are there."""

    @property
    def least(self) -> Least:
        """The cosine that admits a passage."""

    @property
    def sources(self) -> Mapping[str, int]:
        """The version of each text that has passages there, by the text's id."""

    def nearest(self, vector: Floats, count: int) -> list[Hit]:
        """Return the `count` passages nearest to a vector."""

    def cosines(self, vector: Floats, passages: Iterable[Passage]) -> Mapping[str, float]:
        """Return the cosines of passages by their ids; only of those with just these words."""


class Shelf(Protocol):
    """Where the choice of the index is."""

    def current(self) -> Published | None:
        """Return the model in force, with the name of its index."""


@dataclass(frozen=True, slots=True)
class _View:
    """The index in force by its name, and the texts that are newer, as they were at a moment."""

    name: str
    search: Search
    encoder: Encoder
    newer: tuple[str, ...]
    looked_at: datetime


class LiveEvidence:
    """Finds evidence by the index in force; after a change, within LOOK_AGAIN.

    `open_index` returns the search of an index by its name, and raises BrokenIndexError if that is
    damaged. `encoder` is asked for once, at the first question.
    """

    def __init__(
        self,
        models: Shelf,
        sources: Sources,
        *,
        open_index: Callable[[str], Search],
        encoder: Callable[[], Encoder],
        clock: Callable[[], datetime],
    ) -> None:
        self._models, self._sources = models, sources
        self._open_index, self._load_encoder = open_index, encoder
        self._clock = clock
        self._view: _View | None = None
        self._remembered: dict[int, Floats] = {}

    def found(
        self, text: str, understanding: Understanding, *, likely: Sequence[str] = ()
    ) -> tuple[Found, ...]:
        """Return the passages that are admitted, best first, with their texts as they are now.

        Raises NoModelError before anything was published, BrokenIndexError for a damaged index, and
        ModelMismatchError for one of another encoder.
        """
        view = self._look()
        vector = vector_of(text, understanding.meaning, view.encoder)
        known = understanding.scope >= understanding.scope_required
        ranking = understanding.ranking if known else ()
        passages = self._passages(vector, view, articles_first(ranking, likely))
        scored = self._scored(vector, view, passages)
        return ranked(text, ranking, likely, scored, least=view.search.least.value)

    def _look(self) -> _View:
        """Return the index in force and the texts newer than it, as of LOOK_AGAIN ago at most."""
        now, seen = self._clock(), self._view
        if seen and now - seen.looked_at < LOOK_AGAIN:
            return seen
        published = self._models.current()
        if published is None:
            raise NoModelError("no model is published; load the knowledge first")
        encoder = seen.encoder if seen else self._load_encoder()
        if seen and seen.name == published.index:
            search = seen.search
        else:
            search = self._opened(published.index, encoder)
            self._remembered.clear()
        there = search.sources
        versions = self._sources.versions().items()
        newer = tuple(each for each, version in versions if there.get(each) != version)
        self._view = _View(published.index, search, encoder, newer, now)
        return self._view

    def _opened(self, name: str, encoder: Encoder) -> Search:
        if not name:  # published by an earlier version of the desk: all texts are newer
            return PassageIndex.without(encoder.identity, encoder.width)
        search = self._open_index(name)
        if search.encoder != encoder.identity:
            raise ModelMismatchError(
                f"the index of passages is for {search.encoder}, the encoder is {encoder.identity}"
            )
        return search

    def _passages(
        self, vector: Floats, view: _View, first: Collection[str]
    ) -> Mapping[str, Passage]:
        """Return the candidates by their ids, with their texts as they are now."""
        least = view.search.least.value
        hits = view.search.nearest(vector, MOST_READ)
        found = dict(self._sources.read([each.id for each in hits if each.cosine >= least]))
        articles = [f"{Origin.ARTICLE}:{intent}" for intent in first]
        for source in articles:
            found |= {each.id: each for each in self._sources.of(source)}
        laid_over = 0
        others = (source for source in view.newer if source not in articles)
        for passages in self._sources.of_each(others):
            some = passages[: MOST_LAID_OVER - laid_over]
            found |= {each.id: each for each in some}
            laid_over += len(some)
            if laid_over >= MOST_LAID_OVER:
                break
        return found

    def _scored(
        self, vector: Floats, view: _View, passages: Mapping[str, Passage]
    ) -> list[tuple[Passage, float]]:
        """Return the candidates with the cosines of their texts as they are now."""
        known = dict(view.search.cosines(vector, passages.values()))
        unit = vector / (float(np.linalg.norm(vector)) or 1.0)
        encoded = 0
        for each in passages.values():
            if each.id in known:
                continue
            name = digest(each)
            if name not in self._remembered and encoded < MOST_ENCODED:
                self._remember(name, view.encoder.encode([plain(each.text)])[0])
                encoded += 1
            if name in self._remembered:
                known[each.id] = float(unit @ self._remembered[name])
        return [(each, known[each.id]) for each in passages.values() if each.id in known]

    def _remember(self, name: int, vector: Floats) -> None:
        if len(self._remembered) >= MOST_REMEMBERED:
            self._remembered.clear()
        self._remembered[name] = vector
