"""A stack of its own for the stories, so that a developer's `make run` is left alone."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests
from helpdesk.aws import clients
from helpdesk.aws.tickets import DynamoTickets

from infra import emulator
from infra.local import run
from infra.local.correspondent import Post
from infra.local.customer import PATIENCE, Customer, Link, Ticket
from infra.local.up import up
from infra.paths import ROOT

if TYPE_CHECKING:
    from infra.deploying.stack import Stack

PORT = int(os.environ.get("E2E_PORT", "4577"))
MAIL_PORT = int(os.environ.get("E2E_MAIL_PORT", "4582"))
"""Where mail is taken. Mails and notices leave at the next two; the one after them is free."""

STATE = ROOT / "build" / "e2e"
PARAMETERS = {"QueuePatience": "4", "MaxReceives": "3"}
"""Patience short enough for a story; everything else as deployed by default."""


class Scene:
    """The running stack with its customers, and the means to take it down and up again."""

    def __init__(self, port: int, state: Path) -> None:
        self._port, self._state = port, state
        self.up()

    def up(self) -> None:
        """Start what does not run."""
        parameters = PARAMETERS | run.leaving(MAIL_PORT, self._state)
        self.stack: Stack = up(port=self._port, state=self._state, parameters=parameters)
        mailbox = run.take_mail(self.stack, MAIL_PORT, self._state, print)
        assert mailbox
        self.post = Post(MAIL_PORT, mailbox, self._state / run.KEPT)
        self.customer = Customer(self.stack.api_url, self.stack.api_key)

    @property
    def tickets(self) -> DynamoTickets:
        """The table itself, to see what a customer does not."""
        name = self.stack.outputs["TicketsTable"]
        endpoint = self.stack.endpoint_url
        return DynamoTickets(clients.table(name, self.stack.session, endpoint_url=endpoint))

    @property
    def pid(self) -> int | None:
        """The emulator's process, if it is ours to kill."""
        return emulator.status(self._state).pid

    def workers(self) -> list[int]:
        """The processes that run the worker function right now."""
        name = b"AWS_LAMBDA_FUNCTION_NAME=" + self.stack.outputs["WorkerFunctionName"].encode()
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if name in (folder / "environ").read_bytes().split(b"\0"):
                    found.append(int(folder.name))
            except OSError:
                continue
        return found

    def take_orders(self, *, enabled: bool) -> None:
        """Switch the worker on or off."""
        functions = self.stack.client("lambda")
        worker = self.stack.outputs["WorkerFunctionName"]
        (mapping,) = functions.list_event_source_mappings(FunctionName=worker)[
            "EventSourceMappings"
        ]
        functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=enabled)
        wanted = "Enabled" if enabled else "Disabled"
        wait_until(
            lambda: functions.get_event_source_mapping(UUID=mapping["UUID"])["State"] == wanted
        )

    def reconcile(self) -> None:
        """Run the reconciler now instead of within the minute."""
        answer = self.stack.client("lambda").invoke(FunctionName="helpdesk-reconciler")
        assert "FunctionError" not in answer, answer["Payload"].read()

    def receive(self, ticket: Ticket, name: str, media_type: str, content: bytes) -> Link:
        """Let a ticket's first file arrive and be read; return the API's link to it."""
        form = self.customer.announce(ticket, name, media_type, len(content))
        assert sent(form, content) == 204
        return wait_until(
            lambda: found if (found := self.customer.link(ticket, 1)).status == 303 else None
        )


def sent(form: dict[str, Any], content: bytes, **changed: str) -> int:
    """Send a file with a form of the API, some fields of it changed; return the status."""
    fields = form["fields"] | changed
    return requests.post(
        form["url"], data=fields, files={"file": ("name", content)}, timeout=PATIENCE
    ).status_code


@pytest.fixture(scope="session")
def scene() -> Iterator[Scene]:
    """The stack, up for all stories and down after them; it knows nothing of earlier ones."""
    emulator.forget(STATE)
    yield Scene(PORT, STATE)
    emulator.stop(STATE)


def wait_until(condition, seconds: float = 180.0):
    """Return the condition's first true value; fail when there is none in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(0.1)
    pytest.fail(f"did not happen within {seconds} s")
