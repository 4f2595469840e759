"""The inbox's keys that write to customers: reply, and undo while a reply waits."""

from dataclasses import replace

from helpdesk.ticket import Ticket

from agent_cli.approving import of_draft
from agent_cli.inbox.reply import Reply
from agent_cli.inbox.sending import Sending
from agent_cli.outgoing import Outgoing


class Answering(Sending):
    """Lists tickets that can be answered."""

    async def action_reply(self) -> None:
        """Take the ticket and write a reply, or write more on an answered one."""
        if ticket_id := self.aim():
            await self.write(ticket_id, self._begun(ticket_id))

    async def action_undo(self) -> None:
        """Take back the reply that is waiting to be sent, and continue writing it."""
        if outgoing := self.take_back():
            await self.write(outgoing.ticket_id, outgoing)
        else:
            self.tell("no reply is waiting to be sent")

    def _begun(self, ticket_id: str) -> Outgoing | None:
        """Return what the agent made of the draft on the screen and did not send, if anything."""
        made, kept, shown = self.edits.get(ticket_id), self.drafts.read(ticket_id), self.shown
        if made is None or kept is None or shown is None or shown.ticket.id != ticket_id:
            return None
        if shown.draft is None or shown.draft.number != made.number:
            return None
        return replace(of_draft(shown, shown.draft), typed=kept, text=kept)

    async def write(self, ticket_id: str, resumed: Outgoing | None) -> None:
        """Open the editor, with a reply that was begun or with the text that is kept."""
        self.held.add(ticket_id)
        if resumed and resumed.draft:
            self.edits[ticket_id] = resumed.draft
        shown = self.shown if self.shown and self.shown.ticket.id == ticket_id else None
        reply = Reply(
            ticket_id,
            shown,
            self.drafts,
            self.calls,
            canned=self.canned.setdefault(ticket_id, set()),
            spared=lambda: self.held.discard(ticket_id),
            undo=self.undo,
            resumed=resumed,
        )
        await self.push_screen(reply, lambda sent: self.written(sent, adds=reply.adds))

    def written(self, sent: Ticket | Outgoing | None, *, adds: bool = False) -> None:
        """Note what became of a reply: it waits to be sent, was sent, or is not sent yet.

        `adds` says that it is another message on an answered ticket.
        """
        if isinstance(sent, Outgoing):
            self.post(sent)
        elif sent:
            self.shifted()
            self.held.discard(sent.id)
            self.canned.pop(sent.id, None)
            self.edits.pop(sent.id, None)
            self.notices.look_at(sent.id, sent.messages)
            self.tell("sent")
            if adds:
                self.moved(sent)
            else:
                self.drop(sent)
        self.refresh_list()
