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

NEW, GONE, MARKED, DRAFT = "●", "gone", "✓", "✎ "
"""What shows that a ticket has a message the agent has not seen, left the list, is marked, or has a
draft that waits."""

LEAST = 10
"""Characters of a subject that are always shown."""

FULL, NARROW = 70, 50
"""Widths of a list: from FULL on it shows all columns, below NARROW only those that must be."""

_MARK, _ID, _DUE, _WAITS, _OWNER, _ABOUT = "", "ticket", "due", "waits", "owner", "about"
_WIDTHS = {_MARK: 2, _ID: 16, _DUE: 9, _WAITS: 6, _OWNER: 8}
_GAP = 1

WAITING, REVIEW = "waiting", "review"
"""The view of the tickets that wait, and that of those with a draft."""

VIEWS: dict[str, tuple[Listing, ...]] = {
    WAITING: (Listing.ESCALATED,),
    "mine": (Listing.ESCALATED, Listing.SNOOZED),
    "snoozed": (Listing.SNOOZED,),
    "done today": (Listing.ANSWERED, Listing.CLOSED),
    REVIEW: (Listing.ESCALATED,),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """Which tickets the list shows: a view of one agent, or what a search finds.

    A view can be of one `category`. `cursor` is where the shown page begins; None is the first.
    """

    agent: str
    view: str = WAITING
    text: str | None = None
    full_text: bool = False
    cursor: str | None = None
    category: str | None = None

    @property
    def name(self) -> str:
        """What the agent calls this list: the view, or the words that were searched for."""
        of = f" of {self.category}" if self.category else ""
        return f"with “{self.text}”" if self.text else f"{self.view}{of}"

    @property
    def query(self) -> Query:
        """The query for the workplace."""
        if self.text:
            return looks.everywhere(self.text, full_text=self.full_text, limit=SHOWN)
        owner = self.agent if self.view == "mine" else None
        return Query(
            listings=VIEWS[self.view],
            owner=owner,
            category=self.category,
            review=True if self.view == REVIEW else None,
            limit=SHOWN,
        )

    def following(self) -> "Shown":
        """Return the next view, of all texts."""
        names = list(VIEWS)
        return Shown(self.agent, names[(names.index(self.view) + 1) % len(names)])

    def status(
        self,
        rows: Sequence[TicketRow],
        now: datetime,
        *,
        page: Page | None,
        new: int,
        marked: int,
        outgoing: Sequence[str],
        loading: str,
        width: int,
    ) -> Text:
        """Return the line above the list; what matters least gives way where there is no room."""
        late = sum(row.overdue for row in rows)
        held = sum(row.owner == self.agent and row.held_until is not None for row in rows)
        number, *more = looks.told(page, self.query, shown=len(rows)) if page else ["…"]
        parts = [f"{self.name}: {number}"]
        parts += outgoing
        parts += [f"{loading} …"] if loading else []
        parts += [f"{marked} marked"] if marked else []
        parts += [f"{late} overdue"] if late else []
        parts += [f"{held} yours"] if held else []
        parts += [f"{new} new"] if new else []
        parts += [*more, times.clock(now), self.agent, "helpdesk"]
        while len(parts) > 1 and len(" · ".join(parts)) > width:
            parts.pop()
        return render.line(" · ".join(parts))


def columns(width: int) -> tuple[tuple[str, int | None], ...]:
    """Return the columns of a list of `width` characters, with their widths; the last is flexible.

    Beside the ticket the list needs no ids: they are on the ticket's page.
    """
    names: tuple[str, ...] = (_MARK, _DUE, _WAITS, _OWNER)
    if width >= FULL:
        names = (_MARK, _ID, _DUE, _WAITS, _OWNER)
    elif width < NARROW:
        names = (_MARK, _ID, _WAITS)
    return (*((name, _WIDTHS[name] + _GAP) for name in names), (_ABOUT, None))


def cells(
    row: TicketRow,
    now: datetime,
    *,
    width: int,
    new: bool = False,
    gone: bool = False,
    marked: bool = False,
) -> tuple[Text, ...]:
    """Return the cells of a ticket's line in a list of `width` characters."""
    shown = columns(width)
    taken = sum(size for _, size in shown if size)
    about = Text(
        f"{row.priority[:1].upper()}{row.level or ''} ", style=render.URGENCIES[row.priority]
    )
    about.append(DRAFT if row.draft else "", style=render.WAITS)
    about.append_text(render.line(row.subject))
    about.truncate(max(LEAST, width - taken), overflow="ellipsis")
    every = {
        _MARK: Text(MARKED if marked else " ").append(NEW if new else "", style=render.NEW),
        _ID: Text(row.id),
        _DUE: Text(GONE) if gone else render.due(row, now),
        _WAITS: Text(GONE if gone and width < NARROW else times.span(row.waiting_seconds) or ""),
        _OWNER: render.line(row.owner or ""),
        _ABOUT: about,
    }
    found = tuple(every[name] for name, _ in shown)
    for cell in found if gone else ():
        cell.style = "dim strike"
    return found
