"""Alarms of the template, evaluated as CloudWatch does, over what was really written and measured.

docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html says how.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Any

STACK = "helpdesk"
OK, ALARM = "OK", "ALARM"
STATISTICS = {"Sum": sum, "Maximum": max, "Average": fmean}


@dataclass(frozen=True)
class Metric:
    """What CloudWatch keeps numbers of: a name with its dimensions."""

    namespace: str
    name: str
    dimensions: frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Point:
    """A number of a metric, `at` a second."""

    metric: Metric
    value: float
    at: float = 0

    def moved(self, seconds: float) -> "Point":
        """Return the same number at a later second."""
        return replace(self, at=self.at + seconds)


def plain(given: Any) -> str:
    """Return a name of the template: resources and the stack have theirs."""
    if given == {"Ref": "AWS::StackName"}:
        return STACK
    if isinstance(given, dict):
        (value,) = given.values()
        return value if isinstance(value, str) else str(value[0])
    return str(given)


def a_metric(given: dict[str, Any]) -> Metric:
    """Return the metric that an alarm names."""
    dimensions = {(each["Name"], plain(each["Value"])) for each in given["Dimensions"]}
    return Metric(plain(given["Namespace"]), given["MetricName"], frozenset(dimensions))


def watched(alarm: dict[str, Any]) -> dict[Metric, tuple[str, int]]:
    """Return what an alarm watches: each metric with its statistic and period."""
    if "MetricName" in alarm:
        return {a_metric(alarm): (alarm["Statistic"], alarm["Period"])}
    expressions = [each for each in alarm["Metrics"] if "Expression" in each]
    assert [each["Expression"] for each in expressions] == ["SUM(METRICS())"]
    assert all(each.get("ReturnData", True) for each in expressions)
    given = (each["Fn::If"][1] if "Fn::If" in each else each for each in alarm["Metrics"])
    summed = [each for each in given if "MetricStat" in each]
    assert all(each["ReturnData"] is False for each in summed)
    assert len({each["Id"] for each in alarm["Metrics"] if "Id" in each}) == len(
        [each for each in alarm["Metrics"] if "Id" in each]
    )
    stats = [each["MetricStat"] for each in summed]
    return {a_metric(each["Metric"]): (each["Stat"], each["Period"]) for each in stats}


def period(alarm: dict[str, Any]) -> int:
    """Return the seconds of a period, which is the same for all that an alarm adds up."""
    (seconds,) = {seconds for _, seconds in watched(alarm).values()}
    return seconds


def threshold(alarm: dict[str, Any], parameters: dict[str, Any]) -> float:
    """Return an alarm's threshold; a parameter has its default."""
    given = alarm["Threshold"]
    return float(parameters[given["Ref"]]["Default"] if isinstance(given, dict) else given)


def state(
    alarm: dict[str, Any], points: Iterable[Point], now: float, parameters: dict[str, Any]
) -> str:
    """Return the state of an alarm at a second, when all its periods have ended."""
    points = list(points)
    beyond = {
        "GreaterThanThreshold": lambda value, limit: value > limit,
        "LessThanThreshold": lambda value, limit: value < limit,
    }[alarm["ComparisonOperator"]]
    limit, missing = threshold(alarm, parameters), alarm["TreatMissingData"] == "breaching"
    assert alarm["TreatMissingData"] in {"breaching", "notBreaching"}
    bad = 0
    for number in range(alarm["EvaluationPeriods"]):
        end = now - number * period(alarm)
        value = _value(alarm, points, end - period(alarm), end)
        bad += missing if value is None else beyond(value, limit)
    return ALARM if bad >= alarm.get("DatapointsToAlarm", alarm["EvaluationPeriods"]) else OK


def _value(alarm: dict[str, Any], points: list[Point], begin: float, end: float) -> float | None:
    """Return the number of one period: metrics that have none in it are not added up."""
    found = []
    for metric, (statistic, _) in watched(alarm).items():
        values = [each.value for each in points if each.metric == metric and begin < each.at <= end]
        if values:
            found.append(STATISTICS[statistic](values))
    return sum(found) if found else None


def emitted(out: str, at: float = 0) -> Iterator[Point]:
    """Yield the numbers that lines of a function's log carry (EMF); other lines carry none."""
    for line in out.splitlines():
        read = json.loads(line) if line.startswith("{") else {}
        for directive in read.get("_aws", {}).get("CloudWatchMetrics", ()):
            (names,) = directive["Dimensions"]
            dimensions = frozenset((name, read[name]) for name in names)
            for each in directive["Metrics"]:
                metric = Metric(directive["Namespace"], each["Name"], dimensions)
                values = read[each["Name"]]
                for value in values if isinstance(values, list) else [values]:
                    yield Point(metric, value, at)
