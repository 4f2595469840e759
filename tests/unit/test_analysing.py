"""What would become of a message, kept for an hour, never if it is degraded."""

from dataclasses import replace
from datetime import timedelta

import pytest
from helpdesk import analysing
from helpdesk.analysing import LIFE, MOST_KEPT, Analysis, Message, Shelf
from helpdesk.contract import AnalysisOut
from helpdesk.ticket import Customer, TextError
from helpdesk.triage import Answer, Decision, Entity, Understanding

from tests.fakes import MORNING, Clock, an_article, an_understanding

DAY = Entity("date", "--01-15", 3, 15, "January 15th")


class Desk:
    """Counts how often it was asked; `fails` is how it fails."""

    def __init__(self) -> None:
        self.asked, self.clock, self.shelf = 0, Clock(), Shelf()
        self.fails: Exception | None = None

    def predict(self, text: str) -> tuple[Understanding, Decision]:
        self.asked += 1
        if self.fails:
            raise self.fails
        article = an_article("refund", category="REFUND")
        meant = an_understanding(("refund", 0.9), entities=(DAY,), sentiment=-0.5)
        return meant, Answer(article)

    def analyse(self, message: Message, scale: str = "") -> tuple[Analysis, bool]:
        return analysing.analyse(
            message,
            shelf=self.shelf,
            predict=self.predict,
            clock=self.clock,
            failures=(OSError,),
            scale=scale,
        )


MESSAGE = Message(text="I want my money back", subject="Order 48213")


def test_it_says_what_would_become_of_the_message() -> None:
    made, cached = Desk().analyse(MESSAGE)

    shown = AnalysisOut.of(made, cached=cached)
    assert (shown.category, shown.matter, shown.team) == ("REFUND", "returns", "returns_team")
    assert (shown.level, shown.compensation, shown.legal) == (1, True, False)
    assert [each.rule for each in shown.findings] == ["money_back"]
    assert (shown.least_hours, shown.most_hours, shown.mood) == (8, 24, "unhappy")
    assert [(each.kind, each.spelling, each.value) for each in shown.entities] == [
        ("dates", "January 15th", "--01-15"),
    ]  # fmt: skip
    assert shown.prediction
    assert shown.prediction.decision == "answer"
    assert made.of.subject == "Order 48213"


def test_the_scale_and_the_received_date_count() -> None:
    came = MORNING - timedelta(days=3)

    made, _ = Desk().analyse(replace(MESSAGE, received_at=came), "rules.money_back.level=2")

    assert (made.severity.level, made.of.created_at) == (2, came)


def test_the_same_message_is_analysed_once_an_hour() -> None:
    desk = Desk()

    assert [desk.analyse(MESSAGE)[1] for _ in range(3)] == [False, True, True]
    desk.clock.advance(LIFE - timedelta(seconds=1))
    assert (desk.analyse(MESSAGE)[1], desk.asked) == (True, 1)
    desk.clock.advance(timedelta(seconds=1))
    assert (desk.analyse(MESSAGE)[1], desk.asked) == (False, 2)


def test_another_message_is_another_one() -> None:
    others = (
        replace(MESSAGE, text="I want my money"),
        replace(MESSAGE, subject=""),
        replace(MESSAGE, customer=Customer(email="ada@example.com")),
        replace(MESSAGE, received_at=MORNING),
    )

    assert len({each.digest for each in (MESSAGE, *others)}) == 5


def test_what_is_degraded_is_judged_by_its_words_and_not_kept() -> None:
    desk = Desk()
    desk.fails = OSError("throttled")

    made, cached = desk.analyse(MESSAGE)

    shown = AnalysisOut.of(made, cached=cached)
    assert (shown.degraded, shown.level, shown.matter) == (True, 1, "returns")
    assert (shown.prediction, shown.mood, shown.entities) == (None, None, [])
    assert desk.analyse(MESSAGE)[1] is False
    desk.fails = None
    assert not desk.analyse(MESSAGE)[0].degraded
    desk.fails = ValueError("a mistake of ours is none of the knowledge's")
    with pytest.raises(ValueError, match="mistake"):
        desk.analyse(replace(MESSAGE, text="Hello"))


def test_no_more_than_some_are_kept() -> None:
    desk = Desk()
    messages = [Message(text=f"money {number}") for number in range(MOST_KEPT + 1)]
    for each in messages[:MOST_KEPT]:
        desk.analyse(each)
    desk.analyse(messages[0])  # used again: it stays
    desk.analyse(messages[-1])

    assert desk.analyse(messages[0])[1] is True
    assert desk.analyse(messages[1])[1] is False


def test_a_message_that_shows_nothing_is_refused() -> None:
    with pytest.raises(TextError):
        Desk().analyse(Message(text="\u200b "))
