"""The terminal answers at once: a verb loads and asks what it needs. And the manual is true."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from helpdesk import ticket
from helpdesk.aws.attribute_values import stored
from helpdesk.ticket import Customer
from helpdesk.triage import Escalate, Reason

from infra.documenting import manual
from infra.measuring.recorded_items import items_of
from tests.fakes import an_understanding

HEAVY = {"boto3", "botocore", "numpy", "pydantic", "rich", "spacy", "textual", "yaml"}
MODULES = 240
"""Modules that help may load, of which the interpreter itself and click are the most."""

LOOKING = {"boto3", "s3transfer", "numpy", "pydantic", "spacy", "textual", "yaml"}
"""What a verb that looks at tickets or queues does without."""

PROBE = """
import sys
from agent_cli.cli import main
try:
    main(sys.argv[1:], prog_name="helpdesk")
except SystemExit as done:
    assert not done.code
print(*sorted({name.split(".")[0] for name in sys.modules}), len(sys.modules), file=sys.stderr)
"""

ANSWERED = """
import json, sys
from botocore.awsrequest import AWSResponse
from botocore.httpsession import URLLib3Session

class Raw:
    def __init__(self, body): self.body = body
    def stream(self, **_): yield self.body

OUTPUTS = "".join(
    f"<member><OutputKey>{name}</OutputKey><OutputValue>{value}</OutputValue></member>"
    for name, value in {
        "TicketsTable": "tickets", "KnowledgeTable": "knowledge",
        "IntakeQueueUrl": "https://q/1/in", "EscalationQueueUrl": "https://q/1/esc",
        "IntakeDeadLettersUrl": "https://q/1/ind", "EscalationDeadLettersUrl": "https://q/1/escd",
    }.items()
)
STACK = (
    "<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>helpdesk</StackName>"
    f"<Outputs>{OUTPUTS}</Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>"
)
COUNTS = {f"ApproximateNumberOfMessages{kind}": "0" for kind in ("", "NotVisible", "Delayed")}
ITEM = json.loads(sys.argv.pop(1))
CALLS = []

def found(query):
    values = query["ExpressionAttributeValues"].values()
    items = [ITEM] if ITEM["listing"] in values or ITEM["awaiting"] in values else []
    return {"Count": len(items)} if query.get("Select") else {"Items": items}

def send(self, request):
    target = request.headers.get("X-Amz-Target", b"CloudFormation.DescribeStacks")
    operation = (target if isinstance(target, str) else target.decode()).split(".")[-1]
    CALLS.append(operation)
    body = {
        "DescribeStacks": lambda: STACK,
        "Query": lambda: json.dumps(found(json.loads(request.body))),
        "GetQueueAttributes": lambda: json.dumps({"Attributes": COUNTS}),
    }[operation]()
    return AWSResponse(request.url, 200, {}, Raw(body.encode()))

URLLib3Session.send = send
""" + PROBE.replace("len(sys.modules)", "*CALLS")


@pytest.mark.parametrize(
    "words",
    [
        "--help",
        "--version",
        "ticket --help",
        "ticket reply --help",
        "inbox --help",
        "queue --help",
        "deadletter --help",
        "knowledge --help",
        "stats --help",
        "doctor --help",
        "evaluate --help",
        "config --help",
        "config list --help",
    ],
)
def test_help_loads_no_heavy_library(words: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROBE, *words.split()], capture_output=True, text=True, check=True
    )
    *loaded, count = done.stderr.split()

    assert not HEAVY & set(loaded)
    assert int(count) < MODULES


def a_ticket_item() -> str:
    now = datetime(2026, 3, 2, 9, tzinfo=UTC)
    change = ticket.submit(
        ticket_id="7k3mxq0v2r5t8w1z",
        text="Do you sell gift wrapping?",
        customer=Customer(email="ada@example.com"),
        channel="web",
        token_hash="0" * 64,
        now=now,
        token_life=timedelta(days=1),
        retention=timedelta(days=1),
    )
    understood = an_understanding(("gift", 0.4))
    decision = Escalate(Reason.LOW_CONFIDENCE)
    moved = ticket.settle(change.after, understood, decision, now=now)
    return json.dumps(stored(items_of(moved)[0])["M"])


LENGTHS = ["GetQueueAttributes"] * 2


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        ("ticket list", ["Query"] * 4),
        ("ticket list --state open", ["Query"] * (4 + 3 * 8)),
        ("queue status", [*LENGTHS, *["Query"] * 16, *LENGTHS, *["Query"] * 12]),
    ],
)
def test_looking_asks_and_loads_only_what_is_shown(
    tmp_path: Path, words: str, asked: list[str]
) -> None:
    """A list of agents has four partitions, one of what is awaited eight.

    The stack is asked once; which agent looks is never asked.
    """
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
        "XDG_STATE_HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path),
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "eu-central-1",
    }

    def run() -> tuple[list[str], set[str]]:
        done = subprocess.run(
            [sys.executable, "-c", ANSWERED, a_ticket_item(), *words.split()],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        told = done.stderr.split()
        calls = [word for word in told if word[0].isupper()]
        return calls, set(told) - set(calls)

    (first, loaded), (second, _) = run(), run()

    assert first == ["DescribeStacks", *second]
    assert second == asked
    assert not LOOKING & loaded


def test_the_manual_is_what_the_commands_say() -> None:
    assert manual.MANUAL.read_text() == manual.manual(), "run python -m infra.documenting.manual"


def test_the_published_schemas_are_what_the_commands_print() -> None:
    assert manual.SCHEMAS.read_text() == manual.schemas(), "run python -m infra.documenting.manual"
