"""The outbox in memory: mails in a dictionary, stored in the step of their change."""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from helpdesk import outbox
from helpdesk.outbox import Correspondence, Outbound, Overdue
from helpdesk.ports import ConflictError, Letter, Queue, QueueUnavailableError
from helpdesk.ticket import Change

HOLD = timedelta(seconds=60)
PATIENCE = timedelta(minutes=2)


class InMemoryOutbox:
    """Mails in a dictionary. `queue` gets a message for each, as after a commit."""

    def __init__(self, queue: Queue | None = None) -> None:
        self.mails: dict[str, Outbound] = {}
        self.known: dict[str, Correspondence] = {}
        self.queue = queue
        self._held: dict[str, datetime] = {}
        self._due: dict[str, tuple[datetime, int]] = {}
        self._sent: dict[tuple[str, object], int] = {}
        self._suppressed: set[str] = set()

    def store(self, change: Change, letter: Letter | None = None) -> None:
        """Store what leaves with a change, and what its letter says."""
        fresh = outbox.heard(letter, change.after) if letter else None
        if fresh:
            before = self.known.get(fresh.ticket_id)
            self.correspond(replace(fresh, answered=before.answered if before else 0))
        elif outbox.speaks(change) and change.after.id not in self.known:
            root = change.after
            members = map(self.known.get, sorted(root.merged))
            of_member = next(filter(None, members), None)
            if first := outbox.beside_a_page(root) or of_member:
                self.correspond(replace(first, ticket_id=root.id, answered=0))
        read = fresh or outbox.may_correspond(change.after)
        known = self.correspondence(change.after.id) if read else None
        self.add(outbox.outbound(change, known))

    def forget(self, ticket_id: str) -> None:
        """Forget the mails of a ticket that is erased."""
        self.known.pop(ticket_id, None)
        self.mails = {name: m for name, m in self.mails.items() if m.ticket_id != ticket_id}
        self._due = {name: due for name, due in self._due.items() if name in self.mails}

    def add(self, mails: tuple[Outbound, ...]) -> None:
        for each in mails:
            self.mails[each.id] = each
            self._due[each.id] = (each.created_at + PATIENCE, 0)
            if self.queue:
                with suppress(QueueUnavailableError):
                    self.queue.send(each.id)

    def correspond(self, known: Correspondence) -> None:
        self.known[known.ticket_id] = known

    def mail(self, ticket_id: str, number: int) -> Outbound | None:
        return self.mails.get(outbox.mail_id(ticket_id, number))

    def correspondence(self, ticket_id: str) -> Correspondence | None:
        found = self.known.get(ticket_id)
        gone = found is not None and found.customer.address in self._suppressed
        return replace(found, suppressed=found.suppressed or gone) if found else None

    def begin(self, mail: Outbound, now: datetime) -> Outbound:
        stored = self.mails[mail.id]
        if stored.ended_at or self._held.get(mail.id, now) > now:
            raise ConflictError(mail.id)
        self._held[mail.id] = now + HOLD
        self._due[mail.id] = (now + HOLD + PATIENCE, self._due[mail.id][1])
        self.mails[mail.id] = replace(stored, attempts=stored.attempts + 1, failed=None)
        return self.mails[mail.id]

    def take_place(self, mail: Outbound, known: Correspondence | None, now: datetime) -> str | None:
        if self.mails[mail.id].counted:
            return None
        today = (mail.recipient or "", now.date())
        why = outbox.why_silent(
            mail.recipient,
            known,
            on_ticket=known.answered if known else 0,
            to_sender_today=self._sent.get(today, 0),
        )
        if why is None:
            self._sent[today] = self._sent.get(today, 0) + 1
            if known:
                self.known[mail.ticket_id] = replace(known, answered=known.answered + 1)
            self.mails[mail.id] = replace(self.mails[mail.id], counted=True)
        return why

    def end(self, mail: Outbound) -> None:
        stored = self.mails.get(mail.id)
        if stored is None or stored.ended_at:
            raise ConflictError(mail.id)
        self.mails[mail.id] = replace(mail, counted=stored.counted)
        self._held.pop(mail.id, None)

    def suppress(self, address: str, now: datetime) -> None:
        self._suppressed.add(address)

    def overdue(self, now: datetime) -> list[Overdue]:
        late = [
            Overdue(self.mails[name], due, nudges)
            for name, (due, nudges) in self._due.items()
            if due <= now and self.mails[name].waits
        ]
        return sorted(late, key=lambda each: each.due)

    def oldest(self) -> datetime | None:
        return min((m.created_at for m in self.mails.values() if m.waits), default=None)

    def nudge(self, overdue: Overdue, now: datetime) -> None:
        if not self.mails[overdue.mail.id].waits:
            raise ConflictError(overdue.mail.id)
        self._due[overdue.mail.id] = (now + PATIENCE, overdue.nudges + 1)


if TYPE_CHECKING:
    from collections.abc import Callable

    _outbox: Callable[[], outbox.Outbox] = InMemoryOutbox
