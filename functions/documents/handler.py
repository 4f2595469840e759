"""The files' door: each record says that a customer's file came, was scanned, or is gone.

Leads have the documents of the desk read here too, by a call of their own.
"""

from base64 import b64decode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any

import helpdesk.starting  # before everything that takes time to load
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from helpdesk import batches, files, ports, preparing, telemetry
from helpdesk.composition import Parts
from helpdesk.figures import Kind, Tally
from helpdesk.settings import DocumentsSettings
from helpdesk_documents.isolation import read_in_child

SERVICE = "documents"

MOST_ANSWERED = 900_000
"""Characters that a lead is told of a document: a call's answer holds six million bytes."""

COUNTED = {files.Outcome.READ, files.Outcome.UNREAD, files.Outcome.REFUSED}
"""How a file can end: what comes between, or comes twice, is not counted by the day."""


@dataclass(frozen=True, slots=True)
class Needs:
    """What taking in files needs from outside."""

    register: files.Register
    vault: files.Vault
    tickets: ports.Tickets
    intake: ports.Queue
    scanned: bool
    languages: tuple[str, ...]
    tally: Tally


@cache
def needs() -> Needs:
    """Compose what is needed, once."""
    settings = DocumentsSettings.from_env()
    parts = Parts.of_settings(settings)
    return Needs(
        register=parts.attachments,
        vault=parts.files,
        tickets=parts.tickets,
        intake=parts.queue("intake"),
        scanned=bool(settings.malware_scan),
        languages=tuple(settings.ocr_languages.split(",")),
        tally=Tally(Kind.FILES, parts.figures, partial(telemetry.counting_failed, SERVICE)),
    )


def handler(event: dict[str, Any], context: Any) -> Any:
    """Take in a batch; only the records that failed go back to the queue.

    With `{"read": {"name": NAME, "content": BASE64}}`, a lead has a document read; returns its
    `text` and whether it is `cut`, or in a sentence `why` there is none.
    """
    if "read" in event:
        with telemetry.reporting(SERVICE):
            return read_for_lead(event["read"])
    return batches.each(event, context, process, SERVICE)


def process(record: SQSRecord) -> None:
    """Take in the files that one record names; what they are called is not logged."""
    for arrival in files.arrivals(record.body):
        about = {"ticket": arrival.ticket_id, "number": arrival.number}
        try:
            outcome = files.take_in(
                arrival,
                register=needs().register,
                vault=needs().vault,
                read=partial(read, languages=needs().languages),
                scanned=needs().scanned,
                tickets=needs().tickets,
                intake=needs().intake,
            )
        except Exception:
            attempt = int(record.attributes.approximate_receive_count)
            telemetry.logger(SERVICE).exception(
                "taking in failed", extra={**about, "attempt": attempt}
            )
            telemetry.count(SERVICE, "Failures")
            raise
        telemetry.count(SERVICE, telemetry.counter(outcome))
        if outcome in COUNTED:
            needs().tally.add(outcome, datetime.now(UTC))
        telemetry.tell(SERVICE, outcome, **about)


def read_for_lead(asked: dict[str, Any]) -> dict[str, Any]:
    """Read a document of the desk; nothing of it is kept or logged."""
    content, name = b64decode(asked["content"], validate=True), str(asked["name"])
    found = read(content, name, "", languages=needs().languages)
    return {
        "text": found.text[:MOST_ANSWERED],
        "cut": found.cut or len(found.text) > MOST_ANSWERED,
        "why": found.why.text if found.why else None,
    }


def read(content: bytes, name: str, declared: str, *, languages: Sequence[str]) -> files.Reading:
    """Read a file in a process of its own; one that is killed gives a reason, as others do."""
    found = read_in_child(content, name, declared, languages=languages)
    return files.Reading(
        text=found.text,
        kind=found.kind,
        why=found.reason,
        named=found.named,
        pages=found.pages,
        cut=found.cut,
    )


if helpdesk.starting.in_lambda():
    preparing.prepare(SERVICE, needs)
