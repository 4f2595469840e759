"""The outbox's door: each record names one mail to send."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any

from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from helpdesk import batches, outbox, ports, telemetry
from helpdesk.composition import Parts
from helpdesk.outbox import Desk, Outbox, Sender
from helpdesk.settings import CourierSettings

SERVICE = "courier"

_now = partial(datetime.now, UTC)


@dataclass(frozen=True, slots=True)
class Needs:
    """What sending needs from outside."""

    outbox: Outbox
    tickets: ports.Tickets
    escalations: ports.Queue
    sender: Sender
    desk: Desk
    max_receives: int


@cache
def needs() -> Needs:
    """Compose what is needed, once."""
    settings = CourierSettings.from_env()
    parts = Parts.of_settings(settings)
    return Needs(
        outbox=parts.tickets.outbox,
        tickets=parts.tickets,
        escalations=parts.queue("escalation"),
        sender=parts.sender(settings.smtp_url, events=settings.mail_events),
        desk=Desk(settings.mailbox, settings.mail_display_name, settings.mail_secret),
        max_receives=settings.max_receives,
    )


def handler(event: dict[str, Any], context: Any) -> Any:
    """Send a batch; only the mails that failed go back to the queue."""
    return batches.each(event, context, deliver, SERVICE)


def deliver(record: SQSRecord) -> None:
    """Send one mail. If the last attempt fails too, people get its ticket."""
    mail = outbox.read_message(record.body)
    attempt = int(record.attributes.approximate_receive_count)
    told = {"mail": mail, "attempt": attempt}
    log = telemetry.logger(SERVICE)
    try:
        outcome = outbox.deliver(
            mail,
            outbox=needs().outbox,
            tickets=needs().tickets,
            escalations=needs().escalations,
            sender=needs().sender,
            desk=needs().desk,
            clock=_now,
        )
    except ports.ConflictError:
        log.info("another courier has the mail", extra=told)
        raise
    except Exception:
        log.exception("sending failed", extra=told)
        telemetry.count(SERVICE, "MailFailures")
        if attempt >= needs().max_receives:
            outbox.give_up(
                mail,
                outbox=needs().outbox,
                tickets=needs().tickets,
                escalations=needs().escalations,
                clock=_now,
            )
        raise
    telemetry.count(SERVICE, f"Mail{outcome.title()}")
    telemetry.tell(SERVICE, outcome, **told)
