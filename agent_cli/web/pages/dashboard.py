"""The dashboard: how the desk does, in pictures that link to the lists they count."""

from helpdesk.agents import Query

from agent_cli.web.asking import Asked, Page, Shown
from agent_cli.web.exhibits import board, waiting
from agent_cli.words import counted

PERIODS = {1: "Today", 7: "7 days", 30: "30 days", 90: "90 days"}
"""The periods that can be chosen, in days (UTC)."""

USUAL = 7

WAITING = 250
"""Waiting tickets that are looked at, those that are due first."""


def shown(asked: Asked) -> Shown:
    """Show what was counted of the chosen days: three reads, however long the period."""
    days = _days(asked)
    found = asked.desk.board(days)
    values = {
        "days": days,
        "periods": PERIODS,
        "counted": counted.span(found.figures),
        "hours": board.hours(found),
        "exhibits": [
            board.days(found),
            board.replies(found),
            board.intents(found),
            board.reasons(found),
            board.agents(found),
        ],
        "facts": list(counted.totals(found.figures)),
        "totals": list(board.totals(found)),
        "families": found.figures.duplicates.families,
        "faults": found.figures.mail.errors,
    }
    return Shown("dashboard.html", values)


def waits(asked: Asked) -> Shown:
    """Show the tickets that wait now; the dashboard loads them from here when it is shown."""
    page = asked.desk.overview.page(Query(limit=WAITING), count_to=0)
    values = {
        "ages": waiting.ages(page, asked.now),
        "holders": waiting.holders(page, asked.now),
    }
    return Shown("dashboard_waiting.html", values)


def _days(asked: Asked) -> int:
    """Return the chosen period; the usual one if the address has none of them."""
    chosen = asked.query("days")
    return int(chosen) if chosen in map(str, PERIODS) else USUAL


PAGES: dict[str, tuple[str, Page]] = {
    "GET /dashboard": ("dashboard", shown),
    "GET /dashboard/waiting": ("waiting", waits),
}
