"""What a month costs on AWS, calculated from measured use and listed prices."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import exp
from typing import Any

LISTED = "December 2025"
"""When AWS listed these prices for us-east-1, on demand, without a free tier; dollars."""

API_REQUEST = 3.50e-6
LAMBDA_REQUEST = 0.20e-6
LAMBDA_GB_SECOND = 0.0000166667
QUEUE_REQUEST = 0.40e-6
WRITE_UNIT = 0.625e-6
READ_UNIT = 0.125e-6
STORED_GB = 0.25
LOGGED_GB = 0.50
ALARM = 0.10  # for each metric that it watches
METRIC = 0.30
DASHBOARD = 3.00

MONTH = 30 * 24 * 60
"""Minutes in the month that is charged."""

POLLERS, POLL = 5, 20
"""How many pollers an event source has, and how many seconds each asks for a message."""

POLLS = POLLERS * 60 // POLL * MONTH
"""Receive calls of an event source in a month without messages."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a template has that costs in a month without queries.

    The queues that functions poll, alarms, the metrics that these watch (by which they are
    charged), and dashboards.
    """

    queues: int
    alarms: int
    watched: int
    dashboards: int


def standing(template: Mapping[str, Any]) -> Standing:
    """Return what a template has that costs in a month without queries.

    What has a condition is left out, and what is enabled on one: no parameter asks for it. Of the
    event sources, only queues cost: Lambda reads a table's stream for nothing.
    """
    resources = [each for each in template["Resources"].values() if "Condition" not in each]
    events = [
        event["Type"]
        for each in resources
        for event in each.get("Properties", {}).get("Events", {}).values()
        if each["Type"] == "AWS::Serverless::Function" and "Enabled" not in event["Properties"]
    ]
    kinds = Counter(each["Type"] for each in resources)
    alarms = [each["Properties"] for each in resources if each["Type"] == "AWS::CloudWatch::Alarm"]
    return Standing(
        queues=events.count("SQS"),
        alarms=len(alarms),
        watched=sum(
            sum("MetricStat" in metric for metric in alarm.get("Metrics", ())) or 1
            for alarm in alarms
        ),
        dashboards=kinds["AWS::CloudWatch::Dashboard"],
    )


@dataclass(frozen=True, slots=True)
class Use:
    """What an answered query uses, as measured: two API requests, seconds of each function, the
    table's units and bytes, bytes of log. `standing` is what the template has in any month.

    `write_units` are by queries a month: the limits of a busy application cost less a query.
    `reconciler_units` are the read units of a run of the reconciler that finds nothing overdue, and
    `reconciler_bytes` what it logs. `metrics` are published by queries.
    """

    intake_seconds: float
    worker_seconds: float
    reconciler_seconds: float
    write_units: Mapping[int, float]
    read_units: float
    stored_bytes: float
    logged_bytes: float
    reconciler_units: float
    reconciler_bytes: float
    metrics: int
    standing: Standing


@dataclass(frozen=True, slots=True)
class Part:
    """A line of the bill: its formula, and the dollars for a number of queries.

    `standing` is in every month, `busy` in every month with a query. `idle` is what polling costs
    in a month without messages. A poll that gets a message is counted with its query; by Poisson's
    law e to the power of minus the messages a poll would get ends in vain.
    """

    name: str
    formula: str
    per_query: float
    standing: float = 0.0
    busy: float = 0.0
    idle: float = 0.0
    writes: Mapping[int, float] = field(default_factory=dict)

    def dollars(self, queries: int) -> float:
        """Return what the part costs in a month of that many queries.

        `writes` are the write units of a query by queries a month, if the part has any. Raises
        KeyError for a number of queries that it does not have; it need not have 0.
        """
        if not queries:
            return self.standing + self.idle
        written = self.writes[queries] * WRITE_UNIT if self.writes else 0.0
        a_poll = queries / (MONTH * 60) / POLLERS * POLL
        always = self.standing + self.busy + self.idle * exp(-a_poll)
        return always + (self.per_query + written) * queries


def parts(use: Use) -> list[Part]:
    """Return the parts of the bill. A query is one POST, one waiting GET, one worker's message."""
    least, most = min(use.write_units.values()), max(use.write_units.values())
    intake = 2 * (LAMBDA_REQUEST + 0.5 * LAMBDA_GB_SECOND * use.intake_seconds)
    worker = LAMBDA_REQUEST + 1769 / 1024 * LAMBDA_GB_SECOND * use.worker_seconds
    reconciler = MONTH * (LAMBDA_REQUEST + 0.5 * LAMBDA_GB_SECOND * use.reconciler_seconds)
    there, others = use.standing, use.standing.queues - 1
    return [
        Part("API Gateway", "2 requests", 2 * API_REQUEST),
        Part(
            "Lambda, intake",
            f"2 x (request + 0.5 GB x {use.intake_seconds:.3f} s)",
            intake,
        ),
        Part("Lambda, worker", f"request + 1.73 GB x {use.worker_seconds:.3f} s", worker),
        Part(
            "Lambda, reconciler",
            f"every minute: request + 0.5 GB x {use.reconciler_seconds:.2f} s",
            0.0,
            reconciler,
        ),
        Part(
            "SQS",
            "send, receive, delete; up to 15 idle polls a minute",
            3 * QUEUE_REQUEST,
            idle=POLLS * QUEUE_REQUEST,
        ),
        Part(
            "SQS, other queues",
            f"{others} more that functions poll: 15 idle polls a minute each",
            0.0,
            others * POLLS * QUEUE_REQUEST,
        ),
        Part(
            "DynamoDB",
            f"{most:.3g} to {least:.3g} write and {use.read_units:g} read units",
            use.read_units * READ_UNIT,
            writes=use.write_units,
        ),
        Part(
            "DynamoDB, kept a month",
            f"{use.stored_bytes / 1000:.1f} kB",
            use.stored_bytes / 1e9 * STORED_GB,
        ),
        Part(
            "DynamoDB, reconciler",
            f"every minute: {use.reconciler_units:g} read units",
            0.0,
            MONTH * use.reconciler_units * READ_UNIT,
        ),
        Part("Logs", f"{use.logged_bytes / 1000:.1f} kB", use.logged_bytes / 1e9 * LOGGED_GB),
        Part(
            "Logs, reconciler",
            f"every minute: {use.reconciler_bytes / 1000:.1f} kB",
            0.0,
            MONTH * use.reconciler_bytes / 1e9 * LOGGED_GB,
        ),
        Part(
            "Alarms",
            f"{there.alarms} alarms on {there.watched} metrics",
            0.0,
            there.watched * ALARM,
        ),
        Part("Metrics", f"{use.metrics} metrics", 0.0, busy=use.metrics * METRIC),
        Part("Dashboard", f"{there.dashboards} dashboard", 0.0, there.dashboards * DASHBOARD),
    ]


