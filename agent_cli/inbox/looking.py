"""What the inbox shows: the list of tickets, and the ticket under the cursor beside it.

Title, list and ticket change together, however slow the network is. The list never moves the cursor
to another ticket: one that leaves the list stays, marked, for as long as it is under the cursor.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from time import monotonic

from helpdesk.agents import Dossier, Page, Workplace
from helpdesk.ticket import Ticket
from textual import events, work
from textual.app import App, ComposeResult
from textual.containers import Horizontal
from textual.widgets import Footer, Static

from agent_cli import render
from agent_cli.inbox import looks
from agent_cli.inbox.asking import AtWork, Calls
from agent_cli.inbox.detail import Detail
from agent_cli.inbox.lists import Shown
from agent_cli.inbox.notices import Notices
from agent_cli.inbox.reply import Reply
from agent_cli.inbox.table import Line, Tickets
from agent_cli.seen import Seen
from agent_cli.words.harmless import printable
from agent_cli.words.tickets import TicketRow

REFRESH = 2.0
"""Seconds between two looks at the waiting tickets."""

REACTION = 0.3
"""Seconds that people need to see a change.

A key that follows sooner on a change which it did not cause was meant for what was there before.
"""


_SIGNS_OF_LIFE = (
    events.Key,
    events.Paste,
    events.MouseDown,
    events.MouseScrollUp,
    events.MouseScrollDown,
)


class Looking(App[list[str]]):
    """Lists tickets and shows the one under the cursor; see `Inbox` for the parameters."""

    def __init__(
        self,
        at_work: AtWork,
        explain: Callable[[Exception], str | None],
        *,
        agent: str,
        clock: Callable[[], datetime],
        seen: Seen,
        rings: bool,
    ) -> None:
        super().__init__()
        self.calls = Calls(
            at_work,
            explain,
            refused=self.complain,
            warned=lambda text: self.call_from_thread(self.complain, text),
            there=lambda: self.table.is_attached,
        )
        self.clock = clock
        self.table = Tickets(self.follow)
        """The list of tickets."""
        self.detail = Detail("w", id="ticket")
        """The page of the ticket under the cursor."""
        self._status = Static(id="status")
        self.notices = Notices(seen, self.complain)
        self.list = Shown(agent)
        self.page: Page | None = None
        """The page of the list that is on the screen, as it was read."""
        self.shown: Dossier | None = None
        self.active = False
        """Whether the agent has pressed a key since this was last taken back."""
        self._moved: dict[str, int] = {}
        self._rings = rings
        self._wanted: Shown | None = None
        self._come: dict[Shown | None, str] = {}  # how far searches are, as their threads say it
        self._taking = False
        self._outgoing: Sequence[str] = ()
        self._new_after = 0
        self._asked = self._listed = self._looking = 0
        self._shifted_at = -REACTION

    def compose(self) -> ComposeResult:
        """Lay out list and ticket."""
        yield self._status
        with Horizontal(id="panes"):
            yield self.table
            yield self.detail
        yield Footer(show_command_palette=False, compact=True)

    async def on_event(self, event: events.Event) -> None:
        """Note that the agent is at work, and has seen what is on the screen."""
        if isinstance(event, _SIGNS_OF_LIFE):
            self.active = True
            if self.shown and len(self.screen_stack) == 1:
                self.notices.look_at(self.shown.ticket.id, self.shown.ticket.messages)
        await super().on_event(event)

    def on_mount(self) -> None:
        """Read the list, now and again and again."""
        self.table.focus()
        self.refresh_list()
        self.set_interval(REFRESH, self._tick)
        self.set_interval(looks.OFTEN, self._tell_progress)

    def on_resize(self) -> None:
        """Fit the list to the new size."""
        self.call_after_refresh(self._fit)

    def on_unmount(self) -> None:
        """Take no more calls."""
        self.calls.end()

    def complain(self, text: str) -> None:
        """Show what went wrong for a while."""
        self.notify(printable(text), severity="error", timeout=8, markup=False)

    def tell(self, text: str) -> None:
        """Show what was done for a moment."""
        self.notify(printable(text), timeout=3, markup=False)

    # --- looking ---

    def refresh_list(self) -> None:
        """Read the list again, and the shown ticket if it moved.

        A search is made once. Of what it found, only the ticket under the cursor is read again.
        """
        if not self.wanted.text:
            self._look(self.wanted)
        elif self._wanted is None:
            self._look_at_one(self._selected())

    @property
    def settled(self) -> bool:
        """Whether no other list and no other ticket is on its way to the screen."""
        return not self._wanted and not self._taking

    @property
    def wanted(self) -> Shown:
        """The list on the screen or, if the agent has asked for another one, that list."""
        return self._wanted or self.list

    def taking(self, *, begun: bool) -> None:
        """Say that the next ticket is on its way to the screen, or no longer."""
        self._taking = begun
        self._say_status()

    def say_outgoing(self, told: Sequence[str]) -> None:
        """Show above the list which reply is about to be sent."""
        self._outgoing = told
        self._say_status()

    def shifted(self) -> None:
        """Note that another ticket is under the cursor now, and not by a key pressed just now."""
        self._shifted_at = monotonic()

    def _tick(self) -> None:
        # On a slow network the next look waits for the last one, or no look would ever be shown.
        if not self._looking:
            self.refresh_list()

    def turn_to(self, wanted: Shown) -> None:
        """Show another list as soon as it is there; until then title and tickets stay."""
        self._wanted, self._come = wanted, {}
        self._say_status()
        self._look(wanted)

    def stay(self) -> None:
        """Give up the list that is on its way."""
        self._wanted = None
        self._say_status()

    @work(group="look")
    async def _look(self, query: Shown) -> None:
        self._asked += 1
        number, waiting = self._asked, Shown(query.agent)

        def look(at: Workplace) -> tuple[Page, Sequence[Ticket]]:
            page = looks.look(
                at,
                query.query,
                cursor=query.cursor,
                wanted=lambda: self.is_running and query == self.wanted,
                tell=lambda text: self._come.update({query: text}),
            )
            if not self._rings:
                return page, ()
            return page, page.tickets if query == waiting else _all_waiting(at, waiting)

        self._looking += 1
        try:
            found = await self.calls.look(look, refused=self._offline)
        finally:
            self._looking -= 1
        if found is None:
            self._wanted = None if self._wanted == query else self._wanted
        elif number > self._listed and query == self.wanted and not found[0].stopped:
            self._listed = number
            self._hear(found[1])
            self.arrive(query, found[0])

    @work(group="look")
    async def _look_at_one(self, ticket_id: str | None) -> None:
        """See whether one ticket moved, beside a list that is not read again."""

        def look(at: Workplace) -> tuple[Ticket | None, Sequence[Ticket]]:
            one = at.get(ticket_id) if ticket_id else None
            return one, _all_waiting(at, Shown(self.list.agent)) if self._rings else ()

        self._looking += 1
        try:
            found = await self.calls.look(look, refused=self._offline)
        finally:
            self._looking -= 1
        if found is not None:
            self._hear(found[1])
            if found[0] and self.list.text and self._wanted is None:
                self._renew(found[0])

    def _renew(self, ticket: Ticket) -> None:
        """Show the line of a ticket as the ticket is now, and its page if it moved."""
        row = TicketRow.of(ticket, self.clock())
        new = self.notices.is_new(ticket)
        self._fill(
            [
                replace(each, row=row, new=new) if each.row.id == ticket.id else each
                for each in self.table.lines
            ]
        )
        self._compare({ticket.id: ticket})

    def _hear(self, waiting: Sequence[Ticket]) -> None:
        if self._rings and self.notices.arrived(waiting):
            self.bell()

    def _tell_progress(self) -> None:
        if self._wanted in self._come:
            self._say_status()

    def _offline(self, why: str) -> None:
        self._status.add_class("-offline")
        self._status.update(render.line(f"not up to date: {why}"))

    def arrive(self, query: Shown, page: Page, to: str | None = None) -> None:
        """Show a list under its own title; the cursor goes `to` a ticket, or stays where it is.

        Looks that are under way are of no use any more if a move brought the list.
        """
        found = page.tickets
        if to is not None:
            self._listed = self._asked
        self._wanted = None
        self.page = page
        now = self.clock()
        lines = [Line(TicketRow.of(each, now), new=self.notices.is_new(each)) for each in found]
        ids = {each.id for each in found}
        under = self.table.under_cursor
        if under and query == self.list and under.row.id not in ids | self._moved.keys():
            lines.insert(self.table.cursor_row, replace(under, gone=True, new=False))
        known = {each.id: each for each in found}
        self._moved = {
            ticket_id: version
            for ticket_id, version in self._moved.items()
            if ticket_id in known and known[ticket_id].version < version
        }
        self.list = query
        self._fill(lines, to)
        self._compare(known)
        shown = self.shown.ticket.id if self.shown else None
        if under and not under.gone and under.row.id == shown and shown not in known:
            self.load(under.row.id)

    def _compare(self, known: Mapping[str, Ticket]) -> None:
        """Read what is on the screen again where a list knows of something later."""
        shown = self.shown.ticket if self.shown else None
        current = known.get(shown.id) if shown else None
        if shown and current and current.version > shown.version:
            self.load(current.id)
        for screen in self.screen_stack:
            if isinstance(screen, Reply) and (current := known.get(screen.ticket_id)):
                screen.heard_of(current)

    def moved(self, ticket: Ticket) -> None:
        """Note that the agent moved a ticket: it may leave the list without a mark."""
        self._moved[ticket.id] = ticket.version
        if self.list.text:
            self._renew(ticket)

    def drop(self, ticket: Ticket) -> None:
        """Take a ticket off the list that the agent is done with; a search shows it as it is."""
        self.moved(ticket)
        if self.list.text:
            return
        self._fill([each for each in self.table.lines if each.row.id != ticket.id])

    def _fill(self, lines: Sequence[Line], to: str | None = None) -> None:
        before = self._selected()
        self.table.fill(lines, self.clock(), to=to)
        if before is not None and self._selected() != before:
            self.shifted()
        self._say_status()

    def _fit(self) -> None:
        self.table.fill(self.table.lines, self.clock())
        self._say_status()

    def _say_status(self) -> None:
        lines = self.table.lines
        loading = "taking the next ticket" if self._taking else ""
        if self._wanted:
            loading = self._come.get(self._wanted, f"loading {self._wanted.name}")
        self._status.remove_class("-offline")
        new = sum(each.new for each in lines)
        rows = [each.row for each in lines if not each.gone]
        width = self._status.content_size.width
        now = self.clock()
        self._status.update(
            self.list.status(
                rows,
                now,
                page=self.page,
                new=new,
                marked=len(self.table.marked),
                outgoing=self._outgoing,
                loading=loading,
                width=width,
            )
        )

    def follow(self) -> None:
        """Show the ticket under the cursor, and nothing of another one meanwhile."""
        line = self.table.under_cursor
        if line is None:
            self.shown = None
            self.detail.nothing()
        elif self.shown is None or self.shown.ticket.id != line.row.id:
            self.shown = None
            self._new_after = self.notices.last_seen(line.row.id)
            self.detail.wait_for(line.row)
            self.load(line.row.id)

    @work(group="load")
    async def load(self, ticket_id: str) -> None:
        """Fetch everything known about a ticket and show it."""
        dossier = await self.calls.look(lambda at: at.show(ticket_id))
        if dossier is not None:
            self.show(dossier)

    def show(self, dossier: Dossier) -> None:
        """Show a ticket if it is under the cursor, and not shown as of a later moment."""
        shown = self.shown
        if dossier.ticket.id != self._selected():
            return
        if shown is None or shown.ticket.version <= dossier.ticket.version:
            if shown and shown.draft != dossier.draft:
                self.shifted()
            self.shown = dossier
            self.detail.show(dossier, self.clock(), seen=self._new_after, moved=shown is None)

    def mark(self) -> None:
        """Mark the ticket under the cursor, or take its mark off."""
        self.table.mark(self.clock())
        self._say_status()

    def _selected(self) -> str | None:
        """Return the id of the ticket under the cursor."""
        line = self.table.under_cursor
        return line.row.id if line else None

    def aim(self) -> str | None:
        """Return the ticket a key acts on: the one under the cursor, while the agent can know it.

        While another list or ticket is on its way to the screen, and for as long as people need to
        see a change, keys act on nothing.
        """
        if not self.settled:
            self.tell("not done: the list is about to change")
        elif monotonic() - self._shifted_at < REACTION:
            self.tell("the list has just changed: press the key again")
        else:
            return self._selected()
        return None


def _all_waiting(at: Workplace, waiting: Shown) -> Sequence[Ticket]:
    """Return the waiting tickets; how many more there are does not matter to the bell."""
    return at.page(waiting.query, count_to=0).tickets
