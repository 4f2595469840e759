"""A batch of a queue, taken record by record: only the records that failed come again."""

from collections.abc import Callable
from typing import Any

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from helpdesk import telemetry


def each(
    event: dict[str, Any], context: Any, take: Callable[[SQSRecord], None], service: str
) -> Any:
    """Take each record of an event by `take`, then write the counters of `service`.

    Returns Lambda's answer, which names the records on which `take` raised; the queue sends those
    again. `context` is Lambda's.
    """
    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    try:
        return process_partial_response(
            event=event, record_handler=take, processor=processor, context=context
        )
    finally:
        telemetry.flush(service)
