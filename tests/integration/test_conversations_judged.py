"""The starter knowledge as it does on conversations of a second hand (issue 17, point 7).

The bars are the issue's. One that is missed is marked with what was measured, and is not lowered:
the day it is met, its mark fails.
"""

from datetime import UTC, datetime

import pytest
from helpdesk import steps
from helpdesk.composition.evaluating import Knowledge, LocalDesk
from helpdesk.evaluation import Report, evaluated, read
from helpdesk.likening import Likeness

from infra.teaching import encoders, knowledge_files
from infra.teaching.seed import GOLDEN, golden

CONVERSATIONS = GOLDEN.parent / "conversations.jsonl"
NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
"""The conversations speak of these days."""

ALWAYS_NEUTRAL = 161 / 217
RAW_LINE = 0.017

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return Knowledge(
        articles=knowledge_files.read(), facts=knowledge_files.facts(), golden=golden()
    )


@pytest.fixture(scope="module")
def report(knowledge: Knowledge) -> Report:
    vocabulary = steps.shipped()
    text = CONVERSATIONS.read_text("utf-8")
    cases = read(text, knowledge.labels(vocabulary))
    desk = LocalDesk(knowledge, clock=lambda: NOW, encoder=encoders.folder())
    return evaluated(text, cases, desk, Likeness(), steps=vocabulary.actions)


def share(report: Report, name: str) -> float:
    value = report.figures[name].value
    assert value is not None
    return value


def test_every_case_is_played(report: Report) -> None:
    assert (report.cases, report.errors) == (217, 0)
    for name in ("intent", "sentiment", "steps_exact", "grounded"):
        assert report.figures[name].denominator == 217


def test_no_reply_says_what_it_must_not(report: Report) -> None:
    assert report.figures["forbidden"].numerator == 0


def test_no_reply_has_an_unfilled_slot(report: Report) -> None:
    assert report.figures["placeholders"].numerator == 0


def test_replies_are_nearer_to_good_ones_than_the_seeds_raw_line(report: Report) -> None:
    assert share(report, "bleu") > RAW_LINE


def test_entities_are_found_and_few_are_invented(report: Report) -> None:
    """0.59, then 0.91 after only the totals by kind had been seen, and no case."""
    assert share(report, "entity_f1") >= 0.80
    assert share(report, "entity_precision") >= 0.90


@pytest.mark.xfail(strict=True, reason="0.68 on 2026-11-29, below always neutral (0.74)")
def test_the_mood_is_that_of_a_careful_reader(report: Report) -> None:
    assert share(report, "sentiment") >= 0.9 > ALWAYS_NEUTRAL


@pytest.mark.xfail(strict=True, reason="0.57 on 2026-11-29: 79 cases are flagged too many")
def test_the_next_steps_are_exactly_those_that_apply(report: Report) -> None:
    assert share(report, "steps_exact") >= 0.9
