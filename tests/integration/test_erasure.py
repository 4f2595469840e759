"""Forgetting, over the template's own table: nothing is left but the record."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from helpdesk import access, belonging, customers, erasure, processing, reconciling, ticket
from helpdesk.access import IdempotencyKey
from helpdesk.agents import Workplace
from helpdesk.aws import clients
from helpdesk.aws.buckets import DynamoBuckets
from helpdesk.aws.knowledge import DynamoKnowledge
from helpdesk.aws.queues import SqsQueue
from helpdesk.aws.replies import DynamoReplies
from helpdesk.aws.tickets import DynamoTickets
from helpdesk.curation import Adopted
from helpdesk.limits import ONE, Bucket, Limit
from helpdesk.ports import ConflictError, ErasedError, NotFoundError, QueueName
from helpdesk.ticket import Agent, Customer, CustomerKey, Role
from helpdesk.triage import Escalate, Policy, Reason

from tests.fakes import LEAD, InMemoryTexts, ScriptedUnderstander, an_understanding
from tests.integration.conftest import Function, Stack, load, understand_with
from tests.integration.test_worker import record

ADA = Customer(email="Ada@example.com", name="Ada Lovelace")
TERMS = customers.Terms(token_life=timedelta(days=90), retention=timedelta(days=400))


def now() -> datetime:
    return datetime.now(UTC)


class Floor:
    """The desk over the stack, with what the tests do all the time."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.table = clients.table(stack.outputs["TicketsTable"])
        self.whole = boto3.resource("dynamodb").Table(stack.outputs["TicketsTable"])
        self.tickets = DynamoTickets(self.table)
        self.intake = SqsQueue(clients.sqs(), stack.outputs["IntakeQueueUrl"])
        self.escalations = SqsQueue(clients.sqs(), stack.outputs["EscalationQueueUrl"])

    def submit(self, customer: Customer = ADA, key: str | None = None) -> customers.Receipt:
        return customers.submit(
            customers.Question(text="Where is it?", customer=customer, channel="web"),
            key=IdempotencyKey("shop", key) if key else None,
            tickets=self.tickets,
            intake=self.intake,
            terms=TERMS,
            now=now(),
        )

    def escalated(self, receipt: customers.Receipt) -> ticket.Ticket:
        found = self.tickets.get(receipt.ticket_id)
        assert found is not None
        understood = an_understanding(("refund", 0.9))
        change = ticket.settle(found, understood, Escalate(Reason.OUT_OF_SCOPE), now=now())
        self.tickets.commit(change)
        self.escalations.send(receipt.ticket_id)
        return change.after

    def agent(self, name: str = "bob") -> Workplace:
        knowledge = DynamoKnowledge(clients.table(self.stack.outputs["KnowledgeTable"]))
        return Workplace(
            agent=Agent(name, frozenset(Role)),
            tickets=self.tickets,
            escalations=self.escalations,
            articles=knowledge,
            clock=now,
        )

    def left(self) -> list[dict[str, Any]]:
        return list(self.whole.scan()["Items"])

    def erase(self, receipt: customers.Receipt) -> None:
        erasure.erase(receipt.ticket_id, receipt.token, tickets=self.tickets, clock=now)


@pytest.fixture
def floor(stack: Stack) -> Floor:
    return Floor(stack)


def test_nothing_is_left_but_the_record(floor: Floor) -> None:
    """X6: ticket, messages, events, idempotency, override, rate items and index entries."""
    receipt = floor.submit(key="a-key")
    held = floor.escalated(receipt)
    floor.agent("carol").claim(held.id)
    floor.agent("dora").transfer(held.id, to="eve", note="Ada calls back", override=True)
    buckets = DynamoBuckets(floor.table)
    for kind, name in (("customer", ADA.key), ("ticket", access.token_hash(receipt.token))):
        buckets.draw(Bucket(kind, name or "", Limit(1, 10)), ONE, now())
    adopted = Adopted(ticket_id=held.id, expires_at=held.expires_at, version=1)
    DynamoReplies(floor.table).put_adopted(adopted)
    assert {item["pk"].split("#")[0] for item in floor.left()} == {
        "TICKET", "IDEMPOTENCY", "OVERRIDE", "RATE", "CUSTOMER", "ADOPTED",
    }  # fmt: skip

    floor.erase(receipt)

    (kept,) = floor.left()
    assert kept.pop("expires_at") > now().timestamp() + 399 * 86_400
    assert kept.pop("at").startswith(f"{now().date()}")
    assert kept == {"pk": f"ERASURE#{receipt.ticket_id}", "sk": "ERASURE", "by": "customer"}
    for index in ("by-state", "of-customer", "by-awaiting", "happened"):
        assert floor.whole.scan(IndexName=index)["Items"] == []


