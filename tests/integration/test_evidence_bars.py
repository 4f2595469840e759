"""How evidence is found with the encoder that ships, in knowledge that nothing was chosen by.

The figures that are held here are those that were measured, a little lower. They are below what is
wished for (98 in 100 the same way; every answerable fact admitted and no other): the encoder sees
the subject of a question better than its direction. docs/understanding.md says more.
"""

from infra.evaluating import retrieval


def test_the_least_cosine_of_the_starter_knowledge_admits_one_stranger_in_ten_at_most() -> None:
    chosen = retrieval.least()

    assert chosen.admitted <= 0.1 * chosen.strangers
    assert chosen.strangers >= 100
    assert chosen.answered >= 0.35 * chosen.asked


def test_a_right_article_is_among_the_nearest_three() -> None:
    share = retrieval.articles_found()[3]

    assert share.hits >= 0.53 * share.of


def test_replies_go_the_way_of_the_question_more_often_than_their_vectors_do() -> None:
    nearest = retrieval.same_direction(by_words=False)
    ranked = retrieval.same_direction(by_words=True)

    assert ranked.of == 1_000
    assert ranked.hits >= 870
    assert ranked.hits >= nearest.hits + 50


def test_of_seven_facts_the_right_one_is_first_and_few_others_are_admitted() -> None:
    found = retrieval.seven_facts()

    assert (found.first.of, found.admitted.of) == (12, 18)
    assert found.first.hits >= 10
    assert found.admitted.hits <= 2
