"""What an agent looks for: a query, and which tickets match it. Pure.

A new field to filter by is one field of `Query` and one row of `FIELDS`.
"""

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from helpdesk.knowledge import Priority
from helpdesk.ticket import Listing, Ticket

SEARCHED_DAYS = 7
"""How many days back a search looks at done tickets if the agent does not say, counting today."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Which tickets to list. A field that is None does not matter.

    `since` and `until` are about the moment at which the question came; `until` itself is not in
    the span. `search` holds words: each must be in the subject, the customer's name, address or
    reference, or begin the ticket's id. With `full_text` they may be in any message, too; this
    reads every message. `review` asks for tickets with a draft that waits for an agent. `days` says
    from how many days done tickets are listed, counting today; a `since` before that goes further
    back. `limit` is the number of tickets on a page.
    """

    listings: tuple[Listing, ...] = (Listing.ESCALATED,)
    priority: Priority | None = None
    intent: str | None = None
    department: str | None = None
    category: str | None = None
    level: int | None = None
    language: str | None = None
    review: bool | None = None
    channel: str | None = None
    tag: str | None = None
    owner: str | None = None
    customer: str | None = None
    waiting_longer_than: timedelta | None = None
    since: datetime | None = None
    until: datetime | None = None
    search: str | None = None
    full_text: bool = False
    days: int = 1
    limit: int = 50

    @property
    def narrows(self) -> bool:
        """Whether a ticket of the lists may not match, so that each has to be looked at."""
        return bool(self.search) or any(getattr(self, name) is not None for name in FIELDS)


type Test = Callable[[Ticket, Any, datetime], bool]
"""Tells whether a ticket has the wanted value of a field at a moment."""

FIELDS: dict[str, Test] = {
    "priority": lambda ticket, wanted, now: _priority(ticket, now) is wanted,
    "intent": lambda ticket, wanted, _: ticket.intent == wanted,
    "department": lambda ticket, wanted, _: ticket.department == wanted,
    "category": lambda ticket, wanted, _: ticket.category == wanted,
    "level": lambda ticket, wanted, _: ticket.level == wanted,
    "language": lambda ticket, wanted, _: _language(ticket) == wanted,
    "review": lambda ticket, wanted, _: ticket.in_review is wanted,
    "channel": lambda ticket, wanted, _: ticket.channel == wanted,
    "tag": lambda ticket, wanted, _: wanted in ticket.tags,
    "owner": lambda ticket, wanted, now: _owner(ticket, now) == wanted,
    "waiting_longer_than": lambda ticket, wanted, now: now - ticket.urgency.since > wanted,
    "since": lambda ticket, wanted, _: ticket.created_at >= wanted,
    "until": lambda ticket, wanted, _: ticket.created_at < wanted,
}
"""What tickets can be filtered by, by the name of the query's field."""


def matches(found: Ticket, query: Query, now: datetime) -> bool:
    """Tell whether a ticket has every value that the query names; words are not looked for."""
    return all(
        test(found, wanted, now)
        for name, test in FIELDS.items()
        if (wanted := getattr(query, name)) is not None
    )


def words(text: str) -> tuple[str, ...]:
    """Return the words of a search in the form in which texts are compared."""
    return tuple(_plain(text).split())


def mentions(found: Ticket, wanted: tuple[str, ...], texts: Iterable[str] = ()) -> bool:
    """Tell whether each word is in what a list shows of a ticket, or in one of the texts."""
    customer = found.customer
    shown = (found.subject, customer.name, customer.email, customer.reference)
    said = "\n".join(_plain(each) for each in (*shown, *texts) if each)
    return all(word in said or found.id.startswith(word) for word in wanted)


def _plain(text: str) -> str:
    """Return text in which letters that people call equal are equal: case, and Unicode's forms."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def _priority(ticket: Ticket, now: datetime) -> Priority:
    return ticket.urgency.priority(now) if ticket.state.is_open else ticket.priority


def _language(ticket: Ticket) -> str | None:
    return ticket.understanding.language if ticket.understanding else None


def _owner(ticket: Ticket, now: datetime) -> str | None:
    held = ticket.held_by(now)
    return held.agent if held else ticket.assignee
