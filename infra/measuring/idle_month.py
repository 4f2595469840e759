"""What a month costs in which no one asks: the bill for the template as it is."""

from collections.abc import Iterator
from datetime import UTC, datetime
from statistics import fmean

from cfnlint.decode import decode

from infra.deploying.stack import TEMPLATE, Stack
from infra.measuring import bill
from infra.measuring.bill import Part, Use
from infra.measuring.sections import section
from infra.measuring.spent import spent
from infra.proving.testbed import wait_until

TITLE = "On AWS: an idle month"
SAID = (
    "The stack as `template.yaml` has it, without a question, a mail or a file; us-east-1, list",
    f"prices of {bill.LISTED}, no free tier (which has ten alarm metrics, three dashboards, a",
    "million requests of queues, and all of the reconciler). Lambda asks each queue for messages",
    "all the time; reading a table's stream costs nothing. What is stored is less than a cent.",
)


def standing() -> bill.Standing:
    """Return what the template has that costs in any month."""
    template, _faults = decode(str(TEMPLATE))
    return bill.standing(template)


RUNS = 10
"""Of the reconciler, to measure."""


def parts(stack: Stack, reconciler_units: float) -> list[Part]:
    """Return the bill's parts, of which only an idle month's are measured.

    The reconciler's time and log are those of some runs on a stack that is at rest; its read units
    are counted elsewhere.
    """
    since = datetime.now(UTC)
    for _ in range(RUNS):
        stack.client("lambda").invoke(FunctionName=f"{stack.name}-reconciler")
    wait_until(lambda: spent(stack, "reconciler", since).runs >= RUNS)
    runs = spent(stack, "reconciler", since)
    return bill.parts(
        Use(
            intake_seconds=0,
            worker_seconds=0,
            reconciler_seconds=fmean(runs.warm or runs.cold),
            write_units={0: 0},
            read_units=0,
            stored_bytes=0,
            logged_bytes=0,
            reconciler_units=reconciler_units,
            reconciler_bytes=runs.logged / runs.runs,
            metrics=0,
            standing=standing(),
        )
    )


def lines(found: list[Part], measured: str = "") -> Iterator[str]:
    """Yield the section of the report, with when and where the reconciler was measured."""
    said = (*SAID, "", f"The reconciler was measured on {measured}.") if measured else SAID
    yield from section(TITLE, bill.idle_month(found), said)
