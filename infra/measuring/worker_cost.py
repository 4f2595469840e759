"""What the worker itself costs: its handler, adapters and model, with AWS answered in the process.

    python -m infra.measuring.worker_cost --messages 10000

botocore builds, signs and parses requests as usual; only the socket is replaced, by answers that
cost almost nothing. So this is the time and memory of the product and of the client library.
"""

import argparse
import contextlib
import io
import itertools
import json
import os
import sys
import time
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
from boto3.dynamodb.types import TypeSerializer
from botocore.awsrequest import AWSRequest, AWSResponse
from helpdesk import access, ticket
from helpdesk.aws import clients
from helpdesk.aws.knowledge import DynamoKnowledge
from helpdesk.aws.queues import SqsQueue
from helpdesk.aws.texts import DynamoTexts
from helpdesk.aws.tickets import DynamoTickets
from helpdesk.cases import Rules
from helpdesk.files import NO_FILES
from helpdesk.ports import Understander
from helpdesk.records import NO_RECORDS
from helpdesk.ticket import Customer
from helpdesk.triage import Policy, Understanding

from infra import module_file
from infra.measuring.recorded_items import items_of
from infra.paths import ROOT
from infra.teaching import knowledge_files
from infra.teaching.teacher import default_teacher

BATCH = 10
WARM = 1_000
"""Messages after which a process has loaded what it loads lazily."""

FLAT = 0.10
"""By how much memory may grow from the first thousand messages to the last."""

WORDS = (
    "where is my order {n}",
    "how do i reset my password, i am user{n}",
    "which payment methods do you take for order {n}",
    "would you sponsor {n} school teams",
    "i want my money back for item {n}, it broke after {n} days",
    "my name is Anna{n} and i wait for parcel {n} since monday, please help",
)


@dataclass(frozen=True, slots=True)
class Footprint:
    """Of one process: seconds a message (`understanding` its share), resident bytes early and late.

    `rest` is everything that is not understanding: parsing, deciding, storing, logging.
    """

    messages: int
    a_message: float
    understanding: float
    resident_warm: int
    resident_end: int

    @property
    def growth(self) -> float:
        """By what share the resident memory grew after it was warm."""
        return self.resident_end / self.resident_warm - 1


class _Raw(io.BytesIO):
    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.read()


def _on_the_wire(value: bytes) -> str:
    return b64encode(value).decode()


