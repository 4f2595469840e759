"""Fits what tells grave messages from ordinary ones, from messages written for development.

python -m infra.teaching.grading      # writes helpdesk/severity/likeness.json

It learns from `tests/golden/severity_dev.jsonl` and `delicate.jsonl`, and a little from the starter
knowledge. `severity_held.jsonl` and `severity.jsonl` only judge. The same sets give the same file.
"""

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from helpdesk import severity
from helpdesk.ports import Understander
from helpdesk.severity import likeness
from helpdesk.triage import Understanding
from numpy.typing import NDArray

from infra.evaluating.severity import Labelled, read
from infra.paths import ROOT
from infra.teaching import knowledge_files
from infra.teaching.seed import GOLDEN
from infra.teaching.teacher import default_teacher

TARGET = ROOT / "layers" / "core" / "python" / "helpdesk" / "severity" / "likeness.json"

CLASSES = {
    "question": "ordinary",
    "plain complaint": "ordinary",
    "angry complaint": "dissatisfied",
    "repeated": "dissatisfied",
    "supervisor": "dissatisfied",
    "threat to leave": "dissatisfied",
    "compensation": "compensation",
    "threat in public": "public",
    "management": "management",
    "safety": "danger",
    "threat": "danger",
    "legal": "law",
}
"""What a message of a kind is like."""

DELICATE = {
    "safety": "danger", "injury": "danger", "health": "danger", "self_harm": "danger",
    "third_person_danger": "danger", "threat": "danger", "law": "law", "legal": "law",
    "not_helped": "dissatisfied",
}  # fmt: skip
"""The same for the delicate messages; the other kinds are known by their words alone."""

GRAVE = {
    "legal_threat": "law", "compensation": "compensation", "threat": "danger",
    "self_harm": "danger", "person_in_danger": "danger", "safety_incident": "danger",
}  # fmt: skip
"""The same for the articles of grave matters."""

UNCLEAR = {
    "complaint", "not_helped", "refund_problem", "chargeback", "product_recall", "fraud_report",
    "security_concern", "out_of_scope", "unknown_charge", "child_purchase", "bereavement",
    "wrong_charge", "damaged_item", "return_rejected", "contact_human_agent",
}  # fmt: skip
"""Articles whose utterances are of several levels."""

BEFORE = (
    "I ordered a lamp two weeks ago, order 48213.",
    "Hello, I bought a washing machine from you in March.",
    "My order number is 55120 and I paid by card.",
    "Good morning, this is about the sofa I bought last month.",
    "I have been a customer of yours for three years.",
    "The parcel came on Tuesday.",
    "Hi team,",
)
AFTER = ("", "Thanks in advance.", "Please get back to me.", "Kind regards, Anna", "Please advise.")
"""What customers write around a matter: each message is learned from within some of it, too."""

AROUND_WEIGHT, DELICATE_WEIGHT, UTTERANCE_WEIGHT = 0.3, 0.1, 0.01
RIDGE = 1e-3
MATTER_RIDGE = 3e-4
STEPS = 600
EVERY = 3
"""One in so many utterances is learned from: they are thousands, the messages are hundreds."""

type Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Lesson:
    """A text, what it means, which class it has, and how much it counts."""

    text: str
    meaning: bytes
    label: str
    weight: float


