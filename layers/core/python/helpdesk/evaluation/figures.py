"""Figures of all cases, each with the interval in which 95 of 100 such samples lie. Pure."""

import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from helpdesk.evaluation.judging import Result, Score
from helpdesk.evaluation.measures import MEASURES, PERCENTILES, Kind

SAMPLES: Final = 1000
SEED: Final = 20_261_129
"""The same cases give the same intervals."""

_WITHIN: Final = 1.959964
"""Standard deviations within which 95 of 100 samples lie."""

_TAIL: Final = 0.025


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure with its numerator and denominator, summed over the cases that have a part in it.

    `value` is None if none has. `low` and `high` are the ends of the interval: Wilson's where cases
    are counted (Wilson 1927), by resampling the cases of everything else (Efron 1979).
    """

    value: float | None
    low: float | None
    high: float | None
    numerator: float
    denominator: float


def figures(results: Sequence[Result]) -> dict[str, Figure]:
    """Return all figures by their names."""
    return {name: _figure(name, [each.scores[name] for each in results]) for name in MEASURES}


def _figure(name: str, scores: Sequence[Score]) -> Figure:
    numerator = math.fsum(each for each, _ in scores)
    denominator = math.fsum(each for _, each in scores)
    if not denominator:
        return Figure(value=None, low=None, high=None, numerator=numerator, denominator=0)
    of = valued(name)
    value = of(scores)
    if MEASURES[name].kind in {Kind.SHARE, Kind.RATIO} and _counts_cases(scores):
        low, high = wilson(numerator, denominator)
    else:
        low, high = _resampled(scores, of)
    return Figure(value=value, low=low, high=high, numerator=numerator, denominator=denominator)


def _counts_cases(scores: Sequence[Score]) -> bool:
    """Tell whether each case counts once or not at all."""
    return all(set(each) <= {0, 1} for each in scores)


def valued(name: str) -> Callable[[Sequence[Score]], float]:
    """Return how the value of a figure comes from scores; 0 where no case has a part in it."""
    if name in PERCENTILES:
        return lambda scores: percentile([each for each, part in scores if part], PERCENTILES[name])
    return _ratio


def _ratio(scores: Sequence[Score]) -> float:
    denominator = sum(each for _, each in scores)
    return sum(each for each, _ in scores) / denominator if denominator else 0.0


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that a share (0 to 1) of the values does not exceed; 0 without values."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else 0.0


def wilson(hits: float, of: float) -> tuple[float, float]:
    """Return the interval of a share of `of` cases, from 0 to 1."""
    share, square = hits / of, _WITHIN**2
    middle = (share + square / (2 * of)) / (1 + square / of)
    half = _WITHIN / (1 + square / of)
    half *= math.sqrt(share * (1 - share) / of + square / (4 * of * of))
    return max(0.0, min(share, middle - half)), min(1.0, max(share, middle + half))


def _resampled(
    scores: Sequence[Score], of: Callable[[Sequence[Score]], float]
) -> tuple[float, float]:
    drawn = random.Random(SEED)  # noqa: S311 -- the same samples in each run
    found = sorted(of(drawn.choices(scores, k=len(scores))) for _ in range(SAMPLES))
    return percentile(found, _TAIL), percentile(found, 1 - _TAIL)


def within(figure: Figure, name: str, bounds: Mapping[str, float]) -> bool:
    """Tell whether a figure keeps its bound; one without a case does not."""
    if name not in bounds:
        return True
    if figure.value is None:
        return False
    return figure.value <= bounds[name] if MEASURES[name].less else figure.value >= bounds[name]
