"""Analyses and categories through the door, over the template's own table (rows M4 and M12)."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from helpdesk import access, belonging, erasure, ticket
from helpdesk.aws import clients
from helpdesk.aws.attachments import DynamoAttachments
from helpdesk.aws.models import PublishedModels
from helpdesk.aws.tickets import DynamoTickets
from helpdesk.files import State, Why
from helpdesk.ports import NoModelError, NotFoundError
from helpdesk.ticket import Customer
from helpdesk.triage import Entity

from tests.fakes import LEAD, ScriptedUnderstander, an_understanding
from tests.filing import an_attachment
from tests.integration.conftest import PUBLIC_KEY, SERVER_KEY, Stack, load, understand_with
from tests.integration.functions_at_work import A_MODEL
from tests.integration.test_intake import Gateway, Reply

TEXT = "Where is order 48213? My lawyer will sue you."
BILL = "Invoice number 118\nOrder 48213\nAmount due 12.00 EUR\n1 Mill Lane, Ulm"
ADA = {"email": "Ada@example.com", "reference": "C-1"}

KINDS = {
    "order_number": ("orders", "48213", "48213"),
    "amount": ("amounts", "12.00 EUR", "12.00 EUR"),
    "date": ("dates", "January 15th", "--01-15"),
    "product": ("products", "Lamp", "lamp"),
    "phone": ("phones", "030 123456", "+4930123456"),
    "email": ("mail_addresses", "ada@example.com", "ada@example.com"),
    "place": ("places", "Ulm", "ulm"),
}
EVERYTHING = tuple(
    Entity(kind, value, 0, 1, spelling) for kind, (_, spelling, value) in KINDS.items()
)


class Shop:
    """A shop's server, and the processes of the function that answer it, one after another."""

    def __init__(self, template: dict[str, Any], stack: Stack) -> None:
        self.stack = stack
        self.understander = ScriptedUnderstander(
            {
                TEXT: an_understanding(("refund", 0.9), entities=EVERYTHING, model="v1/full"),
                BILL: an_understanding(("refund", 0.9), entities=EVERYTHING[:2]),
            }
        )
        self.table = clients.table(stack.outputs["TicketsTable"])
        self.tickets = DynamoTickets(self.table)
        self.files = DynamoAttachments(self.table)
        knowledge = clients.table(stack.outputs["KnowledgeTable"])
        PublishedModels(clients.s3(), stack.outputs["Bucket"], knowledge).publish(A_MODEL, b"model")
        self.processes = [load(template, stack, "PredictFunction") for _ in range(2)]
        for each in self.processes:
            understand_with(each, lambda: self.understander)
        self._turn = 0

    def ask(self, *, key_id: str = SERVER_KEY, token: str | None = None, **message: Any) -> Reply:
        self._turn += 1
        by = Gateway(self.processes[self._turn % 2], key_id=key_id)
        headers = {"Content-Type": "application/json"}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        body = json.dumps({"text": TEXT, **message})
        return by.request("POST", "/analyses", headers=headers, body=body)

    def with_file(self, text: str = BILL, **file: Any) -> tuple[str, str]:
        """Store a ticket with a file; return its id and token."""
        ticket_id, token = access.new_ticket_id(), access.new_token()
        self.tickets.commit(
            ticket.submit(
                ticket_id=ticket_id,
                text="My bill",
                customer=Customer(email="ada@example.com"),
                channel="web",
                token_hash=access.token_hash(token),
                now=datetime.now(UTC),
                token_life=timedelta(days=1),
                retention=timedelta(days=400),
            )
        )
        expected = an_attachment(ticket_id)
        self.files.add(expected)
        if file.get("state", State.READY) is not State.EXPECTED:
            ready = replace(expected, version=2, etag="e1", **({"state": State.READY} | file))
            self.files.change(expected, ready, text=text)
        return ticket_id, token

    def kept(self) -> list[dict[str, Any]]:
        items = boto3.resource("dynamodb").Table(self.stack.outputs["TicketsTable"]).scan()["Items"]
        return [each for each in items if each["pk"].startswith("ANALYSIS#")]

    def understood(self) -> int:
        return self.understander.texts.count(TEXT)


