"""The clock's door: once a minute, find what the queues lost, and count what happened."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any

from helpdesk import figures, files, ports, reconciling, telemetry
from helpdesk.composition import Parts
from helpdesk.notifying import Notices
from helpdesk.outbox import Outbox
from helpdesk.ports import QueueName
from helpdesk.settings import ReconcilerSettings
from helpdesk.ticket import Listing

SERVICE = "reconciler"


@dataclass(frozen=True, slots=True)
class Needs:
    """What reconciling needs from outside."""

    tickets: reconciling.OverdueTickets
    texts: ports.Texts
    queues: Mapping[QueueName, ports.Queue]
    files: files.Files
    scale: str
    outbox: Outbox
    mails: ports.Queue
    notices: Notices
    notices_queue: ports.Queue
    leads_are_told: bool
    days: figures.Days
    events: figures.Events


@cache
def needs() -> Needs:
    """Compose what is needed, once, at the first run."""
    settings = ReconcilerSettings.from_env()
    parts = Parts.of_settings(settings)
    return Needs(
        tickets=parts.tickets,
        texts=parts.texts,
        queues={name: parts.queue(name) for name in QueueName},
        files=parts.attachments,
        scale=settings.severity,
        outbox=parts.tickets.outbox,
        mails=parts.outbox_queue,
        notices=parts.tickets.notices,
        notices_queue=parts.notices_queue,
        leads_are_told=bool(parts.heard_by.hears),
        days=parts.figures,
        events=parts.tickets,
    )


def _measure(now: datetime) -> None:
    """Tell for how long the oldest of each kind waits, before a run that may fail begins."""
    tickets, outbox, notices = needs().tickets, needs().outbox, needs().notices
    oldest = {
        "OldestReceived": tickets.oldest(Listing.RECEIVED),
        "OldestEscalated": tickets.oldest(Listing.ESCALATED),
        "OldestMail": outbox.oldest(),
        "OldestNotice": notices.oldest() if needs().leads_are_told else None,
    }
    for name, seconds in reconciling.waits(oldest, now).items():
        telemetry.waited(SERVICE, name, seconds)
    telemetry.flush(SERVICE)


def handler(_event: Any, _context: Any) -> dict[str, int]:
    """Reconcile table and queues; return the counts."""
    with telemetry.reporting(SERVICE):
        clock = partial(datetime.now, UTC)
        _measure(clock())
        done = reconciling.reconcile(
            tickets=needs().tickets,
            texts=needs().texts,
            queues=needs().queues,
            clock=clock,
            files=needs().files,
            scale=needs().scale,
        )
        done.posted_again = reconciling.post_again(
            needs().outbox, post=needs().mails.send, clock=clock
        )
        if needs().leads_are_told:
            done.notified_again = reconciling.post_again(
                needs().notices, post=needs().notices_queue.send, clock=clock
            )
        found = asdict(done)
        figures.keep(days=needs().days, events=needs().events, clock=clock)
    for name, value in found.items():
        if value:  # a metric that is never anything but zero is charged all the same
            telemetry.count(SERVICE, telemetry.counter(name), value)
    telemetry.tell(SERVICE, "reconciled", **found)
    telemetry.flush(SERVICE)
    return found
