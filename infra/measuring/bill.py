"""What a month costs on AWS, calculated from measured use, the template and listed prices."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import exp

from infra.measuring.standing import Standing

LISTED = "December 2025"
"""When AWS listed these prices for us-east-1, on demand, without a free tier; dollars."""

SOURCES = (
    "aws.amazon.com/api-gateway/pricing",
    "aws.amazon.com/lambda/pricing",
    "aws.amazon.com/sqs/pricing",
    "aws.amazon.com/dynamodb/pricing/on-demand",
    "aws.amazon.com/kms/pricing",
    "aws.amazon.com/cloudwatch/pricing",
)

API_REQUEST = 3.50e-6
LAMBDA_REQUEST = 0.20e-6
LAMBDA_GB_SECOND = 0.0000166667
SNAPSHOT_GB_SECOND = 0.0000015046  # kept, for each published version
SNAPSHOT_GB_RESTORED = 0.0001397998
QUEUE_REQUEST = 0.40e-6
WRITE_UNIT = 0.625e-6
READ_UNIT = 0.125e-6
STORED_GB = 0.25
RECOVERABLE_GB = 0.20  # point-in-time recovery, by the size of the table without its indexes
KEY_REQUEST = 0.03 / 10_000
LOGGED_GB = 0.50
ALARM = 0.10  # for each metric that it watches
METRIC = 0.30
DASHBOARD = 3.00

MONTH = 30 * 24 * 60
"""Minutes in the month that is charged."""

POLLERS, POLL = 5, 20
"""How many pollers an event source has, and how many seconds each asks for a message."""

POLLS = POLLERS * 60 // POLL * MONTH
"""Receive calls of an event source in a month without messages.

Five, also at rest: Lambda asks with fewer only where no greatest concurrency is set
(docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html).
"""

KEPT, RENEWED = 5 * 60, 2 * 3600
"""Seconds after which Lambda takes away an environment that is not used, and one that is.

AWS publishes neither, so these are assumptions, rather too short than too long. A start is billed
like any other time, since 1 August 2025
(aws.amazon.com/blogs/compute/aws-lambda-standardizes-billing-for-init-phase).
"""

KEY_KEPT = 5 * 60
"""Seconds for which DynamoDB keeps a table's key for a caller before it asks KMS again
(docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.howitworks.html).

This and the prices of KMS and of point-in-time recovery could not be read again when the parts were
added, in November 2026."""


def cold_starts(uses: float) -> float:
    """Return how many environments start in a month of that many uses of a function, spread evenly.

    By Poisson's law, e to the power of minus the uses within KEPT finds none that is still there.
    The others start one in each RENEWED.
    """
    if not uses:
        return 0.0
    late = exp(-uses / (MONTH * 60) * KEPT)
    return uses * late + (1 - late) * MONTH * 60 / RENEWED


@dataclass(frozen=True, slots=True)
class Starts:
    """Seconds that the start of an environment takes, of each function that a query passes."""

    intake: float
    worker: float
    reconciler: float


@dataclass(frozen=True, slots=True)
class Use:
    """What an answered query uses, as measured: two API requests, seconds of each function, the
    table's units and bytes, bytes of log. `standing` is what the template has in any month.

    `write_units` are by queries a month: the limits of a busy application cost less a query.
    `indexed_bytes` are kept in the indexes beside the `stored_bytes` of the table.
    `starts` are the seconds that each function takes to start. `reconciler_units` are the read
    units of a run of the reconciler that finds nothing overdue, and `reconciler_bytes` what it
    logs.
    """

    intake_seconds: float
    worker_seconds: float
    reconciler_seconds: float
    starts: Starts
    write_units: Mapping[int, float]
    read_units: float
    stored_bytes: float
    indexed_bytes: float
    logged_bytes: float
    reconciler_units: float
    reconciler_bytes: float
    standing: Standing


def _nothing(_queries: int) -> float:
    return 0.0


@dataclass(frozen=True, slots=True)
class Part:
    """A line of the bill: its formula, and the dollars for a number of queries.

    `standing` is in every month, `busy` in every month with a query. `idle` is what polling costs
    in a month without messages. A poll that gets a message is counted with its query; by Poisson's
    law e to the power of minus the messages a poll would get ends in vain. `curve` is for what is
    no multiple of the queries.
    """

    name: str
    formula: str
    per_query: float
    standing: float = 0.0
    busy: float = 0.0
    idle: float = 0.0
    writes: Mapping[int, float] = field(default_factory=dict)
    curve: Callable[[int], float] = _nothing

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
        return always + (self.per_query + written) * queries + self.curve(queries)


def parts(use: Use) -> list[Part]:
    """Return the parts of the bill. A query is one POST, one waiting GET, one worker's message."""
    least, most = min(use.write_units.values()), max(use.write_units.values())
    there, others = use.standing, use.standing.queues - 1
    front, back, clock = (there.gigabytes[name] for name in ("intake", "worker", "reconciler"))
    intake = 2 * (LAMBDA_REQUEST + front * LAMBDA_GB_SECOND * use.intake_seconds)
    worker = LAMBDA_REQUEST + back * LAMBDA_GB_SECOND * use.worker_seconds
    reconciler = MONTH * (LAMBDA_REQUEST + clock * LAMBDA_GB_SECOND * use.reconciler_seconds)
    starting = front * use.starts.intake + back * use.starts.worker
    ticking = cold_starts(MONTH) * clock * use.starts.reconciler * LAMBDA_GB_SECOND
    asking, resting = KEY_REQUEST * MONTH * 60 / KEY_KEPT, there.keys["reconciler"]
    return [
        Part("API Gateway", "2 requests", 2 * API_REQUEST),
        Part(
            "Lambda, intake",
            f"2 x (request + {front:g} GB x {use.intake_seconds:.3f} s)",
            intake,
        ),
        Part("Lambda, worker", f"request + {back:.3g} GB x {use.worker_seconds:.3f} s", worker),
        Part(
            "Lambda, cold starts",
            f"intake {front:g} GB x {use.starts.intake:.2f} s, "
            f"worker {back:.3g} GB x {use.starts.worker:.2f} s",
            0.0,
            curve=lambda queries: cold_starts(queries) * starting * LAMBDA_GB_SECOND,
        ),
        Part(
            "Lambda, reconciler",
            f"every minute: request + {clock:g} GB x {use.reconciler_seconds:.2f} s",
            0.0,
            reconciler,
        ),
        Part(
            "Lambda, cold starts of the reconciler",
            f"{cold_starts(MONTH):.0f} x {clock:g} GB x {use.starts.reconciler:.2f} s",
            0.0,
            ticking,
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
            f"{(use.stored_bytes + use.indexed_bytes) / 1000:.1f} kB with the indexes",
            (use.stored_bytes + use.indexed_bytes) / 1e9 * STORED_GB,
        ),
        Part(
            "DynamoDB, point-in-time recovery",
            f"{use.stored_bytes / 1000:.1f} kB, of {there.recoverable} tables",
            use.stored_bytes / 1e9 * RECOVERABLE_GB,
        ),
        Part(
            "KMS, the tables' keys",
            f"a request for each table and function in 5 minutes: {resting} at rest, "
            f"{sum(there.keys.values())} with queries",
            0.0,
            asking * resting,
            busy=asking * (sum(there.keys.values()) - resting),
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
        Part("Metrics", f"{there.metrics} metrics of our own", 0.0, busy=there.metrics * METRIC),
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
