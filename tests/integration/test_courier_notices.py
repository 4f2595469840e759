"""The courier's notices, through the events SQS sends, to a real server on this machine."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from helpdesk import notifying, ticket
from helpdesk.aws import clients
from helpdesk.aws.queues import SqsNoticeQueue
from helpdesk.aws.tickets import DynamoTickets
from helpdesk.composition import Parts, Resources
from helpdesk.knowledge import Priority
from helpdesk.notifying import ATTEMPTS, PAUSES, Channel, Notice, audience
from helpdesk.ticket import Change, Customer
from helpdesk.triage import Escalate, Reason

from infra.local import mail_sink
from infra.local.notice_sink import Came, NoticeSink, start
from tests.fakes import LEAD, Clock, an_article, an_understanding
from tests.integration.conftest import Function, Stack, load
from tests.integration.test_worker import record

ID = "1" * 16
ODD = "My lawyer: _*[< & ada@example.com"
NEW = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OLD = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
HOST = "127.0.0.1"


@dataclass
class Courier:
    """The courier function with the table, its queue and a receiver that speaks HTTP."""

    function: Function
    stack: Stack
    sink: NoticeSink
    clock: Clock

    def __post_init__(self) -> None:
        queue = SqsNoticeQueue(clients.sqs(), self.stack.outputs["NoticesQueueUrl"])
        table = clients.table(self.stack.outputs["TicketsTable"])
        self.tickets = DynamoTickets(
            table, heard_by=audience("webhook", "webhook: legal"), notify=queue.send
        )

    def threatened(self, ticket_id: str = ID) -> str:
        """Let people get a legal threat; return the message on the notices' queue."""
        change = ticket.submit(
            ticket_id=ticket_id,
            text=ODD,
            customer=Customer(email="ada@example.com"),
            channel="web",
            token_hash="hash",
            now=self.clock(),
            token_life=timedelta(days=90),
            retention=timedelta(days=400),
        )
        self.tickets.commit(change)
        decision = Escalate(Reason.LEGAL)
        settled = ticket.settle(change.after, an_understanding(), decision, now=self.clock())
        self.tickets.commit(settled)
        (body,) = self.stack.take_messages("NoticesQueueUrl")
        return body

    def answers(self, *statuses: int, **headers: str) -> None:
        """Let the receiver answer so, and from then on as it must."""
        left, as_it_must = list(statuses), NoticeSink.answer

        def answer(came: Came) -> tuple[int, dict[str, str]]:
            told = {name.replace("_", "-"): value for name, value in headers.items()}
            return (left.pop(0), told) if left else as_it_must(self.sink, came)

        self.sink.answer = answer  # type: ignore[method-assign]

    def deliver(self, body: str, attempt: int = 1) -> bool:
        """Deliver a message as the queue does; return whether it stays on the queue."""
        answer = self.function({"Records": [record("1", body, attempt)]})
        return bool(answer["batchItemFailures"])

    @property
    def notice(self) -> Notice:
        found = self.tickets.notices.notice(f"{ID}-2-webhook")
        assert found
        return found

    @property
    def kept(self) -> list[dict[str, Any]]:
        return [json.loads(each.read_text()) for each in self.sink.files()]


@pytest.fixture
def courier(
    template: dict[str, Any],
    stack: Stack,
    tmp_path: Path,
    socket_enabled: None,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Courier]:
    sink = start(tmp_path / "notices", secret=NEW)
    where = stack.where(
        "CourierFunction",
        NOTIFIED="webhook",
        WEBHOOK_URL=f"http://{HOST}:{sink.port}/in",
        WEBHOOK_SECRET=NEW,
        WEBHOOK_SECRET_BEFORE=OLD,
        NOTIFY_PAGE="https://desk.example/{id}",
        NOTIFY_SHOWS="subject",
    )
    function = load(template, where, "CourierFunction")
    monkeypatch.setattr("helpdesk.settings.EndpointSettings.host", HOST)
    clock = Clock(datetime.now(UTC))
    monkeypatch.setattr(function.module, "_now", clock)
    yield Courier(function, where, sink, clock)
    sink.shutdown()
    sink.server_close()


def test_a_threat_is_told_once_signed_and_without_who_wrote_it(courier: Courier) -> None:
    body = courier.threatened()
    assert json.loads(body) == {"notice": f"{ID}-2-webhook"}

    assert [courier.deliver(body) for _ in range(3)] == [False] * 3

    (kept,) = courier.kept
    assert kept["id"] == f"{ID}-2-webhook"
    data = kept["says"]["data"]
    assert data["subject"] == "My lawyer: _*[< & <email>"
    assert data["why"] == ["legal threat"]
    assert data["link"] == f"https://desk.example/{ID}"
    assert not {"customer", "preview"} & set(data)
    assert len(courier.sink.came) == 1
    assert len(courier.sink.came[0].headers["webhook-signature"].split(" ")) == 2


