"""Rows M2 and M3 of the requirements: complaints by mail, without any language model.

M2: three samples get the right category, priority, order numbers, amounts and team. M3: a legal
threat, a demand for money and a simple question get their level, marks, priority and hours. Both
with the desk's own encoder and, for what words tell, without it.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import pytest
from helpdesk import analysing
from helpdesk.analysing import Kept, Message, Place
from helpdesk.considering import considered
from helpdesk.contract import AnalysisOut
from helpdesk.knowledge import Priority
from helpdesk.ports import NoModelError
from helpdesk.triage import Decision, Policy, Understanding

from infra.teaching import knowledge_files
from infra.teaching.teacher import default_teacher

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
EVERY = 4
"""One in so many utterances of an article is enough for these messages."""


class Forgetful:
    """Keeps no analysis."""

    def get(self, place: Place) -> Kept | None:
        return None

    def put(self, place: Place, kept: Kept) -> None:
        pass


def told(
    message: Message, predict: Callable[[str, Mapping[int, str]], tuple[Understanding, Decision]]
) -> AnalysisOut:
    """Return what a desk says of a message."""
    desk = analysing.Desk(
        analyses=Forgetful(),
        predict=predict,
        text_of=lambda _: "",
        knowledge=lambda: "1",
        show=lambda made: AnalysisOut.of(made).model_dump_json(),
        clock=lambda: NOW,
    )
    return AnalysisOut.model_validate_json(analysing.analyse(message, desk).said)


class Desk:
    """Says what would become of a message, with the starter knowledge."""

    def __init__(self) -> None:
        articles, teacher = knowledge_files.read(), default_teacher()
        taught = teacher.fit({each.intent: each.utterances[::EVERY] for each in articles})
        self.understander = teacher.understander(taught.data)
        self.articles = {each.intent: each for each in articles}

    def predict(self, text: str, _: Mapping[int, str]) -> tuple[Understanding, Decision]:
        return considered(
            text, articles=self.articles.get, understander=self.understander, policy=Policy()
        )

    def analysis(self, text: str, subject: str = "") -> AnalysisOut:
        return told(Message(text=text, subject=subject, received_at=NOW), self.predict)


@pytest.fixture(scope="module")
def desk() -> Desk:
    return Desk()


def by_words(text: str) -> AnalysisOut:
    """Return the analysis of a desk without a model."""

    def predict(text: str, _: Mapping[int, str]) -> tuple[Understanding, Decision]:
        raise NoModelError(text)

    return told(Message(text=text), predict)


@pytest.mark.parametrize(
    ("mail", "expected"),
    [
        pytest.param(
            (
                "URGENT: broken laptop",
                "My new laptop from order #48213 arrived broken. I paid $1,299.99. This is the "
                "third time I write. This is unacceptable, I am furious and need a replacement "
                "immediately!",
            ),
            ("quality", "quality_team", Priority.HIGH, ["order #48213"], ["$1,299.99"]),
            id="urgent",
        ),
        pytest.param(
            (
                "Where is my parcel?",
                "My parcel for order 77341 is five days late and the tracking has not changed. "
                "I paid 4,90 EUR for express delivery. Please help.",
            ),
            ("delivery", "logistics_team", Priority.NORMAL, ["order 77341"], ["4,90 EUR"]),
            id="normal",
        ),
        pytest.param(
            (
                "A question on payment",
                "Hello, do you accept PayPal for orders below 20 euros?",
            ),
            ("billing", "billing_team", Priority.NORMAL, [], ["20 euros"]),
            id="simple",
        ),
    ],
)  # fmt: skip
def test_m2_three_samples(desk: Desk, mail: tuple[str, str], expected: tuple[object, ...]) -> None:
    found = desk.analysis(mail[1], mail[0])

    spelled = [(each.kind, each.spelling) for each in found.entities]
    orders = [spelling for kind, spelling in spelled if kind == "orders"]
    amounts = [spelling for kind, spelling in spelled if kind == "amounts"]
    assert (found.matter, found.team, found.priority, orders, amounts) == expected


@pytest.mark.parametrize("model", [True, False], ids=["model", "words"])
def test_m3_a_legal_threat(desk: Desk, *, model: bool) -> None:
    found = (desk.analysis if model else by_words)("my lawyer will sue you")

    assert (found.level, found.legal) == (3, True)
    assert found.priority in {Priority.HIGH, Priority.URGENT}
    assert (found.least_hours, found.most_hours) == (24, 72)
    assert "threatens with the law" in [each.why for each in found.findings]


@pytest.mark.parametrize("model", [True, False], ids=["model", "words"])
def test_m3_a_demand_for_money(desk: Desk, *, model: bool) -> None:
    found = (desk.analysis if model else by_words)("I want my money back")

    assert (found.level, found.legal, found.compensation) == (1, False, True)
    assert (found.matter, found.team) == ("returns", "returns_team")
    assert (found.least_hours, found.most_hours) == (8, 24)


@pytest.mark.parametrize("model", [True, False], ids=["model", "words"])
def test_m3_a_simple_question(desk: Desk, *, model: bool) -> None:
    found = (desk.analysis if model else by_words)("What are your opening hours?")

    assert (found.level, found.legal, found.compensation) == (0, False, False)
    assert found.priority in {Priority.NORMAL, Priority.LOW}
    assert (found.least_hours, found.most_hours) == (2, 8)
    assert found.findings == []


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("Do you sell legal size paper for printers?", 0),
        ("My lawyer friend recommended your briefcases, do you have one in brown?", 0),
        ("If my order is not here by tomorrow I write a one star review on every site.", 2),
        ("The toaster caught fire this morning.", 2),
    ],
)
def test_what_a_message_is_like_counts_beside_its_words(desk: Desk, text: str, level: int) -> None:
    assert desk.analysis(text).level == level
