"""The help center: articles that customers read, and those offered while they type."""

from dataclasses import replace
from typing import Any

import pytest
from helpdesk.knowledge import Article, Link
from helpdesk.knowledge.translating import Translation
from playwright.sync_api import expect

from tests.browser.counter import Counter, Opening, Visit, opened_counter
from tests.browser.looks import findings, too_wide
from tests.browser.test_customers_looks import LONG, NARROW
from tests.browser.windows import REFUSED
from tests.browser.wire import Wire
from tests.fakes import WANTS_PERSON
from tests.integration.test_agent_cli import Desk
from tests.integration.test_help_articles import counted

DELIVERY = Article(
    intent="delivery_period",
    title="How long does delivery take?",
    answer=f"It takes:\n- 3 days here\n- 5 days elsewhere\n\nSee https://shop.example/{LONG}.",
    utterances=("how long does delivery take", "when does my parcel arrive"),
    category="DELIVERY",
    department="shipping",
    links=(Link(title="All about parcels", url="https://shop.example/parcels"),),
    public=True,
    translations=(
        Translation(language="de", title="Wie lange dauert es?", answer="Es dauert 3 bis 5 Tage."),
        Translation(language="ar", title="كم يستغرق التوصيل؟", answer="يستغرق 3 أيام."),
    ),
)
INVOICE = replace(
    DELIVERY,
    intent="get_invoice",
    title="Where is my invoice?",
    answer="It is in the mail.",
    utterances=("where is my invoice", "send me the bill"),
    category="INVOICES",
    links=(),
    translations=(),
)
QUESTION = "when will the parcel of my aunt arrive"
OF_DELIVERY = "/articles/delivery-period"


@pytest.fixture
def center(template: dict[str, Any], desk: Desk, wire: Wire) -> Any:
    """Yield the customers' side of a desk that has public articles."""
    desk.knowledge.put(DELIVERY)
    desk.knowledge.put(INVOICE)
    with opened_counter(template, desk, wire) as counter:
        wire.secrets.add(QUESTION)
        yield counter


PLACES = (
    "/articles",
    "/articles?lang=de",
    "/articles?lang=ar",
    OF_DELIVERY,
    f"{OF_DELIVERY}?lang=de",
    f"{OF_DELIVERY}?lang=ar",
    "/articles/get-invoice?lang=fr",
    f"{OF_DELIVERY}?thanks=1",
    "/articles/nothing-of-it",
)


def test_each_page_is_accessible_in_both_schemes_and_fits_a_small_phone(
    center: Counter, window: Opening
) -> None:
    inside = window(bypass_csp=True).forgive(REFUSED)
    wide = inside.page.viewport_size
    assert wide
    found = {}
    for place in PLACES:
        inside.page.set_viewport_size(wide)
        status = inside.go(center.page + place)
        assert status == (404 if "nothing" in place else 200)
        found[place] = [*findings(inside.page), *too_wide(inside.page, NARROW)]
        found[place] += findings(inside.page, ["light"])
    for asked in (QUESTION, "xyzzy"):
        inside.page.set_viewport_size(wide)
        inside.go(f"{center.page}/articles")
        inside.page.get_by_role("searchbox").fill(asked)
        inside.page.keyboard.press("Enter")
        expect(inside.page.get_by_role("heading", name="The nearest articles")).to_be_visible()
        found[asked] = [*findings(inside.page), *too_wide(inside.page, NARROW)]

    assert not {place: faults for place, faults in found.items() if faults}


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_an_article_is_found_read_and_thanked_for(
    center: Counter, window: Opening, scripts: bool
) -> None:
    """What was asked stands in no address, and nothing is loaded from elsewhere."""
    inside = window(java_script_enabled=scripts)
    page = inside.page
    inside.go(f"{center.page}/articles")
    page.get_by_role("searchbox").fill(QUESTION)
    page.get_by_role("button", name="Find articles").click()
    found = page.locator("#found + ul")
    expect(found.get_by_role("link").first).to_have_text(DELIVERY.title)
    found.get_by_role("link").first.click()

    expect(page.get_by_role("heading", level=1)).to_have_text(DELIVERY.title)
    expect(page.get_by_role("listitem").filter(has_text="3 days here")).to_be_visible()
    page.get_by_role("button", name="This answered my question").click()
    expect(page.get_by_role("status")).to_contain_text("Thank you")
    expect(page.get_by_role("button")).to_have_count(0)
    assert counted(center.desk.stack) == {"delivery_period": 1}
    assert not [each for each in inside.asked if "aunt" in each]
    assert inside.origins() == {center.origin}


