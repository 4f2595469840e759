"""Replies that wait some seconds in the console's process before they are sent.

Meanwhile the agent can take one back. The text is a draft on disk until it is sent, and the
ticket is the agent's: nothing is half sent if the process dies. When the console ends, it sends
the replies that wait.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from helpdesk.ticket import NewsError

from agent_cli.approving import draft_told
from agent_cli.desk import Desk
from agent_cli.drafts import Drafts
from agent_cli.outgoing import Outgoing
from agent_cli.seen import Seen
from agent_cli.words import faults

OFTEN = 0.2
"""Seconds between two looks at what is due."""

REMEMBERED = 500
"""Tickets of which the last sent text is known."""

type OpenDesk = Callable[[], AbstractContextManager[Desk]]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A reply that is sent at `due`, at the desk of the agent who wrote it."""

    outgoing: Outgoing
    due: datetime
    at_desk: OpenDesk


@dataclass(frozen=True, slots=True)
class Unsent:
    """A reply that was refused after it had waited, and why."""

    outgoing: Outgoing
    why: str


class Outbox:
    """The replies on their way. May be used by threads.

    `undo` is how long each waits; with none, replies are sent at once and never come here. `where`
    is the address of AWS in words, for faults.
    """

    def __init__(
        self,
        *,
        undo: timedelta,
        drafts: Drafts,
        seen: Seen,
        clock: Callable[[], datetime],
        where: str,
    ) -> None:
        self.undo = undo
        self._drafts, self._seen = drafts, seen
        self._clock, self._where = clock, where
        self._lock = threading.Lock()
        self._waiting: dict[str, Waiting] = {}
        self._sending: set[str] = set()
        self._unsent: dict[str, Unsent] = {}
        self._sent: dict[str, str] = {}

    # --- what pages ask ---

    def waiting(self, ticket_id: str) -> Waiting | None:
        """Return the reply to a ticket that waits."""
        with self._lock:
            return self._waiting.get(ticket_id)

    def all_waiting(self) -> tuple[Waiting, ...]:
        """Return the replies that wait, the first one first."""
        with self._lock:
            return tuple(self._waiting.values())

    def seconds_left(self, waiting: Waiting) -> int:
        """Return in how many seconds a reply is sent; at least 1."""
        return max(1, -int(-(waiting.due - self._clock()).total_seconds() // 1))

    def is_sending(self, ticket_id: str) -> bool:
        """Tell whether a reply to a ticket is being sent and cannot be taken back."""
        with self._lock:
            return ticket_id in self._sending

    def unsent(self) -> tuple[Unsent, ...]:
        """Return the replies that were refused after they had waited."""
        with self._lock:
            return tuple(self._unsent.values())

    def refused(self, ticket_id: str) -> Unsent | None:
        """Return why the last reply to a ticket was refused after it had waited."""
        with self._lock:
            return self._unsent.get(ticket_id)

    def has_sent(self, ticket_id: str, text: str) -> bool:
        """Tell whether a text is on its way to a ticket, or was the last one sent to it.

        A browser saves what is typed; its last request may come after the reply was sent.
        """
        with self._lock:
            return self._sent.get(ticket_id) == text.strip()

    # --- what agents do ---

    def post(self, outgoing: Outgoing, at_desk: OpenDesk) -> None:
        """Let a reply wait. It must be checked already, and its text be kept."""
        ticket_id = outgoing.ticket_id
        with self._lock:
            self._unsent.pop(ticket_id, None)
            self._waiting[ticket_id] = Waiting(outgoing, self._clock() + self.undo, at_desk)

    def take_back(self, ticket_id: str) -> Outgoing | None:
        """Take a reply back; None if none waits, for example because it was sent already."""
        with self._lock:
            taken = self._waiting.pop(ticket_id, None)
        return taken.outgoing if taken else None

    def forget(self, ticket_id: str) -> None:
        """Forget all of a ticket, for example one that is erased."""
        with self._lock:
            for kept in (self._waiting, self._unsent, self._sent):
                kept.pop(ticket_id, None)

    def note_sent(self, outgoing: Outgoing, messages: int) -> None:
        """Note that a reply was sent: its draft goes, unless more was written meanwhile."""
        ticket_id, text = outgoing.ticket_id, outgoing.typed.strip()
        with self._lock:
            self._unsent.pop(ticket_id, None)
            self._sent.pop(ticket_id, None)
            self._sent[ticket_id] = text
            while len(self._sent) > REMEMBERED:
                del self._sent[next(iter(self._sent))]
        if self._drafts.read(ticket_id) == text:
            self._drafts.drop(ticket_id)
        self._seen.note(ticket_id, messages)

    # --- sending ---

    def send_due(self) -> None:
        """Send the replies that have waited long enough."""
        self._send(lambda each: each.due <= self._clock())

    def send_all(self) -> None:
        """Send every reply that waits, at once."""
        self._send(lambda _: True)

    @contextmanager
    def open(self) -> Iterator[None]:
        """Send what is due in a thread of its own; at the end, send all that waits."""
        ended = threading.Event()

        def work() -> None:
            while not ended.wait(OFTEN):
                self.send_due()

        thread = threading.Thread(target=work, name="outbox")
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()
            self.send_all()

    def _send(self, wanted: Callable[[Waiting], bool]) -> None:
        with self._lock:
            due = [each for each in self._waiting.values() if wanted(each)]
            for each in due:
                del self._waiting[each.outgoing.ticket_id]
                self._sending.add(each.outgoing.ticket_id)
        for each in due:
            try:
                self._deliver(each)
            finally:
                with self._lock:
                    self._sending.discard(each.outgoing.ticket_id)

    def _deliver(self, each: Waiting) -> None:
        outgoing, draft = each.outgoing, each.outgoing.draft
        try:
            with each.at_desk() as desk:
                at = desk.workplace()
                with draft_told(at, outgoing.ticket_id, draft.number if draft else None):
                    sent = outgoing.send(at)
        except NewsError:
            self._refuse(outgoing, f"{outgoing.who} wrote again")
        except Exception as error:
            fault = faults.explained(error, self._where)
            if fault is None:
                logging.getLogger(__name__).exception("a reply was not sent")
            self._refuse(outgoing, fault.text if fault else "sending failed; the terminal says why")
        else:
            self.note_sent(outgoing, sent.messages)

    def _refuse(self, outgoing: Outgoing, why: str) -> None:
        """Keep a reply that was refused, and its text, unless the agent wrote another meanwhile."""
        if not outgoing.as_it_is and self._drafts.read(outgoing.ticket_id) is None:
            self._drafts.keep(outgoing.ticket_id, outgoing.typed)
        kept = replace(outgoing, anyway=False)
        with self._lock:
            self._unsent[outgoing.ticket_id] = Unsent(kept, why)
