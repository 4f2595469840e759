"""A lead replaces the whole knowledge by another desk's, and goes back: as customers see it."""

# ruff: noqa: F811 -- fixtures

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from helpdesk.aws import clients
from helpdesk.aws.knowledge import DynamoKnowledge

from infra.local.customer import View
from infra.teaching import knowledge_files, seed
from infra.teaching.lesson import Lesson
from infra.teaching.school import School
from tests.e2e.conftest import wait_until
from tests.e2e.test_agents import Desk, desk  # noqa: F401 -- fixture

pytestmark = pytest.mark.e2e

REFUND = "i want to issue refund"
SHOPS_ALONE = ("i cant remember my password", "where is my order 55812", "do you price match")
"""Questions that only articles of the shop answer."""

LIBRARY = {
    "borrow_limit": (
        "You may borrow ten books at a time.",
        "how many books may i borrow | what is the limit of books | can i take ten books home | "
        "how many can i have at once | is there a maximum number of books",
    ),
    "late_fee": (
        "A late book costs ten cents a day.",
        "what does a late book cost | is there a fee for late returns | i brought my book back "
        "late | how much is the fine for an overdue novel | what do i pay when i am overdue",
    ),
    "library_card": (
        "Come to the desk with your passport: the card is made while you wait.",
        "how do i get a library card | i need a new library card | my library card is lost | "
        "where is a card made | can my child have a library card",
    ),
    "reading_room": (
        "The reading room is open from nine to nine.",
        "is the reading room open today | where can i read in quiet | may i work in the reading "
        "room | until when may i sit in the reading room | when does the reading room open",
    ),
    "reserve_book": (
        "Enter the title in the catalogue and choose Reserve.",
        "can i reserve a book | please put the novel aside for me | hold this title for me | "
        "how do i reserve a title | i want to reserve a book that is out",
    ),
    "story_hour": (
        "The story hour for children is on Saturday at ten.",
        "when is the story hour | do you read to children | is there a story hour for my son | "
        "what time do you tell stories | at which age can kids come to the story hour",
    ),
}
"""Intent, answer and utterances of the articles of a town's library."""

CASES = {
    "how many books can i borrow at a time": "borrow_limit",
    "what is the fee for a late book": "late_fee",
    "i lost my library card": "library_card",
    "is the reading room open on sunday": "reading_room",
    "may i reserve a book": "reserve_book",
    "when do you have the story hour": "story_hour",
    "would you repair my bicycle": None,
}
"""Messages that judge the library's knowledge, with the intent that each has."""


@pytest.fixture
def library(desk: Desk, tmp_path: Path) -> Iterator[Path]:
    """The library's folder; afterwards the desk has the shop's knowledge in any case."""
    folder = tmp_path / "library"
    folder.mkdir()
    articles = [
        {
            "intent": intent,
            "title": intent.replace("_", " "),
            "answer": answer,
            "category": "LIBRARY",
            "department": "library",
            "utterances": [each.strip() for each in utterances.split("|")],
        }
        for intent, (answer, utterances) in LIBRARY.items()
    ]
    (folder / "articles.yaml").write_text(yaml.safe_dump(articles))
    _write_cases(folder, CASES)
    shop = edition_in_force(desk, folder)
    yield folder
    if edition_in_force(desk, folder) != shop:
        desk.json("knowledge", "replace", "--to", str(shop), "--yes")


def _write_cases(folder: Path, cases: dict[str, str | None]) -> None:
    lines = (json.dumps({"text": text, "intent": intent}) for text, intent in cases.items())
    (folder / "golden.jsonl").write_text("\n".join(lines))


def edition_in_force(desk: Desk, folder: Path) -> int:
    number: int = desk.json("knowledge", "replace", str(folder), "--dry-run")["instead_of"]
    return number


def intents(desk: Desk) -> set[str]:
    return {row["intent"] for row in desk.json("knowledge", "list")}


