"""The conversation beside the reply that an agent writes."""

from collections.abc import Sequence

from helpdesk.drafting import Draft
from helpdesk.ticket import Message
from rich.console import Group
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from agent_cli import render


class SaidSoFar(VerticalScroll, can_focus=True):
    """The messages of a ticket, scrolled to the last one; `key` shows the whole of each."""

    def __init__(self, key: str, *, id: str) -> None:  # noqa: A002 -- as Textual has it
        super().__init__(id=id)
        self._key = key
        self._whole = False
        self._messages: Sequence[Message] = ()
        self._began = 0
        self._draft: Draft | None = None

    def compose(self) -> ComposeResult:
        """Make the page."""
        yield Static(Text("loading …", style="dim"), id="conversation")

    def show(self, messages: Sequence[Message], began: int, draft: Draft | None = None) -> None:
        """Show messages, those after number `began` as new; below them the draft that is edited."""
        self._messages, self._began, self._draft = messages, began, draft
        more = None if self._whole else self._key
        frames = (render.said(each, new=each.number > began, more=more) for each in messages)
        below = [render.draft(draft)] if draft else []
        self.query_one("#conversation", Static).update(Group(*frames, *below))
        self.call_after_refresh(self.scroll_end, animate=False)

    def turn(self) -> None:
        """Show all of each message, or again what agents see first."""
        self._whole = not self._whole
        if self._messages:
            self.show(self._messages, self._began, self._draft)
