"""Replacing the whole knowledge: what is shown, what the gate decides, and the way back."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest
from helpdesk.curation import EditionRecord, InForce, Replacement, Replacer
from helpdesk.knowledge import Article, Edition, Golden, InvalidArticleError, InvalidCaseError
from helpdesk.learning import Published
from helpdesk.ports import ConflictError, NotFoundError
from helpdesk.ticket import Agent, NotAllowedError

from tests.fakes import LEAD, MORNING, an_article

REFUND, CANCEL, TRACK = map(an_article, ("refund", "cancel_order", "track_order"))
ASKED = Golden("my money", ("refund",))
STRANGER = Golden("sing a song", ())


def a_model(number: int, *refused: str) -> Published:
    return Published(
        version=f"of-{number}",
        at=MORNING,
        knowledge="k",
        figures=None,
        refused=refused,
        edition=number,
    )


class Library:
    """Editions in memory; the trainer refuses what `refused` says. `done` lists the writes."""

    def __init__(self) -> None:
        self.present = InForce(number=0, replaced=None)
        self.kept = {
            0: Edition(number=0, articles=(replace(REFUND, version=7), CANCEL), golden=(ASKED,))
        }
        self.recorded: dict[int, EditionRecord] = {}
        self.models = {0: a_model(0)}
        self.refused: tuple[str, ...] = ()
        self.done: list[tuple[object, ...]] = []
        self.meanwhile: Callable[[], object] | None = None

    def in_force(self) -> InForce:
        return self.present

    def edition(self, number: int) -> Edition:
        return self.kept[number]

    def records(self) -> tuple[EditionRecord, ...]:
        return tuple(each for _, each in sorted(self.recorded.items()))

    def prepare(self, record: EditionRecord, edition: Edition) -> None:
        if record.number in self.recorded:
            raise ConflictError("taken")
        self.recorded[record.number] = record
        self.kept[record.number] = edition
        self.done.append(("prepare", record.number))

    def rehearse(self, number: int) -> Published:
        self.done.append(("rehearse", number))
        if self.meanwhile:
            self.meanwhile()
        return a_model(number, *self.refused)

    def put_in_force(
        self, number: int, *, instead_of: int, at: datetime, by: str, model: Published | None
    ) -> None:
        if self.present.number != instead_of:
            raise ConflictError("replaced meanwhile")
        self.present = InForce(number=number, replaced=instead_of)
        if number in self.recorded:
            self.recorded[number] = replace(self.recorded[number], put_in_force=True)
        if model:
            self.models[number] = model
        self.done.append(("put in force", number, at, by, model))

    def model_of(self, number: int) -> Published | None:
        return self.models.get(number)


@pytest.fixture
def library() -> Library:
    return Library()


@pytest.fixture
def lena(library: Library) -> Replacer:
    return Replacer(lead=LEAD, editions=library, rehearse=library.rehearse, clock=lambda: MORNING)


def versioned(*articles: Article) -> tuple[Article, ...]:
    return tuple(replace(each, version=1) for each in articles)


class TestPlan:
    def test_it_tells_what_comes_changes_goes_and_stays(self, lena: Replacer) -> None:
        plan = lena.plan([TRACK, replace(REFUND, answer="Otherwise."), CANCEL], [STRANGER])

        assert (plan.added, plan.changed, plan.removed, plan.unchanged) == (
            ("track_order",),
            ("refund",),
            (),
            ("cancel_order",),
        )
        assert (plan.cases_coming, plan.cases_going) == ((STRANGER,), (ASKED,))
        assert not plan.changes_nothing

    def test_the_new_edition_is_numbered_sorted_and_at_version_one(self, lena: Replacer) -> None:
        plan = lena.plan([TRACK, replace(CANCEL, version=4)], [ASKED, STRANGER, ASKED])

        assert plan.after == Edition(
            number=1, articles=versioned(CANCEL, TRACK), golden=(ASKED, STRANGER)
        )
        assert plan.removed == ("refund",)
        assert plan.cases_coming == (STRANGER,)

    def test_the_same_knowledge_changes_nothing(self, lena: Replacer) -> None:
        assert lena.plan([CANCEL, REFUND], [ASKED]).changes_nothing

    @pytest.mark.parametrize(
        ("articles", "golden"),
        [
            ([REFUND], [ASKED]),
            ([REFUND, CANCEL, TRACK], [ASKED]),
            ([REFUND, replace(CANCEL, answer="Otherwise.")], [ASKED]),
            ([REFUND, CANCEL], []),
            ([REFUND, CANCEL], [ASKED, STRANGER]),
        ],
    )
    def test_any_difference_is_a_change(
        self, lena: Replacer, articles: list[Article], golden: list[Golden]
    ) -> None:
        assert not lena.plan(articles, golden).changes_nothing

    def test_cases_about_intents_that_are_gone_are_reported(self, lena: Replacer) -> None:
        plan = lena.plan([CANCEL], [ASKED, Golden("give it back", ("refund",)), STRANGER])

        assert plan.uncounted == {"refund": 2}

    @pytest.mark.parametrize(
        ("articles", "golden", "error"),
        [
            ([REFUND, REFUND], [], InvalidArticleError),
            ([REFUND, replace(CANCEL, utterances=REFUND.utterances)], [], InvalidArticleError),
            ([REFUND], [Golden(" ", ("refund",))], InvalidCaseError),
            ([REFUND], [ASKED, Golden("my money", ())], InvalidCaseError),
        ],
    )
    def test_what_is_wrong_is_not_planned(
        self,
        lena: Replacer,
        articles: list[Article],
        golden: list[Golden],
        error: type[Exception],
    ) -> None:
        with pytest.raises(error):
            lena.plan(articles, golden)


class TestCarryOut:
    def test_the_edition_is_prepared_rehearsed_and_put_in_force(
        self, lena: Replacer, library: Library
    ) -> None:
        plan = lena.plan([TRACK], [STRANGER])

        model = lena.carry_out(plan)

        assert model == a_model(1)
        assert library.done == [
            ("prepare", 1),
            ("rehearse", 1),
            ("put in force", 1, MORNING, "lena", model),
        ]
        assert library.records() == (
            EditionRecord(number=1, at=MORNING, by="lena", articles=1, cases=1, put_in_force=True),
        )
        assert library.edition(1) == plan.after

    def test_a_refused_one_is_not_put_in_force(self, lena: Replacer, library: Library) -> None:
        library.refused = ("too bad",)

        model = lena.carry_out(lena.plan([TRACK], []))

        assert model.refused == ("too bad",)
        assert library.present == InForce(number=0, replaced=None)
        assert [each.put_in_force for each in library.records()] == [False]

    def test_after_a_refusal_the_next_one_has_its_own_number(
        self, lena: Replacer, library: Library
    ) -> None:
        library.refused = ("too bad",)
        lena.carry_out(lena.plan([TRACK], []))
        library.refused = ()

        lena.carry_out(lena.plan([CANCEL], []))

        assert library.present == InForce(number=2, replaced=0)

    def test_the_second_of_two_at_once_is_refused(self, lena: Replacer, library: Library) -> None:
        plan = lena.plan([TRACK], [])
        library.meanwhile = lambda: setattr(library, "present", InForce(number=5, replaced=0))

        with pytest.raises(ConflictError):
            lena.carry_out(plan)


class TestGoingBack:
    @pytest.fixture
    def replaced(self, lena: Replacer) -> Replacer:
        lena.carry_out(lena.plan([TRACK], [STRANGER]))
        return lena

    def test_undoing_brings_back_what_was_replaced_with_its_model(
        self, replaced: Replacer, library: Library
    ) -> None:
        plan = replaced.plan_return()
        assert plan == Replacement(before=library.kept[1], after=library.kept[0])

        assert replaced.go_back(plan) == a_model(0)
        assert library.present == InForce(number=0, replaced=1)
        assert library.done[-1] == ("put in force", 0, MORNING, "lena", a_model(0))

    def test_undoing_twice_is_where_it_began(self, replaced: Replacer, library: Library) -> None:
        replaced.go_back(replaced.plan_return())
        replaced.go_back(replaced.plan_return())

        assert library.present == InForce(number=1, replaced=0)

    def test_any_edition_that_was_in_force_can_be_gone_back_to(
        self, replaced: Replacer, library: Library
    ) -> None:
        replaced.carry_out(replaced.plan([CANCEL], []))

        assert replaced.plan_return(0).after.number == 0
        assert replaced.plan_return(1).after.number == 1
        assert replaced.plan_return().after.number == 1

    def test_without_a_model_of_it_the_trainer_has_to_learn(
        self, replaced: Replacer, library: Library
    ) -> None:
        library.models.clear()

        assert replaced.go_back(replaced.plan_return()) is None
        assert library.done[-1] == ("put in force", 0, MORNING, "lena", None)

    def test_what_never_was_in_force_is_not_gone_back_to(
        self, replaced: Replacer, library: Library
    ) -> None:
        library.refused = ("too bad",)
        replaced.carry_out(replaced.plan([CANCEL], []))

        for number in (1, 2, 9):
            with pytest.raises(
                NotFoundError, match=r"no edition to go back to; the others are: 0$"
            ):
                replaced.plan_return(number)

    def test_nothing_is_before_the_first(self, lena: Replacer) -> None:
        with pytest.raises(NotFoundError, match="the others are: none"):
            lena.plan_return()


@pytest.mark.parametrize(
    "do",
    [
        lambda replacer, _: replacer.plan([TRACK], []),
        lambda replacer, plan: replacer.carry_out(plan),
        lambda replacer, _: replacer.plan_return(0),
        lambda replacer, plan: replacer.go_back(plan),
    ],
    ids=["plan", "carry out", "plan return", "go back"],
)
def test_only_leads_replace(
    lena: Replacer, library: Library, do: Callable[[Replacer, Replacement], object]
) -> None:
    plan = lena.plan([TRACK], [])

    with pytest.raises(NotAllowedError, match="bob is not a lead"):
        do(replace(lena, lead=Agent("bob")), plan)
    assert library.done == []
