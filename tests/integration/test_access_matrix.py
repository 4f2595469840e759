"""Who may do what to which object: every cell, from the OpenAPI document and the policies.

The customers' half goes through the door itself. Of the gateway's half, the API key, the template
is asked; of the desk's half, the IAM policies, every cell is compared with `docs/security.md`.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock

import boto3
import pytest
from helpdesk import access, customers, files, openapi, ticket
from helpdesk.agents import Workplace
from helpdesk.aws import clients
from helpdesk.aws.attachments import DynamoAttachments
from helpdesk.aws.tickets import DynamoTickets
from helpdesk.ticket import Agent
from helpdesk.triage import Answer

from tests.fakes import an_article, an_understanding
from tests.filing import an_attachment
from tests.integration.conftest import ROOT, Function, Stack, functions, load
from tests.integration.policies import with_all_grants
from tests.integration.test_intake import Gateway, Reply, taught  # noqa: F401 -- fixture

DOCUMENT = openapi.document("1")
OPERATIONS = {
    operation["operationId"]: (path, verb.upper(), operation)
    for path, verbs in DOCUMENT["paths"].items()
    for verb, operation in verbs.items()
}
BODIES = {
    "submit": {"text": "Where is my order?"},
    "followUp": {"text": "It has not arrived."},
    "rate": {"helpful": True},
    "predict": {"texts": ["Where is my order?"]},
    "analyse": {"text": "Where is my order?"},
    "processMessage": {"current_prospect_message": "Where is my order?", "prospect_id": "C-1"},
    "announceAttachment": {"name": "invoice.pdf", "media_type": "application/pdf", "size": 9},
}
"""One legal body for each operation that takes one."""


def needs(operation: dict[str, Any], scheme: str) -> bool:
    return any(scheme in each for each in operation.get("security", DOCUMENT["security"]))


OF_INTEGRATORS = {"predict", "analyse", "categories", "processMessage"}
"""What the predict function answers."""

OF_VISITORS = {"help", "widget"}
"""What the pages function gives out, without a key; test_pages_function asks it."""

ON_A_TICKET = [name for name, (_, _, each) in OPERATIONS.items() if needs(each, "token")]
WHO = ("owner", "no token", "stranger", "former", "revoked", "late", "forger")
OBJECTS = ("own", "foreign", "missing")
SECRET = "parcel-with-the-golden-duck"
NOW = datetime.now(UTC)


@dataclass(frozen=True)
class World:
    """Two customers' answered tickets, and the token each kind of caller has."""

    tickets: DynamoTickets
    ids: dict[str, str]
    tokens: dict[str, str | None]

    def state(self) -> list[Any]:
        return [self.tickets.conversation(each) for each in self.ids.values()]


@pytest.fixture(scope="module")
def function(template: dict[str, Any], deployed: Stack) -> Function:
    return load(template, deployed, "IntakeFunction")


@pytest.fixture
def gateway(function: Function, stack: Stack) -> Gateway:
    return Gateway(function)


@pytest.fixture
def world(stack: Stack) -> Callable[[str], World]:
    """Return a maker of worlds for one kind of caller."""
    tickets = DynamoTickets(clients.table(stack.outputs["TicketsTable"]))

    def answered(ticket_id: str, token: str, life: timedelta = timedelta(days=90)) -> None:
        change = ticket.submit(
            ticket_id=ticket_id,
            text=f"Where is my {SECRET}?",
            customer=ticket.Customer(email="ada@example.com"),
            channel="web",
            token_hash=access.token_hash(token),
            now=NOW - timedelta(minutes=1),
            token_life=life,
            retention=timedelta(days=400),
        )
        tickets.commit(change)
        answer = Answer(an_article("refund"))
        understood = an_understanding(("refund", 0.9))
        tickets.commit(ticket.settle(change.after, understood, answer, now=NOW))

    def make(who: str) -> World:
        own, foreign = access.new_ticket_id(), access.new_ticket_id()
        mine, theirs = access.new_token(), access.new_token()
        answered(own, mine, timedelta(seconds=30) if who == "late" else timedelta(days=90))
        answered(foreign, theirs)
        for each in (own, foreign):
            a_file(stack, each)
        if who == "former":
            terms = customers.Terms(token_life=timedelta(days=90), retention=timedelta(days=400))
            customers.renew_token(own, mine, tickets=tickets, terms=terms, now=NOW)
        if who == "revoked":
            desk_of_agents = Workplace(
                agent=Agent("ada"),
                tickets=tickets,
                escalations=mock.Mock(),
                articles=mock.Mock(),
                clock=lambda: NOW,
            )
            desk_of_agents.revoke_token(own)
        tokens = {who: mine, "no token": None, "stranger": access.new_token()}
        tokens["forger"] = f"{mine[:-2]}{'AA' if mine[-2:] != 'AA' else 'BB'}"
        ids = {"own": own, "foreign": foreign, "missing": access.new_ticket_id()}
        return World(tickets, ids, tokens)

    return make


