"""What lists say: how many tickets there are, what was looked at, and how to get the rest."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from helpdesk.agents import Count, Exactness, Page, Query

from agent_cli.words.tickets import MessageView, TicketRow


@dataclass(frozen=True, slots=True, kw_only=True)
class PageView:
    """A page of a list.

    `cursor` gets the next page (`--cursor`); it is null on the last one. `before` counts the
    tickets of the earlier pages. `total` is the number of tickets in the list, as exactly as it is
    known. `examined` and `examined_before` count the tickets that were looked at for this page and
    for the earlier ones; `candidates` is how many there are to look at, if that is known.
    """

    items: tuple[TicketRow, ...]
    cursor: str | None
    before: int
    total: Count
    examined: int
    examined_before: int
    candidates: Count | None

    @classmethod
    def of(cls, page: Page, now: datetime) -> Self:
        """Return the view of a page at a moment."""
        return cls(
            items=tuple(TicketRow.of(ticket, now) for ticket in page.tickets),
            cursor=page.cursor,
            before=page.before,
            total=page.total,
            examined=page.examined,
            examined_before=page.examined_before,
            candidates=page.candidates,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedTicket:
    """A ticket in an exported file; `messages` is null if they were not asked for."""

    ticket: TicketRow
    messages: tuple[MessageView, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportView:
    """What was exported. `complete` is false if there were more tickets than may be exported."""

    file: str
    tickets: int
    complete: bool


def priority(row: TicketRow) -> str:
    """Return a priority, with the level of a ticket that is not ordinary."""
    return f"{row.priority}{f' {row.level}' if row.level else ''}"


def state(row: TicketRow) -> str:
    """Return the state of a ticket as lists call it."""
    return "snoozed" if row.snoozed_until else row.state


def told(page: Page, query: Query) -> Iterator[str]:
    """Yield what a list says at its end."""
    parts = [_shown(page)]
    if page.cursor and query.narrows:
        parts.append(examined(page))
    if any(not listing.is_open for listing in query.listings) and not query.customer:
        parts.append(f"answered and closed ones: {_span(query)}")
    yield "; ".join(parts)
    if page.cursor:
        yield f"for the next ones, repeat this with --cursor {page.cursor}"


def how_many(count: Count) -> str:
    """Return a count in words, as in "at least 1,000"."""
    said = {Exactness.EXACTLY: "", Exactness.AT_LEAST: "at least ", Exactness.AT_MOST: "at most "}
    return f"{said[count.exactness]}{count.number:,}"


def _shown(page: Page) -> str:
    number = len(page.tickets)
    stopped = "stopped: " if page.stopped else ""
    if not page.cursor and not page.before:
        return f"{how_many(page.total)} {_tickets(number)}" if number else "no such tickets"
    if not number:
        return f"{stopped}no {'further' if page.before else 'such'} ticket so far"
    first, last = page.before + 1, page.before + number
    return f"{stopped}{first:,} to {last:,} of {how_many(page.total)} tickets"


def examined(page: Page) -> str:
    """Return how many tickets were looked at so far, as in "2,000 of 10,000 were examined"."""
    of = f" of {how_many(page.candidates)}" if page.candidates else ""
    return f"{page.examined_before + page.examined:,}{of} were examined"


def _span(query: Query) -> str:
    if query.since:
        return f"since {query.since:%Y-%m-%d}"
    return f"of the last {query.days} days" if query.days > 1 else "of today (--days goes back)"


def _tickets(number: int) -> str:
    return "ticket" if number == 1 else "tickets"
