"""Measure the understanding on labelled messages, anybody's.

    python -m helpdesk.understanding.evaluate --encoder build/encoder/full build/encoder/light \\
        --train train.jsonl --test test.jsonl [--out figures.json] [--plot curves.png]

Lines are `{"text": …, "intent": name or null}`; null is out of scope. A test line may list further
acceptable intents under `also`. The test file is read only after everything has been chosen.
"""

import argparse
import hashlib
import json
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from helpdesk.triage import Understanding
from helpdesk.understanding.encoder import Encoder, load_encoder
from helpdesk.understanding.model import OUT_OF_SCOPE, Model
from helpdesk.understanding.pipeline import Understander
from helpdesk.understanding.training import TARGETS, fit

BINS: Final = 15  # of the calibration error, as Guo et al. 2017

type Flags = NDArray[np.bool_]
type Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Labelled:
    """A message with the intents that are right for it; none for one out of scope."""

    text: str
    intents: frozenset[str]


def read_messages(path: Path) -> list[Labelled]:
    """The labelled messages of a JSON Lines file. Raises ValueError naming a bad line."""
    messages = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        try:
            record = json.loads(line)
            named = {record.get("intent"), *record.get("also", ())} - {None}
            # On a message out of scope, `also` lists what would be forgiven, not what is meant.
            meant = named if record.get("intent") is not None else set()
            messages.append(Labelled(record["text"], frozenset(meant)))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"{path.name}, line {number}: {error!r}") from error
    return messages


@dataclass(frozen=True)
class _Outcome:
    """One row a message: what came out and what was right."""

    in_scope: Flags
    right: Flags
    guess: tuple[str, ...]
    sure: Numbers
    required: Numbers
    scope: Numbers
    scope_required: float

    @classmethod
    def of(cls, messages: Sequence[Labelled], understood: Sequence[Understanding]) -> "_Outcome":
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
        """One number to order answers by: sure of the intent and at home in the matter."""
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


def _per_intent(messages: Sequence[Labelled], outcome: _Outcome) -> dict[str, dict[str, float]]:
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
    figures = {}
    for intent in sorted({t for t, _ in rows}):
        hits = sum(t == g == intent for t, g in rows)
        precision = hits / max(1, sum(g == intent for _, g in rows))
        support = sum(t == intent for t, _ in rows)
        recall = hits / support
        f1 = 2 * precision * recall / (precision + recall) if hits else 0.0
        figures[intent] = {
            "precision": precision, "recall": recall, "f1": f1, "support": support,
        }  # fmt: skip
    return figures


def figures(
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
    outcome = _Outcome.of(messages, understood)
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


def _transfer(outcome: _Outcome, model: Model, target: float) -> dict[str, float]:
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


def _fitted(train: Path, encoder: Encoder, target: float) -> tuple[Model, float]:
    utterances: dict[str, list[str]] = {}
    for message in read_messages(train):
        name = min(message.intents, default=OUT_OF_SCOPE)
        utterances.setdefault(name, []).append(message.text)
    start = time.perf_counter()
    model = fit(utterances, encoder, target_precision=target)
    return model, time.perf_counter() - start


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.1f} %"


def _at(*path: str) -> Callable[[Mapping[str, Any]], str]:
    """What shows the share at the end of `path`."""

    def show(column: Any) -> str:
        return _percent(reduce(getitem, path, column))

    return show


def _table(columns: Sequence[Mapping[str, Any]]) -> str:
    """The figures of each mode side by side."""

    rows: list[tuple[str, Callable[[Mapping[str, Any]], str]]] = [
        ("right intent, in scope", _at("in_scope_accuracy")),
        ("AUROC, in scope against out of scope", _at("auroc")),
    ]
    rows += [
        (f"answered at precision {key}", _at("answered_at_precision", key))
        for key in columns[0]["answered_at_precision"]
    ]
    rows += [
        (f"thresholds for {key}: {label}", _at("threshold_transfer", key, name))
        for key in columns[0]["threshold_transfer"]
        for name, label in (
            ("precision", "in-scope precision"),
            ("coverage", "in-scope coverage"),
            ("out_of_scope_answered", "out of scope let through"),
        )
    ]
    rows += [
        ("calibration error", _at("ece")),
        ("macro F1", _at("macro_f1")),
        ("fit", lambda c: f"{c['fit_seconds']:.1f} s" if "fit_seconds" in c else "-"),
        (
            "a message, p50 / p99",
            lambda c: "{p50:.1f} / {p99:.1f} ms".format(**c["ms_per_message"]),
        ),
        ("model", lambda c: f"{c['sizes']['model_bytes'] / 2**20:.1f} MiB"),
    ]
    width = max(len(label) for label, _ in rows)
    lines = [" " * width + "".join(f"{c['mode']:>18}" for c in columns)]
    lines += [
        f"{label:<{width}}" + "".join(f"{show(c):>18}" for c in columns) for label, show in rows
    ]
    worst = sorted(columns[0]["per_intent"].items(), key=lambda item: item[1]["f1"])[:8]
    lines += ["", f"weakest intents ({columns[0]['mode']})"]
    lines += [
        f"  {name:<32} precision {row['precision']:.2f}  recall {row['recall']:.2f}"
        f"  of {row['support']}"
        for name, row in worst
    ]
    return "\n".join(lines)