def a_file(stack: Stack, ticket_id: str) -> None:
    """Give a ticket a file that is ready."""
    put = clients.s3().put_object(
        Bucket=stack.outputs["FilesBucket"], Key=files.key_of(ticket_id, 1), Body=b"secret"
    )
    ready = an_attachment(ticket_id, state=files.State.READY, etag=put["ETag"].strip('"'))
    DynamoAttachments(clients.table(stack.outputs["TicketsTable"])).add(ready)


def call(gateway: Gateway, name: str, ticket_id: str, token: str | None) -> Reply:
    path, verb, operation = OPERATIONS[name]
    headers = {"Content-Type": "application/json"} if "requestBody" in operation else {}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    body = json.dumps(BODIES[name]) if "requestBody" in operation else None
    more = {"number": "1"} if "{number}" in path else {}
    return gateway.request(verb, path, headers=headers, body=body, id=ticket_id, **more)


def test_the_matrix_has_every_operation() -> None:
    bodies = {name for name, (_, _, each) in OPERATIONS.items() if "requestBody" in each}

    assert set(BODIES) == bodies
    assert set(OPERATIONS) - set(ON_A_TICKET) == {
        "submit", "health", "openapi", *OF_INTEGRATORS, *OF_VISITORS,
    }  # fmt: skip
    assert {path for path, _, _ in OPERATIONS.values() if "{id}" in path} == {
        OPERATIONS[name][0] for name in ON_A_TICKET
    }


@pytest.mark.parametrize("name", ON_A_TICKET)
@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("which", OBJECTS)
def test_a_cell(
    gateway: Gateway, world: Callable[[str], World], name: str, who: str, which: str
) -> None:
    """BOLA, OWASP API 1: the owner of a valid token, on the token's ticket, and no one else."""
    there = world(who)
    before = there.state()
    reply = call(gateway, name, there.ids[which], there.tokens[who])

    if (who, which) == ("owner", "own"):
        assert 200 <= reply.status < 400, reply.text
        return
    assert reply.status == (401 if who == "no token" else 404)
    assert there.state() == before
    assert SECRET not in reply.text
    absent = call(gateway, name, access.new_ticket_id(), there.tokens[who])
    assert (reply.status, reply.text) == (absent.status, absent.text), "foreign looks like missing"


@pytest.mark.parametrize(
    "name", sorted(set(OPERATIONS) - set(ON_A_TICKET) - OF_INTEGRATORS - OF_VISITORS)
)
@pytest.mark.parametrize("token", [None, "any"])
@pytest.mark.usefixtures("taught")
def test_what_is_about_no_ticket_asks_for_no_token(
    gateway: Gateway, name: str, token: str | None
) -> None:
    assert 200 <= call(gateway, name, "", token).status < 300


def test_the_gateway_asks_for_the_key_where_the_document_says(template: dict[str, Any]) -> None:
    asked = {
        (event["Properties"]["Path"], event["Properties"]["Method"]): bool(
            event["Properties"].get("Auth", {}).get("ApiKeyRequired")
        )
        for function in functions(template).values()
        for event in function["Events"].values()
        if event["Type"] == "Api"
        and not event["Properties"]["Path"].startswith("/help/")  # for browsers, not for clients
    }

    assert asked == {
        (path, verb): needs(operation, "application")
        for path, verb, operation in OPERATIONS.values()
    }


def test_no_origin_is_let_in(
    gateway: Gateway, world: Callable[[str], World], template: dict[str, Any]
) -> None:
    """CORS is closed: no route answers a preflight and no answer names an origin."""
    there = world("owner")
    for path, _, _ in OPERATIONS.values():
        preflight = gateway.request(
            "OPTIONS",
            path,
            headers={"Origin": "https://evil.example", "Access-Control-Request-Method": "GET"},
            id=there.ids["own"],
            **({"number": "1"} if "{number}" in path else {}),
        )
        assert preflight.status in {404, 405}
    reply = gateway.fetch(
        there.ids["own"], there.tokens["owner"], headers={"Origin": "https://evil.example"}
    )
    assert reply.status == 200
    assert not [name for name in reply.headers if name.lower().startswith("access-control")]
    assert "Cors" not in json.dumps(template)
    assert "Access-Control" not in json.dumps(template)


# ── who at the desk and which function may call what ──

type Cell = tuple[str, str, str]
"""Who, verb, object."""


