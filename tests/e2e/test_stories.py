"""Whole stories through the deployed stack: from the API to the agent."""

import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from helpdesk.knowledge import shipped
from helpdesk.ticket import State

from infra.local.customer import Customer
from infra.local.up import agent_environment
from infra.proving.audit import audit
from infra.teaching import knowledge_files
from tests.e2e.conftest import Scene, wait_until

pytestmark = pytest.mark.e2e

ANSWERS = {article.intent: article.answer.strip() for article in knowledge_files.read()}
QUESTIONS = (
    "where is my order 55812",
    "how do i reset my password",
    "which payment methods do you take",
    "would you sponsor our school team",
    "what are your opening hours",
)


def agent(scene: Scene, *arguments: str, name: str = "ada", stdin: str | None = None):
    """Run the agents' terminal; return the finished process."""
    environment = os.environ | agent_environment(scene.stack) | {"HELPDESK_AGENT": name}
    return subprocess.run(
        [sys.executable, "-m", "agent_cli", *arguments],
        env=environment,
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )


def nothing_waits(scene: Scene) -> None:
    """Close what earlier stories left, so that the next ticket is the story's own."""
    listed = agent(scene, "ticket", "list", "--state", "open", "-o", "json").stdout
    if json.loads(listed)["items"]:
        closed = agent(scene, "ticket", "close", "--ids", "-", "--yes", stdin=listed)
        assert closed.returncode == 0, closed.stderr


def test_a_known_question_is_answered_with_the_stored_text(scene):
    """T2, F2: the intent and score are told and the article's text arrives unchanged."""
    found = scene.customer.fetch(scene.customer.ask("i want to issue refund"), wait=20)
    assert (found.status, found.intent) == ("answered", "get_refund")
    assert found.replies == (("automatic", ANSWERS["get_refund"] + "\n"),)
    assert 0 < found.score <= 1


def test_a_page_vouches_for_no_customer_and_sees_no_score(scene):
    """The gateway tells the function which key asks; two keys have two plans."""
    page = Customer(scene.stack.api_url, scene.stack.public_api_key)
    ticket = page.ask("i want to issue refund", email="ada@example.com")
    seen, known = page.fetch(ticket, wait=20), scene.customer.fetch(ticket)

    assert (seen.status, seen.score, known.score > 0) == ("answered", 0.0, True)
    found = scene.tickets.get(ticket.id)
    assert not found.customer.verified
    with pytest.raises(requests.HTTPError, match="403"):
        page.ask("i want to issue refund", tier="vip")
    with pytest.raises(requests.HTTPError, match="403"):
        Customer(scene.stack.api_url, "no-such-key").ask("i want to issue refund")


def test_an_unknown_question_reaches_a_person_and_the_reply_its_customer(scene):
    """T4, T5: waiting for an agent, taken, answered in three lines, fetched unchanged."""
    nothing_waits(scene)
    ticket = scene.customer.ask("would you sponsor our school team")
    waiting = scene.customer.fetch(ticket, wait=20)
    assert waiting.status == "escalated"
    assert waiting.reply.startswith("Thank you for your message. A person at our desk")

    taken = json.loads(agent(scene, "ticket", "next", "-o", "json").stdout)
    assert taken["ticket"]["id"] == ticket.id
    text = "Grüß Gott,\nsi, ça marche: 你好\nIhre Ada"
    replied = agent(scene, "ticket", "reply", ticket.id, stdin=text)
    assert replied.returncode == 0, replied.stderr

    found = scene.customer.fetch(ticket)
    assert found.status == "answered"
    assert [source for source, _ in found.replies] == ["automatic", "agent"]
    assert found.replies[-1] == ("agent", text)
    assert agent(scene, "ticket", "next").returncode == 3


@pytest.mark.parametrize(
    "text", ["I want to talk to a human about this", "can i talk to a real person please"]
)
def test_asking_for_a_person_is_acknowledged_and_escalated(scene, text):
    """T6: the acknowledgement and the record, not one of them."""
    ticket = scene.customer.ask(text)
    found = scene.customer.fetch(ticket, wait=20)
    assert (found.status, found.reason) == ("escalated", "asked_for_person")
    assert found.reply.startswith(ANSWERS["contact_human_agent"])
    assert "We aim to answer by 2" in found.reply
    taken = json.loads(agent(scene, "ticket", "next", "-o", "json").stdout)
    assert taken["ticket"]["id"] == ticket.id
    assert agent(scene, "ticket", "reply", ticket.id, "Here I am.").returncode == 0


def test_courtesy_ends_a_conversation_and_wakes_no_one(scene):
    """Thanks and ok on an answer; a rating still works. Thanks that complain are a question."""
    ticket = scene.customer.ask("i want to issue refund")
    assert scene.customer.fetch(ticket, wait=20).status == "answered"
    for text in ("thanks", "ok", "\N{THUMBS UP SIGN}"):
        assert scene.customer.follow_up(ticket, text) == "answered"
    assert scene.customer.rate(ticket, helpful=True) == "answered"
    assert scene.customer.follow_up(ticket, "thanks but that did not help") == "received"

    thanks = scene.customer.fetch(scene.customer.ask("great, bye"), wait=20)
    assert (thanks.status, thanks.reply) == ("answered", shipped()["courtesy"])


