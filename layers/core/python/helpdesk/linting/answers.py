"""Rules about what customers read: titles and answers."""

import re
from collections.abc import Iterator

from helpdesk.knowledge import variables
from helpdesk.linting.checking import OUT_OF_SCOPE, Found, Knowledge
from helpdesk.linting.wording import (
    FIRST_PERSON,
    LEFTOVERS,
    MOJIBAKE,
    NAMED,
    OPENINGS,
    PLANS,
    PROMISES,
    STEP,
)

_QUOTED = re.compile(r"\"[^\"]*\"|\u201c[^\u201d]*\u201d")


def length(knowledge: Knowledge) -> Iterator[Found]:
    """Yield answers that are longer than they may be; steps in their own lines make room."""
    limits = knowledge.limits
    for article in knowledge.answering:
        count = sum(any(c.isalnum() for c in word) for word in article.answer.split())
        most = limits.most_words if len(STEP.findall(article.answer)) > 1 else limits.words
        if count > most:
            yield article.intent, f"{count} words, at most {most}"


def openings(knowledge: Knowledge) -> Iterator[Found]:
    """Yield answers that begin with talk before the answer."""
    for article in knowledge.answering:
        if OPENINGS.match(article.answer.strip()):
            yield article.intent, re.split(r"(?<=[.!?])\s", article.answer.strip())[0]


def said_as_person(knowledge: Knowledge) -> Iterator[Found]:
    """Yield sentences in which a machine says "I"."""
    for article in knowledge.answering:
        for sentence in re.split(r"(?<=[.!?])\s+", article.answer.strip()):
            if FIRST_PERSON.search(_QUOTED.sub("", sentence)):
                yield article.intent, sentence


def promises(knowledge: Knowledge) -> Iterator[Found]:
    """Yield what an answer promises and the product does not do."""
    for article in knowledge.answering:
        for text in dict.fromkeys(found[0] for found in PROMISES.finditer(article.answer)):
            yield article.intent, text


def titles(knowledge: Knowledge) -> Iterator[Found]:
    """Yield titles that are not in the one form: a capital first, no full stop, on one line."""
    for article in knowledge.answering:
        title = article.title.strip()
        if not title[:1].isupper() or title.endswith((".", "!")) or "\n" in title:
            yield article.intent, title or "no title"


def unfilled(knowledge: Knowledge) -> Iterator[Found]:
    """Yield variables in answers for which there is no fact."""
    for article in knowledge.articles:
        for name in variables(article.answer):
            if name not in knowledge.facts:
                yield article.intent, f"{{{name}}}"


def leftovers(knowledge: Knowledge) -> Iterator[Found]:
    """Yield what was left of a template, in answers and phrases: marks, plans, names."""
    said = "\n".join(article.answer for article in knowledge.articles).casefold()
    for intent, text in _texts(knowledge):
        if intent == OUT_OF_SCOPE:  # strangers write anything
            continue
        plan = PLANS.search(text)
        unknown = plan is not None and plan[0].casefold() not in said
        if unknown or LEFTOVERS.search(text) or NAMED.search(text):
            yield intent, text


def mojibake(knowledge: Knowledge) -> Iterator[Found]:
    """Yield texts that were read in the wrong encoding."""
    return ((intent, text) for intent, text in _texts(knowledge) if MOJIBAKE.search(text))


def _texts(knowledge: Knowledge) -> Iterator[Found]:
    for article in knowledge.articles:
        for text in (article.title, article.answer, *article.utterances):
            yield article.intent, text