def policies(template: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, resource in template["Resources"].items():
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::IAM::ManagedPolicy":
            yield name.removesuffix("Policy").lower(), properties["PolicyDocument"]
        if resource["Type"] == "AWS::IAM::Role":
            for policy in properties["Policies"]:
                yield name.removesuffix("Role").lower(), with_all_grants(policy["PolicyDocument"])


def cells(template: dict[str, Any]) -> set[Cell]:
    """Return every cell that is allowed."""
    found = set()
    for who, document in policies(template):
        for statement in document["Statement"]:
            assert statement["Effect"] == "Allow", "what is not allowed is denied"
            keys = statement.get("Condition", {}).get("ForAllValues:StringLike", {})
            only = keys.get("dynamodb:LeadingKeys", [""])
            for action in _listed(statement["Action"]):
                for resource in _listed(statement["Resource"]):
                    found |= {(who, action, _named(resource, key)) for key in only}
    return found


def _listed(given: Any) -> list[Any]:
    return given if isinstance(given, list) else [given]


def _named(given: Any, key: str) -> str:
    if given == "*":
        return "every stream"
    if "Fn::GetAtt" in given:
        name, attribute = given["Fn::GetAtt"]
        return f"{name} stream" if attribute == "StreamArn" else f"{name} {key}".strip()
    text: str = given["Fn::Sub"]
    for mark, what in ((":log-group:", "own log group"), (":cloudformation:", "this stack")):
        if mark in text:
            return what
    if ":rule/" in text:
        return f"rule {text.rpartition(':rule/')[2]}"
    if any(f":{service}:" in text for service in ("bedrock", "secretsmanager", "ses", "ssm")):
        mark = ":*::" if ":foundation-model/" in text else "${AWS::AccountId}:"
        own = text.partition(mark)[2]
        return f"SES {own}" if ":ses:" in text else own
    name, _, rest = text.removeprefix("${").partition(".Arn}")
    return f"{name}{rest} {key}".strip()


def matrix(template: dict[str, Any]) -> str:
    """Return the matrix as the table in docs/security.md: objects down, actors across."""
    allowed = cells(template)
    actors = list(dict.fromkeys(who for who, _ in policies(template)))
    lines = [f"| object | {' | '.join(actors)} |", f"|---|{'---|' * len(actors)}"]
    by_object: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for who, action, thing in allowed:
        by_object[thing][who].add(action.partition(":")[2])
    for thing in sorted(by_object):
        row = [", ".join(sorted(by_object[thing][who])) or "." for who in actors]
        lines.append(f"| {thing} | {' | '.join(row)} |")
    return "\n".join(lines)


def test_every_cell_is_as_written_down(template: dict[str, Any]) -> None:
    """A grant that is new, gone or moved is a surprise until docs/security.md says so too."""
    written = (ROOT / "docs" / "security.md").read_text()

    assert matrix(template) in written, f"put this there:\n\n{matrix(template)}"


WRITES = ("Put", "Update", "Delete", "Send", "Change", "BatchWrite", "Invoke", "Create")


def test_the_rules_that_hold_whatever_the_cells(template: dict[str, Any]) -> None:
    def who_may(thing: str, *actions: str) -> set[str]:
        return {
            who
            for who, action, what in cells(template)
            if what.startswith(thing) and action.partition(":")[2].startswith(actions)
        }

    assert not {
        (action, thing)
        for who, action, thing in cells(template)
        if who == "auditor" and action.partition(":")[2].startswith(WRITES)
    }
    assert who_may("TicketsTable", "Delete") <= {"intake", "lead", "mail"}
    assert not who_may("TicketsTable", "BatchWrite"), "a batch may store in the place of deleting"
    assert {
        what
        for who, action, what in cells(template)
        if who == "mail" and action.partition(":")[2].startswith(("Delete", "BatchWrite"))
    } == {"MailQueue", "TicketsTable QUARANTINE#*"}
    assert who_may("MailBucket", "Delete") == {"intake", "lead"}
    assert who_may("TicketsTable", "Put", "Update") <= {
        "intake", "worker", "reconciler", "mail", "courier", "agent", "lead", "documents",
        "mailbox", "pages", "predict", "drafter",
    }  # fmt: skip
    assert {
        (action.partition(":")[2], what)
        for who, action, what in cells(template)
        if who == "pages" and "Table" in what
    } == {
        ("GetItem", "KnowledgeTable EDITION"),
        ("GetItem", "KnowledgeTable FACTS"),
        ("GetItem", "KnowledgeTable FACTS#*"),
        ("Query", "KnowledgeTable ARTICLE"),
        ("Query", "KnowledgeTable ARTICLE#*"),
        ("PutItem", "TicketsTable ANSWERED#*"),
        ("UpdateItem", "TicketsTable COUNTED"),
        ("UpdateItem", "TicketsTable RATE#*"),
    }, "it sees no ticket"
    assert {what for who, _, what in cells(template) if who == "mailbox"} == {
        "MailBucket/inbound/*",
        "TicketsTable MAILBOX#*",
        "own log group",
        "parameter${ImapPasswordName}",
    }, "it sees no ticket"
    assert "documents" not in who_may("TicketsTable TICKET", "Put", "Update"), "it reads files"
    assert {
        (who, what)
        for who, action, what in cells(template)
        if action == "s3:PutObject" and what.startswith("FilesBucket")
    } == {
        ("intake", "FilesBucket/attachments/*"),
        ("mail", "FilesBucket/attachments/*"),
        ("scanner", "FilesBucket/malware-protection-resource-validation-object"),
    }
    assert {
        (who, what)
        for who, action, what in cells(template)
        if action == "s3:PutObject" and what.startswith("MailBucket")
    } == {("mailbox", "MailBucket/inbound/*"), ("lead", "MailBucket/inbound/test-*")}, (
        "a lead stores beside the mails of customers, and in the place of none"
    )
    tagging = ("PutObjectTagging", "PutObjectVersionTagging")
    assert who_may("FilesBucket", *tagging) == {"scanner"}, "a tag releases a file"
    assert who_may("FilesBucket", "Delete") == {"intake", "documents", "lead"}
    assert "worker" not in who_may("FilesBucket", "")
    assert who_may("KnowledgeTable", "Put", "Delete", "Update", "BatchWrite") <= {"trainer", "lead"}
    assert {
        (who, action.partition(":")[2])
        for who, action, what in cells(template)
        if what.startswith("RecordsTable") and who != "lead"
    } == {(who, verb) for who in ("worker", "predict") for verb in ("GetItem", "Query")}, (
        "only leads write what the shop knows"
    )
    assert who_may("Bucket", "Put", "Delete") == {"trainer"}
    assert not who_may("TicketsTable", "Scan")
    assert who_may("TicketsTable ANALYSIS", "") == {"predict", "intake", "lead"}, "keeps; erase"
    assert {
        (action.partition(":")[2], what)
        for who, action, what in cells(template)
        if who == "predict" and what.startswith("TicketsTable")
    } == {
        ("GetItem", "TicketsTable ADOPTED"),
        ("Query", "TicketsTable ADOPTED"),
        ("GetItem", "TicketsTable ANALYSIS#*"),
        ("GetItem", "TicketsTable CONVERSATION#*"),
        ("GetItem", "TicketsTable ERASURE#????????????????"),
        ("GetItem", "TicketsTable FILES#????????????????"),
        ("GetItem", "TicketsTable TICKET#????????????????"),
        ("PutItem", "TicketsTable ANALYSIS#*"),
        ("BatchGetItem", "TicketsTable CUSTOMER#*"),
        ("PutItem", "TicketsTable CONVERSATION#*"),
        ("PutItem", "TicketsTable CUSTOMER#*"),
        ("PutItem", "TicketsTable TICKET#????????????????"),
        ("UpdateItem", "TicketsTable SPENT#*"),
    }, "it lists no ticket and deletes nothing"
    assert who_may("TicketsTable CONVERSATION", "") == {"predict", "intake", "lead"}, (
        "goes on; erase"
    )
    assert who_may("SES", "") == {"courier"}
    engines = ("foundation-model", "inference-profile", "secret:")
    assert {who for each in engines for who in who_may(each, "")} == {"drafter", "predict"}
    assert "drafter" not in who_may("KnowledgeTable", "Put", "Update", "Delete")
    assert "intake" not in who_may("Bucket", "")
    read = {what for who, _, what in cells(template) if who in {"intake", "reconciler"}}
    # What customers are told is public; articles and the roster are not for these two.
    assert {what for what in read if what.startswith("KnowledgeTable")} == {
        "KnowledgeTable MODEL",
        "KnowledgeTable TEXT",
    }, "they may tell whether a model is there, and read no article"


def test_one_key_and_address_say_nothing_about_a_ticket(
    function: Function, stack: Stack, world: Callable[[str], World]
) -> None:
    """The API key identifies an application; another application with the token may fetch."""
    there = world("owner")
    other = Gateway(function, key_id="another-application")

    assert other.fetch(there.ids["own"], there.tokens["owner"]).status == 200
    assert other.fetch(there.ids["own"], None).status == 401
    table = boto3.resource("dynamodb").Table(stack.outputs["TicketsTable"])
    assert "another-application" not in repr(table.scan()["Items"])
