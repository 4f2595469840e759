"""The mail queue's door, through what S3 says of objects in the template's own bucket."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from unittest import mock

import boto3
import pytest
from helpdesk.aws import clients
from helpdesk.aws.letters import DynamoMailbox
from helpdesk.aws.tickets import DynamoTickets
from helpdesk.mail import reply_address
from helpdesk.ports import ConflictError
from helpdesk.ticket import Conversation, State

from tests.integration.conftest import Function, Stack, load
from tests.integration.test_worker import record
from tests.mails import BLOCK
from tests.mails import mail as ada_writes

SECRET = "k" * 32
MAILBOX = "support@helpdesk.example"
QUESTION = BLOCK + ada_writes(b"Message-ID: <1@mail.example.com>", body=b"Where is order 12345?")
SPAM = QUESTION.replace(b"Spam-Verdict: PASS", b"Spam-Verdict: FAIL")


def told(*keys: str) -> str:
    """Return what S3 says of new objects."""
    return json.dumps({"Records": [{"s3": {"object": {"key": key}}} for key in keys]})


@dataclass(frozen=True)
class Mails:
    """The mail function, its bucket, and what it writes."""

    function: Function
    stack: Stack
    tickets: DynamoTickets
    mailbox: DynamoMailbox

    def store(self, name: str, raw: bytes) -> str:
        """Store a mail as the service does and return its key."""
        key = f"inbound/{name}"
        bucket = self.stack.outputs["MailBucket"]
        boto3.client("s3").put_object(Bucket=bucket, Key=key, Body=raw)
        return key

    def deliver(self, *bodies: str, attempt: int = 1) -> set[str]:
        """Invoke the function and return the bodies that it reports as failed."""
        records = {f"message-{number}": body for number, body in enumerate(bodies)}
        event = {"Records": [record(name, body, attempt) for name, body in records.items()]}
        answer = self.function(event)
        failed = [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]
        return {records[name] for name in failed}

    def take(self, name: str, raw: bytes) -> None:
        assert self.deliver(told(self.store(name, raw))) == set()

    def queued(self) -> list[str]:
        return [json.loads(body)["ticket"] for body in self.stack.take_messages("IntakeQueueUrl")]

    def conversation(self, ticket_id: str) -> Conversation:
        found = self.tickets.conversation(ticket_id)
        assert found
        return found


@pytest.fixture(scope="module")
def function(template: dict[str, Any], deployed: Stack) -> Function:
    return load(template, deployed.where("MailFunction", MAIL_SECRET=SECRET), "MailFunction")


@pytest.fixture
def mails(function: Function, stack: Stack) -> Mails:
    table = clients.table(stack.outputs["TicketsTable"])
    return Mails(function, stack, DynamoTickets(table), DynamoMailbox(table))


def test_a_mail_becomes_a_ticket_on_the_intake_queue(mails: Mails) -> None:
    mails.take("a", QUESTION)

    (ticket_id,) = mails.queued()
    found = mails.conversation(ticket_id)
    assert (found.ticket.state, found.ticket.channel) == (State.RECEIVED, "mail")
    assert found.messages[0].text == "Order\n\nWhere is order 12345?"
    assert found.ticket.customer.verified


def test_a_second_delivery_changes_nothing(mails: Mails) -> None:
    body = told(mails.store("a", QUESTION))
    assert mails.deliver(body, body) == mails.deliver(body, attempt=2) == set()

    assert len(mails.queued()) == 1


def test_an_answer_to_the_signed_address_is_a_message(mails: Mails) -> None:
    mails.take("a", QUESTION)
    (ticket_id,) = mails.queued()
    signed = reply_address(MAILBOX, ticket_id, SECRET).encode()

    mails.take("b", BLOCK + ada_writes(body=b"And now?").replace(b"support@shop.example", signed))

    assert [each.text for each in mails.conversation(ticket_id).messages][1:] == ["And now?"]


def test_an_answer_that_names_the_earlier_mail_is_a_message(mails: Mails) -> None:
    mails.take("a", QUESTION)
    (ticket_id,) = mails.queued()

    mails.take("b", BLOCK + ada_writes(b"In-Reply-To: <1@mail.example.com>", body=b"And now?"))

    assert len(mails.conversation(ticket_id).messages) == 2


def test_spam_is_held(mails: Mails) -> None:
    mails.take("a", SPAM)

    (held,) = mails.mailbox.held(datetime.now(UTC).date())
    assert held.key == "inbound/a"
    assert mails.queued() == []


@pytest.mark.parametrize(
    "body",
    [
        '{"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "mails"}',
        told("inbound/AMAZON_SES_SETUP_NOTIFICATION"),
        told("inbound/gone"),
    ],
)
def test_what_names_no_mail_is_acknowledged(mails: Mails, body: str) -> None:
    assert mails.deliver(body) == set()
    assert mails.queued() == []


@pytest.mark.parametrize("body", ["", "null", "{}", '{"ticket": "0123456789abcdef"}'])
def test_a_message_that_is_none_fails_and_holds_up_no_other(mails: Mails, body: str) -> None:
    good = told(mails.store("a", QUESTION))

    assert mails.deliver(body, good) == {body}
    assert len(mails.queued()) == 1


def test_what_the_bucket_really_says_is_understood(mails: Mails) -> None:
    """As moto makes it, test event included: keys are escaped in it."""
    sqs, url = boto3.client("sqs"), mails.stack.outputs["MailQueueUrl"]
    named = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    told_of = {
        "QueueArn": named["Attributes"]["QueueArn"],
        "Events": ["s3:ObjectCreated:*"],
        "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "inbound/"}]}},
    }
    boto3.client("s3").put_bucket_notification_configuration(
        Bucket=mails.stack.outputs["MailBucket"],
        NotificationConfiguration={"QueueConfigurations": [told_of]},
    )
    mails.store("a b+c", QUESTION)

    bodies = mails.stack.take_messages("MailQueueUrl")
    assert bodies
    assert mails.deliver(*bodies) == set()
    assert len(mails.queued()) == 1


def test_logs_hold_the_object_and_no_text(mails: Mails, capsys: pytest.CaptureFixture[str]) -> None:
    mails.take("a", QUESTION)
    with mock.patch.object(DynamoTickets, "commit", side_effect=ConflictError("12345 ada@")):
        body = told(mails.store("b", QUESTION))
        assert mails.deliver(body) == {body}

    logged = "".join(capsys.readouterr())
    assert '"object":"inbound/a"' in logged
    assert '"MailSubmitted":1' in logged.replace(" ", "")
    assert '"Failures"' in logged
    for secret in ("12345", "ada@example.com", "Where is", "1@mail.example.com", SECRET):
        assert secret not in logged


class TestPreparing:
    def test_the_clients_are_made_before_the_first_mail(
        self, template: dict[str, Any], stack: Stack, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name, value in stack.environments["MailFunction"].items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand")

        function = load(template, stack, "MailFunction")
        assert function.module.needs.cache_info().currsize == 1

    def test_what_is_missing_is_told(
        self,
        template: dict[str, Any],
        stack: Stack,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.setenv("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand")
        load(template, stack, "MailFunction")

        assert "not prepared" in "".join(capsys.readouterr())
