"""The sections of docs/benchmarks.md about AWS: its limits, the bill, an idle month.

    python -m infra.measuring.on_aws

Everything here follows from the template, from the adapters over its tables, and from what
`make bench` measured last (`measured.json`). So it is written again without an emulator, and a test
compares it with the document.
"""

import sys
from collections.abc import Iterator, Sequence

from infra.measuring import bill, limits, table_cost
from infra.measuring.bill import Part, Starts, Use
from infra.measuring.limits import LEAST, LONGEST_WAIT
from infra.measuring.measured import Measured
from infra.measuring.query_places import ANSWERED, touched
from infra.measuring.row import Bar, Row, written
from infra.measuring.sections import REPORT, replaced, section
from infra.measuring.standing import standing
from infra.measuring.waiting_pages import looks_within

LIMITS, BILL, BESIDE, IDLE = (
    "On AWS: the limits",
    "On AWS: the bill",
    "On AWS: what costs beside answered queries",
    "On AWS: an idle month",
)

VOLUMES = (1_000, 100_000, 10_000_000)
MOST_DOLLARS = 210

LOOKS = 3
"""How often a GET that waits looks for the answer: at once, and every 10 ms while the worker takes
its 20 ms. Each look reads again; only the first must be up to date, which costs twice as much."""

MOST_LOOKS = 40
"""How often a GET looks in LONGEST_WAIT seconds, at most (`customers.wait`)."""

RESTORES = 1_000


def use(measured: Measured) -> Use:
    """Return what an answered query uses on AWS."""
    asked = touched(ANSWERED)
    writes = sum(asked.writes.values())
    kept, indexed = table_cost.stored()
    return Use(
        intake_seconds=measured.intake_seconds,
        worker_seconds=measured.worker_seconds,
        reconciler_seconds=measured.reconciler_seconds,
        starts=Starts(measured.intake_start, measured.worker_start, measured.reconciler_start),
        write_units={queries: writes + more for queries, more in measured.limiting.items()},
        read_units=sum(asked.reads.values()) + (LOOKS - 1) / 2,
        stored_bytes=kept,
        indexed_bytes=indexed,
        logged_bytes=measured.logged_bytes,
        reconciler_units=table_cost.at_rest(),
        reconciler_bytes=measured.reconciler_bytes,
        standing=standing(table_cost.template()),
    )


def lines(measured: Measured) -> dict[str, list[str]]:
    """Return the lines of each section, by its title."""
    used = use(measured)
    parts = bill.parts(used)
    return {
        LIMITS: list(section(LIMITS, _limits(measured), _SAID_OF_LIMITS)),
        BILL: list(section(BILL, _bill(parts), _said_of_bill(measured))),
        BESIDE: list(section(BESIDE, _beside(used, parts), _SAID_OF_THE_REST)),
        IDLE: list(section(IDLE, bill.idle_month(parts), _said_of_idle(measured))),
    }


_SAID_OF_LIMITS = (
    "Calculated by `infra/measuring/limits.py` from AWS's default quotas for one region and from",
    "what a question does to the tables. A question is a POST, a GET that waits for the answer,",
    "and a message of the worker, with durations of this machine. AWS will be slower: environments",
    "suffice for the bar up to half a second a question. A partition takes 1,000 write units and",
    "3,000 read units a second, and a full partition of an index slows the writes of the whole",
    "table. A ticket and a customer have partitions of the table of their own. But the events of",
    "all tickets of a day share partitions of an index, so do all that wait for the same thing,",
    "and all questions share the partition of the articles. An index is spread by tickets' ids;",
    "the share of its fullest partition counts.",
)


def _limits(measured: Measured) -> Iterator[str]:
    found = limits.limits(measured)
    first = found[0]
    yield from limits.table(found)
    yield ""
    reached = Bar(f"≥ {LEAST:,}", first.queries >= LEAST)
    met = f"{first.queries:,.0f} a second: {first.what}"
    yield from written([Row("answered questions, by the first limit to be met", met, reached)])
    yield from ("", *_TO_PEOPLE, "")
    yield from _NOT_THERE
    yield (
        "- In the last second of a minute nothing is lent, so each POST is counted by itself: more "
        f"than {limits.counted_at_the_end_of_a_minute():.0f} a second of one application or one "
        "address are too many for its item then. The others are let in uncounted in that second, "
        "and `LimiterFailuresAlarm` goes off; none is refused or lost."
    )
    slowest = limits.first_day(measured)[0]
    warm = limits.warmed(measured)
    yield (
        f"- A new table starts with {limits.NEW_TABLE_WRITES:,} write units a second, and each of "
        f"its indexes with as many: {slowest.queries:,.0f} questions a second, set by "
        f"{slowest.name}. It may grow to twice its highest traffic every {limits.DOUBLING} "
        f"minutes, so {LEAST:,} are reached after {slowest.minutes} minutes of growing traffic; "
        f"or at once with `WarmWrites={warm}`."
    )
    yield (
        f"- A GET that waits in vain holds an environment for {LONGEST_WAIT} seconds: "
        f"{limits.held(measured):.0f} of those a second fill an account. Pages look without "
        "waiting, and so should servers that ask about tickets which people have."
    )
    wanted = ", ".join(
        f"`{each.parameter}={each.needed}` ({each.default:,}: {each.queries:,.3g} a second)"
        for each in limits.ours(table_cost.template(), measured)
    )
    yield (
        f"- The template's own limits come first, and are parameters. {LEAST:,} questions a "
        f"second need at least {wanted}; the defaults and what they allow are in brackets. "
        "`RequestsBurst` is twice `RequestsPerSecond`."
    )