def _plot(path: Path, outcomes: Mapping[str, _Outcome]) -> None:
    """Reliability and coverage/risk curves, one line a mode, as a PNG."""
    # Only who asks for a picture needs it.
    from matplotlib import pyplot as plt  # noqa: PLC0415

    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 5))
    left.plot([0, 1], [0, 1], color="grey", linewidth=1)
    for mode, outcome in outcomes.items():
        inside = outcome.in_scope
        points = reliability(outcome.sure[inside], outcome.right[inside])
        left.plot([p for p, _, _ in points], [r for _, r, _ in points], "o-", label=mode)
        order = np.argsort(-outcome.confidence, kind="stable")
        answers = np.arange(1, len(order) + 1)
        wrong = 1 - np.cumsum(outcome.right[order]) / answers
        right.plot(answers / len(order), wrong, label=mode)
    left.set(xlabel="probability", ylabel="share right", title="Reliability, in scope")
    right.set(xlabel="share of all messages answered", ylabel="share of answers wrong",
              title="Coverage and risk", ylim=(0, 0.3))  # fmt: skip
    left.legend()
    right.legend()
    figure.tight_layout()
    figure.savefig(path, dpi=120, metadata={"Software": None})


def _predictions(texts: Sequence[str], understood: Sequence[Understanding]) -> Iterable[str]:
    for text, one in zip(texts, understood, strict=True):
        best = one.ranking[0] if one.ranking else None
        answered = best and best.probability >= best.required and one.scope >= one.scope_required
        yield json.dumps(
            {"text": text, "answered": bool(answered), **asdict(one)}, ensure_ascii=False
        )


def main(arguments: Sequence[str] | None = None) -> None:
    """Evaluate from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--train", type=Path, help="fit on these messages")
    what.add_argument("--model", type=Path, help="evaluate this model as it is")
    parser.add_argument("--test", type=Path, required=True)
    parser.add_argument(
        "--encoder", type=Path, nargs="+", required=True, help="the first one counts"
    )
    parser.add_argument("--target-precision", type=float, default=0.95)
    parser.add_argument("--out", type=Path, help="write the figures as JSON")
    parser.add_argument("--plot", type=Path, help="draw the curves as PNG")
    parser.add_argument("--predict", type=Path, help="write what was understood, a JSON line each")
    parser.add_argument("--save", type=Path, help="keep the fitted model of the first encoder")
    options = parser.parse_args(arguments)

    columns: list[dict[str, Any]] = []
    outcomes: dict[str, _Outcome] = {}
    for folder in options.encoder:
        encoder = load_encoder(folder)
        taken = {}
        if options.train:
            model, seconds = _fitted(options.train, encoder, options.target_precision)
            taken = {"fit_seconds": seconds, "train_sha256": _digest(options.train)}
        else:
            model = Model.from_bytes(options.model.read_bytes())
        messages = read_messages(options.test)
        column, understood = figures(Understander(model, encoder), messages)
        size = sum(path.stat().st_size for path in folder.iterdir())
        column["sizes"]["encoder_bytes"] = size
        if not columns:
            if options.predict:
                lines = _predictions([m.text for m in messages], understood)
                options.predict.write_text("".join(f"{line}\n" for line in lines), "utf-8")
            if options.save:
                options.save.write_bytes(model.to_bytes())
        columns.append({**column, **taken, "test_sha256": _digest(options.test)})
        outcomes[encoder.mode] = _Outcome.of(messages, understood)
    sys.stdout.write(_table(columns) + "\n")
    if options.out:
        first, *others = columns
        options.out.write_text(json.dumps({**first, "other_modes": others}, indent=2) + "\n")
    if options.plot:
        _plot(options.plot, outcomes)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    main()
