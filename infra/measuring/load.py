"""Customers at a running stack: one by one, all at once, a burst, and one who floods it."""

import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus

import requests
from helpdesk.aws import clients
from helpdesk.aws.queues import SqsQueue
from helpdesk.aws.tickets import DynamoTickets

from infra.deploying.stack import Stack
from infra.local.customer import Customer, Ticket
from infra.measuring.durations import percentile, spread
from infra.measuring.row import Bar, Row
from infra.proving.audit import audit

CLIENTS = 4
NOISE = 9
"""Requests of the noisy customer for each one of all others together."""

QUESTIONS = (
    "where is my order 55812",
    "how do i reset my password",
    "which payment methods do you take",
    "what are your opening hours",
    "i want my money back",
)


def question(number: int) -> str:
    """Return one of the questions."""
    return QUESTIONS[number % len(QUESTIONS)]


def idle(stack: Stack, count: int) -> Iterable[Row]:
    """One question at a time: from before the POST until the answer is in the client's hands."""
    customer = Customer(stack.api_url, stack.api_key)
    for text in QUESTIONS:
        customer.fetch(customer.ask(text), wait=20)
    posts, answers = [], []
    for number in range(count):
        started = time.perf_counter()
        ticket = customer.ask(question(number))
        posts.append(time.perf_counter() - started)
        found = customer.fetch(ticket, wait=20)
        answers.append(time.perf_counter() - started)
        assert found.status == "answered", found
    yield Row(f"idle POST, {count} times", spread(posts))
    reached = percentile(answers, 0.5) <= 0.150 and percentile(answers, 0.99) <= 0.400
    yield Row(
        f"idle POST to answer fetched, {count} times",
        spread(answers),
        Bar("p50 ≤ 150, p99 ≤ 400 ms", reached),
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """Questions asked all at once: seconds until the last was accepted, and was answered."""

    tickets: list[Ticket]
    accepted: float
    settled: float

    @property
    def rate(self) -> float:
        """Questions accepted and answered in a second."""
        return len(self.tickets) / self.settled


def ask_at_once(stack: Stack, count: int) -> Asked:
    """Ask as many questions as CLIENTS connections can send, until the last is answered."""
    with ThreadPoolExecutor(CLIENTS) as pool:
        customers = [Customer(stack.api_url, stack.api_key) for _ in range(CLIENTS)]
        started = time.perf_counter()
        tickets = list(
            pool.map(lambda number: customers[number % CLIENTS].ask(question(number)), range(count))
        )
        accepted = time.perf_counter() - started
    _settled(stack)
    return Asked(tickets, accepted, time.perf_counter() - started)


def at_once(stack: Stack, count: int) -> Iterable[Row]:
    """Questions all at once: how many are accepted in a second, and how many answered."""
    asked = ask_at_once(stack, count)
    yield Row(f"{count} questions, accepted", f"{count / asked.accepted:.1f} /s")
    yield Row(
        f"{count} questions, accepted and answered",
        f"{asked.rate:.1f} /s",
        Bar("≥ 25 /s", asked.rate >= 25),
    )
    yield accounted(stack, asked.tickets)


def burst(stack: Stack, rate: float, seconds: float) -> Iterable[Row]:
    """Ten times the rate for a while: how the backlog grows, and when it is gone."""
    _offered(stack, rate, seconds)
    with _depths(stack) as depths:
        crowd = _offered(stack, rate * 10, seconds)
        ended = time.perf_counter()
        _settled(stack)
        drained = time.perf_counter() - ended
    yield Row(
        f"burst: {rate:g} /s, then {rate * 10:g} /s offered for {seconds:g} s",
        f"{len(crowd.tickets) / crowd.seconds:.1f} /s accepted, backlog up to {max(depths)}, "
        f"gone {drained:.1f} s after the burst",
    )
    yield accounted(stack, crowd.tickets)


def noisy(stack: Stack, rate: float, seconds: float) -> Iterable[Row]:
    """One customer makes nine tenths of all requests: how much slower the others are served."""
    quiet = _offered(stack, rate, seconds, answered=True)
    flood = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        refused = pool.submit(_flood, stack, rate * NOISE, flood)
        disturbed = _offered(stack, rate, seconds, answered=True)
        flood.set()
    before, after = (percentile(each.answers, 0.95) for each in (quiet, disturbed))
    sent, turned_away = refused.result()
    total = sent + len(disturbed.tickets)
    yield Row(
        f"one customer sends {sent:,} of {total:,} requests, {sent / total:.0%}",
        f"{turned_away:,} of those turned away with 429",
    )
    yield Row(
        "the others' POST to answer, p95, before and meanwhile",
        f"{before * 1000:.0f} ms, {after * 1000:.0f} ms: {after / before:.2f} times",
        Bar("≤ 2 times", after <= 2 * before),
    )
    yield accounted(stack, disturbed.tickets)


@dataclass(slots=True)
class _Crowd:
    """The results of customers who each asked once; `answers` are seconds until the reply."""

    seconds: float = 0.0
    tickets: list[Ticket] = field(default_factory=list)
    answers: list[float] = field(default_factory=list)


def _offered(stack: Stack, rate: float, seconds: float, *, answered: bool = False) -> _Crowd:
    """Send questions at a rate without waiting for answers, each from another customer."""
    crowd = _Crowd()
    local = threading.local()

    def one(number: int) -> None:
        customer = getattr(local, "customer", None) or Customer(stack.api_url, stack.api_key)
        local.customer = customer
        began = time.perf_counter()
        ticket = customer.ask(question(number), email=f"customer{number}@example.com")
        crowd.tickets.append(ticket)
        if answered:
            customer.fetch(ticket, wait=20)
            crowd.answers.append(time.perf_counter() - began)

    began = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS * 2) as pool:
        made: list[Future[None]] = []
        for number, at in _ticks(rate, seconds):
            time.sleep(max(0.0, began + at - time.perf_counter()))
            made.append(pool.submit(one, number))
        for each in made:
            each.result()
    crowd.seconds = time.perf_counter() - began
    return crowd


