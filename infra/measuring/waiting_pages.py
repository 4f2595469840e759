"""Customers' pages that wait for a person, and whether they slow down the other customers.

    python -m infra.measuring.waiting_pages                      # 200 pages, ten minutes
    python -m infra.measuring.waiting_pages --pages 50 --minutes 2

Each page looks as the customer's page does: plainly, with the version that it knows, after FIRST
seconds, and each time after GROWTH times as long, up to LONGEST.
"""

import argparse
import heapq
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus

import requests

from infra import emulator
from infra.deploying.stack import Stack
from infra.local.customer import Customer, Ticket
from infra.local.up import up
from infra.measuring.durations import percentile, spread
from infra.measuring.load import question
from infra.measuring.row import Bar, Row, missed, written
from infra.measuring.sections import machine, put_in
from infra.paths import ROOT

STATE = ROOT / "build" / "waiting-pages"
TITLE = "Pages that wait for a person"
PORT = 4591
FOR_A_PERSON = "Would you sponsor our school's chess team? The tournament is in May."

FIRST, GROWTH, LONGEST = 5.0, 1.5, 30.0
"""The pauses of functions/pages/page/page.js, in seconds; a test compares them."""

CONNECTIONS = 8
ASKED = 120
"""Questions of the other customers, before and meanwhile."""


@dataclass(slots=True)
class Looks:
    """What the looks of waiting pages took, in seconds, and how many were answered otherwise."""

    seconds: list[float] = field(default_factory=list)
    strange: int = 0


def main() -> int:
    """Measure and write the section; return 1 if a bar is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--pages", type=int, default=200, help="pages that wait (200)")
    parser.add_argument("--minutes", type=float, default=10, help="how long they wait (10)")
    parser.add_argument("--port", type=int, default=PORT)
    given = parser.parse_args()
    emulator.stop(STATE)
    try:
        stack = up(port=given.port, state=STATE, parameters={})
        lines = list(written(measured(stack, given.pages, given.minutes * 60)))
    finally:
        emulator.stop(STATE)
    said = (f"Measured on {machine()}.",)
    put_in(TITLE, lines, said)
    print("\n".join(lines))
    return 1 if missed(lines) else 0


def measured(stack: Stack, pages: int, seconds: float) -> Iterator[Row]:
    """Yield what others wait for their answers without and with waiting pages, and their looks."""
    every = seconds / ASKED
    quiet = _others(stack, ASKED, every)
    with _waiting(stack, pages) as looks:
        time.sleep(FIRST)
        began = time.perf_counter()
        disturbed = _others(stack, ASKED, every)
        lasted = time.perf_counter() - began
        taken = list(looks.seconds)
    before, after = percentile(quiet, 0.95), percentile(disturbed, 0.95)
    yield Row(
        f"{pages} pages wait for {lasted / 60:.0f} min: looks, each answered without news",
        f"{len(taken):,}: {spread(taken)}; {looks.strange} answered otherwise",
        Bar("0 otherwise", looks.strange == 0),
    )
    busy = sum(taken) / lasted
    yield Row(
        "environments busy with looks, on average (a held request would keep one for each page)",
        f"{busy:.2f}",
        Bar("< 1", busy < 1),
    )
    yield Row(
        "other customers, POST to answer, p95, before and meanwhile",
        f"{before * 1000:.0f} ms, {after * 1000:.0f} ms: {after / before:.2f} times",
        Bar("≤ 1.2 times", after <= 1.2 * before),
    )
    yield Row(
        "requests of a page that waits in sight: the first hour, each further hour",
        f"{looks_within(3600)}, {int(3600 / LONGEST)}",
    )


def looks_within(seconds: float) -> int:
    """Return how often a page looks within its first seconds of waiting."""
    at, pause, count = 0.0, FIRST, 0
    while (at := at + pause) <= seconds:
        count += 1
        pause = min(pause * GROWTH, LONGEST)
    return count


def _others(stack: Stack, count: int, every: float) -> list[float]:
    """Return the seconds from POST to answer of questions that are asked at a steady pace."""
    customer = Customer(stack.api_url, stack.api_key)
    began, answers = time.perf_counter(), []
    for number in range(count):
        time.sleep(max(0.0, began + number * every - time.perf_counter()))
        asked = time.perf_counter()
        customer.fetch(customer.ask(question(number)), wait=20)
        answers.append(time.perf_counter() - asked)
    return answers


@contextmanager
def _waiting(stack: Stack, pages: int) -> Iterator[Looks]:
    """Have pages wait for a person while the context lasts."""
    customer = Customer(stack.api_url, stack.api_key)
    tickets = [customer.ask(FOR_A_PERSON) for _ in range(pages)]
    for each in tickets:
        assert customer.fetch(each, wait=20).status == "escalated"
    looks, stop = Looks(), threading.Event()
    with ThreadPoolExecutor(1) as pool:
        looking = pool.submit(_look, stack, tickets, looks, stop)
        try:
            yield looks
        finally:
            stop.set()
            looking.result()


def _look(stack: Stack, tickets: Sequence[Ticket], looks: Looks, stop: threading.Event) -> None:
    """Look for news of each ticket when its page would."""
    own = threading.local()
    tags: dict[str, str] = {}

    def look(ticket: Ticket) -> None:
        http = getattr(own, "http", None) or requests.Session()
        own.http, http.trust_env = http, False
        headers = {"x-api-key": stack.api_key, "Authorization": f"Bearer {ticket.token}"}
        if tag := tags.get(ticket.id):
            headers["If-None-Match"] = tag
        asked = time.perf_counter()
        answer = http.get(f"{stack.api_url}/queries/{ticket.id}", headers=headers, timeout=60)
        looks.seconds.append(time.perf_counter() - asked)
        wanted = HTTPStatus.NOT_MODIFIED if tag else HTTPStatus.OK
        looks.strange += answer.status_code != wanted
        tags[ticket.id] = answer.headers.get("ETag", "")

    began = time.perf_counter()
    due = [(began + FIRST * n / len(tickets), n, FIRST) for n in range(len(tickets))]
    heapq.heapify(due)
    made: list[Future[None]] = []
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        while due and not stop.is_set():
            at, number, pause = heapq.heappop(due)
            if stop.wait(max(0.0, at - time.perf_counter())):
                break
            made.append(pool.submit(look, tickets[number]))
            heapq.heappush(due, (at + pause, number, min(pause * GROWTH, LONGEST)))
    for each in made:
        each.result()


if __name__ == "__main__":
    sys.exit(main())
