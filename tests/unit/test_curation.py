"""What leads do to the knowledge: every version is kept, and no edit overwrites another."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from typing import Any

import pytest
from helpdesk.curation import Curator, Plan, Revision
from helpdesk.knowledge import Article, Facts, Golden, InvalidArticleError, Retired
from helpdesk.ports import ConflictError, NotFoundError
from helpdesk.ticket import Agent, NotAllowedError

from tests.fakes import LEAD, MORNING, an_article

REFUND, CANCEL = (an_article(name, automatic=False) for name in ("refund", "cancel_order"))
CLASH = replace(CANCEL, utterances=REFUND.utterances)
"""Claims what means a refund."""


class Shelves:
    """Articles and their revisions in memory; `meanwhile` runs once, just before a revision."""

    def __init__(self) -> None:
        self.articles: dict[str, Article] = {}
        self.revisions: list[Revision] = []
        self.not_for_the_desk: dict[str, Retired] = {}
        self.stated = Facts()
        self.golden: dict[str, Golden] = {}
        self.meanwhile: Callable[[], object] | None = None

    def get(self, intent: str) -> Article | None:
        return self.articles.get(intent)

    def all(self) -> tuple[Article, ...]:
        return tuple(article for _, article in sorted(self.articles.items()))

    def history(self, intent: str) -> tuple[Revision, ...]:
        return tuple(each for each in self.revisions if each.intent == intent)

    def retired(self) -> tuple[Retired, ...]:
        return tuple(each for _, each in sorted(self.not_for_the_desk.items()))

    def facts(self, names: Collection[str] = ()) -> Facts:
        return self.stated

    def state(self, facts: Facts, *, instead_of: Facts) -> None:
        if meanwhile := self.meanwhile:
            self.meanwhile = None
            meanwhile()
        if self.stated != instead_of:
            raise ConflictError("the facts changed meanwhile")
        self.stated = facts

    def revise(
        self,
        before: Article | None,
        revision: Revision,
        retired: Retired | None = None,
        *,
        facts: Facts | None = None,
        golden: Iterable[Golden] = (),
    ) -> None:
        if meanwhile := self.meanwhile:
            self.meanwhile = None
            meanwhile()
        if self.get(revision.intent) != before:
            raise ConflictError(f"{revision.intent} changed meanwhile")
        if facts:
            self.state(replace(facts, version=facts.version + 1), instead_of=facts)
        self.revisions.append(revision)
        self.golden |= {each.text: each for each in golden}
        if revision.article:
            self.articles[revision.intent] = revision.article
        else:
            self.articles.pop(revision.intent, None)
        self.not_for_the_desk.pop(revision.intent, None)
        if retired:
            self.not_for_the_desk[retired.intent] = retired


@pytest.fixture
def shelves() -> Shelves:
    return Shelves()


@pytest.fixture
def ada(shelves: Shelves) -> Curator:
    return Curator(lead=LEAD, knowledge=shelves, clock=lambda: MORNING)


def a_revision(
    version: int, note: str, article: Article | None, intent: str = "refund"
) -> Revision:
    kept = replace(article, version=version) if article else None
    return Revision(
        intent=intent, version=version, at=MORNING, by=LEAD.name, note=note, article=kept
    )


def worded(answer: str, version: int = 0) -> Article:
    return replace(REFUND, answer=answer, version=version)


class TestAdd:
    def test_a_new_article_is_version_one(self, ada: Curator, shelves: Shelves) -> None:
        assert ada.add(REFUND) == a_revision(1, "added", REFUND)
        assert shelves.articles == {"refund": replace(REFUND, version=1)}
        assert ada.get("refund") == replace(REFUND, version=1)

    def test_an_intent_has_one_article(self, ada: Curator) -> None:
        ada.add(REFUND)

        with pytest.raises(ConflictError, match="'refund' has an article; edit that"):
            ada.add(worded("Otherwise."))

    def test_two_articles_do_not_share_an_utterance(self, ada: Curator, shelves: Shelves) -> None:
        ada.add(REFUND)

        with pytest.raises(InvalidArticleError, match="of both refund and cancel_order"):
            ada.add(CLASH)
        assert shelves.articles.keys() == {"refund"}

    def test_what_was_removed_goes_on_with_the_next_number(self, ada: Curator) -> None:
        ada.add(REFUND)
        ada.remove("refund")

        assert ada.add(REFUND).version == 3


class TestEdit:
    def test_an_edit_takes_the_next_number(self, ada: Curator, shelves: Shelves) -> None:
        ada.add(REFUND)

        assert ada.edit(worded("Second.", 1)) == a_revision(2, "edited", worded("Second."))
        assert ada.edit(worded("Third.", 2)) == a_revision(3, "edited", worded("Third."))
        assert shelves.articles == {"refund": worded("Third.", 3)}

    def test_nothing_changed_is_no_revision(self, ada: Curator, shelves: Shelves) -> None:
        ada.add(REFUND)

        assert ada.edit(replace(REFUND, version=1)) is None
        assert len(shelves.revisions) == 1

    @pytest.mark.parametrize("began_at", [1, 3])
    def test_an_edit_of_another_version_is_refused(self, ada: Curator, began_at: int) -> None:
        ada.add(REFUND)
        ada.edit(worded("Second.", 1))

        with pytest.raises(
            ConflictError,
            match=f"refund is now at version 2; your edit began with version {began_at}",
        ):
            ada.edit(worded("Mine.", began_at))

    def test_an_edit_may_keep_its_own_utterances_but_not_take_others(self, ada: Curator) -> None:
        ada.add(REFUND)
        ada.add(CANCEL)

        assert ada.edit(worded("Same words.", 1))
        with pytest.raises(InvalidArticleError):
            ada.edit(replace(CLASH, version=1))

    def test_the_second_of_two_edits_at_once_is_refused(
        self, ada: Curator, shelves: Shelves
    ) -> None:
        ada.add(REFUND)
        bob = replace(ada, lead=replace(LEAD, name="bob"))
        shelves.meanwhile = lambda: bob.edit(worded("Bob's.", 1))

        with pytest.raises(ConflictError):
            ada.edit(worded("Ada's.", 1))
        assert shelves.articles == {"refund": worded("Bob's.", 2)}

    def test_an_article_from_before_revisions_goes_on_with_its_own_number(
        self, ada: Curator, shelves: Shelves
    ) -> None:
        shelves.articles["refund"] = worded("Old.", 7)

        revision = ada.edit(worded("New.", 7))

        assert revision
        assert revision.version == 8


class TestWhatIsNotThere:
    @pytest.mark.parametrize(
        "do",
        [
            lambda curator: curator.get("refund"),
            lambda curator: curator.history("refund"),
            lambda curator: curator.edit(REFUND),
            lambda curator: curator.remove("refund"),
        ],
        ids=["get", "history", "edit", "remove"],
    )
    def test_it_is_not_found(self, ada: Curator, do: Callable[[Curator], Any]) -> None:
        with pytest.raises(NotFoundError, match="no article for the intent 'refund'"):
            do(ada)

    def test_an_article_from_before_revisions_has_an_empty_history(
        self, ada: Curator, shelves: Shelves
    ) -> None:
        shelves.articles["refund"] = REFUND

        assert ada.history("refund") == ()


def test_what_is_removed_leaves_its_history(ada: Curator, shelves: Shelves) -> None:
    ada.add(REFUND)

    assert ada.remove("refund") == a_revision(2, "removed", None)
    assert shelves.articles == {}
    assert ada.history("refund") == (
        a_revision(1, "added", REFUND),
        a_revision(2, "removed", None),
    )


class TestRetiring:
    def test_what_is_removed_stays_known_as_not_for_the_desk(
        self, ada: Curator, shelves: Shelves
    ) -> None:
        ada.add(REFUND)
        ada.remove("refund")

        assert shelves.retired() == (Retired("refund", REFUND.utterances),)

    def test_unless_the_lead_wants_it_forgotten(self, ada: Curator, shelves: Shelves) -> None:
        ada.add(REFUND)

        assert ada.remove("refund", forget=True) == a_revision(2, "removed and forgotten", None)
        assert shelves.retired() == ()

    def test_it_can_be_forgotten_later(self, ada: Curator, shelves: Shelves) -> None:
        ada.add(REFUND)
        ada.add(CANCEL)
        ada.remove("refund")
        ada.remove("cancel_order")

        assert ada.remove("refund", forget=True) == a_revision(3, "forgotten", None)
        assert [each.intent for each in shelves.retired()] == ["cancel_order"]
        with pytest.raises(NotFoundError):
            ada.remove("refund", forget=True)

    def test_what_was_removed_is_not_removed_again(self, ada: Curator) -> None:
        ada.add(REFUND)
        ada.remove("refund")

        with pytest.raises(NotFoundError):
            ada.remove("refund")

    @pytest.mark.parametrize(
        "back",
        [
            lambda curator: curator.add(REFUND),
            lambda curator: curator.roll_back("refund"),
            lambda curator: curator.carry_out(curator.plan([REFUND])),
        ],
        ids=["add", "roll back", "import"],
    )
    def test_what_comes_back_is_for_the_desk_again(
        self, ada: Curator, shelves: Shelves, back: Callable[[Curator], object]
    ) -> None:
        ada.add(REFUND)
        ada.remove("refund")

        back(ada)

        assert shelves.retired() == ()

    def test_only_leads_remove_and_forget(self, ada: Curator, shelves: Shelves) -> None:
        ada.add(REFUND)
        bob = replace(ada, lead=Agent("bob"))

        for forget in (True, False):
            with pytest.raises(NotAllowedError):
                bob.remove("refund", forget=forget)
        assert shelves.articles.keys() == {"refund"}


class TestRollBack:
    @pytest.fixture
    def edited(self, ada: Curator) -> Curator:
        """Return a curator of an article in its third version."""
        ada.add(worded("First."))
        ada.edit(worded("Second.", 1))
        ada.edit(worded("Third.", 2))
        return ada

    @pytest.mark.parametrize(
        ("version", "answer"), [(None, "Second."), (1, "First."), (2, "Second."), (3, "Third.")]
    )
    def test_a_kept_version_comes_back_under_a_new_number_by_default_the_one_before(
        self, edited: Curator, version: int | None, answer: str
    ) -> None:
        assert edited.roll_back("refund", version) == a_revision(
            4, f"rolled back to version {version or 2}", worded(answer)
        )
        assert edited.get("refund") == worded(answer, 4)

    def test_what_was_removed_comes_back_as_it_was_last(self, edited: Curator) -> None:
        edited.remove("refund")

        assert edited.roll_back("refund") == a_revision(
            5, "rolled back to version 3", worded("Third.")
        )

    @pytest.mark.parametrize("version", [0, 4, 5])
    def test_a_version_that_is_not_kept_is_named_with_those_that_are(
        self, edited: Curator, version: int
    ) -> None:
        edited.remove("refund")

        with pytest.raises(
            NotFoundError, match="no such version of refund; the versions are: 1, 2, 3"
        ):
            edited.roll_back("refund", version)

    def test_nothing_is_before_the_first(self, ada: Curator) -> None:
        ada.add(REFUND)

        with pytest.raises(NotFoundError, match="no such version of refund; the versions are: 1"):
            ada.roll_back("refund")

    def test_of_an_intent_that_never_was_nothing_is_kept(self, ada: Curator) -> None:
        with pytest.raises(
            NotFoundError, match="no such version of refund; the versions are: none"
        ):
            ada.roll_back("refund")

    def test_a_version_that_clashes_by_now_does_not_come_back(self, ada: Curator) -> None:
        ada.add(REFUND)
        ada.edit(replace(REFUND, utterances=("my money",), version=1))
        ada.add(CLASH)

        with pytest.raises(InvalidArticleError):
            ada.roll_back("refund")


class TestImport:
    def test_a_plan_tells_the_new_from_the_changed_and_the_unchanged(self, ada: Curator) -> None:
        ada.add(REFUND)
        ada.add(CANCEL)
        track = an_article("track_order", automatic=False)

        assert ada.plan([track, worded("Otherwise."), replace(CANCEL, version=9)]) == Plan(
            added=(track,), changed=(worded("Otherwise.", 1),), unchanged=("cancel_order",)
        )

    def test_a_new_article_has_no_number_before_it_is_imported(self, ada: Curator) -> None:
        assert ada.plan([replace(REFUND, version=9)]).added == (REFUND,)

    def test_importing_does_what_was_planned_and_nothing_the_second_time(
        self, ada: Curator
    ) -> None:
        ada.add(REFUND)
        articles = [CANCEL, worded("Otherwise.")]

        assert ada.carry_out(ada.plan(articles)) == (
            a_revision(1, "imported", CANCEL, intent="cancel_order"),
            a_revision(2, "imported", worded("Otherwise.")),
        )
        assert ada.carry_out(ada.plan(articles)) == ()

    @pytest.mark.parametrize(
        ("articles", "complaint"),
        [
            ([CLASH], "of both refund and cancel_order"),
            ([CANCEL, CANCEL], "cancel_order: one intent has two articles"),
        ],
    )
    def test_what_clashes_is_not_planned(
        self, ada: Curator, articles: list[Article], complaint: str
    ) -> None:
        ada.add(REFUND)

        with pytest.raises(InvalidArticleError, match=complaint):
            ada.plan(articles)

    def test_an_utterance_may_move_from_one_article_to_another_at_once(self, ada: Curator) -> None:
        ada.add(REFUND)
        ada.add(CANCEL)
        moved = replace(REFUND, utterances=("my money",))

        plan = ada.plan([CLASH, moved])

        assert [article.intent for article in plan.changed] == ["cancel_order", "refund"]

    def test_what_was_edited_meanwhile_is_not_imported_over(
        self, ada: Curator, shelves: Shelves
    ) -> None:
        ada.add(REFUND)
        plan = ada.plan([worded("Imported.")])
        shelves.meanwhile = lambda: replace(ada, lead=replace(LEAD, name="bob")).edit(
            worded("Bob's.", 1)
        )

        with pytest.raises(ConflictError):
            ada.carry_out(plan)
        assert shelves.articles == {"refund": worded("Bob's.", 2)}