class AnsweredHere:
    """Answers DynamoDB and SQS without a network: every ticket asked for has just come in."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self._articles = {article.intent: article for article in knowledge_files.read()}
        self._plain: Any = TypeSerializer().serialize

    def __call__(self, request: AWSRequest, **_: Any) -> AWSResponse:
        """Answer one request, in place of sending it."""
        target: Any = request.headers["X-Amz-Target"]
        operation = target.decode().split(".")[-1]
        body = self.answer(operation, json.loads(request.body or b"{}"))
        headers: Any = {"Content-Type": "application/x-amz-json-1.0"}
        return AWSResponse(str(request.url), 200, headers, _Raw(body))

    def answer(self, operation: str, asked: dict[str, Any]) -> bytes:
        """Return the body of the answer to an operation of AWS."""
        return json.dumps(getattr(self, f"_{operation}")(asked), default=_on_the_wire).encode()

    def _Query(self, asked: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 -- as AWS does
        values = (value["S"] for value in asked["ExpressionAttributeValues"].values())
        (key,) = (value for value in values if value.startswith("TICKET#"))
        return {"Items": self._just_in(key.removeprefix("TICKET#"))}

    def _GetItem(self, asked: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        article = self._articles.get(asked["Key"]["sk"]["S"])
        if article is None:
            return {}
        plain = json.loads(json.dumps(asdict(article)))
        return {"Item": self._plain(plain)["M"]}

    def _TransactWriteItems(self, _asked: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return {}

    def _SendMessage(self, _asked: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return {"MessageId": "1"}

    def _just_in(self, ticket_id: str) -> list[dict[str, Any]]:
        change = ticket.submit(
            ticket_id=ticket_id,
            text=self.texts[ticket_id],
            customer=Customer(email="ada@example.com"),
            channel="web",
            token_hash=access.token_hash("token"),
            now=datetime.now(UTC),
            token_life=timedelta(days=90),
            retention=timedelta(days=400),
        )
        wanted = ("TICKET", "MESSAGE#000001")
        return [self._plain(item)["M"] for item in items_of(change) if item["sk"] in wanted]


class _Timed:
    """An understander with a stopwatch."""

    def __init__(self, understander: Understander) -> None:
        self._understander = understander
        self.seconds = 0.0

    def understand(self, text: str) -> Understanding:
        began = time.perf_counter()
        try:
            return self._understander.understand(text)
        finally:
            self.seconds += time.perf_counter() - began


def run(messages: int) -> Footprint:
    """Let a worker process that many messages, all different, and measure it."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    here = AnsweredHere()
    session = boto3.Session(
        aws_access_key_id="test", aws_secret_access_key="test", region_name="us-east-1"
    )
    answer: Any = here
    session.events.register("before-send.*.*", answer)
    teacher = default_teacher()
    learned = teacher.fit({a.intent: a.utterances for a in knowledge_files.read()})
    understander = _Timed(teacher.understander(learned.data))
    worker = module_file.load(ROOT / "functions" / "worker" / "handler.py")
    needs = worker.Needs(
        tickets=DynamoTickets(clients.table("tickets", session)),
        articles=DynamoKnowledge(clients.table("knowledge", session)),
        texts=DynamoTexts(clients.table("knowledge", session)),
        escalations=SqsQueue(clients.sqs(session), "https://sqs.us-east-1.amazonaws.com/1/esc"),
        understander=understander,
        policy=Policy(),
        files=NO_FILES,
        file_wait=timedelta(0),
        rules=Rules(),
        scale="",
        propose=lambda *_: None,  # how passages are searched is measured apart
        drafts=None,
        records=NO_RECORDS,
        reviewed=frozenset(),
        max_receives=5,
    )
    worker.needs = lambda: needs
    with contextlib.redirect_stdout(io.StringIO()) as told:
        _work(worker, here, 0, min(WARM, messages), told)
        warm, understander.seconds, began = resident(), 0.0, time.perf_counter()
        _work(worker, here, WARM, messages, told)
        took = time.perf_counter() - began
    counted = max(1, messages - WARM)
    return Footprint(
        messages=messages,
        a_message=took / counted,
        understanding=understander.seconds / counted,
        resident_warm=warm,
        resident_end=resident(),
    )


def _work(worker: Any, here: AnsweredHere, start: int, end: int, told: io.StringIO) -> None:
    for batch in itertools.batched(range(start, end), BATCH, strict=False):
        here.texts = {f"{n:016}": WORDS[n % len(WORDS)].format(n=n) for n in batch}
        answer = worker.handler({"Records": [a_record(each) for each in here.texts]}, None)
        assert answer == {"batchItemFailures": []}, answer
        told.seek(0)
        told.truncate()


def a_record(ticket_id: str) -> dict[str, Any]:
    """Return the record of a queue message that names a ticket, as Lambda hands it over."""
    return {
        "messageId": ticket_id,
        "receiptHandle": "none",
        "body": json.dumps({"ticket": ticket_id}),
        "attributes": {"ApproximateReceiveCount": "1"},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:1:helpdesk-intake",
        "awsRegion": "us-east-1",
    }


def resident() -> int:
    """Return the bytes of this process that are in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def main() -> int:
    """Measure and print as JSON. X3: return 1 if memory was not flat."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--messages", type=int, default=10_000)
    footprint = run(parser.parse_args().messages)
    print(json.dumps(asdict(footprint)))
    return 0 if footprint.growth <= FLAT else 1


if __name__ == "__main__":
    sys.exit(main())