def test_a_person_in_danger_is_first_and_a_lead_words_what_is_said(scene):
    scene.customer.fetch(scene.customer.ask("do you sell gift wrapping"), wait=20)
    stored = agent(scene, "text", "set", "danger", "Call 112 now. We read this first.")
    assert stored.returncode == 0, stored.stderr
    ticket = scene.customer.ask("where is my order? I want to kill myself")
    found = scene.customer.fetch(ticket, wait=20)
    assert (found.status, found.reason) == ("escalated", "danger")
    assert found.reply == "Call 112 now. We read this first."

    taken = json.loads(agent(scene, "ticket", "next", "-o", "json").stdout)
    assert (taken["ticket"]["id"], taken["ticket"]["priority"]) == (ticket.id, "urgent")
    assert agent(scene, "ticket", "reply", ticket.id, "Please call me.").returncode == 0


def test_a_released_ticket_goes_to_the_next_agent(scene):
    nothing_waits(scene)
    ticket = scene.customer.ask("would you sponsor our football club")
    scene.customer.fetch(ticket, wait=20)
    assert (
        json.loads(agent(scene, "ticket", "next", "-o", "json").stdout)["ticket"]["id"] == ticket.id
    )
    stale = agent(scene, "ticket", "reply", ticket.id, "mine", name="bob")
    assert (stale.returncode, "ada" in stale.stderr) == (5, True)
    assert agent(scene, "ticket", "release", ticket.id).returncode == 0
    taken = json.loads(agent(scene, "ticket", "next", "-o", "json", name="bob").stdout)
    assert taken["ticket"]["id"] == ticket.id
    assert agent(scene, "ticket", "reply", ticket.id, "Let me ask.", name="bob").returncode == 0


def test_a_hundred_tickets_wait_for_the_worker_and_end_once_each(scene):
    """T1, R2: accepted while no worker runs, then each answered or escalated, none twice."""
    scene.take_orders(enabled=False)
    with ThreadPoolExecutor(2) as pool:
        tickets = list(pool.map(scene.customer.ask, QUESTIONS * 20))
    assert {scene.customer.fetch(ticket).status for ticket in tickets[-5:]} == {"received"}
    scene.take_orders(enabled=True)
    _all_end(scene, [ticket.id for ticket in tickets])


def test_one_that_waits_keeps_no_other_waiting(scene):
    """T7: one question is left with people; 59 from two clients at once are all answered."""
    left = scene.customer.ask("would you sponsor our school team")
    assert scene.customer.fetch(left, wait=20).status == "escalated"
    clients = [Customer(scene.stack.api_url, scene.stack.api_key) for _ in range(2)]
    answerable = [QUESTIONS[number % 3] for number in range(59)]

    def ask(number: int) -> str:
        client = clients[number % 2]
        ticket = client.ask(answerable[number])
        wait_until(lambda: client.fetch(ticket, wait=20).status != "received")
        assert client.fetch(ticket).status == "answered", answerable[number]
        return ticket.id

    with ThreadPoolExecutor(20) as pool:
        ids = list(pool.map(ask, range(59)))

    told = [scene.tickets.conversation(each).messages for each in ids]
    assert [question.text for question, _ in told] == answerable
    assert len({answer.text for _, answer in told}) == 3
    assert scene.customer.fetch(left).status == "escalated"


def test_tickets_survive_workers_killed_in_the_middle(scene):
    """T9, F12: kill -9 while batches are under way; every ticket ends, and once."""
    queue = scene.stack.outputs["IntakeQueueUrl"]
    sqs = scene.stack.client("sqs")
    # The message of a killed worker comes back after this; by default after three minutes.
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"VisibilityTimeout": "5"})
    scene.take_orders(enabled=False)
    ids = [scene.customer.ask(text).id for text in QUESTIONS * 8]
    scene.take_orders(enabled=True)
    killed = 0
    while killed < 3:
        for worker in wait_until(scene.workers):
            os.kill(worker, signal.SIGKILL)
            killed += 1
    _all_end(scene, ids)
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"VisibilityTimeout": "180"})


def test_tickets_survive_the_loss_of_the_whole_emulator(scene):
    """Tables and objects are saved, queues are not: the reconciler refills them from the table."""
    if scene.pid is None:
        pytest.skip("the endpoint is not ours to kill")
    waiting = scene.customer.ask("do you sponsor chess clubs")
    scene.customer.fetch(waiting, wait=20)
    scene.receive(waiting, "club.txt", "text/plain", b"chess")
    scene.take_orders(enabled=False)
    ids = [scene.customer.ask(text).id for text in QUESTIONS * 4]

    os.kill(scene.pid, signal.SIGKILL)
    wait_until(lambda: scene.pid is None)
    scene.up()

    assert scene.customer.fetch(waiting).status == "escalated"
    assert requests.get(scene.customer.link(waiting, 1).url, timeout=10).content == b"chess"
    _all_end(scene, ids)
    scene.reconcile()
    assert waiting.id in _on_the_escalation_queue(scene)


def _all_end(scene: Scene, ids: list[str]) -> None:
    """Run the reconciler as the schedule would until every ticket is settled; then audit."""

    def settled() -> bool:
        if all(scene.tickets.get(each).state is not State.RECEIVED for each in ids):
            return True
        scene.reconcile()
        return False

    wait_until(settled, seconds=150)
    found = audit(ids, scene.tickets)
    assert found.clean, found
    assert found.states.total() == len(ids)


def _on_the_escalation_queue(scene: Scene) -> set[str]:
    """Return the tickets that an agent could be given now."""
    queue = scene.stack.outputs["EscalationQueueUrl"]
    sqs = scene.stack.client("sqs")
    found = set()
    while messages := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
        found |= {json.loads(message["Body"])["ticket"] for message in messages}
    return found
