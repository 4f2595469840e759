"""What the inbox's list shows: its views, the cells of a line, and the line above it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from helpdesk.agents import Page, Query
from helpdesk.ticket import Listing
from rich.text import Text

from agent_cli import render
from agent_cli.inbox import looks
from agent_cli.words import times
from agent_cli.words.tickets import TicketRow

SHOWN = 100
"""Tickets that a list shows; the ticket that is due first comes first."""

COLUMNS = (("due", 9), ("waits", 6), ("owner", 8), ("about", None))
"""The columns with their widths in characters; the last takes what is left."""

TAKEN = 33
"""Characters of a line that are not the subject's."""

LEAST = 10
"""Characters of a subject that are always shown."""

VIEWS: dict[str, tuple[Listing, ...]] = {
    "waiting": (Listing.ESCALATED,),
    "mine": (Listing.ESCALATED, Listing.SNOOZED),
    "snoozed": (Listing.SNOOZED,),
    "done today": (Listing.ANSWERED, Listing.CLOSED),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """Which tickets the list shows: a view of one agent, or what a search finds.

    `cursor` is where the shown page begins; None is the first page.
    """

    agent: str
    view: str = "waiting"
    text: str | None = None
    full_text: bool = False
    cursor: str | None = None

    @property
    def query(self) -> Query:
        """The query for the workplace."""
        if self.text:
            return looks.everywhere(self.text, full_text=self.full_text, limit=SHOWN)
        owner = self.agent if self.view == "mine" else None
        return Query(listings=VIEWS[self.view], owner=owner, limit=SHOWN)

    def following(self) -> "Shown":
        """Return the next view, of all texts."""
        names = list(VIEWS)
        return Shown(self.agent, names[(names.index(self.view) + 1) % len(names)])

    def status(self, rows: Sequence[TicketRow], now: datetime, page: Page | None = None) -> Text:
        """Return the line above the list; without a page, the rows are all there is to tell of."""
        late = sum(row.overdue for row in rows)
        held = sum(row.owner == self.agent and row.held_until is not None for row in rows)
        number, *more = looks.told(page, self.query) if page else [str(len(rows))]
        parts = [self.agent, f"{f'with “{self.text}”' if self.text else self.view}: {number}"]
        parts += [f"{late} overdue"] if late else []
        parts += [f"{held} in hand"] if held else []
        parts += more
        return render.line(f"helpdesk · {' · '.join(parts)} · {times.clock(now)}")


def cells(row: TicketRow, now: datetime, *, width: int) -> tuple[Text, ...]:
    """Return the cells of a ticket's line in a list of `width` characters."""
    about = Text(f"{row.priority[:1].upper()} ", style=render.URGENCIES[row.priority])
    about.append_text(render.line(row.subject))
    about.truncate(max(LEAST, width - TAKEN), overflow="ellipsis")
    return (
        render.due(row, now),
        Text(times.span(row.waiting_seconds) or ""),
        render.line(row.owner or ""),
        about,
    )
