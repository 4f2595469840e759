"""The agents' terminal over the template's own tables and queues: every verb, every refusal."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import jsonschema
import pytest
from botocore import exceptions
from botocore.client import BaseClient
from botocore.exceptions import ClientError
from click.testing import CliRunner, Result
from helpdesk import ticket
from helpdesk.announcing import announced
from helpdesk.aws import clients
from helpdesk.aws.figures import DynamoFigures
from helpdesk.aws.knowledge import DynamoKnowledge
from helpdesk.aws.queues import SqsQueue
from helpdesk.aws.spending import DynamoPurse
from helpdesk.aws.texts import DynamoTexts
from helpdesk.aws.tickets import DynamoTickets
from helpdesk.composition import Parts, Resources
from helpdesk.drafting import Draft
from helpdesk.figures import Fault, Kind, keep
from helpdesk.knowledge import shipped
from helpdesk.redrafting import Limits, Spending
from helpdesk.triage import Answer, Escalate, Reason

from agent_cli.cli import main
from agent_cli.commands.schema import all_schemas
from agent_cli.desk import Desk as AgentsDesk
from tests.fakes import ADA, MORNING, an_article, an_understanding
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
            " ".join(words[:count]) for count in (3, 2, 1) if " ".join(words[:count]) in SCHEMAS
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
        draft: Draft | None = None,
        **who: Any,
    ) -> str:
        """Store a question that waits for people, with a draft or without, or was answered."""
        then, self.now = self.now, self.now - ago
        ticket_id = self.received(number, text, **who)
        received = self.tickets.get(ticket_id)
        assert received
        understood = an_understanding(("refund", 0.62), ("gift_card", 0.2))
        settled = ticket.settle(received, understood, decision, now=self.now)
        self.tickets.commit(ticket.with_draft(settled, draft) if draft else settled)
        if isinstance(decision, Escalate):
            self.escalations.send(ticket_id)
        self.now = then
        return ticket_id

    def draft(self, ticket_id: str) -> str:
        """Return the text that is kept for a ticket."""
        return (self.home / f"state/helpdesk/drafts/helpdesk/ada/{ticket_id}.txt").read_text()

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


class TestErasing:
    """X6, for leads; what is left of a ticket is in test_erasure."""

    def test_one_ticket(self, desk: Desk) -> None:
        mine, other = desk.escalated(1), desk.escalated(2)
        (desk.home / "state/helpdesk/drafts/helpdesk/bob").mkdir(parents=True)
        draft = desk.home / f"state/helpdesk/drafts/helpdesk/bob/{mine}.txt"
        draft.write_text("Dear Kim,")

        assert desk.json("ticket", "erase", mine, "--yes") == [
            {"id": mine, "by": "ada", "key": None}
        ]
        assert desk.tickets.get(mine) is None
        assert desk.tickets.erased(mine)
        assert not draft.exists()
        assert desk.ticket(other).id == other
        assert desk.run("ticket", "erase", mine, "--yes").exit_code == 3

    @pytest.mark.parametrize(
        ("name", "who"),
        [("ADA@example.com", {"email": "ada@example.com"}), ("C-7", {"reference": "C-7"})],
    )
    def test_all_of_a_customer(self, desk: Desk, name: str, who: dict[str, str]) -> None:
        hers = {desk.escalated(1, **who), desk.received(2, **who)}
        other = desk.escalated(3, email="bob@example.com")

        erased = desk.json("ticket", "erase", "--customer", name, "--yes")

        assert {each["id"] for each in erased} == hers
        assert not any(map(desk.tickets.get, hers))
        assert desk.ticket(other).id == other
        result = desk.run("ticket", "erase", "--customer", name, "--yes")
        assert result.exit_code == 3
        assert f"nothing is known of the customer {name}" in result.stderr

    def test_nothing_goes_unless_it_was_agreed_to(self, desk: Desk) -> None:
        mine = desk.escalated(1, email="ada@example.com")
        for words in ((mine,), ("--customer", "ada@example.com")):
            result = desk.run("ticket", "erase", *words)
            assert result.exit_code == 2
            assert "add --yes to agree" in result.stderr
        for words in ((), (mine, "--customer", "ada@example.com")):
            assert desk.run("ticket", "erase", *words, "--yes").exit_code == 2
        assert desk.ticket(mine).id == mine


def test_a_leaked_token_is_revoked_and_agents_see_the_ticket_still(desk: Desk) -> None:
    mine = desk.escalated(1)
    before = desk.ticket(mine)

    refused = desk.run("ticket", "revoke", mine)
    assert (refused.exit_code, desk.ticket(mine)) == (2, before)
    assert desk.json("ticket", "revoke", mine, "--yes")["id"] == mine

    after = desk.ticket(mine)
    assert after.token_hash != before.token_hash
    assert after.token_expires_at <= datetime.now(UTC)
    assert (after.state, after.messages) == (before.state, before.messages)
    assert [event["move"] for event in desk.json("ticket", "history", mine)][-1] == "rekeyed"
    assert desk.run("ticket", "revoke", "0000000000000000", "--yes").exit_code == 3


def test_a_day_by_commands(desk: Desk) -> None:
    """T4, T5: listed, taken, answered in several lines, and gone from queue and list."""
    ticket_id = desk.escalated(1, email="kim@example.com", name="Kim")
    rows = desk.json("ticket", "list")["items"]
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


class TestTickets:
    def test_every_move_and_its_data(self, desk: Desk) -> None:
        first, second, third = (desk.escalated(number) for number in (1, 2, 3))
        assert desk.json("ticket", "claim", first)["lease"]["fence"] == 1
        assert desk.json("ticket", "claim", first)["lease"]["fence"] == 2
        desk.json("ticket", "note", first, "Asked the warehouse.")
        assert desk.json("ticket", "release", first)["owner"] is None

        desk.json("ticket", "claim", second)
        (moved,) = desk.json("ticket", "transfer", second, "--to", "bob", "--department", "billing")
        assert (moved["owner"], moved["department"]) == ("bob", "billing")
        desk.json("ticket", "claim", second, agent="bob")
        snoozed = desk.json("ticket", "snooze", second, "--for", "2h", agent="bob")
        assert snoozed["snoozed_until"]
        assert [
            row["id"] for row in desk.json("ticket", "list", "--state", "snoozed")["items"]
        ] == [second]

        desk.json("ticket", "claim", third)
        assert desk.json("ticket", "close", third, "--note", "Spam.")[0]["state"] == "closed"
        assert desk.json("ticket", "reopen", third)["reason"] == "reopened"

        moves = [event["move"] for event in desk.json("ticket", "history", first)]
        assert moves == ["submitted", "escalated", "claimed", "claimed", "noted", "released"]
        assert desk.json("ticket", "show", first)["notes"][0]["text"] == "Asked the warehouse."
        assert "hash" not in desk.run("ticket", "history", first, "-o", "json").stdout

    def test_the_list_is_in_the_order_it_is_due(self, desk: Desk) -> None:
        ordinary = desk.escalated(1, ago=timedelta(hours=2))
        urgent = desk.escalated(2, "It caught fire and burned me")
        late = desk.escalated(3, ago=timedelta(days=2))

        rows = desk.json("ticket", "list")["items"]
        assert [row["id"] for row in rows] == [late, urgent, ordinary]
        assert [row["overdue"] for row in rows] == [True, False, False]
        assert [row["priority"] for row in rows] == ["urgent", "urgent", "normal"]
        assert [row["id"] for row in desk.json("ticket", "list", "--age", "90m")["items"]] == [
            late,
            ordinary,
        ]
        assert [
            row["id"] for row in desk.json("ticket", "search", "FIRE", "--full-text")["items"]
        ] == [urgent]

    def test_jsonl_is_one_row_a_line(self, desk: Desk) -> None:
        for number in range(3):
            desk.escalated(number)
        lines = desk.run("ticket", "list", "-o", "jsonl").stdout.splitlines()

        page = SCHEMAS["ticket list"]
        row = {"$defs": page["$defs"], **page["properties"]["items"]["items"]}
        for line in lines:
            jsonschema.validate(json.loads(line), row)
        assert len(lines) == 3

    def test_options_may_stand_before_or_after_the_verb(self, desk: Desk) -> None:
        desk.escalated(1)
        before = desk.run("--output", "jsonl", "ticket", "list")
        after = desk.run("--output", "json", "ticket", "list", "--output", "jsonl")

        assert before.stdout.count("\n") == after.stdout.count("\n") == 1
        assert json.loads(before.stdout)["id"] == json.loads(after.stdout)["id"]

    def test_tail_follows_what_happens(self, desk: Desk) -> None:
        ticket_id = desk.escalated(1)
        result = desk.run("ticket", "tail", "--since", "1h", "--for", "0m", "-o", "jsonl")

        events = [json.loads(line) for line in result.stdout.splitlines()]
        for event in events:
            jsonschema.validate(event, SCHEMAS["ticket tail"])
        assert [(event["ticket_id"], event["move"]) for event in events] == [
            (ticket_id, "submitted"),
            (ticket_id, "escalated"),
        ]
        assert ticket_id in desk.run("ticket", "tail", "--for", "0m").stdout

    def test_a_suggestion_is_approved_as_it_is_or_edited(self, desk: Desk) -> None:
        """R10: the draft is not visible until an agent approves it."""
        ticket_id = desk.escalated(1)
        taken = desk.json("ticket", "next")
        assert len(taken["messages"]) == 1
        draft = taken["suggestions"][0]
        assert (draft["intent"], draft["version"]) == ("refund", 0)

        desk.json("ticket", "reply", ticket_id, "--suggestion", "1")
        last = desk.json("ticket", "show", ticket_id)["messages"][-1]
        assert (last["text"], last["intent"]) == (draft["text"], "refund")

    def test_a_canned_reply_that_stays_unfilled_is_refused_and_no_draft(self, desk: Desk) -> None:
        ticket_id = desk.escalated(1)
        desk.json("canned", "set", "hello", "Dear {name}, bye.")
        desk.json("ticket", "claim", ticket_id)
        result = desk.run("ticket", "reply", ticket_id, "--canned", "hello")

        assert result.exit_code == 2
        assert "fill in {name}" in result.stderr
        assert desk.run("ticket", "reply", ticket_id, "--draft").exit_code == 3

    def test_pages_are_readable_at_40_80_and_120_columns(self, desk: Desk) -> None:
        ticket_id = desk.escalated(1, email="kim@example.com", name="Kim")
        for width in (40, 80, 120):
            for words in (("ticket", "list"), ("ticket", "show", ticket_id), ("queue", "status")):
                page = desk.run(*words, COLUMNS=str(width)).stdout
                assert max(map(len, page.splitlines())) <= width
                assert ticket_id in page or words[0] == "queue"

    def test_a_customers_text_never_steers_the_terminal(self, desk: Desk) -> None:
        evil = "\x1b]0;owned\x07\x1b[2Jhello \u202egnp.exe\u2028\x9b31m [bold red]markup[/]"
        ticket_id = desk.escalated(1, evil, name="\x1b[31mMallory", reference="\u2066x")
        outputs = [
            desk.run(*words, "-o", output).output
            for words in (
                ("ticket", "list"),
                ("ticket", "show", ticket_id),
                ("ticket", "history", ticket_id),
                ("ticket", "tail", "--for", "0m"),
            )
            for output in ("table", "json", "jsonl")
        ]
        for printed in outputs:
            assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u202a-\u202e\u2066]", printed)
        assert "[bold red]markup[/]" in desk.run("ticket", "show", ticket_id).output


class TestReplies:
    def test_text_that_was_not_sent_is_kept_and_offered_again(self, desk: Desk) -> None:
        ticket_id = desk.escalated(1)
        stale = desk.run("ticket", "reply", ticket_id, stdin="Dear Kim,\nlater.")
        assert stale.exit_code == 5
        assert "claim it first" in stale.stderr
        assert str(desk.home) in stale.stderr
        assert desk.draft(ticket_id) == "Dear Kim,\nlater."

        desk.json("ticket", "claim", ticket_id)
        desk.json("ticket", "reply", ticket_id, "--draft")
        assert desk.json("ticket", "show", ticket_id)["messages"][-1]["text"] == "Dear Kim,\nlater."
        assert not list(desk.home.glob("state/**/*.txt"))

    def test_a_stale_reply_says_who_has_it_now(self, desk: Desk) -> None:
        ticket_id = desk.escalated(1)
        desk.json("ticket", "next", agent="bob")
        result = desk.run("ticket", "reply", ticket_id, "Mine!")

        assert (result.exit_code, result.stdout) == (5, "")
        assert "bob holds this ticket until" in result.stderr
        assert desk.draft(ticket_id) == "Mine!"

    def test_a_fence_tells_an_older_lease(self, desk: Desk) -> None:
        ticket_id = desk.escalated(1)
        desk.json("ticket", "claim", ticket_id)
        desk.json("ticket", "claim", ticket_id)

        stale = desk.run("ticket", "reply", ticket_id, "Done.", "--fence", "1")
        assert (stale.exit_code, "older lease" in stale.stderr) == (5, True)
        desk.json("ticket", "reply", ticket_id, "Done.", "--fence", "2")

    @pytest.mark.parametrize("text", ["", "   \n"])
    def test_a_blank_reply_is_refused(self, desk: Desk, text: str) -> None:
        """T11: blank refused, exit code not 0."""
        ticket_id = desk.escalated(1)
        desk.json("ticket", "next")

        assert desk.run("ticket", "reply", ticket_id, text).exit_code == 2
        assert desk.run("ticket", "reply", ticket_id, stdin=text).exit_code == 2
        assert desk.ticket(ticket_id).state == "escalated"

    @pytest.mark.parametrize("words", [("reply",), ("note",)])
    def test_a_dash_is_stdin_as_everywhere_and_never_sent(
        self, desk: Desk, words: tuple[str, ...]
    ) -> None:
        ticket_id = desk.escalated(1)
        desk.json("ticket", "next")

        assert desk.run("ticket", *words, ticket_id, "-", stdin=" \n").exit_code == 2
        assert desk.run("ticket", *words, ticket_id, "-", stdin=b"\xff").exit_code == 2
        desk.json("ticket", *words, ticket_id, "-", stdin="From a file.")
        shown = desk.json("ticket", "show", ticket_id)
        said = [*shown["messages"], *shown["notes"]]
        assert [each["text"] for each in said][1:] == ["From a file."]

    def test_a_lead_writes_what_customers_are_told(self, desk: Desk) -> None:
        """The next customer gets it; every version is kept."""
        texts = DynamoTexts(clients.table(desk.stack.outputs["KnowledgeTable"]))

        def escalated(number: int) -> str:
            received = desk.tickets.get(desk.received(number, "Do you sell gift wrapping?"))
            assert received
            settled = ticket.settle(received, an_understanding(), ESCALATE, now=desk.now)
            desk.tickets.commit(announced(settled, texts))
            return received.id

        first = escalated(1)
        stored = desk.json("text", "set", "out_of_scope", "-", stdin="Wait.\nUntil {due}.")
        again = desk.json("text", "set", "out_of_scope", "-", stdin="Wait.\nUntil {due}.")
        second = escalated(2)

        assert (stored["version"], again["version"], stored["by"]) == (1, 1, "ada")
        assert desk.json("text", "show", "out_of_scope")["text"] == "Wait.\nUntil {due}."
        versions = desk.json("text", "history", "out_of_scope")
        assert [each["version"] for each in versions] == [0, 1]
        assert len(desk.json("text", "list")) == len(shipped())
        told = [desk.json("ticket", "show", each)["messages"][1] for each in (first, second)]
        assert [each["source"] for each in told] == ["automatic", "automatic"]
        assert told[0]["text"].startswith("Thank you for your message.")
        assert told[1]["text"].startswith("Wait.\nUntil 2")

    def test_a_canned_reply_from_stdin(self, desk: Desk) -> None:
        desk.json("canned", "set", "apology", "-", stdin="Grüße".encode())
        refused = desk.run("canned", "set", "apology", stdin="Grüße".encode("latin-1"))

        assert (refused.exit_code, "iconv" in refused.stderr) == (2, True)
        assert desk.json("canned", "show", "apology")["text"] == "Grüße"

    def test_a_giant_reply_is_refused_and_kept(self, desk: Desk) -> None:
        ticket_id = desk.escalated(1)
        desk.json("ticket", "next")
        giant = "x" * 300_000
        result = desk.run("ticket", "reply", ticket_id, stdin=giant)

        assert result.exit_code == 2
        assert "at most 4000" in result.stderr
        assert desk.draft(ticket_id) == giant

    @pytest.mark.parametrize(
        ("data", "options"),
        [
            ("Grüße, Ada".encode(), ()),
            ("\ufeffGrüße, Ada".encode(), ()),
            ("Grüße, Ada".encode("utf-16"), ()),
            ("Grüße, Ada".encode("latin-1"), ("--encoding", "latin-1")),
        ],
    )
    def test_a_piped_reply_in_many_encodings(
        self, desk: Desk, data: bytes, options: tuple[str, ...]
    ) -> None:
        ticket_id = desk.escalated(1)
        desk.json("ticket", "next")
        desk.json("ticket", "reply", ticket_id, *options, stdin=data)

        assert desk.json("ticket", "show", ticket_id)["messages"][-1]["text"] == "Grüße, Ada"

    def test_a_piped_reply_that_cannot_be_read_is_kept_as_it_came(self, desk: Desk) -> None:
        ticket_id = desk.escalated(1)
        desk.json("ticket", "next")
        data = "Grüße".encode("latin-1")
        result = desk.run("ticket", "reply", ticket_id, stdin=data)

        assert result.exit_code == 2
        assert "not utf-8 (byte 2)" in result.stderr
        (path,) = desk.home.glob("state/**/*.txt")
        assert path.read_bytes() == data
        assert desk.run("ticket", "reply", ticket_id, "--encoding", "klingon").exit_code == 2

    def test_the_editor_begins_with_the_kept_text_and_its_file_is_private(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        seen: list[str] = []

        def edit(*, filename: str) -> None:
            path = Path(filename)
            assert path.stat().st_mode & 0o777 == 0o600
            seen.append(path.read_text())
            path.write_text("Rewritten.\n" + path.read_text().partition("\n")[2])

        monkeypatch.setattr(click, "edit", edit)
        ticket_id = desk.escalated(1, "What about \x1b[31m this?")
        desk.run("ticket", "reply", ticket_id, stdin="Begun.")
        desk.json("ticket", "claim", ticket_id)
        desk.json("ticket", "reply", ticket_id, "--suggestion", "refund", "--edit")
        desk.json("ticket", "reopen", ticket_id)
        desk.json("ticket", "claim", ticket_id)

        assert "This is what we say about refund." in seen[0]
        assert "  | What about \\x1b[31m this?" in seen[0]
        text = desk.json("ticket", "show", ticket_id)["messages"][-1]["text"]
        assert text == "Rewritten.\n\nThis is what we say about refund."

    def test_leaving_the_editor_empty_sends_nothing(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(click, "edit", lambda *, filename: Path(filename).write_text("\n"))
        ticket_id = desk.escalated(1)
        desk.json("ticket", "claim", ticket_id)
        result = desk.run("ticket", "reply", ticket_id, "--suggestion", "1", "--edit")

        assert (result.exit_code, "nothing was sent" in result.stderr) == (2, True)
        assert desk.ticket(ticket_id).state == "escalated"

    def test_no_editor_without_input(self, desk: Desk) -> None:
        ticket_id = desk.escalated(1)
        desk.json("ticket", "claim", ticket_id)
        result = desk.run("ticket", "reply", ticket_id, "--suggestion", "1", "--edit", "--no-input")

        assert result.exit_code == 2


class TestQueues:
    def test_how_they_fare(self, desk: Desk) -> None:
        desk.received(1)
        desk.escalated(2, ago=timedelta(hours=3))
        desk.escalated(3)
        desk.run("ticket", "next")
        for queue in ("Intake", "Mail", "Outbox", "Files", "Files"):
            poison(desk, f"{queue}DeadLettersUrl")
        poison(desk, "OutboxQueueUrl")
        intake, escalation, *others = desk.json("queue", "status")

        assert (intake["waiting"], intake["visible"], intake["dead_letters"]) == (1, 0, 1)
        assert (escalation["waiting"], escalation["visible"], escalation["in_flight"]) == (2, 1, 1)
        oldest = datetime.fromisoformat(escalation["oldest"])
        assert timedelta(hours=2.9) < datetime.now(UTC) - oldest < timedelta(hours=3.1)
        assert [(row["queue"], row["visible"], row["dead_letters"]) for row in others] == [
            ("mail", 0, 1),
            ("outbox", 1, 1),
            ("files", 0, 2),
            ("notices", 0, 0),
            ("drafts", 0, 0),
        ]
        assert {(row["waiting"], row["oldest"]) for row in others} == {(0, None)}

    def test_every_queue_of_the_stack_is_there(self, desk: Desk, template: dict[str, Any]) -> None:
        """X1: a queue that is added must be seen and redriven, too."""
        queues = {
            name.removesuffix("Queue").lower()
            for name, resource in template["Resources"].items()
            if resource["Type"] == "AWS::SQS::Queue" and name.endswith("Queue")
        }

        assert {row["queue"] for row in desk.json("queue", "status")} == queues
        for queue in (*queues, "trainer"):
            assert desk.json("deadletter", "list", "--queue", queue) == []

    def test_what_an_engine_took_of_its_budget(self, desk: Desk) -> None:
        today = datetime.now(UTC)
        purse = DynamoPurse(clients.table(desk.stack.outputs["TicketsTable"]))
        took = Spending(microdollars=12_345, tokens=900, calls=1)
        purse.set_aside("1" * 16, took, Limits(microdollars=99_999, tokens=999), today)

        rows = desk.json("queue", "spent", "--days", "2")
        assert [(row["calls"], row["tokens"], row["dollars"]) for row in rows] == [
            (1, 900, 0.012345),
            (0, 0, 0),
        ]
        assert {row["most"] for row in rows} == {None}
        assert rows[0]["day"] == str(today.date())
        shown = desk.run("queue", "spent").output
        assert "0.01" in shown
        assert "no engine" in shown

    def test_a_stack_of_an_earlier_version_has_no_mail_queue(self) -> None:
        outputs = {f"{name}QueueUrl": "" for name in ("Intake", "Escalation")}
        letters = {f"{name}DeadLettersUrl": "" for name in ("Intake", "Escalation", "Trainer")}
        parts = Parts(resources=Resources.of_outputs({}))
        earlier = AgentsDesk(
            outputs=outputs | letters, parts=parts, agent=lambda: ADA, clock=lambda: MORNING
        )

        assert earlier.queues == ("intake", "escalation")
        assert earlier.dead_letters == ("intake", "escalation", "trainer")


class TestDeadLetters:
    @pytest.mark.parametrize(
        ("queue", "body", "ticket_id"),
        [
            ("mail", '{"Records": [{"s3": {"object": {"key": "inbound/a"}}}]}', None),
            ("outbox", '{"mail": "0000000000000009.2"}', "0000000000000009"),
            ("files", '{"Records": [{"s3": {"object": {"key": "attachments/0/1"}}}]}', None),
            ("escalation", '{"ticket": "0000000000000009"}', "0000000000000009"),
            ("intake", '{"ticket": "0000000000000009"}', "0000000000000009"),
            ("drafts", '{"ticket": "0000000000000009"}', "0000000000000009"),
        ],
    )
    def test_what_failed_is_sent_again_as_it_was_to_its_own_queue(
        self, desk: Desk, queue: str, body: str, ticket_id: str | None
    ) -> None:
        """X1, M16."""
        desk.received(9)
        poison(desk, f"{queue.title()}DeadLettersUrl", body)

        (letter,) = desk.json("deadletter", "list", "--queue", queue)
        assert (letter["queue"], letter["ticket"]) == (queue, ticket_id)
        desk.run("deadletter", "redrive", "--all", "--yes", "--queue", queue)
        assert desk.stack.take_messages(f"{queue.title()}QueueUrl") == [body]
        assert desk.json("deadletter", "list") == []

    def test_looking_leaves_them_and_redriving_twice_is_harmless(self, desk: Desk) -> None:
        """X1, R14: redrivable, and safe to repeat."""
        ticket_id = desk.received(9)
        poison(desk, "IntakeDeadLettersUrl")
        poison(desk, "EscalationDeadLettersUrl", "\x1b[31mno json")
        letters = desk.json("deadletter", "list")
        assert [(each["queue"], each["ticket"]) for each in letters] == [
            ("intake", ticket_id),
            ("escalation", None),
        ]
        assert desk.json("deadletter", "show", ticket_id)["fault"] is None
        assert "\x1b" not in desk.run("deadletter", "show", letters[1]["id"]).output

        dry = desk.json("deadletter", "redrive", ticket_id, "--dry-run")
        assert len(dry) == 1
        assert desk.stack.queue_depth("IntakeQueueUrl") == 0
        assert len(desk.json("deadletter", "redrive", ticket_id)) == 1
        assert desk.stack.queue_depth("IntakeQueueUrl") == 1
        assert desk.stack.queue_depth("EscalationDeadLettersUrl") == 1
        again = desk.run("deadletter", "redrive", ticket_id)
        assert (again.exit_code, desk.stack.queue_depth("IntakeQueueUrl")) == (3, 1)

    def test_discarding_asks_first(self, desk: Desk) -> None:
        poison(desk, "IntakeDeadLettersUrl")
        poison(desk, "TrainerDeadLettersUrl", "{}")
        assert desk.run("deadletter", "discard", "--all").exit_code == 2
        assert desk.run("deadletter", "discard").exit_code == 2
        assert desk.run("deadletter", "discard", "--all", "nonsense").exit_code == 2
        assert len(desk.json("deadletter", "discard", "--all", "--dry-run")) == 2
        assert len(desk.json("deadletter", "list")) == 2
        assert len(desk.json("deadletter", "discard", "--all", "--yes")) == 2
        assert desk.json("deadletter", "list") == []


ARTICLE = """
intent: gift_wrapping
title: Do you wrap gifts?
answer: We do, for two euros.
category: ORDER
department: orders
utterances: [do you sell gift wrapping, wrap it]
"""


class TestKnowledge:
    def test_every_version_is_kept_and_can_be_gone_back_to(
        self, desk: Desk, tmp_path: Path
    ) -> None:
        """T13, R16: an edit is in force at once."""
        file = tmp_path / "article.yaml"
        file.write_text(ARTICLE)
        added = desk.json("knowledge", "add", "gift_wrapping", "--file", str(file))
        assert (added["version"], added["by"], added["note"]) == (1, "ada", "added")
        assert desk.run("knowledge", "add", "gift_wrapping", "--file", str(file)).exit_code == 5

        file.write_text(ARTICLE.replace("two", "three"))
        edit = desk.run("knowledge", "edit", "gift_wrapping", "--file", str(file), "--yes")
        assert "-answer: We do, for two euros." in edit.stderr
        assert "+answer: We do, for three euros." in edit.stderr
        shown = desk.json("knowledge", "show", "gift_wrapping")
        assert (shown["answer"], shown["version"]) == ("We do, for three euros.", 2)
        old = desk.json("knowledge", "show", "gift_wrapping", "--version", "1")
        assert old["answer"] == "We do, for two euros."

        desk.json("knowledge", "rollback", "gift_wrapping", "--yes")
        assert desk.json("knowledge", "show", "gift_wrapping")["answer"] == old["answer"]
        desk.json("knowledge", "remove", "gift_wrapping", "--yes")
        assert desk.run("knowledge", "show", "gift_wrapping").exit_code == 3
        desk.json("knowledge", "rollback", "gift_wrapping", "--to", "2", "--yes")
        history = desk.json("knowledge", "history", "gift_wrapping")
        assert [(each["version"], each["note"]) for each in history] == [
            (1, "added"),
            (2, "edited"),
            (3, "rolled back to version 1"),
            (4, "removed"),
            (5, "rolled back to version 2"),
        ]

    def test_an_article_that_was_only_loaded_can_be_gone_back_to(
        self, desk: Desk, tmp_path: Path
    ) -> None:
        before = desk.json("knowledge", "show", "refund")["answer"]
        file = tmp_path / "refund.yaml"
        file.write_text(ARTICLE.replace("gift_wrapping", "refund"))
        desk.json("knowledge", "edit", "refund", "--file", str(file), "--yes")
        desk.json("knowledge", "rollback", "refund", "--yes")

        assert desk.json("knowledge", "show", "refund")["answer"] == before

    def test_an_edit_that_changes_nothing_makes_no_version(
        self, desk: Desk, tmp_path: Path
    ) -> None:
        file = tmp_path / "article.yaml"
        file.write_text(ARTICLE)
        desk.run("knowledge", "add", "gift_wrapping", "--file", str(file))

        assert desk.json("knowledge", "edit", "gift_wrapping", "--file", str(file)) is None
        assert len(desk.json("knowledge", "history", "gift_wrapping")) == 1

    @pytest.mark.parametrize(
        ("change", "fault"),
        [
            (("title:", "titel:"), "unknown field titel"),
            (("We do, for two euros.", "Dear {{name}}"), "placeholder"),
            (("wrap it", "I have a question about refund"), "utterance of both"),
            (("[do you sell gift wrapping, wrap it]", "[]"), "needs utterances"),
            (("intent: gift_wrapping", "intent: other"), "is for 'other'"),
            (("title: Do", "title: [Do"), "expected"),
        ],
    )
    def test_what_must_not_reach_a_customer_is_refused(
        self, desk: Desk, tmp_path: Path, change: tuple[str, str], fault: str
    ) -> None:
        file = tmp_path / "article.yaml"
        file.write_text(ARTICLE.replace(*change))
        result = desk.run("knowledge", "add", "gift_wrapping", "--file", str(file))

        assert result.exit_code == 2
        assert fault in result.stderr
        assert len(result.stderr.splitlines()) == 1

    @pytest.mark.parametrize("form", ["json", "jsonl", "csv"])
    def test_what_was_exported_can_be_imported(self, desk: Desk, tmp_path: Path, form: str) -> None:
        file = tmp_path / f"articles.{form}"
        assert desk.run("knowledge", "export", "--format", form, "--to", str(file)).exit_code == 0
        desk.json("knowledge", "remove", "refund", "--yes")
        dry = desk.json("knowledge", "import", str(file), "--dry-run")
        assert (dry["added"], dry["done"]) == (["refund"], False)
        assert desk.run("knowledge", "show", "refund").exit_code == 3

        done = desk.json("knowledge", "import", str(file), "--yes")
        assert (done["added"], done["unchanged"]) == (["refund"], ["gift_card"])
        again = desk.json("knowledge", "import", str(file), "--yes")
        assert (again["added"], again["changed"]) == ([], [])
        assert len(desk.json("knowledge", "export")) == 2

    def test_facts_are_exported_beside_articles(self, desk: Desk) -> None:
        desk.json("knowledge", "fact", "set", "return_days", "30 days")

        assert desk.json("knowledge", "export")[-1] == {"facts": {"return_days": "30 days"}}

    def test_moving_in_from_rasa(self, desk: Desk, tmp_path: Path) -> None:
        nlu, domain = tmp_path / "nlu.yml", tmp_path / "domain.yml"
        nlu.write_text(
            'version: "3.1"\nnlu:\n- intent: greet\n  examples: |\n    - hey\n    - hello there\n'
            "- intent: refund\n  examples: |\n    - my [blender](product) money back\n"
            '    - refund order [12345]{"entity": "order"}\n'
            "- intent: mood_unhappy\n  examples: |\n    - sad\n"
            "- synonym: x\n  examples: |\n    - y\n"
        )
        domain.write_text("responses:\n  utter_greet:\n  - text: Hey! How are you?\n")
        result = desk.run("knowledge", "import", str(nlu), str(domain), "--yes", "-o", "json")

        assert "left out, because they have no answer: mood_unhappy" in result.stderr
        done = json.loads(result.stdout)
        assert (done["added"], done["changed"]) == (["greet"], ["refund"])
        assert desk.json("knowledge", "show", "greet")["answer"] == "Hey! How are you?"
        assert desk.json("knowledge", "show", "refund")["utterances"] == [
            "i have a question about refund",
            "my blender money back",
            "refund order 12345",
        ]

    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("a.json", "{"),
            ("a.csv", "intent\nx\n"),
            ("a.xlsx", ""),
            ("a.yaml", "- 1"),
            ("a.jsonl", "7"),
        ],
    )
    def test_a_file_that_is_no_knowledge_is_refused_and_named(
        self, desk: Desk, tmp_path: Path, name: str, text: str
    ) -> None:
        (tmp_path / name).write_text(text)
        result = desk.run("knowledge", "import", str(tmp_path / name), "--yes")

        assert result.exit_code == 2
        assert name in result.stderr
        assert len(result.stderr.splitlines()) == 1

    def test_listing(self, desk: Desk) -> None:
        assert [each["intent"] for each in desk.json("knowledge", "list", "--text", "GIFT")] == [
            "gift_card"
        ]
        assert "refund" in desk.run("knowledge", "list").stdout


class TestFigures:
    def test_today(self, desk: Desk) -> None:
        midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        desk.now = midnight + timedelta(minutes=1)
        waiting, gone = desk.escalated(1), desk.escalated(2)
        desk.escalated(3, decision=Answer(an_article("refund")))
        desk.now = datetime.now(UTC)
        desk.json("ticket", "claim", waiting)
        desk.json("ticket", "reply", waiting, "Done.")
        desk.json("ticket", "claim", gone)
        desk.json("ticket", "close", gone)
        desk.json("ticket", "reopen", gone)
        stats = desk.json("stats")

        assert {name: stats[name] for name in ("received", "escalated", "replied", "closed")} == {
            "received": 3,
            "escalated": 3,
            "replied": 1,
            "closed": 1,
        }
        assert (stats["answered_automatically"], stats["reopened"]) == (1, 1)
        assert stats["reasons"] == {"out_of_scope": 2, "reopened": 1}
        assert stats["agents"] == {"ada": 1}
        assert stats["intents"] == [{"intent": "refund", "answered": 1, "escalated": 3}]
        assert stats["agent_reply"]["replies"] == 1
        assert "1 (25% of what was settled)" in desk.run("stats").stdout
        nothing = desk.json("stats", "--since", "2020-01-01", "--until", "2020-01-02")
        assert nothing["received"] == 0
        assert desk.run("stats", "--since", "2020-01-02", "--until", "2020-01-01").exit_code == 2

    def test_the_figures_of_days(self, desk: Desk) -> None:
        """M19: the sums are the list's; M18: an update changes them."""
        shelf = DynamoFigures(clients.table(desk.stack.outputs["TicketsTable"]))
        never = desk.json("stats", "--days", "90")
        assert (never["counted_at"], never["tickets"]["number"]) == (None, 0)
        assert "counted never" in desk.run("stats", "--days", "1").stdout
        desk.escalated(1, "My lawyer will sue you")
        desk.escalated(2)
        desk.escalated(3, decision=Answer(an_article("refund")))
        shelf.fault(Fault(desk.now, "ValueError"))
        for kind, outcome in ((Kind.MAIL, "submitted"), (Kind.FILES, "read")):
            shelf.add(kind, outcome, desk.now)

        def counted() -> Any:
            desk.now = datetime.now(UTC)
            keep(days=shelf, events=desk.tickets, clock=lambda: desk.now)
            return desk.json("stats", "--days", "90")

        found = counted()
        assert found["tickets"]["status"] == {"escalated": 2, "answered": 1}
        listed = desk.json("ticket", "list", "--state", "all")["items"]
        for name in ("status", "category", "priority", "level", "channel", "language", "team"):
            assert sum(found["tickets"][name].values()) == len(listed) == 3
        assert found["tickets"]["level"] == {"0": 2, "3": 1}
        assert found["mail"]["errors"][0]["fault"] == "ValueError"
        desk.json("ticket", "claim", an_id(2))
        desk.json("ticket", "close", an_id(2))
        assert counted()["tickets"]["status"] == {"answered": 1, "closed": 1, "escalated": 1}

        said = desk.run("stats", "--days", "90").stdout
        for words in ("0 (0.0%)", "1 processed", "1 kept, 1 read, 0 refused", "ValueError"):
            assert words in said
        assert desk.run("stats", "--days", "0").exit_code == 2
        assert desk.run("stats", "--days", "9", "--since", "2020-01-01").exit_code == 2


