"""The list of tickets."""

from helpdesk.agents import Query

from agent_cli.web.asking import Asked, Page, Shown
from agent_cli.words import lists
from agent_cli.words.tickets import TicketRow

AT_ONCE = 25
"""Tickets of a page."""


def listed(asked: Asked) -> Shown:
    """Show the tickets that wait for a person, the most urgent first."""
    query = Query(limit=AT_ONCE)
    page = asked.desk.overview.page(query)
    rows = [TicketRow.of(each, asked.now) for each in page.tickets]
    return Shown("tickets.html", {"rows": rows, "said": list(lists.told(page, query))})


PAGES: dict[str, tuple[str, Page]] = {"GET /tickets": ("tickets", listed)}
