"""How a model is measured on the golden set, and what falling behind means."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from helpdesk.knowledge import Golden, Retired
from helpdesk.learning import Failure, Figures, Measured, fingerprint, measure
from helpdesk.learning.gate import SHOWN, judge_alone, telling
from helpdesk.triage import Policy, Understanding

from tests.fakes import STRANGE, ScriptedUnderstander, an_article, an_understanding

REFUND, CANCEL, TRACK = map(an_article, ("refund", "cancel_order", "track_order"))
PERSON = an_article("speak_to_human", needs_person=True)
ARTICLES = (REFUND, CANCEL, TRACK, PERSON)
POLICY = Policy()

EVEN = Figures(golden="g", intents=0.5, precision=0.5, answered=0.5, strangers=0.5)


def sure_of(intent: str) -> Understanding:
    return an_understanding((intent, 0.9))


def unsure_of(intent: str) -> Understanding:
    return an_understanding((intent, 0.25))


class TestBehind:
    @pytest.mark.parametrize(
        ("figure", "worse", "just_as_good", "better"),
        [
            ("intents", 0.25, 0.375, 0.75),
            ("precision", 0.25, 0.375, 0.75),
            ("answered", 0.25, 0.375, 0.75),
            ("strangers", 0.75, 0.625, 0.25),
        ],
    )
    def test_a_figure_falls_behind_by_more_than_the_tolerance(
        self, figure: str, worse: float, just_as_good: float, better: float
    ) -> None:
        def behind(value: float) -> tuple[str, ...]:
            return replace(EVEN, **{figure: value}).behind(EVEN, tolerance=0.125)

        assert behind(worse) == (f"{figure} {worse:.3f} after 0.500",)
        assert behind(just_as_good) == behind(better) == behind(0.5) == ()

    @pytest.mark.parametrize(
        ("mine", "theirs", "told"),
        [
            (0.25, 0.5, ("retrieval 0.250 after 0.500",)),
            (0.375, 0.5, ()),
            (0.75, 0.5, ()),
            (None, 0.5, ()),
            (0.25, None, ()),
        ],
    )
    def test_what_an_index_finds_is_compared_where_both_have_one(
        self, mine: float | None, theirs: float | None, told: tuple[str, ...]
    ) -> None:
        found, before = (replace(EVEN, retrieval=share) for share in (mine, theirs))

        assert found.behind(before, tolerance=0.125) == told

    def test_every_figure_that_falls_behind_is_named(self) -> None:
        worst = Figures(golden="g", intents=0, precision=0, answered=0, strangers=1)

        assert [reason.split()[0] for reason in worst.behind(EVEN, 0.1)] == [
            "intents",
            "precision",
            "answered",
            "strangers",
        ]


class TestMeasure:
    @pytest.mark.parametrize(
        ("golden", "understood", "figures"),
        [
            pytest.param(
                {"a": ("refund",), "b": ()},
                {"a": sure_of("refund"), "b": STRANGE},
                (1.0, 1.0, 1.0, 0.0),
                id="all is right",
            ),
            pytest.param(
                {"a": ("refund",), "b": ()},
                {"a": sure_of("cancel_order"), "b": sure_of("refund")},
                (0.0, 0.0, 0.0, 1.0),
                id="all is wrong",
            ),
            pytest.param(
                {"a": ("refund",), "b": ("refund",)},
                {"a": unsure_of("refund"), "b": STRANGE},
                (1.0, 1.0, 0.0, 0.0),
                id="nothing is answered, so nothing is answered wrong",
            ),
            pytest.param(
                {"a": ("refund",), "b": ("refund",), "c": ("cancel_order",), "d": ("track_order",)},
                {
                    "a": sure_of("refund"),
                    "b": sure_of("refund"),
                    "c": sure_of("cancel_order"),
                    "d": sure_of("refund"),
                },
                (0.75, 0.75, 0.75, 0.0),
                id="one of four is mistaken for another",
            ),
            pytest.param(
                {"a": ("refund",), "b": ("cancel_order",), "c": ("cancel_order",)},
                {
                    "a": sure_of("refund"),
                    "b": an_understanding(ranking=()),
                    "c": unsure_of("cancel_order"),
                },
                (2 / 3, 1.0, 1 / 3, 0.0),
                id="what nothing was made of is not ranked right",
            ),
            pytest.param(
                {"a": ("refund", "cancel_order"), "b": ("cancel_order", "refund")},
                {"a": sure_of("cancel_order"), "b": sure_of("refund")},
                (1.0, 1.0, 1.0, 0.0),
                id="any of several intents is right",
            ),
            pytest.param(
                {"a": ("speak_to_human",), "b": ("refund",)},
                {"a": sure_of("speak_to_human"), "b": unsure_of("refund")},
                (1.0, 1.0, 0.0, 0.0),
                id="a matter for a person is not counted as answerable",
            ),
            pytest.param(
                {"a": ("speak_to_human",)},
                {"a": sure_of("speak_to_human")},
                (1.0, 1.0, 1.0, 0.0),
                id="nothing is answerable, so nothing is missing",
            ),
            pytest.param(
                {"a": ("speak_to_human", "unheard_of", "refund")},
                {"a": sure_of("refund")},
                (1.0, 1.0, 1.0, 0.0),
                id="one answerable intent makes a message answerable",
            ),
            pytest.param(
                {"a": ("refund",), "b": (), "c": (), "d": (), "e": ()},
                {"a": sure_of("refund"), "b": sure_of("refund"), "c": sure_of("unheard_of")},
                (1.0, 0.5, 1.0, 0.25),
                id="a stranger that is answered is wrong and counts among the strangers",
            ),
            pytest.param(
                {"a": ("refund",), "b": ("unheard_of",)},
                {"a": sure_of("refund"), "b": sure_of("refund")},
                (1.0, 1.0, 1.0, 0.0),
                id="a message without an article for it is not asked",
            ),
            pytest.param(
                {"a": ("refund",)},
                {"a": an_understanding(("refund", 0.5), ("cancel_order", 0.45))},
                (1.0, 1.0, 0.0, 0.0),
                id="asking back is no answer",
            ),
        ],
    )
    def test_figures_are_shares_of_the_messages_they_are_about(
        self,
        golden: Mapping[str, tuple[str, ...]],
        understood: Mapping[str, Understanding],
        figures: tuple[float, float, float, float],
    ) -> None:
        messages = [Golden(text, intents) for text, intents in golden.items()]

        found = measure(ScriptedUnderstander(understood), ARTICLES, messages, POLICY)

        assert found is not None
        measured = found.figures
        assert (
            measured.intents,
            measured.precision,
            measured.answered,
            measured.strangers,
        ) == figures

    @pytest.mark.parametrize("golden", [[], [Golden("a", ())], [Golden("a", ("unheard_of",))]])
    def test_without_a_message_for_the_desk_nothing_is_measured(self, golden: list[Golden]) -> None:
        understander = ScriptedUnderstander()

        assert measure(understander, ARTICLES, golden, POLICY) is None
        assert understander.texts == []

    def test_the_policy_in_force_decides_what_is_answered(self) -> None:
        understander = ScriptedUnderstander({"a": sure_of("refund")})

        found = measure(understander, ARTICLES, [Golden("a", ("refund",))], Policy(floor=0.95))

        assert found is not None
        assert (found.figures.intents, found.figures.answered) == (1.0, 0.0)

    def test_figures_name_the_messages_they_were_measured_on(self) -> None:
        def named(*golden: Golden) -> str:
            found = measure(ScriptedUnderstander(), ARTICLES, golden, POLICY)
            assert found is not None
            return found.figures.golden

        one, other = Golden("a", ("refund",)), Golden("b", ("refund",))
        assert named(one) == named(one, Golden("left out", ("unheard_of",)))
        assert (
            len({named(one), named(other), named(one, other), named(Golden("a", ("track_order",)))})
            == 4
        )
        assert len(named(one)) == 16


def test_a_fingerprint_changes_with_what_is_learned_and_with_nothing_else() -> None:
    reworded = replace(REFUND, utterances=("my money",))

    assert fingerprint([REFUND, CANCEL]) == fingerprint([CANCEL, REFUND])
    assert fingerprint([REFUND]) == fingerprint([replace(REFUND, answer="Otherwise.", version=7)])
    assert len({fingerprint(each) for each in ([REFUND], [CANCEL], [reworded], [])}) == 4


class TestFailures:
    def test_they_say_what_was_made_of_a_case_wrong_answers_first(self) -> None:
        golden = [
            Golden("left", ("refund",)),
            Golden("asked", ("refund",)),
            Golden("nothing", ("refund",)),
            Golden("wrong", ("refund",)),
            Golden("stranger", ()),
            Golden("the right one", ("refund", "cancel_order")),
            Golden("strange", ()),
            Golden("person", ("speak_to_human",)),
        ]
        understood = {
            "left": unsure_of("cancel_order"),
            "asked": an_understanding(("refund", 0.5), ("cancel_order", 0.45)),
            "nothing": an_understanding(),
            "wrong": sure_of("cancel_order"),
            "stranger": sure_of("track_order"),
            "the right one": sure_of("cancel_order"),
            "strange": STRANGE,
            "person": sure_of("speak_to_human"),
        }

        found = measure(ScriptedUnderstander(understood), ARTICLES, golden, POLICY)

        assert found is not None
        assert found.failures == (
            Failure("wrong", ("refund",), "answered as cancel_order", True),
            Failure("stranger", (), "answered as track_order", True),
            Failure(
                "left",
                ("refund",),
                "left to people (low_confidence), taken for cancel_order",
                False,
            ),
            Failure("asked", ("refund",), "asked back: refund or cancel_order", False),
            Failure(
                "nothing", ("refund",), "left to people (out_of_scope), taken for nothing", False
            ),
        )
        assert found.wrong_answers == found.failures[:2]

    def test_a_matter_for_people_that_is_taken_for_another_fails(self) -> None:
        golden = [Golden("person", ("speak_to_human",))]
        understood = {"person": unsure_of("refund")}

        found = measure(ScriptedUnderstander(understood), ARTICLES, golden, POLICY)

        assert found is not None
        assert [each.text for each in found.failures] == ["person"]


def failing(*texts: str) -> tuple[Failure, ...]:
    return tuple(Failure(text, (), "answered as refund", True) for text in texts)


class TestAlone:
    @pytest.mark.parametrize(
        ("precision", "wrong", "refused"),
        [
            (0.5, 2, True),
            (0.5, 1, False),
            (0.5, 0, False),
            (0.625, 2, False),
            (0.6, 2, True),
            (0.75, 9, False),
        ],
    )
    def test_the_first_model_of_an_edition_needs_precision(
        self, precision: float, wrong: int, refused: bool
    ) -> None:
        figures = replace(EVEN, precision=precision)
        measured = Measured(figures, failing(*map(str, range(wrong))))

        assert bool(judge_alone(measured, target=0.75, tolerance=0.125)) == refused

    def test_it_says_how_far_it_is(self) -> None:
        measured = Measured(EVEN, failing("a", "b"))

        assert judge_alone(measured, 0.95, 0.02) == (
            "precision 0.500 of 0.950: 2 cases are answered wrongly",
        )

    def test_a_refusal_shows_what_is_not_excused_and_else_all(self) -> None:
        assert telling(failing("a", "b"), failing("a")) == failing("b")
        assert telling(failing("a"), failing("a")) == failing("a")
        many = failing(*map(str, range(SHOWN + 1)))
        assert telling(many, ()) == many[:20]


def test_a_retired_intent_changes_the_fingerprint_as_long_as_it_teaches_something() -> None:
    retired = Retired("track_order", ("where is it",))

    assert fingerprint([REFUND], [retired]) != fingerprint([REFUND])
    assert fingerprint([REFUND], [Retired("x", REFUND.utterances)]) == fingerprint([REFUND])
