"""The queue's door: each record is one ticket to answer or to hand to people."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from helpdesk import ports, processing, telemetry
from helpdesk.aws import clients
from helpdesk.aws.knowledge import DynamoKnowledge
from helpdesk.aws.models import PublishedModels
from helpdesk.aws.queues import SqsQueue
from helpdesk.aws.tickets import DynamoTickets
from helpdesk.contract import TicketMessage
from helpdesk.settings import WorkerSettings
from helpdesk.triage import Policy
from helpdesk.understanding.live import LiveUnderstander

SERVICE = "worker"

_now = partial(datetime.now, UTC)


@dataclass(frozen=True, slots=True)
class Room:
    """What processing needs from outside."""

    tickets: ports.Tickets
    articles: ports.Articles
    escalations: ports.Queue
    understander: ports.Understander
    policy: Policy
    max_receives: int


@cache
def room() -> Room:
    """Wire the adapters, once, at the first batch."""
    settings = WorkerSettings.from_env()
    knowledge = clients.table(settings.knowledge_table)
    models = PublishedModels(clients.s3(), settings.bucket, knowledge)
    return Room(
        tickets=DynamoTickets(clients.table(settings.tickets_table), patience=settings.patience),
        articles=DynamoKnowledge(knowledge),
        escalations=SqsQueue(clients.sqs(), settings.escalation_queue_url),
        understander=LiveUnderstander(models, clock=_now),
        policy=Policy(floor=settings.answer_floor, margin=settings.answer_margin),
        max_receives=settings.max_receives,
    )


def handler(event: dict[str, Any], context: Any) -> Any:
    """Process a batch; only the records that failed go back to the queue."""
    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    try:
        return process_partial_response(
            event=event, record_handler=process, processor=processor, context=context
        )
    finally:
        telemetry.flush(SERVICE)


def process(record: SQSRecord) -> None:
    """Process one record. At the last attempt a person gets the ticket before it fails."""
    ticket_id = TicketMessage.model_validate_json(record.body).ticket
    log = telemetry.logger(SERVICE)
    try:
        outcome, ticket = processing.process(
            ticket_id,
            tickets=room().tickets,
            articles=room().articles,
            understander=room().understander,
            escalations=room().escalations,
            policy=room().policy,
            clock=_now,
        )
    except ports.ErasedError:
        log.info("erased meanwhile", extra={"ticket": ticket_id})
        return
    except Exception:
        attempt = int(record.attributes.approximate_receive_count)
        log.exception("processing failed", extra={"ticket": ticket_id, "attempt": attempt})
        telemetry.count(SERVICE, "Failures")
        if attempt >= room().max_receives:
            processing.give_up(
                ticket_id,
                tickets=room().tickets,
                escalations=room().escalations,
                clock=_now,
            )
        raise
    log.info(outcome, extra={"ticket": ticket_id, "reason": ticket.reason})
    telemetry.count(SERVICE, "".join(map(str.title, outcome.split("_"))))
