"""The index of what drafts may rest on: made with the model, judged with it, in force with it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, Self

from helpdesk.evidence import Origin, Passage, Place
from helpdesk.knowledge import Edition, Golden
from helpdesk.learning.admitting import Least, least
from helpdesk.learning.measuring import Measured, digest

RECIPE = 1
"""Raised when the same passages give another index, so that every stack makes its own again."""

AMONG = 3
"""An article is found if it is one of so many that are nearest to a question."""

LOOKED_AT = 100
"""Passages nearest to a question, among which articles are looked for."""


class Index(Protocol):
    """An index of passages."""

    @property
    def name(self) -> str:
        """The digits that name its content."""

    @property
    def data(self) -> bytes:
        """What is stored of it."""

    @property
    def waiting(self) -> int:
        """Passages that are left for the next lesson, since one lesson encodes so many."""

    def nearest(self, text: str, meaning: bytes, count: int) -> Sequence[tuple[str, float]]:
        """Return the passages nearest to a text, each by its id with the cosine, best first.

        `meaning` is the text's vector as it was understood, or empty; then the text is encoded.
        """

    def admitting(self, least: Least) -> Self:
        """Return the same index with another least cosine."""


class Indexer(Protocol):
    """Makes indexes."""

    def index(self, passages: Sequence[Passage], *, before: bytes | None) -> Index:
        """Return an index of passages; what the one before has encoded is taken over."""

    def open(self, data: bytes) -> Index | None:
        """Return the index that was stored; None if it is broken or for another encoder."""


class Indexes(Protocol):
    """Where indexes are stored, by their names."""

    def load_index(self, name: str) -> bytes:
        """Return what is stored of an index."""

    def holds_index(self, name: str) -> bool:
        """Tell whether an index is there."""

    def keep_index(self, name: str, data: bytes) -> None:
        """Store an index; storing the same again changes nothing."""


@dataclass(frozen=True, slots=True)
class Library:
    """The passages of an edition and of what stands beside it, and what makes an index of them."""

    passages: Callable[[Edition], Sequence[Passage]]
    indexer: Indexer
    indexes: Indexes

    def before(self, name: str) -> bytes | None:
        """Return what is stored of an index, if there is one of this name."""
        return self.indexes.load_index(name) if name and self.indexes.holds_index(name) else None


def contents(passages: Sequence[Passage]) -> str:
    """Return a digest of all an index is made of: equal digests, equal indexes."""
    return digest([RECIPE, *sorted((each.id, each.version, each.text) for each in passages)])


def calibrated(index: Index, golden: Sequence[Golden], meanings: Mapping[str, bytes]) -> Index:
    """Return an index with the least cosine that the golden set asks for."""
    best: dict[bool, list[float]] = {True: [], False: []}
    for case in golden:
        found = index.nearest(case.text, meanings.get(case.text, b""), 1)
        best[bool(case.intents)].append(found[0][1] if found else 0.0)
    return index.admitting(least(best[False], best[True]))


def with_retrieval(measured: Measured, golden: Sequence[Golden], index: Index) -> Measured:
    """Return what was measured of a model, with the share of questions an index has an article for.

    Counted are the cases that the model was measured on and that are for the desk: a passage of a
    right article stands among those of the first AMONG articles.
    """
    asked = [case for case in golden if case.intents and case.text in measured.meanings]
    hits = sum(
        bool(_articles(index, case.text, measured.meanings[case.text]) & set(case.intents))
        for case in asked
    )
    figures = replace(measured.figures, retrieval=hits / len(asked) if asked else None)
    return replace(measured, figures=figures)


def _articles(index: Index, text: str, meaning: bytes) -> set[str]:
    """Return the intents of the AMONG articles that have the passages nearest to a text."""
    found: dict[str, None] = {}
    for each, _ in index.nearest(text, meaning, LOOKED_AT):
        place = Place.of(each)
        if place and place.origin is Origin.ARTICLE:
            found[place.name] = None
    return set(list(found)[:AMONG])
