"""Before customers ask: what a page of the shop and the desk's page cost, and what they leave."""

import pytest
from playwright.sync_api import expect

from tests.browser.counter import SHOP, Counter, Opening, shop

LOADER = 3_000
PAGE = 15_000


def test_the_page_is_one_small_request(counter: Counter, window: Opening) -> None:
    inside = window()
    answer = inside.page.goto(counter.page)
    assert answer
    inside.page.wait_for_load_state("networkidle")

    assert answer.status == 200
    assert 1_000 < len(answer.body()) < PAGE
    assert inside.asked == [counter.page]


def test_the_page_leaves_nothing_before_a_question(counter: Counter, window: Opening) -> None:
    inside = window()
    inside.go(counter.page)
    expect(inside.page.locator("#text")).to_be_visible()

    assert inside.page.evaluate("localStorage.length + sessionStorage.length") == 0
    assert not inside.context.cookies()


def test_the_page_may_be_framed_by_no_one_unless_a_site_is_named(
    counter: Counter, window: Opening
) -> None:
    inside = window().forgive("frame")
    shop(inside, f'<iframe src="{counter.page}" title="Help"></iframe>')
    inside.go(f"{SHOP}/")
    inside.page.wait_for_load_state("networkidle")

    assert [each.url for each in inside.page.frames[1:]] == ["chrome-error://chromewebdata/"]


def test_before_the_first_click_there_is_one_small_request(
    counter: Counter, window: Opening
) -> None:
    inside = window()
    shop(inside, f'<script src="{counter.widget}" async></script>')
    sizes: list[int] = []
    inside.context.on(
        "response",
        lambda each: sizes.append(len(each.body())) if each.url == counter.widget else None,
    )
    inside.go(f"{SHOP}/")
    expect(inside.page.locator("h1")).to_be_visible()
    inside.page.wait_for_load_state("networkidle")

    assert inside.asked == [f"{SHOP}/", counter.widget]
    assert inside.page.evaluate("localStorage.length + sessionStorage.length") == 0
    assert not inside.context.cookies()
    assert sizes
    assert 200 < sizes[0] < LOADER


@pytest.mark.parametrize("language", ["en", "de", "ar"])
def test_the_page_says_its_language_and_direction(
    counter: Counter, window: Opening, language: str
) -> None:
    inside = window(locale=language)
    inside.go(counter.page)

    html = inside.page.locator("html")
    expect(html).to_have_attribute("lang", language)
    expect(html).to_have_attribute("dir", "rtl" if language == "ar" else "ltr")
