"""Cases on a real stack: one matter that comes four times, and who hears of what must not wait.

Mails come by SMTP, as if their senders were proven; notices go to the receiver that the run starts.
"""

import json
import re
from collections import Counter
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
import requests
from helpdesk.aws import clients
from helpdesk.aws.letters import DynamoMailbox
from helpdesk.aws.mails import StoredMails
from helpdesk.aws.queues import SqsQueue
from helpdesk.figures import DIMENSIONS
from helpdesk.notifying import Channel, notice_id
from helpdesk.ticket import Move, State, Ticket

from agent_cli.words.faults import NOT_ALLOWED, NOT_FOUND
from agent_cli.words.mails import sent
from infra.local.correspondent import Correspondent
from infra.local.customer import PATIENCE
from infra.local.mail import HERE, PASSING, Door, listener
from tests.e2e.conftest import MAIL_PORT, Scene, wait_until
from tests.e2e.test_stories import agent, nothing_waits

pytestmark = pytest.mark.e2e

COMPLAINT = (
    "The espresso machine of my order 70231 came with a cracked water tank and leaks all over "
    "the kitchen table. I want to talk to a person about it."
)
THREAT = (
    "You ignored three letters of mine about order 70232. My lawyer Hartmann will sue you, and "
    "the court will decide who pays for the flooded cellar."
)
FAULT = "Paying by card fails with error 7341 at the last step, number {n} of my friends says too."


COLUMNS = {
    "status": "state",
    "category": "category",
    "level": "level",
    "channel": "channel",
    "language": "language",
}
"""What figures and lists both say of a ticket, by the names that each has for it."""


