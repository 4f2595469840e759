"""Agents at a real stack: a day by commands, a day in the inbox, and what comes in between."""

import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Self

import jsonschema
import pytest
import requests
from helpdesk.aws import clients
from helpdesk.aws.queues import SqsQueue
from helpdesk.drafting import Draft
from helpdesk.evidence import Origin
from helpdesk.mail import Delivery, Verdict, received_block
from helpdesk.settings import NO_DOMAIN
from helpdesk.ticket import Move, Source, State

from agent_cli import articles
from agent_cli.commands.schema import all_schemas
from infra.local.mail import PASSING
from infra.local.up import agent_environment
from infra.proving.race import run as race
from infra.proving.race import waiting_ticket
from infra.teaching import encoders
from tests import evaluated as labelled
from tests.e2e.conftest import Scene, wait_until
from tests.fakes import an_article
from tests.tickets import a_draft

pytestmark = pytest.mark.e2e

SCHEMAS = all_schemas()

SHORT = 10
"""Seconds of a lease that is waited for: enough for one command on a busy machine."""

DOOMED = Path(__file__).parent / "doomed.py"


@pytest.fixture
def desk(scene: Scene, tmp_path: Path) -> "Desk":
    found = Desk(scene, tmp_path)
    found.clear()
    return found


class Desk:
    """The running stack as an agent's shell sees it; `typed` are the commands that were run."""

    def __init__(self, scene: Scene, home: Path) -> None:
        self.scene, self.home = scene, home
        self.typed: set[str] = set()
        stack = scene.stack
        sqs = clients.sqs(stack.session, endpoint_url=stack.endpoint_url)
        self.queue = SqsQueue(sqs, stack.outputs["EscalationQueueUrl"])

    def environment(self, name: str = "ada", **more: str) -> dict[str, str]:
        own = {"HELPDESK_AGENT": name, "XDG_STATE_HOME": str(self.home), "COLUMNS": "100"}
        own["XDG_CONFIG_HOME"] = str(self.home)
        return os.environ | agent_environment(self.scene.stack) | own | more

    def run(self, *words: str, agent: str = "ada", doom: int = 0, lease: int = 900, **more: str):
        """Run a command, in a process that dies before its AWS call number `doom`."""
        return subprocess.run(
            [sys.executable, str(DOOMED), str(doom), str(lease), *words],
            env=self.environment(agent, **more),
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )

    def json(self, *words: str, agent: str = "ada", lease: int = 900):
        """Run a command for a script; its data must fit the published schema, and nothing else."""
        form = "jsonl" if words[:2] == ("ticket", "tail") else "json"
        done = self.run(*words, "-o", form, agent=agent, lease=lease)
        assert done.returncode == 0, done.stderr
        name = next(" ".join(words[:n]) for n in (3, 2, 1) if " ".join(words[:n]) in SCHEMAS)
        self.typed.add(name)
        rows = [json.loads(line) for line in done.stdout.splitlines()] if form == "jsonl" else []
        data = rows if form == "jsonl" else json.loads(done.stdout)
        for each in rows or [data]:
            jsonschema.validate(each, SCHEMAS[name])
        return data

    def waiting(
        self, text: str = "Would you sponsor our football club?", draft: Draft | None = None
    ) -> str:
        return waiting_ticket(self.scene.tickets, self.queue, text, draft)

    def clear(self) -> None:
        """Close the tickets that earlier stories left, as the agents who hold them."""
        for row in self.json("ticket", "list", "--state", "open")["items"]:
            owner = row["owner"] or "ada"
            self.json("ticket", "claim", row["id"], agent=owner)
            self.json("ticket", "close", row["id"], agent=owner)

    def replies(self, ticket_id: str) -> list[str]:
        conversation = self.scene.tickets.conversation(ticket_id)
        assert conversation
        return [said.text for said in conversation.messages if said.source is Source.AGENT]

    def lease_is_over(self, ticket_id: str) -> None:
        time.sleep(0.1)
        found = self.scene.tickets.get(ticket_id)
        if found and found.lease:
            wait_until(lambda: time.time() > found.lease.until.timestamp() + 1.1)


