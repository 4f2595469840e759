"""What lives are lived in: a desk over some ports, the worker, and what AWS does around them."""

import importlib.util
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol

from helpdesk.agents import Arranger
from helpdesk.cases import Rules
from helpdesk.files import Register
from helpdesk.notifying import audience
from helpdesk.receiving import Mailroom
from helpdesk.ticket import Agent, Role

from tests.evidence import InMemoryEvidence
from tests.fakes import (
    KNOWN,
    MAX_RECEIVES,
    POISON,
    WANTS_PERSON,
    Clock,
    InMemoryArticles,
    InMemoryMailbox,
    InMemoryQueue,
    InMemoryTickets,
    Office,
    ScriptedUnderstander,
    an_article,
    an_understanding,
)
from tests.filed import InMemoryVault
from tests.lives.story import GRAVE, PLAIN_AGENT
from tests.mailroom import open_room
from tests.notices import InMemoryNotices

WORKER = Path(__file__).parents[2] / "functions" / "worker" / "handler.py"
REVIEWED = "send me an invoice"
"""A question whose answer agents approve."""

NEAR_TIE = "my parcel and my money"
VISIBILITY = timedelta(minutes=3)
FILE_WAIT = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message as the poller gets it."""

    ticket_id: str
    receipt: str
    attempt: int


class World(Protocol):
    """A desk over some ports, with what AWS does around it and what can befall its queues."""

    office: Office
    files: Register
    vault: InMemoryVault

    def take(self, most: int) -> list[Delivery]:
        """Receive up to `most` intake messages; those received too often become dead letters."""

    def purge(self, queue: Any) -> None:
        """Lose every message of a queue."""

    def dead_letters(self) -> list[str]:
        """Take all dead letters of the intake queue; return the tickets they name."""

    def stored(self) -> list[str]:
        """Return the id of every ticket in the table, whether anybody was told of it or not."""

    def mailroom(self, office: Office) -> Mailroom:
        """Return the mailroom over an office's ports."""

    def leaving(self) -> list[str]:
        """Return the mails that wait to leave."""

    def to_be_heard(self) -> list[str]:
        """Return the notices that are told at once and have not left."""

    def filed(self, ticket_id: str) -> dict[str, bytes | None]:
        """Return a ticket's files by number and name, each with its content if that is kept."""


def script() -> ScriptedUnderstander:
    """Return an understander that knows every text of the lives."""
    return ScriptedUnderstander(
        {
            KNOWN: an_understanding(("refund", 0.9)),
            WANTS_PERSON: an_understanding(("speak_to_human", 0.9)),
            REVIEWED: an_understanding(("invoice", 0.9)),
            GRAVE[0]: an_understanding(("refund", 0.9)),
            NEAR_TIE: an_understanding(("refund", 0.46), ("track_order", 0.44)),
            POISON: RuntimeError("the model broke"),
        }
    )


ARTICLES = (
    an_article("refund"),
    an_article("track_order"),
    an_article("speak_to_human", needs_person=True),
    an_article("invoice", review=True, answer="Your invoice is on the page of the order."),
)


class InMemory:
    """The ports in memory."""

    def __init__(self) -> None:
        clock = Clock()
        self.office = Office(
            clock=clock,
            tickets=InMemoryTickets(notices=InMemoryNotices(audience("webhook"))),
            intake=InMemoryQueue(clock),
            escalations=InMemoryQueue(clock),
            articles=InMemoryArticles(*ARTICLES),
            understander=script(),
            rules=Rules(),
        )
        self.office.evidence = InMemoryEvidence(self.office.articles)
        self.vault, self.files = InMemoryVault(), self.office.tickets.register
        self.office.files = self.files
        self._dead: list[str] = []

    def filed(self, ticket_id: str) -> dict[str, bytes | None]:
        return self.vault.contents(self.files.of(ticket_id))

    def take(self, most: int) -> list[Delivery]:
        queue, taken = self.office.intake, []
        while len(taken) < most and (received := queue.receive(VISIBILITY)):
            attempt = queue.receives(received.receipt)
            if attempt > MAX_RECEIVES:
                queue.delete(received.receipt)
                self._dead.append(received.ticket_id)
            else:
                taken.append(Delivery(received.ticket_id, received.receipt, attempt))
        return taken

    def purge(self, queue: Any) -> None:
        queue.lose_everything()

    def dead_letters(self) -> list[str]:
        dead, self._dead = self._dead, []
        return dead

    def stored(self) -> list[str]:
        return list(self.office.tickets._files)

    def mailroom(self, office: Office) -> Mailroom:
        return open_room(office, InMemoryMailbox(self.office.tickets), vault=self.vault).room

    def leaving(self) -> list[str]:
        mails = self.office.tickets.outbox.mails.values()
        return [each.id for each in mails if each.ended_at is None]

    def to_be_heard(self) -> list[str]:
        notices = self.office.tickets.notices.notices.values()
        return [each.id for each in notices if each.ended_at is None and each.due_at is None]


def _worker() -> Any:
    spec = importlib.util.spec_from_file_location("worker_of_lives", WORKER)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    vars(module)["telemetry"] = _Silent()
    return module


class _Silent:
    """Telemetry that takes everything and keeps nothing."""

    def __getattr__(self, _name: str) -> Callable[..., "_Silent"]:
        return lambda *_, **__: self


worker: Any = _worker()
"""The worker function, to be given a room for every batch."""


def record(number: int, delivery: Delivery) -> dict[str, Any]:
    return {
        "messageId": str(number),
        "receiptHandle": delivery.receipt,
        "body": json.dumps({"ticket": delivery.ticket_id}),
        "attributes": {"ApproximateReceiveCount": str(delivery.attempt)},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-central-1:123456789012:helpdesk-intake",
        "awsRegion": "eu-central-1",
    }


def workplace(office: Office, agent: str) -> Arranger:
    """Return an agent's workplace over an office's ports; all of them but one lead."""
    roles = {Role.AGENT} if agent == PLAIN_AGENT else set(Role)
    return Arranger(
        agent=Agent(agent, frozenset(roles)),
        tickets=office.tickets,
        escalations=office.escalations,
        articles=office.articles,
        clock=office.clock,
    )
