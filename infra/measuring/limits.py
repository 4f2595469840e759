"""Which of AWS's limits a growing desk meets first, and at how many questions a second.

A question is one POST, one GET that waits until the worker has answered, and one message of the
worker. Each limit is AWS's default quota, or what a partition takes; what a question takes of it is
measured (`query_places`, `measured`) or follows from the template.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, inf
from typing import Any

from helpdesk.limits import MOST_LENT

from infra.measuring.measured import Measured
from infra.measuring.query_places import ANSWERED, FOR_A_PERSON, SPREAD, Touched, touched

LEAST = 2_000
"""Questions a second that AWS's limits must allow."""

CHECKED = "November 2026"
"""When these pages of AWS were read."""

GATEWAY = 10_000
ENVIRONMENTS = 1_000
REQUESTS_OF_AN_ENVIRONMENT = 10
BATCHES = 1_000
TABLE_UNITS = 40_000
PARTITION_WRITES, PARTITION_READS = 1_000, 3_000
NEW_TABLE_WRITES, NEW_TABLE_READS = 4_000, 12_000
DOUBLING = 30
"""Minutes in which a table may grow to twice its highest traffic."""

IN_FLIGHT = 120_000
BATCH = 10
LONGEST_WAIT = 20
"""Seconds that a GET may wait (`wait=20`)."""

_DEVELOPER = "docs.aws.amazon.com/amazondynamodb/latest/developerguide"
_QUEUES = "docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide"
SOURCES: Mapping[str, str] = {
    "gateway": "docs.aws.amazon.com/apigateway/latest/developerguide/limits.html",
    "lambda": "docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html",
    "lambda and SQS": "docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html",
    "table": f"{_DEVELOPER}/ServiceQuotas.html",
    "partition": f"{_DEVELOPER}/bp-partition-key-design.html",
    "index": f"{_DEVELOPER}/gsi-throttling.html",
    "new table": f"{_DEVELOPER}/on-demand-capacity-mode.html",
    "queue": f"{_QUEUES}/quotas-messages.html",
}


@dataclass(frozen=True, slots=True)
class Limit:
    """What AWS allows, and what a question takes of it: one that is answered, one for a person.

    `source` is a key of SOURCES.
    """

    what: str
    allowed: float
    unit: str
    answered: float
    for_a_person: float
    source: str

    @property
    def queries(self) -> float:
        """How many answered questions a second this allows."""
        return _times(self.allowed, self.answered)

    @property
    def for_people(self) -> float:
        """How many questions a second this allows if each goes to a person."""
        return _times(self.allowed, self.for_a_person)


def _times(allowed: float, taken: float) -> float:
    return allowed / taken if taken else inf


def _alike(what: str, allowed: float, unit: str, takes: float, source: str) -> Limit:
    return Limit(what, allowed, unit, takes, takes, source)


def limits(measured: Measured) -> list[Limit]:
    """Return the limits, the first one to be met by answered questions first."""
    pace = written_for_a_post(measured)
    answered, for_a_person = touched(ANSWERED), touched(FOR_A_PERSON)
    found = [
        _alike("API Gateway, a region", GATEWAY, "requests", 2, "gateway"),
        _alike(
            "Lambda, invocations of one function",
            ENVIRONMENTS * REQUESTS_OF_AN_ENVIRONMENT,
            "requests",
            2,
            "lambda",
        ),
        _alike(
            "Lambda, environments of an account",
            ENVIRONMENTS,
            "seconds of them",
            seconds(measured),
            "lambda",
        ),
        _alike(
            f"Lambda, batches of the intake queue ({BATCH} messages each)",
            BATCHES / (BATCH * measured.message_seconds),
            "batches",
            1 / BATCH,
            "lambda and SQS",
        ),
        _alike(
            "SQS, messages in flight",
            IN_FLIGHT,
            "seconds of a message",
            BATCH * measured.message_seconds,
            "queue",
        ),
        _alike(
            "Tickets, the item that counts a busy application",
            PARTITION_WRITES,
            "write units",
            pace,
            "partition",
        ),
        *_tables(answered, for_a_person, 1 + 2 * pace),
        *_partitions(answered, for_a_person),
    ]
    return sorted(found, key=lambda limit: (limit.queries, limit.what))


def seconds(measured: Measured) -> float:
    """Return for how long an answered question keeps environments of Lambda busy."""
    return 2 * measured.intake_seconds + measured.worker_seconds


WRITES_OF_A_BUSY_BUCKET = 2
"""The first one expects a full bucket and fails, the second one knows its level (`aws.buckets`)."""


def written_for_a_post(measured: Measured) -> float:
    """Return how often the bucket of a busy application is written for one POST.

    With the usage plan's burst at twice its rate, all environments of intake together may hold half
    a second of it in advance (`MOST_LENT`), and each borrows its part. So the more environments
    share a rate, the smaller are their parts.
    """
    held = 2 * MOST_LENT / (2 * measured.intake_seconds)
    return WRITES_OF_A_BUSY_BUCKET / (1 + held)


