"""`make chaos`: breaks a local stack in every way it is promised to survive, then counts.

    python -m infra.chaos --tickets 1000            every fault, a thousand tickets each
    python -m infra.chaos --tickets 100 poison      one of them

It has a LocalStack of its own in `build/chaos`, a new one for each fault. Faults between the
functions and AWS are made by a proxy here, to which the functions' own environment points for a
while; the product has no part in it. After each fault everything is mended, the desk comes to rest,
and every accepted ticket is audited. The accepted ids stay in `build/chaos/<fault>.txt`; the last
fault's tickets stay too, for `python -m infra.audit`.
"""

import argparse
import json
import os
import random
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import requests
import urllib3
from botocore.exceptions import BotoCoreError, ClientError
from helpdesk import desk, operations
from helpdesk.agents import Workplace
from helpdesk.aws import clients
from helpdesk.aws.knowledge import DynamoKnowledge
from helpdesk.aws.queues import SqsDeadLetters, SqsQueue
from helpdesk.desk import Awaiting, ConflictError, Question, Terms
from helpdesk.ticket import Customer as Who
from helpdesk.ticket import IllegalMoveError, LeaseError, State

from infra import emulator
from infra.audit import Audit, audit, tickets_of
from infra.customer import Customer
from infra.run import up
from infra.seed import published_models
from infra.stack import ROOT, Stack

PORT = 4592
STATE = ROOT / "build" / "chaos"
CLIENTS = 8
MAX_RECEIVES = 3
VISIBILITY = 30
"""Seconds until the message of a worker that died comes back; by default it is minutes."""

SHORT_VISIBILITY = 5
"""The same, where workers die on purpose and all the time."""

PARAMETERS = {
    "QueuePatience": "20",
    "MaxReceives": str(MAX_RECEIVES),
    "RequestsPerSecond": "10000",
    "RequestsBurst": "20000",
    "AddressPerSecond": "10000",
    "CustomerPerMinute": "100000",
}
"""Patience short enough to watch, and no limit on the one client that is everybody."""

QUESTIONS = (
    "where is my order 55812",
    "how do i reset my password",
    "which payment methods do you take",
    "do you sell gift wrapping",
    "what are your opening hours",
)
BAIT = (
    "a" * 3_999 + "!",
    "a@" * 2_000,
    "1234567890" * 400,
    "(" * 2_000 + ")" * 2_000,
    "x" + " \t" * 1_990 + "y",
    "\u202ereversed\u202c " * 300,
    "👩‍👩‍👧‍👦" * 500,
    "'; DROP TABLE tickets; -- ${jndi:ldap://x} {{7*7}} \\x00 \x1b[2J",
    "www." * 1_000,
    "0" * 3_000 + "€",
)
"""Questions that make careless patterns run for ever, each as good as any other's."""


def poison(number: int) -> str:
    """Return the body of a message that is no ticket's."""
    kinds = (
        "{not json",
        "[]",
        '"a string"',
        '{"ticket": 5}',
        '{"ticket": "../../../etc/passwd"}',
        '{"ticket": "0000000000000000"}',
        '{"ticket": "0000000000000000", "text": "smuggled"}',
        json.dumps({"ticket": "0" * 200_000}),
        json.dumps({"ticket": "a" * 50_000 + "!"}),
        "[" * 20_000,
    )
    return kinds[number % len(kinds)]


