"""The agents' terminal over the template's own tables and queues: every verb, every refusal."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner, Result
from helpdesk import ticket
from helpdesk.aws import clients
from helpdesk.aws.knowledge import DynamoKnowledge
from helpdesk.aws.queues import SqsQueue
from helpdesk.aws.tickets import DynamoTickets
from helpdesk.triage import Answer, Escalate, Reason

from agent_cli.cli import main
from agent_cli.commands.schema import all_schemas
from tests.fakes import an_article, an_understanding
from tests.integration.conftest import Stack

SCHEMAS = all_schemas()
ESCALATE = Escalate(Reason.OUT_OF_SCOPE)


def an_id(number: int) -> str:
    return f"{number:016}"


@dataclass
class Desk:
    """The desk as an agent's terminal finds it, and a way to fill it."""

    stack: Stack
    home: Path
    tickets: DynamoTickets
    escalations: SqsQueue
    knowledge: DynamoKnowledge
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def run(self, *words: str, agent: str | None = "ada", stdin: Any = "", **more: Any) -> Result:
        """Run a command as an agent."""
        variables = {
            "HELPDESK_AGENT": agent,
            "XDG_STATE_HOME": str(self.home / "state"),
            "XDG_CONFIG_HOME": str(self.home / "config"),
            "COLUMNS": "120",
            **more,
        }
        runner = CliRunner(env=variables)
        return runner.invoke(main, words, input=stdin, prog_name="helpdesk")

    def json(self, *words: str, **more: Any) -> Any:
        """Run a command for a script; its data must fit the published schema, and nothing else."""
        result = self.run(*words, "--output", "json", **more)
        assert result.exit_code == 0, result.stderr or result.exception
        data = json.loads(result.stdout)
        name = next(
            " ".join(words[:count]) for count in (2, 1) if " ".join(words[:count]) in SCHEMAS
        )
        jsonschema.validate(data, SCHEMAS[name])
        return data

    def received(self, number: int, text: str = "Do you sell gift wrapping?", **who: Any) -> str:
        """Store a question."""
        change = ticket.submit(
            ticket_id=an_id(number),
            text=text,
            customer=ticket.Customer(**who),
            channel="web",
            token_hash="hash",
            now=self.now,
            token_life=timedelta(days=90),
            retention=timedelta(days=400),
        )
        self.tickets.commit(change)
        return change.after.id

    def escalated(
        self,
        number: int,
        text: str = "Do you sell gift wrapping?",
        decision: Escalate | Answer = ESCALATE,
        *,
        ago: timedelta = timedelta(),
        **who: Any,
    ) -> str:
        """Store a question that waits for people, or was answered."""
        then, self.now = self.now, self.now - ago
        ticket_id = self.received(number, text, **who)
        received = self.tickets.get(ticket_id)
        assert received
        understood = an_understanding(("refund", 0.62), ("gift_card", 0.2))
        self.tickets.commit(ticket.settle(received, understood, decision, now=self.now))
        if isinstance(decision, Escalate):
            self.escalations.send(ticket_id)
        self.now = then
        return ticket_id

    def ticket(self, ticket_id: str) -> ticket.Ticket:
        """Return a ticket that must exist."""
        found = self.tickets.get(ticket_id)
        assert found
        return found


@pytest.fixture
def desk(stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr("agent_cli.session.NOT_AWS", "123456789012")  # moto's account
    knowledge = DynamoKnowledge(clients.table(stack.outputs["KnowledgeTable"]))
    for intent in ("refund", "gift_card"):
        knowledge.put(an_article(intent))
    return Desk(
        stack=stack,
        home=tmp_path,
        tickets=DynamoTickets(clients.table(stack.outputs["TicketsTable"])),
        escalations=SqsQueue(clients.sqs(), stack.outputs["EscalationQueueUrl"]),
        knowledge=knowledge,
    )


def poison(desk: Desk, output: str, body: str = '{"ticket": "0000000000000009"}') -> None:
    """Put a dead letter where dead letters go."""
    clients.sqs().send_message(QueueUrl=desk.stack.outputs[output], MessageBody=body)


def test_a_day_by_commands(desk: Desk) -> None:
    """T4, T5: listed, taken, answered in several lines, and gone from queue and list."""
    ticket_id = desk.escalated(1, email="kim@example.com", name="Kim")
    rows = desk.json("ticket", "list")
    assert [(row["id"], row["subject"]) for row in rows] == [
        (ticket_id, "Do you sell gift wrapping?")
    ]

    taken = desk.json("ticket", "next")
    assert taken["ticket"]["id"] == ticket_id
    assert taken["lease"]["agent"] == "ada"
    assert [each["intent"] for each in taken["suggestions"]] == ["refund", "gift_card"]

    text = "Grüß Gott,\nsi, ça marche: 你好\nIhre Ada"
    replied = desk.json("ticket", "reply", ticket_id, stdin=text)
    assert (replied["state"], replied["owner"]) == ("answered", "ada")
    shown = desk.json("ticket", "show", ticket_id)
    assert shown["messages"][-1] | {"at": ""} == {
        "number": 2,
        "source": "agent",
        "author": "ada",
        "text": text,
        "at": "",
        "intent": None,
    }
    assert desk.escalations.depth() == 0
    assert desk.run("ticket", "next").exit_code == 3
