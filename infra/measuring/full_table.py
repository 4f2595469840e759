"""How fast questions are answered when the tickets table is full, against a nearly empty one.

    python -m infra.measuring.full_table --port 4588

Wants a running stack whose table is empty: `make run DEMO=no` on a fresh state.
"""

import argparse
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from statistics import median

from helpdesk.aws import clients

from infra import emulator
from infra.deploying.stack import Stack
from infra.local.up import local_stack
from infra.measuring import load, past_year
from infra.measuring.durations import timed
from infra.measuring.row import Bar, Row, written

FEW, MANY = 100, 10_000
QUESTIONS = 300
ROUNDS = 3
LEAST = 0.9
"""The share of the rate that a full table must keep."""


def rates(stack: Stack) -> Iterator[Row]:
    """Fill the table, directly, and measure before and after; the middle one of three rounds.

    What is asked meanwhile is in the table as well: some hundreds of tickets more.
    """
    name = stack.outputs["TicketsTable"]
    table = clients.table(name, stack.session, endpoint_url=stack.endpoint_url)
    items = list(past_year.items(MANY, datetime.now(UTC)))
    few = len(items) * FEW // MANY
    table.put_all(items[:few])
    load.ask_at_once(stack, QUESTIONS)  # the first round starts the environments
    before = [load.ask_at_once(stack, QUESTIONS) for _ in range(ROUNDS)]
    filled, _ = timed(lambda: table.put_all(islice(items, few, None)))
    after = [load.ask_at_once(stack, QUESTIONS) for _ in range(ROUNDS)]
    empty, full = (median(each.rate for each in rounds) for rounds in (before, after))
    yield Row(f"filling the table with {MANY:,} tickets, {len(items):,} items", f"{filled:.0f} s")
    yield Row(
        f"answered with {FEW:,}, and with {MANY:,} tickets in the table, "
        f"{ROUNDS} x {QUESTIONS} questions each",
        f"{empty:.1f} /s, {full:.1f} /s: {full / empty:.2f} times",
        Bar(f"≥ {LEAST} times", full >= LEAST * empty),
    )
    yield load.accounted(stack, [ticket for each in before + after for ticket in each.tickets])


def main() -> int:
    """Measure at a running stack and print the rows."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--port", type=int, default=emulator.DEFAULT_PORT)
    print("\n".join(written(rates(local_stack(f"http://127.0.0.1:{parser.parse_args().port}")))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