def test_a_days_work_by_commands_alone(desk: Desk) -> None:
    """Every verb, as it is typed, against the deployed stack; its data as published."""
    assert all(check["ok"] for check in desk.json("doctor"))
    _agents_day(desk)
    _reviewing(desk)
    _shops_records(desk)
    _arranging(desk)
    _leads_day(desk)
    _leads_judge(desk)
    _customers(desk)
    _incident(desk)
    _mails(desk)
    _console(desk)
    _channels(desk)
    assert desk.typed == set(SCHEMAS)


def _agents_day(desk: Desk) -> None:
    first, second, third, fourth = (desk.waiting() for _ in range(4))
    urgent = desk.waiting("My lawyer will sue you, it caught fire")
    assert desk.json("ticket", "list")["items"][0]["id"] == urgent
    assert desk.json("ticket", "next")["ticket"]["id"] == urgent
    desk.json("ticket", "note", urgent, "Called legal.")
    desk.json("ticket", "reply", urgent, "A colleague calls you within the hour.")
    desk.json("ticket", "claim", first)
    desk.json("ticket", "release", first)
    desk.json("ticket", "claim", second)
    desk.json("ticket", "transfer", second, "--to", "bob", "--note", "yours")
    assert desk.json("ticket", "claim", second, agent="bob")["notes"][0]["text"] == "yours"
    desk.json("ticket", "claim", third)
    desk.json("ticket", "snooze", third, "--for", "1m")
    desk.json("ticket", "claim", fourth)
    desk.json("ticket", "close", fourth, "--note", "Spam.")
    desk.json("ticket", "reopen", fourth)
    moves = [event["move"] for event in desk.json("ticket", "history", fourth)]
    assert moves[-3:] == ["claimed", "closed", "reopened"]
    tail = desk.json("ticket", "tail", "--since", "1h", "--for", "0m")
    assert len([event for event in tail if event["ticket_id"] == urgent]) == 5
    assert desk.json("ticket", "show", urgent)["ticket"]["state"] == "answered"
    stats = desk.json("stats")
    assert stats["agents"]["ada"] >= 1
    assert stats["reopened"] >= 1
    desk.json("config", "set", "region", "us-east-1")
    assert desk.json("config", "get", "region")["value"] == "us-east-1"
    assert "region" in {row["name"] for row in desk.json("config", "list")}
    desk.json("config", "unset", "region")


def _shops_records(desk: Desk) -> None:
    """A lead brings in orders, looks at those of a customer, and has them forgotten."""
    orders = desk.home / "orders.csv"
    orders.write_text("customer,number,status\nivy@orders.example,77001,shipped\n")
    done = desk.json("records", "import", str(orders), "--yes")
    assert (done["customers"], done["orders"], done["done"]) == (1, 1, True)
    shown = desk.json("records", "show", "ivy@orders.example")
    assert [each["number"] for each in shown["orders"]] == ["77001"]
    desk.json("records", "forget", "ivy@orders.example", "--yes")
    assert desk.run("records", "show", "ivy@orders.example").returncode != 0
    assert {row["calls"] for row in desk.json("queue", "spent")} == {0}


def _reviewing(desk: Desk) -> None:
    """Of two drafts one is sent and one is dismissed; no article stands behind them."""
    (cited,) = a_draft().evidence
    draft = a_draft(evidence=(replace(cited, origin=Origin.DOCUMENT, id="document:returns:1"),))
    approved, dismissed = desk.waiting(draft=draft), desk.waiting(draft=draft)
    listed = {row["id"]: row["draft"] for row in desk.json("ticket", "review")["items"]}
    assert (listed[approved], listed[dismissed]) == (2, 2)
    assert desk.json("ticket", "approve", approved, "2")["state"] == "answered"
    assert desk.replies(approved) == [draft.text]
    assert desk.json("ticket", "dismiss", dismissed, "2")["draft"] is None
    assert dismissed not in {row["id"] for row in desk.json("ticket", "review")["items"]}
    desk.json("ticket", "claim", dismissed)
    desk.json("ticket", "close", dismissed)


