"""What a customer wrote is in the table, in the API's answer and on the agent's screen: only there.

A whole story is played with marker words, over the real functions: answered, escalated, replied to,
rated, failed and dead-lettered. Then every other place it could have got to is searched.
"""

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import boto3
import pytest
from helpdesk import ticket
from helpdesk.aws import clients
from helpdesk.aws.mails import StoredMails
from helpdesk.aws.tickets import DynamoTickets
from moto.core.botocore_stubber import BotocoreStubber

from infra.local import notice_sink
from infra.local.mail_sink import start
from tests.fakes import ADA, STRANGE, ScriptedUnderstander, an_understanding
from tests.integration.conftest import Function, Stack, load, understand_with
from tests.integration.test_agent_cli import Desk, desk  # noqa: F401 -- a fixture
from tests.integration.test_intake import Gateway
from tests.integration.test_worker import record
from tests.mails import BLOCK
from tests.mails import mail as letter

EMAIL = "quillfeather@zanzibar.example"
PHONE = "+44 20 7946 0958"
CARD = "4111 1111 1111 1111"
CUSTOMER = {"email": EMAIL, "name": "Quillfeather", "reference": "REF-zanzibar-77"}
KNOWN = f"zanzibarquince where is it? {PHONE}"
UNKNOWN = f"zanzibarmango do you wrap gifts? {CARD}"
POISON = "zanzibarpapaya breaks it"
COMMENT = "zanzibarlychee was no help"
FOLLOW_UP = "zanzibarguava and another thing"
REPLY = "zanzibarfig we do now"
NOTE = "zanzibarplum seems cross"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MARKERS = (
    "zanzibar", "quillfeather", "ref-zanzibar", PHONE, CARD, "7946 0958", "dragonfruit",
)  # fmt: skip


class Broken(ScriptedUnderstander):
    """Chokes on the poison and quotes it, in the error, its cause and its note."""

    def understand(self, text: str) -> Any:
        if text == POISON:
            quoted = RuntimeError(f"cannot parse {text!r} of {EMAIL}")
            quoted.add_note(f"while reading {text}")
            raise quoted from ValueError(text)
        return self.script.get(text, STRANGE)


@dataclass
class Sinks:
    """Everything that left the process, by where it went."""

    queues: list[str] = field(default_factory=list)
    urls: list[str] = field(default_factory=list)
    headers: list[str] = field(default_factory=list)


@pytest.fixture
def sinks(stack: Stack) -> Iterator[Sinks]:
    """Watch every request that goes to AWS."""
    found = Sinks()
    answer = BotocoreStubber.__call__

    def watch(self: BotocoreStubber, event_name: str, request: Any, **kwargs: Any) -> Any:
        found.urls.append(request.url)
        found.headers += [f"{name}: {value}" for name, value in request.headers.items()]
        if "sqs" in event_name:
            body = request.body or b""
            found.queues.append(body.decode() if isinstance(body, bytes) else str(body))
        return answer(self, event_name, request, **kwargs)

    with mock.patch.object(BotocoreStubber, "__call__", watch):
        yield found


@pytest.fixture
def gateway(template: dict[str, Any], stack: Stack) -> Gateway:
    return Gateway(load(template, stack, "IntakeFunction"))


@pytest.fixture
def worker(template: dict[str, Any], stack: Stack) -> Function:
    function = load(template, stack, "WorkerFunction")
    script = {KNOWN: an_understanding(("refund", 0.9))}
    understand_with(function, lambda: Broken(script))
    return function


@dataclass
class Story:
    """What was said over the API and seen by the agent."""

    answers: list[str] = field(default_factory=list)
    urls: list[str] = field(default_factory=list)
    screens: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)


