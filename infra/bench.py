"""`make bench`: measures the whole stack on a fresh LocalStack and writes docs/benchmarks.md.

Everything is taken in one run, from a client on the same machine, so figures of one file may be
compared with each other and hardly with anything else.
"""

import argparse
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from shutil import rmtree

from helpdesk.aws import clients
from helpdesk.aws.queues import SqsQueue
from helpdesk.aws.tickets import DynamoTickets

from infra import build, emulator, race
from infra.audit import audit
from infra.customer import Customer
from infra.run import agent_environment, up
from infra.stack import ROOT, Stack

PORT = 4588
STATE = ROOT / "build" / "bench"
REPORT = ROOT / "docs" / "benchmarks.md"
CLIENTS = 4
QUESTIONS = (
    "where is my order 55812",
    "how do i reset my password",
    "which payment methods do you take",
    "what are your opening hours",
    "i want my money back",
)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the report: what was measured, the figure, and the bar if there is one."""

    what: str
    figure: str
    bar: str = ""


def main() -> int:
    """Measure, write the report, return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--idle", type=int, default=100, help="questions one at a time (100)")
    parser.add_argument("--load", type=int, default=500, help="questions all at once (500)")
    options = parser.parse_args()
    emulator.stop(STATE)
    rmtree(STATE, ignore_errors=True)
    try:
        rows = list(measure(options.idle, options.load))
    finally:
        emulator.stop(STATE)
    REPORT.write_text(report(rows))
    print(f"wrote {REPORT.relative_to(ROOT)}")
    return 0


def measure(idle: int, load: int) -> Iterable[Row]:
    """Run every measurement in turn."""
    zips = build.build()
    emulator.ensure_running(port=PORT, state=STATE)
    emulator.stop(STATE)  # its environments are made now, and are not what is measured
    took, stack = timed(lambda: up(port=PORT, state=STATE))
    yield Row("boot, deploy, load and fit the knowledge", f"{took:.1f} s", "boot + deploy ≤ 25 s")
    yield from _idle(stack, idle)
    yield from _load(stack, load)
    yield from _worker(stack)
    yield from _terminal(stack)
    for name, path in zips.items():
        yield Row(f"{name}, unzipped", f"{build.unzipped(path) / 2**20:.1f} MiB")
    worker = sum(build.unzipped(zips[name]) for name in ("worker", "core-layer", "nlp-layer"))
    yield Row("worker with its layers, unzipped", f"{worker / 2**20:.1f} MiB", "≤ 210 MiB")


def _idle(stack: Stack, count: int) -> Iterable[Row]:
    """One question at a time: from before the POST until the answer is in the client's hands."""
    customer = Customer(stack.api_url, stack.api_key)
    for text in QUESTIONS:
        customer.fetch(customer.ask(text), wait=20)
    posts, answers = [], []
    for number in range(count):
        started = time.perf_counter()
        ticket = customer.ask(QUESTIONS[number % len(QUESTIONS)])
        posts.append(time.perf_counter() - started)
        found = customer.fetch(ticket, wait=20)
        answers.append(time.perf_counter() - started)
        assert found.status == "answered", found
    yield Row(f"idle POST, {count} times", spread(posts))
    yield Row(
        f"idle POST to answer fetched, {count} times", spread(answers), "p50 ≤ 150, p99 ≤ 400 ms"
    )


def _load(stack: Stack, count: int) -> Iterable[Row]:
    """As many questions as CLIENTS connections can send, until the last is answered."""
    with ThreadPoolExecutor(CLIENTS) as pool:
        customers = [Customer(stack.api_url, stack.api_key) for _ in range(CLIENTS)]
        started = time.perf_counter()
        tickets = list(
            pool.map(
                lambda number: customers[number % CLIENTS].ask(QUESTIONS[number % len(QUESTIONS)]),
                range(count),
            )
        )
        accepted = time.perf_counter() - started
    intake = SqsQueue(
        clients.sqs(stack.session, endpoint_url=stack.endpoint_url), stack.outputs["IntakeQueueUrl"]
    )
    while intake.depth():
        time.sleep(0.1)
    settled = time.perf_counter() - started
    table = _tickets(stack)
    found = audit([ticket.id for ticket in tickets], table)
    assert found.clean, found
    yield Row(f"{count} questions, accepted", f"{count / accepted:.1f} /s")
    yield Row(
        f"{count} questions, accepted and answered",
        f"{count / settled:.1f} /s",
        "≥ 25 /s",
    )
    yield Row(
        "of these lost, or answered twice", f"{len(found.lost)}, {len(found.doubled)}", "0, 0"
    )


