"""What a template has that costs in a month without queries, counted in the template itself."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

PASSED = ("intake", "worker", "reconciler")
"""The functions that a query, or the clock, keeps busy; the others rest until there is a mail, a
file, an edited article or a page."""

SERVICE = re.compile(r'"\$\{AWS::StackName\}", "(\w+)", "service", "(\w+)"')


@dataclass(frozen=True, slots=True)
class Standing:
    """What a template has that costs in a month without queries.

    The queues that functions poll, alarms, the metrics that these watch (by which they are
    charged), and dashboards. Of what queries add to: `metrics` of our own that the functions they
    pass publish, the `gigabytes` of these functions, the `keys` of tables that each of them needs,
    and the tables that are `recoverable` to a point in time.
    """

    queues: int
    alarms: int
    watched: int
    dashboards: int
    metrics: int
    recoverable: int
    gigabytes: Mapping[str, float]
    keys: Mapping[str, int]


def standing(template: Mapping[str, Any]) -> Standing:
    """Return what a template has that costs in a month without queries.

    What has a condition is left out, and what is enabled on one: no parameter asks for it. Of the
    event sources, only queues cost: Lambda reads a table's stream for nothing.
    """
    there = {name: each for name, each in template["Resources"].items() if "Condition" not in each}
    kinds = Counter(each["Type"] for each in there.values())
    alarms = [each["Properties"] for each in _of(there, "AWS::CloudWatch::Alarm")]
    tables = [each["Properties"] for each in _of(there, "AWS::DynamoDB::Table")]
    functions = {name: there[f"{name.capitalize()}Function"]["Properties"] for name in PASSED}
    return Standing(
        queues=sum(_polled(there)),
        alarms=len(alarms),
        watched=sum(
            sum("MetricStat" in metric for metric in alarm.get("Metrics", ())) or 1
            for alarm in alarms
        ),
        dashboards=kinds["AWS::CloudWatch::Dashboard"],
        metrics=len(_published(there, alarms)),
        recoverable=sum(
            table.get("PointInTimeRecoverySpecification", {}).get(
                "PointInTimeRecoveryEnabled", False
            )
            for table in tables
        ),
        gigabytes={name: each["MemorySize"] / 1024 for name, each in functions.items()},
        keys={name: _keys(there, each) for name, each in functions.items()},
    )


def _of(resources: Mapping[str, Any], kind: str) -> Iterator[Mapping[str, Any]]:
    return (each for each in resources.values() if each["Type"] == kind)


def _polled(resources: Mapping[str, Any]) -> Iterator[bool]:
    """Yield for each event source whether it is a queue that is always asked."""
    for function in _of(resources, "AWS::Serverless::Function"):
        for event in function["Properties"].get("Events", {}).values():
            yield event["Type"] == "SQS" and "Enabled" not in event["Properties"]
    for mapping in _of(resources, "AWS::Lambda::EventSourceMapping"):
        yield "Enabled" not in mapping["Properties"]


def _published(resources: Mapping[str, Any], alarms: list[Any]) -> set[tuple[str, str]]:
    """Return the metrics of our own that the functions in PASSED publish, by name and service.

    A metric is known by the dashboard or an alarm; one that neither shows is not used.
    """
    found = {
        pair
        for board in _of(resources, "AWS::CloudWatch::Dashboard")
        for pair in SERVICE.findall(str(board["Properties"]["DashboardBody"]["Fn::Sub"]))
    }
    for alarm in alarms:
        stats = [
            each["MetricStat"]["Metric"]
            for each in alarm.get("Metrics", ())
            if "MetricStat" in each
        ]
        for metric in stats or [alarm]:
            if metric["Namespace"] == {"Ref": "AWS::StackName"}:
                found |= {(metric["MetricName"], each["Value"]) for each in metric["Dimensions"]}
    return {(name, service) for name, service in found if service in PASSED}


def _recoverable(table: Mapping[str, Any]) -> bool:
    wanted = table.get("PointInTimeRecoverySpecification", {})
    return bool(wanted.get("PointInTimeRecoveryEnabled", False))


def _keys(resources: Mapping[str, Any], function: Mapping[str, Any]) -> int:
    """Return how many tables a function uses that are encrypted with a key of KMS."""
    variables = function["Environment"]["Variables"].values()
    named = {each["Ref"] for each in variables if isinstance(each, Mapping) and "Ref" in each}
    return sum(
        resources[name]["Properties"].get("SSESpecification", {}).get("SSEEnabled", False)
        for name in named
        if resources.get(name, {}).get("Type") == "AWS::DynamoDB::Table"
    )
