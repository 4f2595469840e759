"""The mail queue's door: each message names a mail that came into the bucket."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any

import helpdesk.starting  # before everything that takes time to load
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from helpdesk import arrivals, batches, mail, preparing, telemetry
from helpdesk.arrivals import Came, Notice, Release
from helpdesk.composition import Parts
from helpdesk.customers import Terms
from helpdesk.figures import Kind, Tally
from helpdesk.limits import Gate
from helpdesk.receiving import Filing, Mailroom, Rules, Taken
from helpdesk.settings import MailSettings

SERVICE = "mail"


@dataclass(frozen=True, slots=True)
class Needs:
    """What taking mail needs from outside. `fetch` returns the mail that an object holds."""

    fetch: Callable[[str], bytes | None]
    mailroom: Mailroom
    tally: Tally


@cache
def needs() -> Needs:
    """Compose what is needed, once."""
    settings = MailSettings.from_env()
    parts = Parts.of_settings(settings)
    mailroom = Mailroom(
        tickets=parts.tickets,
        outbox=parts.tickets.outbox,
        filing=Filing(parts.attachments, parts.files, life=settings.raw_mail_life),
        gate=Gate(parts.rates, failed=partial(telemetry.limiter_failed, SERVICE)),
        threads=parts.mailbox,
        mailbox=parts.mailbox,
        texts=parts.texts,
        intake=parts.queue("intake"),
        escalations=parts.queue("escalation"),
        rules=Rules(
            mailbox=settings.mailbox,
            keys=mail.Keys(settings.mail_secret, settings.mail_secret_before),
            terms=Terms(
                token_life=settings.token_life,
                retention=settings.retention,
                calendar=settings.business_hours,
                scale=settings.severity,
            ),
            reopen_within=settings.reopen_within,
            held_for=settings.raw_mail_life,
            an_hour=settings.mails_per_hour,
        ),
    )
    uncounted = partial(telemetry.counting_failed, SERVICE)
    tally = Tally(Kind.MAIL, parts.figures, uncounted)
    return Needs(fetch=parts.mails.fetch, mailroom=mailroom, tally=tally)


def handler(event: dict[str, Any], context: Any) -> Any:
    """Take a batch of mails; only the records that failed go back to the queue."""
    return batches.each(event, context, process, SERVICE)


def process(record: SQSRecord) -> None:
    """Take what one record says. What fails too often becomes a dead letter."""
    try:
        match arrivals.read(record.body):
            case Came(keys):
                for key in keys:
                    take(key)
            case Notice(of, event):
                tell(needs().mailroom.hear(of, event, datetime.now(UTC)), notice=of)
            case Release(key, by):
                take(key, released_by=by)
    except Exception as error:
        attempt = int(record.attributes.approximate_receive_count)
        telemetry.logger(SERVICE).exception("mail not taken", extra={"attempt": attempt})
        telemetry.count(SERVICE, "Failures")
        needs().tally.fault(error, datetime.now(UTC))
        raise


def take(key: str, *, released_by: str | None = None) -> None:
    """Take one mail. One that is gone, because it was erased or is too old, is dropped."""
    raw = needs().fetch(key)
    if raw is None:
        telemetry.logger(SERVICE).warning("mail is gone", extra={"object": key})
        return
    room, now = needs().mailroom, datetime.now(UTC)
    taken = room.release(key, raw, now, by=released_by) if released_by else room.take(key, raw, now)
    tell(taken, object=key, bytes=len(raw))


def tell(taken: Taken, **about: Any) -> None:
    """Log and count what became of a mail."""
    outcome = taken.outcome.value
    needs().tally.add(outcome, datetime.now(UTC))
    telemetry.count(SERVICE, "Mail" + telemetry.counter(outcome))
    telemetry.tell(SERVICE, outcome, ticket=taken.ticket_id, **about)


if helpdesk.starting.in_lambda():
    preparing.prepare(SERVICE, needs)