def _arranging(desk: Desk) -> None:
    kim = ("--email", "kim@example.com")
    root = desk.json("ticket", "new", "Where is my sofa?", *kim, "--received", "yesterday 9")
    other = desk.json("ticket", "new", "The blue sofa!", *kim, "--reference", "C-17")
    ids = [each["ticket"]["id"] for each in (root, other)]
    assert desk.json("ticket", "tag", *ids, "--add", "sofa", "--yes")[0]["tags"] == ["sofa"]
    assert desk.json("ticket", "merge", ids[1], "--into", ids[0])["merged"] == [ids[1]]
    assert desk.json("ticket", "split", ids[1])["state"] == "escalated"
    found = desk.json("ticket", "search", "sofa")["items"]
    assert {row["id"] for row in found} == set(ids)
    sheet = desk.home / "sofas.csv"
    desk.json("ticket", "export", "--tag", "sofa", "--format", "csv", "--to", str(sheet))
    assert all(each in sheet.read_text() for each in ids)
    assert desk.json("ticket", "spam", ids[1])[0]["state"] == "closed"
    desk.json("ticket", "claim", ids[0])
    desk.json("ticket", "reply", ids[0], "On Monday.")


def _incident(desk: Desk) -> None:
    """Five customers ask about the same error, and one reply goes to all."""
    said = "Your shop only shows error 502"
    new = [
        desk.json("ticket", "new", f"{said} {n}", "--email", f"c{n}@x.example") for n in range(5)
    ]
    ids = {each["ticket"]["id"] for each in new}
    listed = desk.json("incident", "list", "--hours", "1")["incidents"]
    (found,) = [each for each in listed if each["id"] in ids]
    assert (found["customers"], found["waiting"]) == (5, 5)
    shown = desk.json("incident", "show", new[2]["ticket"]["id"])
    assert {each["id"] for each in shown["tickets"]} == ids
    reply = ("incident", "reply", found["id"], "--text", "It is back.", "--yes")
    assert {each["outcome"] for each in desk.json(*reply)} == {"replied"}
    assert {each["outcome"] for each in desk.json(*reply)} == {"has_it"}
    assert [desk.replies(each) for each in ids] == [["It is back."]] * 5


def _customers(desk: Desk) -> None:
    shown = desk.json("customer", "show", "C-17")
    assert "kim@example.com" in json.dumps(shown)
    desk.json("customer", "export", "kim@example.com", "--to", str(desk.home / "kim"))
    work = desk.json("ticket", "new", "And the lamp?", "--email", "kim@work.example")
    desk.json("ticket", "spam", work["ticket"]["id"])
    why = ("--reason", "the same phone number")
    desk.json("customer", "join", "kim@example.com", "kim@work.example", *why)
    desk.json("customer", "separate", "kim@example.com", "kim@work.example", *why)
    desk.json("customer", "gather", "--days", "1")
    assert "danger" in {row["name"] for row in desk.json("text", "list")}
    before = desk.json("text", "show", "danger")["version"]
    assert desk.json("text", "set", "danger", "Please call 112 now.")["version"] == before + 1
    assert desk.json("text", "history", "danger")[-1]["text"] == "Please call 112 now."


def _mails(desk: Desk) -> None:
    """A mail is held as spam and released; one that left lies in a folder."""
    delivery = Delivery(
        id="spam1",
        sender="sam@example.com",
        recipient=f"support@{NO_DOMAIN}",
        client="192.0.2.7",
        helo="example.com",
        at=datetime.now(UTC),
    )
    block = received_block(delivery, replace(PASSING, spam=Verdict.FAIL))
    raw = block + b"From: sam@example.com\r\nSubject: Win\r\n\r\nWin a sponsored club now\r\n"
    stack = desk.scene.stack
    s3 = stack.client("s3")
    s3.put_object(Bucket=stack.outputs["MailBucket"], Key="inbound/spam1", Body=raw)
    wait_until(lambda: desk.json("mail", "quarantine"))
    assert len(desk.json("mail", "release", "spam1")) == 1
    wait_until(lambda: desk.json("mail", "quarantine") == [])
    left = desk.home / "left"
    left.mkdir()
    sent = "From: support@helpdesk.example\nTo: kim@example.com\nSubject: Re: Lamp\n\nHello\n"
    (left / "0001.eml").write_text(sent)
    folder = ("--folder", str(left))
    assert [each["number"] for each in desk.json("mail", "list", *folder)] == [1]
    assert desk.json("mail", "show", "1", *folder)["text"] == "Hello"
    assert desk.json("ticket", "files", desk.waiting()) == []
    mail = desk.home / "mail.eml"
    mail.write_text("From: kim@example.com\nSubject: Club\n\nWould you sponsor our club?\n")
    trial = desk.json("mail", "test", str(mail))["name"]
    wait_until(lambda: desk.json("mail", "became", trial)["ticket"])
    ticket_id = desk.json("mail", "became", trial)["ticket"]
    (came,) = desk.json("ticket", "mails", ticket_id, "--save", str(left))
    assert Path(came["saved"]).read_bytes().endswith(b"Would you sponsor our club?\n")


