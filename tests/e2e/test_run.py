"""`make run` on a machine that is in use: nothing of the desk is touched but the demonstration."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from helpdesk import learning
from helpdesk.aws import clients
from helpdesk.aws.knowledge import DynamoKnowledge
from helpdesk.aws.queues import SqsQueue
from helpdesk.aws.tickets import DynamoTickets
from helpdesk.curation import Curator
from helpdesk.knowledge import Article
from helpdesk.ticket import Agent, Event, Role

from infra import emulator
from infra.local.questions import SPONSORING, STARTER
from infra.local.up import local_stack
from infra.paths import BUILD, ROOT
from infra.proving.race import waiting_ticket
from infra.teaching import seed
from tests.e2e.conftest import PORT

pytestmark = pytest.mark.e2e

BACKLOG = 70
EDITED = "As a lead wrote it: three days, and express one."
"""To a question that no record of the customer answers: orders have answers of their own."""
LEAD = Agent("grace", frozenset({Role.LEAD}))

LIBRARY = {
    "borrow_limit": (
        "how many books may i borrow | what is the limit of books | "
        "can i take ten books home | how many can i have at once | "
        "is there a maximum number of books"
    ),
    "late_fee": (
        "what does a late book cost | is there a fee for late returns | "
        "i brought my book back late | how much is the fine for an overdue novel | "
        "what do i pay when i am overdue"
    ),
    "library_card": (
        "how do i get a library card | i need a new library card | "
        "my library card is lost | where is a card made | "
        "can my child have a library card"
    ),
    "reading_room": (
        "is the reading room open today | where can i read in quiet | "
        "may i work in the reading room | until when may i sit in the reading room | "
        "when does the reading room open"
    ),
    "reserve_book": (
        "can i reserve a book | please put the novel aside for me | "
        "hold this title for me | how do i reserve a title | "
        "i want to reserve a book that is out"
    ),
    "ordered_book": "is the book i ordered there | did my ordered title arrive | where is my title",
}
"""Another desk's articles."""


class Machine:
    """A machine on which `make run` is typed again and again."""

    def __init__(self, state: Path, port: int) -> None:
        self.state, self.port = state, port

    def run(self, demo: str = "yes") -> str:
        """Run it, which must succeed; return what it printed."""
        command = [sys.executable, "-m", "infra.local", "--mail-port", "0", "--demo", demo]
        command += ["--port", str(self.port), "--state", str(self.state)]
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=os.environ | {"COLUMNS": "200"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        self.stack = local_stack(f"http://127.0.0.1:{self.port}")
        return done.stdout

    def table(self, output: str):
        at = self.stack.endpoint_url
        return clients.table(self.stack.outputs[output], self.stack.session, endpoint_url=at)

    @property
    def tickets(self) -> DynamoTickets:
        return DynamoTickets(self.table("TicketsTable"))

    @property
    def knowledge(self) -> DynamoKnowledge:
        return DynamoKnowledge(self.table("KnowledgeTable"))

    def wait_for_people(self, count: int) -> dict[str, tuple[Event, ...]]:
        """Let tickets wait for an agent; return their events by ticket id."""
        sqs = clients.sqs(self.stack.session, endpoint_url=self.stack.endpoint_url)
        queue = SqsQueue(sqs, self.stack.outputs["EscalationQueueUrl"])
        tickets = self.tickets
        ids = [waiting_ticket(tickets, queue, "May I pay in shells?") for _ in range(count)]
        return self.events(ids)

    def events(self, ids) -> dict[str, tuple[Event, ...]]:
        tickets = self.tickets
        return {ticket_id: tickets.events(ticket_id) for ticket_id in ids}

    def learned(self) -> bool:
        """Tell whether the model in force was made of the articles in the table."""
        models = seed.published_models(self.stack)
        current = models.current()
        assert current
        present = learning.fingerprint(self.knowledge.all())
        return current.knowledge == present and models.holds(current.version)


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    """A machine where nothing was run yet, and where nothing runs afterwards."""
    state = BUILD / "e2e-run"
    emulator.ensure_running(port=PORT + 1, state=state, fresh=True)
    yield Machine(state, PORT + 1)
    emulator.stop(state)


def address(printed: str) -> tuple[str, ...]:
    """Return the URL and the key that a run tells."""
    found = re.findall(r"export (?:URL|KEY)=(\S+)", printed)
    assert len(found) == 2, printed
    return tuple(found)


def test_a_run_touches_nothing_but_its_own_demonstration(machine: Machine) -> None:
    """Three runs, one of them after a restart, with a backlog and an edited article."""
    first = machine.run()
    assert all(question in first for question in STARTER.values())
    waiting = machine.wait_for_people(BACKLOG)
    curator = Curator(lead=LEAD, knowledge=machine.knowledge, clock=lambda: datetime.now(UTC))
    article = curator.get("delivery_period")
    curator.edit(
        replace(article, answer=EDITED, utterances=(*article.utterances, "delivery, quo vadis"))
    )

    second = machine.run()
    assert EDITED in second
    assert machine.learned()
    assert machine.events(waiting) == waiting

    emulator.stop(machine.state)
    third = machine.run()
    assert EDITED in third
    assert machine.learned()
    assert machine.knowledge.get("delivery_period").answer == EDITED
    assert machine.events(waiting) == waiting
    assert address(first) == address(second) == address(third)
    for printed in (first, second, third):
        taken = re.findall(r"\$ helpdesk ticket (\w+) (\w{16})", printed)
        assert [verb for verb, _ in taken] == ["claim", "reply"]
        assert len({ticket_id for _, ticket_id in taken} - waiting.keys()) == 1
        assert "good luck to the chess team" in printed


def test_a_desk_with_other_articles_is_asked_about_those(machine: Machine) -> None:
    machine.run(demo="no")
    knowledge = machine.knowledge
    for article in knowledge.all():
        knowledge.remove(article.intent)
    for intent, utterances in LIBRARY.items():
        knowledge.put(
            Article(
                intent=intent,
                title=intent.replace("_", " "),
                answer=f"The library says about {intent.replace('_', ' ')}: ask at the desk.",
                utterances=tuple(utterances.split(" | ")),
                category="LIBRARY",
                department="library",
            )
        )

    printed = machine.run()

    assert "the desk's own articles" in printed
    assert "is the book i ordered there" in printed
    assert "The library says about" in printed, printed
    assert machine.learned()
    assert {article.intent for article in machine.knowledge.all()} == set(LIBRARY)


def test_without_a_demonstration_nothing_is_asked(machine: Machine) -> None:
    printed = machine.run(demo="no")

    assert address(printed)
    assert "customer" not in printed
    assert SPONSORING.text not in printed
