"""Whether the knowledge as it is now has been learned, and what the gate said."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from helpdesk.knowledge import Article, Retired
from helpdesk.learning import Failure, Published, fingerprint


class Standing(StrEnum):
    """How far a change of the knowledge has come."""

    IN_FORCE = "in force"
    LEARNING = "learning"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Learned:
    """What became of the present knowledge; `model` is the one that learned it, if any.

    `refused` and `failed` say why the gate refused that model.
    """

    standing: Standing
    model: str | None = None
    refused: tuple[str, ...] = ()
    failed: tuple[Failure, ...] = ()


def learned(
    articles: Iterable[Article],
    retired: Iterable[Retired],
    *,
    edition: int,
    current: Published | None,
    history: Sequence[Published],
) -> Learned:
    """Return how far the articles of an edition have come. `history` has every model."""
    lesson = fingerprint(articles, retired), edition
    if current and (current.knowledge, current.edition) == lesson:
        return Learned(Standing.IN_FORCE, current.version)
    for each in reversed(history):
        if each.refused and (each.knowledge, each.edition) == lesson:
            return Learned(Standing.REFUSED, each.version, each.refused, each.failed)
    return Learned(Standing.LEARNING)
