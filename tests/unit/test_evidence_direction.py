"""Whether a text begins something or ends it, and that evidence goes the way of the question."""

import pytest
from helpdesk.evidence import Origin, Passage
from helpdesk.evidence.direction import Direction, direction
from helpdesk.evidence.ranking import ranked


@pytest.mark.parametrize(
    "text",
    [
        "How do I unsubscribe?",
        "Stop the box",
        "please turn it off",
        "I want to switch the alerts off.",
        "I do not want these mails",
        "Don't send me the box any more",
        "take me off the list, I never wanted it",
        "I can't cancel my plan",
        "could not delete it",
        "I'd like to opt out",
        "Can I close my account?",
        "how do I get rid of this",
        "I joined in May. Now I want to leave and end it.",
    ],
)
def test_these_end_something(text: str) -> None:
    assert direction(text) is Direction.ENDING


@pytest.mark.parametrize(
    "text",
    [
        "How do I subscribe?",
        "Start the box again",
        "please turn it on",
        "keep the alerts on until June",
        "I would like to get the box",
        "Please do not cancel it",
        "Do not stop it",
        "I can't open an account",
        "sign me up",
        "Opt in on the page",
    ],
)
def test_these_begin_something(text: str) -> None:
    assert direction(text) is Direction.BEGINNING


@pytest.mark.parametrize(
    "text", ["", "Where is the shop?", "Are you there on Monday?", "Is it 10 % off today?", "42"]
)
def test_these_do_neither(text: str) -> None:
    assert direction(text) is Direction.NEITHER


def test_only_a_beginning_and_an_ending_oppose_each_other() -> None:
    pairs = [(one, other) for one in Direction for other in Direction if one.opposes(other)]

    assert pairs == [
        (Direction.ENDING, Direction.BEGINNING),
        (Direction.BEGINNING, Direction.ENDING),
    ]


def a_passage(number: int, text: str) -> Passage:
    return Passage(
        id=f"document:box:{number}", origin=Origin.DOCUMENT, version=1, title="", text=text
    )


BEGINS = a_passage(1, "To start the box, choose a day.")
ENDS = a_passage(2, "To stop the box, choose a day.")
NEITHER = a_passage(3, "The box is blue.")


def in_order(question: str) -> list[Passage]:
    scored = [(BEGINS, 0.8), (ENDS, 0.79), (NEITHER, 0.6)]
    return [each.passage for each in ranked(question, (), (), scored, least=0.5)]


def test_evidence_that_goes_the_other_way_comes_last_and_is_admitted_all_the_same() -> None:
    assert in_order("cancel please") == [ENDS, NEITHER, BEGINS]
    assert in_order("begin please") == [BEGINS, NEITHER, ENDS]


def test_a_question_that_goes_no_way_is_answered_by_nearness_alone() -> None:
    assert in_order("blue?") == [BEGINS, ENDS, NEITHER]
