"""Drafts on a real stack: from an imported document to the reply that a customer reads."""

import json
from typing import TYPE_CHECKING, Any

import pytest
from helpdesk.ticket import Fate, State, Ticket

from infra.local.customer import Ticket as Question
from tests.e2e.conftest import Scene, wait_until
from tests.e2e.test_stories import agent, nothing_waits

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.e2e

AWAY = "Sharpen the axe with a whetstone of grain 1000, always away from the edge."
HANDBOOK = (
    f"# Workshop\n\n## Sharpening an axe\n\n{AWAY}\n\n## Wood\n\nOil the board once a month.\n"
)
QUESTION = "How do I sharpen my axe, and with which whetstone?"
ORDERS = """customer,number,status,carrier,tracking,placed_on
ida@orders.example,91001,shipped,DHL,https://track.example/91001,2026-11-20
max@orders.example,91002,packed,,,2026-11-21
"""


def told(scene: Scene, *words: str) -> Any:
    """Return what a verb of the terminal says, as data."""
    done = agent(scene, *words, "-o", "json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def settled(scene: Scene, ticket_id: str) -> Ticket:
    """Return a ticket once the worker is done with it."""

    def done() -> Ticket | None:
        found = scene.tickets.get(ticket_id)
        return found if found and found.state is not State.RECEIVED else None

    return wait_until(done, seconds=120)


@pytest.fixture(scope="module")
def handbook(scene: Scene, tmp_path_factory: pytest.TempPathFactory):
    """A document that a lead imported; it is taken away again."""
    path: Path = tmp_path_factory.mktemp("papers") / "handbook.md"
    path.write_text(HANDBOOK)
    told(scene, "knowledge", "document", "import", str(path), "--yes")
    yield "handbook"
    told(scene, "knowledge", "document", "forget", "handbook", "--yes")


@pytest.fixture(scope="module")
def drafted(scene: Scene, handbook: str) -> tuple[Question, Ticket]:
    """A ticket that people get with a draft; the worker notices the document within moments."""
    nothing_waits(scene)

    def asked() -> tuple[Question, Ticket] | None:
        question = scene.customer.ask(QUESTION)
        found = settled(scene, question.id)
        return (question, found) if found.in_review else None

    return wait_until(asked, seconds=90)


def test_a_draft_quotes_what_was_imported_and_names_it(
    scene: Scene, drafted: tuple[Question, Ticket]
) -> None:
    _, found = drafted
    shown = told(scene, "ticket", "show", found.id)

    draft = shown["draft"]
    assert AWAY in "\n".join(part["text"] for part in draft["parts"])
    assert any(each["id"].startswith("document:handbook") for each in draft["evidence"])
    listed = told(scene, "ticket", "review")["items"]
    assert found.id in {each["id"] for each in listed}


def test_the_customer_reads_it_once_an_agent_approves(
    scene: Scene, drafted: tuple[Question, Ticket]
) -> None:
    question, found = drafted
    assert found.draft
    assert all(AWAY not in text for _, text in scene.customer.fetch(question).replies)
    number = str(found.draft.number)

    assert agent(scene, "ticket", "approve", found.id, str(found.version + 40)).returncode != 0
    done = agent(scene, "ticket", "approve", found.id, number)

    assert done.returncode == 0, done.stderr
    source, text = scene.customer.fetch(question).replies[-1]
    assert (source, AWAY in text) == ("agent", True)
    after = scene.tickets.get(found.id)
    assert after
    assert after.draft
    assert after.draft.fate is Fate.USED
    assert agent(scene, "ticket", "approve", found.id, number).returncode != 0


@pytest.fixture(scope="module")
def orders(scene: Scene, tmp_path_factory: pytest.TempPathFactory):
    """What the shop knows of two customers; it is forgotten again."""
    path: Path = tmp_path_factory.mktemp("orders") / "orders.csv"
    path.write_text(ORDERS)
    told(scene, "records", "import", str(path), "--yes")
    yield
    for name in ("ida@orders.example", "max@orders.example"):
        told(scene, "records", "forget", name, "--yes")


def test_a_proven_customer_hears_of_the_own_order_and_of_no_other(
    scene: Scene, orders: None
) -> None:
    asked = [
        scene.customer.ask(f"Where is my order {number}?", email="ida@orders.example")
        for number in (91001, 91002, 91999)
    ]

    own, foreign, unknown = (scene.customer.fetch(each, wait=20) for each in asked)

    assert own.status == "answered"
    assert "https://track.example/91001" in own.replies[-1][1]
    said = [each.replies[-1][1] for each in (foreign, unknown)]
    assert said[0] == said[1]
    assert "packed" not in said[0].casefold()
    for each in asked:  # the desk waits for a number, and later stories for an empty desk
        scene.customer.close(each)
