"""Replies of agents that leads let drafts repeat: masked, weaker than articles, gone with a ticket.

Only what an agent wrote is taken, without greeting, signature and quotes. What a ticket names is
masked, and a reply is refused that may still name a person.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from helpdesk import masking
from helpdesk.curation.leads import check_lead
from helpdesk.evidence import Reply
from helpdesk.evidence.passages import Cut, of_reply
from helpdesk.knowledge import Article
from helpdesk.ports import NotFoundError
from helpdesk.speaking import speaking
from helpdesk.ticket import Agent, Conversation, Message, Source, Ticket

_SHORTEST_NAME = 2
"""Letters from which on a part of a name is masked: an initial stands for too many words."""

_WORD = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")
_STARTS = re.compile(r"(?:\A|[.!?:\u2026]['\"\u2019\u201d)]*\s|\n)[^\w]*\Z")
_ABBREVIATION = re.compile(r"[A-Z]{1,4}|I['\u2019][a-z]+")
"""Of a firm or a thing, and "I": they name no person."""

_MARK = re.compile(r"<[a-z_]+>")


class InvalidReplyError(ValueError):
    """A reply that no draft may repeat; the message says why, and which words may be names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopted:
    """The replies of one ticket that drafts may repeat. `version` counts the changes."""

    ticket_id: str
    expires_at: datetime
    version: int = 0
    replies: tuple[Reply, ...] = ()

    def of(self, message: int) -> Reply | None:
        """Return the reply with the number of a message."""
        return next((each for each in self.replies if each.message == message), None)


@dataclass(frozen=True, slots=True)
class Adoption:
    """A reply as it would be kept, with its passages and the sentences that are none."""

    reply: Reply
    cut: Cut
    before: Adopted


class ReplyShelf(Protocol):
    """The replies that drafts may repeat, by their tickets."""

    def adopted(self, ticket_id: str) -> Adopted | None:
        """Return the replies of a ticket; None if it has none."""

    def replies(self) -> tuple[Reply, ...]:
        """Return the replies of all tickets."""

    def put_adopted(self, adopted: Adopted) -> None:
        """Store the replies of a ticket in place of those of the version before.

        Raises ConflictError if another lead changed them, or the ticket is gone.
        """


class Conversations(Protocol):
    """The tickets with their messages."""

    def conversation(self, ticket_id: str, *, latest: bool = True) -> Conversation | None:
        """Return the ticket with all its messages."""


