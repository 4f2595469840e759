"""The queue's door, through the events SQS sends, with a scripted model."""

import json
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock

import numpy as np
import pytest
from helpdesk import customers, ticket
from helpdesk.aws import clients
from helpdesk.aws.knowledge import DynamoKnowledge
from helpdesk.aws.queues import SqsQueue
from helpdesk.aws.tickets import DynamoTickets
from helpdesk.composition.language import LanguageParts
from helpdesk.ports import Understander
from helpdesk.ticket import Conversation, Move, Source, State
from helpdesk.triage import Reason, Understanding

from tests.fakes import (
    KNOWN,
    POISON,
    UNKNOWN,
    WANTS_PERSON,
    Crash,
    ScriptedUnderstander,
    an_article,
    an_understanding,
    die,
)
from tests.integration.conftest import Function, Stack, load, understand_with

REFUND = an_article("refund", answer="Refunds take five working days.\nPromised ✅")
PERSON = an_article("speak_to_human", needs_person=True)
SECRET_TEXT = "I am Ada Lovelace, order 12345"
GARBLED = "Ada Lovelace again, order 12345"
SCRIPT: dict[str, Understanding | Exception] = {
    KNOWN: an_understanding(("refund", 0.9)),
    WANTS_PERSON: an_understanding(("speak_to_human", 0.9)),
    SECRET_TEXT: an_understanding(("refund", 0.9)),
    POISON: RuntimeError("the model broke"),
    GARBLED: ValueError(f"cannot make sense of {GARBLED!r}"),
}


@dataclass(frozen=True)
class Worker:
    """The worker function and what it reads and writes."""

    function: Function
    stack: Stack
    tickets: DynamoTickets
    articles: DynamoKnowledge

    def submit(self, text: str) -> str:
        """Store a question as intake does and return the ticket's id."""
        receipt = customers.submit(
            customers.Question(text=text, customer=ticket.Customer(), channel="web"),
            key=None,
            tickets=self.tickets,
            intake=SqsQueue(clients.sqs(), self.stack.outputs["IntakeQueueUrl"]),
            terms=customers.Terms(token_life=timedelta(days=90), retention=timedelta(days=400)),
            now=datetime.now(UTC),
        )
        return receipt.ticket_id

    def deliver(self, *bodies: str, attempt: int = 1) -> set[str]:
        """Invoke the function with a batch and return the bodies it reports as failed."""
        records = {f"message-{number}": body for number, body in enumerate(bodies)}
        event = {"Records": [record(name, body, attempt) for name, body in records.items()]}
        answer = self.function(event)
        assert answer.keys() == {"batchItemFailures"}
        failed = [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]
        return {records[name] for name in failed}

    def conversation(self, ticket_id: str) -> Conversation:
        found = self.tickets.conversation(ticket_id)
        assert found is not None
        return found

    def moves(self, ticket_id: str) -> list[Move]:
        return [event.move for event in self.tickets.events(ticket_id)]


def record(message_id: str, body: str, attempt: int) -> dict[str, Any]:
    return {
        "messageId": message_id,
        "receiptHandle": f"receipt-of-{message_id}",
        "body": body,
        "attributes": {
            "ApproximateReceiveCount": str(attempt),
            "SentTimestamp": "1760000000000",
            "SenderId": "AIDA",
            "ApproximateFirstReceiveTimestamp": "1760000000001",
        },
        "messageAttributes": {},
        "md5OfBody": "",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-central-1:123456789012:helpdesk-intake",
        "awsRegion": "eu-central-1",
    }


def message(ticket_id: str) -> str:
    return json.dumps({"ticket": ticket_id})


@pytest.fixture(scope="module")
def function(template: dict[str, Any], deployed: Stack) -> Function:
    """Load the worker with a model that does as the script says."""
    function = load(template, deployed, "WorkerFunction")
    understand_with(function, lambda: ScriptedUnderstander(SCRIPT))
    return function


@pytest.fixture
def worker(function: Function, stack: Stack) -> Worker:
    articles = DynamoKnowledge(clients.table(stack.outputs["KnowledgeTable"]))
    articles.put(REFUND)
    articles.put(PERSON)
    tickets = DynamoTickets(clients.table(stack.outputs["TicketsTable"]))
    return Worker(function, stack, tickets, articles)


