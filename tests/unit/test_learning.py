"""The gate: what is worse than the model in force is not published."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import pytest
from helpdesk.knowledge import Article, Edition, Golden, Retired
from helpdesk.learning import (
    Failure,
    Learned,
    Outcome,
    Published,
    Rules,
    fingerprint,
    learn,
    measure,
    rehearse,
)
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

    def keep(self, version: str, data: bytes) -> None:
        self.data[version] = data

    def refuse(self, published: Published) -> None:
        self.refused.append(published)


class School:
    """Fits models that do as they are told; a version is named after what it was fitted to."""

    def __init__(self) -> None:
        self.next: Mapping[str, Understanding] = GOOD
        self.fitted: list[Mapping[str, Sequence[str]]] = []
        self.fault: str | None = None
        self._models: dict[bytes, Mapping[str, Understanding]] = {}

    def fit(self, utterances: Mapping[str, Sequence[str]]) -> Learned:
        if self.fault:
            raise ValueError(self.fault)
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
        self.retired: tuple[Retired, ...] = ()

    def learn(self, *articles: Article, tolerance: float = 0.01) -> tuple[Outcome, Published]:
        return learn(
            self._edition(0, *articles),
            models=self.shelf,
            teacher=self.school,
            rules=Rules(policy=POLICY, tolerance=tolerance, target=0.75),
            clock=self._clock,
        )

    def rehearse(self, *articles: Article, number: int = 1) -> tuple[Outcome, Published]:
        return rehearse(
            self._edition(number, *articles),
            models=self.shelf,
            teacher=self.school,
            rules=Rules(policy=POLICY, tolerance=0.125, target=0.75),
            clock=self._clock,
        )

    def _edition(self, number: int, *articles: Article) -> Edition:
        return Edition(
            number=number,
            articles=articles or (REFUND, CANCEL),
            golden=tuple(self.golden),
            retired=self.retired,
        )

    @staticmethod
    def _clock() -> datetime:
        return MORNING


MEASURED = measure(ScriptedUnderstander(GOOD), (REFUND, CANCEL), GOLDEN, POLICY)
assert MEASURED
GOOD_FIGURES = MEASURED.figures
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
            figures=GOOD_FIGURES,
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
        assert refused.failed == (Failure("b", ("cancel_order",), "answered as refund", True),)
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


class TestRetired:
    def test_a_retired_intent_is_taught_as_one_without_an_article(self) -> None:
        desk = Desk()
        desk.retired = (Retired("track_order", ("where is it",)),)

        _, published = desk.learn()

        assert desk.school.fitted[-1] == {
            "refund": REFUND.utterances,
            "cancel_order": CANCEL.utterances,
            "track_order": ("where is it",),
        }
        assert published.knowledge != fingerprint([REFUND, CANCEL])
        assert published.knowledge == fingerprint([REFUND, CANCEL], desk.retired)

    def test_retiring_and_forgetting_are_learned(self) -> None:
        desk = Desk()
        desk.learn()
        desk.retired = (Retired("track_order", ("where is it",)),)
        assert desk.learn()[0] is Outcome.PUBLISHED
        assert desk.learn()[0] is Outcome.UNCHANGED
        desk.retired = ()

        assert desk.learn()[0] is Outcome.PUBLISHED


WORSE = {"a": sure_of("cancel_order"), "b": sure_of("refund"), "c": STRANGE}
"""Two of two answers wrong."""


class TestRehearse:
    def test_a_good_model_is_kept_and_not_put_in_force(self) -> None:
        desk = Desk()
        _, first = desk.learn()

        outcome, published = desk.rehearse(REWORDED, CANCEL)

        assert outcome is Outcome.ACCEPTED
        assert published == Published(
            version="model-2",
            at=MORNING,
            knowledge=fingerprint([REWORDED, CANCEL]),
            figures=GOOD_FIGURES,
            edition=1,
        )
        assert desk.shelf.in_force == first
        assert desk.shelf.data == {"model-1": b"model-1", "model-2": b"model-2"}

    def test_another_knowledge_is_not_held_against_the_model_in_force(self) -> None:
        """That one answers none of the new cases, so none wrongly: its precision would be 1."""
        desk = Desk()
        desk.school.next = {}
        desk.learn()
        desk.school.next = {"a": sure_of("refund"), "b": sure_of("refund"), "c": STRANGE}

        outcome, published = desk.rehearse()

        assert (outcome, published.refused, published.failed) == (Outcome.ACCEPTED, (), ())

    def test_one_that_answers_wrongly_is_refused_with_the_cases(self) -> None:
        desk = Desk()
        desk.learn()
        desk.school.next = WORSE

        outcome, refused = desk.rehearse()

        assert outcome is Outcome.REFUSED
        assert refused.refused == ("precision 0.000 of 0.750: 2 cases are answered wrongly",)
        assert refused.failed == (
            Failure("a", ("refund",), "answered as cancel_order", True),
            Failure("b", ("cancel_order",), "answered as refund", True),
        )
        assert desk.shelf.refused == [refused]
        assert desk.shelf.data.keys() == {"model-1"}

    def test_without_golden_cases_it_is_accepted_unmeasured(self) -> None:
        desk = Desk()
        desk.learn()
        desk.golden = []
        desk.school.next = WORSE

        outcome, published = desk.rehearse()

        assert (outcome, published.figures, published.edition) == (Outcome.ACCEPTED, None, 1)

    def test_if_there_was_no_model_nothing_stands_in_the_way(self) -> None:
        desk = Desk()
        desk.school.next = WORSE

        assert desk.rehearse()[0] is Outcome.ACCEPTED

    def test_articles_no_model_can_be_fitted_to_are_refused_with_the_reason(self) -> None:
        desk = Desk()
        desk.learn()
        desk.school.fault = "learning needs at least two intents"

        outcome, refused = desk.rehearse(REFUND)

        assert outcome is Outcome.REFUSED
        assert refused == Published(
            version="none",
            at=MORNING,
            knowledge=fingerprint([REFUND]),
            figures=None,
            refused=("learning needs at least two intents",),
            edition=1,
        )
        assert desk.shelf.refused == [refused]

    def test_an_edition_with_the_lessons_of_another_is_learned_for_itself(self) -> None:
        """Its golden set may be another, and going back needs a model of each edition."""
        desk = Desk()
        desk.learn()
        _, rehearsed = desk.rehearse()
        desk.shelf.publish(rehearsed, b"model-2")

        outcome, published = desk.learn()

        assert (outcome, published.edition) == (Outcome.PUBLISHED, 0)

    def test_what_the_model_in_force_fails_as_well_is_not_shown(self) -> None:
        desk = Desk()
        desk.golden = [*GOLDEN, Golden("d", ("refund",))]
        desk.school.next = {**GOOD, "d": sure_of("cancel_order")}
        desk.learn()
        desk.school.next = {**BAD, "d": sure_of("cancel_order")}

        _, refused = desk.learn(REWORDED, CANCEL)

        assert [each.text for each in refused.failed] == ["b"]
