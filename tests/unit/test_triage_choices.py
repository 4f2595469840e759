"""When a customer is asked which article is meant, how it is put, and which reply means what."""

from dataclasses import replace
from typing import Any

import pytest
from helpdesk.knowledge import Article
from helpdesk.triage import (
    Answer,
    Ask,
    Escalate,
    Policy,
    RankedIntent,
    Reason,
    Understanding,
    candidates,
    chosen,
    decide,
    question,
)

from tests.fakes import an_article, an_understanding

REFUND = an_article("refund")
CANCEL = an_article("cancel_order")
TRACK = an_article("track_order")
RETURN = an_article("return_item")
PERSON = an_article("speak_to_human", needs_person=True)
DRAFT = an_article("newsletter", automatic=False)
ARTICLES = {each.intent: each for each in (REFUND, CANCEL, TRACK, RETURN, PERSON, DRAFT)}

# Binary fractions, so that "exactly at the boundary" is exact.
EXACT = {"margin": 0.25, "worth_asking": 0.125, "certain_together": 0.75}
AMBIGUOUS = Escalate(Reason.AMBIGUOUS)
UNSURE = Escalate(Reason.LOW_CONFIDENCE)


def understood(**probabilities: float) -> Understanding:
    """Return an understanding with these intents, best first; each needs 0.5."""
    return an_understanding(*probabilities.items())


class TestWhoIsAsked:
    @pytest.mark.parametrize(
        ("probabilities", "policy", "decision"),
        [
            pytest.param(
                {"refund": 0.5, "cancel_order": 0.375}, {}, Ask((REFUND, CANCEL)), id="a near tie"
            ),
            pytest.param(
                {"refund": 0.375, "cancel_order": 0.375, "track_order": 0.25},
                {},
                Ask((REFUND, CANCEL, TRACK)),
                id="a near tie of three",
            ),
            pytest.param(
                {"refund": 0.25, "cancel_order": 0.25, "track_order": 0.25, "return_item": 0.25},
                {},
                Ask((REFUND, CANCEL, TRACK)),
                id="three are offered at the most",
            ),
            pytest.param(
                {"refund": 0.25, "cancel_order": 0.25, "track_order": 0.2, "return_item": 0.2},
                {},
                AMBIGUOUS,
                id="what is not offered counts for nothing",
            ),
            pytest.param(
                {"refund": 0.4375, "cancel_order": 0.3125},
                {},
                Ask((REFUND, CANCEL)),
                id="together they hold just enough of the probability",
            ),
            pytest.param(
                {"refund": 0.4375, "cancel_order": 0.3},
                {},
                AMBIGUOUS,
                id="together they hold too little of the probability",
            ),
            pytest.param(
                {"refund": 0.5, "cancel_order": 0.375, "track_order": 0.125},
                {},
                Ask((REFUND, CANCEL, TRACK)),
                id="just worth asking for",
            ),
            pytest.param(
                {"refund": 0.5, "cancel_order": 0.375, "track_order": 0.1},
                {},
                Ask((REFUND, CANCEL)),
                id="not worth asking for",
            ),
            pytest.param(
                {"refund": 0.625, "cancel_order": 0.3},
                {"floor": 0.75},
                Ask((REFUND, CANCEL)),
                id="no tie, but unsure of the best",
            ),
            pytest.param(
                {"refund": 0.8, "cancel_order": 0.1},
                {"floor": 0.9},
                Ask((REFUND,)),
                id="one that is likely is confirmed",
            ),
            pytest.param(
                {"refund": 0.7, "cancel_order": 0.1},
                {"floor": 0.9},
                UNSURE,
                id="one that is not likely enough is not",
            ),
            pytest.param(
                {"refund": 0.5, "unheard_of": 0.375}, {}, AMBIGUOUS, id="one has no article"
            ),
            pytest.param(
                {"refund": 0.5, "speak_to_human": 0.375}, {}, AMBIGUOUS, id="one needs a person"
            ),
            pytest.param(
                {"refund": 0.5, "newsletter": 0.375}, {}, AMBIGUOUS, id="one is not to be sent"
            ),
        ],
    )
    def test_a_choice_is_offered_only_among_answers_that_hold_most_of_the_probability(
        self,
        probabilities: dict[str, float],
        policy: dict[str, Any],
        decision: Ask | Escalate,
    ) -> None:
        understanding = understood(**probabilities)

        assert decide(understanding, ARTICLES, Policy(**EXACT | policy)) == decision

    def test_a_customer_who_was_asked_once_is_not_asked_again(self) -> None:
        understanding = understood(refund=0.5, cancel_order=0.375)

        assert decide(understanding, ARTICLES, Policy(**EXACT), may_ask=False) == AMBIGUOUS

    def test_only_the_runner_up_makes_a_tie(self) -> None:
        tie = understood(refund=0.4, cancel_order=0.35, track_order=0.1)

        assert decide(tie, ARTICLES, Policy(certain_together=1.0)) == AMBIGUOUS

    @pytest.mark.parametrize(
        ("probabilities", "decision"),
        [
            ({"refund": 0.52, "cancel_order": 0.48}, Ask((REFUND, CANCEL))),
            ({"refund": 0.56, "cancel_order": 0.44}, Answer(REFUND)),
            ({"refund": 0.45, "cancel_order": 0.36, "track_order": 0.14}, Ask((REFUND, CANCEL))),
            (
                {"refund": 0.43, "cancel_order": 0.35, "track_order": 0.16},
                Ask((REFUND, CANCEL, TRACK)),
            ),
            ({"refund": 0.27, "cancel_order": 0.24}, Ask((REFUND, CANCEL))),
            ({"refund": 0.25, "cancel_order": 0.24}, AMBIGUOUS),
            ({"refund": 0.5}, Answer(REFUND)),
        ],
    )
    def test_by_itself_the_desk_wants_a_lead_of_a_tenth_and_asks_if_it_is_likely(
        self, probabilities: dict[str, float], decision: Ask | Answer | Escalate
    ) -> None:
        assert decide(understood(**probabilities), ARTICLES) == decision

    def test_a_model_that_requires_nothing_is_taken_at_its_word(self) -> None:
        unlikely = an_understanding(ranking=(RankedIntent("refund", 0.01, 0.0),))

        assert decide(unlikely, ARTICLES) == Answer(REFUND)


