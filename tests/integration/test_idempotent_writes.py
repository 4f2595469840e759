"""A request that is sent again: one effect and one answer, on every write; and versions.

Points 8 of the field's findings: Idempotency-Key, If-Match, If-None-Match, names that occur twice.
"""

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock

import boto3
import pytest
from helpdesk import openapi, ticket
from helpdesk.aws import clients
from helpdesk.aws.tickets import DynamoTickets
from helpdesk.ticket import replay

from tests.integration.conftest import PUBLIC_KEY, Function, Stack, load
from tests.integration.test_intake import ANSWER, UNDERSTOOD, Gateway, Reply

KEY = {"Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324"}
ERASED = "DELETE /queries/{id}"
FILES = "POST /queries/{id}/attachments"
"""A write beside the ticket: it does not move the ticket, and its form is a new one each time."""

WRITES: dict[str, Any] = {
    "POST /queries/{id}/messages": {"text": "And where is it now?"},
    "POST /queries/{id}/feedback": {"helpful": False, "comment": "It did not help."},
    "POST /queries/{id}/close": None,
    "POST /queries/{id}/token": None,
    ERASED: None,
}
"""Every write on a ticket, with a body if it takes one."""

OTHERWISE: dict[str, Any] = {
    "POST /queries/{id}/messages": {"text": "Something else."},
    "POST /queries/{id}/feedback": {"helpful": True},
}


@dataclass(frozen=True)
class Answered:
    """An answered ticket of a customer."""

    gateway: Gateway
    tickets: DynamoTickets
    id: str
    token: str

    def send(
        self, write: str, body: Any = None, headers: dict[str, str] | None = None, **more: str
    ) -> Reply:
        verb, path = write.split()
        given = {"Authorization": f"Bearer {more.get('token', self.token)}"} | (headers or {})
        wanted = WRITES.get(write) if body is None else body
        if wanted is not None:
            given["Content-Type"] = "application/json"
        text = None if wanted is None else json.dumps(wanted)
        return self.gateway.request(verb, path, id=self.id, headers=given, body=text)

    def version(self) -> int:
        found = self.tickets.get(self.id)
        return found.version if found else 0


@pytest.fixture(scope="module")
def function(template: dict[str, Any], deployed: Stack) -> Function:
    return load(template, deployed, "IntakeFunction")


@pytest.fixture
def answered(function: Function, stack: Stack) -> Answered:
    gateway = Gateway(function)
    made = gateway.submit({"text": "Where is my order?"}).body
    tickets = DynamoTickets(clients.table(stack.outputs["TicketsTable"]))
    found = tickets.get(made["id"])
    assert found
    tickets.commit(ticket.settle(found, UNDERSTOOD, ANSWER, now=datetime.now(UTC)))
    return Answered(gateway, tickets, made["id"], made["token"])


def told(reply: Reply) -> tuple[int, str, str | None]:
    return reply.status, reply.text, reply.headers.get("ETag")


def test_these_are_all_the_writes_there_are() -> None:
    paths = openapi.document("1")["paths"]
    on_a_ticket = {
        f"{verb.upper()} {path}"
        for path, verbs in paths.items()
        for verb in verbs
        if "{id}" in path and verb != "get"
    }

    assert on_a_ticket == {*WRITES, FILES}
    for write in (*WRITES, FILES):
        verb, path = write.split()
        named = [each["name"] for each in paths[path][verb.lower()]["parameters"]]
        assert named == ["id", "Idempotency-Key", "If-Match", "If-None-Match"]


