"""Which passages speak to a question: admitted by meaning alone, the model's articles first."""

from collections.abc import Sequence
from typing import Any

import pytest
from helpdesk.evidence import Found, Origin, Passage
from helpdesk.evidence.ranking import articles_first, ranked
from helpdesk.triage import RankedIntent

LEAST = 0.45
type Candidates = Sequence[tuple[Passage, float]]


def a_passage(passage_id: str, text: str | None = None) -> Passage:
    origin = Origin(passage_id.split(":", maxsplit=1)[0])
    return Passage(id=passage_id, origin=origin, version=1, title="", text=text or passage_id)


def the_model(**probabilities: float) -> list[RankedIntent]:
    return [RankedIntent(name, each, 0.5) for name, each in probabilities.items()]


def rank(
    scored: Candidates,
    question: str = "a question",
    *,
    model: Sequence[RankedIntent] = (),
    likely: Sequence[str] = (),
    **more: Any,
) -> tuple[Found, ...]:
    return ranked(question, model, likely, scored, least=LEAST, **more)


def ids(found: Sequence[Found]) -> list[str]:
    return [each.passage.id for each in found]


def test_articles_of_the_model_come_before_nearer_passages() -> None:
    scored = [(a_passage("document:a:1"), 0.9), (a_passage("article:refund"), 0.3)]

    found = rank(scored, model=the_model(refund=0.8))

    assert ids(found) == ["article:refund", "document:a:1"]
    assert [(each.number, each.score) for each in found] == [(1, 0.8), (2, 0.9)]


def test_likely_articles_come_in_their_order_before_probable_ones() -> None:
    ranking = the_model(a=0.6, b=0.3, c=0.1, d=0.05)

    assert list(articles_first(ranking, ["d", "b"])) == ["d", "b", "a"]


def test_improbable_articles_need_to_be_near_like_others() -> None:
    scored = [(a_passage("article:a"), 0.44), (a_passage("article:b"), 0.46)]

    assert ids(rank(scored, model=the_model(a=0.19, b=0.19))) == ["article:b"]


def test_a_likely_article_that_the_model_does_not_rank_shows_its_cosine() -> None:
    (found,) = rank([(a_passage("article:a"), 0.3)], likely=["a"])

    assert found.score == 0.3


def test_an_article_without_a_whole_gives_its_best_sentences_in_its_own_order() -> None:
    scored = [(a_passage(f"article:a:{n}"), score) for n, score in ((1, 0.6), (2, 0.2), (3, 0.7))]

    assert ids(rank(scored, model=the_model(a=0.9))) == ["article:a:1", "article:a:3"]


def test_nothing_below_the_bound_is_admitted_however_well_its_words_match() -> None:
    scored = [(a_passage("document:a:1", "a question"), LEAST - 0.001)]

    assert rank(scored) == ()


def test_the_bound_itself_admits() -> None:
    assert ids(rank([(a_passage("document:a:1"), LEAST)])) == ["document:a:1"]


def test_words_decide_between_passages_that_are_about_as_near() -> None:
    scored = [
        (a_passage("document:a:1", "The blue kettle takes a litre."), 0.60),
        (a_passage("document:a:2", "The kettle K-77 takes two litres."), 0.56),
    ]

    assert ids(rank(scored, "how much does K-77 take")) == ["document:a:2", "document:a:1"]


def test_words_do_not_overtake_meaning() -> None:
    scored = [
        (a_passage("document:a:1", "You leave the list at the foot of each letter."), 0.80),
        (a_passage("document:a:2", "subscribe newsletter stop subscribe newsletter"), 0.69),
    ]

    assert ids(rank(scored, "stop newsletter"))[0] == "document:a:1"


def test_replies_come_after_articles_and_documents() -> None:
    scored = [
        (a_passage("reply:0123456789abcdef:2"), 0.99),
        (a_passage("document:a:1"), 0.5),
        (a_passage("article:a:1"), 0.6),
    ]

    assert ids(rank(scored)) == ["article:a:1", "document:a:1", "reply:0123456789abcdef:2"]


def test_no_text_comes_twice() -> None:
    scored = [
        (a_passage("article:a:1", "It is free."), 0.7),
        (a_passage("document:a:1", "It is  FREE."), 0.7),
    ]

    assert ids(rank(scored)) == ["article:a:1"]


def test_of_an_article_comes_the_whole_or_sentences() -> None:
    whole, part = a_passage("article:a"), a_passage("article:a:2")

    assert ids(rank([(whole, 0.7), (part, 0.6)])) == ["article:a"]
    assert ids(rank([(whole, 0.6), (part, 0.7)])) == ["article:a:2"]


def test_sentences_of_an_article_that_came_first_do_not_come_again() -> None:
    scored = [(a_passage("article:a"), 0.5), (a_passage("article:a:2"), 0.9)]

    assert ids(rank(scored, model=the_model(a=0.9))) == ["article:a"]


def test_at_most_five_come_and_fewer_if_asked() -> None:
    scored = [(a_passage(f"document:a:{n}"), 0.9 - n / 100) for n in range(9)]

    assert [each.number for each in rank(scored)] == [1, 2, 3, 4, 5]
    assert len(rank(scored, most=3)) == 3


def test_an_order_does_not_depend_on_that_of_the_candidates() -> None:
    scored = [(a_passage(f"document:a:{n}"), 0.5) for n in range(4)]

    assert ids(rank(scored)) == ids(rank(scored[::-1]))


@pytest.mark.parametrize("question", ["", "?!", "zzz"])
def test_a_question_without_known_words_is_ranked_by_meaning(question: str) -> None:
    scored = [(a_passage("document:a:1"), 0.5), (a_passage("document:a:2"), 0.6)]

    assert ids(rank(scored, question)) == ["document:a:2", "document:a:1"]


def test_a_score_is_between_0_and_1() -> None:
    (found,) = rank([(a_passage("document:a:1"), 1.0000001)])

    assert found.score == 1.0
