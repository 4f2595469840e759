"""The reply editor: the conversation next to the reply, which is saved while it is typed.

The editor is there at once. However slow the network is, keys that are typed go to the text.
"""

from collections.abc import Callable
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING, ClassVar

from helpdesk.agents import Dossier, EvidenceChangedError
from helpdesk.ticket import (
    IllegalMoveError,
    LeaseError,
    NewsError,
    StaleDraftError,
    State,
    Ticket,
)
from textual import events, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Footer, Static

from agent_cli import render
from agent_cli.approving import draft_told
from agent_cli.drafts import Drafts
from agent_cli.inbox import moves
from agent_cli.inbox.asking import Calls
from agent_cli.inbox.offers import Offers
from agent_cli.inbox.said import SaidSoFar
from agent_cli.inbox.writing import Writing, typed
from agent_cli.outgoing import Outgoing, Stage
from agent_cli.words import drafted
from agent_cli.words.facts import to_the_customer

if TYPE_CHECKING:
    from helpdesk.agents import Arranger
    from textual.timer import Timer

PAUSE = 0.4
"""Seconds without a key after which the text is saved."""

READING = 0.5
"""Seconds for which Ctrl+S does nothing after news was shown: the key was pressed before it."""


class Reply(Offers):
    """Writes the reply to one ticket; gives the ticket if the reply was sent.

    If replies wait for the time `undo`, gives the reply instead. One that was taken back is
    `resumed`, and so is a draft that the agent edits.

    `dossier` is what was on the screen when the agent began, if it was there already. `canned` are
    the names of the canned replies that the text was made from; the screen adds to them. Another
    message on an answered ticket needs no lease: `spared` is called if the ticket is not taken.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "send", "Send"),
        Binding("f2", "suggest", "Suggestions"),
        Binding("f3", "canned", "Canned"),
        Binding("f4", "preview", "Preview"),
        Binding("f5", "whole", "Whole"),
        Binding("escape", "back", "Back, text is kept"),
    ]

    def __init__(
        self,
        ticket_id: str,
        dossier: Dossier | None,
        drafts: Drafts,
        calls: Calls,
        *,
        canned: set[str],
        spared: Callable[[], None],
        undo: timedelta,
        resumed: Outgoing | None,
    ) -> None:
        super().__init__(ticket_id, dossier, calls, canned=canned)
        self.stage = Stage.TAKING
        self._drafts = drafts
        self._spared = spared
        self._undo = undo
        self._resumed = resumed
        self.adds = False
        """Whether this is another message on an answered ticket."""
        shown = dossier.ticket.messages if dossier else None
        self._seen = self._began = resumed.seen if resumed else shown
        self._told_at = -READING
        self._intent = resumed.intent if resumed else None
        self.draft = resumed.draft if resumed else None
        """The draft that the text was made from, for as long as it can be sent."""
        self._anyway = False
        self._pause: Timer | None = None
        self._left = False

    @property
    def text(self) -> str:
        """What is written."""
        return self._area.text

    @property
    def fence(self) -> int | None:
        """The number of the lease under which the agent writes, while the agent has one."""
        lease = self.dossier.ticket.lease if self.dossier else None
        return lease.fence if lease and self.stage in {Stage.WRITING, Stage.SENDING} else None

    def compose(self) -> ComposeResult:
        """Lay out conversation and editor."""
        with Horizontal(id="reply"):
            yield SaidSoFar("F5", id="said")
            with Vertical(id="writing"):
                kept = self._drafts.read(self.ticket_id) or ""
                draft = self._resumed.typed if self._resumed else kept
                yield Writing(draft, id="text", soft_wrap=True)
                with VerticalScroll(id="preview"):
                    yield Static(id="shown")
                yield Static(id="hint")
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        """Begin to write, behind what was written before, and take the ticket meanwhile."""
        self.query_one("#preview").display = False
        self._area.move_cursor(self._area.document.end)
        self.set_focus(self._area)
        self._converse()
        self.take()

    def on_key(self, event: events.Key) -> None:
        """Let keys that write go to the text, also if the focus is elsewhere."""
        if text := "\n" if event.key == "enter" else typed(event):
            event.stop()
            event.prevent_default()
            if not self._area.display:
                self.action_preview()
            self.set_focus(self._area)
            self._area.type(text)

    def _converse(self) -> None:
        """Show the conversation; what was said since the agent began is new."""
        if self.dossier is not None:
            began = self._began or self.dossier.ticket.messages
            messages = self.dossier.conversation.messages
            self.query_one(SaidSoFar).show(messages, began, self.draft)

    # --- having the ticket ---

    def take(self) -> None:
        """Take the ticket, while the agent writes already."""
        self.stage = Stage.TAKING
        self.hint("taking the ticket … · you can write already")
        # The move goes on if the agent leaves, so it is no worker of this screen.
        self.app.run_worker(self._take(), group="do")

    async def _take(self) -> None:
        taken = await self._calls.move(
            lambda at: moves.to_write(at, self.ticket_id), refused=self.stopped
        )
        if taken is not None and taken.ticket.state is State.ANSWERED:
            self._spared()
        if taken is not None and not self._left:
            self.stage = Stage.WRITING
            self.adds = taken.ticket.state is State.ANSWERED
            self._known(taken)
            if self._seen is None:
                self._seen = self._began = taken.ticket.messages
            self._converse()
            if not self._any_news():
                another = "another message " if self.adds else ""
                another = f"from draft {self.draft.number} " if self.draft else another
                self.hint(f"{another}to {to_the_customer(taken)} · {self.ticket_id}")

    def stopped(self, why: str) -> None:
        """Say that the ticket is not the agent's, or no longer; the text is kept."""
        if self._left:
            return
        self.stage = Stage.STOPPED
        self.save()
        kept = " · your text is kept" if self.text.strip() else ""
        self.hint(f"{why} · Ctrl+S takes the ticket again{kept}", bad=True)

    def heard_of(self, ticket: Ticket) -> None:
        """Take note of the ticket as a list shows it: if more was said, fetch it."""
        if self.dossier and ticket.messages > self.dossier.ticket.messages:
            self.look_again()

    @work(group="news", exclusive=True)
    async def look_again(self) -> None:
        """Fetch the conversation, which has gone on."""
        found = await self._calls.look(lambda at: at.show(self.ticket_id))
        if found is not None and self.stage is not Stage.SENT:
            self._known(found)
            self._converse()
            self._any_news()

    def _known(self, found: Dossier) -> None:
        if self.dossier is None or found.ticket.version >= self.dossier.ticket.version:
            self.dossier = found

    def _any_news(self) -> bool:
        """Say if the customer wrote after what the agent has seen."""
        known = self.dossier.ticket.messages if self.dossier else 0
        if self._seen is None or known <= self._seen or self.dossier is None:
            return False
        self.hint(f"{to_the_customer(self.dossier)} wrote again: see what is new", bad=True)
        return True

    # --- writing ---

    def on_text_area_changed(self) -> None:
        """Save the text at the next pause."""
        if self._pause:
            self._pause.stop()
        self._pause = self.set_timer(PAUSE, self.save)

    def save(self) -> None:
        """Save the text to disk."""
        text = self.text
        try:
            if text.strip():
                self._drafts.keep(self.ticket_id, text)
            else:
                self._drafts.drop(self.ticket_id)
        except OSError as error:
            self.hint(f"not saved: {error}", bad=True)

    def action_back(self) -> None:
        """Go back to the list; the text is kept."""
        if self.stage is Stage.SENDING:
            self.hint("still sending …", bad=True)
            return
        if self._pause:
            self._pause.stop()
        if self.stage is not Stage.SENT or self.text.strip():
            self.save()
        self._left = True
        self.dismiss(None)

    def action_preview(self) -> None:
        """Show the reply as its customer will see it, or the editor again."""
        area, preview = self._area, self.query_one("#preview")
        preview.display = not preview.display
        area.display = not preview.display
        if preview.display:
            self.query_one("#shown", Static).update(render.paragraph(self.text.strip()))
            self.hint("as the customer will see it · F4 goes back to writing")
        else:
            area.focus()

    def action_whole(self) -> None:
        """Show messages with their quotes and signatures, or without them again."""
        self.query_one(SaidSoFar).turn()

    # --- sending ---

    def action_send(self) -> None:
        """Send the reply, once; or take the ticket again if it is no longer the agent's."""
        if monotonic() - self._told_at < READING:
            return
        if self.stage is Stage.STOPPED:
            self.take()
        elif self.stage is Stage.TAKING:
            self.hint("still taking the ticket … · after that, Ctrl+S sends", bad=True)
        elif self.stage is Stage.WRITING:
            self.stage = Stage.SENDING
            self.save()
            self.hint("sending …")
            self._send(self.text)

    @work(group="send")
    async def _send(self, text: str) -> None:
        outgoing = Outgoing(
            ticket_id=self.ticket_id,
            typed=text,
            text=text,
            who=to_the_customer(self.dossier) if self.dossier else "",
            fence=self.fence,
            intent=self._intent,
            canned=frozenset(self._canned),
            seen=self._seen,
            adds=self.adds,
            draft=self.draft,
            anyway=self._anyway,
        )
        undo, draft = self._undo, self.draft

        def send(at: "Arranger") -> Ticket | Outgoing | Dossier | StaleDraftError | str:
            try:
                with draft_told(at, self.ticket_id, draft.number if draft else None):
                    return outgoing.checked(at, undo) if undo else outgoing.send(at)
            except NewsError:
                return at.show(self.ticket_id)
            except StaleDraftError as error:
                return error
            except (IllegalMoveError, LeaseError) as error:
                return str(error)

        sent = await self._calls.move(send, refused=self._refused)
        if isinstance(sent, Ticket):
            self._sent(sent, text)
        elif isinstance(sent, Outgoing):
            self._checked(sent)
        elif isinstance(sent, str):
            self.stopped(sent)
        elif isinstance(sent, StaleDraftError):
            self._ended(sent)
        elif sent is not None:
            self._ask(sent)

    def _ended(self, error: StaleDraftError) -> None:
        """Say why the draft was refused, and what the next Ctrl+S does."""
        self._told_at = monotonic()
        why, goes_on = str(error), "Ctrl+S sends your text as your own reply"
        if isinstance(error, EvidenceChangedError):
            self._anyway = True
            why = " · ".join(drafted.now(error))
            goes_on = "edit it, or Ctrl+S sends it anyway"
        elif self.draft and not self.draft.ready and self.text.strip() == self.draft.text.strip():
            goes_on = "edit it first"
        else:
            self.draft = None
            self._converse()
        self._refused(f"not sent: {why} · {goes_on}")

    def _checked(self, outgoing: Outgoing) -> None:
        """Leave, for the reply can be sent; if the agent typed on meanwhile, nothing is sent."""
        if self.text != outgoing.typed:
            self.stage = Stage.WRITING
            self.hint("not sent yet: you typed more · Ctrl+S sends all of it", bad=True)
            return
        if self._pause:
            self._pause.stop()
        self._left = True
        self.dismiss(outgoing)

    def _ask(self, found: Dossier) -> None:
        """Show what the customer wrote meanwhile; the next Ctrl+S sends it anyway."""
        self.stage = Stage.WRITING
        self._told_at = monotonic()
        self._known(found)
        self._seen = found.ticket.messages
        self.draft = None  # it belonged to what was said before
        self._converse()
        who = to_the_customer(found)
        self.hint(f"not sent: {who} wrote again · Ctrl+S sends it anyway", bad=True)

    def _refused(self, why: str) -> None:
        self.stage = Stage.WRITING
        self.save()
        kept = " · your text is kept" if self.text.strip() else ""
        self.hint(f"{why}{kept}", bad=True)

    def _sent(self, ticket: Ticket, text: str) -> None:
        """Leave; what was typed while the reply was on its way is a draft, and stays."""
        self.stage = Stage.SENT
        if self._pause:
            self._pause.stop()
        rest = self.text.removeprefix(text)
        if not rest.strip():
            self._drafts.drop(self.ticket_id)
            self._left = True
            self.dismiss(ticket)
            return
        self._area.text = rest
        self._area.move_cursor(self._area.document.end)
        self.save()
        self.hint("sent · what you typed since is kept as a draft · Esc goes back", bad=True)