@pytest.mark.parametrize("write", WRITES)
def test_a_write_sent_three_times_with_one_key_is_done_once(
    answered: Answered, stack: Stack, write: str
) -> None:
    stack.take_messages("IntakeQueueUrl")
    first = answered.send(write, headers=KEY)
    after = answered.version()
    waiting = [stack.queue_depth(name) for name in ("IntakeQueueUrl", "EscalationQueueUrl")]
    again = [answered.send(write, headers=KEY) for _ in range(2)]

    assert 200 <= first.status < 300
    assert [told(each) for each in again] == [told(first)] * 2
    assert answered.version() == after
    assert waiting == [stack.queue_depth(name) for name in ("IntakeQueueUrl", "EscalationQueueUrl")]
    if write != ERASED:
        found = answered.tickets.get(answered.id)
        assert replay(answered.tickets.events(answered.id)) == found


@pytest.mark.parametrize("write", WRITES)
def test_twenty_at_once_with_one_key_are_one(answered: Answered, write: str) -> None:
    together = threading.Barrier(20)

    def send(_: int) -> Reply:
        together.wait()
        return answered.send(write, headers=KEY)

    before = answered.version()
    with ThreadPoolExecutor(20) as threads:
        replies = list(threads.map(send, range(20)))

    assert len({told(each) for each in replies}) == 1
    assert replies[0].status < 300
    assert answered.version() == (0 if write == ERASED else before + 1)


@pytest.mark.parametrize("write", WRITES)
def test_a_repeated_write_is_told_the_same_after_other_moves(
    answered: Answered, write: str
) -> None:
    """What the customer did since does not change the answer to the first request."""
    if write == ERASED:
        pytest.skip("nothing follows an erasure")
    first = answered.send(write, headers=KEY)
    token = first.body.get("token", answered.token)
    answered.send("POST /queries/{id}/messages", {"text": "One more thing."}, token=token)
    version = answered.version()

    assert told(answered.send(write, headers=KEY)) == told(first)
    assert answered.version() == version


@pytest.mark.parametrize("write", OTHERWISE)
def test_the_same_key_with_another_body_is_a_conflict(answered: Answered, write: str) -> None:
    answered.send(write, headers=KEY)
    version = answered.version()
    reply = answered.send(write, OTHERWISE[write], headers=KEY)

    assert (reply.status, reply.body["title"]) == (409, "Idempotency-Key reused")
    assert answered.version() == version


def test_the_same_key_for_another_verb_is_a_conflict(answered: Answered) -> None:
    answered.send("POST /queries/{id}/messages", headers=KEY)

    assert answered.send("POST /queries/{id}/close", headers=KEY).status == 409
    assert answered.send("POST /queries/{id}/token", headers=KEY).status == 409


def test_another_application_or_ticket_may_use_the_same_key(
    answered: Answered, function: Function
) -> None:
    answered.send("POST /queries/{id}/messages", headers=KEY)
    pages = Answered(
        Gateway(function, key_id=PUBLIC_KEY), answered.tickets, answered.id, answered.token
    )
    made = answered.gateway.submit({"text": "Another question"}, headers=KEY).body
    other = Answered(answered.gateway, answered.tickets, made["id"], made["token"])
    version = answered.version()

    assert pages.send("POST /queries/{id}/messages", headers=KEY).status == 202
    assert answered.version() == version + 1
    assert other.send("POST /queries/{id}/messages", headers=KEY).status == 202
    assert other.version() == 2


def test_a_key_may_be_used_again_after_a_day(answered: Answered, function: Function) -> None:
    answered.send("POST /queries/{id}/messages", headers=KEY)
    later = datetime.now(UTC) + timedelta(hours=24, minutes=1)
    with mock.patch.object(function.module, "_now", return_value=later):
        again = answered.send("POST /queries/{id}/messages", {"text": "A new day"}, headers=KEY)

    assert again.status == 202
    found = answered.tickets.conversation(answered.id)
    assert found
    assert [said.text for said in found.messages][-2:] == ["And where is it now?", "A new day"]


def test_a_key_is_found_behind_many_later_moves(answered: Answered) -> None:
    first = answered.send("POST /queries/{id}/messages", headers=KEY)
    found = answered.tickets.get(answered.id)
    assert found
    for number in range(25):
        change = ticket.follow_up(found, f"And {number}?", now=datetime.now(UTC))
        answered.tickets.commit(change)
        found = change.after

    assert told(answered.send("POST /queries/{id}/messages", headers=KEY)) == told(first)


