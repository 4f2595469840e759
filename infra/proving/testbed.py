"""The stack that `make chaos` breaks: a LocalStack of its own, and what can be done to it."""

import os
import random
import shutil
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import requests
from helpdesk import operations
from helpdesk.aws import clients
from helpdesk.aws.mails import StoredMails
from helpdesk.aws.queues import SqsDeadLetters, SqsQueue
from helpdesk.composition.parts import Parts, Resources
from helpdesk.settings import NO_DOMAIN
from helpdesk.ticket import Awaiting

from infra import emulator
from infra.emulator.state_folder import objects_path, tables_path
from infra.local.customer import Customer
from infra.local.mail import HERE
from infra.local.up import up
from infra.paths import BUILD
from infra.proving.audit import tickets_of
from infra.proving.detour import detour
from infra.proving.post_office import PostOffice, empty_sink
from infra.proving.questions import QUESTIONS

if TYPE_CHECKING:
    from infra.deploying.stack import Stack

STATE = BUILD / "chaos"
SUNK = STATE / "mails"
"""The mails that left."""

TAUGHT = BUILD / "chaos-taught"
"""What a stack keeps that has learned the knowledge and has no ticket: it learns once a run."""

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
    "LooksPerMinute": "100000",
}
"""Short waits, and no limit on the one client that all customers share."""


REDRIVEN = ("intake", "mail", "files", "outbox")
"""The queues whose dead letters are sent again."""