def complaint(number: int, priority: Priority, sentiment: float) -> tuple[Change, Change]:
    """Return the changes by which people get a complaint."""
    change = ticket.submit(
        ticket_id=f"{number:016}",
        text="About my order",
        customer=Customer(email="ada@example.com"),
        channel="web",
        token_hash="hash",
        now=datetime.now(UTC),
        token_life=timedelta(days=90),
        retention=timedelta(days=400),
    )
    understood = an_understanding(("refund", 0.9), sentiment=sentiment)
    decision = Escalate(Reason.NEEDS_PERSON, an_article("refund", priority=priority))
    settled = ticket.settle(change.after, understood, decision, now=datetime.now(UTC))
    return change, settled


def test_a_high_complaint_and_a_negative_one_are_posted_once_and_others_not(
    courier: Courier,
) -> None:
    """M13: high; low and neutral; surely negative; one that is merged into the high one."""
    queue = SqsNoticeQueue(clients.sqs(), courier.stack.outputs["NoticesQueueUrl"])
    heard_by = audience("webhook", "webhook: high negative")
    table = clients.table(courier.stack.outputs["TicketsTable"])
    tickets = DynamoTickets(table, heard_by=heard_by, notify=queue.send)
    high = complaint(1, Priority.HIGH, 0.0)
    low = complaint(2, Priority.LOW, 0.0)
    negative = complaint(3, Priority.NORMAL, -0.9)
    for change in (*high, *low, *negative):
        tickets.commit(change)
    again, _ = complaint(4, Priority.HIGH, 0.0)
    root, member = ticket.merge(high[1].after, again.after, LEAD, now=datetime.now(UTC))
    tickets.commit(again)
    tickets.commit(root, also=member)
    for body in courier.stack.take_messages("NoticesQueueUrl"):
        assert not courier.deliver(body)

    told = [each["says"]["data"] for each in courier.kept]
    assert [each["ticket"] for each in told] == [f"{1:016}", f"{3:016}"]
    assert [each["why"] for each in told] == [["high priority"], ["very negative"]]
    assert told[0] == {
        "ticket": f"{1:016}",
        "why": ["high priority"],
        "priority": "high",
        "level": 0,
        "legal": False,
        "compensation": False,
        "subject": "About my order",
        "category": "orders",
        "sentiment": 0.0,
        "confidence": 0.9,
        "link": f"https://desk.example/{1:016}",
        "at": told[0]["at"],
    }


def test_two_errors_then_one_delivery_with_one_id(courier: Courier) -> None:
    """M14, with signs of markup in the subject."""
    body = courier.threatened()
    courier.answers(500, 500)

    for attempt in (1, 2):
        assert courier.deliver(body, attempt)
        courier.clock.advance(PAUSES[attempt - 1])
    assert not courier.deliver(body, 3)

    (kept,) = courier.kept
    assert "_*[<" in kept["says"]["data"]["subject"]
    ids = {each.headers["webhook-id"] for each in courier.sink.came}
    bodies = {each.body for each in courier.sink.came}
    assert (len(courier.sink.came), len(ids), len(bodies)) == (3, 1, 1)
    assert courier.notice.attempts == 3


