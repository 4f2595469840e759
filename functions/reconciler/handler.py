"""The clock's door: once a minute, find the tickets whose queue messages were lost."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any

from helpdesk import desk, telemetry
from helpdesk.composition import Parts
from helpdesk.settings import ReconcilerSettings

SERVICE = "reconciler"


@dataclass(frozen=True, slots=True)
class Needs:
    """What reconciling needs from outside."""

    tickets: desk.Tickets
    intake: desk.Queue
    escalations: desk.Queue


@cache
def needs() -> Needs:
    """Compose what is needed, once, at the first run."""
    parts = Parts.of_settings(ReconcilerSettings.from_env())
    return Needs(
        tickets=parts.tickets,
        intake=parts.queue("intake"),
        escalations=parts.queue("escalation"),
    )


def handler(_event: Any, _context: Any) -> dict[str, int]:
    """Reconcile table and queues; return the counts."""
    with telemetry.reporting(SERVICE):
        found = asdict(
            desk.reconcile(
                tickets=needs().tickets,
                intake=needs().intake,
                escalations=needs().escalations,
                clock=partial(datetime.now, UTC),
            )
        )
    telemetry.logger(SERVICE).info("reconciled", extra=found)
    for name, value in found.items():
        telemetry.count(SERVICE, "".join(map(str.title, name.split("_"))), value)
    telemetry.flush(SERVICE)
    return found
