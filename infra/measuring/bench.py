"""`make bench`: measures the product, and writes docs/benchmarks.md.

    python -m infra.measuring.bench --idle 10 --load 50 --burst 5 --tickets 1000 --messages 2000

All figures come from one run, with a client on the same machine. So compare figures within one
file, but not with figures from elsewhere.
"""

import argparse
import os
import platform
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from shutil import rmtree
from statistics import fmean
from typing import Any

from infra import emulator
from infra.deploying import build
from infra.deploying.stack import Stack
from infra.local.up import agent_environment, up
from infra.measuring import (
    cold_start,
    files_read,
    full_table,
    load,
    mail_load,
    on_aws,
    passage_search,
    resting,
    table_cost,
)
from infra.measuring.durations import spread, timed
from infra.measuring.measured import Measured
from infra.measuring.on_aws import VOLUMES
from infra.measuring.printed import printed_by
from infra.measuring.row import MISSED, Bar, Row, missed, written
from infra.measuring.sections import REPORT, WHOLE, machine, section
from infra.measuring.spent import spent
from infra.measuring.worker_cost import FLAT
from infra.paths import BUILD, ROOT
from infra.proving import race

PORT, MAIL_PORT = 4588, 4598
STATE = BUILD / "bench"
FEW = 1_000
"""Tickets in the table that the full one is compared with."""

BURST_FROM = 2.0
"""Questions a second before the burst, which brings ten times as many."""

COLD_STARTS = 9
"""How often a worker starts with nothing beside it."""

QUIET = 1.0
"""Questions a second of all other customers, while one customer sends nine times as many."""

MEBI = 2**20


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much of everything: questions, seconds, tickets, messages."""

    idle: int
    load: int
    burst: float
    tickets: int
    messages: int


def main() -> int:
    """Measure and write the report; return 1 if a bar is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--idle", type=int, default=100, help="questions one at a time (100)")
    parser.add_argument("--load", type=int, default=500, help="questions all at once (500)")
    parser.add_argument("--burst", type=float, default=15, help="seconds of the burst (15)")
    parser.add_argument("--tickets", type=int, default=100_000, help="in the table (100000)")
    parser.add_argument("--messages", type=int, default=10_000, help="to the worker (10000)")
    sizes = Sizes(**vars(parser.parse_args()))
    emulator.stop(STATE)
    rmtree(STATE, ignore_errors=True)
    try:
        lines = list(report(sizes))
    finally:
        emulator.stop(STATE)
    REPORT.write_text("\n".join(lines) + "\n")
    print(f"wrote {REPORT.relative_to(ROOT)}")
    below = missed(lines)
    print("\n".join(["Bars missed:", *below] if below else ["Every bar is reached."]))
    return 1 if below else 0


def report(sizes: Sizes) -> Iterator[str]:
    """Measure everything in turn and say it as Markdown, line by line."""
    yield from _head()
    zips = build.build()
    emulator.ensure_running(port=PORT, state=STATE)
    emulator.stop(STATE)  # its environments are made now, and are not what is measured
    started = datetime.now(UTC)
    parameters = TIMED | mail_load.leaving(MAIL_PORT)
    booted = partial(up, port=PORT, state=STATE, parameters=parameters)
    deployment, stack = timed(lambda: booted(taught=False))
    lesson, _ = timed(booted)
    rows = [
        Row("boot and deploy", f"{deployment:.1f} s", Bar("≤ 25 s", deployment <= 25)),
        Row("load the knowledge, and learn it", f"{lesson:.1f} s"),
    ]
    since = datetime.now(UTC)
    at_rest, rest_logged = resting.reconciler(stack)
    rows += load.idle(stack, sizes.idle)
    used = {name: spent(stack, name, since) for name in ("intake", "worker")}
    rows += load.at_once(stack, sizes.load)
    rows += load.burst(stack, BURST_FROM, sizes.burst)
    rows += load.noisy(stack, QUIET, 4 * sizes.burst)
    intake, worker, reconciler = (
        spent(stack, name, started) for name in ("intake", "worker", "reconciler")
    )
    rows.append(Row("worker, one warm invocation (1 to 10 messages)", spread(worker.warm)))
    rows.append(Row("worker, cold start with its first batch, under load", spread(worker.cold)))
    rows += _terminal(stack)
    mails = mail_load.measured(stack, MAIL_PORT, STATE / "mails")
    emulator.stop(STATE)
    starts = cold_start.compare([BUILD], COLD_STARTS)[str(BUILD)]
    rows.append(
        Row(
            f"worker, cold start alone, {COLD_STARTS} times",
            spread([each.clock / 1000 for each in starts]),
        )
    )
    rows += full_table.measured(full_table.PORTS, full_table.STATES)
    yield from section(WHOLE, written(rows))
    yield from section(mail_load.MAILS, written(mails), mail_load.SAID)
    yield from section("What is deployed", written(_sizes(zips)))
    footprint = printed_by("infra.measuring.worker_cost", "--messages", str(sizes.messages))
    yield from section("The worker's own code", written(_worker(footprint)), WORKER_COST)
    yield from section("Customers' files", written(files_read.rows()), files_read.SAID)
    searches = written(passage_search.rows())
    yield from section("Searches among passages", searches, passage_search.SAID)
    costs = printed_by(
        "infra.measuring.table_cost",
        *("--tickets", str(FEW), str(sizes.tickets)),
        *("--queries", *map(str, VOLUMES)),
    )
    few, many = costs[str(FEW)], costs[str(sizes.tickets)]
    yield from section(
        f"A table of {sizes.tickets:,} tickets", _requests(few, many, sizes.tickets), TABLE_COST
    )
    yield from ("", *_busy(costs["limits"]))
    measured = Measured(
        on=machine(),
        intake_seconds=fmean(used["intake"].warm),
        worker_seconds=fmean(used["worker"].warm),
        reconciler_seconds=at_rest,
        message_seconds=footprint["a_message"],
        intake_start=min(intake.starts),
        worker_start=min(worker.starts),
        reconciler_start=min(reconciler.starts),
        logged_bytes=sum(each.logged for each in used.values()) / sizes.idle,
        reconciler_bytes=rest_logged,
        limiting={volume: costs["limits"][str(volume)] for volume in VOLUMES},
    )
    measured.keep()
    for lines in on_aws.lines(measured).values():
        yield from lines


