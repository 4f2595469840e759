"""The outbox's door, through the events SQS sends, to a mail server on this machine."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import boto3
import pytest
from helpdesk import outbox, ticket
from helpdesk.aws import clients
from helpdesk.aws.dispatches import HOLD
from helpdesk.aws.queues import SqsMailQueue
from helpdesk.aws.tickets import DynamoTickets
from helpdesk.mail import Keys, bounced
from helpdesk.ticket import State
from helpdesk.triage import Answer, Reason

from infra.local.mail_sink import MailSink, start
from tests.fakes import MORNING, Clock, an_article, an_understanding
from tests.integration.conftest import Function, Stack, load
from tests.integration.test_worker import record
from tests.mailing import ADDRESS, DESK, by_mail, known

ID = "1" * 16
MAX_RECEIVES = 5


@dataclass
class Courier:
    """The courier function with the table, the queues and a mail server."""

    function: Function
    stack: Stack
    sink: MailSink
    clock: Clock

    def __post_init__(self) -> None:
        queue = SqsMailQueue(clients.sqs(), self.stack.outputs["OutboxQueueUrl"])
        table = clients.table(self.stack.outputs["TicketsTable"])
        self.tickets = DynamoTickets(table, post=queue.send)

    def answered(self) -> str:
        """Take a mail in and answer it; return the message on the outbox's queue."""
        change = by_mail()
        self.tickets.outbox.correspond(known(), expires_at=change.after.expires_at)
        self.tickets.commit(change)
        answer = Answer(an_article("refund"))
        self.tickets.commit(ticket.settle(change.after, an_understanding(), answer, now=MORNING))
        (body,) = self.stack.take_messages("OutboxQueueUrl")
        return body

    def deliver(self, body: str, attempt: int = 1) -> bool:
        """Deliver a message as the queue does; return whether it stays on the queue."""
        answer = self.function({"Records": [record("1", body, attempt)]})
        return bool(answer["batchItemFailures"])

    @property
    def mails(self) -> list[bytes]:
        return [path.read_bytes() for path in sorted(self.sink.folder.glob("*.eml"))]

    @property
    def mail(self) -> outbox.Outbound:
        found = self.tickets.outbox.mail(ID, 2)
        assert found
        return found

    @property
    def ticket(self) -> ticket.Ticket:
        found = self.tickets.get(ID)
        assert found
        return found


@pytest.fixture
def courier(
    template: dict[str, Any],
    stack: Stack,
    tmp_path: Path,
    socket_enabled: None,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Courier]:
    sink = start(tmp_path / "mails")
    where = stack.where(
        "CourierFunction",
        SMTP_URL=f"smtp://127.0.0.1:{sink.port}",
        MAIL_DOMAIN="shop.example",
        MAIL_DISPLAY_NAME=DESK.name,
        MAIL_SECRET=DESK.key,
        MAX_RECEIVES=str(MAX_RECEIVES),
    )
    function = load(template, where, "CourierFunction")
    clock = Clock(MORNING)
    monkeypatch.setattr(function.module, "_now", clock)
    yield Courier(function, where, sink, clock)
    sink.shutdown()
    sink.server_close()


def test_the_worker_and_the_courier_bring_an_answer_to_its_customer(courier: Courier) -> None:
    body = courier.answered()
    assert json.loads(body) == {"mail": f"{ID}.2"}

    assert not courier.deliver(body)

    (data,) = courier.mails
    mail = message_from_bytes(data, policy=policy.default)
    assert mail["X-Envelope-To"] == ADDRESS
    returned = bounced([mail["X-Envelope-From"]], DESK.mailbox, Keys(DESK.key))
    assert returned
    assert (returned.ticket_id, returned.number) == (ID, 2)
    assert mail["In-Reply-To"] == "<last@example.com>"
    assert mail["Auto-Submitted"] == "auto-replied"
    assert (courier.mail.sent_as, courier.mail.sent_at) == (f"{ID}.2@shop.example", MORNING)


def test_a_second_delivery_finds_the_mark(courier: Courier) -> None:
    body = courier.answered()

    assert [courier.deliver(body) for _ in range(3)] == [False] * 3
    assert (len(courier.mails), courier.mail.attempts) == (1, 1)


def test_a_courier_that_is_killed_before_the_mark_sends_again(
    courier: Courier, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At least once, never lost: the second mail is the first, byte for byte."""

    class Killed(BaseException):
        pass

    def kill(*_: Any, **__: Any) -> None:
        raise Killed

    body = courier.answered()
    with monkeypatch.context() as patch:
        patch.setattr("helpdesk.aws.outbox.DynamoOutbox.end", kill)
        with pytest.raises(Killed):
            courier.deliver(body)
    assert courier.mail.ended_at is None
    assert courier.deliver(body, 2), "the other one may still be at it"
    courier.clock.advance(HOLD)

    assert not courier.deliver(body, 3)
    assert not courier.deliver(body, 4)
    first, second = courier.mails
    assert first == second
    assert courier.mail.attempts == 2


def test_what_the_server_refuses_becomes_a_note(
    courier: Courier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(courier.sink, "answer", lambda *_: "550 5.1.1 no such user")

    assert not courier.deliver(courier.answered())

    assert (courier.ticket.state, courier.ticket.reason) == (State.ESCALATED, Reason.REOPENED)
    note = courier.tickets.events(ID)[-1].note
    assert note == "The answer in message 2 could not be sent by mail: 550 5.1.1 no such user"
    assert courier.stack.queue_depth("EscalationQueueUrl") == 1


def test_a_server_that_is_busy_is_tried_until_people_are_told(
    courier: Courier, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    body = courier.answered()
    with monkeypatch.context() as patch:
        patch.setattr(courier.sink, "answer", lambda *_: "451 later")
        for attempt in range(1, MAX_RECEIVES + 1):
            assert courier.ticket.state is State.ANSWERED
            assert courier.deliver(body, attempt)
            courier.clock.advance(HOLD)

    assert courier.ticket.state is State.ESCALATED
    assert courier.mail.failed == "no attempt of 5 succeeded"
    told = capsys.readouterr().out
    assert f"{ID}.2" in told
    assert ADDRESS not in told
    assert "what we say about" not in told
    assert not courier.deliver(body), "its dead letter, sent again"
    assert len(courier.mails) == 1


def test_a_message_that_names_no_mail_fails_and_one_of_an_erased_ticket_is_dropped(
    courier: Courier,
) -> None:
    assert courier.deliver('{"ticket": "1"}')
    assert courier.deliver("{")
    assert not courier.deliver(outbox.message(f"{ID}.2"))
    assert courier.mails == []


def test_dead_letters_name_their_tickets(courier: Courier) -> None:
    from helpdesk.composition import Parts, Resources

    parts = Parts(resources=Resources.of_outputs(courier.stack.outputs))
    boto3.client("sqs").send_message(
        QueueUrl=courier.stack.outputs["OutboxDeadLettersUrl"],
        MessageBody=outbox.message(f"{ID}.2"),
    )

    (letter,) = parts.dead_letters("outbox").read(5)
    assert (letter.ticket_id, letter.queue) == (ID, "outbox")
    parts.dead_letters("outbox").resend(letter)
    assert courier.stack.take_messages("OutboxQueueUrl") == [outbox.message(f"{ID}.2")]