class TestTheTokensExchange:
    def test_the_old_token_and_the_key_get_the_new_token_again(self, answered: Answered) -> None:
        first = answered.send("POST /queries/{id}/token", headers=KEY).body
        again = answered.send("POST /queries/{id}/token", headers=KEY).body

        assert again == first
        assert answered.gateway.fetch(answered.id, again["token"]).status == 200
        assert answered.gateway.fetch(answered.id, answered.token).status == 404

    def test_without_the_key_the_old_token_gets_nothing(self, answered: Answered) -> None:
        answered.send("POST /queries/{id}/token", headers=KEY)

        for headers in ({}, {"Idempotency-Key": "guessed"}):
            assert answered.send("POST /queries/{id}/token", headers=headers).status == 404

    def test_the_key_without_the_old_token_gets_nothing(self, answered: Answered) -> None:
        answered.send("POST /queries/{id}/token", headers=KEY)

        stranger = answered.send("POST /queries/{id}/token", headers=KEY, token="another")
        assert stranger.status == 404

    def test_a_token_that_was_exchanged_again_is_not_given_out(self, answered: Answered) -> None:
        first = answered.send("POST /queries/{id}/token", headers=KEY).body
        answered.send("POST /queries/{id}/token", token=first["token"])

        assert answered.send("POST /queries/{id}/token", headers=KEY).status == 404

    def test_the_old_token_opens_no_other_repeated_write(self, answered: Answered) -> None:
        wrote = {"Idempotency-Key": "wrote"}
        answered.send("POST /queries/{id}/messages", headers=wrote)
        answered.send("POST /queries/{id}/token", headers=KEY)

        assert answered.send("POST /queries/{id}/messages", headers=wrote).status == 404

    def test_nothing_readable_is_stored(self, answered: Answered, stack: Stack) -> None:
        fresh = answered.send("POST /queries/{id}/token", headers=KEY).body["token"]

        table = boto3.resource("dynamodb").Table(stack.outputs["TicketsTable"])
        everything = repr(table.scan()["Items"])
        assert fresh not in everything
        assert KEY["Idempotency-Key"] not in everything


def test_an_erased_ticket_is_gone_for_others_and_done_for_the_one_who_asks_again(
    answered: Answered,
) -> None:
    assert answered.send(ERASED, headers=KEY).status == 204

    assert answered.send(ERASED, headers=KEY).status == 204
    assert answered.send(ERASED).status == 404
    assert answered.send(ERASED, headers=KEY, token="another").status == 404
    assert answered.send(ERASED, headers={"Idempotency-Key": "another"}).status == 404


def test_what_is_remembered_is_erased_with_the_ticket(answered: Answered, stack: Stack) -> None:
    for number, write in enumerate(WRITES):
        if write not in {ERASED, "POST /queries/{id}/token"}:
            answered.send(write, headers={"Idempotency-Key": f"key-{number}"})
    answered.send(ERASED)

    table = boto3.resource("dynamodb").Table(stack.outputs["TicketsTable"])
    left = [item["pk"] for item in table.scan()["Items"] if not item["pk"].startswith("RATE#")]
    assert left == [f"ERASURE#{answered.id}"]


def test_a_repeated_rating_is_counted_once(
    answered: Answered, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(3):
        answered.send("POST /queries/{id}/feedback", headers=KEY)

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["NotHelpful"] for line in lines if "NotHelpful" in line] == [1.0]