TIMED = {"SystemLogLevel": "INFO"}
"""Lambda logs the time of every invocation. A stack does not, so the bill does not count it."""

WORKER_COST = (
    "`infra/measuring/worker_cost.py`: the worker's handler, adapters and model in one process,",
    "DynamoDB and SQS answered in it at almost no cost; every message another text.",
)
TABLE_COST = (
    "`infra/measuring/table_cost.py`: the adapters over the template's own table and indexes.",
    "Items examined, and the units DynamoDB charges, by the sizes of the items. No times: an",
    "emulator's queries grow with its tables, which proves nothing. Two requests may grow, with",
    "their subject: `next` also shows the customer's other tickets, 20 in the larger table, and a",
    "day has more to count. Another one that examines more in the larger table is marked.",
)


def _head() -> Iterator[str]:
    yield from (
        "# Measurements",
        "",
        "Written by `make bench`; every figure is from one run, with client, LocalStack and",
        "functions on one machine. It says what this code costs there, not what AWS is like.",
        "",
        f"- {machine()}",
        f"- a yardstick for other machines: {_yardstick():.2f} s for ten million additions in a "
        "Python loop, before the run",
        f"- Python {platform.python_version()}, LocalStack 4.14.0, spaCy {version('spacy')}, "
        f"boto3 {version('boto3')}",
        "- nothing is random: the same questions in the same order",
    )


def _terminal(stack: Stack) -> Iterable[Row]:
    """From the start of the agents' terminal to its end, and what taking and answering costs."""
    environment = os.environ | agent_environment(stack)
    for words in ("--help", "ticket --help", "ticket list", "queue status"):
        command = [sys.executable, "-m", "agent_cli", *words.split()]
        run = partial(subprocess.run, command, env=environment, capture_output=True, check=True)
        seconds = [timed(run)[0] for _ in range(7)]
        yield Row(f"helpdesk {words}, 7 times", spread(seconds))
    outcome = race.run(stack, agents=8, tickets=100)
    yield Row(
        f"8 agents answering {outcome.tickets} tickets, as fast as they can",
        f"{outcome.tickets / outcome.seconds:.1f} /s, {outcome.conflicts} lost races",
        Bar("one owner, one reply each", outcome.clean),
    )


def _sizes(zips: Mapping[str, Path]) -> Iterable[Row]:
    sizes = {name: build.unzipped(path) for name, path in zips.items()}
    for name, size in sizes.items():
        shown = f"{size / MEBI:.1f} MiB" if size > MEBI else f"{size / 1024:.0f} KiB"
        yield Row(f"{name}, unzipped", shown)
    worker = sum(sizes[name] for name in ("worker", "core-layer", "nlp-layer"))
    limit = f"≤ {build.LIMIT / MEBI:.0f} MiB, as AWS allows"
    fits = Bar(limit, worker <= build.LIMIT)
    yield Row("worker with its layers, unzipped", f"{worker / MEBI:.1f} MiB", fits)


def _worker(footprint: Mapping[str, Any]) -> Iterable[Row]:
    message, understanding = footprint["a_message"], footprint["understanding"]
    warm, end = footprint["resident_warm"], footprint["resident_end"]
    yield Row("messages a second, one process", f"{1 / message:.0f}")
    yield Row(
        "a message",
        f"{message * 1000:.1f} ms, of it {understanding * 1000:.1f} ms understanding",
    )
    yield Row(
        f"resident memory after {footprint['messages']:,} messages, against after 1,000",
        f"{end / MEBI:.0f} MiB, {warm / MEBI:.0f} MiB: {end / warm - 1:+.1%}",
        Bar(f"flat within {FLAT:.0%}", end <= warm * (1 + FLAT)),
    )


def _requests(few: Mapping[str, Any], many: Mapping[str, Any], tickets: int) -> Iterator[str]:
    yield f"| request | calls | items examined, {FEW:,} → {tickets:,} | read units | write units |"
    yield "| --- | ---: | ---: | ---: | ---: |"
    for name, use in many.items():
        examined = f"{few[name]['examined']} → {use['examined']}"
        if use["examined"] > few[name]["examined"] and name not in table_cost.GROWING:
            examined += f" {MISSED}"
        yield (
            f"| {name} | {use['calls']} | {examined} | {use['read_units']:g} "
            f"| {use['write_units']:g} |"
        )


def _busy(limits: Mapping[str, float]) -> Iterator[str]:
    """Say what the limits of one request cost, by how many come from one application."""
    alone, *others = (f"{limits[str(volume)]:.3g} at {volume:,}" for volume in VOLUMES)
    yield (
        "The limits of one POST are three write units: its customer's, its address's and its "
        "application's. An address and an application that ask often lend blocks, so there the "
        f"mean is less; by queries a month, all from one server: {alone}, {', '.join(others)}."
    )


def _yardstick() -> float:
    def additions() -> int:
        total = 0
        for number in range(10_000_000):
            total += number
        return total

    return timed(additions)[0]


if __name__ == "__main__":
    sys.exit(main())
