"""The drafts' door: each record names a ticket whose draft an engine is to write."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from typing import Any

from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from helpdesk import batches, redrafting, telemetry
from helpdesk.composition.engine import DrafterParts
from helpdesk.contract import TicketMessage
from helpdesk.drafting import Engine
from helpdesk.redrafting import Outcome
from helpdesk.settings import DrafterSettings

SERVICE = "drafter"

PAUSE = timedelta(seconds=20)
"""How long an engine that is not there is left alone."""

_now = partial(datetime.now, UTC)


@dataclass(frozen=True, slots=True)
class Needs:
    """What the drafter needs from outside. `engine` returns the one for a ticket, budgeted."""

    tickets: redrafting.DraftedTickets
    shelf: redrafting.Shelf
    engine: Callable[[str], Engine]
    hide: Callable[[str, timedelta], None]


@cache
def needs() -> Needs:
    """Compose what is needed, once."""
    settings = DrafterSettings.from_env()
    parts = DrafterParts.of_settings(settings)
    return Needs(
        tickets=parts.tickets,
        shelf=parts.shelf(_now),
        engine=parts.budgeted(settings, _now),
        hide=parts.queue("drafts").hide,
    )


def handler(event: dict[str, Any], context: Any) -> Any:
    """Take a batch; only what is to be repeated goes back to the queue."""
    return batches.each(event, context, take, SERVICE)


def take(record: SQSRecord) -> None:
    """Have the draft of one ticket written. The last attempt marks the draft that is there."""
    ticket_id = TicketMessage.model_validate_json(record.body).ticket
    attempt = int(record.attributes.approximate_receive_count)
    told: dict[str, Any] = {"ticket": ticket_id, "attempt": attempt}
    log = telemetry.logger(SERVICE)
    try:
        found = redrafting.redraft(
            ticket_id,
            tickets=needs().tickets,
            shelf=needs().shelf,
            engine=needs().engine(ticket_id),
            last=attempt >= redrafting.ATTEMPTS,
            now=_now(),
        )
    except redrafting.AgainError as error:
        log.info("the engine is not there now", extra=told | {"failure": str(error)})
        telemetry.count(SERVICE, "DraftAgain")
        needs().hide(record.receipt_handle, PAUSE)
        raise
    except Exception:
        log.exception("drafting failed", extra=told)
        telemetry.count(SERVICE, "Failures")
        raise
    _count(found)
    usage = {"read": found.usage.read, "written": found.usage.written, "calls": found.usage.calls}
    telemetry.tell(SERVICE, found.outcome, **told, **usage, failure=found.failure)


def _count(found: redrafting.Result) -> None:
    names = {
        Outcome.DRAFTED: "DraftWritten",
        Outcome.DEGRADED: "DraftDegraded",
        Outcome.STALE: "DraftStale",
    }
    if name := names.get(found.outcome):
        telemetry.count(SERVICE, name)
    usage = found.usage
    telemetry.engine_took(SERVICE, usage.read, usage.written, usage.microdollars)
