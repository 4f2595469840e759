"""Every page of the console, as its application lists them: how it looks, weighs and behaves."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from helpdesk.aws import clients

from agent_cli.web.asking import FIELD
from agent_cli.web.console import PAGES
from tests.browser.at_work import Opened
from tests.browser.looks import findings, too_wide
from tests.browser.windows import REFUSED, Window
from tests.integration.test_access_matrix import a_file

NARROW = 380
FIRST_VISIT = 80_000
"""Bytes of all that the first page needs."""

LOOKS = tuple(sorted(each[4:] for each in PAGES if each.startswith("GET ")))
"""The pages that agents look at."""

LONG = "Wirelessheadphonesreplacementcase" * 4
TEXT = f"Where is my order 1234567? {LONG} https://shop.example/{LONG}\n\nThanks,\nKim"

type Windows = Callable[..., Window]


@pytest.fixture
def filled(console: Opened) -> dict[str, str]:
    """Fill the desk; return what stands in addresses, by the name of the part."""
    desk = console.desk
    known = [desk.escalated(number, TEXT, email="kim@x.example", name="Kim") for number in (1, 2)]
    desk.escalated(3, "My lawyer will sue you", email="lee@x.example", name=LONG)
    assert desk.run("ticket", "claim", known[0]).exit_code == 0
    assert desk.run("ticket", "note", known[0], "Called.").exit_code == 0
    a_file(desk.stack, known[0])
    (article, *_) = desk.knowledge.all()
    clients.sqs().send_message(
        QueueUrl=desk.stack.outputs["IntakeDeadLettersUrl"], MessageBody='{"ticket": "9"}'
    )
    return {
        "id": known[0],
        "ticket_id": known[0],
        "ticket": known[0],
        "number": "1",
        "message": "1",
        "intent": article.intent,
        "version": str(article.version),
        "queue": "intake",
    }


def address(path: str, known: dict[str, str]) -> str:
    """Write what the desk knows into the parts of a path."""
    parts = {each.partition(":")[0]: each for each in re.findall(r"{([^}]+)}", path)}
    missing = parts.keys() - known.keys()
    assert not missing, f"the fixture `filled` must know of a page's {missing}: {path}"
    for name, part in parts.items():
        path = path.replace(f"{{{part}}}", known[name])
    return path


@pytest.mark.parametrize("path", LOOKS)
def test_a_page_is_accessible_in_both_schemes_and_no_wider_than_a_phone(
    console: Opened, window: Windows, filled: dict[str, str], path: str
) -> None:
    inside = console.let_in(window(bypass_csp=True))
    if console.shows(inside, address(path, filled)):
        assert not findings(inside.page)
        assert not too_wide(inside.page, NARROW)
        assert not findings(inside.page)


@pytest.mark.parametrize("path", LOOKS)
def test_a_page_is_quiet_and_asks_no_other_origin(
    console: Opened, window: Windows, filled: dict[str, str], path: str
) -> None:
    """No error in the browser's own words, under the console's own policy."""
    inside = console.let_in(window())
    if console.shows(inside, address(path, filled)):
        inside.page.wait_for_load_state("networkidle")

    assert inside.origins() == {console.origin}


@pytest.mark.parametrize("path", LOOKS)
def test_a_page_has_one_title_one_heading_and_its_forms_are_the_consoles(
    console: Opened, window: Windows, filled: dict[str, str], path: str
) -> None:
    inside = console.let_in(window())
    if console.shows(inside, address(path, filled)):
        assert inside.page.locator("h1").count() == 1
        assert inside.page.title().strip(" ·") != "helpdesk"
        for form in inside.page.locator("form[method=post]").all():
            assert form.locator(f"input[type=hidden][name={FIELD}]").count() == 1, form.inner_html()


def test_the_first_visit_is_small(console: Opened, window: Windows, filled: dict[str, str]) -> None:
    """With all that the first page needs, as it travels."""
    inside = window()
    sizes: list[int] = []
    inside.context.on("requestfinished", lambda each: sizes.append(_weight(each)))
    console.let_in(inside)
    inside.page.wait_for_load_state("networkidle")

    assert len(sizes) >= 3
    assert 1_000 < sum(sizes) < FIRST_VISIT


def _weight(request: Any) -> int:
    sizes = request.sizes()
    return sizes["responseBodySize"] + sizes["responseHeadersSize"]


@pytest.mark.parametrize("path", LOOKS)
def test_a_page_works_without_scripts(
    console: Opened, window: Windows, filled: dict[str, str], path: str
) -> None:
    """It has the same text and the same forms, and each form has a button of its own."""
    plain = console.let_in(window(java_script_enabled=False))
    if console.shows(plain, address(path, filled)):
        assert len(plain.page.locator("main").inner_text()) > 20
        for form in plain.page.locator("form").all():
            buttons = form.locator("button:not([type=button]), input[type=submit]").count()
            id_ = form.get_attribute("id")
            outside = plain.page.locator(f"button[form='{id_}']").count() if id_ else 0
            assert buttons + outside, form.inner_html()


def test_a_page_that_is_not_there_is_accessible_too(console: Opened, window: Windows) -> None:
    inside = console.let_in(window(bypass_csp=True)).forgive(REFUSED)

    assert console.go(inside, "/not-there") == 404
    assert not findings(inside.page)
    assert not too_wide(inside.page, NARROW)