def _flood(stack: Stack, rate: float, stop: threading.Event) -> tuple[int, int]:
    """Ask as one customer until told to stop; return how often, and how often that was refused."""
    customer = Customer(stack.api_url, stack.api_key)
    began = time.perf_counter()
    sent = refused = 0
    while not stop.wait(max(0.0, began + sent / rate - time.perf_counter())):
        sent += 1
        try:
            customer.ask(question(sent), email="noisy@example.com")
        except requests.HTTPError as error:
            answer = error.response
            if answer is None or answer.status_code != HTTPStatus.TOO_MANY_REQUESTS:
                raise
            refused += 1
    return sent, refused


def _ticks(rate: float, seconds: float) -> Iterator[tuple[int, float]]:
    return ((number, number / rate) for number in range(int(rate * seconds)))


@contextmanager
def _depths(stack: Stack) -> Iterator[Sequence[int]]:
    """Yield the intake queue's depths, looked at twice a second."""
    depths = [0]
    done = threading.Event()
    queue = _intake(stack)

    def watch() -> None:
        while not done.wait(0.5):
            depths.append(queue.depth())

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield depths
    finally:
        done.set()
        watcher.join()


def _settled(stack: Stack) -> None:
    queue = _intake(stack)
    while queue.depth():
        time.sleep(0.1)


def accounted(stack: Stack, accepted: Sequence[Ticket]) -> Row:
    """Say what became of tickets that were accepted: none may be lost or answered twice."""
    name = stack.outputs["TicketsTable"]
    table = DynamoTickets(clients.table(name, stack.session, endpoint_url=stack.endpoint_url))
    found = audit([ticket.id for ticket in accepted], table)
    counts = f"{len(found.lost)}, {len(found.doubled)}, {len(found.unexplained)}"
    return Row("of these lost, answered twice, or unexplained", counts, Bar("0, 0, 0", found.clean))


def _intake(stack: Stack) -> SqsQueue:
    sqs = clients.sqs(stack.session, endpoint_url=stack.endpoint_url)
    return SqsQueue(sqs, stack.outputs["IntakeQueueUrl"])