def _worker(stack: Stack) -> Iterable[Row]:
    """What the platform's own report lines say of the worker's cold starts and warm batches."""
    warm: list[float] = []
    cold: list[float] = []
    pages = stack.client("logs").get_paginator("filter_log_events")
    group = f"/aws/lambda/{stack.outputs['WorkerFunctionName']}"
    for page in pages.paginate(logGroupName=group):
        for event in page["events"]:
            if '"platform.report"' not in event["message"]:
                continue
            figures = json.loads(event["message"])["record"]["metrics"]
            started = figures.get("initDurationMs")
            (warm if started is None else cold).append(
                ((started or 0) + figures["durationMs"]) / 1000
            )
    yield Row("worker, one warm invocation (1 to 10 messages)", spread(warm))
    yield Row("worker, cold start with its first batch", spread(cold))


def _terminal(stack: Stack) -> Iterable[Row]:
    """From the start of the agents' terminal to its end, and what taking and answering costs."""
    environment = os.environ | agent_environment(stack)
    for words in ("--help", "ticket --help", "ticket list", "queue status"):
        command = [sys.executable, "-m", "agent_cli", *words.split()]
        run = partial(subprocess.run, command, env=environment, capture_output=True, check=True)
        seconds = [timed(run)[0] for _ in range(7)]
        yield Row(f"helpdesk {words}, 7 times", spread(seconds))
    outcome = race.run(stack, agents=8, tickets=100)
    assert outcome.clean, outcome
    yield Row(
        f"8 agents answering {outcome.tickets} tickets, as fast as they can",
        f"{outcome.tickets / outcome.seconds:.1f} /s, {outcome.conflicts} lost races",
        "one owner, one reply each",
    )


def _tickets(stack: Stack) -> DynamoTickets:
    name = stack.outputs["TicketsTable"]
    return DynamoTickets(clients.table(name, stack.session, endpoint_url=stack.endpoint_url))


def timed[T](action: Callable[[], T]) -> tuple[float, T]:
    """Return how long `action` took, in seconds, and what it returned."""
    started = time.perf_counter()
    result = action()
    return time.perf_counter() - started, result


def spread(seconds: Sequence[float]) -> str:
    """Return the median, the 99th percentile and the maximum of durations, in milliseconds."""
    ordered = sorted(seconds)
    p99 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    return (
        f"p50 {statistics.median(ordered) * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms, "
        f"max {ordered[-1] * 1000:.0f} ms"
    )


def report(rows: Iterable[Row]) -> str:
    """Return the report as Markdown."""
    lines = [
        "# Measurements",
        "",
        "Written by `make bench`; every figure is from one run, with client, LocalStack and",
        "functions on one machine. It says what this code costs there, not what AWS is like.",
        "",
        f"- {datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores ({_processor()}), "
        f"{_memory():.0f} GiB, {platform.system()} {platform.release()}",
        f"- Python {platform.python_version()}, LocalStack 4.14.0, spaCy {version('spacy')}, "
        f"boto3 {version('boto3')}",
        "",
        "| what | measured | bar |",
        "| --- | --- | --- |",
    ]
    lines += [f"| {row.what} | {row.figure} | {row.bar} |" for row in rows]
    return "\n".join(lines) + "\n"


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return platform.processor() or platform.machine()
    found = re.search(r"model name\s*: (.+)", text)
    return found[1] if found else platform.machine()


def _memory() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


if __name__ == "__main__":
    sys.exit(main())
