"""Logs of many invocations in few calls, none left out and none out of order."""

from __future__ import annotations

from typing import Any

import pytest
from localstack.services.lambda_.invocation.logs import LogItem

from helpdesk_localstack import function_logs
from helpdesk_localstack.function_logs import LogStore, batches


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, list[str]]]:
    """The stream and the lines of each call of CloudWatch Logs."""
    made: list[tuple[str, list[str]]] = []

    def put(stream: Any, events: list[dict[str, Any]]) -> None:
        if stream.name == "broken":
            raise ConnectionError("no")
        made.append((stream.name, [event["message"] for event in events]))

    monkeypatch.setattr(function_logs, "_put", put)
    return made


def add(store: LogStore, stream: str, logs: str) -> None:
    store.add("000000000000", "eu-west-1", LogItem("group", stream, logs))


def test_one_call_for_each_stream(calls: list[Any]) -> None:
    store = LogStore()
    for number in range(3):
        add(store, "a", f"START {number}\n\nEND {number}\n")
    add(store, "b", "one")
    store.store()
    lines = [f"{kind} {number}\n" for number in range(3) for kind in ("START", "END")]
    assert calls == [("a", lines), ("b", ["one\n"])]
    store.store()
    assert len(calls) == 2, "stored once"


def test_a_stream_that_fails_does_not_take_the_others_along(calls: list[Any]) -> None:
    store = LogStore()
    for stream in ("broken", "a"):
        add(store, stream, "x")
    store.store()
    assert calls == [("a", ["x\n"])]


def test_calls_stay_below_the_limits_of_cloudwatch() -> None:
    events = [{"message": "ż" * size} for size in (400_000, 400_000, 10, 449_000)]
    events += [{"message": "x"}] * 12_000
    made = list(batches(events))
    assert [event for batch in made for event in batch] == events
    for batch in made:
        assert len(batch) <= 10_000
        assert sum(len(event["message"].encode()) + 26 for event in batch) <= 1_048_576
    assert len(made) == 6
