"""How the customers' page looks and reads in each of its states, and what it does with scripts."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import batched

import pytest
from helpdesk import customers, ticket
from helpdesk.aws import clients
from helpdesk.aws.queues import SqsQueue
from playwright.sync_api import expect

from tests.browser.corpus import SCRIPTS
from tests.browser.counter import ANSWER, Counter, Opening, Visit
from tests.browser.looks import findings, too_wide
from tests.browser.test_injected import made_of_it, squeezed
from tests.browser.windows import REFUSED
from tests.fakes import ADA, KNOWN, WANTS_PERSON

NARROW = 320
"""The narrowest window of WCAG's reflow: CSS pixels."""

LONG = "Wirelessheadphonesreplacementcase" * 4


def untouched(_: Visit) -> None:
    """Nothing was asked yet."""


def answered(visit: Visit) -> None:
    visit.ask(KNOWN)
    expect(visit.log).to_contain_text(ANSWER)


def awaiting(visit: Visit) -> None:
    visit.ask(WANTS_PERSON)
    expect(visit.status).to_contain_text("A person will answer")


def replied(visit: Visit) -> None:
    awaiting(visit)
    visit.counter.reply(f"See https://shop.example/{LONG}.\n\n{LONG}\n- one\n- two")
    expect(visit.log).to_contain_text("- two", timeout=15_000)


def closed(visit: Visit) -> None:
    answered(visit)
    visit.page.locator("#more summary").click()
    visit.page.locator("#close").click()
    expect(visit.status).to_contain_text("closed")


def failed(visit: Visit) -> None:
    visit.window.forgive("net::ERR_", REFUSED)
    visit.page.route("**/queries", lambda route: route.abort())
    visit.ask(KNOWN)
    expect(visit.log).to_contain_text("Not sent.")


def offline(visit: Visit) -> None:
    awaiting(visit)
    visit.window.forgive("net::ERR_", REFUSED)
    visit.window.context.set_offline(True)
    expect(visit.status).to_contain_text("offline")


def opened(visit: Visit) -> None:
    """All that can be unfolded is."""
    answered(visit)
    visit.page.locator("#more summary").click()


def gone(visit: Visit) -> None:
    visit.window.forgive(REFUSED)
    visit.page.goto(f"{visit.counter.page}#{'0' * 16}.wrong")
    visit.page.reload()


STATES = (untouched, answered, awaiting, replied, closed, failed, offline, opened, gone)


@pytest.mark.parametrize("state", STATES)
def test_each_state_is_accessible_in_both_schemes_and_fits_a_small_phone(
    counter: Counter, window: Opening, state: Callable[[Visit], None]
) -> None:
    inside = window(bypass_csp=True)
    inside.go(counter.page)
    state(Visit(inside, counter))

    assert not findings(inside.page)
    assert not too_wide(inside.page, NARROW)
    assert not findings(inside.page)


@pytest.mark.parametrize("language", ["de", "ar"])
def test_other_languages_fit_too(counter: Counter, window: Opening, language: str) -> None:
    inside = window(bypass_csp=True, locale=language)
    inside.go(counter.page)
    visit = Visit(inside, counter)
    visit.ask(KNOWN)
    expect(visit.log).to_contain_text(ANSWER)

    assert not findings(inside.page)
    assert not too_wide(inside.page, NARROW)


def test_targets_are_large_and_text_does_not_zoom_on_phones(
    counter: Counter, window: Opening
) -> None:
    inside = window()
    inside.go(counter.page)
    answered(Visit(inside, counter))

    small: list[str] = inside.page.evaluate(
        """() => [...document.querySelectorAll('button, summary, input, textarea, .button')]
            .filter(each => each.offsetHeight && each.type !== 'file')
            .filter(each => each.getBoundingClientRect().height < 44)
            .map(each => each.outerHTML)"""
    )
    fields: list[str] = inside.page.evaluate(
        """() => [...document.querySelectorAll('input:not([readonly]), textarea')]
            .filter(each => parseFloat(getComputedStyle(each).fontSize) < 16)
            .map(each => each.outerHTML)"""
    )
    assert not small
    assert not fields


def conversed(counter: Counter, scripts: tuple[str, ...]) -> str:
    """Let a customer and an agent say these to each other; return the link to it."""
    desk, now = counter.desk, datetime.now(UTC)
    receipt = customers.submit(
        customers.Question(text=scripts[0], customer=ticket.Customer(), channel="web"),
        key=None,
        tickets=desk.tickets,
        intake=SqsQueue(clients.sqs(), desk.stack.outputs["IntakeQueueUrl"]),
        terms=customers.Terms(token_life=timedelta(days=90), retention=timedelta(days=400)),
        now=now,
    )
    counter.wire.secrets.add(receipt.token)
    given_up = ticket.give_up(desk.ticket(receipt.ticket_id), now=now)
    desk.tickets.commit(given_up)
    at: ticket.Ticket = given_up.after
    for script in scripts:
        for change in (
            lambda each, script: ticket.follow_up(each, script, now=now),
            lambda each, _: ticket.claim(each, ADA, now=now, length=timedelta(minutes=15)),
            lambda each, script: ticket.reply(each, ADA, script, now=now),
        ):
            done = change(at, script)
            desk.tickets.commit(done)
            at = done.after
    return f"{counter.page}#{receipt.ticket_id}.{receipt.token}"


@pytest.mark.parametrize("scripts", list(batched(SCRIPTS, 25, strict=False)), ids=["one", "two"])
def test_scripts_in_a_conversation_are_shown_as_text(
    counter: Counter, window: Opening, scripts: tuple[str, ...]
) -> None:
    """Of the customer, whose link others may open, and of those who answer."""
    inside = window()
    inside.go(conversed(counter, scripts))
    visit = Visit(inside, counter)
    expect(visit.log.locator("article").nth(2 * len(scripts))).to_be_attached()

    said = squeezed(visit.log.text_content() or "")
    assert not [each for each in scripts if said.count(squeezed(each)) < 2]
    assert not made_of_it(inside.page)
    assert inside.origins() == {counter.origin}


def test_scripts_that_a_customer_writes_are_shown_as_text(
    counter: Counter, window: Opening
) -> None:
    """Before and after they are sent, and in an address."""
    inside = window().forgive(REFUSED)
    for script in SCRIPTS[::12]:
        quoted = "".join(f"%{byte:02x}" for byte in script.encode())
        tab = inside.tab()
        tab.goto(f"{counter.page}?lang={quoted}#{quoted}.{quoted}")
        visit = Visit(inside, counter, tab)
        visit.text.fill(script)
        visit.send.click()
        expect(visit.log).not_to_contain_text("Sending")
        expect(visit.log.locator("article").first).to_contain_text(squeezed(script))
        assert not made_of_it(tab)
    assert inside.origins() == {counter.origin}
