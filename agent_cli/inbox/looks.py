"""The inbox's looks at lists: a page of the view, or of a search over all tickets."""

import time
from collections.abc import Callable

from helpdesk.agents import SEARCHED_DAYS, Page, Query, Workplace
from helpdesk.ticket import Listing

from agent_cli.words import lists

COUNTED = 1_000
"""How far tickets are counted for the line above the list: it is read every two seconds."""

OFTEN = 0.3
"""Seconds between two signs of how far a search is."""


def everywhere(text: str, *, full_text: bool, limit: int) -> Query:
    """Return the query for a text: in every state, done tickets as far back as searches go."""
    return Query(
        listings=tuple(Listing),
        search=text,
        full_text=full_text,
        days=SEARCHED_DAYS,
        limit=limit,
    )


def look(
    at: Workplace,
    query: Query,
    *,
    cursor: str | None,
    wanted: Callable[[], bool],
    tell: Callable[[str], None],
) -> Page:
    """Return a page. `wanted` says whether to go on; `tell` gets how far a full text search is."""
    told_at = time.monotonic()

    def watch(examined: int, found: int) -> bool:
        nonlocal told_at
        if query.full_text and time.monotonic() - told_at >= OFTEN:
            told_at = time.monotonic()
            tell(f"reading every message: {examined:,} examined, {found:,} found")
        return wanted()

    return at.page(query, cursor=cursor, watch=watch, count_to=COUNTED)


def told(page: Page, query: Query, *, shown: int) -> list[str]:
    """Return what the line above the list says of a page, in parts.

    `shown` is how many of its tickets are on the list still.
    """
    number = shown
    if not page.cursor and not page.before:
        parts = [f"{number:,}"]
    else:
        first = page.before + min(1, number)
        parts = [f"{first:,}-{page.before + number:,} of {lists.how_many(page.total)}"]
    if page.cursor:
        parts.append("> for more")
    if page.cursor and query.narrows:
        parts.append(lists.examined(page))
    if query.search:
        parts.append(f"done tickets of {query.days} days")
        parts += [] if query.full_text else ["f for full text"]
    return parts
