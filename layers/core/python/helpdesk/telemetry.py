"""Structured logs and metrics: ids and counts only, never the text of a customer.

This holds for errors, too. An exception may quote the text that caused it, so the log has its type
and its place. The log has its text only for our own exceptions, and masks it.
"""

import logging
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from types import TracebackType
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter
from aws_lambda_powertools.metrics import MetricUnit

from helpdesk.masking import mask
from helpdesk.settings import TelemetrySettings

type ExcInfo = (
    tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
)


LAMBDAS_NAMES = {"WARNING": "WARN", "CRITICAL": "FATAL"}
"""How Lambda spells the levels that Python spells otherwise. A level that it does not know is INFO
to it, and so it would drop our warnings where only warnings are wanted."""

_COUNTING = threading.Lock()
"""Held while counters are added or taken: one thread must not take what another one writes out."""


class FunctionFailedError(Exception):
    """A function failed. The message has only the kind of the error, as the platform logs it."""


class DiscreetFormatter(LambdaPowertoolsFormatter):
    """JSON lines that show the type and the place of an exception, but not the text it quotes."""

    def _extract_log_exception(self, log_record: logging.LogRecord) -> Any:
        told, name, _ = super()._extract_log_exception(log_record)
        return told, name, None  # a note may quote as well

    def serialize(self, log: dict[str, Any]) -> str:  # type: ignore[override]  # or a TypedDict
        """Return a line as JSON, its level spelled as Lambda does."""
        level = log.get("level", "")
        return super().serialize({**log, "level": LAMBDAS_NAMES.get(level, level)})

    def formatException(self, ei: ExcInfo) -> str:  # noqa: N802 -- logging's name
        """Return a traceback without source lines, values, or texts of foreign exceptions."""
        lines = []
        error = ei[1]
        while error is not None:
            frames = traceback.extract_tb(error.__traceback__)
            lines += [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
            lines.append(_told(error))
            error = error.__cause__ or error.__context__
        return "\n".join(lines)


@cache
def logger(service: str) -> Logger:
    """Return the logger of one door; its lines are JSON with the service's name.

    They have no place in the code, which exceptions tell, and no trace, as nothing is traced: the
    ticket's id leads from line to line.
    """
    logging.getLogger("botocore").setLevel(logging.WARNING)  # it logs where keys come from
    return Logger(
        service=service,
        log_uncaught_exceptions=True,
        location=None,
        xray_trace_id=None,
        # Lambda reads moments of RFC 3339 only, and adds its own to a line without one.
        logger_formatter=DiscreetFormatter(serialize_stacktrace=False, use_rfc3339=True),
    )


@cache
def metrics(service: str) -> Metrics:
    """Return the metrics of one door, written as EMF log lines under the stack's name."""
    namespace = TelemetrySettings.from_env().powertools_metrics_namespace
    return Metrics(service=service, namespace=namespace)


def count(service: str, name: str, value: float = 1) -> None:
    """Add to a counter."""
    with _COUNTING:
        metrics(service).add_metric(name=name, unit=MetricUnit.Count, value=value)


def waited(service: str, name: str, seconds: float) -> None:
    """Measure for how long something waits."""
    with _COUNTING:
        metrics(service).add_metric(name=name, unit=MetricUnit.Seconds, value=seconds)


def limiter_failed(service: str, error: Exception) -> None:
    """Count and log that limits cannot be checked; what was asked goes on without them."""
    count(service, "LimiterFailed")
    logger(service).warning("limiter failed", extra={"why": str(error)})


def lookup_failed(service: str, error: Exception) -> None:
    """Count and log that records of a customer cannot be read; people get the question."""
    count(service, "LookupFailures")
    logger(service).warning("lookup failed", extra={"why": str(error)})


def engine_took(service: str, read: int, written: int, microdollars: int) -> None:
    """Count the tokens that an engine read and wrote, and what they cost."""
    for name, value in (
        ("EngineTokensRead", read),
        ("EngineTokensWritten", written),
        ("EngineMicrodollars", microdollars),
    ):
        if value:  # a metric that is never anything but zero is charged all the same
            count(service, name, value)


def counting_failed(service: str, error: Exception) -> None:
    """Log that something was not counted in the figures of the day; it was done all the same."""
    logger(service).warning("not counted", extra={"why": type(error).__name__})


def counter(outcome: str) -> str:
    """Return the name of the counter of an outcome: "sent_twice" is counted as SentTwice."""
    return "".join(map(str.title, outcome.split("_")))


def tell(service: str, what: str, **facts: object) -> None:
    """Log one line at INFO; it carries the counters of its door, so that they need none."""
    log = logger(service)
    with _COUNTING:
        if metrics(service).metric_set and log.log_level <= logging.INFO:
            facts |= _taken(service)
    log.info(what, extra=facts)


def _taken(service: str) -> dict[str, Any]:
    """Take the counters, as a line of log carries them: in the fewest bytes that EMF allows.

    The unit may be left out, and one value needs no list: 40 bytes a query of what is charged.
    """
    found: dict[str, Any] = dict(metrics(service).serialize_metric_set())
    metrics(service).clear_metrics()
    for directive in found["_aws"]["CloudWatchMetrics"]:
        directive["Metrics"] = [{"Name": each["Name"]} for each in directive["Metrics"]]
        for each in directive["Metrics"]:
            values = found[each["Name"]]
            found[each["Name"]] = values[0] if len(values) == 1 else values
    return found


def flush(service: str) -> None:
    """Write the counters of one door, if there are any, at each level of the log.

    Lambda takes a line for INFO if it has no level or no moment, and drops it where only warnings
    or errors are wanted. So the line has both, and its level is one that passes.
    """
    log = logger(service)
    with _COUNTING:
        measured = _taken(service) if metrics(service).metric_set else {}
    if measured:
        write = log.info
        if log.log_level > logging.INFO:
            write = log.warning if log.log_level <= logging.WARNING else log.error
        write("counted", extra=measured)


@contextmanager
def reporting(service: str) -> Iterator[None]:
    """Log a failure without personal data, then let the function fail without the error's text.

    Raises FunctionFailedError.
    """
    try:
        yield
    except Exception as error:
        logger(service).exception("failed")
        raise FunctionFailedError(type(error).__name__) from None


def _told(error: BaseException) -> str:
    """Return what a log may show of an error: our own texts, and the codes of AWS."""
    kind = type(error)
    name = f"{kind.__module__}.{kind.__qualname__}"
    answer = getattr(error, "response", {}).get("Error", {})
    if code := answer.get("Code"):
        missing = f" on {answer['Resource']}" if "Resource" in answer else ""
        return f"{name}: {code} from {getattr(error, 'operation_name', 'AWS')}{missing}"
    return f"{name}: {mask(str(error))}" if kind.__module__.startswith("helpdesk.") else name
