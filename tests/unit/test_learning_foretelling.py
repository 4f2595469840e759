"""What the gate would say to a change that is not made yet, and what it does to golden cases."""

from dataclasses import replace

from helpdesk.knowledge import Amendment, Article, Golden
from helpdesk.learning import Foretold, Rules, foretell

from tests.fakes import an_article, an_understanding
from tests.unit.test_learning import (
    CANCEL,
    GOLDEN,
    GOOD,
    GOOD_FIGURES,
    POLICY,
    REFUND,
    REWORDED,
    Desk,
)

WRAP = an_article("gift_wrap", automatic=False)
STRANGER = next(each.text for each in GOLDEN if not each.intents)


def told(desk: Desk, article: Article, *golden: Golden, tolerance: float = 0.01) -> Foretold:
    return foretell(
        desk._edition(0),
        Amendment(article=article, golden=golden),
        models=desk.shelf,
        teacher=desk.school,
        rules=Rules(policy=POLICY, tolerance=tolerance, target=0.75),
    )


def a_taught_desk() -> Desk:
    desk = Desk()
    desk.learn()
    return desk


def test_a_change_that_teaches_nothing_is_measured_with_the_model_in_force() -> None:
    desk = a_taught_desk()

    found = told(desk, replace(REFUND, answer="Otherwise."))

    assert found == Foretold(after=GOOD_FIGURES, before=GOOD_FIGURES, taken=found.taken)
    assert len(desk.school.fitted) == 1


def test_nothing_is_put_in_force_and_nothing_is_stored() -> None:
    desk = a_taught_desk()
    before = dict(desk.shelf.data)

    told(desk, REWORDED)

    assert len(desk.school.fitted) == 2
    assert desk.shelf.data == before
    assert desk.shelf.refused == []
    assert desk.shelf.in_force
    assert desk.shelf.in_force.version == "model-1"


def test_a_worse_model_will_be_refused_and_its_cases_are_named() -> None:
    desk = a_taught_desk()
    text = next(each.text for each in GOLDEN if each.intents == ("refund",))
    desk.school.next = {**GOOD, text: an_understanding(("cancel_order", 0.99))}

    found = told(desk, REWORDED)

    assert found.refused
    assert [each.text for each in found.failing] == [text]
    assert found.mended == ()


def test_what_the_change_mends_is_named() -> None:
    desk = Desk()
    text = next(each.text for each in GOLDEN if each.intents == ("refund",))
    desk.school.next = {**GOOD, text: an_understanding(("cancel_order", 0.99))}
    desk.learn()
    desk.school.next = GOOD

    found = told(desk, REWORDED)

    assert (found.refused, found.failing) == ((), ())
    assert [each.text for each in found.mended] == [text]


def test_a_new_article_is_told_which_messages_for_people_it_would_take() -> None:
    """With their new labels they are no errors, and the gate accepts what it refused before."""
    desk = a_taught_desk()
    desk.school.next = {**GOOD, STRANGER: an_understanding(("gift_wrap", 0.99))}
    automatic = replace(WRAP, automatic=True)

    found = told(desk, automatic)
    assert found.taken == (STRANGER,)
    assert found.refused

    relabelled = told(desk, automatic, Golden(STRANGER, ("gift_wrap",)))
    assert relabelled.taken == ()
    assert relabelled.refused == ()
    assert [each.text for each in relabelled.mended] == [STRANGER]


def test_an_edition_that_cannot_be_learned_is_refused() -> None:
    desk = a_taught_desk()
    desk.school.fault = "two intents are needed"

    assert told(desk, REWORDED).refused == ("two intents are needed",)


def test_without_cases_there_is_nothing_to_tell() -> None:
    desk = a_taught_desk()
    desk.golden = ()

    assert told(desk, REWORDED) == Foretold(after=None, before=None)


def test_an_amended_edition_has_the_article_and_its_cases_once() -> None:
    desk = Desk()
    edition = desk._edition(0)
    golden = (Golden(STRANGER, ("gift_wrap",)), Golden("wrap it", ("gift_wrap",)))

    amended = edition.amended(Amendment(article=WRAP, golden=golden))

    assert [each.intent for each in amended.articles] == sorted(
        each.intent for each in (REFUND, CANCEL, WRAP)
    )
    assert len(amended.golden) == len(edition.golden) + 1
    assert set(golden) <= set(amended.golden)
