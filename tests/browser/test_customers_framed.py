"""The button on a page of the shop, and the desk's page in its frame."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Frame, expect

from tests.browser.counter import ANSWER, SHOP, Counter, Opening, Visit, opened_counter, shop
from tests.browser.windows import Window
from tests.browser.wire import Wire
from tests.fakes import KNOWN, WANTS_PERSON
from tests.integration.test_agent_cli import Desk

STRICT = "default-src 'none'; script-src {origin}; frame-src {origin}; style-src 'self'"
"""What a careful shop allows: two sources for the desk, nothing inline."""

DENIED = """
if (window !== window.top) {
    for (const name of ['sessionStorage', 'localStorage']) {
        Object.defineProperty(window, name, {
            get() { throw new DOMException('Access is denied', 'SecurityError'); },
        });
    }
}
"""
"""What frames of other sites get in private windows and with third-party storage switched off."""


@pytest.fixture
def named(template: dict[str, Any], desk: Desk, wire: Wire) -> Iterator[Counter]:
    """A counter that the shop may frame."""
    with opened_counter(template, desk, wire, WIDGET_ORIGINS=SHOP) as counter:
        yield counter


def at_the_shop(window: Window, counter: Counter, body: str = "") -> None:
    """Open a page of the shop with the button."""
    policy = STRICT.format(origin=counter.origin)
    shop(window, f'{body}<script src="{counter.widget}" async></script>', policy)
    window.go(f"{SHOP}/")
    window.page.wait_for_load_state("networkidle")


def pressed(window: Window, counter: Counter) -> Visit:
    """Press the button by keyboard; return the customer at its frame."""
    with window.page.expect_event("framenavigated", lambda each: each.url != "about:blank"):
        window.page.keyboard.press("Tab")
        window.page.keyboard.press("Enter")
    visit = Visit(window, counter, frame_of(window))
    expect(visit.text).to_be_visible()
    return visit


def frame_of(window: Window) -> Frame:
    (frame,) = window.page.frames[1:]
    return frame


def test_a_shop_that_is_named_shows_the_page_under_a_strict_policy(
    named: Counter, window: Opening
) -> None:
    inside = window()
    at_the_shop(inside, named)
    visit = pressed(inside, named)
    visit.ask(KNOWN)

    expect(visit.log).to_contain_text(ANSWER)
    assert inside.origins() == {SHOP, named.origin}


def test_another_shop_shows_nothing(named: Counter, window: Opening) -> None:
    inside = window().forgive("frame")
    inside.context.route(
        "https://other.example/",
        lambda route: route.fulfill(
            content_type="text/html", body=f'<iframe src="{named.page}" title="Help"></iframe>'
        ),
    )
    inside.go("https://other.example/")
    inside.page.wait_for_load_state("networkidle")

    assert frame_of(inside).url.startswith("chrome-error:")


def test_what_is_beneath_the_button_can_be_pressed(named: Counter, window: Opening) -> None:
    """While it is closed, nothing of it covers the page but the button."""
    inside = window()
    at_the_shop(inside, named)

    covered: list[int] = inside.page.evaluate(
        """() => {
            let covered = 0;
            for (let x = 5; x < innerWidth; x += 10)
                for (let y = 5; y < innerHeight; y += 10) {
                    const top = document.elementFromPoint(x, y);
                    covered += !(top.matches('html, body, h1'));
                }
            return [covered * 100, innerWidth * innerHeight];
        }"""
    )
    assert 0 < covered[0] < 20_000
    assert covered[1] > 500_000


def test_escape_closes_it_and_the_focus_returns(named: Counter, window: Opening) -> None:
    inside = window()
    at_the_shop(inside, named)
    visit = pressed(inside, named)
    expect(visit.at.locator("#hide")).to_be_visible()
    visit.text.focus()
    inside.page.keyboard.press("Escape")

    expect(visit.text).to_be_hidden()
    inside.page.keyboard.press("Enter")
    expect(visit.text).to_be_visible()


@pytest.mark.parametrize("denied", [False, True], ids=["kept in the frame", "kept by the shop"])
def test_the_next_page_of_the_shop_shows_the_conversation(
    named: Counter, window: Opening, denied: bool
) -> None:
    inside = window()
    if denied:
        inside.context.add_init_script(DENIED)
    at_the_shop(inside, named)
    visit = pressed(inside, named)
    visit.ask(KNOWN)
    expect(visit.log).to_contain_text(ANSWER)
    kept = inside.page.evaluate("Object.values({...sessionStorage}).join()")
    assert bool(kept) is denied

    inside.go(f"{SHOP}/next")
    inside.page.wait_for_load_state("networkidle")
    again = pressed(inside, named)

    expect(again.log.locator("article")).to_have_count(2)


def test_what_arrives_while_it_is_closed_is_counted_on_the_button(
    named: Counter, window: Opening
) -> None:
    inside = window()
    closed_while_a_person_is_awaited(inside, named)
    named.reply("Good morning.")

    button = inside.page.get_by_role("button")
    expect(button).to_contain_text("1", timeout=45_000)


def test_what_arrived_while_the_tab_was_hidden_is_counted_when_it_is_shown(
    named: Counter, window: Opening
) -> None:
    """On the button, which stays closed."""
    inside = window()
    closed_while_a_person_is_awaited(inside, named)
    expect(inside.page.get_by_role("button")).to_be_visible()
    frame_of(inside).evaluate(SHOWN, False)
    named.reply("Good morning.")
    before = len(named.wire.arrived)
    inside.page.wait_for_timeout(6_000)
    assert len(named.wire.arrived) == before, "a hidden page looks for news"
    frame_of(inside).evaluate(SHOWN, True)

    expect(inside.page.get_by_role("button")).to_contain_text("1")


SHOWN = """shown => {
    Object.defineProperty(document, 'hidden', {value: !shown, configurable: true});
    document.dispatchEvent(new Event('visibilitychange'));
}"""
"""Tells a page that its tab is shown, or hidden."""


def closed_while_a_person_is_awaited(inside: Window, named: Counter) -> None:
    """Ask at the shop's button, and close it again."""
    inside.context.add_init_script(
        "const attach = Element.prototype.attachShadow;"
        "Element.prototype.attachShadow = function () { return attach.call(this, {mode: 'open'}); }"
    )
    at_the_shop(inside, named)
    visit = pressed(inside, named)
    visit.ask(WANTS_PERSON)
    expect(visit.status).to_contain_text("A person will answer")
    inside.page.keyboard.press("Escape")


def test_a_site_that_the_customer_did_not_choose_gets_no_token(
    named: Counter, window: Opening
) -> None:
    """The frame hands its token to the page around it, and to no other window."""
    inside = window()
    inside.context.add_init_script(DENIED)
    at_the_shop(inside, named, "<iframe name=other title=Other srcdoc=''></iframe>")
    inside.page.evaluate(
        """() => {
            window.heard = [];
            frames.other.addEventListener('message', event => heard.push(event.data));
            addEventListener('message', event => heard.push(event.origin));
        }"""
    )
    inside.page.keyboard.press("Tab")
    with inside.page.expect_event("framenavigated", lambda each: "help" in each.url) as gone:
        inside.page.keyboard.press("Tab")
        inside.page.keyboard.press("Enter")
    visit = Visit(inside, named, gone.value)
    visit.ask(KNOWN)
    expect(visit.log).to_contain_text(ANSWER)

    heard = inside.page.evaluate("heard")
    assert heard
    assert set(heard) == {named.origin}
