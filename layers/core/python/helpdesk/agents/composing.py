"""The sources of a reply: suggestions, canned replies, placeholders. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from unicodedata import category

from helpdesk.knowledge import Article, as_sent
from helpdesk.ports import Articles, NotFoundError
from helpdesk.ticket import Agent, Conversation, Ticket

SUGGESTIONS = 3
WORTH_SUGGESTING = 0.1
"""How many replies the knowledge suggests, and how probable each must be."""

_PLACEHOLDER = re.compile(r"\{\{?\s*([a-z_]+)\s*\}?\}")


_STEERING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Embeddings, overrides and isolates of direction: they reorder what a reader sees."""


class PlaceholderError(ValueError):
    """A reply still holds a placeholder; the message names it and what can be filled in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A reply the knowledge offers; `probability` is how likely it is what the customer means."""

    intent: str
    title: str
    version: int
    probability: float
    text: str


def suggestions(
    conversation: Conversation, articles: Articles, now: datetime
) -> Iterator[Suggestion]:
    """Yield the articles that fit, the most probable first; not those that were sent already.

    An article outside its dates, or with a variable without a fact, is not suggested.
    """
    ticket = conversation.ticket
    understanding = ticket.understanding
    said = {message.text for message in conversation.messages}
    for ranked in understanding.ranking[:SUGGESTIONS] if understanding else ():
        if ranked.probability < WORTH_SUGGESTING or not (article := articles.get(ranked.name)):
            continue
        sent = as_sent(article, articles.facts, now, ticket.customer.country, ticket.channel)
        if sent and sent.answer not in said:
            yield _suggestion(sent, ranked.probability)


def facts(ticket: Ticket, agent: Agent) -> dict[str, str]:
    """Return what placeholders stand for, by name."""
    known = {
        "agent": agent.name,
        "ticket": ticket.id,
        "name": ticket.customer.name,
        "email": ticket.customer.email,
        "reference": ticket.customer.reference,
        "department": ticket.department,
    }
    if ticket.understanding:
        known |= {entity.kind: entity.value for entity in ticket.understanding.entities}
    return {name: value for name, value in known.items() if value}


def canned(name: str, replies: Mapping[str, str], known: Mapping[str, str]) -> str:
    """Return a canned reply, filled in as far as `known` allows. Raises NotFoundError."""
    if name not in replies:
        raise NotFoundError(f"no canned reply {name!r}; there are {', '.join(sorted(replies))}")
    return _PLACEHOLDER.sub(lambda match: known.get(match[1], match[0]), replies[name])


def check_filled(text: str, templates: Iterable[str], known: Mapping[str, str]) -> None:
    """Raise PlaceholderError if the text still holds a placeholder of its templates.

    Only canned replies have placeholders: `{id}` in what an agent typed is text, and so is the name
    of a customer who is called that.
    """
    for left_open in chain.from_iterable(map(_PLACEHOLDER.finditer, templates)):
        if left_open[1] not in known and left_open[0] in text:
            raise PlaceholderError(
                f"fill in {left_open[0]} first; known here: {', '.join(sorted(known)) or 'nothing'}"
            )


def harmless(text: str) -> str:
    """Return a text without what steers a customer's screen: controls, overrides of direction.

    Line breaks, tabs, joiners and the plain marks of direction stay, for languages need them.
    """
    return "".join(c for c in text if c in "\n\t" or (category(c) != "Cc" and c not in _STEERING))


def _suggestion(article: Article, probability: float) -> Suggestion:
    return Suggestion(
        intent=article.intent,
        title=article.title,
        version=article.version,
        probability=probability,
        text=article.answer.strip(),
    )
