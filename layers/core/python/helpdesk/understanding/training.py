"""Fit a model to the utterances of a knowledge base: in seconds, and always the same bytes."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from helpdesk.understanding.contrary import Contrary, fit_contrary
from helpdesk.understanding.encoder import Encoder
from helpdesk.understanding.goods import generalised, speaks_of_orders
from helpdesk.understanding.lexical import Floats, Hashes, Vocabulary, features
from helpdesk.understanding.model import (
    OUT_OF_SCOPE,
    Heads,
    Model,
    Reading,
    calibrate,
    energies,
    kernel,
    log_sum_exp,
    ranking_logits,
)
from helpdesk.understanding.spelling import Speller, dictionary
from helpdesk.understanding.text import plain
from helpdesk.understanding.thresholds import Traffic, required

type Labels = NDArray[np.intp]
type Encode = Callable[[Sequence[str]], Floats]
type Generator = np.random.Generator  # not looked up while it loads: numpy would load more

FOLDS = 5
TARGETS = 0.80, 0.90, 0.95, 0.98  # thresholds for these come with every model
GIVEN_UP = 0.05  # share of the desk's own phrases that may count as strange
MOST_STRANGERS = 0.1  # of as many utterances: a desk with few is not to be drowned
RELATED = 0.5  # cosine from which a stranger's message may be a desk's own matter
LANDMARKS = 2000  # phrases the kernel compares with: bounds time and size for any knowledge


def fit(
    utterances: Mapping[str, Sequence[str]],
    encoder: Encoder,
    *,
    target_precision: float = 0.95,
    strangers: Sequence[str] = (),
    strangers_share: float = 0.0,
    seed: int = 0,
) -> Model:
    """Learn to tell the intents apart from their utterances (intent -> what people write).

    Under the name OUT_OF_SCOPE, `utterances` may hold messages that are for none of the intents;
    `strangers` are more of them, of any business. `target_precision` (0 to 1) is the share of
    automatic answers that shall be right: thresholds are set so that it holds on phrases held out
    in turn, if `strangers_share` (0 to below 1) of all messages are out of scope. `seed` deals the
    phrases into folds. Raises ValueError for fewer than two intents or an intent without a readable
    utterance.
    """
    intents = sorted(set(utterances) - {OUT_OF_SCOPE})
    if len(intents) < 2:
        raise ValueError("telling intents apart needs at least two")
    encode = _once(encoder)
    ours_said = [text for name in intents for text in utterances[name]]
    taken, aside = _strangers_here(strangers, ours_said, encode, np.random.default_rng(seed))
    foreign = [*utterances.get(OUT_OF_SCOPE, ()), *taken]
    lessons = {**utterances, OUT_OF_SCOPE: foreign}
    taught = [*intents, OUT_OF_SCOPE] if foreign else intents
    said = [(plain(text), row) for row, name in enumerate(taught) for text in lessons[name]]
    pairs = [(text, row) for text, row in dict.fromkeys(said) if text]
    if empty := set(range(len(taught))) - {row for _, row in pairs}:
        raise ValueError(f"no readable utterance of {', '.join(taught[row] for row in empty)}")
    words = dictionary((text for text, _ in pairs), encoder.knows)
    speller = Speller(words, encoder.knows)
    as_orders = speaks_of_orders([text for text, row in pairs if row < len(intents)])
    texts = [speller.correct(generalised(text) if as_orders else text) for text, _ in pairs]
    labels = np.array([row for _, row in pairs])
    vectors = encode(texts)
    generator = np.random.default_rng(seed)
    scores = _held_out_scores(texts, vectors, labels, len(taught), generator)
    ours = labels < len(intents)
    temperature = _temperature(ranking_logits(scores), labels)
    familiar = energies(scores, len(intents))[ours]
    strange, spread = float(np.quantile(familiar, GIVEN_UP)), float(familiar.std())
    reading = calibrate(
        scores, len(intents), temperature=temperature, strange=strange, spread=spread
    )
    heads = _fit_heads(texts, vectors, labels, len(taught), generator)
    wishes = [text for text, is_ours in zip(texts, ours, strict=True) if is_ours]
    contrary = fit_contrary(wishes, vectors[ours], labels[ours], encode, _minimise)
    targets = sorted({target_precision, *TARGETS})
    unseen = [speller.correct(plain(text)) for text in aside]
    if unseen:
        met = calibrate(
            heads.scores(unseen, encode(unseen)),
            len(intents),
            temperature=temperature,
            strange=strange,
            spread=spread,
        )
        labels = np.concatenate([labels, np.full(len(unseen), len(intents))])
        reading = Reading(
            np.concatenate([reading.probabilities, met.probabilities]),
            np.concatenate([reading.scope, met.scope]),
        )
    traffic = [Traffic(reading, labels, target, strangers_share) for target in targets]
    return Model(
        about={
            "intents": intents,
            "encoder": encoder.identity,
            "mode": encoder.mode,
            "target_precision": target_precision,
            "targets": targets,
            "strangers_share": strangers_share,
            "utterances": int(ours.sum()),
            "out_of_scope": int((~ours).sum()),
            "seed": seed,
            "words": words,
            "goods_are_orders": as_orders,
        },
        arrays={
            **_halved(heads, contrary),
            "temperature": np.array(temperature, np.float32),
            "strange": np.array(strange, np.float32),
            "spread": np.array(spread, np.float32),
            "required": np.stack([required(each) for each in traffic]),
        },
    )


def _once(encoder: Encoder) -> Encode:
    """Return what encodes each text once, however often a fit asks for it."""
    known: dict[str, Floats] = {}

    def encode(texts: Sequence[str]) -> Floats:
        new = [text for text in dict.fromkeys(texts) if text not in known]
        known.update(zip(new, encoder.encode(new), strict=True))
        found = np.array([known[text] for text in texts], np.float32)
        return found.reshape(len(texts), encoder.width)

    return encode


def _strangers_here(
    strangers: Sequence[str], utterances: Sequence[str], encode: Encode, generator: Generator
) -> tuple[Sequence[str], Sequence[str]]:
    """Return strangers to teach, MOST_STRANGERS of a desk's utterances, and those to judge by.

    What is strange to a shop, such as to hear the weather, may be what another desk is for: what is
    near to a desk's own utterances is in neither.
    """
    if not strangers:
        return (), ()
    likeness = encode(strangers) @ encode(utterances).T
    near = likeness.max(axis=1)
    found = np.flatnonzero(near < RELATED)
    dealt = generator.permutation(found)
    most = int(MOST_STRANGERS * len(utterances))
    taken, aside = np.sort(dealt[:most]), np.sort(dealt[most:])
    return [strangers[row] for row in taken], [strangers[row] for row in aside]


def _halved(heads: Heads, contrary: Contrary) -> dict[str, NDArray[Any]]:
    return {
        "contrary_weights": contrary.weights.astype(np.float16),
        "contrary_allowance": contrary.allowance.astype(np.float16),
        "contrary_idf": contrary.vocabulary.idf.astype(np.float16),
        "contrary_hashes": contrary.vocabulary.hashes,
        "regression": heads.regression.astype(np.float16),
        "landmarks": heads.landmarks.astype(np.float16),
        "phrases": heads.phrases.astype(np.float16),
        "words": heads.words.astype(np.float16),
        "idf": heads.vocabulary.idf.astype(np.float16),
        "hashes": heads.vocabulary.hashes,
    }


def _held_out_scores(
    texts: Sequence[str],
    vectors: Floats,
    labels: Labels,
    intents: int,
    generator: Generator,
) -> Floats:
    """(texts, 3, intents): each text scored by heads that never saw it."""
    scores = np.empty((len(labels), 3, intents), np.float32)
    folds = _folds(labels, generator)
    for fold in range(FOLDS):
        outside = folds == fold
        seen = [text for text, out in zip(texts, outside, strict=True) if not out]
        unseen = [text for text, out in zip(texts, outside, strict=True) if out]
        heads = _fit_heads(seen, vectors[~outside], labels[~outside], intents, generator)
        scores[outside] = heads.scores(unseen, vectors[outside])
    return scores


def _folds(labels: Labels, generator: Generator) -> Labels:
    """Deal the texts of each intent over the folds as evenly as possible."""
    order = generator.permutation(len(labels))
    order = order[np.argsort(labels[order], kind="stable")]
    folds = np.empty(len(labels), np.intp)
    folds[order] = np.arange(len(labels)) % FOLDS
    return folds


def _fit_heads(
    texts: Sequence[str],
    vectors: Floats,
    labels: Labels,
    intents: int,
    generator: Generator,
) -> Heads:
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
    return _minimise(loss, start).reshape(inputs.shape[1], intents)


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


def _temperature(logits: Floats, labels: Labels) -> float:
    """The divisor that makes held-out labels most likely (Guo et al. 2017)."""

    def surprise(temperature: float) -> float:
        scaled = logits / np.float32(temperature)
        return float((log_sum_exp(scaled) - scaled[np.arange(len(labels)), labels]).mean())

    return float(min(np.geomspace(0.1, 10, 200), key=surprise))
