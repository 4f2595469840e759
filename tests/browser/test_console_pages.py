"""Every page of the console, as its application lists them: how it looks, weighs and behaves."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from agent_cli.web.asking import FIELD
from agent_cli.web.console import PAGES
from tests.browser.at_work import Opened
from tests.browser.filling import Address, filled
from tests.browser.looks import findings, too_wide
from tests.browser.windows import REFUSED, Window

NARROW = 380
FIRST_VISIT = 80_000
"""Bytes of all that the first page needs."""

LOOKS = tuple(sorted(each[4:] for each in PAGES if each.startswith("GET ")))
"""The pages that agents look at."""

type Windows = Callable[..., Window]


@pytest.fixture
def at(console: Opened) -> Address:
    """Fill the desk; return what writes the addresses of its pages."""
    return filled(console)


def faults_of(
    console: Opened, inside: Window, at: Address, faults: Callable[[Page], list[str]]
) -> dict[str, list[str]]:
    """Look at each page; return the faults by its path."""
    found = {}
    for path in LOOKS:
        if console.shows(inside, at(path)) and (told := faults(inside.page)):
            found[path] = told
    return found


def test_each_page_is_accessible_in_both_schemes_and_no_wider_than_a_phone(
    console: Opened, window: Windows, at: Address
) -> None:
    inside = console.let_in(window(bypass_csp=True))
    wide = inside.page.viewport_size

    def faults(page: Page) -> list[str]:
        found = [*findings(page), *too_wide(page, NARROW), *findings(page, ["light"])]
        page.set_viewport_size(wide or {"width": 1280, "height": 720})
        return found

    assert not faults_of(console, inside, at, faults)


def test_each_page_is_quiet_and_its_forms_are_the_consoles(
    console: Opened, window: Windows, at: Address
) -> None:
    """No error in the browser's own words, under the console's own policy, and no other origin."""
    inside = console.let_in(window())

    def faults(page: Page) -> list[str]:
        page.wait_for_load_state("load")
        told, inside.troubles[:] = [*inside.troubles], []
        if page.locator("h1").count() != 1:
            told.append("not one heading")
        if not page.title().partition("·")[0].strip():
            told.append("no title")
        return told + [
            form.inner_html()
            for form in page.locator("form[method=post]").all()
            if form.locator(f"input[type=hidden][name={FIELD}]").count() != 1
        ]

    assert not faults_of(console, inside, at, faults)
    assert inside.origins() == {console.origin}


def test_each_page_works_without_scripts(console: Opened, window: Windows, at: Address) -> None:
    """It has the same text and the same forms, and each form has a button of its own."""
    plain = console.let_in(window(java_script_enabled=False))

    def faults(page: Page) -> list[str]:
        short = [] if len(page.locator("main").inner_text()) > 20 else ["no text"]
        return short + [
            form.inner_html()
            for form in page.locator("form").all()
            if not form.evaluate(
                "form => [...form.elements].some(each => each.type === 'submit' && !each.disabled)"
            )
        ]

    assert not faults_of(console, plain, at, faults)


@pytest.mark.usefixtures("at")
def test_the_first_visit_is_small(console: Opened, window: Windows) -> None:
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


def test_a_page_that_is_not_there_is_accessible_too(console: Opened, window: Windows) -> None:
    inside = console.let_in(window(bypass_csp=True)).forgive(REFUSED)

    assert console.go(inside, "/not-there") == 404
    assert not findings(inside.page)
    assert not too_wide(inside.page, NARROW)
