"""docs/runbook.md, step by step: alarms go off, and every command of their pages is run.

Each command is run on a stack that has its page's trouble. Some troubles would take hours, or an
account (an old message, a throttled function); the test writes their metric to CloudWatch instead.
"""

import json
import os
import re
import secrets
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import requests
from helpdesk.ticket import State

from infra.local.up import agent_environment
from infra.paths import ROOT
from tests.e2e.conftest import Scene, wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.slow]  # alarms look at the last five minutes

PAGES = re.split(r"^## ", (ROOT / "docs" / "runbook.md").read_text(), flags=re.MULTILINE)
ALONE, IN_TEXT = r"^((?:helpdesk|aws) .+)$", r"`((?:helpdesk|aws|GET|POST|DELETE) [^`]+)`"
ELSEWHERE = {"helpdesk knowledge replace --undo"}
"""Steps that need a knowledge that was replaced: `test_replaced_knowledge` takes them."""

ON_AN_ACCOUNT = {
    "Deploying",
    "A deployment failed",
    "The stack was deleted",
    "A table must be restored",
    "The desk is to be removed for good",
}
"""Pages on deploying: LocalStack has no recovery and no import. `test_deploying` takes them."""

COMMANDS = [
    pytest.param(page.splitlines()[0], command, id=f"{page.split()[0]}: {command}")
    for page in PAGES
    if page.splitlines()[0] not in ON_AN_ACCOUNT
    for command in dict.fromkeys(
        re.findall(ALONE, page, re.MULTILINE) + re.findall(IN_TEXT, page, re.MULTILINE)
    )
    if command not in ELSEWHERE
]
NOT_MADE = {"MailboxFailuresAlarm", "MailTooLargeAlarm"}
"""Alarms of the folder that is read by IMAP, which a stack without `ImapHost` does not have."""

SUMS = {
    "FunctionErrorsAlarm",
    "FunctionThrottlesAlarm",
    "IndexThrottlesAlarm",
    "LimiterFailuresAlarm",
    "LookupFailuresAlarm",
    "PagesErrorsAlarm",
    "TableThrottlesAlarm",
}
"""Alarms over a sum of metrics: LocalStack accepts and never evaluates them."""


