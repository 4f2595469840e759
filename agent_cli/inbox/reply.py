"""The reply editor: the conversation next to the reply, which is saved while it is typed."""

from typing import TYPE_CHECKING, ClassVar

from helpdesk.agents import HEARTBEAT, Dossier
from rich.console import Group
from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import Screen
from textual.widgets import Footer, Static, TextArea

from agent_cli import render
from agent_cli.drafts import Drafts
from agent_cli.inbox.asking import Ask
from agent_cli.inbox.prompts import Choice
from agent_cli.words.facts import to_the_customer
from agent_cli.words.harmless import printable

if TYPE_CHECKING:
    from textual.timer import Timer

PAUSE = 0.4
"""Seconds without a key after which the text is saved."""


class Reply(Screen[bool]):
    """Writes the reply to a ticket that the agent holds; gives whether it was sent."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "send", "Send"),
        Binding("f2", "suggest", "Suggestions"),
        Binding("f3", "canned", "Canned"),
        Binding("f4", "preview", "Preview"),
        Binding("escape", "back", "Back, text is kept"),
    ]

    def __init__(self, dossier: Dossier, drafts: Drafts, ask: Ask) -> None:
        super().__init__()
        self.dossier = dossier
        self._drafts = drafts
        self._ask = ask
        self._intent: str | None = None
        self._from_canned: set[str] = set()
        self._pause: Timer | None = None
        self._sending = False

    @property
    def text(self) -> str:
        """What is written."""
        return self.query_one(TextArea).text

    def compose(self) -> ComposeResult:
        """Lay out conversation and editor."""
        ticket = self.dossier.ticket
        with Horizontal(id="reply"):
            with VerticalScroll(id="said", can_focus=True):
                yield Static(Group(*map(render.said, self.dossier.conversation.messages)))
            with Vertical(id="writing"):
                draft = self._drafts.read(ticket.id) or ""
                yield TextArea(printable(draft), id="text", soft_wrap=True)
                with VerticalScroll(id="preview"):
                    yield Static(id="shown")
                yield Static(id="hint")
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        """Begin to write, and to show signs of life."""
        self.query_one("#preview").display = False
        self.query_one("#said", VerticalScroll).scroll_end(animate=False)
        self.query_one(TextArea).focus()
        self.hint(f"to {to_the_customer(self.dossier)} · {self.dossier.ticket.id}")
        self.set_interval(HEARTBEAT.total_seconds(), self.beat)

    def hint(self, text: str, *, bad: bool = False) -> None:
        """Say something below the editor."""
        widget = self.query_one("#hint", Static)
        widget.update(render.line(text))
        widget.set_class(bad, "-bad")

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
                self._drafts.keep(self.dossier.ticket.id, text)
            else:
                self._drafts.drop(self.dossier.ticket.id)
        except OSError as error:
            self.hint(f"not saved: {error}", bad=True)

    def action_back(self) -> None:
        """Go back to the list; the text is kept."""
        self.save()
        self.dismiss(False)

    def action_preview(self) -> None:
        """Show the reply as its customer will see it, or the editor again."""
        area, preview = self.query_one(TextArea), self.query_one("#preview")
        preview.display = not preview.display
        area.display = not preview.display
        if preview.display:
            self.query_one("#shown", Static).update(render.paragraph(self.text.strip()))
            self.hint("as the customer will see it · F4 goes back to writing")
        else:
            area.focus()

    def action_suggest(self) -> None:
        """Choose a suggestion of the knowledge."""
        options = [
            (each.intent, Text(f"{each.probability:>4.0%}  {each.title}  (v{each.version})"))
            for each in self.dossier.suggestions
        ]
        if not options:
            self.hint("the knowledge suggests nothing here", bad=True)
            return
        self.app.push_screen(Choice("Replies the knowledge suggests", options), self._suggested)

    def _suggested(self, intent: str | None) -> None:
        for each in self.dossier.suggestions:
            if each.intent == intent:
                self._insert(each.text)
                self._intent = intent
                self.hint(f"from the article {each.intent}, version {each.version}")

    @work(thread=True, group="canned")
    def action_canned(self) -> None:
        """Choose a canned reply."""
        names = self._ask(lambda at: sorted(at.articles.canned()))
        if names is None:
            return
        if not names:
            self.app.call_from_thread(self.hint, "there are no canned replies", bad=True)
            return
        choice = Choice("Canned replies", [(name, render.line(name)) for name in names])
        self.app.call_from_thread(self.app.push_screen, choice, self._canned)

    @work(thread=True, group="canned")
    def _canned(self, name: str | None) -> None:
        if name is None:
            return
        text = self._ask(lambda at: at.canned(name, self.dossier.ticket.id))
        if text is not None:
            self._from_canned.add(name)
            self.app.call_from_thread(self._insert, text)

    def _insert(self, text: str) -> None:
        area = self.query_one(TextArea)
        area.insert(printable(text))
        area.focus()

    def action_send(self) -> None:
        """Send the reply, once."""
        if self._sending:
            return
        self._sending = True
        self.save()
        self.hint("sending …")
        self._send(self.text)

    @work(thread=True, group="send")
    def _send(self, text: str) -> None:
        ticket = self.dossier.ticket
        fence = ticket.lease.fence if ticket.lease else None
        sent = self._ask(
            lambda at: at.reply(
                ticket.id, text, fence=fence, intent=self._intent, canned=self._from_canned
            ),
            refused=self._refused,
        )
        if sent is not None:
            self._drafts.drop(ticket.id)
            self.app.call_from_thread(self._sent)

    def _sent(self) -> None:
        if self._pause:
            self._pause.stop()
        self.dismiss(True)

    def _refused(self, why: str) -> None:
        self._sending = False
        kept = " · your text is kept" if self.text.strip() else ""
        self.hint(f"{why}{kept}", bad=True)

    @work(thread=True, group="beat")
    def beat(self) -> None:
        """Show a sign of life, so that the lease goes on while the agent writes."""
        ticket = self.dossier.ticket
        fence = ticket.lease.fence if ticket.lease else None
        self._ask(lambda at: at.extend(ticket.id, fence=fence), refused=self._refused)
