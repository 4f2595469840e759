"""The outbox: a reply waits some seconds on the agent's machine, and can be taken back meanwhile.

The text is a draft until it is sent, and the ticket is the agent's. So nothing is half sent if the
terminal dies. Leaving the inbox sends the waiting replies.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from math import ceil
from time import monotonic
from typing import TYPE_CHECKING

from helpdesk.agents import Arranger
from helpdesk.ticket import NewsError, Ticket
from textual import work

from agent_cli.approving import draft_told
from agent_cli.drafts import Drafts
from agent_cli.inbox.asking import AtWork
from agent_cli.inbox.searching import Searching
from agent_cli.outgoing import Outgoing
from agent_cli.seen import Seen

if TYPE_CHECKING:
    from helpdesk.drafting import Draft
    from textual.worker import Worker

OFTEN = 0.2
"""Seconds between two looks at the outbox."""

KEPT = " · your text is kept: r opens it"
"""What is said if a text of the agent was not sent; a draft as it is stands in its ticket."""

NAME = 20
"""Characters of a customer's name in the line above the list."""


class Sending(Searching):
    """Lists tickets, and sends replies after the time `undo`; see `Inbox` for the parameters."""

    def __init__(
        self,
        at_work: AtWork,
        drafts: Drafts,
        explain: Callable[[Exception], str | None],
        *,
        agent: str,
        clock: Callable[[], datetime],
        seen: Seen,
        rings: bool,
        undo: timedelta,
    ) -> None:
        super().__init__(at_work, explain, agent=agent, clock=clock, seen=seen, rings=rings)
        self.drafts = drafts
        self.undo = undo
        self.unsent: dict[str, str] = {}
        """Why replies were not sent, by ticket id."""
        self.on_the_way: dict[str, Worker[None]] = {}
        """The replies that are being sent and cannot be taken back."""
        self.held: set[str] = set()
        """The tickets that the agent may still hold."""
        self.canned: dict[str, set[str]] = {}
        """The canned replies that unsent texts were made from, by ticket id."""
        self.edits: dict[str, Draft] = {}
        """The drafts that unsent texts were made from, by ticket id."""
        self._outbox: dict[str, tuple[Outgoing, float]] = {}

    def on_mount(self) -> None:
        """Look at the outbox, again and again."""
        self.set_interval(OFTEN, self._send_due)

    def aim(self) -> str | None:
        """Return the ticket a key acts on: not one whose reply waits or is being sent."""
        ticket_id = super().aim()
        if ticket_id in self._outbox:
            self.tell("your reply to it is waiting · U takes it back")
        elif ticket_id in self.on_the_way:
            self.tell("its reply is being sent")
        else:
            return ticket_id
        return None

    def post(self, outgoing: Outgoing) -> None:
        """Put a reply into the outbox."""
        self.unsent.pop(outgoing.ticket_id, None)
        self.table.marked.discard(outgoing.ticket_id)
        self._outbox[outgoing.ticket_id] = outgoing, monotonic() + self.undo.total_seconds()
        self._tell_outbox()

    def take_back(self) -> Outgoing | None:
        """Take the reply out of the outbox that was written last, if one waits."""
        if not self._outbox:
            return None
        outgoing, _ = self._outbox.popitem()[1]
        self._tell_outbox()
        return outgoing

    def send_all(self) -> None:
        """Send the waiting replies at once."""
        for outgoing, _ in self._outbox.values():
            self._deliver(outgoing)
        self._outbox.clear()
        self._tell_outbox()

    async def all_sent(self) -> None:
        """Wait until every reply is sent or refused, and every other move is made."""
        for sending in list(self.on_the_way.values()):
            await sending.wait()
        await self.calls.finished()

    def _send_due(self) -> None:
        now = monotonic()
        due = [outgoing for outgoing, at in self._outbox.values() if at <= now]
        for outgoing in due:
            del self._outbox[outgoing.ticket_id]
            self._deliver(outgoing)
        if due or self._outbox:
            self._tell_outbox()

    def _tell_outbox(self) -> None:
        told: list[str] = []
        if self._outbox:
            outgoing, at = list(self._outbox.values())[-1]
            seconds = max(1, ceil(at - monotonic()))
            others = f" and {len(self._outbox) - 1} more" if len(self._outbox) > 1 else ""
            told = [
                f"reply to {outgoing.who[:NAME]}{others} is sent in {seconds} s",
                "U takes it back",
            ]
        self.say_outgoing(told)

    def _deliver(self, outgoing: Outgoing) -> None:
        self.on_the_way[outgoing.ticket_id] = self._send(outgoing)

    @work(group="do")
    async def _send(self, outgoing: Outgoing) -> None:
        ticket_id, draft = outgoing.ticket_id, outgoing.draft

        def send(at: Arranger) -> Ticket | str:
            try:
                with draft_told(at, ticket_id, draft.number if draft else None):
                    sent = outgoing.send(at)
            except NewsError:
                return f"{outgoing.who} wrote again"
            # In the thread of the call: it is so even if the inbox is gone meanwhile.
            if self.drafts.read(ticket_id) == outgoing.typed.strip():
                self.drafts.drop(ticket_id)
            return sent

        def refused(why: str) -> None:
            self.unsent[ticket_id] = why
            kept = self.drafts.read(ticket_id) is not None
            self.complain(f"not sent: {ticket_id}: {why}{KEPT if kept else ''}")

        sent = await self.calls.move(send, refused=refused)
        if sent is None and ticket_id not in self.unsent:
            return
        del self.on_the_way[ticket_id]
        if isinstance(sent, str):
            refused(sent)
        elif sent is not None:
            self.held.discard(ticket_id)
            self.canned.pop(ticket_id, None)
            self.edits.pop(ticket_id, None)
            self.notices.look_at(ticket_id, sent.messages)
            self.tell(f"sent: {ticket_id}")
            if self.list.text:
                self.moved(sent)
            self.refresh_list()