@pytest.mark.parametrize("write", ["POST /queries", *WRITES])
@pytest.mark.parametrize("key", ["two words", "ключ", "tab\there", "", "x" * 256, "é", "\x7f"])
def test_a_bad_key_gets_a_sentence_that_says_which_characters_are_allowed(
    answered: Answered, write: str, key: str
) -> None:
    version = answered.version()
    body = {"text": "hi"} if write == "POST /queries" else None
    reply = answered.send(write, body, headers={"Idempotency-Key": key})

    assert (reply.status, reply.body["title"]) == (400, "Bad header")
    assert "1 to 255 visible ASCII characters are allowed: letters, digits" in reply.body["detail"]
    (fault,) = reply.body["errors"]
    assert (fault["field"], fault["limit"]) == ("Idempotency-Key", 255)
    assert answered.version() == version


@pytest.mark.parametrize("key", ["!", "~", '"8e03978e"', "order:1/question;2", "x" * 255])
def test_a_good_key_is_taken(answered: Answered, key: str) -> None:
    for write in ("POST /queries/{id}/messages", "POST /queries/{id}/messages"):
        assert answered.send(write, headers={"Idempotency-Key": key}).status == 202
    assert answered.version() == 3


def sent_twice(function: Function, header: str, values: list[str], answered: Answered) -> Reply:
    """Send a header in several lines, as API Gateway passes them on."""
    event_of = Function.__call__

    def call(self: Function, event: dict[str, Any]) -> Any:
        event["multiValueHeaders"][header] = values
        return event_of(self, event)

    with mock.patch.object(Function, "__call__", call):
        return answered.send("POST /queries/{id}/close", headers={header: values[-1]})


def test_two_keys_are_refused(function: Function, answered: Answered) -> None:
    reply = sent_twice(function, "Idempotency-Key", ["one", "two"], answered)

    assert reply.status == 400
    assert "more than once" in reply.body["detail"]


class TestVersions:
    """RFC 9110, section 13."""

    @pytest.mark.parametrize(
        ("tags", "status"),
        [
            ('"2"', 304),
            ('W/"2"', 304),
            ("*", 304),
            (" * ", 304),
            ('"1", "2"', 304),
            ('"1",W/"2" , "x"', 304),
            (', "2",,', 304),
            ('"1", "3"', 200),
            ('"2x"', 200),
            ("", 200),
            ("2", 400),
            ('"2', 400),
            ('"2" "3"', 400),
            ('w/"2"', 400),
            ('*, "2"', 400),
            ("'2'", 400),
            ('"2 "', 400),
            ("9" * 5_000, 400),
        ],
    )
    def test_if_none_match(self, answered: Answered, tags: str, status: int) -> None:
        reply = answered.gateway.fetch(answered.id, answered.token, headers={"If-None-Match": tags})

        assert reply.status == status
        if status == 400:
            assert "Name versions as ETag gives them" in reply.body["detail"]
        else:
            assert reply.headers["ETag"] == '"2"'

    def test_if_none_match_in_several_lines_is_one_list(
        self, function: Function, answered: Answered
    ) -> None:
        reply = sent_twice(function, "If-None-Match", ['"2"', '"9"'], answered)

        assert reply.status == 412

    @pytest.mark.parametrize(("tags", "held"), [('"2"', True), ('"7", "2"', True), ("*", False)])
    def test_a_fetch_that_waits_knows_lists_too(
        self, answered: Answered, function: Function, tags: str, held: bool
    ) -> None:
        start, slept = datetime.now(UTC), []
        with (
            mock.patch.object(function.module.time, "sleep", slept.append),
            mock.patch.object(
                function.module, "_now", side_effect=lambda: start + timedelta(seconds=sum(slept))
            ),
        ):
            reply = answered.gateway.fetch(
                answered.id,
                answered.token,
                headers={"If-None-Match": tags},
                query={"wait": "3"},
            )

        assert reply.status == 304
        assert bool(slept) is held

    @pytest.mark.parametrize(
        ("tags", "met"),
        [('"2"', True), ('"1", "2"', True), ("*", True), ('"1"', False), ('W/"2"', False)],
    )
    @pytest.mark.parametrize("write", ["GET /queries/{id}", *WRITES])
    def test_if_match(self, answered: Answered, write: str, tags: str, met: bool) -> None:
        before = answered.version()
        reply = answered.send(write, headers={"If-Match": tags})

        if met:
            assert reply.status < 300
        else:
            assert (reply.status, reply.body["title"]) == (412, "Another version")
            assert answered.version() == before

    @pytest.mark.parametrize(("tags", "met"), [('"2"', False), ("*", False), ('"1"', True)])
    @pytest.mark.parametrize("write", WRITES)
    def test_if_none_match_on_a_write(
        self, answered: Answered, write: str, tags: str, met: bool
    ) -> None:
        reply = answered.send(write, headers={"If-None-Match": tags})

        assert (reply.status < 300) is met
        if not met:
            assert reply.status == 412

    @pytest.mark.parametrize("write", WRITES)
    def test_a_repeated_write_is_told_the_same_though_it_made_a_new_version(
        self, answered: Answered, write: str
    ) -> None:
        once = KEY | {"If-Match": '"2"'}
        first = answered.send(write, headers=once)

        assert first.status < 300
        assert told(answered.send(write, headers=once)) == told(first)

    @pytest.mark.parametrize("write", WRITES)
    def test_a_stranger_learns_no_version(self, answered: Answered, write: str) -> None:
        for tags in ('"1"', '"2"', "*"):
            reply = answered.send(write, headers={"If-Match": tags}, token="another")
            assert reply.status == 404

    @pytest.mark.parametrize("header", ["If-Match", "If-None-Match"])
    def test_questions_have_no_versions(self, answered: Answered, header: str) -> None:
        reply = answered.gateway.submit({"text": "hi"}, headers={header: "*"})

        assert reply.status == 400
        assert header in reply.body["detail"]