@pytest.fixture
def last_attempt(stack: Stack) -> int:
    return int(stack.environments["WorkerFunction"]["MAX_RECEIVES"])


@pytest.fixture
def escalations(stack: Stack) -> Callable[[], list[str]]:
    return lambda: [
        json.loads(body)["ticket"] for body in stack.take_messages("EscalationQueueUrl")
    ]


def test_a_question_is_answered_with_the_stored_text(
    worker: Worker, escalations: Callable[[], list[str]]
) -> None:
    """T2."""
    ticket_id = worker.submit(KNOWN)

    assert worker.deliver(message(ticket_id)) == set()

    found = worker.conversation(ticket_id)
    assert found.ticket.state is State.ANSWERED
    assert (found.messages[-1].source, found.messages[-1].text) == (
        Source.AUTOMATIC,
        REFUND.answer,
    )
    assert escalations() == []


def test_what_is_not_known_is_escalated_once(
    worker: Worker, escalations: Callable[[], list[str]]
) -> None:
    """T4."""
    ticket_id = worker.submit(UNKNOWN)

    assert worker.deliver(message(ticket_id)) == set()

    assert worker.conversation(ticket_id).ticket.state is State.ESCALATED
    assert escalations() == [ticket_id]


def test_the_wish_for_a_person_is_acknowledged_and_escalated(
    worker: Worker, escalations: Callable[[], list[str]]
) -> None:
    """T6."""
    ticket_id = worker.submit(WANTS_PERSON)
    worker.deliver(message(ticket_id))

    found = worker.conversation(ticket_id)
    assert found.ticket.reason is Reason.ASKED_FOR_PERSON
    assert found.messages[-1].text.startswith(f"{PERSON.answer}\n\nA person at our desk")
    assert escalations() == [ticket_id]


def test_an_edited_answer_is_used_and_a_deleted_one_escalates(worker: Worker) -> None:
    """T13: no redeploy in between."""
    worker.deliver(message(worker.submit(KNOWN)))
    worker.articles.put(an_article("refund", answer="Two days now."))
    edited = worker.submit(KNOWN)
    worker.deliver(message(edited))
    worker.articles.remove("refund")
    deleted = worker.submit(KNOWN)
    worker.deliver(message(deleted))

    assert worker.conversation(edited).messages[-1].text == "Two days now."
    assert worker.conversation(deleted).ticket.reason is Reason.NO_ARTICLE


def test_of_a_batch_of_ten_only_the_failed_come_back(worker: Worker) -> None:
    """T10, R14: bad JSON, an unknown ticket and a broken model; seven neighbours answered."""
    good = [worker.submit(KNOWN) for _ in range(7)]
    poison = worker.submit(POISON)
    bad_json, unknown = "{not json", message("0000000000000000")
    bodies = [bad_json, unknown, message(poison), *map(message, good)]

    assert worker.deliver(*bodies) == {bad_json, unknown, message(poison)}
    states = {worker.conversation(ticket_id).ticket.state for ticket_id in good}
    assert states == {State.ANSWERED}
    assert worker.conversation(poison).ticket.state is State.RECEIVED


@pytest.mark.parametrize(
    "body", ["", "null", "[]", "{}", '{"ticket": 1}', '{"ticket": "../../etc"}', "x" * 100_000]
)
def test_a_message_that_is_none_fails_at_every_attempt(
    worker: Worker, last_attempt: int, body: str
) -> None:
    """It becomes a dead letter; there is no ticket to hand over."""
    assert worker.deliver(body) == {body}
    assert worker.deliver(body, attempt=last_attempt) == {body}


def test_a_batch_in_which_all_fails_reports_all_and_does_not_raise(worker: Worker) -> None:
    assert worker.deliver("a", "b") == {"a", "b"}


def test_a_second_delivery_changes_nothing(worker: Worker) -> None:
    """T9."""
    ticket_id = worker.submit(KNOWN)
    worker.deliver(message(ticket_id))
    before = worker.conversation(ticket_id)

    assert worker.deliver(message(ticket_id), message(ticket_id), attempt=2) == set()
    assert worker.conversation(ticket_id) == before


