"""The rows of the mail desk that people see in pages: lists, sums, moves and entries by hand."""

import re
from collections.abc import Callable
from datetime import timedelta
from itertools import chain

import pytest
from helpdesk.ticket import Agent, Role, State
from helpdesk.triage import Escalate, Reason
from playwright.sync_api import Page, expect

from tests.browser.at_work import Opened
from tests.browser.windows import REFUSED, Window
from tests.integration.test_console_dashboard import a_day, count

type Windows = Callable[..., Window]

ODD = "Where _is_ my *parcel* [12345] <b>?"
"""A subject of which a chat or a page could make something else."""

MANY = 54
"""Tickets of several pages of the list."""


@pytest.fixture
def page(console: Opened, window: Windows) -> Page:
    console.desk.knowledge.put_agent(Agent("ada", frozenset({Role.AGENT, Role.LEAD})))
    return console.let_in(window()).page


def listed(page: Page) -> list[list[str]]:
    """Return the tickets of a list, by its pages."""
    ids = page.locator("tr[data-row] td[data-name=Ticket]")
    found = [ids.all_inner_texts()]
    while (more := page.locator("a[rel=next]")).count():
        more.first.click()
        found.append(ids.all_inner_texts())
    return found


def totals(page: Page) -> list[tuple[str, str]]:
    """Return each list that the dashboard links to with one number, and that number."""
    found: list[tuple[str, str]] = page.locator('th a[href^="/tickets?"]').evaluate_all(
        """links => links
            .map(each => [each.getAttribute('href'), each.closest('tr').querySelectorAll('td')])
            .filter(([, numbers]) => numbers.length === 1)
            .map(([href, [number]]) => [href, number.textContent.trim()])"""
    )
    return found


def test_each_number_of_the_dashboard_is_the_length_of_the_list_behind_it(
    console: Opened, page: Page
) -> None:
    """M19, by the links that a lead clicks."""
    a_day(console.desk)
    count(console.desk)
    page.goto(f"{console.origin}/dashboard?days=7")
    linked = totals(page)

    assert len(linked) >= 9
    for href, number in linked:
        page.goto(console.origin + href)
        assert sum(map(len, listed(page))) == int(number), href


def test_a_ticket_that_is_closed_leaves_one_count_for_another(console: Opened, page: Page) -> None:
    """M18: the dashboard follows, and the history has both moves of two agents."""
    desk = console.desk
    ticket_id = desk.escalated(1)
    page.goto(f"{console.origin}/tickets/{ticket_id}")
    page.get_by_role("button", name="Take this ticket").click()
    page.locator("summary", has_text="Close").click()
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("closed")
    count(desk)

    page.goto(f"{console.origin}/dashboard?days=7")
    by_state = {href: number for href, number in totals(page) if "state=all" not in href}
    assert [number for href, number in by_state.items() if "state=closed" in href] == ["1"]
    assert not [href for href in by_state if "state=escalated" in href]
    assert desk.ticket(ticket_id).state is State.CLOSED


def test_a_field_that_no_form_has_changes_nothing(console: Opened, window: Windows) -> None:
    """M18: what is no move of a ticket is refused."""
    inside = console.let_in(window()).forgive(REFUSED)
    ticket_id = console.desk.escalated(1)
    console.go(inside, f"/tickets/{ticket_id}")
    status = inside.page.evaluate(
        """async path => {
            const form = new FormData(document.querySelector('form[method=post]'));
            form.append('state', 'closed');
            return (await fetch(path, { method: 'POST', body: new URLSearchParams(form) })).status;
        }""",
        f"/tickets/{ticket_id}/state",
    )

    assert status in {404, 405}
    assert console.desk.ticket(ticket_id).state is State.ESCALATED


def test_lists_are_filtered_paged_and_newest_or_most_urgent_first(
    console: Opened, page: Page
) -> None:
    """M17."""
    for number in range(1, MANY):
        console.desk.escalated(number)
    console.desk.escalated(99, "My lawyer will sue you", Escalate(Reason.LEGAL))

    page.goto(f"{console.origin}/tickets?state=escalated&limit=100000")
    pages = listed(page)
    assert len(pages) > 1, "a limit in the address changes nothing"
    assert len(set(chain(*pages))) == sum(map(len, pages)) == MANY
    page.goto(f"{console.origin}/tickets?state=answered&category=orders")
    assert listed(page) == [[]]


def test_an_unknown_ticket_is_told_with_a_way_on(console: Opened, window: Windows) -> None:
    """M17: a bad id."""
    inside = console.let_in(window()).forgive(REFUSED)

    assert console.go(inside, "/tickets/0000000000000000") == 404
    expect(inside.page.get_by_role("link", name=re.compile("list", re.IGNORECASE))).to_be_visible()


def test_a_subject_stays_as_it_was_written(console: Opened, page: Page) -> None:
    """M14 and M20: in the list and on the page of the ticket."""
    ticket_id = console.desk.escalated(1, ODD)

    page.goto(f"{console.origin}/tickets")
    expect(page.locator("tr[data-row]")).to_contain_text(ODD)
    page.goto(f"{console.origin}/tickets/{ticket_id}")
    expect(page.get_by_role("heading", level=1)).to_have_text(ODD)


def test_an_entry_by_hand_has_the_moment_that_was_said(console: Opened, window: Windows) -> None:
    """M24: an ISO date that ends in Z, and one that is none."""
    desk, page = console.desk, console.let_in(window()).forgive(REFUSED).page
    came = (desk.now - timedelta(days=2)).replace(microsecond=0)
    page.goto(f"{console.origin}/tickets/new")
    page.get_by_label("What the customer asks").fill("When does the sofa come?")
    page.get_by_label("When it came").fill("2026-13-45T99:00:00Z")
    with page.expect_response(lambda told: told.request.method == "POST") as refused:
        page.get_by_role("button", name="Open the ticket").click()
    assert refused.value.status == 400
    expect(page.get_by_role("alert")).to_contain_text("is not a moment")
    expect(page.get_by_label("What the customer asks")).to_have_value("When does the sofa come?")

    page.get_by_label("When it came").fill(came.strftime("%Y-%m-%dT%H:%M:%SZ"))
    page.get_by_role("button", name="Open the ticket").click()
    page.wait_for_url(re.compile(r"/tickets/[0-9a-z]{16}"))
    found = re.search(r"/tickets/([0-9a-z]{16})", page.url)
    assert found
    assert desk.ticket(found[1]).created_at == came


def test_what_a_threat_is_stands_on_the_ticket(console: Opened, page: Page) -> None:
    """M3: a lawyer is serious, a simple question is not."""
    desk = console.desk
    threat = desk.escalated(1, "My lawyer will sue you", Escalate(Reason.LEGAL))
    simple = desk.escalated(2, "Do you wrap gifts?")

    page.goto(f"{console.origin}/tickets/{threat}")
    expect(page.locator("main")).to_contain_text("legal")
    page.goto(f"{console.origin}/tickets/{simple}")
    expect(page.locator("dl.facts").first).not_to_contain_text("legal")