class Testbed:
    """The stack that is broken, and the tickets it accepted during the present fault.

    Mail is taken at `mail_port`, and what leaves is handed over at the next one.
    """

    def __init__(self, port: int, mail_port: int, seed: int) -> None:
        self.port, self.mail_port, self.seed = port, mail_port, seed
        self._taught: tuple[Path, ...] = ()
        self._heard: dict[str, str] = {}
        self.random = random.Random(seed)  # noqa: S311 -- nothing secret

    def begin(self, fault: str, inflict: Callable[..., object]) -> float:
        """Forget all but the knowledge, say what a fault does, and return the clock's time."""
        self.start_anew()
        started = time.monotonic()
        print(f"{fault}: {(inflict.__doc__ or '').splitlines()[0]}", flush=True)
        return started

    def leads_hear(self, parameters: dict[str, str]) -> None:
        """Set which channels of leads are on, from the next fault on; without any, none is."""
        self._heard = parameters

    @contextmanager
    def suffering(self) -> Iterator[None]:
        """Let a fault be inflicted; one that does not end in time is a surprise. Tell of it."""
        try:
            yield
        except TimeoutError as error:
            self.surprises.append(str(error))
        tell(", ".join(f"{number} {what}" for what, number in self.inflicted.items()))

    def start_anew(self) -> None:
        """Forget everything but the knowledge, so that no fault meets tickets of another."""
        self.accepted: list[str] = []
        self.inflicted: Counter[str] = Counter()
        self.surprises: list[str] = []
        emulator.forget(STATE, say=quiet)
        if self._taught:
            for folder in self._taught:
                shutil.copytree(TAUGHT / folder.name, folder)
        self.up()
        if not self._taught:
            emulator.stop(STATE, say=quiet)
            shutil.rmtree(TAUGHT, ignore_errors=True)
            self._taught = (tables_path(STATE), objects_path(STATE))
            for folder in self._taught:
                shutil.copytree(folder, TAUGHT / folder.name)
            self.up()

    def up(self) -> None:
        """Start what does not run."""
        leaves = {"SmtpUrl": f"smtp://{HERE}:{self.mail_port + 1}"}
        parameters = PARAMETERS | leaves | self._heard
        self.stack: Stack = up(port=self.port, state=STATE, parameters=parameters, say=quiet)
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

    def hide_for(self, seconds: int, queue: str = "intake") -> None:
        """Set how long a received message of a queue is hidden."""
        self.sqs.set_queue_attributes(
            QueueUrl=self.queue_url(queue), Attributes={"VisibilityTimeout": str(seconds)}
        )

    def queue_url(self, queue: str) -> str:
        """Return the address of a queue: `intake`, `mail`, `files` or `outbox`."""
        return self.stack.outputs[f"{queue.title()}QueueUrl"]

    def depth(self, queue: str) -> int:
        """Count the messages of a queue, hidden ones included."""
        return SqsQueue(self.sqs, self.queue_url(queue)).depth()

    def post_office(self, moods: Sequence[str] = ("",)) -> PostOffice:
        """Return a post office without a mail, for this stack's mailbox; `moods` are its sink's."""
        stored = StoredMails(self.stack.client("s3"), self.stack.outputs["MailBucket"])
        mailbox = f"{self.stack.outputs['MailName']}@{NO_DOMAIN}"
        sink = empty_sink(SUNK, port=self.mail_port + 1, moods=moods, seed=self.seed)
        return PostOffice(stored, mailbox, self.mail_port, sink)

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

    def take_orders(self, *, enabled: bool, function: str = "worker") -> None:
        """Switch a function on or off that a queue invokes."""
        functions = self.stack.client("lambda")
        found = functions.list_event_source_mappings(FunctionName=f"{self.stack.name}-{function}")
        (mapping,) = found["EventSourceMappings"]
        functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=enabled)
        wanted = "Enabled" if enabled else "Disabled"
        wait_until(
            lambda: functions.get_event_source_mapping(UUID=mapping["UUID"])["State"] == wanted
        )

    def processes(self, *functions: str) -> list[int]:
        """Return the processes that run these functions of this stack right now."""
        names = {
            f"AWS_LAMBDA_FUNCTION_NAME={self.stack.name}-{each}".encode() for each in functions
        }
        mine = f"TMPDIR={STATE}".encode()
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                environment = (folder / "environ").read_bytes().split(b"\0")
                if names & set(environment) and any(each.startswith(mine) for each in environment):
                    found.append(int(folder.name))
        return sorted(found)

    def kill(self, process: int, what: str) -> None:
        """kill -9 a process of this stack, if it still runs, and count it."""
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
            self.inflicted[what] += 1

    @contextmanager
    def killing(
        self, *functions: str, shortest: float = 0.02, longest: float = 0.6
    ) -> Iterator[None]:
        """kill -9 a process of these functions now and then, so many seconds apart."""
        ended = threading.Event()

        def kill() -> None:
            while not ended.wait(self.random.uniform(shortest, longest)):
                function = self.random.choice(functions)
                if found := self.processes(function):
                    self.kill(self.random.choice(found), f"{function} killed")

        with ThreadPoolExecutor(1) as pool:
            killing = pool.submit(kill)
            try:
                yield
            finally:
                ended.set()
            killing.result()

    def redrive(self, *queues: str) -> int:
        """Send dead letters again, by default of all of `REDRIVEN`, as a lead would.

        Returns how many.
        """
        parts = Parts(
            resources=Resources.of_outputs(self.stack.outputs),
            session=self.stack.session,
            endpoint_url=self.stack.endpoint_url,
        )
        return len(
            operations.redrive([parts.dead_letters(each) for each in queues or REDRIVEN], ())
        )

    def dead_letters(self, *queues: str) -> int:
        """Count the dead letters of queues. By default, of all of `REDRIVEN`."""
        names = queues or REDRIVEN
        urls = [self.stack.outputs[f"{each.title()}DeadLettersUrl"] for each in names]
        return sum(SqsQueue(self.sqs, url).depth() for url in urls)

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
        """Let every function of questions reach DynamoDB and SQS at another address."""
        way = {"AWS_ENDPOINT_URL_DYNAMODB": url, "AWS_ENDPOINT_URL_SQS": url}
        with detour(self.stack, ("intake", "worker", "reconciler"), way):
            yield


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
