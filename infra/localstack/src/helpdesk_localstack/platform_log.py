"""The lines Lambda itself writes into a function's log, as text or as JSON.

Source: https://docs.aws.amazon.com/lambda/latest/dg/python-logging.html and, for JSON,
https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True)
class Measured:
    """What one invocation cost: milliseconds and mebibytes; None where it does not apply."""

    duration_ms: float
    memory_size_mb: int
    peak_memory_mb: int | None
    init_duration_ms: float | None


def timestamp() -> str:
    """Now, as Lambda prints it: UTC with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def started(request_id: str, version: str, *, as_json: bool) -> str:
    """The line before the handler's own."""
    if as_json:
        return _event("platform.start", requestId=request_id, version=version)
    return f"START RequestId: {request_id} Version: {version}\n"


def ended(request_id: str, measured: Measured, status: str, *, as_json: bool) -> str:
    """The lines after the handler's own. `status` is success, error, timeout or failure."""
    if as_json:
        metrics = {
            "durationMs": round(measured.duration_ms, 3),
            "billedDurationMs": math.ceil(measured.duration_ms),
            "memorySizeMB": measured.memory_size_mb,
            "maxMemoryUsedMB": measured.peak_memory_mb,
            "initDurationMs": measured.init_duration_ms and round(measured.init_duration_ms, 3),
        }
        present = {name: value for name, value in metrics.items() if value is not None}
        return _event("platform.report", requestId=request_id, status=status, metrics=present)
    fields = [
        f"REPORT RequestId: {request_id}",
        f"Duration: {measured.duration_ms:.2f} ms",
        f"Billed Duration: {math.ceil(measured.duration_ms)} ms",
        f"Memory Size: {measured.memory_size_mb} MB",
    ]
    if measured.peak_memory_mb is not None:
        fields.append(f"Max Memory Used: {measured.peak_memory_mb} MB")
    if measured.init_duration_ms is not None:
        fields.append(f"Init Duration: {measured.init_duration_ms:.2f} ms")
    if status == "timeout":
        fields.append("Status: timeout")
    return f"END RequestId: {request_id}\n" + "\t".join(fields) + "\n"


def init_report(duration_ms: float, status: str, error_type: str, *, as_json: bool) -> str:
    """The line that tells of an init phase which failed before any invocation."""
    if as_json:
        metrics = {"durationMs": round(duration_ms, 3)}
        return _event("platform.initReport", status=status, errorType=error_type, metrics=metrics)
    return (
        f"INIT_REPORT Init Duration: {duration_ms:.2f} ms\tPhase: init\t"
        f"Status: {status}\tError Type: {error_type}\n"
    )


def _event(kind: str, **record: Any) -> str:
    return json.dumps({"time": timestamp(), "type": kind, "record": record}) + "\n"
