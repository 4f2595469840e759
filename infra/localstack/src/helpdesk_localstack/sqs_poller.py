"""Event source mappings for SQS: long polling and MaximumConcurrency.

LocalStack polls from one thread, invokes one batch at a time, sleeps a second after each and up to
ten when idle, and ignores MaximumConcurrency. Here the queue is long-polled while a slot is free,
and batches run in threads that stay, one for each slot that was ever needed.
"""

from __future__ import annotations

import json
import logging
import queue
import threading
import time
from collections.abc import Callable
from typing import Any

from localstack.services.lambda_.event_source_mapping import esm_worker_factory
from localstack.services.lambda_.event_source_mapping.esm_worker import EsmWorker
from localstack.services.lambda_.event_source_mapping.event_processor import (
    PartialBatchFailureError,
)
from localstack.services.lambda_.event_source_mapping.pollers.poller import (
    parse_batch_item_failures,
)
from localstack.services.lambda_.event_source_mapping.pollers.sqs_poller import (
    SqsPoller,
    transform_into_events,
)

from helpdesk_localstack.direct_lambda import DirectLambda

LOG = logging.getLogger(__name__)

_LONG_POLL_SECONDS = 5
_RECEIVE_LIMIT = 10
_DEFAULT_CONCURRENCY = 5  # AWS starts with five pollers and scales from there


def install() -> None:
    """Use this poller for every mapping created from now on."""
    esm_worker_factory.SqsPoller = LongPoller
    stock = esm_worker_factory.EsmWorkerFactory.get_esm_worker

    def get_esm_worker(self: esm_worker_factory.EsmWorkerFactory) -> EsmWorker:
        worker = stock(self)
        if isinstance(worker.poller, LongPoller):
            scaling = worker.esm_config.get("ScalingConfig") or {}
            worker.poller.attach(worker, scaling.get("MaximumConcurrency") or _DEFAULT_CONCURRENCY)
            sender: Any = worker.poller.processor.sender
            sender.target_client = DirectLambda()
        return worker

    esm_worker_factory.EsmWorkerFactory.get_esm_worker = get_esm_worker


class _Threads:
    """Threads that handle batches: as many as were ever needed at once, none before."""

    def __init__(
        self, handle: Callable[[list[dict[str, Any]]], None], done: Callable[[], None]
    ) -> None:
        self._handle = handle
        self._done = done
        self._batches: queue.SimpleQueue[list[dict[str, Any]] | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._idle = self._count = 0

    def give(self, batch: list[dict[str, Any]]) -> None:
        """Have a batch handled by a thread that waits for one, or by a new one."""
        with self._lock:
            if self._idle:
                self._idle -= 1
            else:
                self._count += 1
                threading.Thread(target=self._work, name="sqs-batch", daemon=True).start()
        self._batches.put(batch)

    def dismiss(self) -> None:
        """Let every thread end once it is done."""
        with self._lock:
            for _ in range(self._count):
                self._batches.put(None)

    def _work(self) -> None:
        while (batch := self._batches.get()) is not None:
            self._handle(batch)
            with self._lock:
                self._idle += 1
            self._done()


class LongPoller(SqsPoller):
    """Polls one queue until its mapping is stopped."""

    _worker: EsmWorker
    _slots: threading.BoundedSemaphore

    def attach(self, worker: EsmWorker, concurrency: int) -> None:
        """Tell the poller whose it is and how many batches may be in flight."""
        self._worker = worker
        self._slots = threading.BoundedSemaphore(concurrency)

    def poll_events(self) -> None:
        """Called in a loop by the worker; returns when the mapping is stopped.

        Raises what receiving raises, which the worker logs and backs off from.
        """
        threads = _Threads(self._handle, self._slots.release)
        try:
            self._poll(threads)
        finally:
            threads.dismiss()

    def _poll(self, threads: _Threads) -> None:
        while not self._stopped():
            if not self._slots.acquire(timeout=1):
                continue
            try:
                messages = self._collect()
            except BaseException:
                self._slots.release()
                raise
            if not messages or self._stopped():
                self._put_back(messages)
                self._slots.release()
                continue
            threads.give(messages)

    def _stopped(self) -> bool:
        return self._worker._shutdown_event.is_set()

    def _put_back(self, messages: list[dict[str, Any]]) -> None:
        """A disabled mapping invokes nothing, even if its last poll still brought something."""
        for message in messages:
            self.source_client.change_message_visibility(
                QueueUrl=self.queue_url,
                ReceiptHandle=message["ReceiptHandle"],
                VisibilityTimeout=0,
            )

    def _collect(self) -> list[dict[str, Any]]:
        """One batch: what is there at once or, with a batching window, until full or over."""
        messages = self._receive(self.batch_size, _LONG_POLL_SECONDS)
        window_ends = time.monotonic() + self.maximum_batching_window
        while messages and len(messages) < self.batch_size:
            left = window_ends - time.monotonic()
            if left <= 0 or self._stopped():
                break
            messages += self._receive(self.batch_size - len(messages), min(1, left))
        return messages

    def _receive(self, at_most: int, wait_seconds: float) -> list[dict[str, Any]]:
        response = self.source_client.receive_message(
            QueueUrl=self.queue_url,
            MaxNumberOfMessages=min(at_most, _RECEIVE_LIMIT),
            WaitTimeSeconds=max(1, round(wait_seconds)),
            MessageAttributeNames=["All"],
            MessageSystemAttributeNames=["All"],
        )
        return list(response.get("Messages", []))

    def _handle(self, messages: list[dict[str, Any]]) -> None:
        try:
            self.handle_messages(messages)
        except Exception as error:
            LOG.info("batch from %s failed: %s", self.source_arn, error)

    def handle_messages(self, messages: list[dict[str, Any]]) -> None:
        """Invoke the function once with a batch, then delete what it does not report as failed.

        LocalStack's own version parses every body as JSON and writes it again, so that the function
        sees other bytes than were sent. Raises when the whole batch failed; it is not deleted then.
        """
        events = transform_into_events(messages)
        wanted = [event for event in events if self.filter_events([_with_parsed_body(event)])]
        wanted_ids = {event["messageId"] for event in wanted}
        self.delete_messages(messages, {event["messageId"] for event in events} - wanted_ids)
        if not wanted:
            return
        failed: set[str] = set()
        try:
            self.processor.process_events_batch(self.add_source_metadata(wanted))
        except PartialBatchFailureError as error:
            payload: Any = error.partial_failure_payload
            failed.update(parse_batch_item_failures(payload, wanted_ids))
        self.delete_messages(messages, wanted_ids - failed)


def _with_parsed_body(event: dict[str, Any]) -> dict[str, Any]:
    """Filter patterns look inside a JSON body."""
    try:
        return {**event, "body": json.loads(event["body"])}
    except ValueError:
        return event
