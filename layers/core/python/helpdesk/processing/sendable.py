"""The articles as a customer may get them."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from helpdesk.knowledge import Article, as_sent
from helpdesk.ports import (
    Articles,
)

NO_CATEGORIES: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Sendable:
    """The articles as a customer of a country may get them on a channel at a moment.

    An article that may not be sent, for its dates or for a variable without a fact, is there as one
    that is not automatic: people answer its questions. Articles of the `reviewed` categories, which
    are casefolded, go to review unless a person gets their questions in any case.
    """

    articles: Articles
    now: datetime
    country: str | None = None
    channel: str | None = None
    reviewed: frozenset[str] = NO_CATEGORIES
    _seen: dict[str, Article | None] = field(default_factory=dict)

    def get(self, intent: str) -> Article | None:
        """Return an article with its variables filled. Each is read once."""
        if intent not in self._seen:
            self._seen[intent] = self._read(intent)
        return self._seen[intent]

    def _read(self, intent: str) -> Article | None:
        if (article := self.articles.get(intent)) is None:
            return None
        sent = as_sent(article, self.articles.facts, self.now, self.country, self.channel)
        if sent is None:
            return replace(article, automatic=False, needs_person=False, review=False)
        if sent.category.casefold() in self.reviewed and not sent.needs_person:
            return replace(sent, review=True)
        return sent
