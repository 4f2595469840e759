"""What a mail becomes, over the mail function, the worker and the terminal's own reading."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock

import pytest
from helpdesk import operations
from helpdesk.agents import Overview
from helpdesk.aws import clients
from helpdesk.aws.knowledge import DynamoKnowledge
from helpdesk.aws.letters import DynamoMailbox
from helpdesk.aws.tickets import DynamoTickets
from helpdesk.composition import Parts, Resources
from helpdesk.operations import MOST_LETTERS
from helpdesk.ports import ConflictError
from helpdesk.receiving import Mailroom
from helpdesk.ticket import Ticket
from helpdesk.triage import Entity

from agent_cli.words.tickets import EventView, TicketView
from tests.fakes import ScriptedUnderstander, an_article, an_understanding
from tests.integration.conftest import Function, Stack, load, understand_with
from tests.integration.test_mail_function import (  # noqa: F401 -- fixtures
    QUESTION,
    Mails,
    function,
    mails,
    told,
)
from tests.integration.test_worker import record
from tests.mails import BLOCK, coded, part, parts, whole

TEXT = "Order\n\nWhere is order 12345?"
ENTITIES = (Entity("order_number", "12345", 22, 27),)
FOUND = (replace(ENTITIES[0], where="message 1"),)
MOST_SECONDS, ANALYSIS, MANY = 60, 2, 100
AGAIN = "gone for a moment"


def now() -> datetime:
    return datetime.now(UTC)


class Analysis(ScriptedUnderstander):
    """An understander that may be broken for a while."""

    broken = False

    def understand(self, text: str) -> Any:
        found = super().understand(text)
        if self.broken:
            raise RuntimeError(AGAIN)
        return found


@pytest.fixture
def analysis() -> Analysis:
    return Analysis({TEXT: an_understanding(("refund", 0.4), entities=ENTITIES)})


@pytest.fixture
def worker(template: dict[str, Any], stack: Stack, analysis: Analysis) -> Function:
    DynamoKnowledge(clients.table(stack.outputs["KnowledgeTable"])).put(an_article("refund"))
    made = load(template, stack, "WorkerFunction")
    understand_with(made, lambda: analysis)
    return made


def parts_of(stack: Stack) -> Parts:
    """Return the stack's parts as a program that starts now makes them."""
    return Parts(resources=Resources.of_outputs(stack.outputs))


def overview(stack: Stack) -> Overview:
    desk = parts_of(stack)
    return Overview(
        tickets=desk.tickets, articles=desk.knowledge, clock=now, files=desk.attachments
    )


def work(worker: Function, stack: Stack) -> int:
    """Let the worker take what is queued; return how many messages failed."""
    bodies = stack.take_messages("IntakeQueueUrl")
    answers = [worker({"Records": [record("m", body, 1)]}) for body in bodies]
    return sum(len(each["batchItemFailures"]) for each in answers)


def newest(stack: Stack) -> Ticket:
    desk = DynamoTickets(clients.table(stack.outputs["TicketsTable"]))
    (found,) = desk.happened(now() - timedelta(hours=1), now() + timedelta(hours=1))[:1]
    ticket = desk.get(found.ticket_id)
    assert ticket
    return ticket


def test_a_mail_is_one_ticket_with_all_that_is_known_of_it(
    mails: Mails,  # noqa: F811
    worker: Function,
    stack: Stack,
) -> None:
    """M1: who, what, when, matter, urgency, mood, entities, files, owner, and its history."""
    at = whole(parts("mixed", part("text/plain", b"Where is order 12345?"), FILE))
    mails.take("a", BLOCK + at)
    (ticket_id,) = mails.queued()
    parts_of(stack).queue("intake").send(ticket_id)
    with mock.patch.object(worker.module, "_now", return_value=now() + timedelta(seconds=61)):
        assert work(worker, stack) == 0

    view = TicketView.of(overview(stack).show(ticket_id), now())

    row = view.ticket
    assert (row.customer.email, row.customer.name) == ("ada@example.com", "Ada")
    assert (row.subject, row.channel, row.state) == ("Order", "mail", "escalated")
    assert (row.intent, row.department) == ("refund", an_article("refund").department)
    assert (row.owner, row.merged_into, row.tags) == (None, None, ())
    assert row.due
    assert row.due > row.created_at
    assert view.urgency.startswith("Normal")
    assert view.understanding
    assert view.understanding.entities == FOUND
    assert -1 <= view.understanding.sentiment <= 1
    assert [each.text for each in view.messages][:1] == [TEXT]
    assert [(each.name, each.media_type, each.size) for each in view.files] == [
        ("a.txt", "text/plain", 4)
    ]
    events = [EventView.of(each) for each in overview(stack).history(ticket_id)]
    assert [each.move for each in events] == ["submitted", "escalated"]
    assert [each.at for each in events] == sorted(each.at for each in events)