def test_another_customers_things_stay(floor: Floor) -> None:
    mine, theirs = floor.submit(key="mine"), floor.submit(Customer(reference="C-2"), key="theirs")
    before = [item for item in floor.left() if theirs.ticket_id in repr(item)]

    floor.erase(mine)

    kept = floor.left()
    assert [item for item in kept if theirs.ticket_id in repr(item)] == before
    assert floor.submit(Customer(reference="C-2"), key="theirs") == theirs


def test_the_key_of_an_erased_question_is_free_again(floor: Floor) -> None:
    first = floor.submit(key="a-key")
    floor.erase(first)

    assert floor.submit(key="a-key").ticket_id != first.ticket_id


def test_only_with_the_token_and_only_once(floor: Floor) -> None:
    receipt = floor.submit()
    with pytest.raises(NotFoundError):
        floor.erase(replace(receipt, token="wrong"))
    assert floor.tickets.get(receipt.ticket_id)

    floor.erase(receipt)

    with pytest.raises(NotFoundError):
        floor.erase(receipt)


def test_a_long_ticket_goes_whole(floor: Floor) -> None:
    """More items than one transaction takes."""
    receipt = floor.submit()
    moved = floor.tickets.get(receipt.ticket_id)
    assert moved is not None
    for number in range(160):
        change = ticket.follow_up(moved, f"And {number}?", now=now())
        floor.tickets.commit(change)
        moved = change.after
    assert len(floor.left()) == 164

    floor.erase(receipt)

    assert [item["sk"] for item in floor.left()] == ["ERASURE"]


