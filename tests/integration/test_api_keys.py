"""Who comes with the key: point 11 of the field's findings, and what only servers see (point 7)."""

import time
from datetime import UTC, datetime
from typing import Any

import pytest
from helpdesk.agents import Overview
from helpdesk.aws import clients
from helpdesk.aws.knowledge import DynamoKnowledge
from helpdesk.aws.tickets import DynamoTickets
from helpdesk.identity import Identity, sign
from helpdesk.ticket import Customer

from tests.fakes import ScriptedUnderstander
from tests.integration.agents_at_work import Desk, desk  # noqa: F401 -- fixture
from tests.integration.conftest import (
    PUBLIC_KEY,
    SERVER_KEY,
    Function,
    Stack,
    load,
    understand_with,
)
from tests.integration.test_intake import ESCALATE, Gateway, settle

SECRET, BEFORE = "n" * 40, "b" * 40
ADA = {"email": "ada@example.com", "reference": "cust-1", "name": "Ada"}


@pytest.fixture(scope="module")
def function(template: dict[str, Any], deployed: Stack) -> Function:
    secrets = {"IDENTITY_SECRET": SECRET, "IDENTITY_SECRET_BEFORE": BEFORE}
    return load(template, deployed.where("IntakeFunction", **secrets), "IntakeFunction")


@pytest.fixture
def server(function: Function, stack: Stack) -> Gateway:
    return Gateway(function, key_id=SERVER_KEY)


@pytest.fixture
def page(function: Function, stack: Stack) -> Gateway:
    return Gateway(function, key_id=PUBLIC_KEY)


@pytest.fixture
def tickets(stack: Stack) -> DynamoTickets:
    return DynamoTickets(clients.table(stack.outputs["TicketsTable"]))


def asked(by: Gateway, customer: dict[str, Any], text: str = "Where is it?") -> str:
    reply = by.submit({"text": text, "customer": customer})
    assert reply.status == 202, reply.text
    ticket_id: str = reply.body["id"]
    return ticket_id


def signed(secret: str = SECRET, ends: int = 600, **said: str) -> dict[str, Any]:
    who = {"email": ADA["email"], "reference": ADA["reference"], **said}
    expires = int(time.time()) + ends
    identity = Identity(reference=who["reference"], email=who["email"], expires=expires)
    return who | {"identity": {"expires": expires, "signature": sign(identity, secret)}}


def customer_of(tickets: DynamoTickets, ticket_id: str) -> Customer:
    found = tickets.get(ticket_id)
    assert found
    return found.customer


def stored(tickets: DynamoTickets) -> int:
    found = (Customer(email=ADA["email"], verified=verified) for verified in (True, False))
    return sum(1 for each in found for _ in tickets.of_customer(each))


