"""Counters of a door whose requests are answered by many threads, as the tests' gateway does."""

import json
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from helpdesk import telemetry

SERVICE = "counted-by-threads"


@pytest.fixture
def busy(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let threads take turns as often as they can."""
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "helpdesk")
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)
    telemetry.metrics(SERVICE).clear_metrics()


def test_threads_count_each_thing_once(busy: None, capsys: pytest.CaptureFixture[str]) -> None:
    def answer(_: int) -> None:
        telemetry.count(SERVICE, "Answered")
        telemetry.tell(SERVICE, "answered")

    telemetry.logger(SERVICE)  # a door has its logger before its first request
    with ThreadPoolExecutor(20) as pool:
        list(pool.map(answer, range(400)))
    telemetry.flush(SERVICE)

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    counted = [line.get("Answered", 0) for line in lines]
    assert sum(sum(each) if isinstance(each, list) else each for each in counted) == 400