class AllArticles(Protocol):
    """The desk's articles."""

    def all(self) -> tuple[Article, ...]:
        """Return every article."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopter:
    """A lead who looks for good replies. Everything raises NotAllowedError for other agents."""

    lead: Agent
    tickets: Conversations
    articles: AllArticles
    shelf: ReplyShelf
    clock: Callable[[], datetime]

    def plan(
        self, ticket_id: str, message: int | None = None, *, harmless: Collection[str] = ()
    ) -> Adoption:
        """Return how a reply would be kept: the last one of an agent, or a message by its number.

        `harmless` are words that look like names and name no person. Raises NotFoundError, or
        InvalidReplyError for what is not an agent's or cannot be masked.
        """
        check_lead(self.lead)
        found = self.tickets.conversation(ticket_id)
        if found is None:
            raise NotFoundError(f"no ticket {ticket_id}")
        said, articles = _of_agent(found, message), self.articles.all()
        text = _masked(speaking(said.text).text, found.ticket)
        named = _may_name(text, found.written, articles)
        if left := sorted(named - {each.casefold() for each in harmless}):
            raise InvalidReplyError(
                f"these words may name a person: {', '.join(left)}; say with --harmless "
                "which of them do not"
            )
        before = self.shelf.adopted(ticket_id) or Adopted(
            ticket_id=ticket_id, expires_at=found.ticket.expires_at
        )
        now = self.clock()
        reply = Reply(
            ticket_id=ticket_id,
            message=said.number,
            title=_title(said.intent or found.ticket.intent, found.ticket, articles),
            text=text,
            at=now,
            by=self.lead.name,
            expires_at=found.ticket.expires_at,
            version=before.version + 1,
        )
        cut = of_reply(reply, now=now)
        if not cut.passages:
            raise InvalidReplyError(
                "the reply has no sentence without amounts, dates and personal data"
            )
        return Adoption(reply, cut, before)

    def carry_out(self, plan: Adoption) -> None:
        """Keep a reply. Raises ConflictError if the ticket is gone, or another lead was faster."""
        check_lead(self.lead)
        others = (each for each in plan.before.replies if each.message != plan.reply.message)
        replies = tuple(sorted((*others, plan.reply), key=lambda each: each.message))
        self._put(replace(plan.before, expires_at=plan.reply.expires_at), replies)

    def drop(self, ticket_id: str, message: int | None = None) -> tuple[Reply, ...]:
        """Let drafts repeat a reply of a ticket no more, or none of them; return which.

        Raises NotFoundError or ConflictError.
        """
        check_lead(self.lead)
        before = self.shelf.adopted(ticket_id)
        wanted = before.replies if before else ()
        going = tuple(each for each in wanted if message in {None, each.message})
        if before is None or not going:
            raise NotFoundError(f"no reply of ticket {ticket_id} is repeated")
        self._put(before, tuple(each for each in before.replies if each not in going))
        return going

    def _put(self, before: Adopted, replies: tuple[Reply, ...]) -> None:
        self.shelf.put_adopted(replace(before, version=before.version + 1, replies=replies))


def _of_agent(found: Conversation, number: int | None) -> Message:
    written = [each for each in found.messages if each.source is Source.AGENT]
    wanted = [each for each in written if number in {None, each.number}]
    if not wanted:
        known = ", ".join(str(each.number) for each in written) or "none"
        raise InvalidReplyError(
            f"that is no reply of an agent; the replies of agents in this ticket are: {known}"
        )
    said = wanted[-1]
    if len(said.text) > masking.LONGEST:
        raise InvalidReplyError(
            f"the reply has {len(said.text):,} characters; "
            f"{masking.LONGEST:,} at most are looked at for personal data"
        )
    return said


def _masked(text: str, ticket: Ticket) -> str:
    """Return a text with what its ticket names, and what looks like personal data, masked."""
    for kind, named in _named(ticket):
        whole = rf"(?<![^\W_]){re.escape(named)}(?![^\W_])"
        text = re.sub(whole, f"<{kind}>", text, flags=re.IGNORECASE)
    return masking.mask(text)


def _named(ticket: Ticket) -> Iterator[tuple[str, str]]:
    """Yield what a ticket names, each with its kind: what is longer first, as it may hold others.

    Products and days of the week are no personal data, and a reply without them says little.
    """
    found: set[tuple[str, str]] = set()
    customer, understood = ticket.customer, ticket.understanding
    if customer.email:
        found.add(("email", customer.email))
    if customer.reference:
        found.add(("reference", customer.reference))
    if customer.name:
        parts = [customer.name, *_WORD.findall(customer.name)]
        found |= {("name", each) for each in parts if len(each) >= _SHORTEST_NAME}
    for each in understood.entities if understood else ():
        in_words = each.kind == "date" and not any(map(str.isdigit, each.spelling + each.value))
        if each.kind != "product" and not in_words:
            found |= {(each.kind, said) for said in (each.spelling, each.value) if said.strip()}
    yield from sorted(found, key=lambda pair: (-len(pair[1]), pair))


def _may_name(text: str, written: str, articles: Iterable[Article]) -> set[str]:
    """Return the words of a text that look like names, in lower case; no article has them.

    Those are words with a capital letter within a sentence, here or in what the customer has
    `written`: the first word of a sentence has one anyway.
    """
    known = {
        word.casefold()
        for article in articles
        for word in _WORD.findall(f"{article.title}\n{'\n'.join(article.answers)}")
    }
    bare = _MARK.sub("", text)
    there = {each.casefold() for each in _WORD.findall(bare)}
    return (_capitalised(bare) | (_capitalised(written) & there)) - known


def _capitalised(text: str) -> set[str]:
    """Return the words with a capital letter within a sentence, in lower case."""
    return {
        found[0].casefold()
        for found in _WORD.finditer(text)
        if found[0][0].isupper()
        and not _ABBREVIATION.fullmatch(found[0])
        and not _STARTS.search(text[max(0, found.start() - 20) : found.start()])
    }


def _title(intent: str | None, ticket: Ticket, articles: Iterable[Article]) -> str:
    titles = {each.intent: each.title for each in articles}
    return titles.get(intent or "", ticket.category or "")
