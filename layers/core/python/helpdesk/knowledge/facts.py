"""The desk's facts, and the variables in answers that stand for them.

An answer says `{return_period}` where the desk's facts say "30 days". A fact is written once, and
no answer can contradict it. A variable never reaches a customer.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from helpdesk.knowledge.article import Article, InvalidArticleError

LONGEST = 200
"""Characters of a fact."""

_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_VARIABLE = re.compile(r"\{\s*([A-Za-z][\w .-]*?)\s*\}")


class InvalidFactError(ValueError):
    """A fact that cannot stand in an answer; the message says which fact and why."""


class UndefinedFactError(InvalidArticleError):
    """An answer has a variable for which there is no fact; names the article and the variable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The facts of an edition by name, with the number of changes and the last change."""

    values: dict[str, str] = field(default_factory=dict)
    version: int = 0
    at: datetime | None = None
    by: str = ""


def variables(text: str) -> tuple[str, ...]:
    """Return the names that stand in braces in a text, each once, in their order."""
    return tuple(dict.fromkeys(found[1] for found in _VARIABLE.finditer(text)))


def filled(article: Article, facts: Mapping[str, str]) -> Article:
    """Return an article with its facts in the place of variables. Raises UndefinedFactError."""
    for name in variables(article.answer):
        if name not in facts:
            known = ", ".join(sorted(facts)) or "none"
            raise UndefinedFactError(
                f"{article.intent}: there is no fact for {{{name}}}; the desk's facts are: {known}"
            )
    return article.saying(_VARIABLE.sub(lambda found: facts[found[1]], article.answer))


def check_variables(articles: Iterable[Article], facts: Mapping[str, str]) -> None:
    """Raise UndefinedFactError if an answer has a variable for which there is no fact."""
    for article in articles:
        filled(article, facts)


def check_facts(facts: Mapping[str, str]) -> None:
    """Refuse facts that cannot stand in an answer. Raises InvalidFactError naming the first."""
    for name, text in facts.items():
        if not _NAME.fullmatch(name):
            raise InvalidFactError(f"the fact {name!r} is not a snake_case name")
        if not text.strip() or len(text) > LONGEST or not text.isprintable():
            raise InvalidFactError(f"the fact {name} is not one line of 1 to {LONGEST} characters")
        if {"{", "}"} & set(text):
            raise InvalidFactError(f"the fact {name} holds a brace; facts do not hold variables")
        if Article.has_placeholder(text):
            raise InvalidFactError(f"the fact {name} holds an unfilled placeholder")


def naming(articles: Iterable[Article], name: str) -> tuple[str, ...]:
    """Return the intents of the articles whose answer has a variable of this name."""
    return tuple(each.intent for each in articles if name in variables(each.answer))
