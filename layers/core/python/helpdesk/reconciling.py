"""What the clock does: find lost messages, wake snoozed tickets, end waits that are too long.

A table has a row for each thing that a ticket can wait for: which queue gets a message, and what
happens to a ticket that has waited too long. A new kind of waiting adds a row.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from helpdesk import ticket
from helpdesk.announcing import announced
from helpdesk.files import NO_FILES, Files, weighing
from helpdesk.ports import (
    ConflictError,
    Queue,
    QueueName,
    QueueUnavailableError,
    Texts,
    Tickets,
)
from helpdesk.ticket import Awaiting, Change, Listing, Ticket

NUDGES_BEFORE_GIVING_UP = 5
"""How often a received ticket's message is sent again before a person gets the ticket."""

RESEND_ANYWAY = timedelta(hours=1)
"""How long an overdue ticket may wait while its queue seems to hold a message for each ticket.

It doubles with every nudge, so that waiting tickets do not fill the queue with duplicates.
"""

RESEND_AT_LEAST_EVERY = timedelta(days=1)
"""How long that wait may become."""


WORTH_TELLING = timedelta(minutes=1)
"""How long the oldest of a kind waits before that is measured: no alarm may ask for less, and a
metric is charged by the hours in which it is told."""


@dataclass(frozen=True, slots=True)
class Overdue:
    """A ticket that waits for something which should have come by `due`.

    `nudges` counts the times its message was sent again.
    """

    ticket: Ticket
    awaiting: Awaiting
    due: datetime
    nudges: int


class OverdueTickets(Tickets, Protocol):
    """The tickets, by what they wait for."""

    def overdue(self, awaiting: Awaiting, now: datetime) -> Iterable[Overdue]:
        """Return the tickets for which this should have come by now, the oldest first."""

    def waiting(self, awaiting: Awaiting) -> int:
        """Count the tickets that wait for this."""

    def oldest(self, listing: Listing) -> datetime | None:
        """Return since when the first ticket of an open listing waits; may be seconds old."""

    def nudge(self, overdue: Overdue, now: datetime) -> None:
        """Count a nudge and put off the next one. Raises ConflictError if the ticket moved."""


@dataclass(slots=True)
class Reconciliation:
    """What one run of the reconciler found and did: counts of tickets, of mails and of notices."""

    overdue: int = 0
    sent_again: int = 0
    given_up: int = 0
    woken: int = 0
    posted_again: int = 0
    notified_again: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """What to do about tickets that wait for one thing.

    `queue` is the queue whose message they wait for; without one there is nothing to send again.
    After `nudges` messages without effect, `give_up` moves the ticket (None: never), and the queue
    `then` gets a message. `counted` names the count of a Reconciliation that grows by one. With
    `weighs`, what the ticket's files say counts when it is moved.
    """

    awaiting: Awaiting
    queue: QueueName | None = None
    nudges: int = 0
    give_up: Callable[..., Change] | None = None
    then: QueueName = QueueName.ESCALATION
    counted: str = "given_up"
    weighs: bool = False


TABLE = (
    Row(Awaiting.CHOICE, give_up=ticket.give_up_asking),
    Row(Awaiting.WAKING, give_up=ticket.wake, counted="woken"),
    Row(
        Awaiting.INTAKE,
        queue=QueueName.INTAKE,
        nudges=NUDGES_BEFORE_GIVING_UP,
        give_up=ticket.give_up,
        weighs=True,
    ),
    Row(Awaiting.ESCALATION, queue=QueueName.ESCALATION),
)


def reconcile(
    *,
    tickets: OverdueTickets,
    texts: Texts,
    queues: Mapping[QueueName, Queue],
    clock: Callable[[], datetime],
    files: Files = NO_FILES,
    scale: str = "",
) -> Reconciliation:
    """Deal with every ticket that waits too long, row by row of the table; return the counts.

    What the `files` of a ticket say that the worker could not look at may raise its level, by the
    tables of severity that `scale` changes.

    If a queue holds as many messages as tickets wait for it, the queue is only slow. Then nothing
    is sent, so that a backlog does not grow by itself. After RESEND_ANYWAY a message is sent all
    the same, because another ticket's duplicate may hide a missing message.
    """
    found = Reconciliation()
    for row in TABLE:
        queue = queues[row.queue] if row.queue else None
        overdue = list(tickets.overdue(row.awaiting, clock()))
        missing = 0
        if queue and overdue:
            found.overdue += len(overdue)
            missing = tickets.waiting(row.awaiting) - queue.depth()
        for late in overdue:
            if queue and missing <= 0 and clock() - late.due < _patience(late):
                continue
            with suppress(ConflictError, QueueUnavailableError):
                if row.give_up and late.nudges >= row.nudges:
                    change = row.give_up(late.ticket, now=clock())
                    if row.weighs:
                        said = weighing.all_texts(late.ticket.id, files)
                        change = ticket.with_files(change, said, scale=scale)
                    tickets.commit(announced(change, texts))
                    setattr(found, row.counted, getattr(found, row.counted) + 1)
                    queues[row.then].send(late.ticket.id)
                elif queue:
                    tickets.nudge(late, clock())
                    queue.send(late.ticket.id)
                    found.sent_again += 1
    return found


def waits(oldest: Mapping[str, datetime | None], now: datetime) -> dict[str, float]:
    """Return for how many seconds the oldest of each kind waits, by the name of its metric.

    Waits of less than WORTH_TELLING are left out, and so is a notice that is for later.
    """
    ages = {name: now - since for name, since in oldest.items() if since}
    return {name: age.total_seconds() for name, age in ages.items() if age >= WORTH_TELLING}


class Late(Protocol):
    """What should have left the house by now."""

    @property
    def id(self) -> str:
        """The id by which a queue message names it."""


class Leaving[L: Late](Protocol):
    """What has to leave the house: mails to customers, or notices to leads."""

    def overdue(self, now: datetime) -> Iterable[L]:
        """Return what should have left by now, the oldest first."""

    def nudge(self, overdue: L, now: datetime) -> None:
        """Count a nudge and put off the next one. Raises ConflictError if it moved on."""


def post_again[L: Late](
    leaving: Leaving[L], *, post: Callable[[str], None], clock: Callable[[], datetime]
) -> int:
    """Name to the queue everything that did not leave in time; return how many.

    The pause doubles each time, so that none of it fills the queue with duplicates.
    """
    posted = 0
    for late in list(leaving.overdue(clock())):
        with suppress(ConflictError, QueueUnavailableError):
            leaving.nudge(late, clock())
            post(late.id)
            posted += 1
    return posted


def _patience(late: Overdue) -> timedelta:
    """Return how long this ticket may wait while its queue seems complete."""
    doubled: int = 2**late.nudges
    return min(RESEND_ANYWAY * doubled, RESEND_AT_LEAST_EVERY)
