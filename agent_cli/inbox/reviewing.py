"""The inbox's keys for drafts: send one, edit it, dismiss it; see which tickets have one.

A key acts on the draft that is on the screen, by its number. If it ended meanwhile, nothing is sent
and the agent sees who ended it.
"""

from dataclasses import replace
from typing import ClassVar

from helpdesk.agents import Dossier
from helpdesk.drafting import Draft
from textual import work
from textual.binding import Binding, BindingType

from agent_cli.approving import begun as begun_with
from agent_cli.approving import of_draft
from agent_cli.inbox import moves
from agent_cli.inbox.answering import Answering
from agent_cli.inbox.lists import REVIEW, WAITING, Shown
from agent_cli.outgoing import Outgoing


class Reviewing(Answering):
    """Lists tickets whose drafts can be sent."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "approve", "Approve", key_display="a e d", show=False, priority=True),
        Binding("e", "edit", show=False, priority=True),
        Binding("d", "dismiss", show=False, priority=True),
        Binding("R", "review", "Review", key_display="R k", show=False, priority=True),
        Binding("k", "category", show=False, priority=True),
    ]

    def action_approve(self) -> None:
        """Send the draft as it is; e edits it first, d dismisses it."""
        if found := self._with_draft():
            dossier, draft = found
            self.held.add(dossier.ticket.id)
            self._approve(of_draft(dossier, draft), draft)

    @work(group="do")
    async def _approve(self, sending: Outgoing, draft: Draft) -> None:
        sent = await self.calls.move(lambda at: moves.approve(at, sending, draft, self.undo))
        if sent is not None:
            self.written(sent)

    async def action_edit(self) -> None:
        """Edit the draft."""
        if found := self._with_draft():
            dossier, draft = found
            await self.write(dossier.ticket.id, self._edited(dossier, draft))

    def _edited(self, dossier: Dossier, draft: Draft) -> Outgoing:
        """Return the reply to go on with: what was made of the draft, or the draft below a text."""
        kept = self.drafts.read(dossier.ticket.id)
        made = self.edits.get(dossier.ticket.id)
        typed = begun_with(kept, draft, made_of=made.number if made else None)
        return replace(of_draft(dossier, draft), typed=typed, text=typed)

    def action_dismiss(self) -> None:
        """Put the draft away; the ticket still waits."""
        if found := self._with_draft():
            self._dismiss(found[0].ticket.id, found[1].number)

    @work(group="do")
    async def _dismiss(self, ticket_id: str, number: int) -> None:
        after = await self.calls.move(lambda at: moves.dismiss(at, ticket_id, number))
        if after is not None:
            self.tell(f"dismissed draft {number} of {ticket_id}")
            self.moved(after)
            self.refresh_list()

    def action_review(self) -> None:
        """Show the tickets with a draft, or all again; k: of one category."""
        back = self.wanted.view == REVIEW and not self.wanted.text
        self.turn_to(Shown(self.wanted.agent, WAITING if back else REVIEW))

    def action_category(self) -> None:
        """Show only the category of the ticket, or all of them again."""
        if self.wanted.category:
            self.turn_to(replace(self.wanted, category=None, cursor=None))
        elif self.wanted.text:
            self.tell("a search is of all categories")
        elif self.aim() and (line := self.table.under_cursor):
            category = line.row.category
            if category is None:
                self.tell("this ticket has no category yet")
            else:
                self.turn_to(replace(self.wanted, category=category, cursor=None))

    def _with_draft(self) -> tuple[Dossier, Draft] | None:
        """Return the ticket under the cursor with its draft, if both are on the screen."""
        ticket_id = self.aim()
        if ticket_id is None:
            return None
        shown = self.shown
        if shown is None or shown.ticket.id != ticket_id:
            self.tell("not done: the ticket is still loading")
        elif shown.draft is None:
            self.tell("no draft waits here")
        else:
            return shown, shown.draft
        return None
