"""`make killed`: kills LocalStack under load, again and again, then asks for every accepted ticket.

    python -m infra.proving.killed --tickets 1000 --times 20

It has a LocalStack of its own in `build/killed`. Customers ask without a pause; at a random moment
LocalStack is killed with SIGKILL and started again. It is back when it accepts a question. Then
every ticket that a customer was ever told of (202) is looked up: one that is not there is lost. At
the end the tickets come to rest, and all of them are audited.
"""

import argparse
import os
import random
import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from statistics import median

import requests
from helpdesk.ticket import Awaiting

from infra import emulator
from infra.deploying.stack import Stack
from infra.local.customer import Customer
from infra.local.up import up
from infra.paths import BUILD
from infra.proving.audit import Audit, audit, tickets_of
from infra.proving.questions import QUESTIONS
from infra.proving.testbed import PARAMETERS, quiet, tell, wait_until

STATE = BUILD / "killed"
PORT = 4594
CLIENTS = 4
LATEST_KILL_SECONDS = 4.0
REST_SECONDS = 180
"""How long the tickets that were accepted last may wait for the worker."""


@dataclass(frozen=True, slots=True)
class Round:
    """One kill: tickets accepted before it, ids that are lost, seconds until one is accepted."""

    accepted: int
    lost: list[str]
    back_seconds: float


def main() -> int:
    """Kill as often as asked and print what became of the tickets; return 1 if any is lost."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tickets", type=int, default=1000, help="in the table before (1000)")
    parser.add_argument("--times", type=int, default=20, help="how often it is killed (20)")
    parser.add_argument("--port", type=int, default=PORT)
    parser.add_argument("--seed", type=int, default=1, help="of the random moments (1)")
    options = parser.parse_args()
    moments = random.Random(options.seed)  # noqa: S311 -- nothing secret
    rounds: list[Round] = []
    try:
        emulator.forget(STATE, say=quiet)
        accepted = _asked(_started(options.port), options.tickets)
        tell(f"{len(accepted)} tickets are in the table")
        for number in range(1, options.times + 1):
            after = moments.uniform(0.1, LATEST_KILL_SECONDS)
            rounds += [_kill(options.port, after, accepted)]
            last = rounds[-1]
            tell(
                f"kill {number} of {options.times}, {after:.1f} s into the load, with "
                f"{last.accepted} tickets accepted: {len(last.lost)} lost, "
                f"back in {last.back_seconds:.1f} s"
            )
        found = _at_rest(_started(options.port), accepted)
    except KeyboardInterrupt:
        print("\nInterrupted.")
        return 130
    finally:
        emulator.stop(STATE, say=quiet)
    lost = sorted({*found.lost, *(ticket for each in rounds for ticket in each.lost)})
    back = [each.back_seconds for each in rounds]
    states = ", ".join(f"{count} {state}" for state, count in sorted(found.states.items()))
    print(
        f"killed      {len(rounds)} times\n"
        f"accepted    {len(accepted)} tickets (202), each looked up after every kill\n"
        f"lost        {len(lost)}\n"
        f"doubled     {len(found.doubled)}\n"
        f"unexplained {len(found.unexplained)}\n"
        f"at the end  {states}\n"
        f"back        {median(back):.1f} s (median), {max(back):.1f} s (longest)"
    )
    for what, ids in (
        ("lost", lost),
        ("doubled", found.doubled),
        ("unexplained", found.unexplained),
    ):
        for ticket in ids:
            print(f"{what}: {ticket}")
    return 0 if found.clean and not lost else 1


def _kill(port: int, after: float, accepted: list[str]) -> Round:
    """Kill under load, start again, and look up everything that was ever accepted."""
    stack, pid = _started(port), emulator.status(STATE).pid
    if pid is None:
        raise emulator.EmulatorError("the endpoint is not ours to kill")
    ended = threading.Event()
    customers = [Customer(stack.api_url, stack.api_key) for _ in range(CLIENTS)]
    with ThreadPoolExecutor(CLIENTS) as pool:
        asking = [
            pool.submit(_ask_until, customer, number, ended)
            for number, customer in enumerate(customers)
        ]
        time.sleep(after)
        os.kill(pid, signal.SIGKILL)
        killed = time.monotonic()
        ended.set()
        for each in asking:
            accepted += each.result()
    wait_until(lambda: emulator.status(STATE).pid is None)
    before = len(accepted)
    again = _started(port)
    accepted.append(Customer(again.api_url, again.api_key).ask(QUESTIONS[0]).id)
    back = time.monotonic() - killed
    tickets = tickets_of(again)
    return Round(before, [each for each in accepted if tickets.get(each) is None], back)


def _at_rest(stack: Stack, accepted: list[str]) -> Audit:
    """Wait until no ticket waits for the worker, and audit every ticket that is there."""
    tickets = tickets_of(stack)

    def no_ticket_waits() -> bool:
        # Queues are empty after a kill: the reconciler sends what is overdue again.
        stack.client("lambda").invoke(FunctionName=f"{stack.name}-reconciler")
        return not tickets.waiting(Awaiting.INTAKE)

    wait_until(no_ticket_waits, REST_SECONDS, pause=1)
    return audit(accepted, tickets)


def _ask_until(customer: Customer, number: int, ended: threading.Event) -> list[str]:
    """Ask question after question; return the tickets that were accepted before the end."""
    accepted: list[str] = []
    while not ended.is_set():
        with suppress(requests.RequestException):  # the end came before the answer
            text = QUESTIONS[(number + len(accepted)) % len(QUESTIONS)]
            accepted.append(customer.ask(text).id)
    return accepted


def _asked(stack: Stack, count: int) -> list[str]:
    customers = [Customer(stack.api_url, stack.api_key) for _ in range(CLIENTS)]

    def ask(number: int) -> str:
        return customers[number % CLIENTS].ask(QUESTIONS[number % len(QUESTIONS)]).id

    with ThreadPoolExecutor(CLIENTS) as pool:
        return list(pool.map(ask, range(count)))


def _started(port: int) -> Stack:
    return up(port=port, state=STATE, parameters=PARAMETERS, say=quiet)


if __name__ == "__main__":
    sys.exit(main())