FILE = part("text/plain", b"text", b"Content-Disposition: attachment; filename=a.txt")
PAGE = b"<style>p {color: red}</style><p>Where is order 12345?&amp;</p>"
PROBES = {
    "both versions of a text": (
        parts("alternative", part("text/plain", b"Where is it?"), part("text/html", PAGE)),
        "Order\n\nWhere is it?",
    ),
    "a page alone": (
        b"Content-Type: text/html\r\n\r\n" + PAGE,
        "Order\n\nWhere is order 12345?&",
    ),
    "a text as a file": (
        parts("mixed", part("text/plain", b"see"), FILE, FILE),
        "Order\n\nsee",
    ),
    "letters of windows-1251": (
        b"Content-Type: text/plain; charset=windows-1251\r\n\r\n"
        + "\u0413\u0434\u0435 \u0437\u0430\u043a\u0430\u0437?".encode("cp1251"),
        "Order\n\n\u0413\u0434\u0435 \u0437\u0430\u043a\u0430\u0437?",
    ),
    "letters of windows-1251 that say nothing of it": (
        b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + "Grüße".encode("cp1252"),
        "Order\n\nGrüße",
    ),
    "base64": (
        b"Content-Transfer-Encoding: base64\r\n\r\n" + coded(b"Where is it?"),
        "Order\n\nWhere is it?",
    ),
}
"""Content below Ada's headers, which name no date, and the text of its ticket."""


@pytest.mark.parametrize("probe", PROBES)
def test_a_text_is_there_once_and_as_it_was_meant(
    mails: Mails,  # noqa: F811
    probe: str,
) -> None:
    """M15: no version twice, no style, no file within the text; any letters, and no date."""
    content, text = PROBES[probe]
    mails.take("a", BLOCK + whole(content))

    (ticket_id,) = mails.queued()
    (message,) = mails.conversation(ticket_id).messages
    assert message.text == text


def test_a_subject_is_decoded(mails: Mails) -> None:  # noqa: F811
    """M15."""
    encoded = b"=?utf-8?B?" + coded("Größe".encode()) + b"?= =?iso-8859-1?Q?_?= _*[<"
    mails.take("a", QUESTION.replace(b"Subject: Order", b"Subject: " + encoded))

    (ticket_id,) = mails.queued()
    assert mails.conversation(ticket_id).ticket.subject.startswith("Größe")


def test_what_was_analysed_is_not_analysed_again(
    mails: Mails,  # noqa: F811
    worker: Function,
    analysis: Analysis,
    stack: Stack,
) -> None:
    """M12: the same mail by the queue again, and its ticket by the intake queue again.

    Nothing is cached beside the ticket, so a mail that the customer sends again is a ticket of its
    own, and understood anew: that costs some milliseconds and no call of a service.
    """
    body = told(mails.store("a", QUESTION))
    assert mails.deliver(body, body) == set()
    (message,) = stack.take_messages("IntakeQueueUrl")
    asked = []
    for attempt in (1, 2):
        worker({"Records": [record("m", message, attempt)]})
        asked.append(len(analysis.texts))
    assert asked[0] == asked[1] > 0

    mails.take("b", QUESTION)
    assert work(worker, stack) == 0
    assert len(analysis.texts) == 2 * asked[0]


