"""Public articles as everyone may read them: which there are, in which languages, by category."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from helpdesk.knowledge import (
    ANY_LANGUAGE,
    Article,
    Facts,
    Link,
    UndefinedFactError,
    filled,
    said_on,
)

CHANNEL: Final = "web"
"""The channel whose facts the pages say."""

NOT_REVIEWED: Final[frozenset[str]] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """What an article says in one language. `countries` are the answers of countries, by code."""

    language: str
    title: str
    answer: str
    countries: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicArticle:
    """An article of the help center. `texts` are by language, that of the desk first."""

    intent: str
    category: str
    version: int
    texts: Mapping[str, Text]
    links: tuple[Link, ...]
    utterances: tuple[str, ...]

    @property
    def slug(self) -> str:
        """Its name in addresses: delivery-period for the intent delivery_period."""
        return slug(self.intent)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages in which it can be read, that of the desk first."""
        return tuple(self.texts)

    def text(self, language: str) -> Text:
        """Return what it says in a language; in that of the desk if it has no such text."""
        return self.texts.get(language) or self.texts[ANY_LANGUAGE]


class Published(Protocol):
    """The knowledge, as the help center reads it."""

    def public(self) -> Iterable[Article]:
        """Return the articles that are marked public, by intent; may be seconds old."""

    def facts(self) -> Facts:
        """Return the desk's facts; may be some moments old."""


def slug(intent: str) -> str:
    """Return the name of an article in addresses."""
    return intent.replace("_", "-")


def shown(
    articles: Iterable[Article],
    facts: Mapping[str, str],
    now: datetime,
    reviewed: frozenset[str] = NOT_REVIEWED,
) -> tuple[PublicArticle, ...]:
    """Return the articles that everyone may read at a moment, by category and title.

    An article is shown if it is public, its answer is sent by itself, it is in its dates, its
    category is none of the `reviewed` (casefolded), and each of its variables has a fact. A
    translation that is stale, or of which a variable has no fact, is left out.
    """
    found = (_shown(each, facts) for each in articles if _is_open(each, now, reviewed))
    return tuple(
        sorted(
            (each for each in found if each),
            key=lambda each: (each.category, each.text(ANY_LANGUAGE).title.casefold()),
        )
    )


def _is_open(article: Article, now: datetime, reviewed: frozenset[str]) -> bool:
    return (
        article.public
        and article.automatic
        and article.valid_at(now)
        and article.category.casefold() not in reviewed
    )


def _shown(article: Article, facts: Mapping[str, str]) -> PublicArticle | None:
    said = said_on(CHANNEL, facts)
    try:
        own = Text(
            language=ANY_LANGUAGE,
            title=article.title,
            answer=filled(article, said).answer,
            countries=tuple(
                (each.country, filled(article, said, each.country).answer)
                for each in article.variants
            ),
        )
    except UndefinedFactError:
        return None
    texts = {ANY_LANGUAGE: own}
    for each in sorted(article.translations, key=lambda each: each.language):
        if each.is_current(article.source) and each.language != ANY_LANGUAGE:
            translated = article.saying(each.answer)
            try:
                answer = filled(translated, said_in(each.language, said)).answer
            except UndefinedFactError:
                continue
            texts[each.language] = Text(language=each.language, title=each.title, answer=answer)
    return PublicArticle(
        intent=article.intent,
        category=article.category,
        version=article.version,
        texts=texts,
        links=article.links,
        utterances=article.utterances,
    )


def said_in(language: str, facts: Mapping[str, str]) -> dict[str, str]:
    """Return the facts as they are said in a language: `phone_in_de` in the place of `phone`."""
    return {name: facts.get(f"{name}_in_{language}", text) for name, text in facts.items()}


class HelpCenter:
    """The public articles, read again when they are older than `life`.

    So a burst of readers costs one reading for each environment. `clock` tells the time of day.
    """

    def __init__(
        self,
        knowledge: Published,
        *,
        clock: Callable[[], datetime],
        life: float,
        reviewed: frozenset[str] = NOT_REVIEWED,
    ) -> None:
        self._knowledge = knowledge
        self._clock = clock
        self._life = life
        self._reviewed = reviewed
        self._seen: tuple[datetime, tuple[PublicArticle, ...]] | None = None

    def articles(self) -> tuple[PublicArticle, ...]:
        """Return the articles that everyone may read, by category and title."""
        now = self._clock()
        if self._seen is None or (now - self._seen[0]).total_seconds() >= self._life:
            facts = self._knowledge.facts().values
            found = shown(self._knowledge.public(), facts, now, self._reviewed)
            self._seen = now, found
        return self._seen[1]

    def article(self, slug: str) -> PublicArticle | None:
        """Return the article of this name in addresses; None if there is none to be shown."""
        return next((each for each in self.articles() if each.slug == slug), None)
