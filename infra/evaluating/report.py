"""What an evaluation shows: a table, two curves, and what was understood of each message."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any

import numpy as np
from helpdesk.triage import Understanding

from infra.evaluating.scores import Outcome, reliability


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.1f} %"


def _at(*path: str) -> Callable[[Mapping[str, Any]], str]:
    """What shows the share at the end of `path`."""

    def show(column: Any) -> str:
        return _percent(reduce(getitem, path, column))

    return show


def table(columns: Sequence[Mapping[str, Any]]) -> str:
    """Return the scores of each mode side by side, as lines of text."""

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


def plot(path: Path, outcomes: Mapping[str, Outcome]) -> None:
    """Write reliability and coverage/risk curves, one line a mode, as a PNG."""
    # Matplotlib is installed for `make evaluate PLOT=…` alone.
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


def predictions(texts: Sequence[str], understood: Sequence[Understanding]) -> Iterable[str]:
    """Yield what was understood of each text, as a JSON line."""
    for text, one in zip(texts, understood, strict=True):
        best = one.ranking[0] if one.ranking else None
        answered = best and best.probability >= best.required and one.scope >= one.scope_required
        yield json.dumps(
            {"text": text, "answered": bool(answered), **asdict(one)}, ensure_ascii=False
        )
