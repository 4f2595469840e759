"""The faults that `make chaos` inflicts on a stack, one function each."""

import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import requests
from botocore.exceptions import BotoCoreError, ClientError
from helpdesk import customers, operations, reconciling
from helpdesk.agents import Workplace
from helpdesk.aws import clients
from helpdesk.aws.knowledge import DynamoKnowledge
from helpdesk.customers import Question, Terms
from helpdesk.ports import ConflictError, QueueName
from helpdesk.ticket import Agent, Awaiting, IllegalMoveError, LeaseError, State
from helpdesk.ticket import Customer as Who

from infra import emulator
from infra.local.customer import Customer
from infra.proving.audit import texts_of, tickets_of
from infra.proving.fault_proxy import Proxy
from infra.proving.questions import BAIT, QUESTIONS, poison
from infra.proving.testbed import MAX_RECEIVES, STATE, VISIBILITY, Testbed, wait_until
from infra.teaching.seed import published_models

SHORT_VISIBILITY = 5
"""Seconds until a dead worker's message comes back, where workers die all the time."""


def kill_workers(testbed: Testbed, count: int) -> None:
    """kill -9 the workers again and again while they work off a backlog."""
    testbed.hide_for(SHORT_VISIBILITY)
    testbed.take_orders(enabled=False)
    testbed.ask(count)
    testbed.take_orders(enabled=True)
    end = time.monotonic() + 45
    while time.monotonic() < end and testbed.tickets.waiting(Awaiting.INTAKE):
        time.sleep(testbed.random.uniform(0.5, 2.5))  # a cold start takes about one
        for worker in testbed.processes("worker"):
            testbed.kill(worker, "workers killed")


def kill_everything(testbed: Testbed, count: int) -> None:
    """kill -9 LocalStack with tickets waiting: the table is restored, the queues are empty."""
    testbed.take_orders(enabled=False)
    testbed.ask(count)
    pid = emulator.status(STATE).pid
    if pid is None:
        raise emulator.EmulatorError("the endpoint is not ours to kill")
    os.kill(pid, signal.SIGKILL)
    testbed.inflicted["LocalStack killed"] += 1
    wait_until(lambda: emulator.status(STATE).pid is None)
    testbed.up()


def faulty_calls(testbed: Testbed, count: int) -> None:
    """Throttle, fail, drop and stall a third of the functions' calls, some after they were done."""
    proxy = Proxy(testbed.stack.endpoint_url or "", testbed.random)
    with proxy.running() as url, testbed.through(url):
        testbed.ask(count)
        deadline = time.monotonic() + 300
        while testbed.tickets.waiting(Awaiting.INTAKE) and time.monotonic() < deadline:
            testbed.reconcile()
            time.sleep(2)
    testbed.inflicted.update(proxy.done)