class Post:
    """Customers with new addresses, whose mails are taken as proven; and what became of them."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self._of_proven = replace(scene.post, port=MAIL_PORT + 3)

    def customer(self, name: str) -> Correspondent:
        return Correspondent(name.title(), f"{name}@cases.example", self._of_proven)

    def ticket_of(self, key: str) -> Ticket:
        """Return the ticket of a mail, once the worker is done with it."""
        mails = DynamoMailbox(self.table)
        ticket_id = wait_until(lambda: mails.placed(key), seconds=120)
        return settled(self.scene, ticket_id)

    @property
    def table(self):
        stack = self.scene.stack
        return clients.table(
            stack.outputs["TicketsTable"], stack.session, endpoint_url=stack.endpoint_url
        )


@pytest.fixture(scope="module")
def post(scene: Scene) -> Iterator[Post]:
    """A second listener beside the run's: it vouches for senders, which the run's never does."""
    stored = StoredMails(scene.stack.client("s3"), scene.stack.outputs["MailBucket"])
    door = listener(Door(scene.post.mailbox, stored.store, PASSING), MAIL_PORT + 3)
    door.start()
    yield Post(scene)
    door.stop()


def settled(scene: Scene, ticket_id: str) -> Ticket:
    """Return a ticket once the worker is done with it."""

    def done() -> Ticket | None:
        found = scene.tickets.get(ticket_id)
        return found if found and found.state is not State.RECEIVED else None

    return wait_until(done, seconds=120)


def told(scene: Scene, *words: str, name: str = "ada") -> Any:
    """Return what a verb of the terminal says, as data."""
    done = agent(scene, *words, "-o", "json", name=name)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def queued(scene: Scene) -> set[str]:
    """Take every message of the escalation queue; return the tickets that they name."""
    sqs, found = scene.stack.client("sqs"), set()
    url = scene.stack.outputs["EscalationQueueUrl"]
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        found |= {json.loads(message["Body"])["ticket"] for message in messages}
    return found


def stored(scene: Scene, *ticket_ids: str) -> list[str]:
    """Return the ids of all notices of tickets: each was stored with the move that it tells of."""
    at = scene.tickets
    found = [
        at.notices.notice(notice_id(each, event.number, Channel.WEBHOOK))
        for each in ticket_ids
        for event in at.events(each)
    ]
    return [each.id for each in found if each]


def notices(scene: Scene, ticket_id: str | None = None) -> list[dict[str, Any]]:
    """Return what the receiver kept of a ticket, or of any, once no notice is under way.

    It keeps only what is signed by the run's secret.
    """
    sqs = clients.sqs(scene.stack.session, endpoint_url=scene.stack.endpoint_url)
    queue = SqsQueue(sqs, scene.stack.outputs["NoticesQueueUrl"])
    wait_until(lambda: queue.depth() == 0, seconds=180)
    kept = requests.get(f"http://{HERE}:{MAIL_PORT + 2}/", timeout=10).json()
    return [each for each in kept if ticket_id in {None, each["says"]["data"]["ticket"]}]


@pytest.fixture(scope="module")
def family(scene: Scene, post: Post) -> SimpleNamespace:
    """The same complaint of one customer by three mails and, meanwhile, by the form."""
    nothing_waits(scene)
    queued(scene)
    kim = post.customer("kim")
    with ThreadPoolExecutor(4) as pool:
        mails = [pool.submit(kim.write, "My order 70231", COMPLAINT) for _ in range(3)]
        form = pool.submit(scene.customer.ask, COMPLAINT, email=kim.address)
    tickets = [post.ticket_of(each.result()) for each in mails]
    tickets.append(settled(scene, form.result().id))
    (root,) = (each for each in tickets if each.merged_into is None)
    ids = {each.id for each in tickets}
    return SimpleNamespace(kim=kim, form=form.result(), root=root.id, ids=ids)


def test_one_complaint_by_three_mails_and_the_form_is_one_case(scene, family):
    tickets = [scene.tickets.get(each) for each in family.ids]

    assert len(family.ids) == 4
    assert [each.merged_into for each in tickets if each.id != family.root] == [family.root] * 3
    assert scene.tickets.get(family.root).merged == family.ids - {family.root}
    assert queued(scene) & family.ids == {family.root}
    shown = told(scene, "ticket", "show", family.root)
    assert {each["id"] for each in shown["family"]} == family.ids - {family.root}
    for ticket_id in family.ids - {family.root}:
        moves = [event.move for event in scene.tickets.events(ticket_id)]
        assert moves == [Move.SUBMITTED, Move.MERGED]


def test_the_reply_to_a_case_is_the_reply_to_each_who_asked(scene, family):
    text = "A new water tank leaves today, and you keep the old one."
    assert agent(scene, "ticket", "claim", family.root).returncode == 0
    replied = agent(scene, "ticket", "reply", family.root, text)
    assert replied.returncode == 0, replied.stderr

    assert scene.customer.fetch(family.form).reply == text
    left = wait_until(lambda: [each for each in sent(family.kim.post.folder) if text in each.text])
    assert {each.to for each in left} == {family.kim.address}
    assert [each["id"] for each in told(scene, "ticket", "list")["items"]] == []


@pytest.fixture(scope="module")
def threat(scene: Scene, post: Post) -> SimpleNamespace:
    """A legal threat by mail, with people; and an agent who is no lead."""
    nothing_waits(scene)
    noa = post.customer("noa")
    ticket = post.ticket_of(noa.write("Last warning", THREAT))
    return SimpleNamespace(noa=noa, id=ticket.id)


@pytest.fixture
def bea(scene: Scene) -> Iterator[str]:
    """An agent whom the roster names, and not as a lead."""
    told(scene, "agent", "set", "bea", "--role", "agent")
    yield "bea"
    told(scene, "agent", "remove", "bea", "--yes")


def test_a_legal_threat_by_mail_is_for_leads_alone(scene, threat, bea):
    page = agent(scene, "ticket", "show", threat.id).stdout
    assert re.search(r"3 legal: .*law", page), page

    assert agent(scene, "ticket", "claim", threat.id, name=bea).returncode == NOT_ALLOWED
    assert agent(scene, "ticket", "next", name=bea).returncode == NOT_FOUND
    assert scene.tickets.get(threat.id).lease is None
    assert told(scene, "ticket", "claim", threat.id)["lease"]["agent"] == "ada"


def test_a_legal_threat_is_one_signed_notice_without_a_word_of_its_customer(scene, post, threat):
    (notice,) = wait_until(lambda: notices(scene, threat.id))
    assert stored(scene, threat.id) == [notice["id"]]
    data = notice["says"]["data"]
    assert (data["level"], data["legal"], data["priority"]) == (3, True, "urgent")
    assert "legal threat" in data["why"]
    said = json.dumps(notice).lower()
    words = {"warning", "letters", "70232", "hartmann", "flooded", "cellar", threat.noa.address}
    assert not {each for each in words if each in said}

    again = [post.ticket_of(threat.noa.write("Last warning", THREAT)) for _ in range(2)]
    assert [each.merged_into for each in again] == [threat.id] * 2
    assert stored(scene, threat.id, *(each.id for each in again)) == [notice["id"]]
    assert [each["id"] for each in notices(scene, threat.id)] == [notice["id"]]


def test_a_sample_arrives(scene):
    before = {each["id"] for each in notices(scene)}

    assert told(scene, "notify", "test", "webhook")["state"] == "on"

    (sample,) = [each for each in notices(scene) if each["id"] not in before]
    assert sample["says"]["data"]["why"] == ["a test: no ticket needs you"]


def test_five_customers_with_one_fault_are_an_incident_with_one_reply(scene):
    tickets = [
        scene.customer.ask(FAULT.format(n=n), email=f"friend{n}@cases.example") for n in range(5)
    ]
    for each in tickets:
        assert settled(scene, each.id).state is State.ESCALATED
    ids = {each.id for each in tickets}

    found = [
        each
        for each in told(scene, "incident", "list")["incidents"]
        if each["id"] in ids and each["customers"] == 5
    ]
    assert [(each["tickets"], each["waiting"]) for each in found] == [(5, 5)]
    text = "Paying by card works again since 10:15."
    reply = ("incident", "reply", found[0]["id"], "--text", text, "--yes")
    assert [each["outcome"] for each in told(scene, *reply)] == ["replied"] * 5
    assert [each["outcome"] for each in told(scene, *reply)] == ["has_it"] * 5

    for each in tickets:
        assert [
            said for source, said in scene.customer.fetch(each).replies if source == "agent"
        ] == [text]


def test_the_figures_of_ninety_days_are_what_the_lists_have(scene):
    span = ("--days", "90")

    def listed(days: Collection[str]) -> list[dict[str, Any]]:
        """Return the tickets that came on days that are counted; others came before the desk."""
        every = ("--state", "all", "--limit", "100000")
        items = told(scene, "ticket", "list", *every, *span)["items"]
        return [each for each in items if each["created_at"][:10] in days]

    def counted() -> dict[str, Any] | None:
        scene.reconcile()
        found = told(scene, "stats", *span)
        return found if found["tickets"]["number"] == len(listed(found["days"])) else None

    found = wait_until(counted, seconds=240)
    items = listed(found["days"])
    for name in DIMENSIONS:
        assert sum(found["tickets"][name].values()) == len(items), name
    for name, column in COLUMNS.items():
        here = [each[column] for each in items]
        assert found["tickets"][name] == Counter(
            "none" if value is None else str(value) for value in here
        )
    assert found["duplicates"]["number"] == len([each for each in items if each["merged_into"]])


def test_the_second_of_two_equal_analyses_is_the_first(scene):
    asked = {"text": THREAT, "subject": "Last warning", "customer": {"email": "lin@cases.example"}}

    def analyse() -> dict[str, Any]:
        answer = requests.post(
            f"{scene.stack.api_url}/analyses",
            json=asked,
            headers={"x-api-key": scene.stack.api_key},
            timeout=PATIENCE,
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    first, second = analyse(), analyse()
    assert (first["level"], first["cached"], second["cached"]) == (3, False, True)
    assert first | {"cached": True} == second
