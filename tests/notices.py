"""Notices in memory, stored in the step of their change, and a channel that keeps what it gets."""

from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from helpdesk import notifying
from helpdesk.notifying import Audience, Channel, Content, Notice, Overdue, Record
from helpdesk.ports import ConflictError, Queue, QueueUnavailableError
from helpdesk.ticket import Change

HOLD = timedelta(seconds=60)
PATIENCE = timedelta(minutes=2)


class InMemoryNotices:
    """Notices in a dictionary. `queue` gets a message for each that is told at once."""

    def __init__(self, heard_by: Audience = notifying.SILENCE, queue: Queue | None = None) -> None:
        self.heard_by = heard_by
        self.queue = queue
        self.notices: dict[str, Notice] = {}
        self.records: dict[Channel, Record] = {}
        self._held: dict[str, datetime] = {}
        self._due: dict[str, tuple[datetime, int]] = {}

    def store(self, change: Change) -> None:
        """Store what is told of a change."""
        for each in notifying.notices(change, self.heard_by):
            assert each.id not in self.notices, f"{each.id} is told twice"
            self.notices[each.id] = each
            self._due[each.id] = (each.due_at or each.created_at + PATIENCE, 0)
            if self.queue and each.due_at is None:
                with suppress(QueueUnavailableError):
                    self.queue.send(each.id)

    def forget(self, ticket_id: str) -> None:
        """Forget the notices of a ticket that is erased."""
        self.notices = {name: n for name, n in self.notices.items() if n.ticket_id != ticket_id}
        self._due = {name: due for name, due in self._due.items() if name in self.notices}

    def notice(self, notice_id: str) -> Notice | None:
        if notifying.named(notice_id) is None:
            raise ValueError(notice_id)
        return self.notices.get(notice_id)

    def begin(self, notice: Notice, now: datetime) -> Notice:
        stored = self.notices[notice.id]
        if stored.ended_at or self._held.get(notice.id, now) > now:
            raise ConflictError(notice.id)
        self._held[notice.id] = now + HOLD
        self._due[notice.id] = (now + HOLD + PATIENCE, self._due[notice.id][1])
        self.notices[notice.id] = replace(stored, attempts=stored.attempts + 1, failed=None)
        return self.notices[notice.id]

    def put_off(self, notice: Notice, until: datetime) -> None:
        self._expect_open(notice)
        self._held.pop(notice.id, None)
        self._due[notice.id] = (until + PATIENCE, self._due[notice.id][1])

    def end(self, notice: Notice) -> None:
        self._expect_open(notice)
        self.notices[notice.id] = notice
        self._held.pop(notice.id, None)
        if notice.sent_at:
            known = self.record(notice.channel)
            told = replace(known, sent=known.sent + 1, sent_at=notice.sent_at)
            self.records[notice.channel] = told

    def fail(self, notice: Notice, now: datetime) -> None:
        self._expect_open(notice)
        self.notices[notice.id] = notice
        self._held.pop(notice.id, None)
        known = self.record(notice.channel)
        self.records[notice.channel] = replace(
            known, failed=known.failed + 1, failed_at=now, fault=notice.failed
        )

    def _expect_open(self, notice: Notice) -> None:
        stored = self.notices.get(notice.id)
        if stored is None or stored.ended_at:
            raise ConflictError(notice.id)

    def record(self, channel: Channel) -> Record:
        return self.records.get(channel, Record(channel=channel))

    def switch_off(self, channel: Channel, place: str, now: datetime) -> None:
        self.records[channel] = replace(self.record(channel), off_at=now, place=place)

    def switch_on(self, channel: Channel) -> None:
        self.records[channel] = replace(self.record(channel), off_at=None, place=None)

    def overdue(self, now: datetime) -> list[Overdue]:
        late = [
            Overdue(self.notices[name], due, nudges)
            for name, (due, nudges) in self._due.items()
            if due <= now and self.notices[name].waits
        ]
        return sorted(late, key=lambda each: each.due)

    def oldest(self) -> datetime | None:
        waits = [each for each in self.notices.values() if each.waits]
        return min((each.due_at or each.created_at for each in waits), default=None)

    def nudge(self, overdue: Overdue, now: datetime) -> None:
        if not self.notices[overdue.id].waits:
            raise ConflictError(overdue.id)
        self._due[overdue.id] = (now + PATIENCE, overdue.nudges + 1)


@dataclass
class Board:
    """A channel that keeps what it gets. Each of `faults` is raised once, in its order."""

    place: str = "here"
    posted: list[tuple[str, Content]] = field(default_factory=list)
    faults: list[BaseException] = field(default_factory=list)
    then: BaseException | None = None

    def post(self, content: Content, *, message_id: str, now: datetime) -> None:
        if self.faults:
            raise self.faults.pop(0)
        self.posted.append((message_id, content))
        if self.then:
            fault, self.then = self.then, None
            raise fault

    @property
    def ids(self) -> list[str]:
        return [each for each, _ in self.posted]


if TYPE_CHECKING:
    from collections.abc import Callable

    _notices: Callable[[], notifying.Notices] = InMemoryNotices
    _post: Callable[[], notifying.Post] = Board