@dataclass(slots=True)
class Result:
    """One fault's outcome; `inflicted` counts what was done, `audit` what came of it."""

    fault: str
    accepted: int
    inflicted: Counter[str]
    audit: Audit
    dead_letters: int
    unreachable: int
    seconds: float
    surprises: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Whether the fault left nothing behind but tickets as they should be."""
        return self.audit.clean and not (self.unreachable or self.surprises)

    @property
    def row(self) -> str:
        """The line of the table."""
        states = self.audit.states
        done = ", ".join(f"{count} {what}" for what, count in self.inflicted.items())
        return (
            f"| {self.fault} | {done} | {self.accepted} | {states[State.ANSWERED]} "
            f"| {states[State.ESCALATED]} | {self.dead_letters} | {len(self.audit.lost)} "
            f"| {len(self.audit.doubled)} | {len(self.audit.unexplained)} | {self.unreachable} "
            f"| {self.seconds:.0f} s |"
        )


HEAD = """\
| fault | inflicted | accepted | answered | with people | dead letters | lost | doubled \
| unexplained | unreachable | took |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"""


class Ground:
    """The stack that is broken, and the tickets it accepted during the present fault."""

    def __init__(self, port: int, seed: int) -> None:
        self.port = port
        self.random = random.Random(seed)  # noqa: S311 -- nothing secret

    def start_anew(self) -> None:
        """Forget everything: each fault is on its own, and no ticket stands in another's way."""
        self.accepted: list[str] = []
        self.inflicted: Counter[str] = Counter()
        self.surprises: list[str] = []
        emulator.stop(STATE, say=_quiet)
        (STATE / "tables.json").unlink(missing_ok=True)
        self.up()

    def up(self) -> None:
        """Start whatever does not run."""
        self.stack: Stack = up(port=self.port, state=STATE, parameters=PARAMETERS, say=_quiet)
        outputs = self.stack.outputs
        self.sqs = clients.sqs(self.stack.session, endpoint_url=self.stack.endpoint_url)
        self.tickets = tickets_of(self.stack)
        self.intake = SqsQueue(self.sqs, outputs["IntakeQueueUrl"])
        self.escalations = SqsQueue(self.sqs, outputs["EscalationQueueUrl"])
        self.dead = SqsDeadLetters(
            self.sqs, "intake", outputs["IntakeDeadLettersUrl"], outputs["IntakeQueueUrl"]
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
        """Wait until no ticket waits for the worker and everybody with people is reachable."""
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
        """Count the tickets with people that are short of a message on the escalation queue."""
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


def kill_workers(ground: Ground, count: int) -> None:
    """kill -9 the workers again and again while they work off a backlog."""
    ground.hide_for(SHORT_VISIBILITY)
    ground.take_orders(enabled=False)
    ground.ask(count)
    ground.take_orders(enabled=True)
    end = time.monotonic() + 45
    while time.monotonic() < end and ground.tickets.waiting(Awaiting.INTAKE):
        time.sleep(ground.random.uniform(0.5, 2.5))  # a cold start takes about one
        for worker in ground.workers():
            with suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)
                ground.inflicted["workers killed"] += 1


def kill_everything(ground: Ground, count: int) -> None:
    """kill -9 LocalStack with tickets waiting: the table is restored, the queues are empty."""
    ground.take_orders(enabled=False)
    ground.ask(count)
    # A save that had begun before the last question does not hold it. Large tables take a while.
    for _ in range(2):
        before = time.time()
        ground.ask(1)
        wait_until(partial(_saved_since, before), seconds=300)
    pid = emulator.status(STATE).pid
    if pid is None:
        raise emulator.EmulatorError("the endpoint is not ours to kill")
    os.kill(pid, signal.SIGKILL)
    ground.inflicted["LocalStack killed"] += 1
    wait_until(lambda: emulator.status(STATE).pid is None)
    ground.up()


def faulty_calls(ground: Ground, count: int) -> None:
    """Throttle, fail, drop and stall a third of the functions' calls, some after they were done."""
    proxy = Proxy(ground.stack.endpoint_url or "", ground.random)
    with proxy.running() as url, ground.through(url):
        ground.ask(count)
        deadline = time.monotonic() + 300
        while ground.tickets.waiting(Awaiting.INTAKE) and time.monotonic() < deadline:
            ground.reconcile()
            time.sleep(2)
    ground.inflicted.update(proxy.done)


