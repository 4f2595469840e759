"""Fit the three readers to texts with labels, without any library but numpy."""

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from helpdesk.understanding.lexical import Floats, Hashes, Vocabulary, features
from helpdesk.understanding.model import Heads, kernel, log_sum_exp

type Labels = NDArray[np.intp]
type Generator = np.random.Generator  # not looked up while it loads: numpy would load more

LANDMARKS: Final = 2000
"""Phrases the kernel compares with: bounds time and size for any knowledge."""


def fit_heads(
    texts: Sequence[str],
    vectors: Floats,
    labels: Labels,
    intents: int,
    generator: Generator,
) -> Heads:
    """Fit to texts with their vectors (texts, width) and labels, each from 0 to below `intents`."""
    found = [features(text) for text in texts]
    vocabulary = Vocabulary.of(found)
    weights = _balance(labels, intents)
    landmarks = vectors[np.sort(generator.permutation(len(vectors))[:LANDMARKS])]
    return Heads(
        regression=_regression(vectors, labels, intents, weights),
        landmarks=landmarks,
        phrases=_kernel_regression(vectors, labels, intents, weights, landmarks),
        vocabulary=vocabulary,
        words=_linear_machine(
            found, vocabulary, labels, intents, weights=weights, generator=generator
        ),
    )


def _balance(labels: Labels, intents: int) -> Floats:
    """The weight of each text: a text of an intent with few phrases counts up to ten times.

    Without weights a new intent of five phrases is lost among others of fifty.
    """
    counts = np.bincount(labels, minlength=intents)
    typical = np.median(counts[counts > 0])
    return np.clip(typical / counts[labels], 1, 10).astype(np.float32)


def _regression(
    vectors: Floats, labels: Labels, intents: int, weights: Floats, *, strength: float = 10
) -> Floats:
    """Multinomial logistic regression, (width + 1, intents), L2-penalised by 1 / strength."""
    inputs = np.hstack([vectors, np.ones((len(vectors), 1), np.float32)])
    truth = np.eye(intents, dtype=np.float32)[labels]

    def loss(flat: Floats) -> tuple[float, Floats]:
        rows = flat.reshape(inputs.shape[1], intents)
        logits = inputs @ rows
        norm = log_sum_exp(logits)
        error = weights[:, None] * (np.exp(logits - norm[:, None]) - truth)
        slope = inputs.T @ error + rows / strength
        surprise = float(weights @ (norm - logits[np.arange(len(labels)), labels]))
        return surprise + float(flat @ flat) / (2 * strength), slope.ravel()

    start = np.zeros(inputs.shape[1] * intents, np.float32)
    return minimise(loss, start).reshape(inputs.shape[1], intents)


def _kernel_regression(
    vectors: Floats,
    labels: Labels,
    intents: int,
    weights: Floats,
    landmarks: Floats,
    *,
    ridge: float = 0.1,
) -> Floats:
    """Kernel ridge regression on the landmarks' likeness (Nyström), (landmarks, intents)."""
    likeness = kernel(vectors, landmarks)
    among = kernel(landmarks, landmarks).astype(np.float64)
    weighted = likeness.T * weights
    gram = (weighted @ likeness).astype(np.float64) + ridge * among
    gram[np.diag_indices_from(gram)] += 1e-3
    sums = weighted @ np.eye(intents, dtype=np.float32)[labels]
    return np.linalg.solve(gram, sums.astype(np.float64)).astype(np.float32)


def _linear_machine(
    found: Sequence[Hashes],
    vocabulary: Vocabulary,
    labels: Labels,
    intents: int,
    *,
    weights: Floats,
    generator: Generator,
    cost: float = 1.0,
    rounds: int = 5,
) -> Floats:
    """One support vector machine an intent, (vocabulary + 1, intents), by dual coordinate descent.

    Hsieh et al. 2008 with squared hinge loss; the machines share the order of the texts, so one
    step moves all of them at once.
    """
    rows_and_values = [vocabulary.weigh(text) for text in found]
    machines = np.zeros((len(vocabulary.hashes) + 1, intents), np.float32)
    duals = np.zeros((len(found), intents), np.float32)
    slacks = 1 / (2 * cost * weights)
    for _ in range(rounds):
        for text in generator.permutation(len(found)):
            rows, values = rows_and_values[text]
            slack = slacks[text]
            side = np.full(intents, -1, np.float32)
            side[labels[text]] = 1
            margin = side * (values @ machines[rows] + machines[-1])
            dual = np.maximum(0, duals[text] - (margin - 1 + slack * duals[text]) / (2 + slack))
            step = side * (dual - duals[text])
            duals[text] = dual
            moved = np.flatnonzero(np.abs(step) > 1e-3)
            machines[np.ix_(rows, moved)] += np.outer(values, step[moved])
            machines[-1, moved] += step[moved]
    return machines


def minimise(
    loss: Callable[[Floats], tuple[float, Floats]], start: Floats, *, steps: int = 100
) -> Floats:
    """L-BFGS (Liu and Nocedal 1989) with ten remembered steps and a backtracking line search."""
    at = start
    value, slope = loss(at)
    memory: list[tuple[Floats, Floats, float]] = []
    for _ in range(steps):
        direction = -slope
        shares = []
        for step, change, curvature in reversed(memory):
            share = curvature * float(step @ direction)
            direction = direction - np.float32(share) * change
            shares.append(share)
        if memory:
            step, change, curvature = memory[-1]
            direction = direction / np.float32(curvature * float(change @ change))
        else:
            direction = direction / np.float32(max(1.0, float(np.linalg.norm(slope))))
        for (step, change, curvature), share in zip(memory, reversed(shares), strict=True):
            back = share - curvature * float(change @ direction)
            direction = direction + np.float32(back) * step
        downhill = float(slope @ direction)
        length = 1.0
        while True:
            next_at = at + np.float32(length) * direction
            next_value, next_slope = loss(next_at)
            if next_value <= value + 1e-4 * length * downhill or length < 1e-6:
                break
            length /= 2
        step, change = next_at - at, next_slope - slope
        if (product := float(step @ change)) > 1e-10:
            memory = [*memory[-9:], (step, change, 1 / product)]
        gained = value - next_value
        at, value, slope = next_at, next_value, next_slope
        if gained <= 1e-5 * abs(value):
            break
    return at