@pytest.mark.slow  # ten cold starts
def test_one_message_to_ten_environments_at_once_is_one_reply(
    template: dict[str, Any], worker: Worker
) -> None:
    """T9: all ten have read the ticket before any of them answers it."""
    settled = worker.submit(KNOWN)
    worker.deliver(message(settled))
    all_have_read = threading.Barrier(10)

    class Together(ScriptedUnderstander):
        def understand(self, text: str) -> Understanding:
            all_have_read.wait(60)
            return super().understand(text)

    def environment() -> Worker:
        function = load(template, worker.stack, "WorkerFunction")
        understand_with(function, lambda: Together(SCRIPT))
        warm = replace(worker, function=function)
        assert warm.deliver(message(settled)) == set()
        return warm

    ticket_id = worker.submit(KNOWN)
    environments = [environment() for _ in range(10)]
    with ThreadPoolExecutor(10) as pool:
        failed = list(pool.map(lambda each: each.deliver(message(ticket_id)), environments))

    assert failed == [set()] * 10
    assert worker.moves(ticket_id) == [Move.SUBMITTED, Move.ANSWERED]
    assert [said.text for said in worker.conversation(ticket_id).messages] == [KNOWN, REFUND.answer]


def test_a_model_that_stalls_until_lambda_kills_the_worker_costs_one_delivery(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F6: the question is stored before any model is asked, and its message returns."""
    stalled = worker.submit(KNOWN)
    with monkeypatch.context() as patch:
        patch.setattr(ScriptedUnderstander, "understand", lambda *_: die("while it understands"))
        with pytest.raises(Crash):
            worker.deliver(message(stalled))
        meanwhile = worker.submit(KNOWN)
    assert worker.conversation(stalled).ticket.state is State.RECEIVED

    assert worker.deliver(message(stalled), message(meanwhile), attempt=2) == set()
    for ticket_id in (stalled, meanwhile):
        assert worker.moves(ticket_id) == [Move.SUBMITTED, Move.ANSWERED]


def test_one_ticket_twice_in_a_batch_is_settled_once(
    worker: Worker, escalations: Callable[[], list[str]]
) -> None:
    answered, escalated = worker.submit(KNOWN), worker.submit(UNKNOWN)
    worker.deliver(*[message(answered), message(escalated)] * 5)

    assert worker.moves(answered) == [Move.SUBMITTED, Move.ANSWERED]
    assert worker.moves(escalated) == [Move.SUBMITTED, Move.ESCALATED]
    assert escalations() == [escalated]


def test_before_the_last_attempt_the_ticket_stays_with_the_worker(
    worker: Worker, last_attempt: int
) -> None:
    ticket_id = worker.submit(POISON)

    assert worker.deliver(message(ticket_id), attempt=last_attempt - 1)
    assert worker.conversation(ticket_id).ticket.state is State.RECEIVED


def test_at_the_last_attempt_a_person_gets_the_ticket_and_the_message_fails(
    worker: Worker, last_attempt: int, escalations: Callable[[], list[str]]
) -> None:
    """T10: marked so in the ticket, and the message goes to the dead letters."""
    ticket_id = worker.submit(POISON)

    assert worker.deliver(message(ticket_id), attempt=last_attempt) == {message(ticket_id)}
    assert worker.conversation(ticket_id).ticket.reason is Reason.PROCESSING_FAILED
    assert escalations() == [ticket_id]


def test_a_dead_letter_that_is_redriven_changes_nothing(worker: Worker, last_attempt: int) -> None:
    """X1."""
    ticket_id = worker.submit(POISON)
    worker.deliver(message(ticket_id), attempt=last_attempt)

    assert worker.deliver(message(ticket_id), attempt=1) == set()
    assert worker.moves(ticket_id) == [Move.SUBMITTED, Move.ESCALATED]


def test_the_queue_sends_what_keeps_failing_to_its_dead_letters(
    worker: Worker, last_attempt: int
) -> None:
    """T10: SQS counts the attempts that the template allows, and then moves the message."""
    worker.submit(POISON)
    sqs, url = clients.sqs(), worker.stack.outputs["IntakeQueueUrl"]
    for _ in range(last_attempt):
        (taken,) = sqs.receive_message(QueueUrl=url, VisibilityTimeout=0)["Messages"]

    assert "Messages" not in sqs.receive_message(QueueUrl=url, WaitTimeSeconds=0)
    assert worker.stack.queue_depth("IntakeQueueUrl") == 0
    assert worker.stack.take_messages("IntakeDeadLettersUrl") == [taken["Body"]]


def test_logs_hold_the_ids_and_no_text(worker: Worker, capsys: pytest.CaptureFixture[str]) -> None:
    """T16, X5."""
    answered, failed = worker.submit(SECRET_TEXT), worker.submit(GARBLED)
    worker.deliver(message(answered), message(failed))

    logged = "".join(capsys.readouterr())

    assert answered in logged
    assert failed in logged
    for secret in (SECRET_TEXT, "Lovelace", "12345", REFUND.answer):
        assert secret not in logged


def test_a_missing_table_is_named_and_no_question_is_lost(
    template: dict[str, Any], worker: Worker, last_attempt: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """F11: with the knowledge table gone, the log says which; at last a person gets the ticket."""
    lost = worker.stack.where("WorkerFunction", KNOWLEDGE_TABLE="no-such-knowledge")
    start = replace(worker, function=load(template, lost, "WorkerFunction"))
    ticket_id = worker.submit(KNOWN)

    assert start.deliver(message(ticket_id)) == {message(ticket_id)}
    assert "ResourceNotFoundException from GetItem on no-such-knowledge" in capsys.readouterr().out
    assert worker.conversation(ticket_id).ticket.state is State.RECEIVED
    assert start.deliver(message(ticket_id), attempt=last_attempt) == {message(ticket_id)}
    assert worker.conversation(ticket_id).ticket.reason is Reason.PROCESSING_FAILED


def test_outcomes_are_counted(worker: Worker, capsys: pytest.CaptureFixture[str]) -> None:
    worker.deliver(
        *(message(worker.submit(text)) for text in (KNOWN, KNOWN, UNKNOWN, POISON)),
        message("0000000000000000"),
    )

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    carried = [line for line in lines if "_aws" in line]
    names = ("Answered", "Escalated", "Failures")
    counts = {name: sum(np.sum(line.get(name, 0)) for line in carried) for name in names}
    assert [line["message"] for line in carried[:3]] == ["answered", "answered", "escalated"]
    assert counts == {"Answered": 2, "Escalated": 1, "Failures": 2}


class Broken:
    """Understands nothing, as where no model is published."""

    def understand(self, text: str) -> Understanding:
        raise RuntimeError(f"no model for {len(text)} characters")


class TestPreparing:
    """Lambda's init phase is the import of the handler, with a variable that says so."""

    @pytest.fixture
    def at_init(
        self, template: dict[str, Any], stack: Stack, monkeypatch: pytest.MonkeyPatch
    ) -> Callable[[Understander], Function]:
        environment = stack.environments["WorkerFunction"]
        variables = {**environment, "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand"}

        def start(understander: Understander) -> Function:
            monkeypatch.setattr(LanguageParts, "understander", lambda *_: understander)
            with mock.patch.dict(os.environ, variables):
                return load(template, stack, "WorkerFunction")

        return start

    def test_everything_is_loaded_before_the_first_message(
        self, at_init: Callable[[Understander], Function]
    ) -> None:
        understander = ScriptedUnderstander()
        function = at_init(understander)

        assert understander.texts == ["Where is my order?"]
        assert function.module.needs.cache_info().currsize == 1

    def test_what_cannot_be_prepared_is_told_and_tried_again(
        self,
        at_init: Callable[[Understander], Function],
        worker: Worker,
        last_attempt: int,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        function = at_init(Broken())
        assert '"message":"not prepared"' in capsys.readouterr().out
        ticket_id = worker.submit(KNOWN)

        again = replace(worker, function=function)
        assert again.deliver(message(ticket_id), attempt=last_attempt) == {message(ticket_id)}
        assert worker.conversation(ticket_id).ticket.reason is Reason.PROCESSING_FAILED

    def test_elsewhere_an_import_prepares_nothing(
        self, template: dict[str, Any], stack: Stack
    ) -> None:
        function = load(template, stack, "WorkerFunction")

        assert function.module.needs.cache_info().currsize == 0
