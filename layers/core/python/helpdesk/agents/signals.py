"""The escalation queue's messages, kept in step with the tickets table.

A message only says that a ticket waits. If the queue refuses a call, a ticket is only delayed: the
reconciler finds it in the table and sends its message again.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from helpdesk.agents.ports import EscalationQueue, Received
from helpdesk.ports import QueueUnavailableError, Tickets
from helpdesk.ticket import Change, Lease, State, Ticket

LEASE = timedelta(minutes=15)
"""How long an agent holds a ticket without a sign of life, unless the stack says otherwise."""

LEASE_GRACE = timedelta(seconds=30)
"""How much longer the queue hides a claimed ticket's message than the lease lasts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signals:
    """Takes, hides, shows and settles messages; `warn` gets a text if the queue refuses a call.

    `lease` is how long an agent holds a ticket without a sign of life.
    """

    tickets: Tickets
    queue: EscalationQueue
    clock: Callable[[], datetime]
    warn: Callable[[str], None]
    lease: timedelta = LEASE

    def receive(self) -> Received | None:
        """Take the message of a waiting ticket; settle messages of tickets that no longer wait.

        A message whose ticket is unknown stays hidden and, in the end, becomes a dead letter.
        """
        with self._forgiving():
            while received := self.queue.receive(self.lease + LEASE_GRACE):
                found = self.tickets.get(received.ticket_id)
                if found is None:
                    if self.tickets.erased(received.ticket_id):
                        self.queue.delete(received.receipt)
                    continue
                if found.state is State.ESCALATED and found.snoozed_until is None:
                    return received
                self.queue.delete(received.receipt)
        return None

    def put_back(self, message: Received | None, *, spare: bool = False) -> None:
        """Show a message again that led to no ticket; later, if an agent holds its ticket.

        If no ticket waits, a message is `spare` if its ticket's holder has another message.
        """
        if message is None:
            return
        found = self.tickets.get(message.ticket_id)
        held = found.held_by(self.clock()) if found else None
        with self._forgiving():
            if held is None:
                self.queue.put_back(message.receipt)
            elif spare and held.receipt:
                self.queue.delete(message.receipt)
            else:
                self.queue.hide(message.receipt, held.until + LEASE_GRACE - self.clock())

    def hide(self, lease: Lease | None) -> None:
        """Hide the message of a lease that begins again."""
        if lease and lease.receipt:
            with self._forgiving():
                self.queue.hide(lease.receipt, self.lease + LEASE_GRACE)

    def settle(self, before: Ticket | None) -> None:
        """Delete the message of a ticket that was held and no longer waits."""
        if before and before.lease and before.lease.receipt:
            with self._forgiving():
                self.queue.delete(before.lease.receipt)

    def show_again(self, change: Change) -> None:
        """Show the message of a ticket that its agent gave up, or send one if there is none."""
        lease = change.before.lease if change.before else None
        if lease and lease.receipt:
            with self._forgiving():
                self.queue.put_back(lease.receipt)
        else:
            self.send(change.after.id)

    def send(self, ticket_id: str) -> None:
        """Say that a ticket waits."""
        with self._forgiving():
            self.queue.send(ticket_id)

    @contextmanager
    def _forgiving(self) -> Iterator[None]:
        try:
            yield
        except QueueUnavailableError as error:
            self.warn(f"the queue did not answer; the reconciler will repair this: {error}")
