"""The articles alone as evidence, those that the model ranks: no index is needed. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from helpdesk.evidence import Found, articles_first, of_article, ranked
from helpdesk.ports import Articles
from helpdesk.triage import Understanding

NOTHING_ELSE = 2.0
"""A cosine that no passage has: only what the model ranks is admitted."""


@dataclass(frozen=True, slots=True)
class ArticleEvidence:
    """Finds the articles of the likely intents, as customers may get them now."""

    articles: Articles
    clock: Callable[[], datetime]

    def found(
        self, text: str, understanding: Understanding, *, likely: Sequence[str] = ()
    ) -> tuple[Found, ...]:
        """Return the articles' passages, best first."""
        in_scope = understanding.scope >= understanding.scope_required
        ranking = understanding.ranking if in_scope else ()
        wanted = articles_first(ranking, likely)
        articles = filter(None, map(self.articles.get, wanted))
        cuts = [of_article(each, facts=self.articles.facts, now=self.clock()) for each in articles]
        passages = [(passage, 0.0) for cut in cuts for passage in cut.passages]
        return ranked(text, ranking, likely, passages, least=NOTHING_ELSE)
