"""A customer at the page and an agent in the console, in two windows, from question to reply."""

from collections.abc import Callable
from statistics import median
from time import perf_counter

import pytest
from playwright.sync_api import Page, Response, expect

from tests.browser.at_work import Opened
from tests.browser.counter import Counter, Visit
from tests.browser.windows import Window
from tests.fakes import WANTS_PERSON

ROUNDS = 3
AT_A_LOOK = 3.0
"""Seconds from the agent's "Send" to the page of a customer who comes back to it.

One second is the aim, for a machine that does nothing else; the test prints what it was.
"""

BY_ITSELF = 3.0
"""Seconds for a page that its customer does not touch, once the page knows that an agent has the
ticket: it looks each second then."""

LONGEST_PAUSE = 35.0
"""Seconds within which the page learns that."""

type Windows = Callable[..., Window]


def test_a_reply_reaches_the_customers_page(
    console: Opened, counter: Counter, window: Windows, capsys: pytest.CaptureFixture[str]
) -> None:
    customers = window()
    customers.go(counter.page)
    visit = Visit(customers, counter)
    agents = console.let_in(window()).page
    by_itself, at_a_look = [], []

    for number in range(ROUNDS):
        _ask(visit)
        agents.goto(f"{console.origin}/tickets/{counter.the_ticket().id}")
        with visit.page.expect_response(_is_taken, timeout=1_000 * LONGEST_PAUSE):
            agents.get_by_role("button", name="Take this ticket").click()
        by_itself.append(_reply(agents, visit, f"We wrap gifts, part {number}.", looks=False))
        _ask(visit)
        agents.goto(f"{console.origin}/tickets/{counter.the_ticket().id}")
        agents.get_by_role("button", name="Take this ticket").click()
        at_a_look.append(_reply(agents, visit, f"With ribbons, part {number}.", looks=True))

    with capsys.disabled():
        told = f"{median(by_itself):.2f} s by itself, {median(at_a_look):.2f} s at a look"
        print(f"\n  a reply is on the customer's page after {told} ({ROUNDS} times each)")  # noqa: T201
    assert median(at_a_look) < AT_A_LOOK
    assert median(by_itself) < BY_ITSELF


def _is_taken(response: Response) -> bool:
    """Tell whether the page is told to look again in a second: an agent has the ticket."""
    return response.headers.get("retry-after") == "1" and response.request.method == "GET"


def _ask(visit: Visit) -> None:
    visit.ask(WANTS_PERSON)
    expect(visit.log.locator("article.customer").last).to_contain_text(WANTS_PERSON)
    expect(visit.status).to_contain_text("A person will answer")


def _reply(agents: Page, visit: Visit, text: str, *, looks: bool) -> float:
    """Let the agent reply; return the seconds until the customer sees it."""
    agents.get_by_label("Your reply").fill(text)
    agents.get_by_role("button", name="Send", exact=True).click(no_wait_after=True)
    start = perf_counter()
    if looks:
        expect(agents.get_by_role("status").first).to_contain_text("sent")
        visit.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    shown = visit.log.locator("article.agent").filter(has_text=text)
    shown.wait_for(timeout=1_000 * LONGEST_PAUSE)
    return perf_counter() - start