class TestConfig:
    def test_defaults_of_ones_own(self, desk: Desk) -> None:
        desk.json("config", "set", "output", "jsonl")
        desk.escalated(1)
        assert json.loads(desk.run("ticket", "list").stdout)
        assert desk.json("config", "get", "output")["value"] == "json"
        (origin,) = [
            each["origin"] for each in desk.json("config", "list") if each["name"] == "stack-name"
        ]
        assert origin == "default"
        desk.json("config", "unset", "output")
        assert desk.run("ticket", "list").stdout.startswith("ticket ")
        assert desk.run("config", "set", "output", "xml").exit_code == 2

    def test_a_broken_file_is_named(self, desk: Desk) -> None:
        path = desk.home / "config/helpdesk/config.toml"
        path.parent.mkdir(parents=True)
        path.write_text("output = ")
        result = desk.run("ticket", "list")

        assert (result.exit_code, "config.toml is not valid TOML" in result.stderr) == (1, True)


class TestRefusals:
    """Each is one clear line on stderr that says what to do, and the right exit code."""

    @pytest.mark.parametrize(
        ("words", "code"),
        [
            (("ticket", "show", "9999999999999999"), 3),
            (("ticket", "show", "../../etc/passwd"), 3),
            (("ticket", "claim", "9999999999999999"), 3),
            (("ticket", "reply", "9999999999999999", "Done."), 3),
            (("ticket", "history", "9999999999999999"), 3),
            (("ticket", "reply", "{answered}", "Done."), 5),
            (("ticket", "claim", "{answered}"), 5),
            (("ticket", "reopen", "{escalated}"), 5),
            (("ticket", "release", "{escalated}"), 5),
            (("ticket", "snooze", "{escalated}", "--for", "2h"), 5),
            (("ticket", "snooze", "{escalated}"), 2),
            (("ticket", "snooze", "{escalated}", "--for", "soon"), 2),
            (("ticket", "snooze", "{escalated}", "--until", "someday"), 2),
            (("ticket", "transfer", "{escalated}"), 2),
            (("ticket", "note", "{escalated}", " "), 2),
            (("ticket", "reply", "{escalated}", "x", "--canned", "y"), 2),
            (("ticket", "reply", "{escalated}", "--draft"), 3),
            (("ticket", "reply", "{escalated}", "--suggestion", "9"), 3),
            (("ticket", "reply", "{escalated}", "--canned", "nonsense"), 3),
            (("ticket", "dance"), 2),
            (("ticket", "list", "--limit", "0"), 2),
            (("deadletter", "show", "nonsense"), 3),
            (("knowledge", "show", "nonsense"), 3),
            (("knowledge", "history", "nonsense"), 3),
            (("knowledge", "rollback", "refund", "--to", "9", "--yes"), 3),
            (("knowledge", "rollback", "refund", "--yes"), 3),
            (("knowledge", "remove", "refund"), 2),
            (("knowledge", "edit", "refund"), 2),
            (("text", "show", "nonsense"), 2),
            (("text", "show", "danger", "--language", "de"), 3),
            (("text", "set", "danger", "Dear [Customer Name]"), 2),
            (("text", "set", "danger", " "), 2),
            (("canned", "show", "nonsense"), 3),
            (("canned", "set", "No Name", "x"), 2),
            (("schema", "nonsense"), 2),
            (("inbox",), 2),
            (("nonsense",), 2),
            (("--stack-name", "nonsense", "ticket", "list"), 3),
            (("ticket", "list", "--profile", "nonsense"), 2),
            (("ticket", "list", "--endpoint-url", "nonsense"), 2),
        ],
    )
    def test_bad_input(self, desk: Desk, words: tuple[str, ...], code: int) -> None:
        ids = {
            "escalated": desk.escalated(1),
            "answered": desk.escalated(2, decision=Answer(an_article("refund"))),
        }
        result = desk.run(*(word.format(**ids) for word in words))

        assert (result.exit_code, result.stdout) == (code, ""), result.exception
        said = [line for line in result.stderr.splitlines() if "your text is kept" not in line]
        told = [line for line in said if not line.startswith(("Usage:", "Try '")) and line]
        assert len(told) == 1

    @pytest.mark.parametrize(
        ("answer", "code", "said"),
        [
            (
                "AccessDeniedException",
                4,
                "you are not allowed to Query; ask for the stack's policy",
            ),
            ("ExpiredTokenException", 4, "your AWS session is over; log in again"),
            ("UnrecognizedClientException", 4, "AWS does not know these credentials"),
            ("ThrottlingException", 1, "AWS got too many requests; nothing was changed"),
            ("ProvisionedThroughputExceededException", 1, "AWS got too many requests"),
            ("ResourceNotFoundException", 1, "run `helpdesk doctor`"),
            ("InternalServerError", 1, "Query failed: InternalServerError"),
        ],
    )
    def test_what_aws_refuses(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch, answer: str, code: int, said: str
    ) -> None:
        refusing(monkeypatch, ClientError({"Error": {"Code": answer, "Message": "no"}}, "Query"))
        result = desk.run("ticket", "list")

        assert (result.exit_code, result.stdout) == (code, "")
        assert said in result.stderr
        assert len(result.stderr.splitlines()) == 1

    def test_who_is_no_lead_and_erases(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        ticket_id = desk.escalated(1)
        call = BaseClient._make_api_call

        def judged(self: BaseClient, operation: str, given: Any) -> Any:
            if operation == "TransactWriteItems":
                answer = {"Code": "AccessDeniedException", "Message": "dynamodb:DeleteItem"}
                raise ClientError({"Error": answer}, operation)
            return call(self, operation, given)

        monkeypatch.setattr(BaseClient, "_make_api_call", judged)
        result = desk.run("ticket", "erase", ticket_id, "--yes")

        assert (result.exit_code, result.stdout) == (4, "")
        assert "you are not allowed to TransactWriteItems" in result.stderr
        assert len(result.stderr.splitlines()) == 1
        assert desk.ticket(ticket_id).id == ticket_id

    @pytest.mark.parametrize(
        ("error", "code", "said"),
        [
            (exceptions.NoCredentialsError(), 4, "no AWS credentials; log in"),
            (exceptions.NoRegionError(), 2, "no AWS region; add --region"),
            (
                exceptions.EndpointConnectionError(endpoint_url="http://x"),
                1,
                "does not answer (EndpointConnectionError); check --endpoint-url",
            ),
            (exceptions.ReadTimeoutError(endpoint_url="http://x"), 1, "does not answer"),
            (exceptions.ConnectionClosedError(endpoint_url="http://x"), 1, "does not answer"),
            (exceptions.UnauthorizedSSOTokenError(), 4, "no AWS credentials; log in"),
        ],
    )
    def test_what_keeps_a_call_from_aws(
        self,
        desk: Desk,
        monkeypatch: pytest.MonkeyPatch,
        error: exceptions.BotoCoreError,
        code: int,
        said: str,
    ) -> None:
        refusing(monkeypatch, error)
        ticket_id = an_id(1)
        result = desk.run("ticket", "reply", ticket_id, "Dear Kim, done.")

        assert (result.exit_code, result.stdout) == (code, "")
        assert said in result.stderr
        assert desk.draft(ticket_id) == "Dear Kim, done."

    def test_a_name_of_ones_own_is_for_emulators(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("agent_cli.session.NOT_AWS", "000000000000")
        refused = desk.run("ticket", "next", agent="somebody_else")
        assert (refused.exit_code, "are for emulators" in refused.stderr) == (4, True)

        desk.escalated(1)
        taken = desk.json("ticket", "next", agent=None)
        assert taken["lease"]["agent"] == "moto"

    def test_the_doctor_names_what_is_wrong(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        poison(desk, "IntakeDeadLettersUrl")
        result = desk.run("doctor", "-o", "json")
        checks = json.loads(result.stdout)
        jsonschema.validate(checks, SCHEMAS["doctor"])

        assert result.exit_code == 1
        assert {check["name"] for check in checks if not check["ok"]} == {"model", "dead letters"}
        assert all(check["advice"] for check in checks if not check["ok"])
        refusing(monkeypatch, exceptions.NoCredentialsError())
        unwell = json.loads(desk.run("doctor", "-o", "json").stdout)
        assert "log in" in unwell[0]["advice"]


def refusing(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """Let every call to AWS fail."""

    def fail(*args: Any, **kwargs: Any) -> None:
        raise error

    monkeypatch.setattr(BaseClient, "_make_api_call", fail)


class TestHelp:
    def commands(self) -> Iterator[tuple[str, click.Command]]:
        return self._under(main, "")

    def _under(self, group: click.Group, path: str) -> Iterator[tuple[str, click.Command]]:
        context = click.Context(group, info_name="helpdesk")
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            assert command
            yield f"{path}{name}", command
            if isinstance(command, click.Group):
                yield from self._under(command, f"{path}{name} ")

    def test_every_command_has_an_example_that_can_be_typed(self) -> None:
        for name, command in self.commands():
            text = command.help or ""
            noun = name.split(" ", maxsplit=1)[0]
            assert f"helpdesk {noun}" in text, name

    def test_every_command_that_prints_data_has_a_schema(self) -> None:
        verbs = {n for n, command in self.commands() if not isinstance(command, click.Group)}

        assert set(SCHEMAS) == verbs - {"inbox", "schema"}

    def test_schemas_are_printed(self, desk: Desk) -> None:
        printed = json.loads(desk.run("schema", "ticket", "list").stdout)
        assert printed == SCHEMAS["ticket list"]
        jsonschema.Draft202012Validator.check_schema(printed)
        assert json.loads(desk.run("schema").stdout) == SCHEMAS

    def test_version_and_completion(self, desk: Desk) -> None:
        assert desk.run("--version").stdout.startswith("helpdesk, version ")
        words = {"COMP_WORDS": "helpdesk ticket cl", "COMP_CWORD": "2"}
        result = desk.run(_HELPDESK_COMPLETE="bash_complete", **words)
        assert {line.split(",")[1] for line in result.stdout.splitlines()} == {"claim", "close"}
