"""The stack that `make chaos` breaks: a LocalStack of its own, and what can be done to it."""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests
from helpdesk import operations
from helpdesk.aws import clients
from helpdesk.aws.queues import SqsDeadLetters, SqsQueue
from helpdesk.ticket import Awaiting

from infra import emulator
from infra.local.customer import Customer
from infra.local.up import up
from infra.paths import BUILD
from infra.proving.audit import tickets_of
from infra.proving.questions import QUESTIONS

if TYPE_CHECKING:
    from infra.deploying.stack import Stack

STATE = BUILD / "chaos"
CLIENTS = 8
MAX_RECEIVES = 3
VISIBILITY = 30
"""Seconds until the message of a worker that died comes back; by default it is minutes."""

PARAMETERS = {
    "QueuePatience": "20",
    "MaxReceives": str(MAX_RECEIVES),
    "RequestsPerSecond": "10000",
    "RequestsBurst": "20000",
    "AddressPerSecond": "10000",
    "CustomerPerMinute": "100000",
}
"""Short waits, and no limit on the one client that all customers share."""


class Testbed:
    """The stack that is broken, and the tickets it accepted during the present fault."""

    def __init__(self, port: int, seed: int) -> None:
        self.port = port
        self.random = random.Random(seed)  # noqa: S311 -- nothing secret

    def start_anew(self) -> None:
        """Forget everything, so that tickets of one fault do not disturb the next fault."""
        self.accepted: list[str] = []
        self.inflicted: Counter[str] = Counter()
        self.surprises: list[str] = []
        emulator.forget(STATE, say=quiet)
        self.up()

    def up(self) -> None:
        """Start what does not run."""
        self.stack: Stack = up(port=self.port, state=STATE, parameters=PARAMETERS, say=quiet)
        outputs = self.stack.outputs
        self.sqs = clients.sqs(self.stack.session, endpoint_url=self.stack.endpoint_url)
        self.tickets = tickets_of(self.stack)
        self.intake = SqsQueue(self.sqs, outputs["IntakeQueueUrl"])
        self.escalations = SqsQueue(self.sqs, outputs["EscalationQueueUrl"])
        self.dead = SqsDeadLetters(
            self.sqs,
            "intake",
            outputs["IntakeDeadLettersUrl"],
            lambda body: self.sqs.send_message(
                QueueUrl=self.stack.outputs["IntakeQueueUrl"], MessageBody=body
            ),
        )
        self.hide_for(VISIBILITY)

    def hide_for(self, seconds: int) -> None:
        """Set how long a received message is hidden."""
        self.sqs.set_queue_attributes(
            QueueUrl=self.stack.outputs["IntakeQueueUrl"],
            Attributes={"VisibilityTimeout": str(seconds)},
        )

    def customer(self) -> Customer:
        """Return a customer with a connection of its own."""
        return Customer(self.stack.api_url, self.stack.api_key)

    def ask(self, count: int, texts: Sequence[str] = QUESTIONS) -> list[str]:
        """Ask many questions at once; a client that gets no answer asks again with its key."""
        customers = [self.customer() for _ in range(CLIENTS)]
        run = self.random.getrandbits(64)

        def one(number: int) -> str:
            return self._insist(customers[number % CLIENTS], texts, number, f"{run:x}-{number}")

        with ThreadPoolExecutor(CLIENTS) as pool:
            ids = list(pool.map(one, range(count)))
        self.accepted += ids
        return ids

    def _insist(self, customer: Customer, texts: Sequence[str], number: int, key: str) -> str:
        deadline = time.monotonic() + 120
        while True:
            try:
                return customer.ask(texts[number % len(texts)], key=key).id
            except requests.RequestException as error:
                answer = error.response
                status = "no answer" if answer is None else str(answer.status_code)
                self.inflicted[f"customers told {status}"] += 1
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)

    def take_orders(self, *, enabled: bool) -> None:
        """Switch the worker on or off."""
        functions, worker = self.stack.client("lambda"), self.stack.outputs["WorkerFunctionName"]
        found = functions.list_event_source_mappings(FunctionName=worker)
        (mapping,) = found["EventSourceMappings"]
        functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=enabled)
        wanted = "Enabled" if enabled else "Disabled"
        wait_until(
            lambda: functions.get_event_source_mapping(UUID=mapping["UUID"])["State"] == wanted
        )

    def workers(self) -> list[int]:
        """Return the processes that run the worker function of this stack right now."""
        name = b"AWS_LAMBDA_FUNCTION_NAME=" + self.stack.outputs["WorkerFunctionName"].encode()
        mine = f"TMPDIR={STATE}".encode()
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                environment = (folder / "environ").read_bytes().split(b"\0")
                if name in environment and any(each.startswith(mine) for each in environment):
                    found.append(int(folder.name))
        return found

    def reconcile(self) -> None:
        """Run the reconciler now instead of within the minute."""
        self.stack.client("lambda").invoke(FunctionName="helpdesk-reconciler")

    def come_to_rest(self, seconds: float = 900) -> None:
        """Wait until no ticket waits for the worker and each one with people is reachable."""
        deadline = time.monotonic() + seconds
        said = time.monotonic()
        while waiting := self.tickets.waiting(Awaiting.INTAKE):
            if time.monotonic() > deadline:
                self.surprises.append(f"{waiting} tickets still wait after {seconds:.0f} s")
                return
            if time.monotonic() - said > 10:
                tell(f"{waiting} tickets wait for the worker")
                said = time.monotonic()
            self.reconcile()
            time.sleep(1)
        while self.unreachable() and time.monotonic() < deadline:
            self.reconcile()
            time.sleep(2)

    def unreachable(self) -> int:
        """Count the escalated tickets that have no message on the escalation queue."""
        return max(0, self.tickets.waiting(Awaiting.ESCALATION) - self.escalations.depth())

    def letters(self) -> list[operations.DeadLetter]:
        """Take all dead letters of the intake queue."""
        found: dict[str, operations.DeadLetter] = {}
        while fresh := [each for each in self.dead.read(100) if each.id not in found]:
            found |= {each.id: each for each in fresh}
        return list(found.values())

    @contextmanager
    def through(self, url: str) -> Iterator[None]:
        """Let every function reach DynamoDB and SQS at another address."""
        functions = self.stack.client("lambda")
        names = [f"helpdesk-{name}" for name in ("intake", "worker", "reconciler")]
        before = {
            name: functions.get_function_configuration(FunctionName=name)["Environment"]
            for name in names
        }
        way = {"AWS_ENDPOINT_URL_DYNAMODB": url, "AWS_ENDPOINT_URL_SQS": url}
        try:
            for name, environment in before.items():
                self._set(functions, name, {"Variables": environment["Variables"] | way})
            yield
        finally:
            for name, environment in before.items():
                self._set(functions, name, environment)

    @staticmethod
    def _set(functions: Any, name: str, environment: dict[str, Any]) -> None:
        functions.update_function_configuration(FunctionName=name, Environment=environment)
        functions.get_waiter("function_updated_v2").wait(
            FunctionName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
        )


def wait_until(
    condition: Callable[[], object], seconds: float = 60.0, *, pause: float = 0.1
) -> None:
    """Wait for a condition; raises TimeoutError."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"did not happen within {seconds:.0f} s")
        time.sleep(pause)


def quiet(_line: str) -> None:
    """Say nothing."""


def tell(line: str) -> None:
    """Print a line of progress."""
    print(f"  {line}", flush=True)