class TestTwoKindsOfKeys:
    def test_a_servers_customers_are_verified(
        self, server: Gateway, tickets: DynamoTickets
    ) -> None:
        assert customer_of(tickets, asked(server, ADA | {"tier": "vip"})) == Customer(
            **ADA, tier="vip", verified=True
        )

    @pytest.mark.parametrize("key_id", [PUBLIC_KEY, "a-key-made-by-hand", ""])
    def test_the_customers_of_any_other_key_are_not(
        self, function: Function, tickets: DynamoTickets, key_id: str
    ) -> None:
        ticket_id = asked(Gateway(function, key_id=key_id), ADA)

        assert customer_of(tickets, ticket_id) == Customer(**ADA, verified=False)

    @pytest.mark.parametrize("tier", ["vip", "plus", "standard"])
    def test_a_page_that_says_a_tier_is_refused_with_a_sentence(
        self, page: Gateway, tickets: DynamoTickets, tier: str
    ) -> None:
        reply = page.submit({"text": "hi", "customer": ADA | {"tier": tier}})

        assert (reply.status, reply.body["title"]) == (403, "Not confirmed")
        assert "This API key is for pages" in reply.body["detail"]
        assert [fault["field"] for fault in reply.body["errors"]] == ["customer.tier"]
        assert stored(tickets) == 0

    def test_an_impostor_joins_no_history(
        self, server: Gateway, page: Gateway, tickets: DynamoTickets, stack: Stack
    ) -> None:
        real = [asked(server, ADA), asked(server, ADA)]
        impostors = [asked(page, ADA), asked(page, ADA)]
        articles = DynamoKnowledge(clients.table(stack.outputs["KnowledgeTable"]))
        overview = Overview(tickets=tickets, articles=articles, clock=lambda: datetime.now(UTC))

        def others(ticket_id: str) -> list[str]:
            return [each.id for each in overview.show(ticket_id).others]

        assert others(real[0]) == [real[1]]
        assert others(impostors[0]) == []

    def test_a_page_uses_up_the_limit_of_no_verified_customer(
        self, template: dict[str, Any], stack: Stack
    ) -> None:
        few = stack.where("IntakeFunction", CUSTOMER_PER_MINUTE="2")
        function = load(template, few, "IntakeFunction")
        page, server = Gateway(function, key_id=PUBLIC_KEY), Gateway(function)

        flood = [page.submit({"text": "hi", "customer": ADA}).status for _ in range(4)]

        assert flood == [202, 202, 429, 429]
        assert server.submit({"text": "hi", "customer": ADA}).status == 202

    def test_each_kind_of_key_has_limits_of_its_own(
        self, template: dict[str, Any], stack: Stack
    ) -> None:
        few = {"PUBLIC_REQUESTS_PER_SECOND": "0.01", "PUBLIC_REQUESTS_BURST": "2"}
        function = load(template, stack.where("IntakeFunction", **few), "IntakeFunction")
        page, server = Gateway(function, key_id=PUBLIC_KEY), Gateway(function)

        assert [page.submit({"text": "hi"}).status for _ in range(3)] == [202, 202, 429]
        assert [server.submit({"text": "hi"}).status for _ in range(5)] == [202] * 5

    def test_one_question_of_a_server_and_a_page_are_two(
        self, server: Gateway, page: Gateway
    ) -> None:
        """An idempotency key belongs to its application."""
        key = {"Idempotency-Key": "one-key"}
        one, other = (
            each.submit({"text": "hi", "customer": ADA}, headers=key) for each in (server, page)
        )

        assert one.body["id"] != other.body["id"]


