"""What one agent does with tickets: take, answer, put aside, hand on, end."""

import random
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from helpdesk import access, ticket
from helpdesk.agents import composing, finding
from helpdesk.agents.overview import Dossier, Overview
from helpdesk.agents.ports import EscalationQueue, Received
from helpdesk.agents.signals import LEASE, Signals
from helpdesk.drafting import Draft
from helpdesk.moving import ATTEMPTS, persistently
from helpdesk.ports import ConflictError, NotFoundError
from helpdesk.ticket import (
    Agent,
    Change,
    IllegalMoveError,
    LeaseError,
    NotAllowedError,
    Source,
    Ticket,
)


@dataclass(frozen=True, kw_only=True)
class Workplace(Overview):
    """An agent at the desk.

    `conflicts` gets the id of every ticket that a colleague took first. `warn` gets a text if the
    queue refuses a call after the table took the move, which only delays a ticket, and if a reply
    was cleaned before it was sent. `lease` is how long the agent holds a ticket without a sign of
    life.
    """

    agent: Agent
    escalations: EscalationQueue
    conflicts: Callable[[str], None] = lambda _: None
    warn: Callable[[str], None] = lambda _: None
    lease: timedelta = LEASE

    @property
    def heartbeat(self) -> timedelta:
        """How often an agent who works on a ticket shows a sign of life."""
        return self.lease / 3

    @cached_property
    def signals(self) -> Signals:
        """The escalation queue, kept in step with the table."""
        return Signals(
            tickets=self.tickets,
            queue=self.escalations,
            clock=self.clock,
            warn=self.warn,
            lease=self.lease,
        )

    def next_waiting(self, *, department: str | None = None) -> Iterator[Ticket]:
        """Yield the tickets this agent may take, the next first."""
        return finding.next_waiting(self.agent, self.tickets, self.clock(), department=department)

    def take_next(self, *, department: str | None = None) -> Dossier | None:
        """Lease the most urgent waiting ticket, or return None when nothing waits.

        If a colleague takes the ticket first, the agent goes on to one of the next tickets. The
        more often this happens, the further down the agent looks, so that many agents at once do
        not all try to take the same ticket.
        """
        message: Received | None = None
        for _ in range(ATTEMPTS):
            lost = skip = 0
            for waiting in self.next_waiting(department=department):
                if skip:
                    skip -= 1
                    continue
                message = message or self.signals.receive()
                try:
                    self.tickets.commit(self._claim(waiting, message))
                except NotAllowedError:
                    self.signals.put_back(message)
                    raise
                except (ConflictError, IllegalMoveError, LeaseError):
                    self.conflicts(waiting.id)
                    lost += 1
                    skip = random.randrange(min(2**lost, 32))  # noqa: S311 -- nothing secret
                else:
                    return self.show(waiting.id)
            if not lost:
                break
        self.signals.put_back(message or self.signals.receive(), spare=True)
        return None

    def claim(self, ticket_id: str) -> Dossier:
        """Lease this ticket, or renew the lease on it.

        Raises NotFoundError, IllegalMoveError, LeaseError, NotAllowedError or ConflictError.
        """
        held = self.get(ticket_id).held_by(self.clock())
        message = None if held else self.signals.receive()
        try:
            change = self.move(ticket_id, lambda found: self._claim(found, message))
        except (IllegalMoveError, LeaseError, NotAllowedError, ConflictError):
            self.signals.put_back(message)
            raise
        if held:
            self.signals.hide(change.after.lease)
        return self.show(ticket_id)

    def extend(self, ticket_id: str, *, fence: int | None = None) -> Ticket:
        """Show a sign of life: the lease and the time for which the message is hidden start again.

        Raises NotFoundError, IllegalMoveError, LeaseError or ConflictError.
        """
        change = self.move(
            ticket_id,
            lambda found: ticket.extend(
                found, self.agent, now=self.clock(), length=self.lease, fence=fence
            ),
        )
        self.signals.hide(change.after.lease)
        return change.after

    def reply(
        self,
        ticket_id: str,
        text: str,
        *,
        fence: int | None = None,
        intent: str | None = None,
        canned: Collection[str] = (),
        seen: int | None = None,
        draft: Draft | None = None,
    ) -> Ticket:
        """Store the reply, then delete the queue message.

        `canned` names the canned replies it was made from: none of their placeholders may be left.
        `seen` is the number of the last message that the agent has seen: if more was said, nothing
        is stored. With None the reply is sent even if more was said. `draft` is the draft that it
        was made from; it must be the open one. Characters that steer the
        customer's screen are left out, and `warn` is told so. Sending the same reply again stores
        no second reply. Raises NotFoundError, TextError, PlaceholderError, IllegalMoveError,
        LeaseError, NewsError, StaleDraftError or ConflictError; then nothing was stored. After a
        crash in between, the agent who receives the message next deletes it.
        """
        text = self.ready(ticket_id, text, canned)
        try:
            change = self.move(
                ticket_id,
                lambda found: ticket.reply(
                    found,
                    self.agent,
                    text,
                    now=self.clock(),
                    fence=fence,
                    intent=intent,
                    seen=seen,
                    draft=draft,
                ),
            )
        except IllegalMoveError:
            if stands := self.said(ticket_id, text):
                return stands
            raise
        self.signals.settle(change.before)
        return change.after

    def note(self, ticket_id: str, text: str) -> Ticket:
        """Write something for colleagues. Raises NotFoundError, TextError or ConflictError."""
        return self.move(
            ticket_id, lambda found: ticket.note(found, self.agent, text, now=self.clock())
        ).after

    def release(self, ticket_id: str) -> Ticket:
        """Give a ticket back, so that the next agent can take it at once.

        Raises NotFoundError, IllegalMoveError, LeaseError or ConflictError.
        """
        change = self.move(
            ticket_id, lambda found: ticket.release(found, self.agent, now=self.clock())
        )
        self.signals.show_again(change)
        return change.after

    def transfer(
        self,
        ticket_id: str,
        *,
        to: str | None = None,
        department: str | None = None,
        note: str | None = None,
        override: bool = False,
    ) -> Ticket:
        """Give a ticket to a colleague or a department; its due time does not change.

        With `override`, leads may do so with a ticket that another agent holds. Raises
        NotFoundError, NotAllowedError, IllegalMoveError, LeaseError, TextError or ConflictError.
        """
        change = self.move(
            ticket_id,
            lambda found: ticket.transfer(
                found,
                self.agent,
                now=self.clock(),
                to=to,
                department=department,
                note=note,
                override=override,
            ),
        )
        self.signals.show_again(change)
        return change.after

    def snooze(self, ticket_id: str, until: datetime, *, note: str | None = None) -> Ticket:
        """Put a ticket aside until a moment, when the reconciler wakes it.

        Raises NotFoundError, IllegalMoveError, LeaseError, TextError or ConflictError.
        """
        change = self.move(
            ticket_id,
            lambda found: ticket.snooze(
                found, self.agent, until=until, now=self.clock(), note=note
            ),
        )
        self.signals.settle(change.before)
        return change.after

    def close(self, ticket_id: str, *, note: str | None = None) -> Ticket:
        """End a ticket without a reply, or after one.

        Raises NotFoundError, IllegalMoveError, LeaseError, TextError or ConflictError.
        """
        change = self.move(
            ticket_id,
            lambda found: ticket.close(found, self.agent, now=self.clock(), note=note),
        )
        self.signals.settle(change.before)
        return change.after

    def reopen(self, ticket_id: str, *, note: str | None = None) -> Ticket:
        """Let a done ticket wait again.

        Raises NotFoundError, IllegalMoveError, TextError or ConflictError.
        """
        change = self.move(
            ticket_id,
            lambda found: ticket.reopen(found, self.agent, now=self.clock(), note=note),
        )
        self.signals.send(ticket_id)
        return change.after

    def revoke_token(self, ticket_id: str) -> Ticket:
        """Make every token of a ticket useless, for example after one leaked. Agents still see it.

        Raises NotFoundError or ConflictError.
        """
        unknown, now = access.token_hash(access.new_token()), self.clock()
        change = self.move(
            ticket_id,
            lambda found: ticket.rekey(found, self.agent.name, unknown, until=now, now=now),
        )
        return change.after

    def facts(self, ticket_id: str) -> dict[str, str]:
        """Return what placeholders of canned replies stand for. Raises NotFoundError."""
        return composing.facts(self.get(ticket_id), self.agent)

    def canned(self, name: str, ticket_id: str) -> str:
        """Return a canned reply, filled in as far as the ticket allows. Raises NotFoundError."""
        return composing.canned(name, self.articles.canned(), self.facts(ticket_id))

    def all_canned(self, ticket_id: str) -> dict[str, str]:
        """Return all canned replies by name, filled in as `canned` does. Raises NotFoundError."""
        replies, known = self.articles.canned(), self.facts(ticket_id)
        return {name: composing.canned(name, replies, known) for name in replies}

    def ready(self, ticket_id: str, text: str, canned: Collection[str] = ()) -> str:
        """Return a text as its customer gets it; `warn` is told what was left out of it.

        Raises NotFoundError, TextError or PlaceholderError.
        """
        text = ticket.check_text(self._cleaned(text))
        if canned:
            replies = self.articles.canned()
            templates = (replies.get(name, "") for name in canned)
            composing.check_filled(text, templates, self.facts(ticket_id))
        return text

    def _cleaned(self, text: str) -> str:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        cleaned = composing.harmless(text)
        if steering := len(text) - len(cleaned):
            self.warn(
                f"{steering} invisible characters were left out of the reply: control characters "
                "or direction overrides"
            )
        return cleaned

    def get(self, ticket_id: str) -> Ticket:
        """Return a ticket as it is now. Raises NotFoundError."""
        found = self.tickets.get(ticket_id)
        if found is None:
            raise NotFoundError(f"no ticket {ticket_id}")
        return found

    def give_back(self, ticket_id: str) -> None:
        """Release a ticket that was taken for one reply only, if it is still the agent's."""
        found = self.tickets.get(ticket_id)
        if found and self.holds(found):
            with suppress(IllegalMoveError, LeaseError):  # it went to other hands meanwhile
                self.release(ticket_id)

    def holds(self, found: Ticket) -> bool:
        """Tell whether the agent's lease on a ticket is in force."""
        held = found.held_by(self.clock())
        return held is not None and held.agent == self.agent.name

    def move(self, ticket_id: str, move: Callable[[Ticket], Change]) -> Change:
        """Make a move, again if another one came first. Raises ConflictError if that goes on."""

        def attempt() -> Change:
            change = move(self.get(ticket_id))
            self.tickets.commit(change)
            return change

        return persistently(
            attempt,
            exhausted=f"ticket {ticket_id} keeps changing; try again",
            lost=lambda: self.conflicts(ticket_id),
        )

    def _claim(self, waiting: Ticket, message: Received | None) -> Change:
        receipt = message.receipt if message else None
        return ticket.claim(
            waiting, self.agent, now=self.clock(), length=self.lease, receipt=receipt
        )

    def said(self, ticket_id: str, text: str) -> Ticket | None:
        """Return the ticket if its last message is this text by this agent: it was sent before."""
        found = self.tickets.conversation(ticket_id)
        if found is None:
            return None
        last = found.messages[-1]
        sent = (last.source, last.author, last.text) == (Source.AGENT, self.agent.name, text)
        return found.ticket if sent else None
