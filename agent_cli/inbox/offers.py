"""What the reply editor offers: suggestions of the knowledge, and canned replies."""

from helpdesk.agents import Dossier
from helpdesk.ticket import Ticket
from rich.text import Text
from textual import work
from textual.screen import Screen
from textual.widgets import Static

from agent_cli import render
from agent_cli.inbox import moves
from agent_cli.inbox.asking import Calls
from agent_cli.inbox.prompts import Choice
from agent_cli.inbox.writing import Writing
from agent_cli.outgoing import Outgoing


class Offers(Screen[Ticket | Outgoing]):
    """An editor of the reply to one ticket, with texts to choose from; see `Reply`."""

    def __init__(
        self, ticket_id: str, dossier: Dossier | None, calls: Calls, *, canned: set[str]
    ) -> None:
        super().__init__()
        self.ticket_id = ticket_id
        self.dossier = dossier
        self._calls = calls
        self._canned = canned
        self._intent: str | None = None

    @property
    def _area(self) -> Writing:
        return self.query_one(Writing)

    def hint(self, text: str, *, bad: bool = False) -> None:
        """Say something below the editor."""
        widget = self.query_one("#hint", Static)
        widget.update(render.line(text))
        widget.set_class(bad, "-bad")

    def action_suggest(self) -> None:
        """Choose a suggestion of the knowledge."""
        if self.dossier is None:
            self.hint("the suggestions are still loading", bad=True)
            return
        suggestions = self.dossier.suggestions
        options = [
            (each.intent, Text(f"{each.probability:>4.0%}  {each.title}  (v{each.version})"))
            for each in suggestions
        ]
        if not options:
            self.hint("there are no suggestions for this ticket", bad=True)
            return

        def chosen(intent: str | None) -> None:
            for each in suggestions:
                if each.intent == intent:
                    self._area.type(each.text)
                    self._intent = intent
                    self.hint(f"from the article {each.intent}, version {each.version}")

        self.app.push_screen(Choice("Suggested replies", options), chosen)

    def action_canned(self) -> None:
        """Choose a canned reply."""
        choice = Choice("Canned replies", None)
        texts: dict[str, str] = {}

        def chosen(name: str | None) -> None:
            if name:
                self._area.type(texts[name])
                self._canned.add(name)

        self.app.push_screen(choice, chosen)
        self._fetch_canned(choice, texts)

    @work(group="canned", exclusive=True)
    async def _fetch_canned(self, choice: Choice, texts: dict[str, str]) -> None:
        """Fetch every canned reply, filled in for this ticket, so that choosing takes no time."""
        found = await self._calls.look(
            lambda at: moves.canned(at, self.ticket_id), refused=choice.fail
        )
        if found is not None:
            texts |= found
            choice.offer([(name, render.line(name)) for name in sorted(found)])