@pytest.fixture
def story(
    gateway: Gateway,
    worker: Function,
    desk: Desk,  # noqa: F811
    template: dict[str, Any],
    stack: Stack,
) -> Callable[[], Story]:
    def tell() -> Story:
        told = Story()
        tokens = {}
        for text in (KNOWN, UNKNOWN, POISON):
            key = {"Idempotency-Key": f"dragonfruit-{text[:12]}"}
            reply = gateway.submit({"text": text, "customer": CUSTOMER}, headers=key)
            told.urls.append(reply.headers["Location"])
            told.ids.append(reply.body["id"])
            tokens[text] = reply.body["id"], reply.body["token"]
        gateway.submit({"text": KNOWN, "colour": UNKNOWN})  # refused, and the refusal is logged
        gateway.submit(raw=f"{{ broken {UNKNOWN}")
        for ticket_id, attempt in [(each, 1) for each in told.ids] + [(told.ids[2], 5)]:
            body = json.dumps({"ticket": ticket_id})
            worker({"Records": [record("m", body, attempt)]})
        boto3.client("sqs").send_message(
            QueueUrl=stack.outputs["IntakeDeadLettersUrl"],
            MessageBody=json.dumps({"ticket": told.ids[2]}),
        )
        agent(desk, told, "ticket", "list", "--state", "all")
        agent(desk, told, "ticket", "claim", told.ids[1])
        agent(desk, told, "ticket", "show", told.ids[1])
        agent(desk, told, "ticket", "note", told.ids[1], NOTE)
        agent(desk, told, "ticket", "reply", told.ids[1], REPLY)
        agent(desk, told, "deadletter", "list")
        for path, body in (
            ("/queries/{id}/feedback", {"helpful": False, "comment": COMMENT}),
            ("/queries/{id}/messages", {"text": FOLLOW_UP}),
        ):
            ticket_id, token = tokens[KNOWN]
            headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
            gateway.request("POST", path, headers=headers, body=json.dumps(body), id=ticket_id)
        for ticket_id, token in tokens.values():
            told.answers.append(gateway.fetch(ticket_id, token).text)
        load(template, stack, "ReconcilerFunction")({})
        self_inflicted(gateway, tokens[KNOWN])
        return told

    return tell


def agent(terminal: Desk, told: Story, *words: str) -> None:
    result = terminal.run(*words)
    assert result.exit_code == 0, result.output
    told.screens.append(result.output)


def self_inflicted(gateway: Gateway, ticket: tuple[str, str]) -> None:
    """Let the door itself fail with an error that quotes the customer."""
    tickets = gateway.function.module.needs().tickets
    with mock.patch.object(type(tickets), "conversation", side_effect=ValueError(KNOWN)):
        assert gateway.fetch(*ticket).status == 500


def found_in(text: str) -> list[str]:
    return [marker for marker in MARKERS if marker.casefold() in text.casefold()]


