"""Rules about what customers read: titles and answers."""

import re
from collections.abc import Iterator

from helpdesk.knowledge import CERTAIN, reached
from helpdesk.linting.checking import OUT_OF_SCOPE, Found, Knowledge
from helpdesk.linting.readability import reading_ease
from helpdesk.linting.wording import (
    ADDRESS,
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
    for intent, answer in _answers(knowledge):
        count = sum(any(c.isalnum() for c in word) for word in answer.split())
        most = limits.most_words if len(STEP.findall(answer)) > 1 else limits.words
        if count > most:
            yield intent, f"{count} words, at most {most}"


def hard_to_read(knowledge: Knowledge) -> Iterator[Found]:
    """Yield answers that are harder to read than they may be."""
    for intent, answer in _answers(knowledge):
        ease = reading_ease(answer)
        if ease is not None and ease < knowledge.limits.ease:
            yield intent, f"reading ease {ease:.0f}, at least {knowledge.limits.ease:.0f}"


def openings(knowledge: Knowledge) -> Iterator[Found]:
    """Yield answers that begin with talk before the answer."""
    for intent, answer in _answers(knowledge):
        if OPENINGS.match(answer.strip()):
            yield intent, re.split(r"(?<=[.!?])\s", answer.strip())[0]


def said_as_person(knowledge: Knowledge) -> Iterator[Found]:
    """Yield sentences in which a machine says "I"."""
    for intent, answer in _answers(knowledge):
        for sentence in re.split(r"(?<=[.!?])\s+", answer.strip()):
            if FIRST_PERSON.search(_QUOTED.sub("", sentence)):
                yield intent, sentence


def promises(knowledge: Knowledge) -> Iterator[Found]:
    """Yield what an answer promises and the product does not do."""
    for intent, answer in _answers(knowledge):
        for text in dict.fromkeys(found[0] for found in PROMISES.finditer(answer)):
            yield intent, text


def bare_links(knowledge: Knowledge) -> Iterator[Found]:
    """Yield addresses of pages in answers: as links they have a title, and can be checked."""
    for intent, answer in _answers(knowledge):
        for text in dict.fromkeys(ADDRESS.findall(answer)):
            yield intent, text


def titles(knowledge: Knowledge) -> Iterator[Found]:
    """Yield titles that are not in the one form: a capital first, no full stop, on one line."""
    for article in knowledge.answering:
        title = article.title.strip()
        if not title[:1].isupper() or title.endswith((".", "!")) or "\n" in title:
            yield article.intent, title or "no title"


def unfilled(knowledge: Knowledge) -> Iterator[Found]:
    """Yield variables in answers for which there is no fact."""
    for article in knowledge.articles:
        for name in sorted(reached("\n".join(article.wordings), knowledge.facts)):
            if name not in knowledge.facts:
                yield article.intent, f"{{{name}}}"


def uncertain(knowledge: Knowledge) -> Iterator[Found]:
    """Yield states of orders whose every answer needs something that an order may lack."""
    for article in knowledge.answering:
        for status in dict.fromkeys(each.status for each in article.by_status):
            if not any(
                each.status == status and each.slots <= CERTAIN for each in article.by_status
            ):
                yield article.intent, status


def leftovers(knowledge: Knowledge) -> Iterator[Found]:
    """Yield what was left of a template, in answers and phrases: marks, plans, names."""
    said = "\n".join(text for each in knowledge.articles for text in each.wordings).casefold()
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
        for text in (article.title, *article.wordings, *article.utterances):
            yield article.intent, text


def _answers(knowledge: Knowledge) -> Iterator[Found]:
    for article in knowledge.answering:
        for text in article.answers:
            yield article.intent, text
