"""A whole knowledge, and what a model is taught of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Self

from helpdesk.knowledge.article import Article
from helpdesk.knowledge.facts import Facts
from helpdesk.knowledge.golden import Golden


@dataclass(frozen=True, slots=True)
class Retired:
    """An intent whose article was removed. It is known, and not for the desk: people answer it."""

    intent: str
    utterances: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """A change that is not made yet: one article, with the golden cases that change with it."""

    article: Article
    golden: tuple[Golden, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """One of the knowledges a desk has had, numbered from 0. A replacement makes a new one."""

    number: int
    articles: tuple[Article, ...]
    golden: tuple[Golden, ...] = ()
    retired: tuple[Retired, ...] = ()
    facts: Facts = field(default_factory=Facts)

    @property
    def uncounted(self) -> dict[str, int]:
        """The number of golden cases for each intent that has no article: none of them counts."""
        known = {article.intent for article in self.articles}
        found: dict[str, int] = {}
        for case in self.golden:
            if case.intents and not known & set(case.intents):
                found[case.intents[0]] = found.get(case.intents[0], 0) + 1
        return dict(sorted(found.items()))

    def amended(self, amendment: Amendment) -> Self:
        """Return the edition with a change made: cases of the same text get the new intents."""
        article = amendment.article
        cases = {each.text: each for each in (*self.golden, *amendment.golden)}
        others = (each for each in self.articles if each.intent != article.intent)
        return replace(
            self,
            articles=tuple(sorted((*others, article), key=lambda each: each.intent)),
            golden=tuple(cases.values()),
            retired=tuple(each for each in self.retired if each.intent != article.intent),
        )


def taught(
    articles: Iterable[Article], retired: Iterable[Retired] = ()
) -> dict[str, tuple[str, ...]]:
    """Return what a model is fitted to: the utterances of each intent.

    A retired intent keeps the utterances that no article claims by now, and none if it has an
    article again.
    """
    lessons = {article.intent: article.utterances for article in articles}
    claimed = {_folded(text) for texts in lessons.values() for text in texts}
    for each in retired:
        left = tuple(text for text in each.utterances if _folded(text) not in claimed)
        if left and each.intent not in lessons:
            lessons[each.intent] = left
    return lessons


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
