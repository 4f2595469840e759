"""The mail queue's door, through what S3 says of objects in the template's own bucket."""

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock

import boto3
import pytest
from helpdesk import erasure, files, ticket
from helpdesk.arrivals import release
from helpdesk.aws import clients
from helpdesk.aws.buckets import DynamoBuckets
from helpdesk.aws.figures import DynamoFigures
from helpdesk.aws.letters import DynamoMailbox
from helpdesk.aws.mails import StoredMails
from helpdesk.aws.tickets import DynamoTickets
from helpdesk.aws.vault import S3Files
from helpdesk.composition import Parts, Resources
from helpdesk.mail import Sign, reply_address, return_path
from helpdesk.outbox import Part
from helpdesk.ports import ConflictError
from helpdesk.ticket import Conversation, Move, Source, State
from helpdesk.triage import Answer

from tests.fakes import ADA, LEAD, an_article, an_understanding
from tests.integration.conftest import Function, Stack, load
from tests.integration.functions_at_work import take_in
from tests.integration.test_worker import record
from tests.mailroom import bill
from tests.mails import BLOCK, part, parts, whole
from tests.mails import mail as ada_writes

SECRET = "k" * 32
EXPECTED = files.State.EXPECTED
HOUR = timedelta(hours=1)
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
    """M1; all that is known of it is in test_mail_rows."""
    mails.take("a", QUESTION)

    (ticket_id,) = mails.queued()
    found = mails.conversation(ticket_id)
    assert (found.ticket.state, found.ticket.channel) == (State.RECEIVED, "mail")
    assert found.messages[0].text == "Order\n\nWhere is order 12345?"
    assert found.ticket.customer.verified


def test_a_second_delivery_changes_nothing(mails: Mails) -> None:
    """M7, for the queue."""
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


def test_spam_is_held_until_a_lead_releases_it(mails: Mails) -> None:
    mails.take("a", SPAM)

    (held,) = mails.mailbox.held(datetime.now(UTC).date())
    assert held.key == "inbound/a"
    assert mails.queued() == []
    for _ in range(2):
        assert mails.deliver(release("inbound/a", "lena")) == set()
    (ticket_id,) = mails.queued()
    assert "lena released it" in (mails.tickets.events(ticket_id)[0].note or "")
    assert not list(mails.mailbox.held(datetime.now(UTC).date()))
    assert mails.deliver(release("inbound/other", "lena")) == set(), "gone, as any mail may be"


class TestFiles:
    """The files of a mail, in the bucket that the documents function hears of."""

    RAW = BLOCK + whole(
        parts("mixed", part("text/plain", b"see"), bill(b"order 12345", name=b"a.txt", kind="x/y"))
    )

    def test_a_file_is_where_the_documents_function_reads_it(self, mails: Mails) -> None:
        outputs = Resources.of_outputs(mails.stack.outputs)
        desk = Parts(resources=outputs)
        mails.take("a", self.RAW)
        (ticket_id,) = mails.queued()

        (file,) = desk.attachments.of(ticket_id)
        assert (file.name, file.media_type, file.state) == ("a.txt", "text/plain", EXPECTED)
        outcome = take_in(desk, ticket_id, mails.tickets, desk.queue("intake"))
        assert outcome is files.Outcome.READ
        assert desk.attachments.text(ticket_id, 1) == "order 12345"
        assert mails.queued() == [ticket_id], "the worker looks at it again"

    def test_a_function_that_dies_before_the_content_is_kept_loses_none(self, mails: Mails) -> None:
        desk = Parts(resources=Resources.of_outputs(mails.stack.outputs))
        body = told(mails.store("a", self.RAW))
        with mock.patch.object(S3Files, "store", side_effect=OSError("gone")):
            assert mails.deliver(body) == {body}
        (ticket_id,) = mails.queued()
        assert desk.files.look(ticket_id, 1) is None
        for _ in range(2):
            assert mails.deliver(body, attempt=2) == set()

        assert desk.files.look(ticket_id, 1)
        assert len(desk.attachments.of(ticket_id)) == 1
        assert mails.queued() == []

    def test_a_mail_that_comes_after_the_erasure_keeps_nothing(self, mails: Mails) -> None:
        desk = Parts(resources=Resources.of_outputs(mails.stack.outputs))
        body = told(mails.store("a", self.RAW))
        with mock.patch.object(S3Files, "store", side_effect=OSError("gone")):
            mails.deliver(body)
        (ticket_id,) = mails.queued()
        erasure.erase_ticket(
            ticket_id, LEAD, tickets=mails.tickets, clock=lambda: datetime.now(UTC)
        )
        assert mails.deliver(body, attempt=2) == set()

        assert desk.attachments.of(ticket_id) == ()
        assert desk.files.look(ticket_id, 1) is None