class TestSignedIdentity:
    @pytest.mark.parametrize("secret", [SECRET, BEFORE])
    @pytest.mark.parametrize("key_id", [PUBLIC_KEY, SERVER_KEY])
    def test_a_signed_customer_of_a_page_is_verified(
        self, function: Function, tickets: DynamoTickets, secret: str, key_id: str
    ) -> None:
        """With the present secret, and the one before while it rotates."""
        ticket_id = asked(Gateway(function, key_id=key_id), signed(secret))

        assert customer_of(tickets, ticket_id).verified

    def test_and_joins_the_history(
        self, server: Gateway, page: Gateway, tickets: DynamoTickets
    ) -> None:
        known = asked(server, ADA)
        ticket_id = asked(page, signed())

        found = {each.id for each in tickets.of_customer(Customer(email=ADA["email"]))}
        assert found == {known, ticket_id}

    @pytest.mark.parametrize("key_id", [PUBLIC_KEY, SERVER_KEY])
    @pytest.mark.parametrize(
        ("customer", "said"),
        [
            (signed("x" * 40), "does not match"),
            (signed(ends=-5), "expired"),
            (signed(ends=25 * 3600), "at most 24 hours"),
            (signed() | {"email": "eve@example.com"}, "does not match"),
            ({**signed(), "reference": "cust-2"}, "does not match"),
            ({k: v for k, v in signed().items() if k == "identity"}, "needs customer.reference"),
        ],
        ids=["secret", "expired", "too long", "address", "reference", "no one"],
    )
    def test_a_wrong_signature_is_refused_and_not_ignored(
        self,
        function: Function,
        tickets: DynamoTickets,
        customer: dict[str, Any],
        said: str,
        key_id: str,
    ) -> None:
        reply = Gateway(function, key_id=key_id).submit({"text": "hi", "customer": customer})

        assert (reply.status, reply.body["title"]) == (403, "Not confirmed")
        assert said in reply.body["detail"]
        assert [fault["field"] for fault in reply.body["errors"]] == ["customer.identity"]
        assert customer["identity"]["signature"] not in reply.text
        assert stored(tickets) == 0

    @pytest.mark.parametrize("wrong", ["", "x" * 64, "A" * 64, "a" * 63, 5, None])
    def test_a_signature_of_another_form_is_no_signature(self, page: Gateway, wrong: Any) -> None:
        customer = signed()
        customer["identity"]["signature"] = wrong

        assert page.submit({"text": "hi", "customer": customer}).status == 400

    def test_a_refused_signature_counts_against_the_caller(
        self, template: dict[str, Any], stack: Stack
    ) -> None:
        few = {"PUBLIC_REQUESTS_PER_SECOND": "0.01", "PUBLIC_REQUESTS_BURST": "2"}
        function = load(template, stack.where("IntakeFunction", **few), "IntakeFunction")
        page = Gateway(function, key_id=PUBLIC_KEY)

        tries = [page.submit({"text": "hi", "customer": signed("x" * 40)}) for _ in range(3)]

        assert [each.status for each in tries] == [403, 403, 429]

    def test_a_desk_without_a_secret_takes_no_signature(
        self, template: dict[str, Any], stack: Stack
    ) -> None:
        page = Gateway(load(template, stack, "IntakeFunction"), key_id=PUBLIC_KEY)

        reply = page.submit({"text": "hi", "customer": signed("")})

        assert reply.status == 403
        assert "does not accept signed identities" in reply.body["detail"]

    @pytest.mark.parametrize(
        ("key_id", "domain", "mailed"),
        [
            (PUBLIC_KEY, "shop.example", True),
            (PUBLIC_KEY, "", False),
            (SERVER_KEY, "shop.example", False),
        ],
    )
    def test_only_a_pages_customer_gets_mails_and_only_of_a_desk_that_writes_them(
        self, template: dict[str, Any], stack: Stack, key_id: str, domain: str, mailed: bool
    ) -> None:
        """A server's program calls its channel as it likes, and writes to its customers itself."""
        function = load(
            template, stack.where("IntakeFunction", MAIL_DOMAIN=domain), "IntakeFunction"
        )
        gateway = Gateway(function, key_id=key_id)
        reply = gateway.submit({"text": "hi", "customer": {"email": "ada@example.com"}})
        found = DynamoTickets(clients.table(stack.outputs["TicketsTable"])).get(reply.body["id"])

        assert found is not None
        assert found.customer.mailed is mailed

    def test_neither_secret_nor_signature_is_logged(
        self, page: Gateway, capsys: pytest.CaptureFixture[str]
    ) -> None:
        good, bad = signed(), signed("x" * 40)
        for customer in (good, bad):
            page.submit({"text": "hi", "customer": customer})

        logged = "".join(capsys.readouterr())
        for secret in (SECRET, BEFORE, good["identity"]["signature"], bad["identity"]["signature"]):
            assert secret not in logged


