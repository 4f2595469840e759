"""Marked tickets: a key acts on all of them, after one question that says how many."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import ClassVar

from helpdesk.agents import Arranger
from helpdesk.ticket import Ticket
from textual import work
from textual.binding import Binding, BindingType

from agent_cli.inbox.prompts import Question
from agent_cli.inbox.reviewing import Reviewing

NAMED = 10
"""How many refused tickets are named at once."""


class Several(Reviewing):
    """Lists tickets that can be marked."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "mark", "Mark", show=False, priority=True),
    ]

    def action_mark(self) -> None:
        """Mark the ticket, or take its mark off: x, t, g and s act on all marked ones."""
        if self.aim():
            self.mark()

    def ask_for_marked(
        self,
        title: str,
        what: Callable[[Arranger, str, str], Ticket],
        done: str,
        *,
        hint: str,
        initial: str,
    ) -> None:
        """Ask once, saying how many, and do something to the tickets that are marked now."""
        ids = tuple(each.row.id for each in self.table.lines if each.row.id in self.table.marked)
        number = f"{len(ids)} marked {'ticket' if len(ids) == 1 else 'tickets'}"

        def then(said: str | None) -> None:
            if said is not None:
                self._do_each(done, ids, lambda at, each: what(at, each, said))

        accepts = f"does it to {number}"
        self.push_screen(
            Question(f"{title} · {number}", hint=hint, initial=initial, accepts=accepts), then
        )

    @work(group="do")
    async def _do_each(
        self, done: str, ids: Sequence[str], what: Callable[[Arranger, str], Ticket]
    ) -> None:
        """Do something to each ticket; a refused one is named and keeps its mark."""
        refused: list[str] = []
        doing = [
            self.calls.move(partial(_on, what, each), refused=partial(_note, refused, each))
            for each in ids
        ]
        moved = [each for each in await asyncio.gather(*doing) if each is not None]
        for each in moved:
            if done != "tagged":
                self.held.discard(each.id)
            self.moved(each)
        self.table.marked -= {each.id for each in moved}
        self.refresh_list()
        self.tell(f"{len(moved)} of {len(ids)} tickets {done}")
        if refused:
            more = f" · {len(refused) - NAMED} more keep their mark" if refused[NAMED:] else ""
            self.complain(f"not {done}: {' · '.join(refused[:NAMED])}{more}")


def _on(what: Callable[[Arranger, str], Ticket], ticket_id: str, at: Arranger) -> Ticket:
    return what(at, ticket_id)


def _note(refused: list[str], ticket_id: str, why: str) -> None:
    refused.append(f"{ticket_id}: {why}")