def test_a_failed_analysis_is_kept_nowhere_and_made_again(
    mails: Mails,  # noqa: F811
    worker: Function,
    analysis: Analysis,
    stack: Stack,
) -> None:
    """M12: after one that failed there is a new one, and its result is the ticket's."""
    mails.take("a", QUESTION)
    analysis.broken = True
    (message,) = stack.take_messages("IntakeQueueUrl")
    failed = worker({"Records": [record("m", message, 1)]})
    assert len(failed["batchItemFailures"]) == 1
    assert newest(stack).understanding is None

    analysis.broken = False
    assert worker({"Records": [record("m", message, 2)]}) == {"batchItemFailures": []}
    after = newest(stack).understanding
    assert after
    assert after.entities == FOUND


def test_a_mail_that_cannot_be_taken_is_redriven_and_becomes_its_ticket(
    mails: Mails,  # noqa: F811
    stack: Stack,
) -> None:
    """M16: it fails as often as the queue allows, waits with the dead letters, and is not lost."""
    body = told(mails.store("a", QUESTION))
    sqs, letters = clients.sqs(), stack.outputs["MailDeadLettersUrl"]
    with mock.patch.object(Mailroom, "take", side_effect=ConflictError("it keeps failing")):
        for attempt in range(1, 6):
            assert mails.deliver(body, attempt=attempt) == {body}
    assert mails.queued() == []
    sqs.send_message(QueueUrl=letters, MessageBody=body)  # as SQS does then

    (letter,) = operations.redrive([parts_of(stack).dead_letters("mail")], ())
    assert letter.queue == "mail"
    again = stack.take_messages("MailQueueUrl")
    assert again == [body]
    assert mails.deliver(*again) == set()
    (ticket_id,) = mails.queued()
    assert mails.conversation(ticket_id).messages[0].text == TEXT


def test_how_often_sqs_tries_a_mail(template: dict[str, Any]) -> None:
    """M16."""
    redrive = template["Resources"]["MailQueue"]["Properties"]["RedrivePolicy"]

    assert redrive["deadLetterTargetArn"] == {"Fn::GetAtt": ["MailDeadLetters", "Arn"]}
    assert redrive["maxReceiveCount"]


def test_a_hundred_mails_are_taken_side_by_side(template: dict[str, Any]) -> None:
    """M22, as counts: a hundred that take two seconds each are done within a minute."""
    trigger = template["Resources"]["MailFunction"]["Properties"]["Events"]["Mails"]["Properties"]
    at_once = template["Parameters"]["MailConcurrency"]["Default"]

    assert trigger["BatchSize"] == 1
    assert trigger["ScalingConfig"]["MaximumConcurrency"] == {"Ref": "MailConcurrency"}
    assert MANY / at_once * ANALYSIS <= MOST_SECONDS


def test_a_restart_forgets_nothing_and_errors_are_bounded(
    mails: Mails,  # noqa: F811
    template: dict[str, Any],
    stack: Stack,
) -> None:
    """M23: how many, when the last one, and what failed; no process keeps any of it."""
    for name in ("a", "b", "c"):
        mails.take(name, QUESTION)
    broken = told(mails.store("d", QUESTION))
    clients.sqs().send_message(QueueUrl=stack.outputs["MailDeadLettersUrl"], MessageBody=broken)

    fresh = load(template, stack.where("MailFunction", MAIL_SECRET="k" * 32), "MailFunction")
    table = clients.table(stack.outputs["TicketsTable"])
    restarted = Mails(fresh, stack, DynamoTickets(table), DynamoMailbox(table))
    assert restarted.deliver(told("inbound/a")) == set(), "taken before the restart"

    begin = now() - timedelta(hours=1)
    assert overview(stack).stats(begin, now() + timedelta(hours=1)).received == 3
    last = max(each.at for each in restarted.tickets.happened(begin, now() + timedelta(hours=1)))
    assert now() - last < timedelta(minutes=5)
    (letter,) = operations.dead_letters([parts_of(stack).dead_letters("mail")])
    assert json.loads(letter.body)["Records"][0]["s3"]["object"]["key"] == "inbound/d"
    assert MOST_LETTERS == 1_000
    kept = template["Resources"]["MailDeadLetters"]["Properties"]["MessageRetentionPeriod"]
    assert kept <= 14 * 86_400
