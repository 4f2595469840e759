"""What an article must be before a customer can read it."""

from typing import Any

import pytest
from helpdesk.knowledge import InvalidArticleError, Priority, check_articles

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
    with pytest.raises(InvalidArticleError, match="refund: two articles"):
        check_articles((an_article("refund"), an_article("refund")))


def test_one_utterance_means_one_intent_whatever_its_case_and_spaces() -> None:
    one = an_article("refund", utterances=("My  money BACK",))
    other = an_article("cancel_order", utterances=("my money back ",))

    with pytest.raises(InvalidArticleError, match="of both refund and cancel_order"):
        check_articles((one, other))


def test_priorities_rank_from_urgent_to_low() -> None:
    ranked = sorted(Priority, key=lambda priority: priority.rank)

    assert ranked == [Priority.URGENT, Priority.HIGH, Priority.NORMAL, Priority.LOW]
