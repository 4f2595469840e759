"""The queue's door: each record names one ticket to answer or to hand to people."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from random import SystemRandom
from typing import Any

import helpdesk.starting  # before everything that takes time to load
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from helpdesk import batches, files, ports, preparing, processing, recognising, telemetry
from helpdesk.cases import Rules
from helpdesk.composition import language
from helpdesk.composition import records as composed
from helpdesk.composition.language import LanguageParts
from helpdesk.contract import TicketMessage
from helpdesk.drafting import Draft
from helpdesk.proposing import Propose, Proposer
from helpdesk.records import KeptRecords
from helpdesk.settings import WorkerSettings
from helpdesk.triage import Policy

SERVICE = "worker"

LONGEST_PAUSE = 0.2
"""Seconds before a ticket is tried again because another move came first."""

_now = partial(datetime.now, UTC)


@dataclass(frozen=True, slots=True)
class Needs:
    """What processing needs from outside."""

    tickets: recognising.BondedTickets
    articles: ports.Articles
    texts: ports.Texts
    escalations: ports.Queue
    understander: ports.Understander
    policy: Policy
    files: files.Files
    file_wait: timedelta
    rules: Rules
    scale: str
    propose: Propose
    drafts: ports.Queue | None
    records: KeptRecords
    reviewed: frozenset[str]
    max_receives: int


@cache
def needs() -> Needs:
    """Compose what is needed, once."""
    settings = WorkerSettings.from_env()
    parts = LanguageParts.of_settings(settings)
    return Needs(
        tickets=parts.tickets,
        articles=parts.articles,
        texts=parts.texts,
        escalations=parts.queue("escalation"),
        understander=parts.understander(_now),
        policy=Policy(floor=settings.answer_floor, margin=settings.answer_margin),
        files=parts.attachments,
        file_wait=settings.files_patience,
        rules=Rules(window=settings.cases_within),
        scale=settings.severity,
        propose=partial(_proposed, Proposer(parts.evidence(_now), parts.articles, _now)),
        drafts=parts.queue("drafts") if settings.drafts_queue_url else None,
        records=composed.records(settings, parts, partial(telemetry.lookup_failed, SERVICE)),
        reviewed=settings.review_categories,
        max_receives=settings.max_receives,
    )


def _proposed(write: Propose, *of: Any) -> Draft | None:
    """Return a first draft. A fault that keeps the desk from one keeps no ticket from people."""
    try:
        return write(*of)
    except Exception:
        telemetry.logger(SERVICE).exception("no draft")
        telemetry.count(SERVICE, "DraftsMissed")
        return None


def _pause() -> None:
    """Let another ticket of the same customer come first; each worker waits another time."""
    time.sleep(SystemRandom().uniform(0, LONGEST_PAUSE))


def prepare() -> None:
    """Load encoder, pipeline and model by understanding a text, before a customer waits for it."""
    preparing.prepare(SERVICE, lambda: needs().understander.understand("Where is my order?"))
    helpdesk.starting.endure_snapshots(language.disconnect)


def handler(event: dict[str, Any], context: Any) -> Any:
    """Process a batch; only the records that failed go back to the queue."""
    return batches.each(event, context, process, SERVICE)


def process(record: SQSRecord) -> None:
    """Process one record. If the last attempt fails too, the ticket is escalated to an agent."""
    ticket_id = TicketMessage.model_validate_json(record.body).ticket
    log = telemetry.logger(SERVICE)
    try:
        outcome, ticket = processing.process(
            ticket_id,
            tickets=needs().tickets,
            articles=needs().articles,
            texts=needs().texts,
            understander=needs().understander,
            escalations=needs().escalations,
            policy=needs().policy,
            clock=_now,
            files=needs().files,
            file_wait=needs().file_wait,
            rules=needs().rules,
            pause=_pause,
            scale=needs().scale,
            propose=needs().propose,
            drafts=needs().drafts,
            records=needs().records,
            reviewed=needs().reviewed,
        )
    except ports.ErasedError:
        log.info("erased before it was processed", extra={"ticket": ticket_id})
        return
    except Exception:
        attempt = int(record.attributes.approximate_receive_count)
        log.exception("processing failed", extra={"ticket": ticket_id, "attempt": attempt})
        telemetry.count(SERVICE, "Failures")
        if attempt >= needs().max_receives:
            processing.give_up(
                ticket_id,
                tickets=needs().tickets,
                texts=needs().texts,
                escalations=needs().escalations,
                clock=_now,
                files=needs().files,
                scale=needs().scale,
            )
        raise
    telemetry.count(SERVICE, telemetry.counter(outcome))
    telemetry.tell(SERVICE, outcome, ticket=ticket_id, reason=ticket.reason)


if helpdesk.starting.in_lambda():
    prepare()
