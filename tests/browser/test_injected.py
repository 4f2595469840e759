"""What customers and mails may write is shown as text, and never becomes a part of a page."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import batched

import pytest
from helpdesk import files, ticket
from helpdesk.aws import clients
from helpdesk.aws.attachments import DynamoAttachments
from helpdesk.aws.letters import DynamoMailbox
from helpdesk.receiving import Held
from playwright.sync_api import Error, Page

from agent_cli.web.console import PAGES
from agent_cli.words import harmless
from tests.browser.at_work import Opened
from tests.browser.corpus import SCRIPTS
from tests.browser.windows import REFUSED, Window
from tests.fakes import ADA
from tests.filing import an_attachment
from tests.integration.test_agent_cli_mail import came
from tests.mailing import known

type Windows = Callable[..., Window]

AT_ONCE = 17
"""Tickets of one test: less than a page of the list has."""

EVERY_THIRD = SCRIPTS[::3]
BATCHES = [list(each) for each in batched(SCRIPTS, AT_ONCE, strict=False)]
PLAIN = sorted(each[4:] for each in PAGES if each.startswith("GET ") and "{" not in each)
OF_A_TICKET = sorted(
    each[4:] for each in PAGES if re.fullmatch(r"GET /tickets/{\w+}(/[a-z-]+)?", each)
)
ASKED = ("text", "search", "customer", "told", "page", "language", "to", "hours")
"""What addresses say to pages."""

ITS_PAGE = [each for each in OF_A_TICKET if each.endswith("}")]
UNTIL = datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture
def hostile(console: Opened, request: pytest.FixtureRequest) -> dict[str, str]:
    """Fill the desk with hostile texts in every place; return them by their tickets."""
    desk = console.desk
    tickets = clients.table(desk.stack.outputs["TicketsTable"])
    register, mailbox = DynamoAttachments(tickets), DynamoMailbox(tickets)
    found = {}
    for number, script in enumerate(request.param, start=1):
        ticket_id = desk.escalated(
            number, script, email=f"kim{number}@x.example", name=script, reference=script
        )
        mail = replace(known(ticket_id), subject=script)
        desk.tickets.outbox.correspond(mail, expires_at=UNTIL)
        ready = an_attachment(ticket_id, name=script, state=files.State.READY)
        register.add(ready)
        register.change(ready, replace(ready, version=ready.version + 1), text=script)
        came(desk, ticket_id, f"Subject: {script}\r\n\r\n{script}".encode(), script)
        noted = ticket.note(desk.ticket(ticket_id), ADA, script, now=desk.now)
        desk.tickets.commit(noted)
        sender = f"kim{number}@x.example"
        at = desk.now - timedelta(minutes=number)
        held = Held(key=f"inbound/{number}", at=at, expires_at=UNTIL, sender=sender, subject=script)
        mailbox.hold(held)
        found[ticket_id] = script
    return found


def made_of_it(page: Page) -> Sequence[str]:
    """Return the elements of a page that only markup in a customer's text can have made.

    An address that is shown as it is may be a link which tells its site nothing.
    """
    made: list[str] = page.evaluate(
        """() => [...document.querySelectorAll(
                'main script, main iframe, main object, main embed, main base, main meta,'
                + 'main link, main style, main math, main template, main video, main img[onerror],'
                + '[src*="evil.example"], [href*="evil.example"]:not([href^="/"]), [href^="//"],'
                + '[action*="evil.example"],'
                + '[href^="javascript:" i], [href^="data:" i], [src^="data:" i], [hx-get="/x"]')]
            .concat([...document.querySelectorAll('*')].filter(each =>
                [...each.attributes].some(one => /^(on|hx-on|srcdoc)/i.test(one.name))))
            .filter(each => !(each.matches('a[rel~=noreferrer][href^="https:"]')
                && each.textContent === each.getAttribute('href')))
            .map(each => each.outerHTML.slice(0, 200))"""
    )
    return made


def quoted(text: str) -> str:
    """Return a text as it may stand in an address."""
    return "".join(f"%{byte:02x}" for byte in text.encode())


def squeezed(text: str) -> str:
    return " ".join(text.split())


def shows(page: Page, script: str) -> bool:
    """Tell whether a page shows a text, or as much of it as a line of a list has."""
    said = squeezed(page.locator("main").inner_text())
    return squeezed(harmless.paragraph(script))[:40].strip() in said


@pytest.mark.parametrize("hostile", BATCHES, indirect=True, ids=range(len(BATCHES)))
def test_hostile_texts_are_shown_as_text(
    console: Opened, window: Windows, hostile: dict[str, str]
) -> None:
    """No dialog, no error of the policy, no request to another origin: the fixture looks too."""
    inside = console.let_in(window())
    for path in PLAIN:
        if not console.shows(inside, path):
            continue
        assert not made_of_it(inside.page), path
        if path == "/tickets":
            hidden = [each for each in hostile.values() if not shows(inside.page, each)]
            assert not hidden
    for number, (ticket_id, script) in enumerate(hostile.items()):
        for path in OF_A_TICKET if number % 4 == 0 else ITS_PAGE:
            if not console.shows(inside, re.sub(r"{\w+}", ticket_id, path)):
                continue
            assert not made_of_it(inside.page), path
            if path in ITS_PAGE:
                assert shows(inside.page, script), path
        console.go(inside, f"/tickets/{ticket_id}/mails/1")
        assert not made_of_it(inside.page)
        assert shows(inside.page, script)

    assert inside.origins() == {console.origin}


def test_an_address_is_shown_as_text(console: Opened, window: Windows) -> None:
    """What stands in an address comes from those who sent the link."""
    inside = console.let_in(window()).forgive(REFUSED)
    for path in PLAIN:
        if not console.shows(inside, path):
            continue
        for scripts in batched(SCRIPTS[1::2], len(ASKED), strict=True):
            asked = "&".join(f"{n}={quoted(each)}" for n, each in zip(ASKED, scripts, strict=True))
            console.go(inside, f"{path}?{asked}")
            assert not made_of_it(inside.page), (path, scripts)
    for script in SCRIPTS[::6]:
        console.go(inside, f"/tickets/{quoted(script)}")
        assert not made_of_it(inside.page), script
    assert inside.origins() == {console.origin}


def test_the_search_finds_what_a_script_would_have_made(window: Windows) -> None:
    """A page that escapes nothing: most of the texts show in its elements or in its troubles."""
    noticed = []
    for script in EVERY_THIRD:
        inside = window().forgive("")
        inside.page.set_content(f"<main><p title='x'>{script}</p></main>", wait_until="commit")
        try:
            seen = bool(made_of_it(inside.page) or inside.troubles or inside.asked)
        except Error:  # the page went elsewhere while it was searched
            seen = True
        noticed += [script] if seen else []
        inside.close()

    assert len(noticed) > len(EVERY_THIRD) / 2, set(EVERY_THIRD) - set(noticed)