class TestWhatOnlyServersSee:
    def test_score_and_reason_of_a_ticket(
        self, server: Gateway, page: Gateway, tickets: DynamoTickets
    ) -> None:
        made = server.submit({"text": "Where is it?"}).body
        settle(tickets, made["id"], ESCALATE)

        seen = {by.key_id: by.fetch(made["id"], made["token"]).body for by in (server, page)}

        assert (seen[SERVER_KEY]["score"], seen[SERVER_KEY]["reason"]) == (0.9, "out_of_scope")
        assert (seen[PUBLIC_KEY]["score"], seen[PUBLIC_KEY]["reason"]) == (None, None)
        hidden = {"score": None, "reason": None}
        assert seen[SERVER_KEY] | hidden == seen[PUBLIC_KEY]

    def test_predictions(self, template: dict[str, Any], stack: Stack) -> None:
        function = load(template, stack, "PredictFunction")
        understand_with(function, ScriptedUnderstander)
        statuses = {}
        for key_id in (SERVER_KEY, PUBLIC_KEY, "another", ""):  # agents come without a key
            gateway = Gateway(function, key_id=key_id)
            reply = gateway.request(
                "POST",
                "/predict",
                headers={"Content-Type": "application/json"},
                body='{"texts": ["hi"]}',
            )
            statuses[key_id] = reply.status
            if reply.status == 403:
                assert "Predictions are for servers" in reply.body["detail"]

        assert statuses == {SERVER_KEY: 200, PUBLIC_KEY: 403, "another": 403, "": 200}


class TestEcho:
    """R1: id and echo on request; each missing field is named."""

    @pytest.mark.parametrize(
        "prefer", ["return=representation", 'wait=5, Return="representation"; x=1']
    )
    def test_the_question_comes_back_as_it_was_stored(
        self, server: Gateway, page: Gateway, prefer: str
    ) -> None:
        question = {"text": "  Where is it? ", "customer": ADA, "channel": "app"}
        for by, verified in ((server, True), (page, False)):
            reply = by.submit(question, headers={"Prefer": prefer})

            assert reply.status == 202
            assert reply.headers["Preference-Applied"] == "return=representation"
            assert reply.body["question"] == {
                "text": "Where is it?",
                "customer": ADA | {"tier": "standard", "verified": verified},
                "channel": "app",
            }
            assert {"id", "token", "status"} < reply.body.keys()

    @pytest.mark.parametrize("prefer", [None, "return=minimal", "return", "respond-async"])
    def test_and_only_on_request(self, server: Gateway, prefer: str | None) -> None:
        reply = server.submit({"text": "hi"}, headers={"Prefer": prefer} if prefer else {})

        assert reply.body.keys() == {"id", "token", "status"}
        assert "Preference-Applied" not in reply.headers

    def test_a_repeated_request_gets_the_same_echo(self, server: Gateway) -> None:
        headers = {"Prefer": "return=representation", "Idempotency-Key": "one"}
        first = server.submit({"text": "hi"}, headers=headers)

        assert server.submit({"text": "hi"}, headers=headers).body == first.body

    def test_a_missing_field_is_named(self, server: Gateway) -> None:
        reply = server.submit({"customer": ADA}, headers={"Prefer": "return=representation"})

        assert reply.status == 400
        assert [fault["field"] for fault in reply.body["errors"]] == ["text"]


class TestWhatAgentsSee:
    """*Not verified* everywhere agents see such a customer."""

    def test_show_lists_and_json_say_not_verified(
        self,
        server: Gateway,
        page: Gateway,
        tickets: DynamoTickets,
        desk: Desk,  # noqa: F811
    ) -> None:
        known, claimed = asked(server, ADA), asked(page, ADA)
        for ticket_id in (known, claimed):
            settle(tickets, ticket_id, ESCALATE)

        shown = {each: desk.run("ticket", "show", each).output for each in (known, claimed)}
        rows = desk.json("ticket", "list", "--customer", "ada@example.com")["items"]

        assert "ada@example.com, cust-1 (not verified)" in shown[claimed]
        assert "not verified" not in shown[known]
        assert {row["id"]: row["customer"]["verified"] for row in rows} == {
            known: True,
            claimed: False,
        }

    def test_an_erasure_of_a_customer_finds_what_was_typed_in_the_customers_name(
        self,
        server: Gateway,
        page: Gateway,
        tickets: DynamoTickets,
        desk: Desk,  # noqa: F811
    ) -> None:
        both = {asked(server, ADA), asked(page, ADA)}
        erased = desk.json("ticket", "erase", "--customer", "ada@example.com", "--yes")

        assert {row["id"] for row in erased} == both
        assert stored(tickets) == 0
