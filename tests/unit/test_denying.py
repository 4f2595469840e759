"""A message that denies the matter it names is not answered about it."""

import pytest
from helpdesk.denying import undenied
from helpdesk.triage import Answer, Ask, Escalate, Reason

from tests.fakes import ScriptedUnderstander, an_article, an_understanding

CANCEL, REFUND = an_article("cancel_order"), an_article("refund")
LEFT_TO_PEOPLE = Escalate(Reason.AMBIGUOUS, likely=CANCEL)


@pytest.mark.parametrize(
    ("text", "rest", "denied"),
    [
        ("please don't cancel it", (), True),
        ("don't cancel it. I asked how", (("refund", 0.3),), True),
        ("don't cancel it. cancel the other one", (("cancel_order", 0.9),), False),
        ("I don't want to cancel. Money back", (("refund", 0.5),), True),
        ("I don't want to cancel. Money back", (("refund", 0.49),), False),
        ("I don't want it any more. Cancel", (("cancel_order", 0.9),), False),
        ("I don't want it any more", (), False),
        ("cancel it", (), False),
    ],
)
def test_an_answer_about_what_is_denied_is_left_to_people(
    text: str, rest: tuple[tuple[str, float], ...], denied: bool
) -> None:
    _, _, left = text.partition(". ")
    understander = ScriptedUnderstander({left: an_understanding(*rest)})

    decision = undenied(Answer(CANCEL), text, understander)

    assert decision == (LEFT_TO_PEOPLE if denied else Answer(CANCEL))


@pytest.mark.parametrize("decision", [Ask((CANCEL, REFUND)), Escalate(Reason.OUT_OF_SCOPE)])
def test_what_is_no_answer_stays_as_it_is(decision: Ask | Escalate) -> None:
    assert undenied(decision, "please don't cancel it", ScriptedUnderstander({})) is decision


def test_other_messages_are_not_understood_twice() -> None:
    understander = ScriptedUnderstander({"cancel it": ValueError("asked")})

    assert undenied(Answer(CANCEL), "cancel it", understander) == Answer(CANCEL)
