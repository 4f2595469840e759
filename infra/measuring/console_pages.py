"""How long the console's pages take over a full desk on LocalStack, as a browser without a cache.

    python -m infra.measuring.console_pages

Starts a stack of its own. The reconciler of that stack would count days of its own; the figures of
the 90 days are put into the table as copies of a day that was counted.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import requests
from helpdesk.aws import clients
from helpdesk.aws.figures import DynamoFigures
from helpdesk.aws.tables import Table
from helpdesk.aws.tickets import DynamoTickets
from helpdesk.figures import keep

from infra import emulator
from infra.deploying.stack import Stack
from infra.local.up import agent_environment, up
from infra.measuring import past_year
from infra.measuring.durations import percentile, spread
from infra.measuring.row import Bar, Row, missed, written
from infra.measuring.sections import machine, put_in
from infra.paths import ROOT

STATE = ROOT / "build" / "console-pages"
TITLE = "The console over a full desk"
PORT = 4590
WAITING = 2_600
"""Tickets that wait: more than 100 pages of the list."""

DAYS, MESSAGES, PAGES = 90, 200, 100
TIMES = 30
BAR = 0.3
"""Seconds that the console may take for a page."""


class Next(HTMLParser):
    """Finds where the next page of a list is."""

    href: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the address of a link whose `rel` is next."""
        found = dict(attrs)
        if tag == "a" and found.get("rel") == "next":
            self.href = found.get("href")


@dataclass(frozen=True, slots=True)
class Console:
    """A console that runs: where it is, and a browser that was let in."""

    base: str
    browser: requests.Session

    def get(self, path: str) -> tuple[float, str]:
        """Return the seconds that a page took, and its text. Raises requests.HTTPError."""
        began = time.perf_counter()
        answer = self.browser.get(self.base + path, timeout=60)
        taken = time.perf_counter() - began
        answer.raise_for_status()
        return taken, answer.text


def main() -> int:
    """Measure and write the section; return 1 if a bar is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--port", type=int, default=PORT)
    given = parser.parse_args()
    emulator.stop(STATE)
    try:
        stack = up(port=given.port, state=STATE, parameters={})
        long = _fill(
            clients.table(
                stack.outputs["TicketsTable"], stack.session, endpoint_url=stack.endpoint_url
            )
        )
        with _console(stack) as console:
            lines = list(written(measured(console, long)))
    finally:
        emulator.stop(STATE)
    said = (f"Measured on {machine()}: from the request to the last byte, {TIMES} times each.",)
    put_in(TITLE, lines, said)
    print("\n".join(lines))
    return 1 if missed(lines) else 0


def measured(console: Console, long: str) -> Iterator[Row]:
    """Yield how long each page takes."""
    hundredth = _hundredth(console)
    pages = {
        f"the dashboard of {DAYS} days": f"/dashboard?days={DAYS}",
        f"the list of {WAITING:,} waiting tickets, page 1": "/tickets",
        f"the same list, page {PAGES}": hundredth,
        f"a ticket with {MESSAGES} messages": f"/tickets/{long}",
    }
    for what, path in pages.items():
        console.get(path)
        taken = [console.get(path)[0] for _ in range(TIMES)]
        half = percentile(taken, 0.5)
        yield Row(what, spread(taken), Bar(f"p50 ≤ {BAR * 1000:.0f} ms", half <= BAR))


def _hundredth(console: Console) -> str:
    """Return the address of a late page of the list, by the links that an agent follows."""
    path = "/tickets"
    for _ in range(PAGES - 1):
        finder = Next()
        finder.feed(console.get(path)[1])
        if finder.href is None:
            raise LookupError(f"the list ends before page {PAGES}")
        path = finder.href
    return path


def _fill(table: Table) -> str:
    """Put waiting tickets, their figures and a long ticket into the table; return its id."""
    now = datetime.now(UTC)
    items = list(past_year.items(WAITING, now, waiting=WAITING))
    first = next(each for each in items if each["sk"] == "MESSAGE#000001")
    long = first["pk"].partition("#")[2]
    items += [
        {**first, "sk": f"MESSAGE#{number:06}", "number": number}
        for number in range(MESSAGES + 1, 2 * MESSAGES)
    ]
    table.put_all(items)
    figures = DynamoFigures(table)
    keep(days=figures, events=DynamoTickets(table), clock=lambda: now)
    today = figures.day(now.date())
    if today is None:
        raise LookupError("the day was not counted")
    for back in range(1, DAYS):
        figures.keep(replace(today, day=today.day - timedelta(days=back)))
    return str(long)


@contextmanager
def _console(stack: Stack) -> Iterator[Console]:
    """Run the console as an agent would, and open its link."""
    command = [sys.executable, "-m", "agent_cli", "web", "--no-open", "-o", "json"]
    with tempfile.TemporaryDirectory() as home, requests.Session() as browser:
        browser.trust_env = False
        environment = os.environ | agent_environment(stack) | {"XDG_STATE_HOME": home}
        console = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        try:
            assert console.stdout
            link = json.loads(console.stdout.readline())["by_number"]
            browser.get(link, timeout=60).raise_for_status()
            yield Console(link.partition("/?")[0], browser)
        finally:
            console.terminate()
            console.wait()


if __name__ == "__main__":
    sys.exit(main())