def dollars(bill: Sequence[Part], queries: int) -> float:
    """Return what a month of that many queries costs."""
    return sum(part.dollars(queries) for part in bill)


def table(bill: Sequence[Part], volumes: Sequence[int]) -> list[str]:
    """Return the bill as a Markdown table, a column for each number of queries a month."""
    heads = " | ".join(f"{queries:,}" if queries else "idle" for queries in volumes)
    lines = [
        f"| part | a query | {heads} |",
        "| --- | --- |" + " ---: |" * len(volumes),
    ]
    for part in bill:
        sums = " | ".join(f"{part.dollars(queries):,.2f}" for queries in volumes)
        lines.append(f"| {part.name} | {part.formula} | {sums} |")
    sums = " | ".join(f"**{dollars(bill, queries):,.2f}**" for queries in volumes)
    return [*lines, f"| **together, $ a month** | | {sums} |"]


def idle_month(bill: Sequence[Part]) -> list[str]:
    """Return what a month without a query costs as a Markdown table, the dearest part first."""
    found = sorted(bill, key=lambda part: -part.dollars(0))
    lines = ["| part | for | $ a month |", "| --- | --- | ---: |"]
    lines += [
        f"| {part.name} | {part.formula} | {part.dollars(0):.2f} |"
        for part in found
        if part.dollars(0)
    ]
    return [*lines, f"| **together** | | **{dollars(bill, 0):.2f}** |"]
