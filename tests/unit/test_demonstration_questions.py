"""What the demonstration of `make run` asks of desks that know different things."""

from dataclasses import replace

from infra.local.questions import COUNT, PARROT, SPONSORING, STARTER, about
from tests.fakes import an_article

STARTERS = [an_article(intent, utterances=(f"taught for {intent}",)) for intent in STARTER]
BAKERY = [
    an_article(f"bread_{number}", utterances=(f"bread number {number}", "more bread"))
    for number in range(9)
]


def test_a_desk_with_the_starter_articles_is_asked_in_words_it_was_not_taught() -> None:
    found = about([*BAKERY, *STARTERS])

    assert found.answerable == tuple(STARTER.values())
    assert len(found.answerable) == COUNT
    assert not found.own
    assert not {text for article in STARTERS for text in article.utterances} & {*found.answerable}


def test_a_desk_with_other_articles_is_asked_an_utterance_of_each_of_some() -> None:
    found = about(BAKERY)

    assert found.answerable == tuple(f"bread number {number}" for number in range(COUNT))
    assert found.own


def test_a_desk_that_lacks_one_starter_intent_is_asked_about_its_own_articles() -> None:
    found = about(STARTERS[1:])

    assert found.own
    assert found.answerable == tuple(f"taught for {intent}" for intent in sorted(STARTER)[:-1])


def test_what_goes_to_a_person_is_not_asked_as_answerable() -> None:
    held = [
        replace(BAKERY[0], automatic=False),
        replace(BAKERY[1], needs_person=True),
        replace(BAKERY[2], automatic=False, needs_person=True),
    ]

    assert about(held).answerable == ()
    assert about([*held, BAKERY[3]]).answerable == ("bread number 3",)
    drafted = about([replace(STARTERS[0], automatic=False), *STARTERS[1:]])
    assert drafted.own


def test_the_question_for_a_person_has_others_in_reserve() -> None:
    person = replace(BAKERY[4], needs_person=True)
    later = replace(BAKERY[5], needs_person=True)

    assert about(BAKERY).escalating == (SPONSORING, PARROT)
    first, second, third = about([later, person]).escalating
    assert (first, second.text, third) == (SPONSORING, "bread number 4", PARROT)
    assert len({each.reply for each in (first, second, third)}) == 3


def test_a_desk_that_knows_nothing_is_asked_nothing_but_what_a_person_answers() -> None:
    found = about([])

    assert found.answerable == ()
    assert found.escalating == (SPONSORING, PARROT)
