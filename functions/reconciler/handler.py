"""The clock's door: once a minute, find what the queues lost."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any

from helpdesk import ports, reconciling, telemetry
from helpdesk.aws import clients
from helpdesk.aws.queues import SqsQueue
from helpdesk.aws.tickets import DynamoTickets
from helpdesk.ports import QueueName
from helpdesk.settings import ReconcilerSettings

SERVICE = "reconciler"


@dataclass(frozen=True, slots=True)
class Room:
    """What reconciling needs from outside."""

    tickets: reconciling.OverdueTickets
    queues: Mapping[QueueName, ports.Queue]


@cache
def room() -> Room:
    """Wire the adapters, once, at the first run."""
    settings = ReconcilerSettings.from_env()
    sqs = clients.sqs()
    return Room(
        tickets=DynamoTickets(clients.table(settings.tickets_table), patience=settings.patience),
        queues={
            QueueName.INTAKE: SqsQueue(sqs, settings.intake_queue_url),
            QueueName.ESCALATION: SqsQueue(sqs, settings.escalation_queue_url),
        },
    )


def handler(_event: Any, _context: Any) -> dict[str, int]:
    """Reconcile table and queues; return the counts."""
    with telemetry.reporting(SERVICE):
        found = asdict(
            reconciling.reconcile(
                tickets=room().tickets,
                queues=room().queues,
                clock=partial(datetime.now, UTC),
            )
        )
    telemetry.logger(SERVICE).info("reconciled", extra=found)
    for name, value in found.items():
        telemetry.count(SERVICE, "".join(map(str.title, name.split("_"))), value)
    telemetry.flush(SERVICE)
    return found
