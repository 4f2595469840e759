"""Evidence in memory: articles that the model ranks, and texts that share a word."""

from collections.abc import Sequence
from dataclasses import dataclass

from helpdesk.evidence import Found, Origin, Passage
from helpdesk.evidence.ranking import ranked
from helpdesk.triage import Understanding

from tests.fakes import InMemoryArticles

LEAST = 0.5


@dataclass(frozen=True)
class InMemoryEvidence:
    """Articles as they are now, and further passages that speak to whatever holds their title."""

    articles: InMemoryArticles
    further: tuple[Passage, ...] = ()

    def found(
        self, text: str, understanding: Understanding, *, likely: Sequence[str] = ()
    ) -> tuple[Found, ...]:
        whole = [
            Passage(
                id=f"{Origin.ARTICLE}:{each.intent}",
                origin=Origin.ARTICLE,
                version=each.version,
                title=each.title,
                text=each.answer,
            )
            for each in self.articles.all()
        ]
        near = [each for each in self.further if each.title.casefold() in text.casefold()]
        scored = [*((each, 0.0) for each in whole), *((each, 0.8) for each in near)]
        known = understanding.scope >= understanding.scope_required
        ranking = understanding.ranking if known else ()
        return ranked(text, ranking, likely, scored, least=LEAST)
