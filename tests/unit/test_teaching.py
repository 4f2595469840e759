"""Which starter articles are loaded, and whether a lesson is due: decisions of `make run`."""

from datetime import timedelta

import pytest
from helpdesk.learning import Published

from infra.local import api_key
from infra.teaching import starter
from infra.teaching.lesson import Lesson, lesson
from infra.teaching.school import Look
from tests.fakes import MORNING, an_article

STARTER = [an_article(intent) for intent in ("refund", "track_order", "invoice")]


def a_model(version: str, knowledge: str, minute: int, *refused: str) -> Published:
    return Published(
        version=version,
        at=MORNING + timedelta(minutes=minute),
        knowledge=knowledge,
        figures=None,
        refused=refused,
    )


def test_an_empty_table_gets_every_starter_article() -> None:
    assert starter.due(STARTER, set(), begun=False) == tuple(STARTER)


@pytest.mark.parametrize("present", [{"refund"}, {"bread"}, {"refund", "track_order", "invoice"}])
def test_a_table_with_any_article_gets_none(present: set[str]) -> None:
    assert starter.due(STARTER, present, begun=False) == ()


def test_a_loading_that_was_broken_off_goes_on_with_what_is_missing() -> None:
    assert starter.due(STARTER, {"track_order", "bread"}, begun=True) == (STARTER[0], STARTER[2])


def test_the_model_in_force_may_be_of_the_present_articles() -> None:
    current = a_model("b", "now", 2)

    found = lesson("now", current, held=True, history=[a_model("a", "before", 1), current])
    assert found is Lesson.LEARNED


def test_a_lesson_is_lost_where_no_model_is_there_or_its_bytes_are_not() -> None:
    current = a_model("a", "now", 1)

    assert lesson("now", None, held=False, history=[]) is Lesson.LOST
    assert lesson("now", current, held=False, history=[current]) is Lesson.LOST


def test_a_lesson_is_due_after_an_edit() -> None:
    current = a_model("a", "before", 1)

    assert lesson("now", current, held=True, history=[current]) is Lesson.DUE


def test_articles_the_gate_refused_wait_for_no_lesson() -> None:
    current, refused = a_model("a", "before", 1), a_model("b", "now", 2, "intents 0.1 after 0.9")

    found = lesson("now", current, held=True, history=[current, refused])
    assert found is Lesson.REFUSED


def test_a_lead_who_went_back_to_an_earlier_model_is_not_overruled() -> None:
    earlier, later = a_model("a", "before", 1), a_model("b", "now", 2)

    found = lesson("now", earlier, held=True, history=[earlier, later])
    assert found is Lesson.ROLLED_BACK


@pytest.mark.parametrize("refused", [(), ("worse",)])
def test_articles_that_were_edited_and_edited_back_are_learned_again(refused: tuple[str]) -> None:
    earlier = a_model("a", "now", 1, *refused)
    current = a_model("b", "between", 2)

    assert lesson("now", current, held=True, history=[earlier, current]) is Lesson.DUE


def test_a_lesson_is_over_unless_it_is_lost_or_due() -> None:
    over = {each for each in Lesson if Look(1, each, None).over}

    assert over == {Lesson.LEARNED, Lesson.REFUSED, Lesson.ROLLED_BACK}


def test_what_is_said_names_the_model_and_why_it_is_that() -> None:
    model = a_model("abc", "now", 1)

    assert "abc knows the 57 articles: not measured" in Look(57, Lesson.LEARNED, model).told
    refused = Look(57, Lesson.REFUSED, model, ("intents 0.1 after 0.9",)).told
    assert "intents 0.1 after 0.9" in refused
    assert "model abc stays in force" in refused
    assert "went back to model abc" in Look(57, Lesson.ROLLED_BACK, model).told


def test_the_api_key_is_made_once_and_is_for_its_owner_alone(tmp_path) -> None:
    key = api_key.kept(tmp_path / "state")

    assert api_key.kept(tmp_path / "state") == key != api_key.kept(tmp_path / "other")
    assert 20 <= len(key) <= 128
    (path,) = (tmp_path / "state").iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