def told_that_a_person_has_it(found: View) -> bool:
    """Tell whether the customer was told of the hand-over, and nothing else."""
    texts = [text for _, text in found.replies]
    return len(texts) == 1 and texts[0].startswith("Thank you for your message. A person")


def asked(desk: Desk, text: str) -> View:
    """Ask as a customer, and wait for what comes."""
    customer = desk.scene.customer
    return customer.fetch(customer.ask(text), wait=20)


def test_another_desks_knowledge_is_tried_taken_and_given_back(desk: Desk, library: Path) -> None:
    shop = {article.intent: article.answer.strip() for article in knowledge_files.read()}
    assert intents(desk) == set(shop)
    golden = desk.json("knowledge", "replace", str(library), "--dry-run")["cases_going"]
    assert golden > 0

    _a_refused_one_changes_nothing(desk, library)
    shown = desk.json("knowledge", "replace", str(library), "--dry-run")
    assert (shown["added"], shown["removed"]) == (sorted(LIBRARY), sorted(shop))
    assert (shown["cases_coming"], shown["cases"], shown["done"]) == (len(CASES), len(CASES), False)
    assert intents(desk) == set(shop)
    assert asked(desk, REFUND).reply == shop["get_refund"]

    done = desk.json("knowledge", "replace", str(library), "--yes")
    assert (done["done"], done["refused"], done["failed"]) == (True, [], [])
    assert intents(desk) == set(LIBRARY)
    # Workers notice within seconds which knowledge is in force.
    wait_until(lambda: asked(desk, "how do i reserve a title").reply == LIBRARY["reserve_book"][0])
    for text, intent in CASES.items():
        found = asked(desk, text)
        if intent is None:
            assert (found.status, told_that_a_person_has_it(found)) == ("escalated", True), found
        else:
            assert (found.status, found.reply) == ("answered", LIBRARY[intent][0]), found
    for text in SHOPS_ALONE:
        found = asked(desk, text)
        assert (found.status, told_that_a_person_has_it(found)) == ("escalated", True), found

    _questions_of_a_removed_article_go_to_people(desk)

    undone = desk.json("knowledge", "replace", "--undo", "--yes")
    assert (undone["edition"], undone["done"]) == (done["instead_of"], True)
    assert (undone["cases_coming"], undone["cases_going"]) == (golden, len(CASES))
    assert intents(desk) == set(shop)
    wait_until(lambda: asked(desk, REFUND).reply == shop["get_refund"])
    assert asked(desk, "i lost my library card").status == "escalated"


def _a_refused_one_changes_nothing(desk: Desk, library: Path) -> None:
    """Three cases with the wrong intent: the gate refuses it and names them."""
    wrong = dict.fromkeys([text for text, intent in CASES.items() if intent][:3], "story_hour")
    _write_cases(library, CASES | wrong)
    before = intents(desk)

    refused = desk.run("knowledge", "replace", str(library), "--yes")

    assert refused.returncode == 1, refused.stderr
    assert "refused, and nothing was changed" in refused.stderr
    for text in wrong:
        assert f"{text!r}: answered as {CASES[text]}, should be story_hour" in refused.stderr
    assert intents(desk) == before
    _write_cases(library, CASES)


def _questions_of_a_removed_article_go_to_people(desk: Desk) -> None:
    """No neighbour answers them after the next lesson: the model still knows the intent."""
    text = "what is the fee for a late book"
    desk.json("knowledge", "remove", "late_fee", "--yes")
    stack = desk.scene.stack
    table = clients.table(
        stack.outputs["KnowledgeTable"], stack.session, endpoint_url=stack.endpoint_url
    )
    school = School(DynamoKnowledge(table), seed.published_models(stack))
    wait_until(lambda: school.look().lesson is Lesson.LEARNED, 600)

    wait_until(lambda: asked(desk, text).status == "escalated")
    found = asked(desk, text)
    assert (found.status, found.reason) == ("escalated", "no_article")
    assert told_that_a_person_has_it(found)
    assert asked(desk, "may i reserve a book").reply == LIBRARY["reserve_book"][0]
