"""Texts of the desk cut into passages: what evidence may be, and what may not. Pure.

An article gives its whole answer, if the encoder reads all of it, and each sentence. So does a past
reply, without its sentences that tell amounts or dates. A document gives the pieces it was read
into. What holds a placeholder is dropped, and so is what a customer may not get now.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from helpdesk.evidence.model import Origin, Passage
from helpdesk.evidence.sentences import ENCODED, pieces, sentences
from helpdesk.evidence.sources import Document, Piece, Reply
from helpdesk.knowledge import Article, Facts, as_sent

type FactsByName = Callable[[Collection[str]], Facts]
"""The desk's facts; asked with the names that an answer needs."""

_PLACEHOLDER = re.compile(
    r"\{\{.{0,80}?\}\}|\$\{[^}]{0,80}\}|\{\s*[^\W\d][\w .-]{0,60}\}"
    r"|\[[^\]\d][^\]]{0,80}\]|<[^\W\d][^<>]{0,80}>|%[A-Z][A-Z_]+%"
)
_UNITS = (
    r"cents?|days?|dollars?|euros?|hours?|minutes?|months?|per ?cent|pounds?|times|weeks?|years?"
)
_NUMBERS = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|hundred"
_TELLING = re.compile(
    r"[\d$\u20ac\u00a3\u00a5%\u00bd\u00bc\u00be]"
    rf"|\b(?:{_NUMBERS}|an?|half an?|few|couple of) (?:business |working |more )?(?:{_UNITS})\b"
    r"|\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b"
    r"|\b(?:january|february|april|june|july|august|september|october|november|december)\b"
    r"|\b(?:today|tonight|tomorrow|yesterday|(?:this|next|last) (?:week|month|year|morning))\b"
    r"|\b(?:EUR|USD|GBP|CHF)\b|(?-i:\b(?:March|May)\b(?! I\b| we\b))",
    re.IGNORECASE,
)
"""What tells an amount or a date: right for one customer once, and for no other."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """A sentence that is no evidence, and what it was dropped for."""

    id: str
    text: str
    what: str


@dataclass(frozen=True, slots=True)
class Cut:
    """The passages of a text, and the sentences that were dropped."""

    passages: tuple[Passage, ...] = ()
    dropped: tuple[Dropped, ...] = ()

    def __add__(self, other: "Cut") -> "Cut":
        return Cut(self.passages + other.passages, self.dropped + other.dropped)


def passages_of(
    articles: Iterable[Article],
    documents: Iterable[tuple[Document, Iterable[Piece]]] = (),
    replies: Iterable[Reply] = (),
    *,
    facts: FactsByName,
    now: datetime,
) -> tuple[Passage, ...]:
    """Return all passages of the desk at a moment: of articles, then documents, then replies.

    `documents` come with their pieces. No two passages have the same id.
    """
    found: list[Passage] = []
    for article in articles:
        found += of_article(article, facts=facts, now=now).passages
    for document, pieces_of_it in documents:
        found += of_document(document, pieces_of_it)
    for reply in replies:
        found += of_reply(reply, now=now).passages
    return tuple(found)


def of_article(article: Article, *, facts: FactsByName, now: datetime) -> Cut:
    """Return the passages of an article as customers get it; none if they do not get it.

    Links are left out: what is sent gets them by code.
    """
    sent = as_sent(replace(article, links=()), facts, now)
    if sent is None:
        return Cut()
    whole = Passage(
        id=f"{Origin.ARTICLE}:{article.intent}",
        origin=Origin.ARTICLE,
        version=article.version,
        title=article.title,
        text=sent.answer.strip(),
    )
    return _cut(whole, placeholder)


def of_document(document: Document, its_pieces: Iterable[Piece]) -> Iterator[Passage]:
    """Yield the passages of a document, numbered from 1."""
    for number, piece in enumerate(its_pieces, start=1):
        yield of_piece(document, number, piece)


def of_piece(document: Document, number: int, piece: Piece) -> Passage:
    """Return one piece of a document as the passage it is."""
    return Passage(
        id=f"{Origin.DOCUMENT}:{document.name}:{number}",
        origin=Origin.DOCUMENT,
        version=document.version,
        title=piece.title or document.title,
        text=piece.text,
    )


def of_reply(reply: Reply, *, now: datetime) -> Cut:
    """Return the passages of a past reply; none once it expired."""
    if reply.expires_at <= now:
        return Cut()
    whole = Passage(
        id=f"{Origin.REPLY}:{reply.ticket_id}:{reply.message}",
        origin=Origin.REPLY,
        version=reply.version,
        title=reply.title,
        text=reply.text.strip(),
    )
    return _cut(whole, lambda text: placeholder(text) or telling(text))


def placeholder(text: str) -> str | None:
    """Return the first placeholder in a text, such as `{{Name}}`, `[date]` or `<email>`."""
    found = _PLACEHOLDER.search(text)
    return found[0] if found else None


def telling(text: str) -> str | None:
    """Return the first thing in a text that tells an amount, a number or a date."""
    found = _TELLING.search(text)
    return found[0] if found else None


def _cut(whole: Passage, fault: Callable[[str], str | None]) -> Cut:
    kept: list[Passage] = []
    dropped: list[Dropped] = []
    for number, text in enumerate(sentences(whole.text), start=1):
        each = replace(whole, id=f"{whole.id}:{number}", text=text)
        if what := fault(text):
            dropped.append(Dropped(each.id, text, what))
        else:
            kept.append(each)
    if not dropped and kept and pieces(whole.text) <= ENCODED:
        # One sentence alone is the whole: two passages of one text would be found together.
        kept = [whole] if len(kept) == 1 else [whole, *kept]
    return Cut(tuple(kept), tuple(dropped))