def test_the_queue_hides_it_for_as_long_as_the_receiver_asks(
    courier: Courier, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = courier.threatened()
    hidden = list[timedelta]()
    monkeypatch.setattr(
        "helpdesk.aws.queues.SqsQueue.hide", lambda _self, _receipt, for_: hidden.append(for_)
    )
    courier.answers(429, 503, Retry_After="40")
    assert courier.deliver(body)
    courier.clock.advance(hidden[0])
    assert courier.deliver(body, 2)

    assert [40 <= each.total_seconds() <= 47 for each in hidden] == [True, True]


def test_a_real_message_comes_again_when_its_pause_is_over(courier: Courier) -> None:
    """The pause is the message's own, and no other message waits for it."""
    courier.threatened()
    sqs, url = boto3.client("sqs"), courier.stack.outputs["NoticesQueueUrl"]
    sqs.purge_queue(QueueUrl=url)
    courier.tickets._notify(f"{ID}-2-webhook")
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    courier.answers(503)

    event = record("1", message["Body"], 1) | {"receiptHandle": message["ReceiptHandle"]}
    assert courier.function({"Records": [event]})["batchItemFailures"]

    assert courier.stack.queue_depth("NoticesQueueUrl") == 1
    assert not sqs.receive_message(QueueUrl=url).get("Messages")


def test_410_switches_the_channel_off_and_a_lead_switches_it_on(
    courier: Courier, capsys: pytest.CaptureFixture[str]
) -> None:
    bodies = [courier.threatened(), courier.threatened("2" * 16), courier.threatened("3" * 16)]
    courier.answers(410)

    assert [courier.deliver(each) for each in bodies[:2]] == [False, False]
    assert len(courier.sink.came) == 1
    found = courier.tickets.notices.record(Channel.WEBHOOK)
    assert found.off_at
    assert found.off_at == courier.clock().replace(microsecond=found.off_at.microsecond)
    assert "NoticeSwitchedOff" in capsys.readouterr().out

    courier.tickets.notices.switch_on(Channel.WEBHOOK)
    assert not courier.deliver(bodies[2])
    assert [each["says"]["data"]["ticket"] for each in courier.kept] == ["3" * 16]


@pytest.mark.parametrize("status", [404, 302])
def test_a_refusal_is_one_dead_letter_at_once_that_can_be_sent_again(
    courier: Courier, status: int
) -> None:
    body = courier.threatened()
    courier.answers(status, Location="http://169.254.169.254/latest/meta-data")

    assert not courier.deliver(body)
    assert len(courier.sink.came) == 1
    assert courier.notice.failed
    assert courier.notice.failed.startswith(f"it answered {status}")

    parts = Parts(resources=Resources.of_outputs(courier.stack.outputs))
    (letter,) = parts.dead_letters("notices").read(5)
    assert (letter.ticket_id, letter.queue) == (ID, "notices")
    parts.dead_letters("notices").resend(letter)
    assert courier.stack.take_messages("NoticesQueueUrl") == [body]
    assert not courier.deliver(body)
    assert len(courier.kept) == 1


def test_after_six_attempts_it_is_a_dead_letter(courier: Courier) -> None:
    body = courier.threatened()
    courier.answers(*[500] * ATTEMPTS)

    stays = []
    for attempt in range(1, ATTEMPTS + 1):
        stays.append(courier.deliver(body, attempt))
        courier.clock.advance(timedelta(hours=2))

    assert stays == [True] * 5 + [False]
    assert courier.stack.take_messages("NoticesDeadLettersUrl") == [body]


def test_nothing_goes_to_a_private_address(
    courier: Courier, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the host that stands for AWS on one machine may be private."""
    monkeypatch.setattr("helpdesk.settings.EndpointSettings.host", "")
    courier.function.module.needs.cache_clear()
    body = courier.threatened()

    assert not courier.deliver(body)
    assert courier.sink.came == []
    assert courier.notice.failed == "its address does not begin with https://"


def test_the_log_has_ids_and_neither_addresses_nor_text(
    courier: Courier, capsys: pytest.CaptureFixture[str]
) -> None:
    body = courier.threatened()
    courier.answers(500)
    courier.deliver(body)
    courier.clock.advance(timedelta(minutes=5))
    courier.deliver(body, 2)

    told = capsys.readouterr().out
    assert f"{ID}-2-webhook" in told
    assert not [each for each in ("ada@", "lawyer", "127.0.0.1", NEW[6:]) if each in told]


def test_a_lead_tries_a_channel_out(courier: Courier) -> None:
    assert courier.function({"test": "webhook"}) == {"fault": None}
    assert courier.function({"test": "slack"}) == {"fault": "channel is off"}
    courier.answers(404)
    assert courier.function({"test": "webhook"}) == {"fault": "it answered 404"}

    (kept,) = courier.kept
    assert kept["says"]["data"]["why"] == ["a test: no ticket needs you"]


def test_a_message_that_names_nothing_fails(courier: Courier) -> None:
    assert courier.deliver('{"notice": "1"}')
    assert courier.deliver('{"a": 1}')
    assert not courier.deliver(notifying.message(f"{ID}-2-webhook")), "its ticket was erased"


def test_all_four_channels_say_the_same_matter(
    template: dict[str, Any],
    stack: Stack,
    tmp_path: Path,
    socket_enabled: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chats, mails = start(tmp_path / "chats"), mail_sink.start(tmp_path / "mails")
    here = f"http://{HOST}:{chats.port}"
    where = stack.where(
        "CourierFunction",
        SLACK_URL=f"{here}/services/T/B/x",
        TELEGRAM_API=here,
        TELEGRAM_TOKEN="12:abcdefghij",
        TELEGRAM_CHAT="-100",
        NOTIFY_MAIL="lead@shop.example",
        NOTIFY_SHOWS="subject customer preview",
        SMTP_URL=f"smtp://{HOST}:{mails.port}",
        MAIL_DOMAIN="shop.example",
    )
    function = load(template, where, "CourierFunction")
    monkeypatch.setattr("helpdesk.settings.EndpointSettings.host", HOST)
    at = Courier(function, where, chats, Clock(datetime.now(UTC)))
    at.tickets = DynamoTickets(
        clients.table(stack.outputs["TicketsTable"]),
        heard_by=audience("slack telegram mail", "slack: legal; telegram: legal; mail: legal"),
    )
    with pytest.raises(ValueError, match="not enough values"):
        at.threatened()
    for channel in ("slack", "telegram", "mail"):
        assert not at.deliver(notifying.message(f"{ID}-2-{channel}"))

    slack, telegram = (each["says"] for each in at.kept)
    assert "_*[&lt; &amp; ada@example.com" in slack["blocks"][0]["text"]["text"]
    assert ODD in telegram["text"]
    assert [each["path"] for each in at.kept] == [
        "/services/T/B/x",
        "/bot12:abcdefghij/sendMessage",
    ]
    (mail,) = (tmp_path / "mails").glob("*.eml")
    assert b"X-Envelope-To: lead@shop.example" in mail.read_bytes()
    assert b"Customer: ada@example.com" in mail.read_bytes()
    for server in (chats, mails):
        server.shutdown()
        server.server_close()
