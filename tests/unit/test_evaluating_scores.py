"""The scores of an evaluation, against slow definitions of the same."""

import json
from pathlib import Path

import numpy as np
import pytest
from helpdesk.understanding import Understander, fit
from hypothesis import given
from hypothesis import strategies as st

from infra.evaluating.labelled import Labelled, read_messages
from infra.evaluating.scores import answered_at, auroc, calibration_error, score
from tests.unit.test_understanding_model import STRANGE, UTTERANCES, WordVectors

FLAGGED = st.lists(
    st.tuples(st.sampled_from([0.0, 0.25, 0.5, 0.75, 0.9, 1.0]), st.booleans()), min_size=1
)


@given(FLAGGED)
def test_auroc_is_the_share_of_pairs_in_the_right_order(rows: list[tuple[float, bool]]) -> None:
    inside = [value for value, flag in rows if flag]
    outside = [value for value, flag in rows if not flag]
    found = auroc(np.array([v for v, _ in rows]), np.array([f for _, f in rows]))
    if not inside or not outside:
        assert found is None
        return
    won = sum((a > b) + (a == b) / 2 for a in inside for b in outside)
    assert found == pytest.approx(won / (len(inside) * len(outside)))


@given(FLAGGED, st.sampled_from([0.5, 0.8, 0.95]))
def test_no_larger_share_can_be_answered(rows: list[tuple[float, bool]], precision: float) -> None:
    sure, right = np.array([v for v, _ in rows]), np.array([f for _, f in rows])
    share = answered_at(sure, right, precision)
    ordered = right[np.argsort(-sure, kind="stable")]
    reached = [n for n in range(1, len(rows) + 1) if ordered[:n].mean() >= precision - 1e-9]
    assert share == pytest.approx(max(reached, default=0) / len(rows))


def test_an_honest_probability_has_no_calibration_error() -> None:
    sure = np.array([0.75] * 4 + [0.5] * 4)
    right = np.array([True, True, True, False, True, False, True, False])
    assert calibration_error(sure, right) == pytest.approx(0)
    assert calibration_error(np.array([1.0, 1.0]), np.array([True, False])) == pytest.approx(0.5)


def test_lines_are_read_and_bad_ones_named(tmp_path: Path) -> None:
    file = tmp_path / "messages.jsonl"
    file.write_text(
        '{"text": "a", "intent": "x", "also": ["y"]}\n'
        '{"text": "b", "intent": null, "also": ["x"]}\n'
    )
    assert read_messages(file) == [
        Labelled("a", frozenset({"x", "y"})),
        Labelled("b", frozenset()),
    ]
    for bad in ("nonsense", "[]", '{"intent": "x"}'):
        file.write_text(f'{{"text": "a", "intent": "x"}}\n{bad}\n')
        with pytest.raises(ValueError, match="line 2"):
            read_messages(file)


@pytest.fixture(scope="module")
def understander() -> Understander:
    return Understander(fit({**UTTERANCES, "out_of_scope": STRANGE}, WordVectors()), WordVectors())


MESSAGES = [
    Labelled("cancel my order please", frozenset({"cancel_order"})),
    Labelled("where is my parcel", frozenset({"track_order"})),
    Labelled("where is my parcel", frozenset({"get_refund"})),  # a label the model must miss
    Labelled("who painted the sunflowers", frozenset()),
]


def test_the_scores_hold_what_the_table_needs(understander: Understander) -> None:
    column, understood = score(understander, MESSAGES)
    assert len(understood) == len(MESSAGES)
    assert column["in_scope_accuracy"] == pytest.approx(2 / 3)
    assert column["auroc"] == 1.0
    assert set(column["answered_at_precision"]) == {"0.80", "0.90", "0.95", "0.98"}
    assert column["per_intent"]["track_order"]["precision"] == pytest.approx(1 / 2)
    assert column["per_intent"]["get_refund"]["recall"] == 0
    assert column["threshold_transfer"]["0.95"]["out_of_scope_answered"] == 0
    assert column["macro_recall"] == pytest.approx(2 / 3)
    json.dumps(column)
