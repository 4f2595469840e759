"""How the poller asks a queue, counted call by call, without LocalStack around it."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any

import pytest

from helpdesk_localstack import sqs_poller
from helpdesk_localstack.sqs_poller import LongPoller, _Threads

BATCH = 5


class Queue:
    """Answers each receive with the next of some batches, and stops the mapping after the last."""

    def __init__(self, *batches: int) -> None:
        self.waits: list[int] = []
        self.stopped = threading.Event()
        self._batches = list(batches)

    def receive_message(self, **asked: Any) -> dict[str, Any]:
        self.waits.append(asked["WaitTimeSeconds"])
        size = self._batches.pop(0)
        if not self._batches:
            self.stopped.set()
        return {"Messages": [{"ReceiptHandle": str(n)} for n in range(size)]}

    def change_message_visibility(self, **_: Any) -> None:
        """Messages of a stopped mapping are given back."""


def poller(queue: Queue, window: int = 0) -> tuple[LongPoller, list[int]]:
    """A poller of that queue, and the sizes of the batches it hands on."""
    handled: list[int] = []
    made: Any = LongPoller.__new__(LongPoller)
    made.source_client, made.queue_url = queue, "queue"
    made.batch_size, made.maximum_batching_window = BATCH, window
    made.attach(SimpleNamespace(_shutdown_event=queue.stopped), 2)
    made.handle_messages = lambda messages: handled.append(len(messages))
    return made, handled


def test_an_idle_queue_is_asked_again_at_once_each_time_for_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """LocalStack's own poller sleeps between two looks, longer and longer."""
    slept: list[float] = []
    monkeypatch.setattr(sqs_poller.time, "sleep", slept.append)
    queue = Queue(0, 0, 0, 0, 0)
    found, _ = poller(queue)

    found.poll_events()

    assert queue.waits == [sqs_poller._LONG_POLL_SECONDS] * 5
    assert slept == []


def test_a_full_batch_does_not_wait_for_its_window() -> None:
    queue = Queue(BATCH, 0)
    found, _ = poller(queue, window=300)

    assert len(found._collect()) == BATCH
    assert len(queue.waits) == 1


def test_a_batch_that_is_not_full_waits_for_more_in_its_window() -> None:
    queue = Queue(2, 0, 3, 0)
    found, _ = poller(queue, window=300)

    assert len(found._collect()) == BATCH
    assert len(queue.waits) == 3


def test_batches_run_at_once_in_threads_that_stay() -> None:
    """As many as were ever needed; each batch once, and each slot given back."""
    busy, done, free = threading.Barrier(3), [], threading.Semaphore(0)
    used: set[int] = set()

    def handle(batch: list[dict[str, Any]]) -> None:
        used.add(threading.get_ident())
        done.append(batch[0]["n"])
        if batch[0]["n"] < 2:
            busy.wait(10)

    threads = _Threads(handle, free.release)
    threads.give([{"n": 0}])
    threads.give([{"n": 1}])
    busy.wait(10)
    for _ in range(2):
        assert free.acquire(timeout=10)
    for number in range(2, 20):
        threads.give([{"n": number}])
        assert free.acquire(timeout=10)
    assert sorted(done) == list(range(20))
    assert len(used) == 2
    threads.dismiss()
