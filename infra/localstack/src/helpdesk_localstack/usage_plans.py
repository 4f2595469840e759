"""Usage plans of REST APIs: throttle and quota, which LocalStack stores and does not enforce.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html
Limits belong to an API key within a plan, over all its stages. Counters start at zero when
LocalStack does.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from localstack.services.apigateway.next_gen.execute_api import handlers, moto_helpers
from localstack.services.apigateway.next_gen.execute_api.gateway_response import (
    QuotaExceededError,
    ThrottledError,
)
from localstack.services.apigateway.next_gen.execute_api.handlers.api_key_validation import (
    ApiKeyValidationHandler,
)


def install() -> None:
    """Meter every request that carries a valid API key. Call before the first API is created."""
    handlers.api_key_validation_handler = MeteringHandler(Meter())


class MeteringHandler(ApiKeyValidationHandler):
    """LocalStack's check of the key, then the limits of its plan."""

    def __init__(self, meter: Meter) -> None:
        super().__init__()
        self._meter = meter

    def __call__(self, chain: Any, context: Any, response: Any) -> None:
        """Raises the gateway's own errors, which become 429."""
        super().__call__(chain, context, response)
        if not context.resource_method.get("apiKeyRequired"):
            return
        key = context.context_variables["identity"]["apiKeyId"]
        where = {"account_id": context.account_id, "region_name": context.region}
        plans: list[Any] = moto_helpers.get_usage_plans(**where)
        for plan in plans:
            stage = _stage_of(plan, context.api_id, context.stage)
            keys = moto_helpers.get_usage_plan_keys(usage_plan_id=plan["id"], **where)
            if stage is None or key not in {entry["id"] for entry in keys}:
                continue
            method = f"{context.resource['path']}/{context.invocation_request['http_method']}"
            match self._meter.admit(plan, stage, key, method):
                case "throttled":
                    raise ThrottledError("Too Many Requests")
                case "quota exceeded":
                    raise QuotaExceededError("Limit Exceeded")
            return


def _stage_of(plan: dict[str, Any], api_id: str, name: str) -> dict[str, Any] | None:
    for stage in plan.get("apiStages", []):
        if (stage.get("apiId"), stage.get("stage")) == (api_id, name):
            return dict(stage)
    return None


@dataclass
class _Bucket:
    """A token bucket: `burst` requests at once, refilled at `rate` a second."""

    tokens: float
    filled_at: float

    def take(self, rate: float, burst: float, now: float) -> bool:
        self.tokens = min(burst, self.tokens + (now - self.filled_at) * rate)
        self.filled_at = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


@dataclass
class _Usage:
    """Requests in the current period. The plan's offset counts in the first one only."""

    period: str
    count: int


@dataclass
class Meter:
    """Counts requests by plan and key. `monotonic` and `now` are clocks, in seconds and UTC."""

    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    _buckets: dict[tuple[str, ...], _Bucket] = field(default_factory=dict)
    _usage: dict[tuple[str, str], _Usage] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def admit(self, plan: dict[str, Any], stage: dict[str, Any], key: str, method: str) -> str:
        """Count one request: `admitted`, `throttled` or `quota exceeded`.

        `plan` and `stage` are as the API shows them; `method` is `/path/VERB`, the form in which a
        stage may name a throttle of its own.
        """
        with self._lock:
            own = (stage.get("throttle") or {}).get(method)
            name = (plan["id"], key, method) if own else (plan["id"], key)
            if not self._take(name, own or plan.get("throttle") or {}):
                return "throttled"
            if not self._count((plan["id"], key), plan.get("quota") or {}):
                return "quota exceeded"
            return "admitted"

    def _take(self, name: tuple[str, ...], throttle: dict[str, Any]) -> bool:
        if not throttle:
            return True
        rate, burst = float(throttle.get("rateLimit", 0)), float(throttle.get("burstLimit", 0))
        now = self.monotonic()
        return self._buckets.setdefault(name, _Bucket(burst, now)).take(rate, burst, now)

    def _count(self, name: tuple[str, str], quota: dict[str, Any]) -> bool:
        if not quota:
            return True
        period = _period(quota["period"], self.now())
        usage = self._usage.setdefault(name, _Usage(period, int(quota.get("offset") or 0)))
        if usage.period != period:
            usage.period, usage.count = period, 0
        if usage.count >= int(quota["limit"]):
            return False
        usage.count += 1
        return True


def _period(kind: str, now: datetime) -> str:
    match kind:
        case "DAY":
            return f"{now:%Y-%m-%d}"
        case "WEEK":
            return f"{now - timedelta(days=now.weekday()):%Y-%m-%d}"
        case _:
            return f"{now:%Y-%m}"