def _console(desk: Desk) -> None:
    """The console is opened by its link, its pages answer, and Ctrl-C ends it."""
    command = [sys.executable, str(DOOMED), "0", "900", "web", "--no-open", "-o", "json"]
    with subprocess.Popen(
        command, env=desk.environment(), stdout=subprocess.PIPE, text=True
    ) as console:
        assert console.stdout
        link = json.loads(console.stdout.readline())
        jsonschema.validate(link, SCHEMAS["web"])
        desk.typed.add("web")
        with requests.Session() as browser:
            browser.trust_env = False
            waiting = desk.waiting()
            assert browser.get(link["by_number"], timeout=60).status_code == 200
            base = link["by_number"].partition("/?")[0]
            for page in ("dashboard", "tickets", f"tickets/{waiting}", "knowledge", "operations"):
                answer = browser.get(f"{base}/{page}", timeout=60)
                assert answer.status_code == 200, (page, answer.text)
            assert browser.get(link["by_number"], timeout=60).status_code == 403
        console.send_signal(signal.SIGINT)
        assert console.wait(timeout=30) == 0


def _channels(desk: Desk) -> None:
    """A lead looks who is told, tries a channel out, and switches it on, which it is."""
    found = {row["channel"]: row["state"] for row in desk.json("notify", "list")}
    assert found == {"webhook": "on", "slack": "off", "telegram": "off", "mail": "off"}
    assert desk.json("notify", "test", "webhook")["channel"] == "webhook"
    assert desk.json("notify", "on", "webhook")["state"] == "on"


def _leads_day(desk: Desk) -> None:
    waiting = desk.waiting()
    queues = {row["queue"] for row in desk.json("queue", "status")}
    assert queues == {"intake", "escalation", "mail", "outbox", "files", "notices", "drafts"}
    assert desk.json("deadletter", "list") == []
    stack, letters = desk.scene.stack, desk.scene.stack.outputs["EscalationDeadLettersUrl"]
    for ticket_id in (waiting, "9999999999999999"):
        body = json.dumps({"ticket": ticket_id})
        stack.client("sqs").send_message(QueueUrl=letters, MessageBody=body)
    assert desk.json("deadletter", "show", waiting)["queue"] == "escalation"
    assert len(desk.json("deadletter", "redrive", waiting)) == 1
    assert len(desk.json("deadletter", "discard", "--all", "--yes")) == 1
    assert desk.json("deadletter", "list") == []
    assert desk.json("ticket", "revoke", waiting, "--yes")["id"] == waiting
    assert desk.json("ticket", "erase", waiting, "--yes")
    assert desk.run("ticket", "show", waiting).returncode == 3
    article = desk.home / "article.yaml"
    article.write_text(
        "intent: football_sponsor\ntitle: Do you sponsor clubs?\nanswer: We do not.\n"
        "category: CONTACT\ndepartment: contact\n"
        "utterances: [would you sponsor our football club, sponsorship for our team]\n"
    )
    models = {model["version"] for model in desk.json("model", "list")}
    desk.json("knowledge", "add", "football_sponsor", "--file", str(article))

    def learned() -> bool:
        found = desk.json("model", "list")
        return any(model["in_force"] and model["version"] not in models for model in found)

    wait_until(learned, 600)
    assert desk.json("model", "rollback", "--yes")["version"] in models
    article.write_text(article.read_text().replace("We do not.", "Sadly, we do not."))
    desk.json("knowledge", "edit", "football_sponsor", "--file", str(article), "--yes")
    desk.json("knowledge", "rollback", "football_sponsor", "--yes")
    assert len(desk.json("knowledge", "history", "football_sponsor")) == 3
    assert desk.json("knowledge", "show", "football_sponsor")["answer"].strip() == "We do not."
    assert "football_sponsor" in {row["intent"] for row in desk.json("knowledge", "list")}
    verdict = desk.json("knowledge", "test", "how long does delivery take")
    assert (verdict["prediction"]["decision"], verdict["intent"]) == ("answer", "delivery_period")
    exported = desk.home / "all.json"
    exported.write_text(json.dumps(desk.json("knowledge", "export")))
    desk.json("knowledge", "remove", "football_sponsor", "--yes")
    assert desk.json("knowledge", "import", str(exported), "--yes")["added"] == ["football_sponsor"]
    desk.json("knowledge", "remove", "football_sponsor", "--forget", "--yes")
    planned = desk.json("knowledge", "replace", str(exported), "--dry-run")
    assert (planned["added"], planned["done"]) == (["football_sponsor"], False)
    desk.json("knowledge", "fact", "set", "phone", "030 12")
    assert "phone" in {row["name"] for row in desk.json("knowledge", "fact", "list")}
    desk.json("knowledge", "fact", "remove", "phone", "--yes")
    _leads_papers(desk)
    assert desk.run("knowledge", "lint", "--only", "variables").returncode == 0
    assert desk.json("knowledge", "lint", "--only", "variables") == []
    bea = desk.json("agent", "set", "bea", "--department", "billing")
    assert desk.json("agent", "list") == [bea]
    assert desk.json("agent", "remove", "bea", "--yes") == bea
    desk.json("canned", "set", "sorry", "Dear {name}, we are sorry.")
    assert "sorry" in [each["name"] for each in desk.json("canned", "list")]
    assert desk.json("canned", "show", "sorry")["text"] == "Dear {name}, we are sorry."
    desk.json("canned", "remove", "sorry", "--yes")


