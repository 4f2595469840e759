"""The outbox's door: each record names one mail to send, or one notice to post."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from random import random
from typing import Any
from uuid import uuid4

from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from helpdesk import batches, notifying, outbox, ports, telemetry
from helpdesk.composition import Parts
from helpdesk.composition.channels import channels
from helpdesk.notifying import Channel, Notifier, Shows
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
    notifier: Notifier
    hide: Callable[[str, timedelta], None]


@cache
def needs() -> Needs:
    """Compose what is needed, once."""
    settings = CourierSettings.from_env()
    parts = Parts.of_settings(settings)
    sender = parts.sender(settings.smtp_url, events=settings.mail_events)
    return Needs(
        outbox=parts.tickets.outbox,
        tickets=parts.tickets,
        escalations=parts.queue("escalation"),
        sender=sender,
        desk=Desk(settings.mailbox, settings.mail_display_name, settings.mail_secret),
        max_receives=settings.max_receives,
        notifier=Notifier(
            notices=parts.tickets.notices,
            tickets=parts.tickets,
            posts=channels(settings, sender),
            bury=parts.notices_dead_letters.bury,
            clock=_now,
            jitter=random,
            shows=Shows.read(settings.notify_shows),
            page=settings.notify_page,
        ),
        hide=parts.notices_queue.hide,
    )


def handler(event: dict[str, Any], context: Any) -> Any:
    """Send a batch; only what failed goes back to its queue.

    With `{"test": CHANNEL}`, a lead tries a channel out; returns why it failed, or None.
    """
    if "test" in event:
        with telemetry.reporting(SERVICE):
            return {"fault": try_out(Channel(event["test"]))}
    return batches.each(event, context, take, SERVICE)


def take(record: SQSRecord) -> None:
    """Send what a record names. Raises ValueError if that is neither a mail nor a notice."""
    try:
        notice = notifying.read_message(record.body)
    except ValueError:
        deliver(record)
    else:
        notify(notice, record)


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


def notify(notice: str, record: SQSRecord) -> None:
    """Post one notice. One that must wait is hidden on its queue until its next attempt."""
    attempt = int(record.attributes.approximate_receive_count)
    told: dict[str, Any] = {"notice": notice, "attempt": attempt}
    log = telemetry.logger(SERVICE)
    try:
        outcome = needs().notifier.deliver(notice, attempt)
    except notifying.AgainError as error:
        seconds = int(error.after.total_seconds())
        log.info("the channel did not take it", extra=told | {"again_in": seconds})
        telemetry.count(SERVICE, "NoticeAgain")
        needs().hide(record.receipt_handle, error.after)
        raise
    except ports.ConflictError:
        log.info("another courier has the notice", extra=told)
        raise
    telemetry.count(SERVICE, f"Notice{telemetry.counter(outcome)}")
    telemetry.tell(SERVICE, outcome, **told)


def try_out(channel: Channel) -> str | None:
    """Post a sample to a channel; return why it was not taken, or None if it was."""
    notifier = needs().notifier
    fault = notifying.tried(
        notifier.posts.get(channel), message_id=f"test-{uuid4()}", now=_now(), page=notifier.page
    )
    telemetry.tell(SERVICE, "tried", channel=channel, taken=fault is None)
    return fault
