"""The inbox: the waiting tickets, and everything known about the ticket under the cursor."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, ClassVar

from helpdesk.agents import HEARTBEAT, Dossier, Page, Workplace
from helpdesk.ticket import Ticket
from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import DataTable, Footer, Static
from textual.worker import get_current_worker

from agent_cli import render
from agent_cli.drafts import Drafts
from agent_cli.inbox import looks, moves
from agent_cli.inbox.asking import AtWork
from agent_cli.inbox.lists import COLUMNS, Shown, cells
from agent_cli.inbox.prompts import Keys, Question
from agent_cli.inbox.reply import Reply
from agent_cli.inbox.searching import Searching
from agent_cli.words.harmless import printable
from agent_cli.words.tickets import TicketRow

REFRESH = 2.0
"""Seconds between two looks at the waiting tickets."""


class Inbox(Searching):
    """Lists tickets, shows the one under the cursor, and moves it as the commands do.

    Gives the ids of the tickets the agent still holds. `at_work` gives each worker thread its own
    workplace. `explain` turns an error into a line for people, or into None if it is not expected.
    """

    TITLE = "helpdesk"
    CSS_PATH = "inbox.tcss"
    ENABLE_COMMAND_PALETTE = False
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012 -- as Textual has it
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "next", "Next"),
        Binding("r", "reply", "Reply"),
        Binding("c", "claim", "Claim", show=False),
        Binding("o", "note", "Note"),
        Binding("l", "release", "Release"),
        Binding("t", "transfer", "Transfer"),
        Binding("z", "snooze", "Snooze"),
        Binding("x", "close", "Close"),
        Binding("u", "reopen", "Reopen", show=False),
        Binding("v", "view", "View"),
        Binding("question_mark", "keys", "Keys", key_display="?"),
        Binding("q", "quit", "Quit"),
    ]

    def __init__(
        self,
        at_work: AtWork,
        drafts: Drafts,
        explain: Callable[[Exception], str | None],
        *,
        agent: str,
        clock: Callable[[], datetime],
    ) -> None:
        super().__init__()
        self._at_work = at_work
        self._drafts = drafts
        self._explain = explain
        self._clock = clock
        self._list = Shown(agent)
        self._rows: list[TicketRow] = []
        self._shown: Dossier | None = None
        self._held: set[str] = set()

    def compose(self) -> ComposeResult:
        """Lay out list and ticket."""
        yield Static(id="status")
        with Horizontal(id="panes"):
            yield DataTable(id="list", cursor_type="row", zebra_stripes=False)
            with VerticalScroll(id="detail", can_focus=True):
                yield Static(id="page")
        yield Footer(show_command_palette=False, compact=True)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Let the list's keys work on the list only."""
        return len(self.screen_stack) == 1 or action not in _OF_THE_LIST

    def on_mount(self) -> None:
        """Read the list, now and again and again."""
        for name, width in COLUMNS:
            self.table.add_column(name, width=width)
        self.table.focus()
        self.refresh_list()
        self.set_interval(REFRESH, self.refresh_view)
        self.set_interval(HEARTBEAT.total_seconds(), self.beat)

    def on_resize(self) -> None:
        """Fit the list to the new size."""
        self.call_after_refresh(self.refresh_list)

    @property
    def table(self) -> DataTable[Text]:
        """The list of tickets."""
        return self.screen_stack[0].query_one("#list", DataTable)

    def asked[T](
        self, what: Callable[[Workplace], T], *, refused: Callable[[str], None] | None = None
    ) -> T | None:
        """Return what the calling thread's workplace says; see `asking.Ask`."""
        try:
            with self._at_work(self._warned) as at:
                return what(at)
        except Exception as error:
            text = self._explain(error)
            if text is None:
                raise
            self.call_from_thread(refused or self.complain, text)
            return None

    def complain(self, text: str) -> None:
        """Show what went wrong for a while."""
        self.notify(printable(text), severity="error", timeout=8, markup=False)

    def tell(self, text: str) -> None:
        """Show what was done for a moment."""
        self.notify(printable(text), timeout=3, markup=False)

    def _warned(self, text: str) -> None:
        self.call_from_thread(self.complain, text)

    # --- looking ---

    @work(thread=True, exclusive=True, group="look")
    def refresh_list(self) -> None:
        """Read the list again, and the shown ticket if it moved."""
        query, cursor, worker = self._list.query, self._list.cursor, get_current_worker()
        page = self.asked(
            lambda at: looks.look(
                at,
                query,
                cursor=cursor,
                wanted=lambda: not worker.is_cancelled,
                tell=lambda text: self.call_from_thread(self._progress, text),
            ),
            refused=self._offline,
        )
        # An earlier look may show less than the later look that replaced it.
        if page is not None and not worker.is_cancelled:
            self.call_from_thread(self._list_tickets, page.tickets, page)

    def _progress(self, text: str) -> None:
        self.screen_stack[0].query_one("#status", Static).update(render.line(text))

    def _offline(self, why: str) -> None:
        status = self.screen_stack[0].query_one("#status", Static)
        status.add_class("-offline")
        status.update(render.line(f"not up to date: {why}"))

    def _list_tickets(self, found: Sequence[Ticket], page: Page | None = None) -> None:
        self._page = page
        now = self._clock()
        selected = self._selected()
        self._rows = [TicketRow.of(ticket, now) for ticket in found]
        table = self.table
        table.clear()
        for row in self._rows:
            width = table.scrollable_content_region.width
            table.add_row(*cells(row, now, width=width), key=row.id)
        ids = [row.id for row in self._rows]
        if selected in ids:
            table.move_cursor(row=ids.index(selected), animate=False)
        status = self.screen_stack[0].query_one("#status", Static)
        status.remove_class("-offline")
        status.update(self._list.status(self._rows, now, page))
        current = next((ticket for ticket in found if ticket.id == self._selected()), None)
        shown = self._shown.ticket if self._shown else None
        if current is None and not self._rows:
            self._show(None)
        elif current and (
            shown is None or (shown.id, shown.version) != (current.id, current.version)
        ):
            self.load(current.id)

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        """Show the ticket under the cursor."""
        key = event.row_key.value if event.row_key else None
        if key and (self._shown is None or self._shown.ticket.id != key):
            self.load(key)

    @work(thread=True, exclusive=True, group="load")
    def load(self, ticket_id: str) -> None:
        """Fetch everything known about a ticket and show it."""
        dossier = self.asked(lambda at: at.show(ticket_id))
        if dossier is not None and ticket_id == self._selected():
            self.call_from_thread(self._show, dossier)

    def _show(self, dossier: Dossier | None) -> None:
        moved = self._shown is None or dossier is None or self._shown.ticket.id != dossier.ticket.id
        self._shown = dossier
        page = self.screen_stack[0].query_one("#page", Static)
        if dossier is None:
            page.update(Text("Nothing here. n takes the next ticket as soon as one waits."))
        else:
            page.update(render.page(dossier, self._clock()))
        if moved:
            self.screen_stack[0].query_one("#detail", VerticalScroll).scroll_home(animate=False)

    def _selected(self) -> str | None:
        """Return the id of the ticket under the cursor."""
        table = self.table
        if not table.row_count:
            return None
        return table.coordinate_to_cell_key(table.cursor_coordinate).row_key.value

    @work(thread=True, group="beat")
    def beat(self) -> None:
        """Show a sign of life for the ticket on the screen, if the agent holds it."""
        shown = self._shown.ticket if self._shown else None
        held = shown.held_by(self._clock()) if shown else None
        if shown and held and held.agent == self._list.agent:
            self.asked(lambda at: at.extend(shown.id, fence=held.fence))

    # --- doing ---

    @work(thread=True, group="do")
    def action_next(self) -> None:
        """Take the ticket that is due first."""
        taken = self.asked(lambda at: (at.take_next(),))
        if taken is None:
            return
        if taken[0] is None:
            self.call_from_thread(self.tell, "nothing waits")
        else:
            self.call_from_thread(self._taken, taken[0])

    def action_claim(self) -> None:
        """Take the ticket under the cursor."""
        if ticket_id := self._selected():
            self._claim(ticket_id)

    @work(thread=True, group="do")
    def _claim(self, ticket_id: str) -> None:
        taken = self.asked(lambda at: at.claim(ticket_id))
        if taken is not None:
            self.call_from_thread(self._taken, taken)

    def _taken(self, dossier: Dossier) -> None:
        self._list = Shown(self._list.agent)
        self._held.add(dossier.ticket.id)
        self.table.clear()
        self._rows = []
        self._list_tickets([dossier.ticket])
        self._show(dossier)
        self.tell(f"yours for 15 minutes: {dossier.ticket.id}")
        self.refresh_list()

    def action_reply(self) -> None:
        """Write a reply to the ticket under the cursor, taking it first."""
        if ticket_id := self._selected():
            self._write(ticket_id)

    @work(thread=True, group="do")
    def _write(self, ticket_id: str) -> None:
        dossier = self.asked(lambda at: moves.in_hand(at, ticket_id))
        if dossier is not None:
            self._held.add(ticket_id)
            self.call_from_thread(
                self.push_screen, Reply(dossier, self._drafts, self.asked), self._replied
            )

    def _replied(self, sent: bool | None) -> None:
        if sent and self._shown:
            self._held.discard(self._shown.ticket.id)
            self.tell("sent")
        self.refresh_list()

    def action_release(self) -> None:
        """Give the ticket back."""
        if ticket_id := self._selected():
            self._do("released", ticket_id, lambda at: at.release(ticket_id))

    def action_close(self) -> None:
        """End the ticket, saying why."""
        self._with("Close without a reply: why?", moves.close, "closed")

    def action_reopen(self) -> None:
        """Let the ticket wait again."""
        self._with("Reopen: why?", lambda at, i, said: at.reopen(i, note=said), "reopened")

    def action_note(self) -> None:
        """Write something for colleagues."""
        self._with("Note for colleagues", lambda at, i, said: at.note(i, said), "noted")

    def action_transfer(self) -> None:
        """Give the ticket to a colleague, or with a # to a department."""
        hint = "bob a note, or #billing a note"
        self._with("Transfer to", moves.transfer, "transferred", hint=hint)

    def action_snooze(self) -> None:
        """Put the ticket aside for a time."""
        self._with(
            "Snooze for",
            moves.snooze,
            "snoozed",
            hint="30m, 2h, 3d, and a note",
            initial="2h",
            wrong=moves.no_span,
        )

    def action_view(self) -> None:
        """Go on to the next list."""
        self._list = self._list.following()
        self.refresh_list()

    def action_keys(self) -> None:
        """Show what the keys do."""
        keys = [
            (binding.key_display or binding.key, getattr(self, f"action_{binding.action}").__doc__)
            for binding in _KEYS
            if binding.action not in {"quit", "keys"}
        ]
        told = [(key, (text or "").strip().splitlines()[0]) for key, text in keys]
        self.push_screen(
            Keys([*told, ("tab", "To the ticket, and back to the list."), ("q", "Quit.")])
        )

    async def action_quit(self) -> None:
        """Leave, telling what is still in hand."""
        self.exit(sorted(self._held))

    def _with(
        self,
        title: str,
        what: Callable[[Workplace, str, str], Any],
        done: str,
        *,
        hint: str = "",
        initial: str = "",
        wrong: Callable[[str], str | None] = lambda _: None,
    ) -> None:
        """Ask for a line, and do something with it and the ticket under the cursor."""
        if (ticket_id := self._selected()) is None:
            return

        def then(said: str | None) -> None:
            if said is None:
                return
            if fault := wrong(said):
                self.complain(fault)
            else:
                self._do(done, ticket_id, lambda at: what(at, ticket_id, said))

        self.push_screen(Question(f"{title} · {ticket_id}", hint=hint, initial=initial), then)

    @work(thread=True, group="do")
    def _do(self, done: str, ticket_id: str, what: Callable[[Workplace], Any]) -> None:
        if self.asked(what) is not None:
            if done != "noted":
                self._held.discard(ticket_id)
            self.call_from_thread(self.tell, f"{done} {ticket_id}")
            self.call_from_thread(self.refresh_list)


_KEYS = [
    binding for binding in (*Inbox.BINDINGS, *Searching.BINDINGS) if isinstance(binding, Binding)
]

_OF_THE_LIST = {binding.action for binding in _KEYS}