def counted_at_the_end_of_a_minute() -> float:
    """Return how many POSTs of one application a second are counted while loans lapse.

    In the last CLOCKS of a minute tokens are drawn one by one. Beyond, POSTs are let in uncounted.
    """
    return PARTITION_WRITES / WRITES_OF_A_BUSY_BUCKET


def _tables(answered: Touched, for_a_person: Touched, counted: float) -> Iterator[Limit]:
    """Yield what the tables and indexes take; `counted` are the writes of a POST's own limits."""
    for kind, allowed in (("writes", TABLE_UNITS), ("reads", TABLE_UNITS)):
        of_answered, of_others = getattr(answered, kind), getattr(for_a_person, kind)
        for table, index in sorted({*of_answered, *of_others}):
            more = counted if (kind, table, index) == ("writes", "tickets", "") else 0.0
            answers = of_answered.get((table, index), 0) + more
            others = of_others.get((table, index), 0) + more
            if answers or others:
                name = f"{table.capitalize()}, {index or 'the table'}, {kind}"
                yield Limit(name, allowed, f"{kind[:-1]} units", answers, others, "table")


def _partitions(answered: Touched, for_a_person: Touched) -> Iterator[Limit]:
    for index in SPREAD:
        takes = answered.hottest(index), for_a_person.hottest(index)
        name = f"Tickets, {index}, its fullest partition"
        yield Limit(name, PARTITION_WRITES, "write units", *takes, "index")
    for table, key in answered.shared_reads:
        if key:
            takes = (
                answered.shared_reads[table, key],
                for_a_person.shared_reads.get((table, key), 0.0),
            )
            name = f"{table.capitalize()}, partition {key}, reads"
            yield Limit(name, PARTITION_READS, "read units", *takes, "partition")


@dataclass(frozen=True, slots=True)
class Start:
    """What a table of the first day allows, and the minutes until it allows LEAST."""

    name: str
    queries: float
    minutes: int


def first_day(measured: Measured) -> list[Start]:
    """Return what the tickets table and its indexes allow as they are made, slowest first."""
    found = []
    for (table, index), units in _written(measured).items():
        if table == "tickets":
            queries = NEW_TABLE_WRITES / units
            minutes, reached = 0, queries
            while reached < LEAST:
                minutes, reached = minutes + DOUBLING, 2 * reached
            found.append(Start(index or "the table", queries, minutes))
    return sorted(found, key=lambda start: start.queries)


def _written(measured: Measured) -> dict[tuple[str, str], float]:
    """Return the write units of an answered question by table and index, with its limits."""
    found = dict(touched(ANSWERED).writes)
    found["tickets", ""] += 1 + 2 * written_for_a_post(measured)
    return found


def warmed(measured: Measured) -> int:
    """Return the write units a second with which a new table takes LEAST questions at once."""
    return ceil(LEAST * _written(measured)["tickets", ""] / 1_000) * 1_000


@dataclass(frozen=True, slots=True)
class Ours:
    """A limit that the template sets, and what it must be for LEAST questions a second."""

    parameter: str
    default: float
    queries: float
    needed: int


def ours(template: Mapping[str, Any], measured: Measured) -> list[Ours]:
    """Return the limits of the template's own parameters, the first one to be met first."""
    default = {
        name: each["Default"] for name, each in template["Parameters"].items() if "Default" in each
    }
    a_day = 24 * 3600
    takes = {
        "RequestsPerSecond": 2,
        "AddressPerSecond": 1,
        "WorkerConcurrency": measured.message_seconds,
        "RequestsPerDay": 2 * a_day,
    }
    found = [
        Ours(name, default[name], default[name] / a_query, round(LEAST * a_query + 0.5))
        for name, a_query in takes.items()
    ]
    return sorted(found, key=lambda each: each.queries)


def held(measured: Measured) -> float:
    """Return how many questions a second an account allows whose GET waits in vain for 20 s."""
    return ENVIRONMENTS / (LONGEST_WAIT + measured.intake_seconds + measured.worker_seconds)


def _shown(queries: float) -> str:
    return f"{queries:,.0f}" if queries < inf else "any"


def table(found: Sequence[Limit]) -> list[str]:
    """Return the limits as a Markdown table, with the addresses of their sources below."""
    lines = [
        "| limit | a second | an answered question takes | answered, a second "
        "| all to people, a second | source |",
        "| --- | ---: | --- | ---: | ---: | --- |",
    ]
    lines += [
        f"| {each.what} | {each.allowed:,.0f} | {each.answered:.3g} {each.unit} "
        f"| {_shown(each.queries)} | {_shown(each.for_people)} | {each.source} |"
        for each in found
    ]
    lines += [
        "",
        f"Sources, as of {CHECKED}; gateway, partition and queue are named, not read:",
        "",
    ]
    used = {each.source for each in found} | {"new table"}
    return lines + [f"- {name}: https://{SOURCES[name]}" for name in SOURCES if name in used]