TWICE = [
    ('{"text": "one", "text": "two"}', "text"),
    ('{"text": "hi", "customer": {"email": "a@x.example", "email": "c@x.example"}}', "email"),
    (r'{"text": "one", "te\u0078t": "two"}', "text"),
    ('{"text": "hi", "customer": {}, "customer": {}}', "customer"),
]


@pytest.mark.parametrize(("body", "name"), TWICE)
def test_a_name_that_occurs_twice_is_refused(
    answered: Answered, body: str, name: str, stack: Stack
) -> None:
    reply = answered.gateway.submit(raw=body)

    assert reply.status == 400
    (fault,) = reply.body["errors"]
    assert fault["field"] == name
    assert "twice" in reply.body["detail"]
    reply = answered.gateway.request(
        "POST",
        "/queries/{id}/messages",
        id=answered.id,
        headers={
            "Content-Type": "application/json",
            "Authorization": f"Bearer {answered.token}",
        },
        body=body,
    )
    assert reply.status == 400
    assert answered.version() == 2


def test_a_name_twice_is_not_quoted_at_length(answered: Answered) -> None:
    secret = "my card number is 4111111111111111"
    reply = answered.gateway.submit(raw=f'{{"{secret}": 1, "{secret}": 2}}')

    assert reply.status == 400
    assert "4111" not in reply.text


def test_one_name_in_two_objects_is_no_repetition(answered: Answered) -> None:
    reply = answered.gateway.submit(raw='{"text": "text", "customer": {"name": "text"}}')

    assert reply.status == 202


@pytest.fixture
def table(stack: Stack) -> Callable[[], list[dict[str, Any]]]:
    found = boto3.resource("dynamodb").Table(stack.outputs["TicketsTable"])
    return lambda: found.scan()["Items"]


def test_a_key_costs_no_item_of_its_own(
    answered: Answered, table: Callable[[], list[dict[str, Any]]]
) -> None:
    """It stands beside the event of its move."""
    before = {(item["pk"], item["sk"]) for item in table()}
    answered.send("POST /queries/{id}/messages", headers=KEY)

    added = {(item["pk"], item["sk"]) for item in table()} - before
    assert {sk for pk, sk in added if not pk.startswith("RATE#")} == {"MESSAGE#000003"}
