"""The inbox's keys for finding tickets: search, full text, the next page, the first page.

A search looks at many tickets. It is made once, when the agent asks for it, and not with every look
at the list. Meanwhile the agent sees how far it is, and Esc gives it up.
"""

from dataclasses import replace
from typing import ClassVar

from textual.binding import Binding, BindingType

from agent_cli.inbox.lists import Shown
from agent_cli.inbox.looking import Looking
from agent_cli.inbox.prompts import Question


class Searching(Looking):
    """Lists tickets that can be searched, and read page by page."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", "Search", key_display="/", show=False, priority=True),
        Binding("f", "full_text", "Full text", show=False, priority=True),
        Binding("greater_than_sign", "more", "More", key_display="> <", show=False, priority=True),
        Binding("less_than_sign", "first", show=False, priority=True),
        Binding("escape", "stay", show=False, priority=True),
    ]

    def action_search(self) -> None:
        """Search all tickets: subject, id, name, address, reference; Esc gives up."""

        def search(said: str | None) -> None:
            self.turn_to(Shown(self.wanted.agent, self.wanted.view, said))

        self.push_screen(
            Question("Search all tickets for", hint="leave it empty to see the list"), search
        )

    def action_full_text(self) -> None:
        """Look for the searched words in every message, too."""
        if self.wanted.text:
            self.turn_to(replace(self.wanted, full_text=True, cursor=None))
        else:
            self.tell("search for something first, with /")

    def action_more(self) -> None:
        """Show the next page of the list, or the first one again."""
        if not self.settled:
            self.tell("not done: the list is about to change")
        elif self.page and self.page.cursor:
            self.turn_to(replace(self.list, cursor=self.page.cursor))
        else:
            self.tell("this is the last page")

    def action_first(self) -> None:
        """Go back to the first tickets of the list."""
        self.turn_to(replace(self.wanted, cursor=None))

    def action_stay(self) -> None:
        """Give up the list or search that is on its way, and stay with this list."""
        self.stay()
