"""Throttle and quota, with clocks in the test's hand."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from helpdesk_localstack.usage_plans import Meter

STAGE = {"apiId": "a", "stage": "s"}


class Clock:
    def __init__(self) -> None:
        self.seconds = 0.0
        self.date = datetime(2026, 1, 31, 23, 59, tzinfo=UTC)

    def meter(self) -> Meter:
        return Meter(lambda: self.seconds, lambda: self.date)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def plan(**limits: Any) -> dict[str, Any]:
    return {"id": "p", **limits}


def test_a_plan_without_limits_admits_everything(clock: Clock) -> None:
    meter = clock.meter()
    assert {meter.admit(plan(), STAGE, "k", "/q/POST") for _ in range(1000)} == {"admitted"}


def test_burst_then_rate(clock: Clock) -> None:
    meter, limits = clock.meter(), plan(throttle={"rateLimit": 2.0, "burstLimit": 5})

    def admitted(tries: int) -> int:
        return sum(meter.admit(limits, STAGE, "k", "/q/POST") == "admitted" for _ in range(tries))

    assert admitted(20) == 5
    clock.seconds += 1
    assert admitted(20) == 2
    clock.seconds += 3600
    assert admitted(20) == 5, "an idle hour does not raise the burst"
    assert meter.admit(limits, STAGE, "another key", "/q/POST") == "admitted"


def test_each_plan_of_a_stage_has_limits_of_its_own(clock: Clock) -> None:
    """As a desk's servers and its pages have."""
    meter = clock.meter()
    servers = {"id": "servers", "throttle": {"rateLimit": 1, "burstLimit": 3}}
    pages = {"id": "pages", "throttle": {"rateLimit": 1, "burstLimit": 1}}
    pages |= {"quota": {"limit": 2, "period": "DAY"}}

    assert [meter.admit(pages, STAGE, "page", "/q/POST") for _ in range(2)] == [
        "admitted",
        "throttled",
    ]
    assert {meter.admit(servers, STAGE, "server", "/q/POST") for _ in range(3)} == {"admitted"}
    clock.seconds += 9
    assert meter.admit(pages, STAGE, "page", "/q/POST") == "admitted"
    clock.seconds += 9
    assert meter.admit(pages, STAGE, "page", "/q/POST") == "quota exceeded"
    assert meter.admit(servers, STAGE, "server", "/q/POST") == "admitted"


def test_a_method_may_have_a_throttle_of_its_own(clock: Clock) -> None:
    meter = clock.meter()
    limits = plan(throttle={"rateLimit": 1, "burstLimit": 10})
    stage = {**STAGE, "throttle": {"/q/POST": {"rateLimit": 1, "burstLimit": 1}}}
    assert [meter.admit(limits, stage, "k", "/q/POST") for _ in range(2)] == [
        "admitted",
        "throttled",
    ]
    assert meter.admit(limits, stage, "k", "/q/GET") == "admitted"


@pytest.mark.parametrize(
    ("period", "same", "next_one"),
    [
        ("DAY", datetime(2026, 1, 31, 0, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)),
        ("WEEK", datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 2, 2, tzinfo=UTC)),
        ("MONTH", datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)),
    ],
)
def test_quota_starts_anew_with_its_period(
    clock: Clock, period: str, same: datetime, next_one: datetime
) -> None:
    meter, limits = clock.meter(), plan(quota={"limit": 2, "period": period, "offset": 1})

    def admit() -> str:
        return meter.admit(limits, STAGE, "k", "/q/POST")

    assert [admit(), admit()] == ["admitted", "quota exceeded"], "the offset counts at first"
    clock.date = same
    assert admit() == "quota exceeded"
    clock.date = next_one
    assert [admit(), admit(), admit()] == ["admitted", "admitted", "quota exceeded"]


def test_a_throttled_request_does_not_use_the_quota(clock: Clock) -> None:
    meter = clock.meter()
    limits = plan(throttle={"rateLimit": 1, "burstLimit": 1}, quota={"limit": 2, "period": "DAY"})
    seen = []
    for _ in range(3):
        seen += [meter.admit(limits, STAGE, "k", "/q/POST") for _ in range(2)]
        clock.seconds += 1
    assert seen == ["admitted", "throttled", "admitted", "throttled", "quota exceeded", "throttled"]
