"""How sure something is, held against how often it is right. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """The cases of a range of confidence: their mean confidence, and the share that is right."""

    confidence: float
    right: float
    cases: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What would be answered from a confidence on: its share of all cases, and how much is right.

    All three are shares (0 to 1).
    """

    least: float
    covered: float
    precision: float


def binned(cases: Iterable[tuple[float, bool]], bins: int) -> tuple[Bin, ...]:
    """Return confidence (0 to 1) against the share that is right, from low to high.

    Each case has its confidence, and whether it is right. Ranges without a case are left out.
    """
    found: dict[int, list[tuple[float, bool]]] = {}
    for confidence, right in cases:
        found.setdefault(min(int(confidence * bins), bins - 1), []).append((confidence, right))
    return tuple(
        Bin(
            confidence=round(sum(confidence for confidence, _ in some) / len(some), 6),
            right=round(sum(right for _, right in some) / len(some), 6),
            cases=len(some),
        )
        for _, some in sorted(found.items())
    )


def coverage(bins: Sequence[Bin]) -> tuple[Coverage, ...]:
    """Return what is covered, and how much of it is right, from the surest range of cases on."""
    return tuple(_coverages(bins))


def _coverages(bins: Sequence[Bin]) -> Iterator[Coverage]:
    every = sum(each.cases for each in bins)
    cases, right = 0, 0.0
    for each in sorted(bins, key=lambda one: -one.confidence):
        cases += each.cases
        right += each.right * each.cases
        yield Coverage(least=each.confidence, covered=cases / every, precision=right / cases)
