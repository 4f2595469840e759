"""What a notification says, as data and as lines. Pure.

A link and what the desk thinks of the matter leave the house. What the customer wrote, and who the
customer is, leave it only if that is switched on.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from helpdesk import characters, masking
from helpdesk.notifying.notices import Notice
from helpdesk.notifying.rules import WHYS
from helpdesk.ticket import Conversation, Message, Source, Ticket

LONGEST_SUBJECT, LONGEST_PREVIEW = 50, 100
"""Characters of a subject, and of a message's first line, that are shown at most."""

_CUT_MARK = re.compile(r"<[a-z]{0,6}\Z")

TYPE = "ticket.notified"
"""The type of the event, for receivers of webhooks."""


class ShowsError(ValueError):
    """A line that says what is shown cannot be read; the message says which word."""


@dataclass(frozen=True, slots=True)
class Shows:
    """What of a customer leaves the house: the subject, who it is, how the message begins.

    The subject is the first line of a question. Addresses and long numbers in it are masked, unless
    the text is shown anyway.
    """

    subject: bool = False
    customer: bool = False
    preview: bool = False

    @classmethod
    def read(cls, line: str) -> "Shows":
        """Read names such as "subject customer", or "nothing". Raises ShowsError."""
        words = set(line.split()) - {"nothing"}
        if strange := words - set(cls.__slots__):
            raise ShowsError(f"{min(strange)!r} is none of {', '.join(cls.__slots__)}")
        return cls(*(name in words for name in cls.__slots__))


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A notification: the ticket, why it is told, and what the desk thinks of it.

    `sentiment` goes from -1 to 1, `confidence` from 0 to 1. `link` is empty where no page is set.
    """

    ticket_id: str
    why: tuple[str, ...]
    priority: str
    at: datetime
    link: str = ""
    level: int = 0
    legal: bool = False
    compensation: bool = False
    subject: str | None = None
    category: str | None = None
    sentiment: float | None = None
    confidence: float | None = None
    customer: str | None = None
    preview: str | None = None

    @property
    def data(self) -> dict[str, Any]:
        """The notification for programs; what is not known or not shown is left out."""
        plain = {
            "ticket": self.ticket_id,
            "why": list(self.why),
            "priority": self.priority,
            "level": self.level,
            "legal": self.legal,
            "compensation": self.compensation,
            "subject": self.subject,
            "category": self.category,
            "sentiment": self.sentiment,
            "confidence": self.confidence,
            "customer": self.customer,
            "preview": self.preview,
            "link": self.link or None,
            "at": moment(self.at),
        }
        return {name: value for name, value in plain.items() if value is not None}

    @property
    def marks(self) -> tuple[str, ...]:
        """What leads must know of a ticket beside its level."""
        marks = {"legal": self.legal, "compensation": self.compensation}
        return tuple(name for name, is_set in marks.items() if is_set)

    @property
    def title(self) -> str:
        """The notification in one line."""
        said = f": {self.subject}" if self.subject else ""
        return f"{self.priority.capitalize()} ticket {self.ticket_id}{said}"

    @property
    def lines(self) -> tuple[str, ...]:
        """The notification for people: the title, then one fact a line."""
        return (self.title, *self._facts())

    def _facts(self) -> Iterator[str]:
        yield f"Why: {', '.join(self.why)}"
        if self.level:
            yield f"Level: {self.level}"
        if marks := ", ".join(self.marks):
            yield f"Marks: {marks}"
        if self.customer:
            yield f"Customer: {self.customer}"
        if self.category:
            sure = f", {self.confidence:.0%} sure" if self.confidence is not None else ""
            yield f"Category: {self.category}{sure}"
        if self.sentiment is not None:
            yield f"Sentiment: {self.sentiment:+.1f}"
        if self.preview:
            yield f"Begins: {self.preview}"
        yield f"At: {self.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        yield self.link or f"helpdesk ticket show {self.ticket_id}"


def moment(at: datetime) -> str:
    """Return a moment as programs read it."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def content(notice: Notice, said: Conversation, shows: Shows, page: str = "") -> Content:
    """Return what a notice says of its ticket.

    `page` is the address of a ticket's page with `{id}` in it, or empty.
    """
    return Content(
        ticket_id=notice.ticket_id,
        why=tuple(WHYS[each] for each in notice.rules if each in WHYS),
        priority=notice.priority.value,
        at=notice.due_at or notice.created_at,
        link=page.replace("{id}", notice.ticket_id),
        level=notice.level,
        legal=notice.legal,
        compensation=notice.compensation,
        subject=_subject(notice, shows) if shows.subject else None,
        category=notice.category,
        sentiment=None if notice.sentiment is None else round(notice.sentiment, 2),
        confidence=None if notice.confidence is None else round(notice.confidence, 2),
        customer=_named(said.ticket) if shows.customer else None,
        preview=_preview(notice, said.messages) if shows.preview else None,
    )


def sample(at: datetime, page: str = "") -> Content:
    """Return what a channel gets when it is tried out."""
    return Content(
        ticket_id="0" * 16,
        why=("a test: no ticket needs you",),
        priority="normal",
        at=at,
        link=page.replace("{id}", "0" * 16),
        subject="This channel works",
    )


def _subject(notice: Notice, shows: Shows) -> str:
    """Return the begin of the subject; a mark of masking that would be cut apart is left out."""
    whole = notice.subject if shows.preview else masking.mask(notice.subject)
    cut = characters.headline(whole, LONGEST_SUBJECT)
    return cut if cut == whole else _CUT_MARK.sub("", cut).rstrip()


def _named(of: Ticket) -> str | None:
    customer = of.customer
    return customer.email or customer.reference or customer.name


def _preview(notice: Notice, messages: tuple[Message, ...]) -> str | None:
    """Return how the last message begins that the customer had written by then."""
    written = [
        each.text
        for each in messages
        if each.number <= notice.said and each.source is Source.CUSTOMER
    ]
    return characters.headline(written[-1], LONGEST_PREVIEW) if written else None
