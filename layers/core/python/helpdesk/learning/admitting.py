"""How near a passage must be to a question to be evidence: chosen from the desk's golden set.

Words and fused ranks have no zero, so only the cosine admits. It is another one for each encoder
and each knowledge: the index keeps it, with what it was chosen from.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

DEFAULT = 0.45
"""The least cosine of a desk that has too few golden cases to choose one; never less is chosen."""

FEWEST = 50
"""Cases that are not for the desk, below which nothing is chosen by them."""

STRANGERS_ADMITTED = 0.1
"""Share of the cases that are not for the desk for which a passage may be admitted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Least:
    """The least cosine that admits a passage, and what it admits of the cases it was chosen from.

    `admitted` of the `strangers`, which are not for the desk, find a passage all the same, and so
    do `answered` of `asked`, which are for the desk.
    """

    value: float = DEFAULT
    admitted: int = 0
    strangers: int = 0
    answered: int = 0
    asked: int = 0


def least(strangers: Sequence[float], desk: Sequence[float]) -> Least:
    """Return the least cosine by the best one of each case, of strangers and of the desk's own.

    It is the smallest hundredth, from DEFAULT on, that admits at most STRANGERS_ADMITTED of the
    strangers; with fewer strangers than FEWEST it is DEFAULT.
    """
    foreign, own = sorted(strangers), sorted(desk)
    value = DEFAULT
    if len(foreign) >= FEWEST:
        most = STRANGERS_ADMITTED * len(foreign)
        steps = (step / 100 for step in range(round(DEFAULT * 100), 102))
        value = next(each for each in steps if _from(foreign, each) <= most)
    return Least(
        value=value,
        admitted=_from(foreign, value),
        strangers=len(foreign),
        answered=_from(own, value),
        asked=len(own),
    )


def _from(found: Sequence[float], value: float) -> int:
    """Return how many of sorted cosines are at least a value."""
    return len(found) - bisect_left(found, value)
