"""What an article must be before a customer can read it."""

from typing import Any

import pytest
from helpdesk.knowledge import (
    Article,
    Edition,
    Golden,
    InvalidArticleError,
    InvalidCaseError,
    Priority,
    Retired,
    check_articles,
    check_cases,
    taught,
)

from tests.fakes import an_article


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"intent": "Refund"}, "not a snake_case name"),
        ({"intent": ""}, "not a snake_case name"),
        ({"answer": " \n"}, "answer is blank"),
        ({"answer": "Dear {{name}}, thank you."}, "unfilled placeholder '{{name}}'"),
        ({"answer": "Call us at ${phone}."}, "unfilled placeholder"),
        ({"answer": "Write to <support address>."}, "unfilled placeholder"),
        ({"answer": "Visit [Our Website]."}, "unfilled placeholder"),
        ({"utterances": ()}, "needs utterances"),
        ({"utterances": ("refund", " ")}, "needs utterances"),
    ],
)
def test_a_faulty_article_is_refused_with_the_reason(
    changes: dict[str, Any], complaint: str
) -> None:
    """R7: no unfilled placeholder reaches a customer."""
    with pytest.raises(InvalidArticleError, match=complaint):
        an_article(**changes)


@pytest.mark.parametrize("answer", ["It costs < 5 and > 2.", "Choose [1] or [2].", "50% off {}"])
def test_ordinary_signs_are_no_placeholder(answer: str) -> None:
    assert an_article(answer=answer).answer == answer


def test_one_intent_has_one_article() -> None:
    with pytest.raises(InvalidArticleError, match="refund: one intent has two articles"):
        check_articles((an_article("refund"), an_article("refund")))


ONE = an_article("refund", utterances=("My  money BACK", "my money back"))
OTHER = an_article("cancel_order", utterances=("cancel", "my money back "))


@pytest.mark.parametrize(
    ("articles", "complaint"),
    [
        ((ONE, OTHER), "'my money back ' is an utterance of both refund and cancel_order"),
        ((OTHER, ONE), "'My  money BACK' is an utterance of both cancel_order and refund"),
    ],
)
def test_one_utterance_means_one_intent_whatever_its_case_and_spaces(
    articles: tuple[Article, ...], complaint: str
) -> None:
    with pytest.raises(InvalidArticleError, match=complaint):
        check_articles(articles)


def test_an_article_may_hold_one_utterance_twice() -> None:
    check_articles((ONE, an_article("cancel_order")))


def test_an_article_is_answered_automatically_and_ordinary_unless_it_says_otherwise() -> None:
    article = Article(
        intent="refund",
        title="Refund",
        answer="You get it back.",
        utterances=("refund",),
        category="orders",
        department="orders",
    )

    assert article.automatic
    assert not article.needs_person
    assert article.priority is Priority.NORMAL
    assert article.version == 0, "not kept yet: the first version is 1"


def test_priorities_rank_from_urgent_to_low() -> None:
    ranked = sorted(Priority, key=lambda priority: priority.rank)

    assert ranked == [Priority.URGENT, Priority.HIGH, Priority.NORMAL, Priority.LOW]


class TestCases:
    def test_a_golden_set_may_say_a_thing_twice_but_not_in_two_ways(self) -> None:
        case = Golden("my money", ("refund",))
        check_cases([case, case, Golden("hello", ())])

        with pytest.raises(
            InvalidCaseError, match="'my money' is labelled refund and cancel_order, refund"
        ):
            check_cases([case, Golden("my money", ("cancel_order", "refund"))])
        with pytest.raises(InvalidCaseError, match="labelled refund and no intent"):
            check_cases([case, Golden("my money", ())])

    @pytest.mark.parametrize("text", ["", " \n"])
    def test_a_blank_case_judges_nothing(self, text: str) -> None:
        with pytest.raises(InvalidCaseError, match="without a text"):
            check_cases([Golden("a", ()), Golden(text, ("refund",))])


class TestEditions:
    def test_cases_without_an_article_are_counted_by_their_first_intent(self) -> None:
        edition = Edition(
            number=0,
            articles=(an_article("refund"),),
            golden=(
                Golden("a", ("refund",)),
                Golden("b", ("gone", "refund")),
                Golden("c", ("gone", "lost")),
                Golden("d", ("gone",)),
                Golden("e", ("again",)),
                Golden("f", ()),
            ),
        )

        assert edition.uncounted == {"again": 1, "gone": 2}
        assert list(edition.uncounted) == ["again", "gone"]

    def test_a_retired_intent_is_taught_with_what_no_article_claims(self) -> None:
        refund = an_article("refund", utterances=("My  money", "give back"))

        assert taught(
            [refund],
            [
                Retired("track_order", ("where is it", "my money")),
                Retired("taken", ("GIVE back",)),
                Retired("refund", ("an old wording",)),
            ],
        ) == {"refund": ("My  money", "give back"), "track_order": ("where is it",)}

    def test_without_retired_intents_it_is_what_the_articles_say(self) -> None:
        refund = an_article("refund")

        assert taught([refund]) == {"refund": refund.utterances}