def poison_messages(ground: Ground, count: int) -> None:
    """Put messages that name no ticket, and questions made to hang a pattern, among good ones."""
    ground.take_orders(enabled=False)
    bad = max(10, count // 10)
    ground.ask(count - bad)
    for number in range(bad):
        body = poison(number)
        ground.sqs.send_message(QueueUrl=ground.stack.outputs["IntakeQueueUrl"], MessageBody=body)
    ground.ask(bad, BAIT)
    ground.inflicted["poison messages"] = bad
    ground.inflicted["questions that are bait"] = bad
    ground.take_orders(enabled=True)
    ground.come_to_rest()
    wait_until(lambda: ground.intake.depth() == 0, seconds=MAX_RECEIVES * VISIBILITY + 60)
    letters = ground.letters()
    if len(letters) != bad:
        ground.surprises.append(f"{len(letters)} dead letters of {bad} poison messages")
    if misled := [each.id for each in letters if each.ticket_id in set(ground.accepted)]:
        ground.surprises.append(f"dead letters of good tickets: {misled}")


def redrive_twice(ground: Ground, count: int) -> None:
    """Lose the model until every ticket is a dead letter; redrive, by two leads, and once more."""
    ground.hide_for(SHORT_VISIBILITY)
    models = published_models(ground.stack)
    key = {"pk": "MODEL", "sk": "CURRENT"}
    current = models.table.get_item(Key=key)["Item"]
    models.table.put_item(Item={**current, "version": "gone"})
    time.sleep(6)  # a worker may use the model it has for five seconds
    try:
        ids = set(ground.ask(count))
        wait_until(
            lambda: ground.dead.measure().visible >= count, seconds=120 + count * 0.5, pause=2
        )
    finally:
        models.table.put_item(Item=current)
    ground.inflicted["tickets whose model was gone"] = count
    bodies = [each.body for each in ground.letters()]
    time.sleep(61)  # what was read is hidden for a minute
    with ThreadPoolExecutor(2) as leads:
        redriven = list(leads.map(lambda _: operations.redrive([ground.dead], ()), range(2)))
    ground.inflicted["letters redriven"] = sum(map(len, redriven))
    for body in bodies:
        ground.sqs.send_message(QueueUrl=ground.stack.outputs["IntakeQueueUrl"], MessageBody=body)
    ground.inflicted["letters sent once more"] = len(bodies)
    wait_until(lambda: ground.intake.depth() == 0, seconds=300)
    if missing := ids - {json.loads(body)["ticket"] for body in bodies}:
        ground.surprises.append(f"no dead letter for {len(missing)} tickets")


def skewed_clocks(ground: Ground, count: int) -> None:
    """Let submissions, two more reconcilers and three agents go ten minutes wrong, either way."""
    skews = [timedelta(minutes=minutes) for minutes in (-10, 0, 10)]
    terms = Terms(token_life=timedelta(days=90), retention=timedelta(days=400))
    stop = threading.Event()

    def clock(skew: timedelta) -> Callable[[], datetime]:
        return lambda: datetime.now(UTC) + skew

    def schedule(skew: timedelta) -> None:
        tickets = tickets_of(ground.stack)  # boto3's tables are not for sharing among threads
        while not stop.is_set():
            with suppress(BotoCoreError, ClientError):
                desk.reconcile(
                    tickets=tickets,
                    intake=ground.intake,
                    escalations=ground.escalations,
                    clock=clock(skew),
                )
                ground.inflicted["runs of skewed reconcilers"] += 1
            stop.wait(2)

    def agent(skew: timedelta) -> None:
        at = _workplace(ground, f"agent{skew.total_seconds():+.0f}", clock(skew))
        while not stop.is_set():
            with suppress(ConflictError, IllegalMoveError, LeaseError):
                if taken := at.take_next():
                    at.reply(taken.ticket.id, "By my clock it is never too late.")
                    ground.inflicted["replies of skewed agents"] += 1
                    continue
            stop.wait(0.5)

    with ThreadPoolExecutor(6) as crew:
        busy = [crew.submit(schedule, skew) for skew in (skews[0], skews[2])]
        busy += [crew.submit(agent, skew) for skew in skews]
        try:
            for number in range(count):
                question = Question(
                    text=QUESTIONS[number % len(QUESTIONS)], customer=Who(), channel="web"
                )
                receipt = desk.submit(
                    question,
                    key=None,
                    tickets=ground.tickets,
                    intake=ground.intake,
                    terms=terms,
                    now=clock(skews[number % 3])(),
                )
                ground.accepted.append(receipt.ticket_id)
            ground.come_to_rest()
            mine = set(ground.accepted)
            wait_until(lambda: not _with_people(ground, mine), seconds=120, pause=2)
        except TimeoutError:
            ground.surprises.append("agents did not get through")
        finally:
            stop.set()
    ended = [each.exception() for each in busy]
    ground.surprises += [f"{type(error).__name__}: {error}" for error in ended if error]


def tenfold_delivery(ground: Ground, count: int) -> None:
    """Deliver every message ten times, and some ten times at the same moment."""
    ground.take_orders(enabled=False)
    ids = ground.ask(count)
    at_once, queued = ids[: max(5, count // 50)], ids[max(5, count // 50) :]
    worker = ground.stack.outputs["WorkerFunctionName"]
    with ThreadPoolExecutor(10) as pool:
        functions = [ground.stack.client("lambda") for _ in range(10)]
        for ticket_id in at_once:
            event = json.dumps(_event(ticket_id))
            for answer in pool.map(
                lambda client, event=event: client.invoke(FunctionName=worker, Payload=event),
                functions,
            ):
                ground.inflicted["deliveries at one moment"] += 1
                if "FunctionError" in answer:
                    ground.surprises.append(answer["Payload"].read().decode()[:200])
    copies = [ticket_id for ticket_id in queued for _ in range(9)]
    ground.random.shuffle(copies)
    url = ground.stack.outputs["IntakeQueueUrl"]
    for start in range(0, len(copies), 10):
        entries: list[Any] = [
            {"Id": str(n), "MessageBody": json.dumps({"ticket": ticket_id})}
            for n, ticket_id in enumerate(copies[start : start + 10])
        ]
        ground.sqs.send_message_batch(QueueUrl=url, Entries=entries)
    ground.inflicted["more copies on the queue"] = len(copies)
    ground.take_orders(enabled=True)
    wait_until(lambda: ground.intake.depth() == 0, seconds=600, pause=1)


def one_key(ground: Ground, count: int) -> None:
    """Ask each question from fifty threads at once with one Idempotency-Key."""
    threads = 50
    customers = [ground.customer() for _ in range(threads)]
    with ThreadPoolExecutor(threads) as pool:
        for number in range(max(1, count // threads)):
            key = f"{ground.random.getrandbits(64):x}"

            def ask(customer: Customer, text: str, key: str = key) -> tuple[str, str]:
                while True:
                    try:
                        made = customer.ask(text, key=key)
                    except requests.HTTPError as error:
                        if error.response is None or error.response.status_code != 409:
                            raise
                        ground.inflicted["told to try again"] += 1
                        time.sleep(float(error.response.headers.get("Retry-After", "1")))
                    else:
                        return made.id, made.token

            text = QUESTIONS[number % len(QUESTIONS)]
            receipts = list(pool.map(ask, customers, [text] * threads))
            ground.inflicted["requests"] += threads
            ground.inflicted["keys"] += 1
            if len(set(receipts)) != 1:
                ground.surprises.append(f"{len(set(receipts))} receipts for one key")
            ground.accepted += sorted({ticket_id for ticket_id, _ in receipts})


FAULTS: dict[str, Callable[[Ground, int], None]] = {
    "one-key": one_key,
    "tenfold": tenfold_delivery,
    "workers": kill_workers,
    "localstack": kill_everything,
    "calls": faulty_calls,
    "poison": poison_messages,
    "redrive": redrive_twice,
    "clocks": skewed_clocks,
}


class Proxy:
    """Passes calls on to `upstream`, and does not always do it well. `done` counts the faults."""

    def __init__(self, upstream: str, chance: random.Random) -> None:
        self.upstream = upstream
        self.done: Counter[str] = Counter()
        self.chance = chance
        self.ending = threading.Event()
        self.pool = urllib3.PoolManager(maxsize=32, timeout=60)

    @contextmanager
    def running(self) -> Iterator[str]:
        """Yield the address it listens on."""

        class Door(_Door):
            proxy = self

        server = _Server(("127.0.0.1", 0), Door)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            self.ending.set()
            server.shutdown()
            server.server_close()


FAULT_RATES = {
    "calls throttled": 0.12,
    "calls answered 500": 0.08,
    "calls dropped": 0.06,
    "calls done whose answer was dropped": 0.06,
    "calls stalled": 0.002,
}
"""Shares of all calls. With four attempts a call, one in a hundred fails for good."""

THROTTLED = {
    "DynamoDB": "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
    "AmazonSQS": "com.amazonaws.sqs#RequestThrottled",
}
STALL = 35
"""Seconds, longer than any function may run."""


class _Server(ThreadingHTTPServer):
    """Where functions that are killed or give up just hang up."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Door(BaseHTTPRequestHandler):
    """One connection to the proxy."""

    proxy: Proxy
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        fault = self._draw()
        if fault:
            self.proxy.done[fault] += 1
        match fault:
            case "calls throttled":
                service = self.headers.get("X-Amz-Target", "").split("_")[0].split(".")[0]
                self._answer(400, {}, json.dumps({"__type": THROTTLED[service]}).encode())
            case "calls answered 500":
                self._answer(500, {}, b'{"__type": "InternalServerError"}')
            case "calls dropped":
                self._drop()
            case "calls stalled":
                self.proxy.ending.wait(STALL)
                self._drop()
            case "calls done whose answer was dropped":
                self._forward(body)
                self._drop()
            case _:
                answer = self._forward(body)
                self._answer(answer.status, answer.headers, answer.data)

    def _draw(self) -> str | None:
        point = self.proxy.chance.random()
        for fault, rate in FAULT_RATES.items():
            if (point := point - rate) < 0:
                return fault
        return None

    def _forward(self, body: bytes) -> urllib3.BaseHTTPResponse:
        headers = {k: v for k, v in self.headers.items() if k.lower() not in {"host", "connection"}}
        url = self.proxy.upstream + self.path
        return self.proxy.pool.request(
            "POST", url, body=body, headers=headers, retries=False, decode_content=False
        )

    def _answer(self, status: int, headers: Any, body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in {"content-length", "transfer-encoding", "connection"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _drop(self) -> None:
        self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- as the base class
        """Say nothing."""


def _event(ticket_id: str) -> dict[str, Any]:
    """Return the event with which SQS would deliver a ticket's message."""
    record = {
        "messageId": ticket_id,
        "receiptHandle": "none",
        "body": json.dumps({"ticket": ticket_id}),
        "attributes": {"ApproximateReceiveCount": "1"},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:helpdesk-intake",
        "awsRegion": "us-east-1",
    }
    return {"Records": [record]}


def _workplace(ground: Ground, agent: str, clock: Callable[[], datetime]) -> Workplace:
    name, at = ground.stack.outputs["KnowledgeTable"], ground.stack.endpoint_url
    knowledge = clients.table(name, ground.stack.session, endpoint_url=at)
    return Workplace(
        agent=agent,
        tickets=tickets_of(ground.stack),
        escalations=ground.escalations,
        articles=DynamoKnowledge(knowledge),
        clock=clock,
    )


def _with_people(ground: Ground, ids: Iterable[str]) -> bool:
    found = (ground.tickets.get(each) for each in ids)
    return any(each is not None and each.state is State.ESCALATED for each in found)


def _saved_since(moment: float) -> bool:
    path = STATE / "tables.json"
    return path.exists() and path.stat().st_mtime > moment


def wait_until(
    condition: Callable[[], object], seconds: float = 60.0, *, pause: float = 0.1
) -> None:
    """Wait for a condition; raises TimeoutError."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"did not happen within {seconds:.0f} s")
        time.sleep(pause)


def _quiet(_line: str) -> None: ...


def tell(line: str) -> None:
    """Print a line of progress."""
    print(f"  {line}", flush=True)


def suffer(ground: Ground, fault: str, count: int) -> Result:
    """Inflict one fault, mend everything, and audit."""
    ground.start_anew()
    started = time.monotonic()
    inflict = FAULTS[fault]
    print(f"{fault}: {(inflict.__doc__ or '').splitlines()[0]}", flush=True)
    try:
        inflict(ground, count)
    except TimeoutError as error:
        ground.surprises.append(str(error))
    tell(", ".join(f"{number} {what}" for what, number in ground.inflicted.items()))
    ground.take_orders(enabled=True)
    ground.come_to_rest()
    (STATE / f"{fault}.txt").write_text("\n".join(ground.accepted) + "\n")
    found = audit(ground.accepted, ground.tickets)
    result = Result(
        fault=fault,
        accepted=len(ground.accepted),
        inflicted=ground.inflicted,
        audit=found,
        dead_letters=ground.dead.measure().visible + ground.dead.measure().in_flight,
        unreachable=ground.unreachable(),
        seconds=time.monotonic() - started,
        surprises=ground.surprises,
    )
    verdict = "all accounted for" if result.clean else "NOT ALL IS WELL"
    tell(f"{result.accepted} accepted, {dict(found.states)}: {verdict}, {result.seconds:.0f} s")
    for surprise in ground.surprises:
        tell(surprise)
    return result


def main() -> int:
    """Inflict the faults and print the table; return 1 if a ticket is not as it should be."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("faults", nargs="*", metavar="fault", help=f"of {', '.join(FAULTS)}")
    parser.add_argument("--tickets", type=int, default=1000, help="for each fault (1000)")
    parser.add_argument("--port", type=int, default=PORT)
    parser.add_argument("--seed", type=int, default=1, help="of what is random in the faults (1)")
    options = parser.parse_args()
    if unknown := set(options.faults) - FAULTS.keys():
        parser.error(f"no such fault: {', '.join(sorted(unknown))}")
    results = []
    try:
        ground = Ground(options.port, options.seed)
        for fault in options.faults or FAULTS:
            results += [suffer(ground, fault, options.tickets)]
    except KeyboardInterrupt:
        print("\nInterrupted.")
        return 130
    finally:
        emulator.stop(STATE, say=_quiet)
        if results:
            print("\n".join([HEAD, *(result.row for result in results)]))
    return 0 if all(result.clean for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