class TestAnswering:
    """What leaves in answer to a mail that came, in one transaction with the move that says it."""

    def answered(self, mails: Mails) -> str:
        mails.take("a", QUESTION)
        (ticket_id,) = mails.queued()
        answer = Answer(an_article("refund"))
        found = mails.conversation(ticket_id).ticket
        mails.tickets.commit(
            ticket.settle(found, an_understanding(), answer, now=datetime.now(UTC))
        )
        return ticket_id

    def test_the_first_mail_says_how_its_ticket_is_answered(self, mails: Mails) -> None:
        ticket_id = self.answered(mails)

        known = mails.tickets.outbox.correspondence(ticket_id)
        assert known
        assert (known.customer.address, known.message_id) == (
            "ada@example.com",
            "1@mail.example.com",
        )
        mail = mails.tickets.outbox.mail(ticket_id, 2)
        assert mail
        assert (mail.recipient, mail.silent, mail.waits) == ("ada@example.com", None, True)

    def test_an_acknowledgement_leaves_with_the_message_that_it_is_about(
        self, mails: Mails
    ) -> None:
        ticket_id = self.answered(mails)
        found = mails.conversation(ticket_id).ticket
        reopened = ticket.reopen(found, ADA, now=datetime.now(UTC))
        mails.tickets.commit(reopened)
        claimed = ticket.claim(reopened.after, ADA, now=datetime.now(UTC), length=HOUR)
        mails.tickets.commit(claimed)
        mails.tickets.commit(ticket.reply(claimed.after, ADA, "Done.", now=datetime.now(UTC)))
        signed = reply_address(MAILBOX, ticket_id, SECRET).encode()
        head = b"Message-ID: <2@mail.example.com>"
        again = BLOCK + ada_writes(head, body=b"And now?").replace(b"support@shop.example", signed)
        mails.take("b", again)

        last = mails.conversation(ticket_id).messages[-1]
        assert last.source is Source.AUTOMATIC
        mail = mails.tickets.outbox.mail(ticket_id, last.number)
        assert mail
        assert mail.part is Part.NEWS
        known = mails.tickets.outbox.correspondence(ticket_id)
        assert known
        assert known.message_id == "2@mail.example.com"
        posted = mails.stack.take_messages("OutboxQueueUrl")
        assert json.dumps({"mail": mail.id}) in posted

    def test_an_answer_to_a_mail_that_left_finds_its_ticket(self, mails: Mails) -> None:
        ticket_id = self.answered(mails)
        mail = mails.tickets.outbox.mail(ticket_id, 2)
        assert mail
        now = datetime.now(UTC)
        left = replace(mail, sent_at=now, sent_as="0100@mail.example", ended_at=now)
        mails.tickets.outbox.end(left)

        head = b"In-Reply-To: <0100@mail.example>"
        mails.take("b", BLOCK + ada_writes(head, body=b"And now?"))
        assert mails.conversation(ticket_id).messages[2].text == "And now?"

    @pytest.mark.parametrize("kind", ["Bounce", "Complaint"])
    def test_what_the_service_says_of_it_reopens_the_ticket(self, mails: Mails, kind: str) -> None:
        ticket_id = self.answered(mails)
        who = [{"emailAddress": "ada@example.com", "status": "5.1.1"}]
        event = {
            "eventType": kind,
            "mail": {"source": return_path(MAILBOX, ticket_id, 2, SECRET), "messageId": "0100"},
            "bounce": {"bounceType": "Permanent", "bouncedRecipients": who},
            "complaint": {"complainedRecipients": who},
        }
        notice = {"Type": "Notification", "MessageId": "m-1", "Message": json.dumps(event)}
        for _ in range(2):
            assert mails.deliver(json.dumps(notice)) == set()

        assert mails.conversation(ticket_id).ticket.state is State.ESCALATED
        moves = [each.move for each in mails.tickets.events(ticket_id)]
        assert moves == [Move.SUBMITTED, Move.ANSWERED, Move.REOPENED]
        known = mails.tickets.outbox.correspondence(ticket_id)
        assert known
        assert known.suppressed is (kind == "Complaint")


def test_who_writes_very_often_is_not_answered_by_a_machine(mails: Mails) -> None:
    many = int(mails.function.environment["MAILS_PER_HOUR"])
    for number in range(many + 1):
        mails.take(f"a{number}", QUESTION)
    found: list[str] = []
    while some := mails.queued():
        found += some
    known = [mails.tickets.outbox.correspondence(each) for each in found]

    assert [each and each.automatic for each in known] == [*[None] * many, Sign.FREQUENT]


def test_a_mail_whose_sender_cannot_be_counted_is_taken(
    mails: Mails, capsys: pytest.CaptureFixture[str]
) -> None:
    mails.take("first", QUESTION)
    gone = DynamoBuckets(clients.table("no-such-table"))
    with mock.patch.object(mails.function.module.needs().mailroom.gate, "_buckets", gone):
        mails.take("a", QUESTION.replace(b"ada@", b"eve@"))

    assert len(mails.queued()) == 2
    out, _ = capsys.readouterr()
    assert '"LimiterFailed":1.0' in out


def test_an_erasure_takes_the_mail_as_it_came(mails: Mails) -> None:
    mails.take("a", QUESTION)
    (ticket_id,) = mails.queued()
    raw = StoredMails(boto3.client("s3"), mails.stack.outputs["MailBucket"])
    assert raw.fetch("inbound/a")

    tickets = Parts(resources=Resources.of_outputs(mails.stack.outputs)).tickets
    erasure.erase_ticket(ticket_id, LEAD, tickets=tickets, clock=lambda: datetime.now(UTC))

    assert raw.fetch("inbound/a") is None
    assert mails.deliver(told("inbound/a")) == set()
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


def test_what_became_of_mails_is_counted_without_a_word_of_theirs(mails: Mails) -> None:
    figures = Parts(resources=Resources.of_outputs(mails.stack.outputs)).figures
    once = told(mails.store("a", QUESTION))
    mails.deliver(once, once, told(mails.store("b", SPAM)), '{"zanzibar": 1}')

    counted, faults = map(list, figures.counts(datetime.now(UTC).date()))

    (today,) = counted
    assert today.outcomes == {
        "mail": {"submitted": 1, "repeated": 1, "quarantined": 1, "failed": 1}
    }
    assert datetime.now(UTC) - today.last["mail"] < HOUR
    assert [each.fault for each in faults] == ["ValidationError"]


def test_a_mail_is_taken_that_cannot_be_counted(
    mails: Mails, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise ConnectionError

    monkeypatch.setattr(DynamoFigures, "add", refuse)
    mails.take("a", QUESTION)

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
