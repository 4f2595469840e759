"""The drafter, through the events SQS sends: an engine on the loopback, the template's table."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from helpdesk import ticket
from helpdesk.aws import clients
from helpdesk.aws.knowledge import DynamoKnowledge
from helpdesk.aws.spending import DynamoPurse
from helpdesk.aws.tickets import DynamoTickets
from helpdesk.drafting import EXTRACTIVE, Draft
from helpdesk.knowledge import Link
from helpdesk.redrafting import ATTEMPTS, Spent
from helpdesk.ticket import Customer, Ticket
from helpdesk.triage import Escalate, Reason

from tests.engine_server import READ, WRITTEN, Script, serving
from tests.fakes import an_article, an_understanding
from tests.integration.conftest import Function, Stack, load
from tests.integration.test_worker import record
from tests.tickets import a_draft

ID = "1" * 16
KEY_NAME, KEY = "/helpdesk/engine", "not-a-real-key"
SAYS = "You can send it back within 45 days."
WROTE = "I am Ada Secret, and my parcel is late"
LINK = Link(title="Returns", url="https://shop.example/returns")
NAME = "anthropic:some-model"


@dataclass
class Drafter:
    """The drafter with its table, its queue and the engine that it asks."""

    template: dict[str, Any]
    stack: Stack
    script: Script
    variables: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.table = clients.table(self.stack.outputs["TicketsTable"])
        self.tickets = DynamoTickets(self.table)
        self.knowledge = DynamoKnowledge(clients.table(self.stack.outputs["KnowledgeTable"]))
        self.knowledge.put(an_article(answer=SAYS, links=(LINK,)))
        self.script.parts = [{"text": SAYS, "rests_on": [1]}]
        self.function = self.cold()

    def cold(self, **variables: str) -> Function:
        given = {
            "ENGINE": "anthropic",
            "ENGINE_MODEL": "some-model",
            "ENGINE_URL": self.script.url,
            "ENGINE_KEY_NAME": KEY_NAME,
            "ENGINE_PRIVATE": "on",
        }
        there = self.stack.where("DrafterFunction", **(given | variables))
        return load(self.template, there, "DrafterFunction")

    def handed_over(self, ticket_id: str = ID) -> str:
        """Let people get a ticket with a draft that quotes; return the message of its queue."""
        change = ticket.submit(
            ticket_id=ticket_id,
            text=WROTE,
            customer=Customer(email="ada@example.com", name="Ada Secret"),
            channel="web",
            token_hash="hash",
            now=datetime.now(UTC),
            token_life=timedelta(days=90),
            retention=timedelta(days=400),
        )
        self.tickets.commit(change)
        decision = Escalate(Reason.LOW_CONFIDENCE)
        settled = ticket.settle(change.after, an_understanding(), decision, now=datetime.now(UTC))
        (cited,) = a_draft().evidence
        quoted = a_draft(evidence=(replace(cited, id="article:refund"),))
        self.tickets.commit(ticket.with_draft(settled, quoted))
        return json.dumps({"ticket": ticket_id})

    def deliver(self, body: str, attempt: int = 1) -> bool:
        """Deliver a message as the queue does; return whether it stays on the queue."""
        answer = self.function({"Records": [record("1", body, attempt)]})
        return bool(answer["batchItemFailures"])

    @property
    def ticket(self) -> Ticket:
        found = self.tickets.get(ID)
        assert found
        return found

    @property
    def draft(self) -> Draft:
        assert self.ticket.draft
        found = self.tickets.draft(ID, self.ticket.draft.number)
        assert found
        return found

    @property
    def spent(self) -> Spent:
        return DynamoPurse(self.table).spent(datetime.now(UTC).date())


@pytest.fixture
def drafter(template: dict[str, Any], stack: Stack, socket_enabled: None) -> Iterator[Drafter]:
    put = boto3.client("ssm").put_parameter
    put(Name=KEY_NAME, Value=KEY, Type="SecureString", Overwrite=True)
    with serving() as script:
        yield Drafter(template, stack, script)


def counted(capsys: pytest.CaptureFixture[str], name: str) -> float:
    """Return what the function counted under a name, from the lines that it wrote."""
    found = 0.0
    for line in capsys.readouterr().out.splitlines():
        read = json.loads(line) if line.startswith("{") else {}
        value = read.get(name, 0) if "_aws" in read else 0
        found += sum(value) if isinstance(value, list) else value
    return found


def test_the_engines_draft_waits_for_an_agent_with_the_links_of_the_desk(
    drafter: Drafter,
) -> None:
    body = drafter.handed_over()
    assert not drafter.deliver(body)

    assert drafter.ticket.in_review
    assert (drafter.draft.engine, drafter.draft.degraded) == (NAME, None)
    assert SAYS in drafter.draft.text
    assert LINK.url in drafter.draft.text
    assert (drafter.draft.usage.read, drafter.draft.usage.written) == (READ, WRITTEN)
    assert drafter.draft.usage.microdollars == READ * 3 + WRITTEN * 15
    sent = json.dumps(drafter.script.asked[0].body)
    assert LINK.url not in sent
    assert "ada@example.com" not in sent


def test_what_the_engine_took_is_on_the_day(drafter: Drafter) -> None:
    drafter.deliver(drafter.handed_over())

    assert drafter.spent.calls == 1
    assert drafter.spent.tokens == READ + WRITTEN
    assert drafter.spent.microdollars == READ * 3 + WRITTEN * 15


def test_a_message_that_comes_twice_asks_once(drafter: Drafter) -> None:
    body = drafter.handed_over()

    assert [drafter.deliver(body) for _ in range(3)] == [False] * 3
    assert len(drafter.script.asked) == 1


def test_an_engine_that_is_down_is_asked_again_and_then_the_draft_says_so(
    drafter: Drafter, capsys: pytest.CaptureFixture[str]
) -> None:
    body, drafter.script.status = drafter.handed_over(), 503

    assert drafter.deliver(body, 1)
    assert not drafter.ticket.draft.degraded  # type: ignore[union-attr]
    assert not drafter.deliver(body, ATTEMPTS)
    assert (drafter.draft.engine, drafter.draft.degraded) == (EXTRACTIVE, "unavailable")
    assert drafter.ticket.in_review
    assert counted(capsys, "DraftDegraded") == 1
    assert drafter.spent.microdollars == 0


def test_an_engine_that_is_back_writes_at_the_next_attempt(drafter: Drafter) -> None:
    body, drafter.script.status = drafter.handed_over(), 429
    assert drafter.deliver(body, 1)

    drafter.script.status = 200
    assert not drafter.deliver(body, ATTEMPTS)
    assert (drafter.draft.engine, drafter.draft.degraded) == (NAME, None)


@pytest.mark.parametrize(
    ("stop", "parts", "why"),
    [
        ("refusal", None, "refused"),
        ("max_tokens", None, "cut_off"),
        (None, [{"text": SAYS, "rests_on": [9]}], "malformed"),
        (None, [{"text": "You can send it back within 90 days.", "rests_on": [1]}], "ungrounded"),
    ],
)
def test_what_cannot_be_used_leaves_the_quotation_with_the_reason(
    drafter: Drafter, stop: str | None, parts: Any, why: str
) -> None:
    body = drafter.handed_over()
    before = drafter.draft.text
    drafter.script.stop = stop
    drafter.script.parts = parts or drafter.script.parts

    assert not drafter.deliver(body)
    assert (drafter.draft.text, drafter.draft.degraded) == (before, why)
    assert drafter.draft.ready


@pytest.mark.parametrize(
    "variables", [{"ENGINE_DOLLARS_A_DAY": "0.001"}, {"ENGINE_TOKENS_A_TICKET": "100"}]
)
def test_over_the_budget_the_engine_is_not_asked(
    drafter: Drafter, variables: dict[str, str]
) -> None:
    drafter.function = drafter.cold(**variables)

    assert not drafter.deliver(drafter.handed_over())
    assert drafter.draft.degraded == "over_budget"
    assert drafter.script.asked == []
    assert drafter.spent.calls == 0


def test_without_its_key_the_engine_is_not_asked(drafter: Drafter) -> None:
    boto3.client("ssm").delete_parameter(Name=KEY_NAME)

    assert not drafter.deliver(drafter.handed_over(), ATTEMPTS)
    assert drafter.draft.degraded == "unavailable"
    assert drafter.script.asked == []


def test_an_edit_of_the_article_is_in_the_next_draft(drafter: Drafter) -> None:
    """R16."""
    body = drafter.handed_over()
    new = "You can send it back within 60 days."
    drafter.knowledge.put(an_article(answer=new))
    drafter.script.parts = [{"text": new, "rests_on": [1]}]

    assert not drafter.deliver(body)
    assert new in drafter.draft.text
    assert drafter.draft.evidence[0].quote == new


def test_a_ticket_that_moved_on_is_left_alone(drafter: Drafter) -> None:
    body = drafter.handed_over()
    drafter.tickets.commit(ticket.follow_up(drafter.ticket, "And now?", now=datetime.now(UTC)))

    assert not drafter.deliver(body)
    assert drafter.ticket.draft is None
    assert drafter.script.asked == []


def test_a_ticket_that_is_not_there_is_left_alone(drafter: Drafter) -> None:
    assert not drafter.deliver(json.dumps({"ticket": "9" * 16}))


def test_what_is_no_message_of_a_ticket_stays_on_the_queue(drafter: Drafter) -> None:
    assert drafter.deliver('{"mail": "x"}')


def test_neither_log_nor_metric_holds_anything_a_customer_wrote(
    drafter: Drafter, capsys: pytest.CaptureFixture[str]
) -> None:
    body = drafter.handed_over()
    for status in (503, 200):
        drafter.script.status = status
        drafter.deliver(body, 1)
    said = capsys.readouterr()

    written = said.out + said.err
    assert ID in written
    for secret in ("Secret", "parcel", "ada@example", SAYS, KEY):
        assert secret not in written
