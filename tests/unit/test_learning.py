"""The gate: what is worse than the model in force is not published."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import pytest
from helpdesk.knowledge import Article
from helpdesk.learning import Golden, Learned, Outcome, Published, fingerprint, learn, measure
from helpdesk.triage import Policy, Understanding

from tests.fakes import MORNING, STRANGE, ScriptedUnderstander, an_article, an_understanding

REFUND, CANCEL = map(an_article, ("refund", "cancel_order"))
POLICY = Policy()


def sure_of(intent: str) -> Understanding:
    return an_understanding((intent, 0.9))


def unsure_of(intent: str) -> Understanding:
    return an_understanding((intent, 0.25))


GOLDEN = [Golden("a", ("refund",)), Golden("b", ("cancel_order",)), Golden("c", ())]

GOOD = {"a": sure_of("refund"), "b": sure_of("cancel_order"), "c": STRANGE}
BAD = {"a": sure_of("refund"), "b": sure_of("refund"), "c": STRANGE}


class Shelf:
    """Models in memory."""

    def __init__(self) -> None:
        self.in_force: Published | None = None
        self.data: dict[str, bytes] = {}
        self.refused: list[Published] = []

    def current(self) -> Published | None:
        return self.in_force

    def load(self, version: str) -> bytes:
        return self.data[version]

    def holds(self, version: str) -> bool:
        return version in self.data

    def publish(self, published: Published, data: bytes) -> None:
        self.in_force = published
        self.data[published.version] = data

    def refuse(self, published: Published) -> None:
        self.refused.append(published)


class School:
    """Fits models that do as they are told; a version is named after what it was fitted to."""

    def __init__(self) -> None:
        self.next: Mapping[str, Understanding] = GOOD
        self.fitted: list[Mapping[str, Sequence[str]]] = []
        self._models: dict[bytes, Mapping[str, Understanding]] = {}

    def fit(self, utterances: Mapping[str, Sequence[str]]) -> Learned:
        self.fitted.append(utterances)
        version = f"model-{len(self.fitted)}"
        self._models[version.encode()] = self.next
        return Learned(version, version.encode())

    def understander(self, data: bytes) -> ScriptedUnderstander:
        return ScriptedUnderstander(self._models[data])


class Desk:
    """A shelf and a school, and the golden set that stands between them."""

    def __init__(self) -> None:
        self.shelf = Shelf()
        self.school = School()
        self.golden: Sequence[Golden] = GOLDEN

    def learn(self, *articles: Article, tolerance: float = 0.01) -> tuple[Outcome, Published]:
        return learn(
            articles or (REFUND, CANCEL),
            models=self.shelf,
            teacher=self.school,
            golden=self.golden,
            policy=POLICY,
            tolerance=tolerance,
            clock=self._clock,
        )

    @staticmethod
    def _clock() -> datetime:
        return MORNING


REWORDED = replace(REFUND, utterances=("my money", "give it back"))


class TestLearn:
    def test_the_first_model_is_published_with_its_figures(self) -> None:
        desk = Desk()

        outcome, published = desk.learn(REFUND, CANCEL)

        assert outcome is Outcome.PUBLISHED
        assert published == desk.shelf.in_force
        assert published == Published(
            version="model-1",
            at=MORNING,
            knowledge=fingerprint([REFUND, CANCEL]),
            figures=measure(ScriptedUnderstander(GOOD), (REFUND, CANCEL), GOLDEN, POLICY),
        )
        assert desk.shelf.data == {"model-1": b"model-1"}
        assert desk.school.fitted == [
            {"refund": REFUND.utterances, "cancel_order": CANCEL.utterances}
        ]

    def test_knowledge_that_did_not_change_is_not_learned_again(self) -> None:
        desk = Desk()
        _, first = desk.learn(REFUND, CANCEL)

        assert desk.learn(CANCEL, replace(REFUND, answer="Otherwise.")) == (
            Outcome.UNCHANGED,
            first,
        )
        assert len(desk.school.fitted) == 1

    def test_it_is_learned_again_if_the_model_is_gone(self) -> None:
        desk = Desk()
        desk.learn()
        desk.shelf.data.clear()

        outcome, published = desk.learn()

        assert (outcome, published.version) == (Outcome.PUBLISHED, "model-2")

    def test_a_model_that_falls_behind_is_refused_and_the_one_in_force_stays(self) -> None:
        desk = Desk()
        _, first = desk.learn()
        desk.school.next = BAD

        outcome, refused = desk.learn(REWORDED, CANCEL)

        assert outcome is Outcome.REFUSED
        assert refused.refused == (
            "intents 0.500 after 1.000",
            "precision 0.500 after 1.000",
            "answered 0.500 after 1.000",
        )
        assert refused.knowledge == fingerprint([REWORDED, CANCEL])
        assert desk.shelf.refused == [refused]
        assert desk.shelf.in_force == first
        assert desk.shelf.data == {"model-1": b"model-1"}

    def test_a_model_as_good_as_the_one_in_force_or_better_takes_its_place(self) -> None:
        desk = Desk()
        for learned in (BAD, BAD, GOOD):
            desk.school.next = learned
            before = desk.shelf.in_force

            outcome, published = desk.learn(
                replace(REFUND, utterances=(f"after {before and before.version}",)), CANCEL
            )

            assert (outcome, published.refused) == (Outcome.PUBLISHED, ())
            assert desk.shelf.in_force == published != before

    def test_falling_behind_within_the_tolerance_is_no_reason(self) -> None:
        desk = Desk()
        desk.learn()
        desk.school.next = BAD

        assert desk.learn(REWORDED, CANCEL, tolerance=0.5)[0] is Outcome.PUBLISHED

    @pytest.mark.parametrize(("before", "after"), [("b", "d"), ("d", "b")])
    def test_after_the_golden_set_changed_the_model_in_force_is_measured_anew(
        self, before: str, after: str
    ) -> None:
        desk = Desk()
        desk.golden = [Golden("a", ("refund",)), Golden(before, ("cancel_order",))]
        desk.school.next = {"a": sure_of("refund"), before: sure_of("cancel_order")}
        desk.learn()
        desk.golden = [Golden("a", ("refund",)), Golden(after, ("cancel_order",))]
        desk.school.next = {"a": sure_of("refund"), after: unsure_of("refund")}

        outcome, published = desk.learn(REWORDED, CANCEL)

        assert outcome is Outcome.PUBLISHED, "the one before knows as little of the new message"
        assert published.figures is not None
        assert published.figures.intents == 0.5

    def test_on_the_same_golden_set_the_recorded_figures_count(self) -> None:
        desk = Desk()
        _, first = desk.learn()
        assert first.figures is not None
        desk.shelf.in_force = replace(
            first, figures=replace(first.figures, strangers=1.0, intents=0)
        )
        desk.school.next = {
            "a": sure_of("refund"),
            "b": sure_of("cancel_order"),
            "c": sure_of("refund"),
        }

        assert desk.learn(REWORDED, CANCEL)[1].refused == ("precision 0.667 after 1.000",)

    def test_a_model_in_force_without_figures_is_measured_first(self) -> None:
        desk = Desk()
        desk.golden = []
        assert desk.learn()[1].figures is None
        desk.golden = GOLDEN
        desk.school.next = BAD

        assert desk.learn(REWORDED, CANCEL)[0] is Outcome.REFUSED

    def test_without_a_golden_set_nothing_stands_in_the_way(self) -> None:
        desk = Desk()
        desk.learn()
        desk.golden = []
        desk.school.next = BAD

        outcome, published = desk.learn(REWORDED, CANCEL)

        assert (outcome, published.figures) == (Outcome.PUBLISHED, None)

    def test_if_the_model_in_force_is_gone_there_is_nothing_to_fall_behind(self) -> None:
        desk = Desk()
        desk.learn()
        desk.shelf.data.clear()
        desk.school.next = BAD

        assert desk.learn(REWORDED, CANCEL)[0] is Outcome.PUBLISHED