def test_a_button_that_is_pressed_twice_counts_once(center: Counter, window: Opening) -> None:
    """Both requests reach the desk: the answer to the first one is lost on its way."""
    inside = window()
    inside.go(center.page + OF_DELIVERY)
    key = inside.page.locator("input[name=key]").input_value()
    lost = inside.context.request.post(
        f"{center.page}{OF_DELIVERY}/answered", form={"key": key}, max_redirects=0
    )
    assert lost.status == 303
    inside.page.get_by_role("button", name="This answered my question").click()
    expect(inside.page.get_by_role("status")).to_contain_text("Thank you")

    assert center.came("POST", "/answered") == 2
    assert counted(center.desk.stack) == {"delivery_period": 1}


def test_readers_choose_another_language(center: Counter, window: Opening) -> None:
    page = window().page
    page.goto(f"{center.page}/articles")
    page.get_by_role("navigation").get_by_role("link", name="Deutsch").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Hilfe-Artikel")
    page.get_by_role("link", name="Wie lange dauert es?").click()
    expect(page.get_by_text("Es dauert 3 bis 5 Tage.")).to_be_visible()
    assert page.locator("html").get_attribute("lang") == "de"

    page.get_by_role("navigation").get_by_role("link", name="العربية").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("كم يستغرق التوصيل؟")
    expect(page.get_by_role("article")).to_have_attribute("dir", "rtl")


class TestWhileACustomerTypes:
    def test_the_nearest_articles_are_offered_to_the_keyboard(
        self, center: Counter, window: Opening
    ) -> None:
        """What is typed leaves the browser in no way until it is sent."""
        inside = window()
        inside.go(center.page)
        visit, page = Visit(inside, center), inside.page
        visit.text.focus()
        before = len(inside.asked)
        page.keyboard.type(QUESTION)
        offered = page.get_by_role("navigation").get_by_role("link")
        expect(offered.first).to_have_text(DELIVERY.title)

        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == DELIVERY.title
        with inside.context.expect_page() as opened:
            page.keyboard.press("Enter")
        article = opened.value
        expect(article.get_by_role("heading", level=1)).to_have_text(DELIVERY.title)
        assert article.evaluate("opener === null")
        assert visit.text.input_value() == QUESTION
        asked = [each.removeprefix(center.page) for each in inside.asked[before:]]
        assert [each.partition("?")[0] for each in asked] == [
            "/nearest.js",
            "/articles.json",
            OF_DELIVERY,
        ]
        assert center.came("POST", "/queries") == 0

    def test_they_go_when_the_question_is_sent(self, center: Counter, window: Opening) -> None:
        center.script[QUESTION] = center.script[WANTS_PERSON]
        inside = window()
        inside.go(center.page)
        visit = Visit(inside, center)
        visit.text.press_sequentially(QUESTION)
        offered = inside.page.get_by_role("navigation")
        expect(offered).to_be_visible()
        visit.send.click()

        expect(offered).to_be_hidden()
        expect(visit.status).to_contain_text("A person will answer")

    def test_nothing_is_offered_for_words_that_are_near_nothing(
        self, center: Counter, window: Opening
    ) -> None:
        inside = window()
        inside.go(center.page)
        visit = Visit(inside, center)
        with inside.page.expect_response("**/articles.json*"):
            visit.text.press_sequentially("xyzzy")
        inside.page.wait_for_timeout(500)
        expect(inside.page.get_by_role("navigation")).to_be_hidden()
        visit.text.press_sequentially(" invoice")

        expect(inside.page.get_by_role("navigation")).to_contain_text(INVOICE.title)

    def test_the_offer_is_accessible_and_fits_a_small_phone(
        self, center: Counter, window: Opening
    ) -> None:
        inside = window(bypass_csp=True)
        inside.go(center.page)
        Visit(inside, center).text.press_sequentially(QUESTION)
        expect(inside.page.get_by_role("navigation")).to_be_visible()

        assert not findings(inside.page)
        assert not too_wide(inside.page, NARROW)
        assert not findings(inside.page)
