"""The inbox's keys for finding tickets: search, full text, the next page, the first page."""

from dataclasses import replace
from typing import Any, ClassVar

from helpdesk.agents import Page
from textual.app import App
from textual.binding import Binding, BindingType

from agent_cli.inbox.lists import Shown
from agent_cli.inbox.prompts import Question


class Searching(App[list[str]]):
    """An app with a list that can be searched, and read page by page."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", "Search", key_display="/", show=False),
        Binding("f", "full_text", "Full text", show=False),
        Binding("greater_than_sign", "more", "More", key_display=">", show=False),
        Binding("less_than_sign", "first", "First", key_display="<", show=False),
    ]

    _list: Shown
    _page: Page | None = None

    def refresh_list(self) -> Any:
        """Read the list again."""
        raise NotImplementedError

    def refresh_view(self) -> None:
        """Read a view again; a search looks at many tickets, and is done once."""
        if not self._list.text:
            self.refresh_list()

    def action_search(self) -> None:
        """Search all tickets: subject, id, name, address, reference."""

        def search(said: str | None) -> None:
            self._list = Shown(self._list.agent, self._list.view, said)
            self.refresh_list()

        self.push_screen(Question("Search all tickets for", hint="empty for the list"), search)

    def action_full_text(self) -> None:
        """Look for the searched words in every message, too."""
        if self._list.text:
            self._list = replace(self._list, full_text=True, cursor=None)
            self.refresh_list()

    def action_more(self) -> None:
        """Go on to the next tickets of the list."""
        if self._page and self._page.cursor:
            self._list = replace(self._list, cursor=self._page.cursor)
            self.refresh_list()

    def action_first(self) -> None:
        """Go back to the first tickets of the list."""
        self._list = replace(self._list, cursor=None)
        self.refresh_list()
