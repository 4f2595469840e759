"""How sure the desk must be of an intent before it answers by itself."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import comb
from typing import Final

import numpy as np
from numpy.typing import NDArray

from helpdesk.understanding.lexical import Floats
from helpdesk.understanding.model import SCOPE_REQUIRED, Reading

type Labels = NDArray[np.intp]
type Counts = NDArray[np.float64]

DOUBT: Final = 0.05
"""Errors of an intent that chance brings as often (0 to 1) raise no threshold."""


@dataclass(frozen=True)
class Traffic:
    """Phrases held out in turn, as a sample of what reaches a desk.

    `labels` above the last intent are out of scope; they weigh as much as `strangers` says, a share
    of all messages (0 to below 1). With 0 they count as they are. `target` is the share of answers
    that shall be right.
    """

    reading: Reading
    labels: Labels
    target: float
    strangers: float

    @property
    def weights(self) -> Counts:
        """How much each phrase counts."""
        foreign = self.labels == self.reading.probabilities.shape[1]
        weights = np.ones(len(foreign))
        if self.strangers and foreign.any():
            odds = self.strangers / (1 - self.strangers)
            weights[foreign] = odds * np.count_nonzero(~foreign) / np.count_nonzero(foreign)
        return weights


def required(traffic: Traffic) -> Floats:
    """Return per intent the least probability above which answers reach the target.

    An answer to a text without an intent counts as wrong; a text out of scope is not answered. All
    intents have the threshold of all answers together. An intent gets a higher one only if its own
    answers show that it needs it: one error in a dozen happens to an intent that is good enough.
    """
    reading, target = traffic.reading, traffic.target
    answered = reading.scope >= SCOPE_REQUIRED
    guess = reading.probabilities.argmax(axis=1)[answered]
    sure = reading.probabilities.max(axis=1)[answered]
    right = guess == traffic.labels[answered]
    weights = traffic.weights[answered]
    overall = _threshold(sure, right, weights, lambda hits, answers: hits >= target * answers)
    least = np.full(reading.probabilities.shape[1], overall, np.float32)
    for row in range(len(least)):
        mine = (guess == row) & (sure >= overall)
        if mine.any():
            chance = partial(_may_be_chance, target)
            least[row] = _threshold(sure[mine], right[mine], np.ones(mine.sum()), chance)
    return least


def _threshold(
    sure: Floats,
    right: NDArray[np.bool_],
    weights: Counts,
    enough: Callable[[Counts, Counts], NDArray[np.bool_]],
) -> float:
    """Return the least value of `sure` above which enough is `right`; 1 if that is never so.

    `enough` is told the weight of right answers and of answers, from the surest on.
    """
    order = np.argsort(-sure, kind="stable")
    hits, answers = np.cumsum((right * weights)[order]), np.cumsum(weights[order])
    reached = np.flatnonzero(enough(hits, answers))
    return float(sure[order][reached[-1]]) if len(reached) else 1.0


def _may_be_chance(target: float, hits: Counts, answers: Counts) -> NDArray[np.bool_]:
    """Where so few hits may be chance, if each answer is right with the target's probability.

    A binomial test: chance is what happens at least as often as DOUBT.
    """
    pairs = zip(hits.astype(int).tolist(), answers.astype(int).tolist(), strict=True)
    return np.array([_chance(right, count, target) >= DOUBT for right, count in pairs])


def _chance(hits: int, answers: int, target: float) -> float:
    """The probability of at most so many hits, if each answer is right with the target's."""
    fewer_wrong = sum(
        comb(answers, wrong) * (1 - target) ** wrong * target ** (answers - wrong)
        for wrong in range(answers - hits)
    )
    return 1 - fewer_wrong