def _leads_judge(desk: Desk) -> None:
    """A lead judges a desk of one's own making by labelled conversations, and compares."""
    shop, cases = desk.home / "shop.jsonl", desk.home / "cases.jsonl"
    wraps = ("do you wrap presents", "gift wrapping please", "can you wrap it as a gift")
    refunds = ("i want my money back", "refund please", "when do i get my refund")
    known = (an_article("gift_wrap", utterances=wraps), an_article("refund", utterances=refunds))
    shop.write_text(articles.write(known, "jsonl"))
    cases.write_text(labelled.a_line())
    own = ("evaluate", str(cases), "--local", str(shop), "--encoder", str(encoders.folder()))
    earlier = desk.home / "report.json"
    earlier.write_text(json.dumps(desk.json(*own)))
    again = desk.json(*own, "--against", str(earlier))
    assert again["report"]["errors"] == 0
    assert not [each for each in again["changes"] if each["fixed"] or each["broken"]]


def _leads_papers(desk: Desk) -> None:
    """A lead brings in a document and a reply for drafts, looks at them, and takes them away."""
    handbook = desk.home / "handbook.md"
    handbook.write_text("# The house\n\nThe house is old. Ask {{name}}.\n")
    (done,) = desk.json("knowledge", "document", "import", str(handbook), "--yes")
    assert (done["document"]["passages"], len(done["left_out"]), done["done"]) == (1, 1, True)
    assert "handbook" in {row["name"] for row in desk.json("knowledge", "document", "list")}
    shown = desk.json("knowledge", "document", "show", "handbook")
    assert shown["passages"][0]["text"] == "The house is old."
    desk.json("knowledge", "document", "forget", "handbook", "--yes")
    answered = desk.waiting()
    desk.json("ticket", "claim", answered)
    desk.json("ticket", "reply", answered, "Hold the button until the light is on.")
    adopted = desk.json("knowledge", "reply", "adopt", answered, "--yes")
    assert [each["text"] for each in adopted["passages"]] == [adopted["reply"]["text"]]
    assert answered in {row["ticket"] for row in desk.json("knowledge", "reply", "list")}
    assert len(desk.json("knowledge", "reply", "drop", answered, "--yes")) == 1


