"""The faults that `make chaos` inflicts on mails and files, one function each."""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import batched
from typing import Any

from helpdesk import operations
from helpdesk.aws.queues import SqsDeadLetters

from infra.proving.letters import write
from infra.proving.post_office import MOODS, PostOffice
from infra.proving.questions import poison
from infra.proving.testbed import MAX_RECEIVES, Testbed, tell, wait_until

MAILS = 200
"""Mails of a fault at most: each is a ticket, its files and an answer."""

SHORT = {"intake": 5, "mail": 5, "files": 5, "outbox": 20}
"""Seconds until a message comes back whose function was killed; by default it is minutes."""

LONG_POLL = 6
"""Seconds after which no poll is under way that hides its message for as long as before."""

PACE = 0.25
"""Seconds between two mails while functions are killed, so that there is always work to kill."""

REST_SECONDS = 300
ROUND_SECONDS = 90
"""How long the queues may take to be empty before dead letters are sent again."""


def kill_functions(testbed: Testbed, office: PostOffice, count: int) -> None:
    """kill -9 the mail, documents, courier and worker functions at random while mails come in."""
    _hide_briefly(testbed)
    with testbed.killing("mail", "documents", "courier", "worker"):
        office.post(write(count, testbed.random), within=PACE * count)


def kill_readers(testbed: Testbed, office: PostOffice, count: int) -> None:
    """kill -9 the documents function again and again while each mail brings files."""
    _hide_briefly(testbed)
    with testbed.killing("documents", longest=0.8):
        office.post(write(count, testbed.random, files_in=1.0), within=PACE * count)