class Trouble:
    """A stack on which every page has something to do."""

    def __init__(self, scene: Scene, home: Path) -> None:
        self.scene = scene
        self._home = home
        self.known: dict[str, str] = {
            "<agent>": "bob",
            "<channel>": "webhook",
            "<intent>": "get_refund",
            "<folder>": str(home / "customer"),
        }

    def dead_letters(self, queue: str) -> None:
        """Leave a waiting ticket's message and one that is none among a queue's dead letters."""
        sqs = self.scene.stack.client("sqs")
        urls = [
            url
            for url in sqs.list_queues()["QueueUrls"]
            if re.search(f"{queue}.*dead", url, re.IGNORECASE)
        ]
        assert len(urls) == 1, urls
        for body in (json.dumps({"ticket": self.known["<id>"]}), "no message of ours"):
            sqs.send_message(QueueUrl=urls[0], MessageBody=body)

    def a_ticket(self) -> None:
        """Let a ticket wait for people, whose id, token and customer the page may mean.

        Each is of another customer: one who asks the same again has the ticket before.
        """
        mail = f"kim.{secrets.token_hex(3)}@example.com"
        ticket = self.scene.customer.ask("would you sponsor our school team", email=mail)
        wait_until(lambda: self.scene.customer.fetch(ticket, wait=20).status == "escalated")
        self.known |= {"<id>": ticket.id, "{id}": ticket.id, "<address>": mail, "": ticket.token}

    def an_edit(self) -> None:
        """Change an article, and wait until that is learned."""
        before = len(self.told("model list"))
        (article,) = (
            each
            for each in self.told("knowledge export")
            if each.get("intent") == self.known["<intent>"]
        )
        article["utterances"].append(f"give me back what i paid, time {before}")
        path = self._home / "article.json"
        path.write_text(json.dumps([article]))
        self.helpdesk(f"knowledge import {path} --yes")
        wait_until(lambda: len(self.told("model list")) > before, 600)

    def told(self, words: str) -> Any:
        """Return what a verb of the terminal says, as data."""
        return json.loads(self.helpdesk(f"{words} -o json"))

    def helpdesk(self, words: str) -> str:
        """Run the terminal tool as an agent; return what it says."""
        environment = os.environ | agent_environment(self.scene.stack)
        done = subprocess.run(
            [sys.executable, "-m", "agent_cli", *shlex.split(words)],
            env=environment | {"XDG_STATE_HOME": str(self._home)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def aws(self, words: str) -> dict[str, Any]:
        """Call AWS as its command line would: `<service> <operation> --name value …`."""
        service, operation, *rest = shlex.split(words)
        client = self.scene.stack.client(service)
        method = operation.replace("-", "_")
        shape = client.meta.service_model.operation_model(
            client.meta.method_to_api_mapping[method]
        ).input_shape
        names = {name.lower(): name for name in shape.members} if shape else {}
        given = {
            names[word[2:].replace("-", "")]: value
            for word, value in pairwise(rest)
            if word.startswith("--")
        }
        if client.can_paginate(method):  # the command line asks for every page
            return client.get_paginator(method).paginate(**given).build_full_result()
        return getattr(client, method)(**given)

    def request(self, words: str) -> requests.Response:
        """Send a request to the API as the ticket's customer."""
        method, path = words.split()
        stack = self.scene.stack
        headers = {"x-api-key": stack.api_key, "Authorization": f"Bearer {self.known.get('', '')}"}
        return requests.request(method, f"{stack.api_url}{path}", headers=headers, timeout=35)


@pytest.fixture(scope="module")
def taught(scene: Scene, tmp_path_factory: pytest.TempPathFactory) -> None:
    Trouble(scene, tmp_path_factory.mktemp("taught")).an_edit()


@pytest.fixture
def trouble(scene: Scene, tmp_path: Path, taught: None) -> Trouble:
    found = Trouble(scene, tmp_path)
    found.a_ticket()
    for queue in ("intake", "escalation", "mail", "trainer", "outbox", "notices", "drafts"):
        found.dead_letters(queue)
    return found


@contextmanager
def nobody_works(scene: Scene) -> Iterator[None]:
    scene.take_orders(enabled=False)
    yield
    scene.take_orders(enabled=True)


@pytest.mark.parametrize(("page", "command"), COMMANDS)
def test_a_step_does_what_its_page_says(trouble: Trouble, page: str, command: str) -> None:
    for placeholder, value in trouble.known.items():
        if placeholder:
            command = command.replace(placeholder, value)
    command = command.replace("$S", trouble.scene.stack.name)
    tool, words = command.split(" ", 1)
    if tool == "helpdesk":
        asks = {"redrive", "discard", "rollback", "revoke", "erase"}
        trouble.helpdesk(f"{words} --yes" if asks & set(words.split()) else words)
    elif tool == "aws":
        trouble.aws(words)
    else:
        assert trouble.request(command).ok
    assert not re.search(r"[<{$]\w", command.split("--filter-pattern")[0]), "a name left open"


def test_the_page_of_a_question_too_old(scene: Scene, trouble: Trouble) -> None:
    """What is wrong is what its steps show: a backlog, and a mapping that is off."""
    with nobody_works(scene):
        waiting = scene.customer.ask("where is my order 55812")
        (intake,) = (each for each in trouble.told("queue status") if each["queue"] == "intake")
        assert intake["visible"] >= 1
        mapping = trouble.aws("lambda list-event-source-mappings --function-name helpdesk-worker")
        assert mapping["EventSourceMappings"][0]["State"] == "Disabled"
    wait_until(lambda: scene.customer.fetch(waiting, wait=20).status == State.ANSWERED)


def test_a_tickets_id_finds_its_lines(trouble: Trouble) -> None:
    """LocalStack ignores the pattern and returns every line: is there one with the id?"""
    ticket = trouble.known["<id>"]
    group = "/aws/lambda/helpdesk-worker"
    events = trouble.aws(f"logs filter-log-events --log-group-name {group}")["events"]

    assert ticket in {json.loads(each["message"]).get("ticket") for each in events}


def test_every_alarm_goes_off(scene: Scene) -> None:
    """Each through the metric it watches, told of a value beyond its threshold."""
    cloudwatch = scene.stack.client("cloudwatch")
    alarms = {
        each["AlarmName"].removeprefix(f"{scene.stack.name}-"): each
        for each in cloudwatch.describe_alarms()["MetricAlarms"]
    }
    pages = {page.split()[0] for page in PAGES if re.match(r"\w+Alarm\n", page)}
    assert set(alarms) == pages - NOT_MADE
    for alarm in alarms.values():
        if "MetricName" in alarm and alarm["ComparisonOperator"] == "GreaterThanThreshold":
            cloudwatch.put_metric_data(
                Namespace=alarm["Namespace"],
                MetricData=[
                    {
                        "MetricName": alarm["MetricName"],
                        "Dimensions": alarm["Dimensions"],
                        "Value": alarm["Threshold"] + 10,
                    }
                ],
            )
    off: set[str] = set()

    def all_off() -> bool:
        for each in cloudwatch.describe_alarms(StateValue="ALARM")["MetricAlarms"]:
            off.add(each["AlarmName"].removeprefix(f"{scene.stack.name}-"))
        return off == set(alarms) - SUMS

    wait_until(all_off, 660)
