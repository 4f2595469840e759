"""Checks that a run could not make: printed, and kept for the summary at the end of `.ci/run`."""

import sys

from infra.paths import BUILD

RECORD = BUILD / "not-checked.txt"
"""A line for each check that was left out; `.ci/run` empties it first and prints it last."""


def record(what: str, why: str) -> None:
    """Print that `what` was not checked, and why, and add both to the record as one line."""
    print(f"\n*** NOT CHECKED: {what}: {why} ***\n", file=sys.stderr)
    RECORD.parent.mkdir(exist_ok=True)
    with RECORD.open("a") as file:
        file.write(f"{what}: {why}\n")