def twice_told(testbed: Testbed, office: PostOffice, count: int) -> None:
    """Tell of each mail and each file again and again, some at one moment, amid poison messages."""
    _hide_briefly(testbed)
    office.post(write(count, testbed.random))
    bad = max(10, count // 10)
    told = [_notice(key) for key in office.posted for _ in range(4)]
    told += [poison(number) for number in range(bad)]
    testbed.random.shuffle(told)
    _send(testbed, "mail", told)
    testbed.inflicted["notices of mails once more"] = 4 * len(office.posted)
    testbed.inflicted["poison messages"] = bad
    _at_once(testbed, "mail", list(office.posted)[:5])
    wait_until(lambda: testbed.depth("mail") == 0, seconds=REST_SECONDS, pause=1)
    files = _objects(testbed)
    again = [_notice(key) for key in files for _ in range(4)]
    testbed.random.shuffle(again)
    _send(testbed, "files", again)
    testbed.inflicted["notices of files once more"] = len(again)
    _at_once(testbed, "documents", files[:5])
    url = testbed.stack.outputs["MailDeadLettersUrl"]
    letters = SqsDeadLetters(testbed.sqs, "mail", url, lambda _: None)
    found = operations.discard([letters], ())
    if len(found) != bad:
        testbed.surprises.append(f"{len(found)} dead letters of {bad} poison messages")


def empty_outbox(testbed: Testbed, office: PostOffice, count: int) -> None:
    """Take half of the outbox's messages away, and have each mail of the rest sent ten times."""
    _hide_briefly(testbed)
    testbed.take_orders(enabled=False, function="courier")
    office.post(write(count, testbed.random, files_in=0.0))
    wait_until(lambda: testbed.depth("mail") == 0, seconds=REST_SECONDS, pause=1)
    wait_until(lambda: testbed.depth("intake") == 0, seconds=REST_SECONDS, pause=1)
    url = testbed.queue_url("outbox")
    bodies = list(_drained(testbed, url))
    kept = bodies[: len(bodies) // 2]
    testbed.inflicted["messages of the outbox lost"] = len(bodies) - len(kept)
    copies = kept * 10
    testbed.random.shuffle(copies)
    _send(testbed, "outbox", copies)
    testbed.inflicted["messages of the outbox"] = len(copies)
    testbed.take_orders(enabled=True, function="courier")


def moody_sink(testbed: Testbed, office: PostOffice, count: int) -> None:
    """Let the mail server refuse, refuse for now, be too slow, and die after it took a mail."""
    testbed.hide_for(61, "outbox")  # longer than a courier has a mail, as in the template
    time.sleep(LONG_POLL)
    office.post(write(count, testbed.random, files_in=0.1))
    wait_until(lambda: testbed.depth("mail") == 0, seconds=REST_SECONDS, pause=1)
    wait_until(lambda: testbed.depth("intake") == 0, seconds=REST_SECONDS, pause=1)
    wait_until(lambda: testbed.depth("outbox") == 0, seconds=2 * REST_SECONDS, pause=1)
    office.sink.calm()
    testbed.inflicted.update(office.sink.done)


MAIL_FAULTS: dict[str, Callable[[Testbed, PostOffice, int], None]] = {
    "mail-kills": kill_functions,
    "file-kills": kill_readers,
    "mail-twice": twice_told,
    "outbox": empty_outbox,
    "sink": moody_sink,
}

SINKS = {"sink": MOODS}
"""The moods of the sink, where it has more than one."""


def come_to_rest(testbed: Testbed) -> int:
    """Let everything settle, and send dead letters again until there are none; return how many."""
    deadline = time.monotonic() + REST_SECONDS
    redriven = 0
    while time.monotonic() < deadline:
        settled = _settled(testbed)
        if letters := testbed.dead_letters():
            sent = testbed.redrive()
            tell(f"{letters} dead letters, {sent} sent again")
            redriven += sent
        elif settled:
            return redriven
    left = {each: testbed.depth(each) for each in SHORT}
    testbed.surprises.append(f"{testbed.dead_letters()} dead letters are left, messages: {left}")
    return redriven


def _settled(testbed: Testbed) -> bool:
    """Wait until no queue of functions has a message, as the reconciler goes on sending."""
    testbed.come_to_rest()

    def empty() -> bool:
        testbed.reconcile()
        return not any(testbed.depth(each) for each in SHORT) and not _mails_wait(testbed)

    try:
        wait_until(empty, seconds=ROUND_SECONDS, pause=1)
    except TimeoutError:
        left = {each: testbed.depth(each) for each in SHORT}
        tell(f"still on the queues: {left}, mails that wait: {_mails_wait(testbed)}")
        return False
    return True


def _mails_wait(testbed: Testbed) -> int:
    """Count the mails that should have left by now, and are no dead letters."""
    return sum(1 for _ in testbed.tickets.outbox.overdue(datetime.now(UTC)))


def _hide_briefly(testbed: Testbed) -> None:
    """Let the messages of functions that die come back soon."""
    for queue, seconds in SHORT.items():
        testbed.hide_for(seconds, queue)
    time.sleep(LONG_POLL)


def _notice(key: str) -> str:
    """Return what a bucket says of an object that was stored."""
    return json.dumps({"Records": [{"eventSource": "aws:s3", "s3": {"object": {"key": key}}}]})


def _objects(testbed: Testbed) -> list[str]:
    pages = testbed.stack.client("s3").get_paginator("list_objects_v2")
    found = pages.paginate(Bucket=testbed.stack.outputs["FilesBucket"])
    return [each["Key"] for page in found for each in page.get("Contents", ())]


def _send(testbed: Testbed, queue: str, bodies: Iterable[str]) -> None:
    for some in batched(bodies, 1 if queue == "mail" else 10, strict=False):
        entries: list[Any] = [{"Id": str(n), "MessageBody": body} for n, body in enumerate(some)]
        testbed.sqs.send_message_batch(QueueUrl=testbed.queue_url(queue), Entries=entries)


def _at_once(testbed: Testbed, function: str, keys: Sequence[str]) -> None:
    """Tell a function ten times at one moment of each of some objects."""
    functions = [testbed.stack.client("lambda") for _ in range(10)]
    name = f"{testbed.stack.name}-{function}"
    with ThreadPoolExecutor(10) as pool:
        for key in keys:
            event = json.dumps(_event(_notice(key)))
            for answer in pool.map(
                lambda client, event=event: client.invoke(FunctionName=name, Payload=event),
                functions,
            ):
                testbed.inflicted["deliveries at one moment"] += 1
                if "FunctionError" in answer:
                    testbed.surprises.append(answer["Payload"].read().decode()[:200])


def _event(body: str) -> dict[str, Any]:
    """Return the event with which SQS would deliver a message."""
    record = {
        "messageId": "1",
        "receiptHandle": "none",
        "body": body,
        "attributes": {"ApproximateReceiveCount": str(MAX_RECEIVES - 1)},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:helpdesk-mail",
        "awsRegion": "us-east-1",
    }
    return {"Records": [record]}


def _drained(testbed: Testbed, url: str) -> Iterator[str]:
    """Take every message off a queue, for good."""
    while found := testbed.sqs.receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1
    ).get("Messages"):
        for message in found:
            testbed.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            yield message["Body"]
