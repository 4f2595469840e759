"""What all pages of the console have: the header, the form's value, faults and what was written."""

import hashlib
import json
import re

import pytest

from agent_cli.web.asking import FIELD, WRITTEN
from agent_cli.web.showing import HERE, STATIC, address_of
from tests.integration.consoles import ORIGIN, Browser, no_network, opened, words_of  # noqa: F401
from tests.integration.test_agent_cli import Desk, desk  # noqa: F401 -- fixtures

pytestmark = pytest.mark.usefixtures("no_network")


@pytest.fixture
def browser(desk: Desk) -> Browser:  # noqa: F811
    return opened(desk)


def test_each_page_says_where_the_agent_works_and_as_whom(browser: Browser) -> None:
    said = words_of(browser.get("/tickets"))

    assert "helpdesk account 123456789012 eu-central-1 you are ada" in said


def test_the_first_address_leads_to_the_first_page(browser: Browser) -> None:
    answer = browser.client.get("/")

    assert (answer.status_code, answer.headers["location"]) == (303, "/dashboard")


def test_what_is_not_there_is_told_with_a_way_on(browser: Browser) -> None:
    assert "There is no such page. To the first page" in words_of(browser.get("/nowhere", 404))


def test_a_fault_gives_back_what_the_agent_wrote_and_nothing_else(browser: Browser) -> None:
    """Not the numbers and ids that a form has for the console."""
    fields = {"text": "Dear Kim,\nhello.", "fence": "7", "seen": "2", "to": "bea", "reason": " "}
    answer = browser.post("/knowledge/articles/none/rollback", fields)

    assert answer.status_code in {404, 409}
    assert re.findall(r'id="written-(\w+)"', answer.text) == ["text"]
    assert ">Dear Kim,\nhello.</textarea>" in answer.text


def test_each_field_for_sentences_is_given_back_with_a_fault() -> None:
    fields: set[str] = set()
    hidden: set[str] = set()
    for template in (HERE / "templates").rglob("*.html"):
        text = template.read_text()
        fields |= set(re.findall(r'<textarea[^>]* name="(\w+)"', text))
        hidden |= set(re.findall(r'<input type="hidden" name="(\w+)"', text))

    assert {"text", "note", "yaml"} <= fields
    assert fields <= set(WRITTEN)
    assert {"fence", "seen"} <= hidden
    assert not hidden & set(WRITTEN)


def test_static_files_are_kept_by_the_browser(browser: Browser) -> None:
    answer = browser.client.get(address_of("console.css"))

    assert answer.status_code == 200
    assert "immutable" in answer.headers["cache-control"]


def test_a_form_without_the_value_of_the_console_is_refused(browser: Browser) -> None:
    for sent in ({}, {FIELD: "made up"}):
        answer = browser.client.post("/tickets", data=sent, headers={"origin": ORIGIN})
        assert answer.status_code in {403, 405}


def test_a_waiting_ticket_is_listed(desk: Desk, browser: Browser) -> None:  # noqa: F811
    ticket_id = desk.escalated(1, "<script>alert(1)</script> Do you wrap gifts?")

    page = browser.get("/tickets")

    assert f'href="/tickets/{ticket_id}"' in page
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_no_template_lets_markup_through() -> None:
    for template in (HERE / "templates").rglob("*.html"):
        text = template.read_text()
        for forbidden in ("|safe", "| safe", "autoescape", "style=", "onclick", "hx-on"):
            assert forbidden not in text, (template.name, forbidden)


def test_what_the_pages_tell_htmx_is_what_it_knows() -> None:
    """It says nothing of an option that it does not have."""
    (told,) = re.findall(
        r'name="htmx-config" content=\'([^\']*)', (HERE / "templates" / "base.html").read_text()
    )
    (script,) = (STATIC / "vendored").glob("htmx-*.min.js")
    (known,) = re.findall(r"this\.config={(.*?)};", script.read_text())

    for option in json.loads(told):
        assert f"{option}:" in known, option


def test_what_comes_from_elsewhere_is_unchanged() -> None:
    vendored = STATIC / "vendored"
    told = (vendored / "README").read_text()
    for file in vendored.glob("*.js"):
        assert f"sha256 {hashlib.sha256(file.read_bytes()).hexdigest()}" in told, file.name
