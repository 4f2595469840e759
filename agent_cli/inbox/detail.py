"""The ticket under the cursor: who and how urgent, then the conversation, then everything else."""

from collections.abc import Callable, Sequence
from datetime import datetime

from helpdesk.agents import Dossier
from rich.console import Console, Group, RenderableType
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from agent_cli import render
from agent_cli.words import times
from agent_cli.words.facts import facts, to_the_customer
from agent_cli.words.tickets import TicketRow

KEYS = "a sends · e edits · d dismisses"
"""What can be pressed while a draft is on the page."""

ROOM = 2
"""Columns that the scroll bar and the margin take from the page."""


class Detail(Vertical):
    """The page of one ticket. It never shows a part of another one.

    `key` shows all of each message, for as long as the page is of this ticket.
    """

    def __init__(self, key: str, *, id: str) -> None:  # noqa: A002 -- as Textual has it
        super().__init__(id=id)
        self._key = key
        self._whole = False
        self._again: Callable[[], None] | None = None

    def compose(self) -> ComposeResult:
        """Make heading and page."""
        yield Static(id="heading")
        with VerticalScroll(id="detail", can_focus=True):
            yield Static(id="page")

    def nothing(self) -> None:
        """Show that the list is empty."""
        self._begin()
        self._fill(Text(), Text("The list is empty. When a ticket waits, n takes it."))

    def wait_for(self, row: TicketRow) -> None:
        """Show what the list knows of a ticket until the rest is there."""
        self._begin()
        who = row.customer.name or row.customer.email or row.customer.reference or "the customer"
        heading = _heading(who, row.id, row.state, "")
        self._fill(heading, Group(render.line(row.subject), Text("loading …", style="dim")))

    def show(self, dossier: Dossier, now: datetime, *, seen: int, moved: bool) -> None:
        """Show a ticket; messages after number `seen` are new.

        If the agent `moved` here, the first new message or else the last one comes into view.
        """
        self._again = lambda: self.show(dossier, now, seen=seen, moved=False)
        more = None if self._whole else self._key
        messages = dossier.conversation.messages
        said = [render.said(each, new=each.number > seen, more=more) for each in messages]
        rest: Sequence[RenderableType] = [
            *render.after_the_conversation(dossier, more=more, keys=KEYS),
            render.pairs(facts(dossier, now)),
        ]
        self._fill(heading(dossier, now), Group(*said, *rest))
        scroll = self.query_one("#detail", VerticalScroll)
        if moved:
            first = next((at for at, each in enumerate(messages) if each.number > seen), -1)
            above = said[: first if first >= 0 else len(said) - 1]
            scroll.scroll_to(y=_height(above, scroll.size.width - ROOM), animate=False)

    def turn(self) -> None:
        """Show all of each message, or again what agents see first."""
        self._whole = not self._whole
        if self._again:
            self._again()

    def _begin(self) -> None:
        """Begin with another ticket, of which no message is shown whole."""
        self._whole, self._again = False, None

    def _fill(self, heading: RenderableType, page: RenderableType) -> None:
        self.query_one("#heading", Static).update(heading)
        self.query_one("#page", Static).update(page)


def heading(dossier: Dossier, now: datetime) -> Text:
    """Return two lines: who, which ticket and its state; how urgent, until when, in whose hands."""
    ticket = dossier.ticket
    urgency = ""
    if ticket.state.is_open:
        due = times.due(TicketRow.of(ticket, now), now)
        urgency = f"{due.text} · {ticket.urgency.explained(now)}"
    held = ticket.held_by(now)
    state = f"held by {held.agent}" if held else str(ticket.state)
    return _heading(to_the_customer(dossier), ticket.id, state, urgency)


def _heading(who: str, ticket_id: str, state: str, urgency: str) -> Text:
    first = render.line(who)
    first.stylize("bold")
    return Text("\n", no_wrap=True, overflow="ellipsis").join(
        [first.append(f" · {ticket_id} · {state}", style="none"), render.line(urgency)]
    )


def _height(parts: Sequence[RenderableType], width: int) -> int:
    """Return how many lines some parts of a page take."""
    console = Console(width=max(1, width))
    return sum(len(console.render_lines(part, pad=False)) for part in parts)