def poison_messages(testbed: Testbed, count: int) -> None:
    """Put messages that name no ticket, and questions made to hang a pattern, among good ones."""
    testbed.take_orders(enabled=False)
    bad = max(10, count // 10)
    testbed.ask(count - bad)
    for number in range(bad):
        body = poison(number)
        testbed.sqs.send_message(QueueUrl=testbed.stack.outputs["IntakeQueueUrl"], MessageBody=body)
    testbed.ask(bad, BAIT)
    testbed.inflicted["poison messages"] = bad
    testbed.inflicted["questions that are bait"] = bad
    testbed.take_orders(enabled=True)
    testbed.come_to_rest()
    wait_until(lambda: testbed.intake.depth() == 0, seconds=MAX_RECEIVES * VISIBILITY + 60)
    letters = testbed.letters()
    if len(letters) != bad:
        testbed.surprises.append(f"{len(letters)} dead letters of {bad} poison messages")
    if misled := [each.id for each in letters if each.ticket_id in set(testbed.accepted)]:
        testbed.surprises.append(f"dead letters of good tickets: {misled}")


def redrive_twice(testbed: Testbed, count: int) -> None:
    """Lose the model until every ticket is a dead letter; redrive, by two leads, and once more."""
    testbed.hide_for(SHORT_VISIBILITY)
    models = published_models(testbed.stack)
    key = {"pk": "MODEL", "sk": "CURRENT"}
    current = models.table.get_item(Key=key)
    assert current
    models.table.put_item(Item={**current, "version": "gone"})
    time.sleep(6)  # a worker may use the model it has for five seconds
    try:
        ids = set(testbed.ask(count))
        wait_until(
            lambda: testbed.dead.measure().visible >= count, seconds=120 + count * 0.5, pause=2
        )
    finally:
        models.table.put_item(Item=current)
    testbed.inflicted["tickets whose model was gone"] = count
    bodies = [each.body for each in testbed.letters()]
    time.sleep(61)  # what was read is hidden for a minute
    with ThreadPoolExecutor(2) as leads:
        redriven = list(leads.map(lambda _: operations.redrive([testbed.dead], ()), range(2)))
    testbed.inflicted["letters redriven"] = sum(map(len, redriven))
    for body in bodies:
        testbed.sqs.send_message(QueueUrl=testbed.stack.outputs["IntakeQueueUrl"], MessageBody=body)
    testbed.inflicted["letters sent once more"] = len(bodies)
    wait_until(lambda: testbed.intake.depth() == 0, seconds=300)
    if missing := ids - {json.loads(body)["ticket"] for body in bodies}:
        testbed.surprises.append(f"no dead letter for {len(missing)} tickets")


def skewed_clocks(testbed: Testbed, count: int) -> None:
    """Let submissions, two more reconcilers and three agents go ten minutes wrong, either way."""
    skews = [timedelta(minutes=minutes) for minutes in (-10, 0, 10)]
    terms = Terms(token_life=timedelta(days=90), retention=timedelta(days=400))
    stop = threading.Event()

    def clock(skew: timedelta) -> Callable[[], datetime]:
        return lambda: datetime.now(UTC) + skew

    def schedule(skew: timedelta) -> None:
        tickets = tickets_of(testbed.stack)  # clients are made in the thread they serve
        while not stop.is_set():
            with suppress(BotoCoreError, ClientError):
                reconciling.reconcile(
                    tickets=tickets,
                    texts=texts_of(testbed.stack),
                    queues={
                        QueueName.INTAKE: testbed.intake,
                        QueueName.ESCALATION: testbed.escalations,
                    },
                    clock=clock(skew),
                )
                testbed.inflicted["runs of skewed reconcilers"] += 1
            stop.wait(2)

    def agent(skew: timedelta) -> None:
        at = _workplace(testbed, f"agent{skew.total_seconds():+.0f}", clock(skew))
        while not stop.is_set():
            with suppress(ConflictError, IllegalMoveError, LeaseError):
                if taken := at.take_next():
                    at.reply(taken.ticket.id, "By my clock it is never too late.")
                    testbed.inflicted["replies of skewed agents"] += 1
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
                receipt = customers.submit(
                    question,
                    key=None,
                    tickets=testbed.tickets,
                    intake=testbed.intake,
                    terms=terms,
                    now=clock(skews[number % 3])(),
                )
                testbed.accepted.append(receipt.ticket_id)
            testbed.come_to_rest()
            mine = set(testbed.accepted)
            wait_until(lambda: not _with_people(testbed, mine), seconds=120, pause=2)
        except TimeoutError:
            testbed.surprises.append("agents did not get through")
        finally:
            stop.set()
    ended = [each.exception() for each in busy]
    testbed.surprises += [f"{type(error).__name__}: {error}" for error in ended if error]


def tenfold_delivery(testbed: Testbed, count: int) -> None:
    """Deliver every message ten times, and some ten times at the same moment."""
    testbed.take_orders(enabled=False)
    ids = testbed.ask(count)
    at_once, queued = ids[: max(5, count // 50)], ids[max(5, count // 50) :]
    worker = testbed.stack.outputs["WorkerFunctionName"]
    with ThreadPoolExecutor(10) as pool:
        functions = [testbed.stack.client("lambda") for _ in range(10)]
        for ticket_id in at_once:
            event = json.dumps(_event(ticket_id))
            for answer in pool.map(
                lambda client, event=event: client.invoke(FunctionName=worker, Payload=event),
                functions,
            ):
                testbed.inflicted["deliveries at one moment"] += 1
                if "FunctionError" in answer:
                    testbed.surprises.append(answer["Payload"].read().decode()[:200])
    copies = [ticket_id for ticket_id in queued for _ in range(9)]
    testbed.random.shuffle(copies)
    url = testbed.stack.outputs["IntakeQueueUrl"]
    for start in range(0, len(copies), 10):
        entries: list[Any] = [
            {"Id": str(n), "MessageBody": json.dumps({"ticket": ticket_id})}
            for n, ticket_id in enumerate(copies[start : start + 10])
        ]
        testbed.sqs.send_message_batch(QueueUrl=url, Entries=entries)
    testbed.inflicted["more copies on the queue"] = len(copies)
    testbed.take_orders(enabled=True)
    wait_until(lambda: testbed.intake.depth() == 0, seconds=600, pause=1)


def one_key(testbed: Testbed, count: int) -> None:
    """Ask each question from fifty threads at once with one Idempotency-Key."""
    threads = 50
    customers = [testbed.customer() for _ in range(threads)]
    with ThreadPoolExecutor(threads) as pool:
        for number in range(max(1, count // threads)):
            key = f"{testbed.random.getrandbits(64):x}"

            def ask(customer: Customer, text: str, key: str = key) -> tuple[str, str]:
                while True:
                    try:
                        made = customer.ask(text, key=key)
                    except requests.HTTPError as error:
                        if error.response is None or error.response.status_code != 409:
                            raise
                        testbed.inflicted["told to try again"] += 1
                        time.sleep(float(error.response.headers.get("Retry-After", "1")))
                    else:
                        return made.id, made.token

            text = QUESTIONS[number % len(QUESTIONS)]
            receipts = list(pool.map(ask, customers, [text] * threads))
            testbed.inflicted["requests"] += threads
            testbed.inflicted["keys"] += 1
            if len(set(receipts)) != 1:
                testbed.surprises.append(f"{len(set(receipts))} receipts for one key")
            testbed.accepted += sorted({ticket_id for ticket_id, _ in receipts})


FAULTS: dict[str, Callable[[Testbed, int], None]] = {
    "one-key": one_key,
    "tenfold": tenfold_delivery,
    "workers": kill_workers,
    "localstack": kill_everything,
    "calls": faulty_calls,
    "poison": poison_messages,
    "redrive": redrive_twice,
    "clocks": skewed_clocks,
}


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


def _workplace(testbed: Testbed, agent: str, clock: Callable[[], datetime]) -> Workplace:
    name, at = testbed.stack.outputs["KnowledgeTable"], testbed.stack.endpoint_url
    knowledge = clients.table(name, testbed.stack.session, endpoint_url=at)
    return Workplace(
        agent=Agent(agent),
        tickets=tickets_of(testbed.stack),
        escalations=testbed.escalations,
        articles=DynamoKnowledge(knowledge),
        clock=clock,
    )


def _with_people(testbed: Testbed, ids: Iterable[str]) -> bool:
    found = (testbed.tickets.get(each) for each in ids)
    return any(each is not None and each.state is State.ESCALATED for each in found)
