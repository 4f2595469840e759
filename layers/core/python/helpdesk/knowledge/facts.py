"""The desk's facts, and the variables in answers that stand for them.

An answer says `{return_period}` where the desk's facts say "30 days". A fact is written once, and
no answer can contradict it. A fact of whole sentences is a snippet that many answers share; it may
hold other facts. A variable never reaches a customer.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from helpdesk.knowledge.article import Article, InvalidArticleError
from helpdesk.knowledge.looking_up import StatusAnswer

LONGEST = 600
"""Characters of a fact."""

DEEPEST = 3
"""How many facts may stand in one another: a snippet, a fact in it, and one more."""

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


def filled(article: Article, facts: Mapping[str, str], country: str | None = None) -> Article:
    """Return an article with its facts in the place of variables, as a country's customers get it.

    Raises UndefinedFactError.
    """
    said = article.saying(_filled(article.intent, article.answer_in(country), facts))
    states = tuple(_of_state(article.intent, each, facts) for each in article.by_status)
    return replace(said, by_status=states)


def _of_state(owner: str, said: StatusAnswer, facts: Mapping[str, str]) -> StatusAnswer:
    """Return the answer for a status with its facts; slots stay."""
    parts = (f"{{{text}}}" if slot else _filled(owner, text, facts) for text, slot in said.parts)
    return replace(said, answer="".join(parts))


def said_on(channel: str | None, facts: Mapping[str, str]) -> dict[str, str]:
    """Return the facts as a channel's customers read them.

    `add_photo_by_mail` is what `add_photo` says to who wrote by mail. A fact of a channel alone
    changes nothing.
    """
    ending = f"_by_{channel.replace('-', '_')}" if channel else ""
    return {name: facts.get(name + ending, text) for name, text in facts.items()}


def check_variables(articles: Iterable[Article], facts: Mapping[str, str]) -> None:
    """Raise UndefinedFactError if an answer has a variable for which there is no fact."""
    for article in articles:
        for answer in article.wordings:
            _filled(article.intent, answer, facts)


def check_facts(facts: Mapping[str, str]) -> None:
    """Refuse facts that cannot stand in an answer. Raises InvalidFactError naming the first."""
    for name, text in facts.items():
        if not _NAME.fullmatch(name):
            raise InvalidFactError(f"the fact {name!r} is not a snake_case name")
        lines = text.split("\n")
        if not text.strip() or len(text) > LONGEST or not all(map(str.isprintable, lines)):
            raise InvalidFactError(f"the fact {name} is not a text of 1 to {LONGEST} characters")
        if {"{", "}"} & set(_VARIABLE.sub("", text)):
            raise InvalidFactError(f"the fact {name} has a brace that is not part of a variable")
        if Article.has_placeholder(text):
            raise InvalidFactError(f"the fact {name} holds an unfilled placeholder")


def check_nested(facts: Mapping[str, str]) -> None:
    """Refuse facts of which one holds a fact that is missing, or holds itself.

    Raises InvalidFactError naming the first.
    """
    for name, text in facts.items():
        try:
            _filled(f"the fact {name}", text, facts, DEEPEST - 1)
        except UndefinedFactError as error:
            raise InvalidFactError(str(error)) from error


def naming(articles: Iterable[Article], name: str, facts: Mapping[str, str]) -> tuple[str, ...]:
    """Return the intents of the articles in whose answers a fact stands, also within another."""
    return tuple(
        each.intent
        for each in articles
        if any(name in reached(answer, facts) for answer in each.wordings)
    )


def reached(text: str, facts: Mapping[str, str]) -> set[str]:
    """Return the names of all facts that stand in a text, also within others."""
    found: set[str] = set()
    waiting = list(variables(text))
    while waiting:
        if (name := waiting.pop()) not in found:
            found.add(name)
            waiting += variables(facts.get(name, ""))
    return found


def _filled(owner: str, text: str, facts: Mapping[str, str], depth: int = DEEPEST) -> str:
    for _ in range(depth):
        names = variables(text)
        for name in names:
            if name not in facts:
                known = ", ".join(sorted(facts)) or "none"
                raise UndefinedFactError(
                    f"{owner}: there is no fact for {{{name}}}; the desk's facts are: {known}"
                )
        text = _VARIABLE.sub(lambda found: facts[found[1]], text)
    if variables(text):
        raise UndefinedFactError(f"{owner}: facts contain each other more than {DEEPEST} deep")
    return text
