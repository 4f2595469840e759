"""Structured logs and metrics. Ids and counts only: what a customer wrote goes to neither."""

import logging
from functools import cache
from traceback import extract_tb

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

NAMESPACE = "Helpdesk"


@cache
def logger(service: str) -> Logger:
    """Return the logger of one door; its lines are JSON with the service's name."""
    logging.getLogger("botocore").setLevel(logging.WARNING)  # it tells where keys come from
    return Logger(service=service, log_uncaught_exceptions=True)


@cache
def metrics(service: str) -> Metrics:
    """Return the metrics of one door, written as EMF log lines."""
    return Metrics(service=service, namespace=NAMESPACE)


def failure(service: str, message: str, error: BaseException, **ids: object) -> None:
    """Log an error by its type and where it came from; its own text may quote a customer."""
    frames = [
        f"{f.filename.rsplit('/', 1)[-1]}:{f.lineno}" for f in extract_tb(error.__traceback__)
    ]
    told = {"error": type(error).__name__, "at": frames}
    logger(service).error(message, extra={**ids, **told})


def count(service: str, name: str, value: float = 1) -> None:
    """Add to a counter."""
    metrics(service).add_metric(name=name, unit=MetricUnit.Count, value=value)


def flush(service: str) -> None:
    """Write the counters of one door, if there are any."""
    if metrics(service).metric_set:
        metrics(service).flush_metrics()