_TO_PEOPLE = (
    "Where every question goes to a person, the partition of the articles is read twice for one,",
    "once for each of two candidates: that is below the bar. DynamoDB splits a partition that",
    "is read so often between its items; one article alone takes 3,000. And no team answers so",
    "many.",
)
_NOT_THERE = (
    "- The tickets table has no stream. KMS is asked for a table's key once in five minutes for "
    "each function, however much traffic there is. Logs leave an environment together: AWS takes "
    "5,000 requests a second for them; how often Lambda sends is not published.",
    "- The counts of mails, files and notices of a day are one item (`COUNTED`), which takes 500 "
    "to 1,000 a second; SES sends 14 mails a second at first. No question by the API counts there.",
    "- A day of more than 40,000 events has no figures (`figures.MOST_EVENTS`).",
)


def _said_of_bill(measured: Measured) -> tuple[str, ...]:
    return (
        f"us-east-1, on demand, list prices of {bill.LISTED}, no free tier, no data transfer. A",
        "query is one POST, one GET that waits for the answer, and one message of the worker,",
        f"alone in its batch; the GET looks {LOOKS} times. Durations were measured one question at",
        f"a time on {measured.on}.",
        "The rate is even, and all requests come from one server: that is what limits are counted",
        f"for. An environment is assumed to be kept for {bill.KEPT // 60} minutes without use and",
        f"for {bill.RENEWED // 3600} hours with it; AWS publishes neither. All metrics of intake,",
        "worker and reconciler count as published all month. Lambda logs failures only",
        "(`SystemLogLevel`). What people answer costs about as much again. Prices change:",
        "`infra/measuring/bill.py` is the whole calculation, by the prices of",
        f"{', '.join(bill.SOURCES)}.",
        "The prices of KMS and of point-in-time recovery, and how long DynamoDB keeps a key, could",
        "not be read again: check them there. Units are those of the code as it is; the sections",
        "above are of the last `make bench`.",
    )


def _bill(parts: Sequence[Part]) -> Iterator[str]:
    yield from bill.table(parts, (0, *VOLUMES))
    total = bill.dollars(parts, VOLUMES[-1])
    yield from ("", f"For {VOLUMES[-1]:,} queries:", "")
    under = Bar(f"< ${MOST_DOLLARS}", total < MOST_DOLLARS)
    yield from written([Row("a month on AWS", f"${total:.2f}", under)])


_SAID_OF_THE_REST = (
    "With the same prices and durations. What an answered query costs is without what stands in",
    "any month. The prices of snapshots (`WorkerSnapStart`) are as pages about them quote",
    "aws.amazon.com/lambda/pricing, whose table the stored copy lacks: check them there.",
)


def beside(used: Use, parts: Sequence[Part]) -> dict[str, float]:
    """Return what single things cost in dollars, an answered query first."""
    front, back = (used.standing.gigabytes[name] for name in ("intake", "worker"))
    request = bill.API_REQUEST + bill.LAMBDA_REQUEST
    look = request + front * used.intake_seconds * bill.LAMBDA_GB_SECOND + bill.READ_UNIT
    held = front * LONGEST_WAIT * bill.LAMBDA_GB_SECOND + (MOST_LOOKS + 1) / 2 * bill.READ_UNIT
    most = VOLUMES[-1]
    busy = bill.dollars(parts, most) - bill.dollars(parts, 0)
    published = next(part for part in parts if part.name == "Metrics").dollars(most)
    return {
        "answered query": (busy - published) / most,
        f"a GET that waits {LONGEST_WAIT} s in vain": request + held,
        "a page in sight that waits for a person, the first hour": looks_within(3600) * look,
        "a start of the worker": back * used.starts.worker * bill.LAMBDA_GB_SECOND,
        "`WorkerSnapStart`: a start of the worker": back * bill.SNAPSHOT_GB_RESTORED,
        "`WorkerSnapStart`: a month of one version": (
            back * bill.SNAPSHOT_GB_SECOND * bill.MONTH * 60 / RESTORES
        ),
    }


def _beside(used: Use, parts: Sequence[Part]) -> Iterator[str]:
    found = beside(used, parts)
    query = found["answered query"]
    yield "| what | $ for 1,000 | answered queries that cost as much |"
    yield "| --- | ---: | ---: |"
    for name, dollars in found.items():
        if name.endswith("version"):
            one = 1_000 * dollars
            yield f"| {name} (not 1,000: one) | {one:.2f} | {one / query:,.0f} |"
        else:
            yield f"| {name} | {1_000 * dollars:.3f} | {dollars / query:.2g} |"


def _said_of_idle(measured: Measured) -> tuple[str, ...]:
    return (
        "The stack as `template.yaml` has it, without a question, a mail or a file; us-east-1,",
        f"list prices of {bill.LISTED}, no free tier (which has ten alarm metrics, three",
        "dashboards, a million requests of queues, and all of the reconciler). Lambda asks each",
        "queue for messages all the time, with five requests of 20 seconds, since each has a",
        "greatest concurrency; reading a table's stream costs nothing. What is stored, and its",
        "point-in-time recovery, is less than a cent.",
        f"The reconciler was measured on {measured.on}.",
    )


def rewritten(report: str, measured: Measured) -> str:
    """Return a report with these sections as they follow from what was measured."""
    before = LIMITS
    for title, found in lines(measured).items():
        report = replaced(report, title, found, after=before)
        before = title
    return report


def main() -> int:
    """Write the sections again; return 0."""
    REPORT.write_text(rewritten(REPORT.read_text(), Measured.last()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