class TestWhatMayBeContrary:
    @pytest.mark.parametrize(
        ("contrary", "decision"),
        [
            (0.24, Answer(REFUND)),
            (0.25, Ask((REFUND,))),
            (0.49, Ask((REFUND,))),
            (0.5, Escalate(Reason.CONTRARY)),
        ],
    )
    def test_the_desk_asks_back_where_an_answer_may_be_wrong(
        self, contrary: float, decision: Ask | Answer | Escalate
    ) -> None:
        understanding = replace(understood(refund=0.75), contrary=contrary)

        assert decide(understanding, ARTICLES) == decision

    def test_a_customer_who_was_asked_once_gets_a_person(self) -> None:
        understanding = replace(understood(refund=0.75), contrary=0.3)

        assert decide(understanding, ARTICLES, may_ask=False) == Escalate(Reason.CONTRARY)


class TestCandidates:
    @pytest.mark.parametrize(
        ("probabilities", "names"),
        [
            ({}, ()),
            ({"refund": 0.75, "cancel_order": 0.25}, ("refund",)),
            ({"refund": 0.5, "cancel_order": 0.375}, ("refund", "cancel_order")),
            ({"refund": 0.4, "cancel_order": 0.1, "track_order": 0.1}, ("refund",)),
            (
                dict.fromkeys(("refund", "cancel_order", "track_order", "return_item"), 0.25),
                ("refund", "cancel_order", "track_order"),
            ),
        ],
    )
    def test_articles_are_read_for_the_best_and_if_in_doubt_for_those_worth_asking_for(
        self, probabilities: dict[str, float], names: tuple[str, ...]
    ) -> None:
        assert candidates(understood(**probabilities), Policy(**EXACT)) == names


class TestQuestion:
    def test_choices_are_numbered_from_one_and_the_last_is_something_else(self) -> None:
        assert question([REFUND, CANCEL]) == (
            "Which of these do you mean? Reply with the number.\n"
            "1. refund\n"
            "2. cancel order\n"
            "3. Something else: a colleague will answer"
        )

    @pytest.mark.parametrize("choices", [[REFUND, CANCEL], [REFUND, CANCEL, TRACK]])
    def test_each_line_of_the_question_means_the_choice_it_shows(
        self, choices: list[Article]
    ) -> None:
        titles = [each.title for each in choices]
        lines = question(choices).split("\n")[1:]

        for number, line in enumerate(lines, start=1):
            shown, _, title = line.partition(". ")
            assert chosen(shown, titles) == chosen(title, titles) == number
        assert len(lines) == len(choices) + 1


TITLES = ["Refund of an order", "Cancel an order", "Where's my order?"]


class TestChosen:
    @pytest.mark.parametrize(
        ("number", "replies"),
        [
            (1, ["1", "01", "one", "first", "1st", "The first one", "Refund of an order"]),
            (2, ["2", "two", "second", "2nd", "option 2", "it's the second", "cancel an ORDER!"]),
            (3, ["3", "three", "third", "3rd", "number three, please", "Where's my order?"]),
            (
                4,
                [
                    "4",
                    "four",
                    "fourth",
                    "No. 4",
                    "I mean 4, thanks",
                    "something else",
                    "none",
                    "None of these, sorry",
                    "neither",
                    "NEITHER of them",
                    "both",
                    "both please",
                ],
            ),
        ],
    )
    def test_a_number_an_ordinal_or_a_title_names_its_choice(
        self, number: int, replies: list[str]
    ) -> None:
        assert {reply: chosen(reply, TITLES) for reply in replies} == dict.fromkeys(replies, number)

    @pytest.mark.parametrize(
        "reply",
        [
            "0",
            "00",
            "5",
            "11",
            "100",
            "-",
            "",
            "1 or 2",
            "my order 2",
            "none of my orders came",
            "fifth",
        ],
    )
    def test_anything_else_names_none(self, reply: str) -> None:
        assert chosen(reply, TITLES) is None

    @pytest.mark.parametrize(
        ("titles", "reply", "number"),
        [
            (TITLES[:2], "3", 3),
            (TITLES[:2], "3rd", 3),
            (TITLES[:2], "something else", 3),
            (TITLES[:2], "4", None),
            (TITLES[:2], "fourth", None),
            (["First order", "1"], "1", 2),
            (TITLES[:1], "yes please", 1),
            (TITLES[:1], "Yes, that's it!", 1),
            (TITLES[:1], "No.", 2),
            (TITLES[:1], "nope, thanks", 2),
            (TITLES[:1], "yes, but it never came", None),
            (TITLES[:2], "yes", None),
        ],
    )
    def test_something_else_comes_after_the_last_title_and_a_title_before_a_number(
        self, titles: list[str], reply: str, number: int | None
    ) -> None:
        assert chosen(reply, titles) == number