@pytest.fixture
def shop(template: dict[str, Any], stack: Stack) -> Shop:
    return Shop(template, stack)


def test_what_would_become_of_a_message(shop: Shop) -> None:
    reply = shop.ask()

    assert reply.status == 200
    said = reply.body
    assert (said["level"], said["legal"], said["team"]) == (3, True, "logistics_team")
    assert (said["priority"], said["degraded"], said["cached"]) == ("urgent", False, False)
    assert [(each["kind"], each["spelling"], each["value"]) for each in said["entities"]] == list(
        KINDS.values()
    )
    assert {each["origin"] for each in said["entities"]} == {"message"}
    for wrong in ("yesterday", "2026-03-02", "2026-03-02T09:00:00"):
        refused = shop.ask(received_at=wrong)
        assert refused.status == 400
        assert refused.body["errors"][0]["field"] == "received_at"
    assert shop.ask(text=" ").status == 400
    assert shop.ask(key_id=PUBLIC_KEY).status == 403


def test_every_label_is_listed(shop: Shop) -> None:
    (process, _) = shop.processes
    labels = Gateway(process, key_id=SERVER_KEY).request("GET", "/categories").body

    assert shop.ask().body["matter"] in [each["name"] for each in labels["matters"]]
    assert len(labels["matters"]) == 6
    assert [each["name"] for each in labels["levels"]] == [
        "ordinary", "lead", "management", "legal",
    ]  # fmt: skip
    assert len(labels["entities"]) == 7
    assert len(labels["documents"]) == 7
    assert Gateway(process, key_id=PUBLIC_KEY).request("GET", "/categories").status == 403


class TestAnHour:
    """M12, over two processes."""

    def test_again_within_the_hour_and_after_it(self, shop: Shop, stack: Stack) -> None:
        first, again, third = (shop.ask(customer=ADA) for _ in range(3))

        assert [each.body["cached"] for each in (first, again, third)] == [False, True, True]
        assert again.body | {"cached": False} == first.body
        assert shop.understood() == 1
        assert shop.ask(customer=ADA, received_at="2026-03-02T09:00:00Z").body["cached"] is False

        past = (datetime.now(UTC) - timedelta(minutes=61)).isoformat()
        table = boto3.resource("dynamodb").Table(stack.outputs["TicketsTable"])
        for item in shop.kept():
            table.put_item(Item=item | {"at": past})
        assert shop.ask(customer=ADA).body["cached"] is False, "though the table still has it"
        assert (shop.understood(), shop.ask(customer=ADA).body["cached"]) == (3, True)

    def test_after_a_degraded_one(self, shop: Shop) -> None:
        understood = shop.understander.script[TEXT]
        shop.understander.script[TEXT] = NoModelError("none")

        both = [shop.ask().body for _ in range(2)]

        assert [(each["degraded"], each["cached"]) for each in both] == [(True, False)] * 2
        assert (both[0]["level"], both[0]["matter"], both[0]["prediction"]) == (
            3, "delivery", None,
        )  # fmt: skip
        assert shop.kept() == []
        shop.understander.script[TEXT] = understood
        assert [shop.ask().body["cached"] for _ in range(2)] == [False, True]

    def test_an_item_is_small_and_expires(self, shop: Shop) -> None:
        shop.ask(customer=ADA)

        email, reference = shop.kept()
        assert email["owners"] == reference["owners"]
        assert {email["pk"], reference["pk"]} == {f"ANALYSIS#{each}" for each in email["owners"]}
        for each in (email, reference):
            assert len(bytes(each["said"])) < 1_024, "one write unit"
            assert 3_590 <= int(each["expires_at"]) - datetime.now(UTC).timestamp() <= 3_600
            assert "ada" not in repr(each).lower()