def test_markers_are_only_where_they_belong(
    story: Callable[[], Story],
    sinks: Sinks,
    stack: Stack,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """T16, X5: logs, metrics, queues, dead letters, URLs and headers hold the ids and no text."""
    told = story()
    out, err = capsys.readouterr()
    bodies = stack.take_messages("EscalationQueueUrl") + stack.take_messages("IntakeDeadLettersUrl")

    assert not found_in(out + err)
    assert not found_in("\n".join(sinks.queues + bodies))
    assert not found_in("\n".join(sinks.urls + told.urls))
    assert not found_in("\n".join(sinks.headers))
    # The search would have found them: these sinks are not empty, and the words are where wanted.
    assert len(sinks.queues) > 5
    assert len(bodies) >= 3
    assert out.count("_aws") > 5, "metrics are log lines"
    for ticket_id in told.ids:
        assert ticket_id in out
    assert "zanzibarquince" in told.answers[0]
    assert found_in("".join(told.screens))
    kept = repr(boto3.resource("dynamodb").Table(stack.outputs["TicketsTable"]).scan()["Items"])
    for text in (KNOWN, UNKNOWN, POISON, COMMENT, FOLLOW_UP, REPLY, NOTE, EMAIL):
        assert text in kept
    assert "dragonfruit" not in kept, "nor is the client's key kept"


def test_an_error_tells_where_and_what_kind_but_not_what_about(
    story: Callable[[], Story], capsys: pytest.CaptureFixture[str]
) -> None:
    told = story()
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    failed = [line for line in lines if line.get("message") == "processing failed"]
    assert [line["ticket"] for line in failed] == [told.ids[2]] * 2
    assert {line["exception_name"] for line in failed} == {"RuntimeError"}
    assert "handler.py" in failed[0]["exception"]
    assert "builtins.ValueError" in failed[0]["exception"], "the cause is told too"


def test_one_id_leads_through_the_logs_of_every_function(
    story: Callable[[], Story], capsys: pytest.CaptureFixture[str]
) -> None:
    """X5: a ticket is followed from submit to reply by its id alone."""
    told = story()
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    trail = [
        (line["service"], line["message"]) for line in lines if line.get("ticket") == told.ids[0]
    ]

    assert trail == [
        ("intake", "stored"),
        ("worker", "answered"),
        ("intake", "rated"),
        ("intake", "followed up"),
    ]


def test_a_function_that_fails_altogether_says_no_more(
    template: dict[str, Any], stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    """The platform logs the error a function ends with: it is one without the text."""
    function = load(template, stack, "ReconcilerFunction")
    with (
        mock.patch.object(DynamoTickets, "overdue", side_effect=ValueError(KNOWN)),
        pytest.raises(Exception, match=r"^ValueError$") as failure,
    ):
        function({})

    assert type(failure.value).__name__ == "FunctionFailedError"
    assert failure.value.__suppress_context__
    assert not found_in("".join(capsys.readouterr()))


@pytest.mark.skipif(sys.flags.optimize > 0, reason="assertions are off")
def test_the_search_finds_what_is_there() -> None:
    assert found_in(KNOWN) == ["zanzibar", PHONE, "7946 0958"]
    assert not found_in("a ticket 0123456789abcdef was answered")


@pytest.mark.usefixtures("socket_enabled")
def test_mails_leave_no_word_where_it_does_not_belong(
    template: dict[str, Any],
    stack: Stack,
    sinks: Sinks,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A question, spam, a report, what a machine writes and what fails, and what leaves."""
    sink = start(tmp_path / "mails")
    mail = load(template, stack.where("MailFunction", MAIL_SECRET="k" * 32), "MailFunction")
    out = {"MAIL_SECRET": "k" * 32, "SMTP_URL": f"smtp://127.0.0.1:{sink.port}"}
    courier = load(template, stack.where("CourierFunction", **out), "CourierFunction")
    tickets = DynamoTickets(clients.table(stack.outputs["TicketsTable"]))
    stored = StoredMails(clients.s3(), stack.outputs["MailBucket"])

    def come(number: int, raw: bytes) -> None:
        raw = raw.replace(b"ada@example.com", EMAIL.encode())
        body = {"Records": [{"s3": {"object": {"key": stored.store(str(number), raw)}}}]}
        mail({"Records": [record("m", json.dumps(body), 1)]})

    headers = (b"Message-ID: <zanzibar@mail.example>", f"X-Note: {CARD}".encode())
    first = BLOCK + letter(*headers, body=UNKNOWN.encode()).replace(b"Order", b"zanzibar order")
    come(1, first)
    come(2, first.replace(b"Spam-Verdict: PASS", b"Spam-Verdict: FAIL"))
    come(3, BLOCK + letter(b"Auto-Submitted: auto-replied", body=POISON.encode()))
    with mock.patch.object(DynamoTickets, "commit", side_effect=ValueError(KNOWN)):
        come(4, BLOCK + letter(body=KNOWN.encode()))
    (one, *_) = [json.loads(body)["ticket"] for body in stack.take_messages("IntakeQueueUrl")]
    found = tickets.get(one)
    assert found
    now = datetime.now(UTC)
    tickets.commit(given_up := ticket.give_up(found, now=now))
    tickets.commit(held := ticket.claim(given_up.after, ADA, now=now, length=timedelta(hours=1)))
    tickets.commit(ticket.reply(held.after, ADA, REPLY, now=now))
    send = {"Records": [record("m", json.dumps({"mail": f"{one}.2"}), 5)]}
    with mock.patch.object(sink, "answer", return_value=f"451 not for {EMAIL}"):
        courier(send)
    said, err = capsys.readouterr()
    sink.shutdown()
    sink.server_close()

    assert not found_in(said + err)
    assert not found_in("\n".join([*sinks.queues, *sinks.urls, *sinks.headers]))
    assert not found_in("\n".join(stack.take_messages("OutboxQueueUrl")))
    for outcome in ("submitted", "quarantined", "mail not taken", "sending failed"):
        assert outcome in said, "the search would have found them"
    kept = repr(boto3.resource("dynamodb").Table(stack.outputs["TicketsTable"]).scan()["Items"])
    assert UNKNOWN.split("?", maxsplit=1)[0] in kept
    for each in stored.s3.list_objects_v2(Bucket=stored.bucket)["Contents"]:
        stored.forget(each["Key"])


@pytest.mark.usefixtures("socket_enabled")
@pytest.mark.parametrize(
    ("shows", "leaves"),
    [
        ("nothing", []),
        ("subject", ["zanzibar"]),
        ("subject customer preview", ["zanzibar", "quillfeather", CARD]),
    ],
)
def test_notices_show_of_a_customer_what_is_switched_on_and_say_it_nowhere_else(
    *,
    gateway: Gateway,
    template: dict[str, Any],
    stack: Stack,
    sinks: Sinks,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    shows: str,
    leaves: list[str],
) -> None:
    """A receiver that takes it, then one that is down and one that refuses."""
    sink = notice_sink.start(tmp_path / "notices", secret=SECRET)
    monkeypatch.setattr("helpdesk.settings.EndpointSettings.host", "127.0.0.1")
    on = {"NOTIFIED": "webhook", "NOTIFY_RULES": "webhook: dead_letter"}
    at = {
        "WEBHOOK_URL": f"http://127.0.0.1:{sink.port}/?k=dragonfruit",
        "WEBHOOK_SECRET": SECRET,
        "NOTIFY_SHOWS": shows,
    }
    worker = load(template, stack.where("WorkerFunction", **on), "WorkerFunction")
    understand_with(worker, lambda: Broken({}))
    courier = load(template, stack.where("CourierFunction", **on, **at), "CourierFunction")
    statuses = iter([204, 500, 404])

    def answer(_: notice_sink.Came) -> tuple[int, dict[str, str]]:
        return next(statuses), {"Retry-After": "5"}

    monkeypatch.setattr(sink, "answer", answer)
    for _ in range(3):
        text = f"{UNKNOWN} {PHONE}"
        asked = gateway.submit({"text": text, "customer": CUSTOMER}).body["id"]
        with mock.patch.object(Broken, "understand", side_effect=ValueError(text)):
            worker({"Records": [record("m", json.dumps({"ticket": asked}), 5)]})
    bodies = stack.take_messages("NoticesQueueUrl")
    for body in bodies:
        courier({"Records": [record("m", body, 1)]})
    told = "".join(str(json.loads(each.read_text())["says"]) for each in sink.files())
    sink.shutdown()
    sink.server_close()
    said, err = capsys.readouterr()
    said = "\n".join(line for line in said.splitlines() if not line.startswith('"POST'))

    assert (len(bodies), len(sink.came), len(sink.files())) == (3, 3, 1)
    assert [each for each in leaves if each not in told.casefold()] == []
    assert bool(found_in(told)) == bool(leaves)
    assert "customer" in shows or "quillfeather" not in told.casefold()
    assert not found_in(said + err)
    assert not found_in("\n".join([*sinks.queues, *sinks.urls, *sinks.headers, *bodies]))
    assert not found_in("\n".join(stack.take_messages("NoticesDeadLettersUrl")))
    for outcome in ("sent", "did not take it", "refused"):
        assert outcome in said, "the search would have found them"