@pytest.mark.slow
@pytest.mark.parametrize("verb", ["next", "reply"])
def test_a_terminal_killed_before_any_of_its_calls(desk: Desk, verb: str) -> None:
    """The ticket comes back or the reply stands; never both, never neither."""
    steps = []
    for call in count(1):
        ticket_id = desk.waiting()
        if verb == "next":
            done = desk.run("ticket", "next", doom=call, lease=SHORT)
        else:
            assert desk.json("ticket", "next", lease=SHORT)["ticket"]["id"] == ticket_id
            done = desk.run("ticket", "reply", ticket_id, "From the first.", doom=call)
        steps.append(done.stderr.strip().splitlines()[0])
        assert done.returncode in {0, -signal.SIGKILL}
        if not desk.replies(ticket_id):
            desk.lease_is_over(ticket_id)
            assert desk.json("ticket", "next", agent="bob")["ticket"]["id"] == ticket_id
            desk.json("ticket", "reply", ticket_id, "From the second.", agent="bob")
        assert len(desk.replies(ticket_id)) == 1
        assert desk.scene.tickets.get(ticket_id).state is State.ANSWERED
        if done.returncode == 0:
            break
    assert "dies before TransactWriteItems" in steps
    assert ("dies before DeleteMessage" in steps) == (verb == "reply")

    def settled() -> bool:
        return desk.run("ticket", "next").returncode == 3 and desk.queue.depth() == 0

    wait_until(settled)


@pytest.mark.slow
def test_a_terminal_killed_while_an_agent_types(desk: Desk) -> None:
    """What the editor saved is there afterwards, and offered again."""
    ticket_id = desk.waiting()
    desk.json("ticket", "next")
    editor = desk.home / "editor"
    editor.write_text(
        '#!/bin/sh\nprintf "Half a reply\\n" > "$1.new"\ncat "$1" >> "$1.new"\n'
        'mv "$1.new" "$1"\nkill -9 "$DOOMED"\n'
    )
    editor.chmod(0o755)
    words = ("ticket", "reply", ticket_id, "--edit", "--canned", "begin")
    desk.json("canned", "set", "begin", "Hello.")
    done = desk.run(*words, EDITOR=str(editor), VISUAL=str(editor))
    assert done.returncode == -signal.SIGKILL

    desk.json("ticket", "claim", ticket_id)
    desk.json("ticket", "reply", ticket_id, "--draft")
    assert desk.replies(ticket_id) == ["Half a reply\nHello."]
    desk.json("canned", "remove", "begin", "--yes")


@pytest.mark.slow
def test_purged_messages_are_back_within_the_reconcilers_period(desk: Desk) -> None:
    """The queue loses everything; the tickets wait on, are served, and get messages again."""
    ids = {desk.waiting() for _ in range(5)}
    stack = desk.scene.stack
    stack.client("sqs").purge_queue(QueueUrl=stack.outputs["EscalationQueueUrl"])
    wait_until(lambda: desk.queue.depth() == 0)
    served = desk.json("ticket", "next")["ticket"]["id"]
    assert served in ids
    desk.json("ticket", "reply", served, "Done.")

    # Tickets that the terminal moved wait for the default patience of two minutes.
    wait_until(lambda: desk.queue.depth() >= 4, seconds=240)
    for _ in range(4):
        taken = desk.json("ticket", "next")
        assert taken["ticket"]["id"] in ids
        desk.json("ticket", "reply", taken["ticket"]["id"], "Done.")
    assert all(len(desk.replies(ticket_id)) == 1 for ticket_id in ids)


@pytest.mark.slow
def test_many_agents_at_one_queue(desk: Desk) -> None:
    """T12: one owner and one reply for every ticket. `infra/proving/race.py` holds bigger ones."""
    outcome = race(desk.scene.stack, agents=8, tickets=60)

    assert outcome.clean, outcome
    assert outcome.overtaken <= 16, outcome


