"""What became of each case since an earlier report, and whether that is more than chance. Pure."""

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from helpdesk.evaluation.figures import SAMPLES, SEED, valued
from helpdesk.evaluation.judging import Result, Score
from helpdesk.evaluation.measures import MEASURES, Kind

LEVEL: Final = 0.01
"""The chance from which on a change is no chance. Thirty figures are compared at once: at one in
twenty, every comparison of two equal desks would find a regression."""


class IncomparableError(ValueError):
    """Two reports that have no case in common."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A figure before and after, over the cases that both reports have.

    `fixed` and `broken` are the cases that came right or went wrong, of a share. `chance` is how
    likely so large a change is between equal desks: by McNemar's exact test of a share, by
    resampling the cases in pairs of everything else.
    """

    name: str
    before: float
    after: float
    chance: float
    fixed: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()
    regressed: bool = False


def compared(
    before: Sequence[Result], after: Sequence[Result], *, tolerance: float = 0.01
) -> tuple[Change, ...]:
    """Return what changed, a figure each. It regressed if it is worse by more than `tolerance`,
    and more than chance.

    Raises IncomparableError.
    """
    earlier: Mapping[str, Result] = {each.id: each for each in before}
    pairs = [(earlier[each.id], each) for each in after if each.id in earlier]
    if not pairs:
        raise IncomparableError("the earlier report has none of these cases")
    return tuple(
        _change(name, pairs, tolerance)
        for name, measure in MEASURES.items()
        if measure.compared and all(name in old.scores for old, _ in pairs)
    )


def _change(name: str, pairs: Sequence[tuple[Result, Result]], tolerance: float) -> Change:
    olds = [old.scores[name] for old, _ in pairs]
    news = [new.scores[name] for _, new in pairs]
    of, less = valued(name), MEASURES[name].less
    before, after = of(olds), of(news)
    fixed: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()
    if MEASURES[name].kind is Kind.SHARE:
        up = [new.id for (_, new), a, b in zip(pairs, olds, news, strict=True) if a[0] < b[0]]
        down = [new.id for (_, new), a, b in zip(pairs, olds, news, strict=True) if a[0] > b[0]]
        better, worse = (down, up) if less else (up, down)
        fixed, broken = tuple(better), tuple(worse)
        chance = mcnemar(len(fixed), len(broken))
    else:
        chance = _paired(olds, news, name)
    lost = after - before if less else before - after
    return Change(
        name=name,
        before=before,
        after=after,
        chance=chance,
        fixed=fixed,
        broken=broken,
        regressed=lost > tolerance and chance < LEVEL,
    )


def mcnemar(fixed: int, broken: int) -> float:
    """Return how likely so uneven a split of changed cases is if either way is as likely.

    Exact, two-sided (McNemar 1947).
    """
    changed = fixed + broken
    tail = sum(math.comb(changed, each) for each in range(min(fixed, broken) + 1))
    return min(1.0, float(2 * tail / 2**changed))


def _paired(olds: Sequence[Score], news: Sequence[Score], name: str) -> float:
    """Return how likely the difference has the other sign, two-sided, by resampled cases."""
    if olds == news:
        return 1.0
    of = valued(name)
    drawn = random.Random(SEED)  # noqa: S311 -- the same samples in each run
    places = range(len(olds))
    differences = []
    for _ in range(SAMPLES):
        sample = drawn.choices(places, k=len(olds))
        differences.append(of([news[n] for n in sample]) - of([olds[n] for n in sample]))
    above = sum(each >= 0 for each in differences)
    below = sum(each <= 0 for each in differences)
    return min(1.0, 2 * min(above, below) / SAMPLES)
