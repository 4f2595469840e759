"""Fit a model to the utterances of a knowledge base: seconds, no randomness but the folds' seed."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from helpdesk.understanding.encoder import Encoder
from helpdesk.understanding.model import Floats, Model
from helpdesk.understanding.text import plain

FOLDS = 5
SCOPE_REJECTED = 0.05  # of the desk's own phrases, when they are held out


def fit(
    utterances: Mapping[str, Sequence[str]],
    encoder: Encoder,
    *,
    target_precision: float = 0.95,
    seed: int = 0,
) -> Model:
    """Learn to tell the intents apart from their utterances (intent -> what people write).

    `target_precision` (0 to 1) is the share of automatic answers that shall be right: thresholds
    are set so that it holds on phrases held out in turn. Raises ValueError for fewer than two
    intents or an intent without a readable utterance.
    """
    intents = sorted(utterances)
    if len(intents) < 2:
        raise ValueError("telling intents apart needs at least two")
    pairs = [(plain(text), row) for row, name in enumerate(intents) for text in utterances[name]]
    pairs = [(text, row) for text, row in dict.fromkeys(pairs) if text]
    if empty := set(range(len(intents))) - {row for _, row in pairs}:
        raise ValueError(f"no readable utterance of {', '.join(intents[row] for row in empty)}")
    vectors = encoder.encode([text for text, _ in pairs])
    labels = np.array([row for _, row in pairs])

    weights, bias = _logistic_regression(vectors, labels, len(intents))
    held_out = np.zeros((len(labels), len(intents)), np.float32)
    folds = np.random.default_rng(seed).permutation(len(labels)) % FOLDS
    for fold in range(FOLDS):
        inside = folds != fold
        w, b = _logistic_regression(vectors[inside], labels[inside], len(intents))
        held_out[~inside] = vectors[~inside] @ w + b
    energies = np.sort(_log_sum_exp(held_out))
    temperature = _temperature(held_out, labels)
    probabilities = np.exp(held_out / temperature - _log_sum_exp(held_out / temperature)[:, None])
    return Model(
        about={
            "intents": intents,
            "encoder": encoder.identity,
            "mode": encoder.mode,
            "target_precision": target_precision,
            "utterances": len(labels),
        },
        arrays={
            "weights": weights.astype(np.float16),
            "bias": bias.astype(np.float32),
            "temperature": np.float32(temperature),
            "energies": energies.astype(np.float32),
            "scope_required": np.float32(SCOPE_REJECTED),
            "required": _required(probabilities, labels, target_precision),
        },
    )


def _log_sum_exp(logits: Floats) -> Floats:
    top = logits.max(axis=1)
    return top + np.log(np.exp(logits - top[:, None]).sum(axis=1))


def _logistic_regression(
    vectors: Floats, labels: np.ndarray, classes: int, *, strength: float = 10.0
) -> tuple[Floats, Floats]:
    """Weights (width, classes) and bias of a multinomial regression, L2-penalised by 1/strength."""
    inputs = np.hstack([vectors, np.ones((len(vectors), 1), np.float32)])
    truth = np.eye(classes, dtype=np.float32)[labels]

    def loss(flat: Floats) -> tuple[float, Floats]:
        w = flat.reshape(inputs.shape[1], classes)
        logits = inputs @ w
        norm = _log_sum_exp(logits)
        error = np.exp(logits - norm[:, None]) - truth
        value = float((norm - (logits * truth).sum(1)).sum()) + float((w * w).sum()) / (2 * strength)
        return value, (inputs.T @ error + w / strength).ravel()

    found = _minimise(loss, np.zeros(inputs.shape[1] * classes, np.float32))
    w = found.reshape(inputs.shape[1], classes)
    return w[:-1], w[-1]


def _minimise(
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
            direction = direction - share * change
            shares.append(share)
        if memory:
            step, change, curvature = memory[-1]
            direction = direction / (curvature * float(change @ change))
        else:
            direction = direction / max(1.0, float(np.linalg.norm(slope)))
        for (step, change, curvature), share in zip(memory, reversed(shares), strict=True):
            direction = direction + step * (share - curvature * float(change @ direction))
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
        converged = value - next_value <= 1e-5 * abs(value)
        at, value, slope = next_at, next_value, next_slope
        if converged:
            break
    return at


def _temperature(logits: Floats, labels: np.ndarray) -> float:
    """The divisor of held-out logits that makes them most likely (Guo et al. 2017)."""

    def surprise(temperature: float) -> float:
        scaled = logits / temperature
        return float((_log_sum_exp(scaled) - scaled[np.arange(len(labels)), labels]).mean())

    return float(min(np.geomspace(0.1, 10, 200), key=surprise))


def _required(probabilities: Floats, labels: np.ndarray, target: float) -> Floats:
    """Per intent, the least probability above which held-out answers reach the target precision."""
    guess, sure = probabilities.argmax(1), probabilities.max(1)
    required = np.ones(probabilities.shape[1], np.float32)
    overall = _threshold(sure, guess == labels, target)
    for row in range(len(required)):
        mine = guess == row
        required[row] = max(overall, _threshold(sure[mine], (guess == labels)[mine], target))
    return required


def _threshold(sure: Floats, right: np.ndarray, target: float) -> float:
    order = np.argsort(-sure, kind="stable")
    precision = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    reached = np.flatnonzero(precision >= target)
    return float(sure[order][reached[-1]]) if len(reached) else 1.0
