"""Replacing the whole knowledge, articles with their golden set, in one step that can be undone.

The new edition is written beside the one in force, the trainer rehearses it, and only then does one
write put it in force together with its model. Every edition is kept as it was last.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from helpdesk.curation.leads import check_lead
from helpdesk.knowledge import (
    Article,
    Edition,
    Facts,
    Golden,
    check_articles,
    check_cases,
    check_facts,
    check_nested,
    check_variables,
)
from helpdesk.learning import Published
from helpdesk.ports import NotFoundError
from helpdesk.ticket import Agent


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionRecord:
    """When and by whom an edition was made; `put_in_force` is False if that never happened."""

    number: int
    at: datetime
    by: str
    articles: int
    cases: int
    put_in_force: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """Which edition is in force, and which one it replaced; None for the first."""

    number: int
    replaced: int | None


class Editions(Protocol):
    """The editions of the knowledge, and the choice among them."""

    def in_force(self) -> InForce:
        """Return which edition is in force; 0 if none was ever replaced."""

    def edition(self, number: int) -> Edition:
        """Return all that an edition holds."""

    def records(self) -> tuple[EditionRecord, ...]:
        """Return the record of every edition but the first, oldest first."""

    def prepare(self, record: EditionRecord, edition: Edition) -> None:
        """Write an edition that is not in force yet. Raises ConflictError for a number taken."""

    def put_in_force(
        self, number: int, *, instead_of: int, at: datetime, by: str, model: Published | None
    ) -> None:
        """Put an edition in force, with its model if there is one, in one write.

        Raises ConflictError if `instead_of` is not the edition in force any more.
        """

    def model_of(self, number: int) -> Published | None:
        """Return the model that was published last for an edition, if its bytes are still there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """What putting one edition in the place of another does.

    `uncounted` are the golden cases of the new edition about intents it has no article for, by
    intent: they judge nothing.
    """

    before: Edition
    after: Edition

    @property
    def added(self) -> tuple[str, ...]:
        """The intents that come."""
        return tuple(sorted(_plain(self.after).keys() - _plain(self.before).keys()))

    @property
    def removed(self) -> tuple[str, ...]:
        """The intents that go."""
        return tuple(sorted(_plain(self.before).keys() - _plain(self.after).keys()))

    @property
    def changed(self) -> tuple[str, ...]:
        """The intents whose article becomes another."""
        old, new = _plain(self.before), _plain(self.after)
        return tuple(sorted(name for name in old.keys() & new.keys() if old[name] != new[name]))

    @property
    def unchanged(self) -> tuple[str, ...]:
        """The intents whose article stays as it is."""
        old, new = _plain(self.before), _plain(self.after)
        return tuple(sorted(name for name in old.keys() & new.keys() if old[name] == new[name]))

    @property
    def cases_coming(self) -> tuple[Golden, ...]:
        """The golden cases that are new."""
        return tuple(each for each in self.after.golden if each not in set(self.before.golden))

    @property
    def cases_going(self) -> tuple[Golden, ...]:
        """The golden cases that no longer count."""
        return tuple(each for each in self.before.golden if each not in set(self.after.golden))

    @property
    def facts_changing(self) -> tuple[str, ...]:
        """The names of the facts that come, change or go."""
        old, new = self.before.facts.values, self.after.facts.values
        names = sorted(old.keys() | new.keys())
        return tuple(name for name in names if old.get(name) != new.get(name))

    @property
    def uncounted(self) -> dict[str, int]:
        """The number of coming cases for each intent without an article."""
        return self.after.uncounted

    @property
    def changes_nothing(self) -> bool:
        """Whether both editions say the same and are judged by the same."""
        articles = (self.added, self.removed, self.changed)
        return not any((*articles, self.cases_coming, self.cases_going, self.facts_changing))


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacer:
    """A lead who replaces the knowledge. `rehearse` fits and judges a prepared edition's model."""

    lead: Agent
    editions: Editions
    rehearse: Callable[[int], Published]
    clock: Callable[[], datetime]

    def plan(
        self,
        articles: Iterable[Article],
        golden: Iterable[Golden],
        facts: Mapping[str, str] | None = None,
    ) -> Replacement:
        """Tell what replacing would do. Without `facts`, the present ones stay.

        Raises NotAllowedError, InvalidArticleError, InvalidCaseError or InvalidFactError.
        """
        check_lead(self.lead)
        wanted = tuple(
            replace(each, version=1) for each in sorted(articles, key=lambda each: each.intent)
        )
        cases = tuple(dict.fromkeys(golden))
        check_articles(wanted)
        check_cases(cases)
        before = self.editions.edition(self.editions.in_force().number)
        numbers = [before.number, *(each.number for each in self.editions.records())]
        stated = before.facts if facts is None else self._stated(facts, before.facts)
        check_variables(wanted, stated.values)
        after = Edition(number=max(numbers) + 1, articles=wanted, golden=cases, facts=stated)
        return Replacement(before=before, after=after)

    def carry_out(self, plan: Replacement) -> Published:
        """Put the planned edition in force unless the gate refuses its model; return the model.

        A refused model says why, and the knowledge in force stays as it is. Raises NotAllowedError,
        ConflictError if another lead replaced the knowledge meanwhile, and what rehearsing raises.
        """
        check_lead(self.lead)
        record = EditionRecord(
            number=plan.after.number,
            at=self.clock(),
            by=self.lead.name,
            articles=len(plan.after.articles),
            cases=len(plan.after.golden),
            put_in_force=False,
        )
        self.editions.prepare(record, plan.after)
        model = self.rehearse(plan.after.number)
        if not model.refused:
            self._put_in_force(plan.after.number, plan.before.number, model)
        return model

    def plan_return(self, number: int | None = None) -> Replacement:
        """Tell what going back would do: to an edition, by default to the one that was replaced.

        Raises NotAllowedError, or NotFoundError if there is no such edition.
        """
        check_lead(self.lead)
        present = self.editions.in_force()
        wanted = present.replaced if number is None else number
        known = [0, *(each.number for each in self.editions.records() if each.put_in_force)]
        if wanted is None or wanted not in known or wanted == present.number:
            others = ", ".join(str(each) for each in known if each != present.number) or "none"
            raise NotFoundError(f"there is no edition to go back to; the others are: {others}")
        return Replacement(
            before=self.editions.edition(present.number), after=self.editions.edition(wanted)
        )

    def go_back(self, plan: Replacement) -> Published | None:
        """Put an earlier edition in force again, with the model it had; return that model.

        None if no model of it is left: the trainer then learns the edition. Raises NotAllowedError
        or ConflictError.
        """
        check_lead(self.lead)
        model = self.editions.model_of(plan.after.number)
        self._put_in_force(plan.after.number, plan.before.number, model)
        return model

    def _stated(self, facts: Mapping[str, str], before: Facts) -> Facts:
        check_facts(facts)
        check_nested(facts)
        if before.values == facts:
            return before
        return Facts(values=dict(facts), version=1, at=self.clock(), by=self.lead.name)

    def _put_in_force(self, number: int, instead_of: int, model: Published | None) -> None:
        self.editions.put_in_force(
            number, instead_of=instead_of, at=self.clock(), by=self.lead.name, model=model
        )


def _plain(edition: Edition) -> dict[str, Article]:
    return {each.intent: replace(each, version=0) for each in edition.articles}
