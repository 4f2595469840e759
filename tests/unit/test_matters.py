"""Whether a message asks for one thing, for two, or for more: what its parts do to a decision."""

import pytest
from helpdesk.knowledge import Article
from helpdesk.matters import MOST_PARTS, matched
from helpdesk.triage import (
    Answer,
    Ask,
    Decision,
    Escalate,
    Policy,
    RankedIntent,
    Reason,
    Understanding,
    decide,
)
from helpdesk.wording import parts

from tests.fakes import STRANGE, ScriptedUnderstander, an_article, an_understanding

REFUND, TRACK, INVOICE = map(an_article, ("refund", "track_order", "get_invoice"))
PERSON = an_article("warranty", needs_person=True)
ARTICLES = {each.intent: each for each in (REFUND, TRACK, INVOICE, PERSON)}
UNSURE = an_understanding(("refund", 0.4), ("track_order", 0.3))


def sure(intent: str) -> Understanding:
    return an_understanding((intent, 0.95))


def read(whole: Understanding, text: str, **said: Understanding) -> Decision:
    """Decide on a text whose parts, by their first word, mean what `said` says."""
    script = {part.text: said[part.text.split()[0].lower()] for part in parts(text)}
    decided = decide(whole, ARTICLES, Policy())
    alone = lambda _text, meant: decide(meant, ARTICLES, Policy(), may_ask=False)  # noqa: E731
    return matched(decided, whole, text, ScriptedUnderstander(script), alone)


def answered(*articles: Article) -> Answer:
    return Answer(articles[0], articles[1] if len(articles) > 1 else None)


class TestAnswered:
    """The whole is answered; its parts may take that back."""

    def test_background_changes_nothing(self) -> None:
        text = "Monday I bought a lamp. Where is my parcel?"

        assert read(sure("track_order"), text, monday=STRANGE, where=sure("track_order")) == (
            answered(TRACK)
        )

    def test_a_second_question_is_answered_as_well(self) -> None:
        text = "Where is my parcel? How do I get an invoice?"
        decision = read(
            sure("track_order"), text, where=sure("track_order"), how=sure("get_invoice")
        )

        assert decision == answered(TRACK, INVOICE)

    @pytest.mark.parametrize("second", [STRANGE, sure("warranty")], ids=["stranger", "person"])
    def test_half_an_answer_is_never_sent(self, second: Understanding) -> None:
        text = "Where is my parcel? How hot may the kettle get?"

        assert read(sure("track_order"), text, where=sure("track_order"), how=second) == Escalate(
            Reason.SEVERAL_MATTERS, likely=TRACK
        )

    def test_a_question_that_points_back_is_none_of_its_own(self) -> None:
        text = "Please close my order. How do I do that?"

        assert read(sure("refund"), text, please=sure("refund"), how=STRANGE) == answered(REFUND)

    def test_three_questions_are_for_a_person(self) -> None:
        text = "Where is my parcel? How do I get an invoice? Can my money come back?"
        decision = read(
            sure("track_order"),
            text,
            where=sure("track_order"),
            how=sure("get_invoice"),
            can=sure("refund"),
        )

        assert decision == Escalate(Reason.SEVERAL_MATTERS, likely=TRACK)

    def test_a_story_of_many_parts_is_for_a_person(self) -> None:
        text = "Where is my parcel? " + "Then it rained. " * MOST_PARTS

        assert read(sure("track_order"), text, where=sure("track_order"), then=STRANGE) == Escalate(
            Reason.SEVERAL_MATTERS, likely=TRACK
        )


class TestUnsure:
    """The whole is not sure; its parts may show what is asked."""

    def test_a_single_part_makes_the_desk_no_bolder(self) -> None:
        text = "My aunt came by on Sunday. Where is my parcel? It rained."
        decision = read(UNSURE, text, my=STRANGE, where=sure("track_order"), it=STRANGE)

        assert decision == Ask((REFUND, TRACK))

    def test_one_likely_matter_is_confirmed_if_no_part_asks_for_more(self) -> None:
        likely = an_understanding(ranking=(RankedIntent("refund", 0.7, 0.9),))
        text = "Can my money come back? How do I get an invoice?"

        confirmed = read(likely, text, can=sure("refund"), how=an_understanding(("refund", 0.3)))
        more = read(likely, text, can=sure("refund"), how=sure("get_invoice"))

        assert confirmed == Ask((REFUND,))
        assert more == Escalate(Reason.SEVERAL_MATTERS, likely=REFUND)

    def test_two_sure_questions_are_answered_in_their_order(self) -> None:
        text = "Can my money come back? Where is my parcel?"
        decision = read(UNSURE, text, can=sure("refund"), where=sure("track_order"))

        assert decision == answered(REFUND, TRACK)

    def test_an_answer_that_the_whole_does_not_suggest_is_not_given(self) -> None:
        text = "Can my money come back? How do I get an invoice?"
        decision = read(UNSURE, text, can=sure("refund"), how=sure("get_invoice"))

        assert decision == Escalate(Reason.SEVERAL_MATTERS, likely=REFUND)

    def test_a_part_about_something_else_keeps_it_with_a_person(self) -> None:
        text = "The kettle is broken. Can my money come back? Where is my parcel?"
        decision = read(
            UNSURE,
            text,
            the=sure("warranty"),
            can=sure("refund"),
            where=sure("track_order"),
        )

        assert decision == Escalate(Reason.SEVERAL_MATTERS, likely=REFUND)

    def test_a_reason_other_than_doubt_stays(self) -> None:
        foreign = an_understanding(("track_order", 0.95), language="de")

        assert read(foreign, "Wo ist es? Where is it?", wo=STRANGE, where=STRANGE) == Escalate(
            Reason.LANGUAGE
        )


@pytest.mark.parametrize(
    ("text", "asking"),
    [
        ("Where is my parcel and how do I get an invoice?", 2),
        ("I lost my password. Can you help me please?", 0),
        ("cancel my order and delete my account", 2),
        ("Hello. Thanks!", 0),
        ("What size do I take? And is it possible to pay in parts?", 2),
        ("Is there a faster way and what does it cost?", 1),
        ("The tent is torn; what about my refund", 1),
    ],
)
def test_parts_that_ask(text: str, asking: int) -> None:
    assert sum(part.asks for part in parts(text)) == asking
