"""Logs of functions, stored a few times a second instead of once for every invocation.

LocalStack has a thread for each version of a function, which calls CloudWatch Logs over HTTP after
every invocation. One thread stores what came in the meantime, one call for each log stream. Metric
filters see the same lines.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from localstack.aws.connect import connect_to
from localstack.services.lambda_.invocation import version_manager
from localstack.services.lambda_.invocation.logs import LogHandler, LogItem
from localstack.utils.bootstrap import is_api_enabled

LOG = logging.getLogger(__name__)

_STORE_EVERY_SECONDS = 0.25
_EVENTS_PER_CALL = 5_000  # of the 10,000 that CloudWatch Logs takes
_BYTES_PER_CALL = 900_000  # of the 1,048,576 that it takes, which count 26 more for each event
_OVERHEAD_BYTES = 26


@dataclass(frozen=True)
class _Stream:
    account: str
    region: str
    group: str
    name: str


class LogStore:
    """Lines by log stream since they were last stored."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._storing = threading.Lock()
        self._lines: dict[_Stream, list[dict[str, Any]]] = {}
        self._some = threading.Event()

    def add(self, account: str, region: str, item: LogItem) -> None:
        """Take in what one invocation logged; its lines carry this moment."""
        now = int(time.time() * 1000)
        events = [{"timestamp": now, "message": f"{x}\n"} for x in item.logs.split("\n") if x]
        stream = _Stream(account, region, item.log_group, item.log_stream)
        with self._lock:
            self._lines.setdefault(stream, []).extend(events)
        self._some.set()

    def store(self) -> None:
        """Give CloudWatch Logs what was taken in."""
        with self._storing:
            with self._lock:
                lines, self._lines = self._lines, {}
                self._some.clear()
            for stream, events in lines.items():
                try:
                    for batch in batches(events):
                        _put(stream, batch)
                except Exception:
                    LOG.warning("could not store logs of %s", stream.group, exc_info=True)

    def store_forever(self) -> None:
        """Store a few times a second, for the rest of this process."""
        while True:
            self._some.wait()
            time.sleep(_STORE_EVERY_SECONDS)
            self.store()


def install() -> None:
    """Store logs this way from now on. Call before the first function is created."""
    store = LogStore()

    class Handler(LogHandler):
        """Takes the place of LocalStack's, one for each version of a function."""

        def start_subscriber(self) -> None:
            """There is one thread for all."""

        def add_logs(self, log_item: LogItem) -> None:
            if is_api_enabled("logs"):
                store.add(self.role_arn.split(":")[4], self.region, log_item)

        def stop(self) -> None:
            store.store()

    version_manager.LogHandler = Handler
    threading.Thread(target=store.store_forever, name="function-logs", daemon=True).start()


def batches(events: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """The events in order, in lists that one call takes."""
    batch: list[dict[str, Any]] = []
    size = 0
    for event in events:
        more = len(event["message"].encode()) + _OVERHEAD_BYTES
        if batch and (len(batch) == _EVENTS_PER_CALL or size + more > _BYTES_PER_CALL):
            yield batch
            batch, size = [], 0
        batch.append(event)
        size += more
    if batch:
        yield batch


def _put(stream: _Stream, events: list[dict[str, Any]]) -> None:
    client = connect_to(aws_access_key_id=stream.account, region_name=stream.region).logs
    call = {"logGroupName": stream.group, "logStreamName": stream.name, "logEvents": events}
    try:
        client.put_log_events(**call)
    except client.exceptions.ResourceNotFoundException:
        try:
            client.create_log_group(logGroupName=stream.group)
        except client.exceptions.ResourceAlreadyExistsException:
            LOG.debug("another stream of %s was first", stream.group)
        client.create_log_stream(logGroupName=stream.group, logStreamName=stream.name)
        client.put_log_events(**call)