@pytest.mark.slow
def test_ctrl_c_leaves_the_ticket_to_others(desk: Desk) -> None:
    """T11: the agent ends with Ctrl-C; the ticket is listed and comes back."""
    desk.json("canned", "set", "begin", "Hello.")
    ticket_id = desk.waiting()
    desk.json("ticket", "next", lease=SHORT)
    editor = desk.home / "editor"
    editor.write_text('#!/bin/sh\nkill -INT "$DOOMED"\nsleep 1\n')
    editor.chmod(0o755)
    done = desk.run(
        "ticket", "reply", ticket_id, "--edit", "--canned", "begin",
        EDITOR=str(editor), VISUAL=str(editor),
    )  # fmt: skip
    assert done.returncode not in {0, -signal.SIGINT}
    assert [row["id"] for row in desk.json("ticket", "list")["items"]] == [ticket_id]
    desk.lease_is_over(ticket_id)
    assert desk.json("ticket", "next", agent="bob")["ticket"]["id"] == ticket_id
    desk.json("ticket", "reply", ticket_id, "Done.", agent="bob")
    desk.json("canned", "remove", "begin", "--yes")


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (120, 40)])
def test_a_day_in_the_inbox_on_a_real_terminal(desk: Desk, columns: int, rows: int) -> None:
    """Keys in, screens out, through a pseudo-terminal."""
    ticket_id = desk.waiting(f"Would you sponsor our {columns} clubs?")
    with Terminal(desk.environment(), columns, rows) as terminal:
        terminal.see("Would you sponsor")
        terminal.type("n")
        terminal.see("yours for 15 minutes")
        terminal.type("o")
        terminal.see("Note for colleagues")
        terminal.type("Asked the boss.\r")
        terminal.see("noted")
        terminal.type("r")
        terminal.see("to the customer")
        terminal.type("Dear club, not this year.")
        time.sleep(1)
        terminal.type("\x13")  # Ctrl-S
        terminal.see("sent")  # reads on meanwhile: a full terminal stops its program
        wait_until(lambda: desk.replies(ticket_id), seconds=20)
        terminal.type("q")
        assert terminal.wait() == 0
    assert desk.replies(ticket_id) == ["Dear club, not this year."]
    moves = [event.move for event in desk.scene.tickets.events(ticket_id)]
    assert moves[-3:] == [Move.CLAIMED, Move.NOTED, Move.REPLIED]
    assert not list(desk.home.glob("helpdesk/drafts/**/*.txt"))


@pytest.mark.slow
def test_an_inbox_killed_while_an_agent_types_loses_at_most_the_last_half_second(
    desk: Desk,
) -> None:
    ticket_id = desk.waiting()
    with Terminal(desk.environment(), 80, 24) as terminal:
        terminal.see("Would you sponsor")
        terminal.type("r")
        terminal.see("to the customer")
        terminal.type("Long thoughts")
        time.sleep(1.5)
        os.kill(terminal.pid, signal.SIGKILL)
    (draft,) = desk.home.glob("helpdesk/drafts/**/*.txt")
    assert draft.read_text() == "Long thoughts"
    desk.json("ticket", "claim", ticket_id)
    desk.json("ticket", "reply", ticket_id, "--draft")
    assert desk.replies(ticket_id) == ["Long thoughts"]


CONTROL = re.compile(rb"\x1b\[[0-9;?]*[@-~]")
"""Colours and moves of the cursor, which may stand inside a word."""


class Terminal:
    """`helpdesk inbox` on a pseudo-terminal of some size."""

    def __init__(self, environment: dict[str, str], columns: int, rows: int) -> None:
        self.seen = b""
        self.pid, self._file = pty.fork()
        if self.pid == 0:
            environment = environment | {"TERM": "xterm-256color"}
            environment.pop("COLUMNS", None)
            command = [sys.executable, "-m", "agent_cli", "inbox"]
            os.execve(sys.executable, command, environment)  # noqa: S606 -- a child of pty.fork
        size = struct.pack("HHHH", rows, columns, 0, 0)
        fcntl.ioctl(self._file, termios.TIOCSWINSZ, size)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        with suppress(ProcessLookupError, ChildProcessError):
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self._file)

    def type(self, text: str) -> None:
        """Press keys; what was seen before is forgotten."""
        self.seen = b""
        os.write(self._file, text.encode())

    def see(self, text: str, seconds: float = 20) -> None:
        """Wait until a text appears."""
        deadline = time.monotonic() + seconds
        while text.encode() not in CONTROL.sub(b"", self.seen):
            left = deadline - time.monotonic()
            assert left > 0, f"never saw {text!r} in {self.seen[-2000:]!r}"
            if select.select([self._file], [], [], left)[0]:
                self.seen += os.read(self._file, 65536)

    def wait(self, seconds: float = 15) -> int:
        """Return the exit status once the inbox has ended."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if select.select([self._file], [], [], 0.1)[0]:
                with suppress(OSError):
                    self.seen += os.read(self._file, 65536)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                return os.waitstatus_to_exitcode(status)
        raise AssertionError("the inbox does not end")