class TestFiles:
    def test_a_file_of_a_ticket_with_its_origin(self, shop: Shop) -> None:
        """M4: which document it is, and an extract of it."""
        ticket_id, token = shop.with_file()
        wanted = {"ticket": ticket_id, "numbers": [1]}

        first = shop.ask(token=token, files=wanted).body

        assert [(each["kind"], each["origin"]) for each in first["entities"][-2:]] == [
            ("orders", "file 1"), ("amounts", "file 1"),
        ]  # fmt: skip
        (file,) = first["files"]
        assert (file["document"], file["state"], file["why"]) == ("invoice", "ready", None)
        assert file["summary"].splitlines()[:2] == ["Invoice number 118", "Order 48213"]
        assert '"invoice number"' in file["reason"]
        assert shop.ask(token=token, files=wanted).body["cached"] is True
        assert shop.ask(token=token).body["cached"] is False, "without the file"

    def test_only_the_tickets_token_opens_them(self, shop: Shop) -> None:
        ticket_id, token = shop.with_file()
        wanted = {"ticket": ticket_id, "numbers": [1]}
        assert shop.ask(token=token, files=wanted).status == 200, "it is kept now"

        assert shop.ask(files=wanted).status == 401
        foreign = shop.ask(token=access.new_token(), files=wanted)
        missing = shop.ask(token=token, files={"ticket": "0" * 16, "numbers": [1]})
        assert (foreign.status, foreign.text) == (missing.status, missing.text)
        assert foreign.status == 404
        assert shop.ask(token=token, files=wanted | {"numbers": [1, 7]}).status == 404
        assert shop.ask(key_id=PUBLIC_KEY, token=token, files=wanted).status == 403
        assert "118" not in foreign.text

    def test_what_is_not_read_yet_makes_it_degraded(self, shop: Shop) -> None:
        ticket_id, token = shop.with_file(state=State.EXPECTED)
        wanted = {"ticket": ticket_id, "numbers": [1]}

        both = [shop.ask(token=token, files=wanted).body for _ in range(2)]

        assert [(each["degraded"], each["cached"]) for each in both] == [(True, False)] * 2
        assert both[0]["lacking"] == [both[0]["files"][0]["why"]] == ["File 1 is not read yet."]
        assert both[0]["prediction"]["model"] == "v1/full"
        assert shop.kept() == []

    def test_what_can_never_be_read_has_its_reason(self, shop: Shop) -> None:
        ticket_id, token = shop.with_file("", why=Why.ENCRYPTED)

        said = shop.ask(token=token, files={"ticket": ticket_id, "numbers": [1]}).body

        assert (said["degraded"], said["files"][0]["why"]) == (False, Why.ENCRYPTED.text)


def by_its_customer(shop: Shop, ticket_id: str, token: str) -> None:
    erasure.erase(ticket_id, token, tickets=shop.tickets, clock=lambda: datetime.now(UTC))


def with_its_customer(shop: Shop, ticket_id: str, token: str) -> None:
    assert ticket_id
    assert token
    key = Customer(email="ADA@example.com").keys[0]
    erasure.erase_customer(
        belonging.person_of(key, shop.tickets.bonds),
        LEAD,
        tickets=shop.tickets,
        clock=lambda: datetime.now(UTC),
    )


def test_a_customer_without_a_ticket_is_forgotten_as_well(shop: Shop) -> None:
    shop.ask(customer=ADA)
    shop.ask(customer={"email": "kim@example.com"})
    assert len(shop.kept()) == 2 + 1

    with pytest.raises(NotFoundError, match="no ticket"):
        with_its_customer(shop, "none", "none")

    assert len(shop.kept()) == 1


@pytest.mark.parametrize("erase", [by_its_customer, with_its_customer])
def test_erasing_deletes_every_copy(shop: Shop, erase: Callable[[Shop, str, str], None]) -> None:
    """Those of the customer's messages, those of the ticket's files; no other customer's."""
    ticket_id, token = shop.with_file()
    wanted = {"ticket": ticket_id, "numbers": [1]}
    shop.ask(customer=ADA)
    shop.ask(token=token, files=wanted)
    shop.ask(token=token, files=wanted, customer=ADA)
    shop.ask(customer={"email": "kim@example.com"})
    shop.ask()
    assert len(shop.kept()) == 2 + 1 + 3 + 1 + 1

    erase(shop, ticket_id, token)

    assert len(shop.kept()) == 2
    assert shop.ask(token=token, files=wanted).status == 404
    assert shop.ask(customer={"email": "kim@example.com"}).body["cached"] is True