def lessons(understander: Understander) -> tuple[list[Lesson], list[Lesson]]:
    """Return what levels and what matters are learned from."""
    articles = knowledge_files.read()
    dev = read(GOLDEN.with_name("severity_dev.jsonl"), {each.category for each in articles})
    understood = [understander.understand(each.text) for each in dev]
    levels = [_lesson(m.text, u, _class(m), 1) for m, u in zip(dev, understood, strict=True)]
    matters = [_lesson(m.text, u, m.category, 1) for m, u in zip(dev, understood, strict=True)]
    for number, each in enumerate(dev):
        before, after = BEFORE[number % len(BEFORE)], AFTER[number % len(AFTER)]
        text = f"{before} {each.text} {after}".rstrip()
        meant = understander.understand(text)
        levels.append(_lesson(text, meant, _class(each), AROUND_WEIGHT))
    lines = GOLDEN.with_name("delicate.jsonl").read_text("utf-8").splitlines()
    for each in map(json.loads, lines):
        if each["kind"] in DELICATE and each["language"] == "en":
            meant = understander.understand(each["text"])
            levels.append(_lesson(each["text"], meant, DELICATE[each["kind"]], DELICATE_WEIGHT))
    tables = severity.shipped()
    for article in articles:
        about = severity.About(article.intent, article.category, sure=True, text="")
        matter = severity.matter_of(about, tables)
        label = GRAVE.get(article.intent, "ordinary")
        some = article.utterances[::EVERY]
        for text, meant in zip(some, map(understander.understand, some), strict=True):
            matters.append(_lesson(text, meant, matter, UTTERANCE_WEIGHT))
            if article.intent not in UNCLEAR:
                levels.append(_lesson(text, meant, label, UTTERANCE_WEIGHT))
    return _usable(levels), _usable(matters)


def fit(
    signs: Floats, labels: Sequence[str], weights: Floats, classes: Sequence[str], ridge: float
) -> Floats:
    """Return the weights of a multinomial regression, (signs + 1, classes), by Adam's steps."""
    rows = np.c_[signs, np.ones(len(signs))]
    right = np.eye(len(classes))[[classes.index(each) for each in labels]]
    share = (weights / weights.sum())[:, None]
    found = np.zeros((rows.shape[1], len(classes)))
    first, second = np.zeros_like(found), np.zeros_like(found)
    for step in range(1, STEPS + 1):
        slope = rows.T @ ((probabilities(found, rows) - right) * share)
        slope[:-1] += ridge * found[:-1]
        first = 0.9 * first + 0.1 * slope
        second = 0.999 * second + 0.001 * slope**2
        found -= 0.1 * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
    return found


def probabilities(weights: Floats, rows: Floats) -> Floats:
    """Return how probable each class of each row is."""
    scores = rows @ weights
    parts: Floats = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: Floats = parts / parts.sum(axis=1, keepdims=True)
    return shares


def written(weights: Floats, classes: Sequence[str]) -> dict[str, Any]:
    """Return a reader as the file keeps it: whole numbers and what a step is worth."""
    scale = float(np.abs(weights).max() / 2000)
    steps = np.rint(weights.T / scale).astype(int).tolist()
    return {"classes": list(classes), "scale": round(scale, 8), "weights": steps}


def _usable(of: Iterable[Lesson]) -> list[Lesson]:
    return [each for each in of if len(each.meaning) == likeness.WIDTH]


def _lesson(text: str, understanding: Understanding, label: str, weight: float) -> Lesson:
    return Lesson(text, understanding.meaning, label, weight)


def _class(message: Labelled) -> str:
    if message.kind == "plain complaint" and message.level:
        return "dissatisfied"
    return CLASSES[message.kind]


def main(target: Path = TARGET) -> int:
    """Fit both readers and write them; return the exit status."""
    teacher = default_teacher()
    articles = knowledge_files.read()
    taught = teacher.fit({article.intent: article.utterances for article in articles})
    levels, matters = lessons(teacher.understander(taught.data))
    readers = {}
    for name, of, seen, classes, ridge in (
        ("levels", levels, likeness.signs, tuple(severity.LEVELS_OF), RIDGE),
        ("matters", matters, likeness.topics, tuple(severity.shipped().matters), MATTER_RIDGE),
    ):
        rows = np.array([seen(each.text, each.meaning) for each in of])
        weights = np.array([each.weight for each in of])
        readers[name] = written(
            fit(rows, [each.label for each in of], weights, classes, ridge), classes
        )
    lines = (f"{json.dumps(name)}: {json.dumps(each)}" for name, each in readers.items())
    target.write_text("{" + ",\n".join(lines) + "}\n")
    print(f"{len(levels)} messages for levels, {len(matters)} for matters: {target.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
