"""How well labelled messages are understood: shares, calibration, and what thresholds do."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from helpdesk.triage import Understanding
from helpdesk.understanding.model import Model
from helpdesk.understanding.pipeline import Understander
from helpdesk.understanding.training import TARGETS
from numpy.typing import NDArray

from infra.evaluating.labelled import Labelled

BINS: Final = 15  # of the calibration error, as Guo et al. 2017

type Flags = NDArray[np.bool_]
type Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Outcome:
    """One row for each message: the result and the right intents."""

    in_scope: Flags
    right: Flags
    guess: tuple[str, ...]
    sure: Numbers
    required: Numbers
    scope: Numbers
    scope_required: float

    @classmethod
    def of(cls, messages: Sequence[Labelled], understood: Sequence[Understanding]) -> "Outcome":
        best = [one.ranking[0] if one.ranking else None for one in understood]
        return cls(
            in_scope=np.array([bool(m.intents) for m in messages]),
            right=np.array(
                [b is not None and b.name in m.intents for b, m in zip(best, messages, strict=True)]
            ),
            guess=tuple(b.name if b else "" for b in best),
            sure=np.array([b.probability if b else 0.0 for b in best]),
            required=np.array([b.required if b else 1.0 for b in best]),
            scope=np.array([one.scope for one in understood]),
            scope_required=understood[0].scope_required if understood else 0.0,
        )

    @property
    def confidence(self) -> Numbers:
        """One number to sort answers by: high if the intent is sure and the message is in scope."""
        return self.sure * self.scope


def _share(of: Flags, among: Flags) -> float:
    """The share of `of` among those; 0 where there are none."""
    return float(of[among].mean()) if among.any() else 0.0


def auroc(familiar: Numbers, in_scope: Flags) -> float | None:
    """The chance that an in-scope message scores above an out-of-scope one; None without both."""
    if in_scope.all() or not in_scope.any():
        return None
    values, places = np.unique(familiar, return_inverse=True)
    counts = np.bincount(places, minlength=len(values))
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[places]  # ties share their mean rank
    inside, outside = int(in_scope.sum()), int((~in_scope).sum())
    return float((ranks[in_scope].sum() - inside * (inside + 1) / 2) / (inside * outside))


def answered_at(confidence: Numbers, right: Flags, precision: float) -> float:
    """The largest share of all messages that can be answered, surest first, at `precision`."""
    order = np.argsort(-confidence, kind="stable")
    reached = np.flatnonzero(
        np.cumsum(right[order]) >= precision * np.arange(1, len(order) + 1) - 1e-9
    )
    return float((reached[-1] + 1) / len(order)) if len(reached) else 0.0


def reliability(sure: Numbers, right: Flags) -> list[tuple[float, float, int]]:
    """(mean probability, share right, messages) of each filled bin of probability."""
    bins = np.minimum((sure * BINS).astype(int), BINS - 1)
    return [
        (float(sure[bins == b].mean()), float(right[bins == b].mean()), int((bins == b).sum()))
        for b in np.unique(bins)
    ]


def calibration_error(sure: Numbers, right: Flags) -> float:
    """Expected calibration error: how far probability and share right differ, on average."""
    return sum(abs(p - r) * n for p, r, n in reliability(sure, right)) / max(1, len(sure))


def _per_intent(messages: Sequence[Labelled], outcome: Outcome) -> dict[str, dict[str, float]]:
    """Precision, recall, F1 and support of each intent, among the in-scope messages."""
    truth = [
        guess if right else min(message.intents, default="")
        for message, guess, right in zip(messages, outcome.guess, outcome.right, strict=True)
    ]
    rows = [
        (t, g)
        for t, g, inside in zip(truth, outcome.guess, outcome.in_scope, strict=True)
        if inside
    ]
    scores = {}
    for intent in sorted({t for t, _ in rows}):
        hits = sum(t == g == intent for t, g in rows)
        precision = hits / max(1, sum(g == intent for _, g in rows))
        support = sum(t == intent for t, _ in rows)
        recall = hits / support
        f1 = 2 * precision * recall / (precision + recall) if hits else 0.0
        scores[intent] = {
            "precision": precision, "recall": recall, "f1": f1, "support": support,
        }  # fmt: skip
    return scores


def score(
    understander: Understander, messages: Sequence[Labelled], *, timed: int = 1000
) -> tuple[dict[str, Any], list[Understanding]]:
    """Everything the table shows of one model, and what was understood.

    The first `timed` messages are timed one by one, after a few to warm up.
    """
    texts = [message.text for message in messages]
    understander.understand_all(texts[:10])
    understood, milliseconds = [], []
    for text in texts[:timed]:
        start = time.perf_counter()
        understood.append(understander.understand(text))
        milliseconds.append((time.perf_counter() - start) * 1000)
    understood += understander.understand_all(texts[timed:])
    outcome = Outcome.of(messages, understood)
    inside = outcome.in_scope
    model = understander.model
    per_intent = _per_intent(messages, outcome)
    return {
        "mode": model.about["mode"],
        "model": model.version,
        "messages": len(messages),
        "out_of_scope_messages": int((~inside).sum()),
        "in_scope_accuracy": _share(outcome.right, inside),
        "auroc": auroc(outcome.scope, inside),
        "answered_at_precision": {
            f"{target:.2f}": answered_at(outcome.confidence, outcome.right, target)
            for target in TARGETS
        },
        "threshold_transfer": {
            f"{target:.2f}": _transfer(outcome, model, target) for target in TARGETS
        },
        "ece": calibration_error(outcome.sure[inside], outcome.right[inside]),
        "macro_f1": _mean(row["f1"] for row in per_intent.values()),
        "macro_precision": _mean(row["precision"] for row in per_intent.values()),
        "macro_recall": _mean(row["recall"] for row in per_intent.values()),
        "ms_per_message": {
            "p50": float(np.percentile(milliseconds, 50)),
            "p99": float(np.percentile(milliseconds, 99)),
        },
        "sizes": {
            "intents": len(model.intents),
            "utterances": model.about["utterances"],
            "model_bytes": len(model.to_bytes()),
        },
        "per_intent": per_intent,
    }, understood


def _transfer(outcome: Outcome, model: Model, target: float) -> dict[str, float]:
    """What the thresholds chosen on held-out training phrases do on these messages."""
    needed = dict(zip(model.intents, model.required_at(target).tolist(), strict=True))
    enough = outcome.sure >= np.array([needed.get(guess, 1.0) for guess in outcome.guess])
    answered = enough & (outcome.scope >= outcome.scope_required)
    return {
        "precision": _share(outcome.right, answered & outcome.in_scope),
        "precision_with_out_of_scope": _share(outcome.right, answered),
        "coverage": _share(answered, outcome.in_scope),
        "out_of_scope_answered": _share(answered, ~outcome.in_scope),
    }


def _mean(values: Iterable[float]) -> float:
    listed = list(values)
    return sum(listed) / max(1, len(listed))
