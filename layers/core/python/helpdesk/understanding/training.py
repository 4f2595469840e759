"""Fit a model to the utterances of a knowledge base: in seconds, and always the same bytes."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from helpdesk.understanding.contrary import Contrary, fit_contrary
from helpdesk.understanding.elsewhere import named_by
from helpdesk.understanding.encoder import Encoder
from helpdesk.understanding.fitting import fit_heads, minimise
from helpdesk.understanding.goods import generalised, speaks_of_orders
from helpdesk.understanding.lexical import Floats
from helpdesk.understanding.model import (
    OUT_OF_SCOPE,
    Heads,
    Model,
    Reading,
    calibrate,
    energies,
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
ENOUGH_STRANGERS = 50  # own messages out of scope with which a desk is no longer on probation
PROBATION = 0.8  # share of strangers that a desk on probation is to expect


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
    in turn, if `strangers_share` (0 to below 1) of all messages are out of scope. A desk that
    teaches fewer than ENOUGH_STRANGERS of its own is on probation: what strangers ask of it is not
    known yet. It expects PROBATION of them, and its own intents, left out in turn, stand for what
    they ask. With a share of 0 there is no probation. `seed` deals the phrases into folds. Raises
    ValueError for fewer than two intents or an intent without a readable utterance.
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
    texts = [speller.correct(generalised(text, words) if as_orders else text) for text, _ in pairs]
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
    heads = fit_heads(texts, vectors, labels, len(taught), generator)
    wishes = [text for text, is_ours in zip(texts, ours, strict=True) if is_ours]
    contrary = fit_contrary(wishes, vectors[ours], labels[ours], encode, minimise)
    targets = sorted({target_precision, *TARGETS})
    calibrated = partial(calibrate, temperature=temperature, strange=strange, spread=spread)
    on_probation = strangers_share > 0 and len(foreign) - len(taken) < ENOUGH_STRANGERS
    if on_probation and len(intents) >= FOLDS:
        held_out = Reading(reading.probabilities[ours], reading.scope[ours])
        met = _as_strangers(
            texts, vectors, labels, len(intents), generator=generator, calibrated=calibrated
        )
        labels = np.concatenate([labels[ours], np.full(len(met.scope), len(intents))])
        reading = _together(held_out, met)
    elif aside:
        unseen = [speller.correct(plain(text)) for text in aside]
        met = calibrated(heads.scores(unseen, encode(unseen)), len(intents))
        labels = np.concatenate([labels, np.full(len(unseen), len(intents))])
        reading = _together(reading, met)
    expected = max(strangers_share, PROBATION) if on_probation else strangers_share
    traffic = [Traffic(reading, labels, target, expected) for target in targets]
    return Model(
        about={
            "intents": intents,
            "encoder": encoder.identity,
            "mode": encoder.mode,
            "target_precision": target_precision,
            "targets": targets,
            "strangers_share": expected,
            "on_probation": on_probation,
            "utterances": int(ours.sum()),
            "out_of_scope": int((~ours).sum()),
            "seed": seed,
            "words": words,
            "goods_are_orders": as_orders,
            "elsewhere": named_by(said, intents),
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
        heads = fit_heads(seen, vectors[~outside], labels[~outside], intents, generator)
        scores[outside] = heads.scores(unseen, vectors[outside])
    return scores


def _as_strangers(
    texts: Sequence[str],
    vectors: Floats,
    labels: Labels,
    intents: int,
    *,
    generator: Generator,
    calibrated: Callable[[Floats, int], Reading],
) -> Reading:
    """Return how heads read each utterance if its intent, and a fifth of all, is unknown to them.

    What a desk's neighbours ask is nearest to what it answers: an intent left out is such a matter.
    """
    ours = np.flatnonzero(labels < intents)
    probabilities = np.zeros((len(ours), intents), np.float32)
    scope = np.zeros(len(ours), np.float32)
    columns = labels.max() + 1
    dealt = generator.permutation(intents) % FOLDS
    for fold in range(FOLDS):
        kept = np.array([row for row in range(columns) if row >= intents or dealt[row] != fold])
        known = np.isin(labels, kept)
        place = np.searchsorted(kept, labels[known])
        seen = [text for text, is_known in zip(texts, known, strict=True) if is_known]
        heads = fit_heads(seen, vectors[known], place, len(kept), generator)
        out = np.flatnonzero(~known)
        ranked = kept[kept < intents]
        met = calibrated(heads.scores([texts[int(row)] for row in out], vectors[out]), len(ranked))
        rows = np.searchsorted(ours, out)
        probabilities[np.ix_(rows, ranked)] = met.probabilities
        scope[rows] = met.scope
    return Reading(probabilities, scope)


def _together(one: Reading, other: Reading) -> Reading:
    return Reading(
        np.concatenate([one.probabilities, other.probabilities]),
        np.concatenate([one.scope, other.scope]),
    )


def _folds(labels: Labels, generator: Generator) -> Labels:
    """Deal the texts of each intent over the folds as evenly as possible."""
    order = generator.permutation(len(labels))
    order = order[np.argsort(labels[order], kind="stable")]
    folds = np.empty(len(labels), np.intp)
    folds[order] = np.arange(len(labels)) % FOLDS
    return folds


def _temperature(logits: Floats, labels: Labels) -> float:
    """The divisor that makes held-out labels most likely (Guo et al. 2017)."""

    def surprise(temperature: float) -> float:
        scaled = logits / np.float32(temperature)
        return float((log_sum_exp(scaled) - scaled[np.arange(len(labels)), labels]).mean())

    return float(min(np.geomspace(0.1, 10, 200), key=surprise))
