"""The console's page on which a message is tried, with the real function behind the call."""

# ruff: noqa: F811 -- fixtures

import json
from collections.abc import Iterator
from typing import Any

import pytest
from helpdesk.aws import clients
from helpdesk.aws.models import PublishedModels
from helpdesk.composition import Parts
from helpdesk.ticket import MAX_TEXT
from helpdesk.triage import Entity, Understanding

from tests.fakes import an_article, an_understanding
from tests.integration.conftest import Stack, load, understand_with
from tests.integration.consoles import Browser, no_network, opened, words_of  # noqa: F401
from tests.integration.functions_at_work import A_MODEL
from tests.integration.test_agent_cli import Desk, desk  # noqa: F401 -- fixtures

pytestmark = pytest.mark.usefixtures("no_network")

NASTY = "<img src=x onerror=alert(1)>"
MAIL = "Hello,\n\nwhere is my refund?\n\nThanks\nKim\n\n> On Monday Ada wrote:\n> It is on its way."


class Model:
    """Understands every text in the same way."""

    def __init__(self) -> None:
        self.says = an_understanding(("refund", 0.91), ("gift_card", 0.06), model="v1/full")

    def understand(self, text: str, *_: Any, **__: Any) -> Understanding:
        return self.says


@pytest.fixture
def model(
    desk: Desk, stack: Stack, template: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Model]:
    """Put the stack's own function behind the call of the agent's desk."""
    table = clients.table(stack.outputs["KnowledgeTable"])
    PublishedModels(clients.s3(), stack.outputs["Bucket"], table).publish(A_MODEL, b"model")
    function, found = load(template, stack, "PredictFunction"), Model()
    understander: Any = found
    understand_with(function, lambda: understander)

    def invoke(self: Parts, name: str, event: bytes) -> tuple[bool, bytes]:
        assert name == "predict"
        return True, json.dumps(function(json.loads(event))).encode()

    monkeypatch.setattr(Parts, "invoke", invoke)
    yield found
    for item in clients.s3().list_objects_v2(Bucket=stack.outputs["Bucket"])["Contents"]:
        clients.s3().delete_object(Bucket=stack.outputs["Bucket"], Key=item["Key"])


@pytest.fixture
def browser(desk: Desk) -> Browser:
    return opened(desk)


def tried(browser: Browser, text: str, status: int = 200) -> str:
    answer = browser.post("/try", {"text": text})
    assert answer.status_code == status, answer.text
    return answer.text


def test_the_page_begins_with_a_form_and_nothing_else(browser: Browser) -> None:
    page = browser.get("/try")

    assert 'method="post" action="/try"' in page
    assert "What it may mean" not in page


def test_an_answer_is_shown_with_its_article_and_why(
    desk: Desk, browser: Browser, model: Model
) -> None:
    desk.knowledge.put(an_article("refund", answer="Within {period}."))
    desk.json("knowledge", "fact", "set", "period", "30 days")

    page = tried(browser, "where is my refund?")

    said = words_of(page)
    assert "The desk answers by itself. Why: refund is 91% sure and needs 50%." in said
    assert 'href="/knowledge/articles/refund">refund</a>, version 0' in page
    assert "Within 30 days." in said


def test_each_intent_has_a_bar_with_the_line_it_needs(browser: Browser, model: Model) -> None:
    page = tried(browser, "where is my refund?")

    assert 'aria-label="refund: 91 %, it needs 50 %: enough"' in page
    assert 'aria-label="gift_card: 6 %, it needs 50 %: too little"' in page
    assert "refund 91 % 50 % gift_card 6 % 50 %" in words_of(page)
    assert '<line x1="110.0"' in page


def test_what_was_left_aside_is_named_and_what_was_read_stands_apart(
    browser: Browser, model: Model
) -> None:
    said = words_of(tried(browser, MAIL))

    assert "What was read where is my refund?" in said
    assert "greeting Hello," in said
    assert "quote > On Monday Ada wrote: > It is on its way." in said


def test_what_a_person_gets_has_its_level_and_the_reason(browser: Browser, model: Model) -> None:
    said = words_of(tried(browser, "My lawyer will sue you."))

    assert "A person gets it. Why: legal:" in said
    assert "Level 3, legal" in said
    assert "(level 3)" in said
    assert "What agents could reply with refund (91 %)" in said


def test_what_it_names_is_shown(browser: Browser, model: Model) -> None:
    order = Entity("order_number", "48213", 9, 16, "48213 ")
    model.says = an_understanding(("refund", 0.91), entities=(order,))

    assert "order number 48213" in words_of(tried(browser, "my order 48213"))


def test_the_switch_of_an_article_counts_at_once(
    desk: Desk, browser: Browser, model: Model
) -> None:
    """An analysis is kept for an hour; the decision is made each time."""
    assert "The desk answers by itself." in words_of(tried(browser, "where is my refund?"))
    desk.knowledge.put(an_article("refund", automatic=False))

    again = words_of(tried(browser, "where is my refund?"))

    assert "A person gets it. Why: not_automatic" in again
    assert "This part was analyzed at" in again


def test_nothing_is_sent_and_no_ticket_is_made(desk: Desk, browser: Browser, model: Model) -> None:
    tried(browser, "My lawyer will sue you.")

    table = desk.stack.outputs["TicketsTable"]
    (kept,) = clients.table(table).client.scan(TableName=table)["Items"]
    assert kept["pk"].startswith("ANALYSIS"), kept["pk"]
    assert "lawyer" not in kept["pk"]
    assert desk.escalations.depth() == 0
    assert desk.json("ticket", "list")["items"] == []


def test_the_text_is_shown_as_text_and_stays_out_of_addresses(
    browser: Browser, model: Model
) -> None:
    page = tried(browser, f"where is my refund? {NASTY}")

    assert NASTY not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page
    assert "refund?" not in " ".join(part for part in page.split('"') if part.startswith("/"))


@pytest.mark.parametrize(
    ("text", "said"), [("  ", "the text is blank"), ("x" * (MAX_TEXT + 1), "at most")]
)
def test_a_text_that_cannot_be_one_is_refused(
    browser: Browser, model: Model, text: str, said: str
) -> None:
    assert said in words_of(tried(browser, text, 400))


def test_a_stack_that_does_not_answer_is_told_and_the_text_stays(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def invoke(self: Parts, name: str, event: bytes) -> tuple[bool, bytes]:
        return True, json.dumps({"statusCode": 503, "body": "Not ready"}).encode()

    monkeypatch.setattr(Parts, "invoke", invoke)

    page = tried(browser, "where is my refund?", 502)

    assert "the desk could not answer: Not ready" in words_of(page)
    assert "where is my refund?</textarea>" in page


def test_the_terminal_refuses_a_blank_text_in_one_line(desk: Desk) -> None:
    refused = desk.run("knowledge", "test", " ")

    assert (refused.exit_code, "the text is blank" in refused.stderr) == (2, True)
