"""What the desk can answer: one article per intent, with the utterances that mean it."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from itertools import chain
from typing import Self

from helpdesk.knowledge.looking_up import Lookup, StatusAnswer
from helpdesk.knowledge.translating import Translation, source

_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_COUNTRY = re.compile(r"[A-Z]{2}")
_ADDRESS = re.compile(r"https://[a-z0-9.-]+\.[a-z]{2,}(?::\d+)?(?:/[^\s{}<>\"]*)?", re.IGNORECASE)
_PLACEHOLDER = re.compile(r"\{\{.*?\}\}|\$\{.*?\}|<[a-z_ ]+>|\[[A-Za-z_ ]+\]")


class Priority(StrEnum):
    """How urgent a ticket is for the people at the desk."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"

    @property
    def rank(self) -> int:
        """0 for the most urgent, so that sorting by it puts the most urgent first."""
        return list(reversed(Priority)).index(self)


class InvalidArticleError(ValueError):
    """An article that must not reach a customer; the message names the intent and the fault."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A page that stands below an answer, by its title. `url` is its address, by HTTPS."""

    title: str
    url: str

    def __post_init__(self) -> None:
        if not _ADDRESS.fullmatch(self.url):
            raise InvalidArticleError(f"the link {self.url!r} is not a full https:// address")
        if not self.title.strip() or not self.title.isprintable():
            raise InvalidArticleError(f"the link {self.url} needs a title on one line")


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """What the answer is in one country, by its code of ISO 3166, such as DE."""

    country: str
    answer: str

    def __post_init__(self) -> None:
        if not _COUNTRY.fullmatch(self.country):
            raise InvalidArticleError(f"{self.country!r} is not a country code, such as DE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """What the desk says to one intent, and how people word it.

    `automatic`: the answer may be sent without a person. `needs_person`: the ticket goes to a
    person in any case, and the answer is the acknowledgement the customer gets meanwhile.
    `review`: the answer is written as a draft, which an agent approves before the customer gets it.
    `automatic_reason` says why no person is needed, `owner` who keeps the article right, and
    `review_on` when to read it again. Customers get it from `valid_from` to `valid_until`, both
    days included, in UTC; None is no limit. `links` stand below the answer. `variants` are the
    answers of countries that have their own. `needs` is what is looked up of a proven customer:
    the answer is then that of `by_status`, and the general one where no other fits.

    `public`: the article is a page of the help center as long as its answer is sent by itself.
    `translations` are what that page says in other languages.
    """

    intent: str
    title: str
    answer: str
    utterances: tuple[str, ...]
    category: str
    department: str
    priority: Priority = Priority.NORMAL
    automatic: bool = True
    needs_person: bool = False
    review: bool = False
    automatic_reason: str = ""
    owner: str = ""
    review_on: date | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    links: tuple[Link, ...] = ()
    variants: tuple[Variant, ...] = ()
    needs: Lookup | None = None
    by_status: tuple[StatusAnswer, ...] = ()
    public: bool = False
    translations: tuple[Translation, ...] = ()
    version: int = 0

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.intent):
            raise InvalidArticleError(f"intent {self.intent!r} is not a snake_case name")
        for answer in self.wordings:
            if not answer.strip():
                raise InvalidArticleError(f"{self.intent}: the answer is blank")
            if placeholder := _PLACEHOLDER.search(answer):
                raise InvalidArticleError(
                    f"{self.intent}: the answer holds the unfilled placeholder {placeholder[0]!r}"
                )
        if self.review and self.needs_person:
            raise InvalidArticleError(
                f"{self.intent}: an answer is reviewed, or a person writes it: choose one"
            )
        if len({each.country for each in self.variants}) < len(self.variants):
            raise InvalidArticleError(f"{self.intent}: one country has two answers")
        self._check_lookup()
        self._check_public()
        if not self.utterances or not all(text.strip() for text in self.utterances):
            raise InvalidArticleError(f"{self.intent}: it needs utterances, and none may be blank")
        if self.valid_from and self.valid_until and self.valid_until < self.valid_from:
            raise InvalidArticleError(f"{self.intent}: its last day is before its first day")

    def _check_lookup(self) -> None:
        if bool(self.needs) != bool(self.by_status):
            raise InvalidArticleError(f"{self.intent}: `needs` and `by_status` go together")
        for each in self.by_status:
            if not each.is_named:
                raise InvalidArticleError(
                    f"{self.intent}: the status {each.status!r} is not a word such as shipped"
                )

    def _check_public(self) -> None:
        if self.public and (self.needs or self.needs_person or self.review):
            raise InvalidArticleError(
                f"{self.intent}: a public article is read by everyone, so it cannot have `needs`, "
                "`needs_person` or `review`; take off one or the other"
            )
        languages = [each.language for each in self.translations]
        if len(set(languages)) < len(languages):
            raise InvalidArticleError(f"{self.intent}: one language has two translations")
        for each in self.translations:
            if fault := each.fault:
                raise InvalidArticleError(f"{self.intent}: {fault}")

    @property
    def source(self) -> str:
        """What its translations are bound to: a short digest of its title and general answer."""
        return source(self.title, self.answer)

    @property
    def bound(self) -> Self:
        """The article with each translation bound that names no text: it is of the one here."""
        return replace(
            self, translations=tuple(each.bound(self.source) for each in self.translations)
        )

    def after(self, before: Self | None) -> Self:
        """Return the article as it is to be kept in the place of `before`.

        A translation whose words are new, or that is confirmed, is bound to the text beside it. One
        that stayed as it was stays bound to the text that it was made of.
        """
        known = before.bound.translations if before else ()
        kept = {(each.language, each.title, each.answer): each.of for each in known}
        renewed = tuple(each.renewed(self.source, kept) for each in self.translations)
        return replace(self, translations=renewed)

    def valid_at(self, now: datetime) -> bool:
        """Tell whether customers may get the article at a moment."""
        day = now.astimezone(UTC).date()
        return (self.valid_from or day) <= day <= (self.valid_until or day)

    @property
    def answers(self) -> tuple[str, ...]:
        """Every answer that a customer may get: the general one, those of countries and of states.

        In those of states, the names of slots stand in the places of slots.
        """
        states = (each.readable for each in self.by_status)
        return (self.answer, *(each.answer for each in self.variants), *states)

    @property
    def wordings(self) -> tuple[str, ...]:
        """Every answer, in every language."""
        return (*self.answers, *(each.answer for each in self.translations))

    def answer_in(self, country: str | None) -> str:
        """Return the answer for a customer of a country; None is a country that is not known."""
        own = (each.answer for each in self.variants if each.country == country)
        return next(own, self.answer)

    def saying(self, answer: str) -> Self:
        """Return the article with another answer. Raises InvalidArticleError."""
        return replace(self, answer=answer)

    @staticmethod
    def has_placeholder(text: str) -> bool:
        """Tell whether a text holds a placeholder of another product, such as `{{Name}}`."""
        return _PLACEHOLDER.search(text) is not None


def check_articles(articles: tuple[Article, ...]) -> None:
    """Refuse a knowledge base in which two articles claim one intent or one utterance.

    Raises InvalidArticleError naming the first clash.
    """
    owners: dict[str, str] = {}
    intents: set[str] = set()
    for article in articles:
        if article.intent in intents:
            raise InvalidArticleError(f"{article.intent}: one intent has two articles")
        intents.add(article.intent)
    pairs = chain.from_iterable(((text, a.intent) for text in a.utterances) for a in articles)
    for text, intent in pairs:
        key = " ".join(text.casefold().split())
        if (owner := owners.setdefault(key, intent)) != intent:
            raise InvalidArticleError(f"{text!r} is an utterance of both {owner} and {intent}")
