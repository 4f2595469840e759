"""What leads do to articles: add, edit, remove, import, roll back. Every version is kept."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from helpdesk.curation import stating
from helpdesk.curation.leads import check_lead
from helpdesk.knowledge import (
    Article,
    Facts,
    Golden,
    InvalidCaseError,
    Retired,
    check_articles,
    check_cases,
    check_facts,
    check_nested,
    check_variables,
    variables,
)
from helpdesk.ports import ConflictError, NotFoundError
from helpdesk.ticket import Agent

MOST_CASES = 90
"""Golden cases that change with an article: DynamoDB writes a hundred items in one step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One version of an article: what it said from then on, or None if it was removed."""

    intent: str
    version: int
    at: datetime
    by: str
    note: str
    article: Article | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What an import would do, by intent. `facts` are those that come or change."""

    added: tuple[Article, ...]
    changed: tuple[Article, ...]
    unchanged: tuple[str, ...]
    facts: Mapping[str, str] = field(default_factory=dict)


class KnowledgeBase(Protocol):
    """The articles with their history."""

    def get(self, intent: str) -> Article | None:
        """Return the article as it is now."""

    def all(self) -> tuple[Article, ...]:
        """Return every article, by intent."""

    def history(self, intent: str) -> tuple[Revision, ...]:
        """Return what is kept of an article, oldest first."""

    def retired(self) -> tuple[Retired, ...]:
        """Return the intents that are known and not for the desk, by name."""

    def facts(self, names: Collection[str] = ()) -> Facts:
        """Return the desk's facts; `names` are those that must not be missed."""

    def state(self, facts: Facts, *, instead_of: Facts) -> None:
        """Put facts in force. Raises ConflictError if they are not `instead_of` any more."""

    def revise(
        self,
        before: Article | None,
        revision: Revision,
        retired: Retired | None = None,
        *,
        facts: Facts | None = None,
        golden: Iterable[Golden] = (),
    ) -> None:
        """Put a revision in force and keep it, and `before` too if it was not kept yet.

        The intent is retired from then on if `retired` is given, and else it is not. `facts` are
        those that the article uses. The cases `golden` take the place of those of the same text.
        Raises ConflictError if the article is not `before` any more, or the facts are not.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Curator:
    """A lead at the knowledge.

    Every change raises NotAllowedError for an agent who is not a lead.
    """

    lead: Agent
    knowledge: KnowledgeBase
    clock: Callable[[], datetime]

    def get(self, intent: str) -> Article:
        """Return an article. Raises NotFoundError."""
        article = self.knowledge.get(intent)
        if article is None:
            raise NotFoundError(f"no article for the intent {intent!r}")
        return article

    def history(self, intent: str) -> tuple[Revision, ...]:
        """Return every kept version of an article, oldest first. Raises NotFoundError."""
        if not (revisions := self.knowledge.history(intent)):
            self.get(intent)
        return revisions

    def at_version(self, intent: str, version: int) -> Article:
        """Return an article as it was in a version. Raises NotFoundError."""
        kept = {each.version: each.article for each in self.history(intent)}
        if present := self.knowledge.get(intent):
            kept[present.version] = present
        if (found := kept.get(version)) is None:
            raise NotFoundError(f"{intent} has no version {version}")
        return found

    def check(self, article: Article) -> Facts | None:
        """Refuse an article that cannot be stored; return the facts that it uses, None without any.

        Raises NotAllowedError or InvalidArticleError.
        """
        check_lead(self.lead)
        others = (other for other in self.knowledge.all() if other.intent != article.intent)
        check_articles((*others, article))
        if not (names := variables("\n".join(article.wordings))):
            return None
        facts = self.knowledge.facts(names)
        check_variables((article,), facts.values)
        return facts

    def add(
        self, article: Article, *, automatic: bool = False, golden: Collection[Golden] = ()
    ) -> Revision:
        """Add an article, which needs a person unless it is said to be `automatic`.

        The cases `golden` get their new intents in the same step. Raises InvalidArticleError,
        InvalidCaseError, or ConflictError if its intent has an article.
        """
        if self.knowledge.get(article.intent):
            raise ConflictError(f"the intent {article.intent!r} has an article; edit that")
        article = replace(article, automatic=automatic).bound
        return self._revise(article.intent, None, article, "added", golden=golden)

    def edit(self, article: Article, *, golden: Collection[Golden] = ()) -> Revision | None:
        """Put an article in the place of the version it was made from; None if nothing changed.

        The cases `golden` get their new intents in the same step. Raises NotFoundError,
        InvalidArticleError, InvalidCaseError, or ConflictError if another lead edited it first.
        """
        before = self.get(article.intent)
        if before.version != article.version:
            raise ConflictError(
                f"{article.intent} is now at version {before.version}; "
                f"your edit began with version {article.version}"
            )
        article = article.after(before)
        if article == before.bound and not golden:
            return None
        return self._revise(article.intent, before, article, "edited", golden=golden)

    def remove(self, intent: str, *, forget: bool = False) -> Revision:
        """Remove an article; its history stays, and its questions go to people.

        The intent stays known as one that is not for the desk, so that its questions are not taken
        for those of another. `forget` ends that, also for an article that was removed before.
        Raises NotFoundError or ConflictError.
        """
        if forget and intent in {each.intent for each in self.knowledge.retired()}:
            return self._revise(intent, None, None, "forgotten")
        before = self.get(intent)
        retired = None if forget else Retired(intent, before.utterances)
        note = "removed and forgotten" if forget else "removed"
        return self._revise(intent, before, None, note, retired=retired)

    def roll_back(self, intent: str, version: int | None = None) -> Revision:
        """Put a kept version in force again, by default the one before the present.

        Raises NotFoundError, InvalidArticleError or ConflictError.
        """
        before = self.knowledge.get(intent)
        kept = {r.version: r.article for r in self.knowledge.history(intent) if r.article}
        if version is None:
            older = [number for number in kept if before is None or number < before.version]
            version = max(older, default=None)
        found = kept.get(version) if version is not None else None
        if found is None:
            known = ", ".join(map(str, kept)) or "none"
            raise NotFoundError(f"there is no such version of {intent}; the versions are: {known}")
        return self._revise(intent, before, found, f"rolled back to version {version}")

    def plan(
        self,
        articles: Iterable[Article],
        facts: Mapping[str, str] | None = None,
        *,
        automatic: bool = False,
    ) -> Plan:
        """Tell what importing would do. Raises InvalidArticleError or InvalidFactError.

        An article that is new, or is not automatic now, stays so unless `automatic` lets it be.
        """
        present = {article.intent: article for article in self.knowledge.all()}
        new = {article.intent: article for article in self._numbered(articles, present)}
        if not automatic:
            already = {name for name, article in present.items() if article.automatic}
            new |= {name: replace(new[name], automatic=False) for name in new.keys() - already}
        check_articles(tuple((present | new).values()))
        check_facts(facts or {})
        stated = self.knowledge.facts().values
        check_nested({**stated, **(facts or {})})
        check_variables(new.values(), {**stated, **(facts or {})})
        there = {name: article.bound for name, article in present.items()}
        return Plan(
            facts={n: text for n, text in (facts or {}).items() if stated.get(n) != text},
            added=tuple(article for name, article in new.items() if name not in present),
            changed=tuple(a for name, a in new.items() if name in there and a != there[name]),
            unchanged=tuple(name for name, article in new.items() if article == there.get(name)),
        )

    def carry_out(self, plan: Plan) -> tuple[Revision, ...]:
        """Import what was planned, the facts first. Doing it again changes nothing.

        Raises ConflictError if another lead edited one of the articles after the plan was made.
        """
        if plan.facts:
            stating.put(self.knowledge, plan.facts, lead=self.lead, now=self.clock())
        added = [self._revise(each.intent, None, each, "imported") for each in plan.added]
        changed = [
            self._revise(each.intent, self.get(each.intent), each, "imported")
            for each in plan.changed
        ]
        return (*added, *changed)

    @staticmethod
    def _numbered(articles: Iterable[Article], present: dict[str, Article]) -> list[Article]:
        numbered = [
            replace(a, version=there.version if there else 0).after(there)
            for a, there in ((a, present.get(a.intent)) for a in articles)
        ]
        check_articles(tuple(numbered))
        return numbered

    def _revise(
        self,
        intent: str,
        before: Article | None,
        article: Article | None,
        note: str,
        *,
        retired: Retired | None = None,
        golden: Collection[Golden] = (),
    ) -> Revision:
        check_lead(self.lead)
        check_cases(golden)
        if len(golden) > MOST_CASES:
            raise InvalidCaseError(
                f"{len(golden)} golden cases are too many for one step: at most {MOST_CASES}; "
                "`helpdesk knowledge replace` takes any number"
            )
        facts = self.check(article) if article else None
        kept = [revision.version for revision in self.knowledge.history(intent)]
        version = max([*kept, before.version if before else 0]) + 1
        revision = Revision(
            intent=intent,
            version=version,
            at=self.clock(),
            by=self.lead.name,
            note=note,
            article=replace(article, version=version) if article else None,
        )
        self.knowledge.revise(before, revision, retired, facts=facts, golden=golden)
        return revision
