"""What the reconciler takes, and logs, in a stack that is at rest."""

from datetime import UTC, datetime
from statistics import fmean

from infra.deploying.stack import Stack
from infra.measuring.spent import spent
from infra.proving.testbed import wait_until

RUNS = 10


def reconciler(stack: Stack) -> tuple[float, float]:
    """Return the seconds and the bytes of log of a run that finds nothing overdue."""
    since = datetime.now(UTC)
    for _ in range(RUNS):
        stack.client("lambda").invoke(FunctionName=f"{stack.name}-reconciler")
    wait_until(lambda: spent(stack, "reconciler", since).runs >= RUNS)
    runs = spent(stack, "reconciler", since)
    return fmean(runs.warm or runs.cold), runs.logged / runs.runs
