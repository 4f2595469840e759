"""How fast questions are answered when the tickets table is full, against a nearly empty one.

    python -m infra.measuring.full_table --ports 4588 4589

Starts two stacks of its own, one with few tickets and one with many, and asks them in turn: so
other work of the machine slows both.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from shutil import rmtree
from statistics import median

from helpdesk.aws import clients

from infra import emulator
from infra.deploying.stack import Stack
from infra.local.up import up
from infra.measuring import load, past_year
from infra.measuring.durations import timed
from infra.measuring.row import Bar, Row, missed, written
from infra.paths import BUILD

PORTS = (4588, 4589)
STATES = BUILD / "full-table"
FEW, MANY = 100, 10_000
QUESTIONS = 200
ROUNDS = 5
LEAST = 0.9
"""The share of the rate that a full table must keep."""


def rates(nearly_empty: Stack, full: Stack) -> Iterator[Row]:
    """Fill the tables, directly, and ask both stacks in turn; the middle of their ratios counts.

    What is asked is in the tables as well: some hundreds of tickets more in each.
    """
    seconds, items = timed(lambda: [_fill(nearly_empty, FEW), _fill(full, MANY)])
    stacks = (nearly_empty, full)
    for stack in stacks:
        load.ask_at_once(stack, QUESTIONS)  # starts the environments
    rounds = [[load.ask_at_once(stack, QUESTIONS) for stack in stacks] for _ in range(ROUNDS)]
    few, many = (median(each.rate for each in asked) for asked in zip(*rounds, strict=True))
    kept = median(after.rate / before.rate for before, after in rounds)
    yield Row(f"filling a table with {MANY:,} tickets, {items[1]:,} items", f"{seconds:.0f} s")
    yield Row(
        f"answered with {FEW:,}, and with {MANY:,} tickets in the table, "
        f"{ROUNDS} x {QUESTIONS} questions in turn",
        f"{few:.1f} /s, {many:.1f} /s: {kept:.2f} times",
        Bar(f"≥ {LEAST} times", kept >= LEAST),
    )
    for stack, asked in zip(stacks, zip(*rounds, strict=True), strict=True):
        yield load.accounted(stack, [ticket for each in asked for ticket in each.tickets])


def measured(ports: Sequence[int], folder: Path) -> list[Row]:
    """Start two stacks on these ports, measure, and stop them; their states are in `folder`."""
    states = [folder / str(port) for port in ports]
    try:
        for state in states:
            rmtree(state, ignore_errors=True)
        stacks = [up(port=port, state=state) for port, state in zip(ports, states, strict=True)]
        return list(rates(*stacks))
    finally:
        for state in states:
            emulator.stop(state)


def _fill(stack: Stack, tickets: int) -> int:
    """Put answered tickets of the last year into the table; return the number of their items."""
    name = stack.outputs["TicketsTable"]
    table = clients.table(name, stack.session, endpoint_url=stack.endpoint_url)
    items = list(past_year.items(tickets, datetime.now(UTC)))
    table.put_all(items)
    return len(items)


def main() -> int:
    """Measure and print the rows; return 1 if a bar is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--ports", type=int, nargs=2, default=PORTS)
    lines = list(written(measured(parser.parse_args().ports, STATES)))
    print("\n".join(lines))
    return 1 if missed(lines) else 0


if __name__ == "__main__":
    sys.exit(main())
