"""From a customer's mail to the desk's and back, by real SMTP at both ends."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from helpdesk import processing, ticket
from helpdesk.aws import clients
from helpdesk.aws.knowledge import DynamoKnowledge
from helpdesk.aws.mails import StoredMails
from helpdesk.aws.queues import SqsMailQueue, SqsQueue
from helpdesk.aws.texts import DynamoTexts
from helpdesk.aws.tickets import DynamoTickets
from helpdesk.settings import NO_DOMAIN
from helpdesk.ticket import Conversation, Source, State
from helpdesk.triage import Policy

from infra.local.mail import PASSING, Door, listener
from infra.local.mail_sink import MailSink, start
from tests.fakes import ADA, KNOWN, ScriptedUnderstander, an_article, an_understanding
from tests.integration.conftest import PUBLIC_KEY, Function, Stack, load
from tests.integration.test_intake import Gateway
from tests.integration.test_mail_listener import Post, free_port, question
from tests.integration.test_worker import record

MAILBOX = f"support@{NO_DOMAIN}"
SECRET = "k" * 32
HOUR = timedelta(hours=1)


@dataclass
class World:
    """The listener, the mail function, a worker, the courier and the sink, over the stack."""

    stack: Stack
    post: Post
    mail: Function
    courier: Function
    sink: MailSink

    def __post_init__(self) -> None:
        queue = SqsMailQueue(clients.sqs(), self.stack.outputs["OutboxQueueUrl"])
        table = clients.table(self.stack.outputs["TicketsTable"])
        self.tickets = DynamoTickets(table, post=queue.send)
        self.articles = DynamoKnowledge(clients.table(self.stack.outputs["KnowledgeTable"]))
        self.articles.put(an_article("refund"))
        self.ids: list[str] = []

    def write(self, said: EmailMessage, to: str = MAILBOX) -> None:
        """Send a mail and let every function do what it brings, until nothing is on a queue."""
        before = set(self.post.objects())
        self.post.send(said, to=to)
        for key in set(self.post.objects()) - before:
            body = json.dumps({"Records": [{"s3": {"object": {"key": key}}}]})
            assert self.mail({"Records": [record("1", body, 1)]}) == {"batchItemFailures": []}
        self.work()
        self.leave()

    def work(self) -> None:
        for body in self.stack.take_messages("IntakeQueueUrl"):
            self.ids.append(json.loads(body)["ticket"])
            processing.process(
                self.ids[-1],
                tickets=self.tickets,
                articles=self.articles,
                texts=DynamoTexts(clients.table(self.stack.outputs["KnowledgeTable"])),
                understander=ScriptedUnderstander(
                    {
                        KNOWN: an_understanding(("refund", 0.9)),
                        f"Order\n\n{KNOWN}": an_understanding(("refund", 0.9)),
                    }
                ),
                escalations=SqsQueue(clients.sqs(), self.stack.outputs["EscalationQueueUrl"]),
                policy=Policy(),
                clock=lambda: datetime.now(UTC),
            )

    def leave(self) -> None:
        for body in self.stack.take_messages("OutboxQueueUrl"):
            assert self.courier({"Records": [record("1", body, 1)]}) == {"batchItemFailures": []}

    @property
    def got(self) -> list[EmailMessage]:
        """What the customer got, oldest first."""
        files = sorted(self.sink.folder.glob("*.eml"))
        found = [message_from_bytes(f.read_bytes(), policy=policy.default) for f in files]
        return [each for each in found if isinstance(each, EmailMessage)]

    def reply(self, ticket_id: str, text: str) -> None:
        """Answer a ticket as an agent."""
        now = datetime.now(UTC)
        found = self.tickets.get(ticket_id)
        assert found
        if found.state is not State.ESCALATED:
            self.tickets.commit(change := ticket.reopen(found, ADA, now=now))
            found = change.after
        self.tickets.commit(held := ticket.claim(found, ADA, now=now, length=HOUR))
        self.tickets.commit(ticket.reply(held.after, ADA, text, now=now))
        self.leave()

    def conversation(self, ticket_id: str) -> Conversation:
        found = self.tickets.conversation(ticket_id)
        assert found
        return found


@pytest.fixture
def world(
    template: dict[str, Any], stack: Stack, tmp_path: Path, socket_enabled: None
) -> Iterator[World]:
    sink = start(tmp_path / "mails")
    stored = StoredMails(clients.s3(), stack.outputs["MailBucket"])
    opened = listener(Door(MAILBOX, stored.store, PASSING), port := free_port())
    opened.start()
    url = f"smtp://127.0.0.1:{sink.port}"
    here = stack.where("MailFunction", MAIL_SECRET=SECRET)
    out = stack.where("CourierFunction", MAIL_SECRET=SECRET, SMTP_URL=url)
    post = Post(port, stored, stack)
    yield World(
        stack,
        post,
        load(template, here, "MailFunction"),
        load(template, out, "CourierFunction"),
        sink,
    )
    opened.stop()
    for key in post.objects():
        stored.forget(key)
    sink.shutdown()
    sink.server_close()


def answering(mail: EmailMessage, text: str, *, quietly: bool = False) -> EmailMessage:
    """Return what a mail program sends in answer; `quietly` without the headers of threads."""
    known = {} if quietly else {"In_Reply_To": mail["Message-ID"]}
    return question(text, **known)


def test_a_question_is_answered_in_its_thread(world: World) -> None:
    world.write(question(KNOWN, Message_ID="<1@mail.example.com>"))

    (mail,) = world.got
    assert mail["X-Envelope-To"] == "ada@example.com"
    assert (mail["Subject"], mail["In-Reply-To"]) == ("Re: Order", "<1@mail.example.com>")
    assert mail["Auto-Submitted"] == "auto-replied"
    body = mail.get_body(("plain",))
    assert body
    assert "what we say about refund" in body.get_content()


@pytest.mark.parametrize("quietly", [True, False])
def test_a_conversation_stays_one_ticket(world: World, quietly: bool) -> None:
    """By the signed address without any header, and by the id of our mail at the plain one."""
    world.write(question("Do you sell gift wrapping?", Message_ID="<1@mail.example.com>"))
    (ticket_id,) = world.ids
    world.reply(ticket_id, "We do.")
    asked, told = world.got  # a person has it; and the person's words
    assert told["Auto-Submitted"] is None
    to = str(told["Reply-To"]) if quietly else MAILBOX

    world.write(answering(told, "And in red?", quietly=quietly), to=to)
    world.reply(ticket_id, "In red, too.")

    said = [each.text for each in world.conversation(ticket_id).messages]
    assert [each.strip() for each in said if "red" in each] == ["And in red?", "In red, too."]
    assert len(world.ids) == 1
    last = world.got[-1].get_body(("plain",))
    assert last
    assert "In red, too." in last.get_content()
    assert asked["Reply-To"] == told["Reply-To"]


def test_a_mail_that_comes_back_reopens_its_ticket(world: World) -> None:
    world.write(question(KNOWN))
    (ticket_id,) = world.ids
    (mail,) = world.got
    report = EmailMessage()
    report["From"], report["To"] = "mailer-daemon@example.com", mail["X-Envelope-From"]
    report["Subject"], report["Auto-Submitted"] = "Undelivered", "auto-generated"
    report.set_content("It did not arrive.")

    world.write(report, to=str(mail["X-Envelope-From"]))

    found = world.conversation(ticket_id).ticket
    assert found.state is State.ESCALATED
    assert "did not arrive" in (world.tickets.events(ticket_id)[-1].note or "")
    assert len(world.got) == 1


def test_a_desk_that_answers_all_it_gets_is_answered_once(world: World) -> None:
    """It hides that it is a machine, and opens a new thread each time or stays in ours."""
    world.write(question(KNOWN))
    (mail,) = world.got
    for number in range(5):
        to = str(mail["Reply-To"]) if number % 2 else MAILBOX
        world.write(question(KNOWN), to=to)

    automatic = [each for each in world.got if each["Auto-Submitted"]]
    assert len(automatic) <= 3, "three to a sender in a day"
    per_ticket = [str(each["Reply-To"]) for each in automatic]
    assert len(per_ticket) == len(set(per_ticket)), "one to a ticket"
    for each in world.ids:
        assert world.conversation(each).messages[0].source is Source.CUSTOMER


@pytest.mark.parametrize("honest", [True, False])
def test_two_desks_fall_silent_after_two_mails(world: World, honest: bool) -> None:
    """Its person asks; then the other desk answers all that it gets, and may say what it is."""
    says = {"Auto_Submitted": "auto-replied"} if honest else {}
    world.write(question(KNOWN))
    for _ in range(4):
        last = world.got[-1]
        again = question(KNOWN, In_Reply_To=last["Message-ID"], **says)
        world.write(again, to=str(last["Reply-To"]))

    assert len(world.got) == 1, "the second mail of the other desk is answered by none"
    (ticket_id,) = set(world.ids)
    state = world.conversation(ticket_id).ticket.state
    assert state is (State.ANSWERED if honest else State.ESCALATED), "or else people look at it"


def test_an_answer_that_says_it_is_automatic_is_a_note(world: World) -> None:
    world.write(question(KNOWN))
    (ticket_id,) = world.ids
    (mail,) = world.got

    away = question("I am away.", Auto_Submitted="auto-replied")
    world.write(away, to=str(mail["Reply-To"]))

    assert len(world.got) == 1
    assert world.conversation(ticket_id).ticket.state is State.ANSWERED
    assert "I am away." in (world.tickets.events(ticket_id)[-1].note or "")


def test_who_gave_an_address_on_the_page_goes_on_by_mail(
    template: dict[str, Any], world: World
) -> None:
    there = world.stack.where("IntakeFunction", MAIL_DOMAIN="shop.example")
    page = Gateway(load(template, there, "IntakeFunction"), key_id=PUBLIC_KEY)
    asked = {"text": KNOWN, "customer": {"email": "ada@example.com", "name": "Buy now"}}
    ticket_id = page.submit(asked).body["id"]
    world.work()
    world.leave()
    world.reply(ticket_id, "We do.")

    answer, told = world.got
    assert (answer["X-Envelope-To"], answer["Subject"]) == ("ada@example.com", "Your message")
    for each in (answer, told):
        assert KNOWN not in each.as_string()
        assert "Buy now" not in each.as_string()
    world.write(answering(told, "And in red?", quietly=True), to=str(told["Reply-To"]))
    said = [each.text.strip() for each in world.conversation(ticket_id).messages]
    assert "And in red?" in said
    world.reply(ticket_id, "In red, too.")
    assert "And in red?" in world.got[-1].as_string(), "the mail is proven, so it is quoted"
