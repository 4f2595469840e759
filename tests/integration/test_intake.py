"""The customers' door, through the events API Gateway sends."""

import json
import re
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient
from chalice.test import Client
from helpdesk import ticket
from helpdesk.aws import clients
from helpdesk.aws.tickets import DynamoTickets
from helpdesk.contract import MAX_BODY, MAX_DEPTH
from helpdesk.ticket import MAX_TEXT, Change, Conversation
from helpdesk.triage import Answer, Escalate, Reason

from tests.fakes import ADA, an_article, an_understanding
from tests.integration.conftest import SERVER_KEY, Function, Stack, functions, load

SECRET_TEXT = "Where is my order 12345? Call me: Ada, +49 30 1234567"
ANSWER = Answer(an_article("track_order", answer="Your parcel is on its way."))
ESCALATE = Escalate(Reason.OUT_OF_SCOPE)
UNDERSTOOD = an_understanding(("track_order", 0.9))


@dataclass(frozen=True)
class Reply:
    """What the function answers."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def body(self) -> Any:
        """The body as data."""
        return json.loads(self.text)


@dataclass(frozen=True)
class Gateway:
    """Calls the function as a REST API's proxy integration does."""

    function: Function
    key_id: str = SERVER_KEY
    headers: dict[str, str] = field(
        default_factory=lambda: {"Accept": "*/*", "User-Agent": "test", "x-api-key": "key"}
    )

    def submit(
        self, body: object = None, *, raw: str | None = None, headers: dict[str, str] | None = None
    ) -> Reply:
        return self.request(
            "POST",
            "/queries",
            body=json.dumps(body) if raw is None else raw,
            headers={"Content-Type": "application/json"} | (headers or {}),
        )

    def fetch(
        self,
        ticket_id: str,
        token: str | None,
        *,
        query: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> Reply:
        authorization = {} if token is None else {"Authorization": f"Bearer {token}"}
        return self.request(
            "GET",
            "/queries/{id}",
            id=ticket_id,
            query=query,
            headers=authorization | (headers or {}),
        )

    def request(
        self,
        method: str,
        resource: str,
        *,
        body: str | None = None,
        headers: dict[str, str] | None = None,
        query: dict[str, str] | None = None,
        **path: str,
    ) -> Reply:
        sent = self.headers | (headers or {})
        event = {
            "resource": resource,
            "path": resource.format(**path),
            "httpMethod": method,
            "headers": sent,
            "multiValueHeaders": {name: [value] for name, value in sent.items()},
            "queryStringParameters": query,
            "multiValueQueryStringParameters": (
                {name: [value] for name, value in query.items()} if query else None
            ),
            "pathParameters": path or None,
            "stageVariables": None,
            "requestContext": {
                "resourcePath": resource,
                "httpMethod": method,
                "path": f"/v1{resource.format(**path)}",
                "stage": "v1",
                "requestId": str(uuid.uuid4()),
                "identity": {"apiKeyId": self.key_id, "sourceIp": "192.0.2.1"},
            },
            "body": body,
            "isBase64Encoded": False,
        }
        answer = self.function(event)
        headers = answer["headers"] | {k: v[-1] for k, v in answer["multiValueHeaders"].items()}
        return Reply(answer["statusCode"], headers, answer["body"])


@pytest.fixture(scope="module")
def function(template: dict[str, Any], deployed: Stack) -> Function:
    return load(template, deployed, "IntakeFunction")


@pytest.fixture
def gateway(function: Function, stack: Stack) -> Gateway:
    return Gateway(function)


@pytest.fixture(scope="module")
def tickets(deployed: Stack) -> DynamoTickets:
    return DynamoTickets(clients.table(deployed.outputs["TicketsTable"]))


@pytest.fixture
def depth(stack: Stack) -> Callable[[], int]:
    return lambda: stack.queue_depth("IntakeQueueUrl")


@pytest.fixture
def stored(stack: Stack) -> Callable[[], int]:
    """Count the items of the tickets table, without those that count requests."""
    table = boto3.resource("dynamodb").Table(stack.outputs["TicketsTable"])
    return lambda: sum(not item["pk"].startswith("RATE#") for item in table.scan()["Items"])


@dataclass(frozen=True)
class Asked:
    """A question that was accepted."""

    id: str
    token: str


@pytest.fixture
def asked(gateway: Gateway) -> Asked:
    body = gateway.submit({"text": SECRET_TEXT}).body
    return Asked(body["id"], body["token"])


def conversation(tickets: DynamoTickets, ticket_id: str) -> Conversation:
    found = tickets.conversation(ticket_id)
    assert found is not None
    return found


def settle(tickets: DynamoTickets, ticket_id: str, decision: Answer | Escalate = ANSWER) -> Change:
    received = conversation(tickets, ticket_id).ticket
    change = ticket.settle(received, UNDERSTOOD, decision, now=datetime.now(UTC))
    tickets.commit(change)
    return change


class TestSubmit:
    def test_is_accepted_with_id_token_status_and_location(self, gateway: Gateway) -> None:
        """T1: accepted with an id."""
        reply = gateway.submit({"text": SECRET_TEXT})

        assert reply.status == 202
        assert reply.body.keys() == {"id", "token", "status"}
        assert reply.body["status"] == "received"
        assert reply.headers["Location"] == f"/v1/queries/{reply.body['id']}"
        assert reply.headers["Content-Type"] == "application/json"

    def test_stores_all_of_the_question_before_it_is_accepted(
        self, gateway: Gateway, tickets: DynamoTickets
    ) -> None:
        customer: Any = {"email": "ada@example.com", "name": "Ada", "reference": "C-1"}
        body = {"text": f"  {SECRET_TEXT} 🙂 مرحبا ", "customer": customer, "channel": "app"}

        found = conversation(tickets, gateway.submit(body).body["id"])

        assert [said.text for said in found.messages] == [f"{SECRET_TEXT} 🙂 مرحبا"]
        assert found.ticket.customer == ticket.Customer(**customer)
        assert found.ticket.channel == "app"

    def test_queues_the_id_and_nothing_else(self, gateway: Gateway, stack: Stack) -> None:
        """T16: no message text in queue bodies."""
        ticket_id = gateway.submit({"text": SECRET_TEXT}).body["id"]

        assert stack.take_messages("IntakeQueueUrl") == [f'{{"ticket":"{ticket_id}"}}']

    def test_stores_the_token_as_a_hash_only(self, gateway: Gateway, stack: Stack) -> None:
        token = gateway.submit(
            {"text": SECRET_TEXT}, headers={"Idempotency-Key": "a-key-nobody-guesses"}
        ).body["token"]

        table = boto3.resource("dynamodb").Table(stack.outputs["TicketsTable"])
        everything = repr(table.scan()["Items"])
        assert token not in everything
        assert "a-key-nobody-guesses" not in everything

    def test_is_accepted_while_the_queue_is_down(
        self, template: dict[str, Any], stack: Stack
    ) -> None:
        nowhere = stack.where(
            "IntakeFunction", INTAKE_QUEUE_URL=f"{stack.outputs['IntakeQueueUrl']}-is-gone"
        )
        gateway = Gateway(load(template, nowhere, "IntakeFunction"))

        reply = gateway.submit({"text": SECRET_TEXT})

        assert reply.status == 202
        assert gateway.fetch(reply.body["id"], reply.body["token"]).status == 200

    @pytest.mark.parametrize(
        "kind", ["application/json", "application/json; charset=utf-8", "Application/JSON"]
    )
    def test_takes_json_however_it_is_announced(self, gateway: Gateway, kind: str) -> None:
        assert gateway.submit({"text": "hi"}, headers={"Content-Type": kind}).status == 202

    @pytest.mark.parametrize("text", ["x" * MAX_TEXT, "🙂" * MAX_TEXT])
    def test_takes_the_longest_text(self, gateway: Gateway, text: str) -> None:
        assert gateway.submit({"text": text}).status == 202


def a_body(**fields: object) -> str:
    return json.dumps({"text": "hi"} | fields)


@dataclass(frozen=True)
class Wrong:
    """A wrong body, and what is said about it."""

    what: str
    body: str
    field: str
    limit: int | None = None
    status: int = 400


class TestRefusals:
    """T8, F5: each a 4xx problem that names field and limit; nothing stored, nothing queued."""

    @pytest.mark.parametrize(
        "wrong",
        [
            Wrong("missing", "{}", "text"),
            Wrong("empty", a_body(text=""), "text", 1),
            Wrong("blank", a_body(text=" \n\t"), "text", 1),
            Wrong("wide blanks", a_body(text="\u00a0\u2003\u3000"), "text", 1),
            Wrong("separators", a_body(text="\x1c\x1f"), "text", 1),
            Wrong("a number", a_body(text=5), "text"),
            Wrong("null", a_body(text=None), "text"),
            Wrong("a list", a_body(text=["hi"]), "text"),
            Wrong("one too long", a_body(text="x" * (MAX_TEXT + 1)), "text", MAX_TEXT),
            Wrong("one emoji too long", a_body(text="🙂" * (MAX_TEXT + 1)), "text", MAX_TEXT),
            Wrong("a hundred kilobytes", a_body(text="x" * 102_400), "body", MAX_BODY, 413),
            Wrong("unknown field", a_body(colour="red"), "colour"),
            Wrong("unknown inside", a_body(customer={"phone": "1"}), "customer.phone"),
            Wrong("no address", a_body(customer={"email": "ada"}), "customer.email"),
            Wrong("long name", a_body(customer={"name": "x" * 201}), "customer.name", 200),
            Wrong("odd channel", a_body(channel="../etc"), "channel"),
            Wrong("broken", '{"text": "hi"', "body"),
            Wrong("no JSON", "hi", "body"),
            Wrong("empty body", "", "body"),
            Wrong("a string", '"hi"', "body"),
            Wrong("an array", "[]", "body"),
            Wrong("nothing", "null", "body"),
            Wrong("deep nesting", "[" * 30_000, "body", MAX_DEPTH),
            Wrong("half a character", '{"text": "\\ud800"}', "body"),
        ],
        ids=lambda wrong: wrong.what,
    )
    def test_a_wrong_body(
        self,
        gateway: Gateway,
        depth: Callable[[], int],
        stored: Callable[[], int],
        wrong: Wrong,
    ) -> None:
        reply = gateway.submit(raw=wrong.body)

        assert reply.status == reply.body["status"] == wrong.status
        assert reply.headers["Content-Type"] == "application/problem+json"
        (fault,) = reply.body["errors"]
        assert (fault["field"], fault.get("limit")) == (wrong.field, wrong.limit)
        assert fault["message"]
        assert depth() == stored() == 0

    def test_no_body_at_all(self, gateway: Gateway, depth: Callable[[], int]) -> None:
        reply = gateway.request("POST", "/queries", headers={"Content-Type": "application/json"})

        assert (reply.status, reply.body["errors"][0]["field"]) == (400, "body")
        assert depth() == 0

    @pytest.mark.parametrize(
        "kind", ["text/plain", "application/x-www-form-urlencoded", "application/xml"]
    )
    def test_a_wrong_content_type(
        self, gateway: Gateway, depth: Callable[[], int], stored: Callable[[], int], kind: str
    ) -> None:
        reply = gateway.submit({"text": "hi"}, headers={"Content-Type": kind})

        assert reply.status == reply.body["status"] == 415
        assert reply.headers["Content-Type"] == "application/problem+json"
        assert kind in reply.body["detail"]
        assert depth() == stored() == 0

    def test_a_wrong_method(self, gateway: Gateway, depth: Callable[[], int]) -> None:
        reply = gateway.request("DELETE", "/queries", body='{"text": "hi"}')

        assert reply.status == reply.body["status"] == 405
        assert reply.headers["Content-Type"] == "application/problem+json"
        assert depth() == 0

    @pytest.mark.parametrize("key", ["", "x" * 256, "tab\tinside", "\x00"])
    def test_a_wrong_idempotency_key(
        self, gateway: Gateway, depth: Callable[[], int], stored: Callable[[], int], key: str
    ) -> None:
        reply = gateway.submit({"text": "hi"}, headers={"Idempotency-Key": key})

        assert reply.status == 400
        (fault,) = reply.body["errors"]
        assert (fault["field"], fault["limit"]) == ("Idempotency-Key", 255)
        assert depth() == stored() == 0

    def test_a_refusal_does_not_repeat_what_was_sent(self, gateway: Gateway) -> None:
        text = "my card number is 4111111111111111 " * 200

        assert "4111" not in gateway.submit({"text": text}).text


SAME_KEY = {"Idempotency-Key": "order-1-question-1"}


class TestIdempotency:
    def test_the_same_request_again_gets_the_same_ticket(
        self, gateway: Gateway, depth: Callable[[], int]
    ) -> None:
        first = gateway.submit({"text": "hi"}, headers=SAME_KEY)
        second = gateway.submit(raw=' {"text" : "hi" } ', headers=SAME_KEY)

        assert (first.status, second.status) == (202, 202)
        assert first.body == second.body
        assert depth() == 1
        assert gateway.fetch(second.body["id"], second.body["token"]).status == 200

    def test_the_same_key_with_another_body_is_a_conflict(
        self, gateway: Gateway, depth: Callable[[], int]
    ) -> None:
        first = gateway.submit({"text": "hi"}, headers=SAME_KEY)
        reply = gateway.submit({"text": "something else"}, headers=SAME_KEY)

        assert reply.status == reply.body["status"] == 409
        assert reply.headers["Content-Type"] == "application/problem+json"
        assert first.body["id"] not in reply.text
        assert depth() == 1

    def test_two_applications_do_not_meet_in_one_key(
        self, function: Function, stack: Stack
    ) -> None:
        ours, theirs = Gateway(function, key_id="ours"), Gateway(function, key_id="theirs")

        one = ours.submit({"text": "hi"}, headers=SAME_KEY)
        other = theirs.submit({"text": "hi"}, headers=SAME_KEY)

        assert one.body["id"] != other.body["id"]

    @pytest.mark.slow  # fifty cold starts
    def test_fifty_environments_at_once_make_one_ticket(
        self, template: dict[str, Any], stack: Stack, depth: Callable[[], int]
    ) -> None:
        """moto answers one call at a time; which call comes next is up to the threads.

        One that waits for seconds counts its caller late: the limits are out of the way here.
        """
        endless = {"ADDRESS_PER_SECOND": "1e6", "REQUESTS_PER_SECOND": "1e6"}
        there = stack.where("IntakeFunction", **endless, REQUESTS_BURST="1000000")
        environments = [Gateway(load(template, there, "IntakeFunction")) for _ in range(50)]
        for environment in environments:
            assert environment.request("GET", "/health").status == 503  # which makes its clients
        together = threading.Barrier(50)

        def submit(environment: Gateway) -> Reply:
            together.wait()
            return environment.submit({"text": "hi"}, headers=SAME_KEY)

        with ThreadPoolExecutor(50) as threads:
            replies = list(threads.map(submit, environments))

        assert {reply.status for reply in replies} == {202}
        assert len({reply.text for reply in replies}) == 1
        assert depth() == 1


class TestFetch:
    def test_a_received_ticket(self, gateway: Gateway, asked: Asked) -> None:
        reply = gateway.fetch(asked.id, asked.token)

        assert reply.status == 200
        assert reply.body.keys() == {
            "id",
            "status",
            "intent",
            "score",
            "reason",
            "created_at",
            "updated_at",
            "due_at",
            "choices",
            "helpful",
            "messages",
        }
        assert (reply.body["status"], reply.body["intent"]) == ("received", None)
        assert [said["text"] for said in reply.body["messages"]] == [SECRET_TEXT]

    def test_an_answered_ticket(
        self, gateway: Gateway, asked: Asked, tickets: DynamoTickets
    ) -> None:
        """T2, F2: intent, score, the stored text unchanged, source automatic, times."""
        settle(tickets, asked.id)

        body = gateway.fetch(asked.id, asked.token).body

        assert (body["status"], body["intent"], body["score"]) == ("answered", "track_order", 0.9)
        said = body["messages"][-1]
        assert (said["source"], said["text"]) == ("automatic", ANSWER.article.answer)
        assert datetime.fromisoformat(said["at"]).tzinfo

    def test_a_ticket_answered_by_an_agent(
        self, gateway: Gateway, asked: Asked, tickets: DynamoTickets
    ) -> None:
        """T4, T5: waiting for an agent, then the agent's text unchanged, source agent."""
        text = "Grüß Gott,\nшлём завтра ✅\nAda"
        escalated = settle(tickets, asked.id, ESCALATE).after
        assert gateway.fetch(asked.id, asked.token).body["status"] == "escalated"
        now = datetime.now(UTC)
        claimed = ticket.claim(escalated, ADA, now=now, length=timedelta(minutes=15))
        tickets.commit(claimed)
        tickets.commit(ticket.reply(claimed.after, ADA, text, now=now))

        body = gateway.fetch(asked.id, asked.token).body

        assert body["status"] == "answered"
        said = body["messages"][-1]
        assert (said["source"], said["text"]) == ("agent", text)

    def test_a_ticket_the_worker_gave_up_on_says_so(
        self, gateway: Gateway, asked: Asked, tickets: DynamoTickets
    ) -> None:
        """T10: marked so in fetch."""
        received = conversation(tickets, asked.id).ticket
        tickets.commit(ticket.give_up(received, now=datetime.now(UTC)))

        body = gateway.fetch(asked.id, asked.token).body

        assert (body["status"], body["reason"]) == ("escalated", "processing_failed")

    def test_unknown_foreign_and_expired_look_the_same(
        self, gateway: Gateway, asked: Asked, tickets: DynamoTickets
    ) -> None:
        """T15."""
        foreign = gateway.submit({"text": "somebody else's"}).body["token"]
        long_ago = datetime(2020, 1, 1, tzinfo=UTC)
        opened = ticket.submit(
            ticket_id="0123456789abcdef",
            text="an old question",
            customer=ticket.Customer(),
            channel="web",
            token_hash=conversation(tickets, asked.id).ticket.token_hash,
            now=long_ago,
            token_life=timedelta(days=90),
            retention=timedelta(days=40_000),
        )
        tickets.commit(opened)

        replies = [
            gateway.fetch("zzzzzzzzzzzzzzzz", asked.token),
            gateway.fetch(asked.id, foreign),
            gateway.fetch(asked.id, asked.token[:-1]),
            gateway.fetch(asked.id, "x" * 5_000),
            gateway.fetch("0123456789abcdef", asked.token),
        ]

        assert {reply.status for reply in replies} == {404}
        assert len({reply.text for reply in replies}) == 1
        assert replies[0].headers["Content-Type"] == "application/problem+json"
        assert "question" not in replies[0].text

    def test_an_id_that_cannot_be_one_is_unknown_without_a_look(
        self, gateway: Gateway, asked: Asked, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """DynamoDB refuses keys above 2,048 bytes, which would be a 500."""
        unknown = gateway.fetch("zzzzzzzzzzzzzzzz", asked.token)
        monkeypatch.setattr(BaseClient, "_make_api_call", None)

        for absurd in ("x" * 3_000, "é", "..", "0123456789ABCDEF"):
            assert gateway.fetch(absurd, asked.token) == unknown

    @pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer ", "Basic dTpw"])
    def test_without_a_token(
        self, gateway: Gateway, asked: Asked, authorization: str | None
    ) -> None:
        headers = {} if authorization is None else {"Authorization": authorization}

        reply = gateway.fetch(asked.id, None, headers=headers)

        assert reply.status == reply.body["status"] == 401
        assert reply.headers["WWW-Authenticate"] == "Bearer"
        assert SECRET_TEXT not in reply.text

    def test_the_scheme_may_be_written_in_any_case(self, gateway: Gateway, asked: Asked) -> None:
        headers = {"authorization": f"bearer {asked.token}"}

        assert gateway.fetch(asked.id, None, headers=headers).status == 200

    @pytest.mark.parametrize("wait", ["21", "-1", "1.5", "soon", "", "²", "1e1", "9" * 5_000])
    def test_a_wrong_wait(self, gateway: Gateway, asked: Asked, wait: str) -> None:
        reply = gateway.fetch(asked.id, asked.token, query={"wait": wait})

        assert reply.status == 400
        (fault,) = reply.body["errors"]
        assert (fault["field"], fault["limit"]) == ("wait", 20)


class TestWaiting:
    """Time passes as the test says."""

    @pytest.fixture
    def gateway(self, template: dict[str, Any], stack: Stack) -> Gateway:
        """One of its own: its callers' limits remember the time that the test plays."""
        return Gateway(load(template, stack, "IntakeFunction"))

    @pytest.fixture
    def slept(self, gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> list[float]:
        function, slept = gateway.function, list[float]()
        start = datetime.now(UTC)
        monkeypatch.setattr(function.module.time, "sleep", slept.append)
        monkeypatch.setattr(function.module, "_now", lambda: start + timedelta(seconds=sum(slept)))
        return slept

    def test_is_held_until_its_time_is_over(
        self, gateway: Gateway, asked: Asked, slept: list[float]
    ) -> None:
        reply = gateway.fetch(asked.id, asked.token, query={"wait": "20"})

        assert (reply.status, reply.body["status"]) == (200, "received")
        assert sum(slept) == pytest.approx(20, abs=0.001)

    def test_returns_as_soon_as_there_is_an_answer(
        self,
        gateway: Gateway,
        asked: Asked,
        slept: list[float],
        tickets: DynamoTickets,
    ) -> None:
        def sleep(seconds: float) -> None:
            slept.append(seconds)
            if len(slept) == 3:
                settle(tickets, asked.id)

        gateway.function.module.time.sleep = sleep  # put right again when `slept` ends

        reply = gateway.fetch(asked.id, asked.token, query={"wait": "20"})

        assert reply.body["status"] == "answered"
        assert len(slept) == 3

    def test_without_wait_returns_at_once(
        self, gateway: Gateway, asked: Asked, slept: list[float]
    ) -> None:
        gateway.fetch(asked.id, asked.token)

        assert not slept

    def test_a_stranger_is_not_held(
        self, gateway: Gateway, asked: Asked, slept: list[float]
    ) -> None:
        assert gateway.fetch(asked.id, "wrong", query={"wait": "20"}).status == 404
        assert not slept

    def test_an_unchanged_ticket_is_not_sent_again(
        self, gateway: Gateway, asked: Asked, tickets: DynamoTickets, slept: list[float]
    ) -> None:
        tag = gateway.fetch(asked.id, asked.token).headers["ETag"]
        seen = {"If-None-Match": tag}

        unchanged = gateway.fetch(asked.id, asked.token, headers=seen)
        held = gateway.fetch(asked.id, asked.token, headers=seen, query={"wait": "5"})
        settle(tickets, asked.id)
        changed = gateway.fetch(asked.id, asked.token, headers=seen)

        assert (unchanged.status, unchanged.text, unchanged.headers["ETag"]) == (304, "", tag)
        assert held.status == 304
        assert sum(slept) == pytest.approx(5, abs=0.001)
        assert changed.status == 200
        assert changed.headers["ETag"] != tag

    @pytest.mark.parametrize("tag", ['"x"', "", ",", '"2", "3"', '"-1"', '"²"', '"01"'])
    def test_a_tag_of_another_kind_is_no_version_of_ours(
        self, gateway: Gateway, asked: Asked, tag: str
    ) -> None:
        assert gateway.fetch(asked.id, asked.token, headers={"If-None-Match": tag}).status == 200

    def test_a_weak_tag_counts_too(self, gateway: Gateway, asked: Asked) -> None:
        tag = gateway.fetch(asked.id, asked.token).headers["ETag"]
        headers = {"If-None-Match": f"W/{tag}"}

        assert gateway.fetch(asked.id, asked.token, headers=headers).status == 304

    def test_says_when_to_ask_again_while_a_reply_is_owed(
        self, gateway: Gateway, asked: Asked, tickets: DynamoTickets
    ) -> None:
        def retry_after() -> str | None:
            return gateway.fetch(asked.id, asked.token).headers.get("Retry-After")

        received = retry_after()
        escalated = settle(tickets, asked.id, ESCALATE).after
        waiting = retry_after()
        now = datetime.now(UTC)
        claimed = ticket.claim(escalated, ADA, now=now, length=timedelta(minutes=15))
        tickets.commit(claimed)
        held = retry_after()
        tickets.commit(ticket.reply(claimed.after, ADA, "Done.", now=now))

        assert held == "1", "the reply is being written"
        assert received is not None
        assert waiting is not None
        assert 0 < int(received) < int(waiting)
        assert retry_after() is None


@pytest.fixture
def every_kind_of_reply(gateway: Gateway, asked: Asked, taught: None) -> list[Reply]:
    tag = {"If-None-Match": '"1"'}
    return [
        gateway.submit({"text": "hi"}),
        gateway.submit({}),
        gateway.submit({"text": "hi"}, headers={"Content-Type": "text/plain"}),
        gateway.request("PUT", "/queries"),
        gateway.fetch(asked.id, asked.token),
        gateway.fetch(asked.id, asked.token, headers=tag),
        gateway.fetch(asked.id, "wrong"),
        gateway.fetch(asked.id, None),
        gateway.request("GET", "/health"),
        gateway.request("GET", "/openapi.json"),
    ]


@pytest.fixture
def taught(stack: Stack) -> None:
    """Let the knowledge table name a model in force."""
    teach(stack)


def teach(stack: Stack) -> None:
    """Store the choice of a model that no bucket holds."""
    named = {"version": "v1", "at": "2026-03-02T09:00:00+00:00", "knowledge": "digest"}
    model = {"pk": "MODEL", "sk": "CURRENT", "figures": None, **named}
    boto3.resource("dynamodb").Table(stack.outputs["KnowledgeTable"]).put_item(Item=model)


def test_every_reply_keeps_itself_out_of_caches_and_sniffers(
    every_kind_of_reply: list[Reply],
) -> None:
    statuses = [reply.status for reply in every_kind_of_reply]
    assert statuses == [202, 400, 415, 405, 200, 304, 404, 401, 200, 200]
    for reply in every_kind_of_reply:
        assert reply.headers["Cache-Control"] == "no-store"
        assert reply.headers["X-Content-Type-Options"] == "nosniff"


def test_logs_hold_the_ids_and_no_text(
    gateway: Gateway, capsys: pytest.CaptureFixture[str]
) -> None:
    """T16, X5: message text neither in a URL nor in a log line; ids are."""
    customer = {"email": "ada@example.com", "name": "Ada Lovelace"}
    accepted = gateway.submit({"text": SECRET_TEXT, "customer": customer})
    gateway.submit({"text": f"{SECRET_TEXT}{'x' * MAX_TEXT}", "customer": customer})
    gateway.fetch(accepted.body["id"], accepted.body["token"])
    gateway.fetch(accepted.body["id"], "wrong")

    logged = "".join(capsys.readouterr())

    assert accepted.body["id"] in logged
    assert accepted.body["id"] in accepted.headers["Location"]
    for secret in (SECRET_TEXT, "12345", "ada@example.com", "Lovelace", accepted.body["token"]):
        assert secret not in logged
        assert secret not in accepted.headers["Location"]


def test_every_question_is_counted(gateway: Gateway, capsys: pytest.CaptureFixture[str]) -> None:
    gateway.submit({"text": "hi"})

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["Received"] for line in lines if "Received" in line] == [1.0]


class TestHealth:
    def test_is_well_when_everything_answers(self, gateway: Gateway, taught: None) -> None:
        reply = gateway.request("GET", "/health")

        assert (reply.status, reply.body) == (200, {"status": "ok"})

    def test_a_failure_inside_is_a_problem_that_tells_nothing(
        self, template: dict[str, Any], stack: Stack
    ) -> None:
        lost = stack.where("IntakeFunction", TICKETS_TABLE="")

        reply = Gateway(load(template, lost, "IntakeFunction")).submit({"text": "hi"})

        assert reply.status == 500
        assert reply.body["status"] == 500
        assert reply.headers["Content-Type"] == "application/problem+json"
        assert "TICKETS_TABLE" not in reply.text


@pytest.fixture
def document(gateway: Gateway) -> Any:
    return gateway.request("GET", "/openapi.json").body


def test_the_document_describes_the_routes_there_are(
    document: dict[str, Any], template: dict[str, Any]
) -> None:
    """What is below `/help/` is for people who read: pages, and what these load."""
    described = {
        (path, method.upper()) for path, verbs in document["paths"].items() for method in verbs
    }

    assert described == {
        (event["Properties"]["Path"], event["Properties"]["Method"])
        for function in functions(template).values()
        for event in function["Events"].values()
        if event["Type"] == "Api" and not event["Properties"]["Path"].startswith("/help/")
    }


def test_every_status_is_in_the_document(
    document: dict[str, Any], every_kind_of_reply: list[Reply]
) -> None:
    """405 belongs to no operation; the rest is promised where it happens."""
    promised = {
        status
        for verbs in document["paths"].values()
        for operation in verbs.values()
        for status in operation["responses"]
    }

    assert {str(reply.status) for reply in every_kind_of_reply} - {"405"} <= promised


def test_chalices_own_client_gets_the_same(
    function: Function, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in function.environment.items():
        monkeypatch.setenv(name, value)
    with Client(function.module.app) as client:
        reply = client.http.post(
            "/queries",
            body=json.dumps({"text": "hi"}).encode(),
            headers={"Content-Type": "application/json"},
        )

    assert reply.status_code == 202
    assert re.fullmatch(r"[0-9a-z]{16}", reply.json_body["id"])