def test_a_move_in_the_middle_is_erased_too(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker settles the ticket between the look and the deletion."""
    receipt = floor.submit()
    erase, tried = floor.tickets.erase, []

    def interrupted(found: ticket.Ticket, record: erasure.Erasure) -> None:
        tried.append(found.version)
        if len(tried) == 1:
            floor.escalated(receipt)
        erase(found, record)

    monkeypatch.setattr(floor.tickets, "erase", interrupted)
    floor.erase(receipt)

    assert tried == [1, 2]
    assert [item["sk"] for item in floor.left()] == ["ERASURE"]


def test_a_move_after_it_is_refused_and_revives_nothing(floor: Floor) -> None:
    receipt = floor.submit()
    before = floor.tickets.get(receipt.ticket_id)
    assert before is not None
    floor.erase(receipt)

    with pytest.raises(ConflictError):
        floor.tickets.commit(ticket.follow_up(before, "Still there?", now=now()))
    assert [item["sk"] for item in floor.left()] == ["ERASURE"]


def test_a_failure_leaves_all_of_it(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    receipt = floor.submit(key="a-key")
    before = floor.left()

    def fail(**_: Any) -> None:
        raise ConnectionError("the table is gone")

    monkeypatch.setattr(floor.tickets._table.client, "transact_write_items", fail)
    with pytest.raises(ConnectionError):
        floor.erase(receipt)

    assert floor.left() == before


class TestMessagesOfErasedTickets:
    """Queues cannot be searched: worker and agents drop such a message without failing."""

    def test_the_worker(self, floor: Floor, template: dict[str, Any], stack: Stack) -> None:
        function: Function = load(template, stack, "WorkerFunction")
        understand_with(function, ScriptedUnderstander)
        receipt = floor.submit()
        floor.erase(receipt)
        body = json.dumps({"ticket": receipt.ticket_id})

        answer = function({"Records": [record("m", body, attempt=5)]})

        assert answer == {"batchItemFailures": []}
        assert floor.escalations.depth() == 0
        assert [item["sk"] for item in floor.left()] == ["ERASURE"]

    def test_an_unknown_ticket_is_still_a_failure(self, floor: Floor) -> None:
        with pytest.raises(NotFoundError) as unknown:
            processing.process(
                "0" * 16,
                tickets=floor.tickets,
                articles=floor.agent().articles,
                texts=InMemoryTexts(),
                understander=ScriptedUnderstander(),
                escalations=floor.escalations,
                policy=Policy(),
                clock=now,
            )

        assert not isinstance(unknown.value, ErasedError)

    def test_agents(self, floor: Floor) -> None:
        gone, waiting = floor.submit(), floor.submit()
        for receipt in (gone, waiting):
            floor.escalated(receipt)
        floor.erase(gone)
        agent = floor.agent()

        taken = agent.take_next()

        assert taken is not None
        assert taken.ticket.id == waiting.ticket_id
        agent.reply(waiting.ticket_id, "Here it is.")
        assert floor.escalations.depth() == 0

    def test_the_reconciler(self, floor: Floor) -> None:
        receipt = floor.submit()
        floor.erase(receipt)

        found = reconciling.reconcile(
            tickets=floor.tickets,
            texts=InMemoryTexts(),
            queues={QueueName.INTAKE: floor.intake, QueueName.ESCALATION: floor.escalations},
            clock=lambda: now() + timedelta(days=1),
        )

        assert (found.overdue, found.sent_again) == (0, 0)

    def test_an_agent_who_has_it_open_is_told(self, floor: Floor) -> None:
        receipt = floor.submit()
        floor.escalated(receipt)
        agent = floor.agent()
        agent.take_next()
        floor.erase(receipt)

        with pytest.raises(NotFoundError):
            agent.reply(receipt.ticket_id, "Here it is.")
        assert [item["sk"] for item in floor.left()] == ["ERASURE"]


class TestOfACustomer:
    def test_every_ticket_goes_however_the_address_is_written(self, floor: Floor) -> None:
        mine = {floor.submit().ticket_id for _ in range(3)}
        theirs = floor.submit(Customer(email="bob@example.com")).ticket_id

        person = belonging.whose("ADA@EXAMPLE.COM", floor.tickets)
        erased = erasure.erase_customer(person, LEAD, tickets=floor.tickets, clock=now)

        assert set(erased) == mine
        records = [item for item in floor.left() if item["sk"] == "ERASURE"]
        assert {item["by"] for item in records} == {LEAD.name}
        assert {item["pk"] for item in floor.left()} - {item["pk"] for item in records} == {
            f"TICKET#{theirs}"
        }

    @pytest.mark.parametrize("text", ["C-1", "name:Ada"])
    def test_of_an_unknown_customer(self, floor: Floor, text: str) -> None:
        floor.submit()
        person = belonging.whose(text, floor.tickets)
        with pytest.raises(NotFoundError):
            erasure.erase_customer(person, LEAD, tickets=floor.tickets, clock=now)
        assert len(floor.left()) == 4

    @pytest.mark.parametrize("text", ["ada@x.example", "ada+2@x.example", "C-1", "name:ada"])
    def test_all_keys_tickets_bonds_and_decisions_go(self, floor: Floor, text: str) -> None:
        """Three addresses, one reference, a joined address, and who is not verified."""
        ada = Customer(email="ada@x.example", name="Ada", reference="C-1")
        mine = [ada, replace(ada, email="ada+2@x.example"), Customer(email="Ada@work.example")]
        mine += [Customer(reference="C-1"), replace(ada, verified=False)]
        for customer in mine:
            floor.submit(customer)
        belonging.join(
            CustomerKey.typed("C-1"),
            CustomerKey.typed("ada@work.example"),
            lead=LEAD,
            reason="one phone number",
            tickets=floor.tickets,
            now=now(),
        )
        bob = floor.submit(Customer(email="bob@x.example", name="Ada's brother"))
        person = belonging.whose(text, floor.tickets)

        erased = erasure.erase_customer(person, LEAD, tickets=floor.tickets, clock=now)

        assert len(erased) == len(mine)
        kept = [item for item in floor.left() if item["sk"] != "ERASURE"]
        assert {item["pk"] for item in kept} == {
            f"TICKET#{bob.ticket_id}",
            "CUSTOMER#EMAIL#bob@x.example",
            "CUSTOMER#NAME#ada's brother",
        }
        assert "ada@" not in repr(floor.left())
        assert "ada+" not in repr(floor.left())


def test_retention_and_the_life_of_tokens_are_parameters(template: dict[str, Any]) -> None:
    variables = template["Resources"]["IntakeFunction"]["Properties"]["Environment"]["Variables"]

    assert variables["RETENTION_DAYS"] == {"Ref": "RetentionDays"}
    assert variables["TOKEN_DAYS"] == {"Ref": "TokenDays"}
