"""The dashboard: pictures of what was counted, equal to the lists to which they link."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from helpdesk import ticket
from helpdesk.agents import Query
from helpdesk.aws import clients
from helpdesk.aws.figures import DynamoFigures
from helpdesk.figures import DIMENSIONS, Fault, Kind, keep
from helpdesk.knowledge import Priority
from helpdesk.ticket import Listing
from helpdesk.triage import Answer, Escalate, Reason

from agent_cli.web.exhibits import board as exhibits
from agent_cli.web.exhibits.exhibit import Exhibit
from tests.fakes import an_article, an_understanding
from tests.integration.consoles import Browser, no_network, opened, words_of  # noqa: F401
from tests.integration.recorded_calls import recording
from tests.integration.test_agent_cli import Desk, an_id, desk  # noqa: F401 -- fixtures

pytestmark = pytest.mark.usefixtures("no_network")

REFUND = Answer(an_article("refund"))


def count(desk: Desk) -> DynamoFigures:  # noqa: F811
    """Count the day as the reconciler does."""
    desk.now = datetime.now(UTC)
    shelf = DynamoFigures(clients.table(desk.stack.outputs["TicketsTable"]))
    keep(days=shelf, events=desk.tickets, clock=lambda: desk.now)
    return shelf


def a_day(desk: Desk) -> None:  # noqa: F811
    """Fill the desk: two are handed over, three answered, one of which did not help; one reply."""
    kim = {"email": "kim@example.com"}
    desk.escalated(1, "My lawyer will sue you", Escalate(Reason.LEGAL), **kim)
    desk.escalated(2, "<script>alert(1)</script>")
    for number in (3, 4, 5):
        desk.escalated(number, decision=REFUND, **kim)
    rated = ticket.rate(desk.ticket(an_id(3)), helpful=False, comment=None, now=desk.now)
    desk.tickets.commit(rated)
    desk.json("ticket", "claim", an_id(2))
    desk.json("ticket", "reply", an_id(2), "We do.")


@pytest.fixture
def browser(desk: Desk) -> Browser:  # noqa: F811
    return opened(desk)


def test_of_an_empty_desk_each_picture_says_so_in_words(browser: Browser) -> None:
    for days in ("", "?days=1", "?days=90", "?days=7000"):
        page = browser.get(f"/dashboard{days}")

        assert "<svg" not in page
        assert words_of(page).count("Nothing yet.") == 13
        assert "counted never" in page
    assert "Nothing yet. No ticket waits for a person." in words_of(
        browser.get("/dashboard/waiting")
    )


def test_the_sentences_are_the_numbers_of_the_day(desk: Desk, browser: Browser) -> None:  # noqa: F811
    a_day(desk)
    count(desk)

    said = words_of(browser.get("/dashboard?days=1"))

    assert "In the last 24 hours the desk answered 3 and handed over 3;" in said
    assert (
        "The desk answered 50% of what was settled by itself; 67% of these answers stayed." in said
    )
    assert "Of 1 reply half came within 1 min, 90 % within 1 min." in said
    assert "Most asked about: refund, 3 times answered and 3 times handed over." in said
    assert "People got tickets 3 times, most often for: legal (33%)." in said
    assert "1 agent sent 1 reply. Agents agent replies half within" in said
    assert "tickets that came 5" in said


def test_each_picture_has_a_sentence_a_table_and_titles(desk: Desk, browser: Browser) -> None:  # noqa: F811
    a_day(desk)
    count(desk)

    page = browser.get("/dashboard?days=7")

    pictures = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    assert len(pictures) == 5
    for each in pictures:
        (sentence,) = re.findall(r'role="img" aria-label="([^"]+)"', each)
        assert unescape(sentence) in words_of(page)
        assert "<title>" in each
        assert 'viewBox="0 0 320 ' in each
    assert page.count("<summary>The numbers</summary>") == 5
    assert page.count('href="/tickets?') == 17
    assert "style=" not in page


def test_the_sums_are_those_of_the_lists(desk: Desk) -> None:  # noqa: F811
    """M19: each number that links to a list is the number of its tickets."""
    a_day(desk)
    count(desk)
    agents_desk = opened(desk).console.desk_of
    with agents_desk(None) as at:  # type: ignore[arg-type]
        found = at.board(7)
        counted = 0
        for shown in exhibits.totals(found):
            for name, number in _linked(shown):
                assert number == len(at.overview.find(_query(name))), name
                counted += 1
    assert counted >= 9
    assert {sum(getattr(found.figures.tickets, each).values()) for each in DIMENSIONS} == {5}


def test_a_ticket_that_is_closed_changes_the_counts(desk: Desk, browser: Browser) -> None:  # noqa: F811
    """M18."""
    desk.escalated(1)
    count(desk)
    assert re.search(
        r"escalated</a>\s*</th>\s*<td class=\"number\">\s*1", browser.get("/dashboard")
    )

    desk.json("ticket", "claim", an_id(1))
    desk.json("ticket", "close", an_id(1))
    count(desk)

    page = browser.get("/dashboard")
    assert re.search(r"closed</a>\s*</th>\s*<td class=\"number\">\s*1", page)
    assert not re.search(r"escalated</a>\s*</th>\s*<td", page)


@pytest.mark.parametrize("days", [1, 90])
def test_the_dashboard_is_three_reads_and_what_waits_four(
    desk: Desk,  # noqa: F811
    browser: Browser,
    days: int,
) -> None:
    a_day(desk)
    desk.json("ticket", "merge", an_id(1), "--into", an_id(3))
    count(desk).add(Kind.MAIL, "submitted", desk.now)
    browser.get("/dashboard")

    with recording(desk.stack) as calls:
        browser.get(f"/dashboard?days={days}")
    assert [each.action for each in calls if each.action.startswith("dynamodb:")] == [
        "dynamodb:Query",
        "dynamodb:Query",
        "dynamodb:BatchGetItem",
    ]
    with recording(desk.stack) as calls:
        browser.get("/dashboard/waiting")
    assert [each.action for each in calls if each.action.startswith("dynamodb:")] == [
        "dynamodb:Query"
    ] * 4


def test_what_waits_is_told_by_age_in_time_and_past_due(desk: Desk, browser: Browser) -> None:  # noqa: F811
    desk.escalated(1)
    desk.escalated(2, ago=timedelta(days=9))
    desk.json("ticket", "claim", an_id(1))

    said = words_of(browser.get("/dashboard/waiting"))

    assert "2 tickets wait, 1 past due; the oldest waits for 9 d." in said
    assert "longer: 0 in time, 1 past due" in said
    assert "1 agent, 1 ticket. Who works on a ticket now agent holds ada 1" in said


def test_totals_name_duplicates_mails_and_their_faults(desk: Desk, browser: Browser) -> None:  # noqa: F811
    a_day(desk)
    desk.json("ticket", "merge", an_id(1), "--into", an_id(3))
    shelf = count(desk)
    shelf.add(Kind.MAIL, "submitted", desk.now)
    shelf.fault(Fault(desk.now, "ValueError"))

    page = browser.get("/dashboard")

    assert f'<a href="/tickets/{an_id(3)}">{an_id(3)}</a>: 1 merged' in page
    said = words_of(page)
    assert "duplicates 1 (20.0%)" in said
    assert "mails 1 processed, 0 attempts failed" in said
    assert "ValueError" in said


def test_the_chosen_period_is_marked(browser: Browser) -> None:
    page = browser.get("/dashboard?days=30")

    assert '<a href="/dashboard?days=30" aria-current="true">30 days</a>' in page
    assert page.count('aria-current="true"') == 1


def test_what_an_intent_is_called_is_text(desk: Desk, browser: Browser) -> None:  # noqa: F811
    desk.received(1)
    received = desk.ticket(an_id(1))
    meant = an_understanding(("<img src=x onerror=alert(1)>", 0.6))
    desk.tickets.commit(
        ticket.settle(received, meant, Escalate(Reason.LOW_CONFIDENCE), now=desk.now)
    )
    count(desk)

    page = browser.get("/dashboard")

    assert "<img" not in page
    assert "&lt;img src=x" in page


def _linked(shown: Exhibit) -> list[tuple[str, int]]:
    rows = shown.table.rows if shown.table else ()
    return [(name.to, int(number.text)) for name, number in rows if name.to]


def _query(address: str) -> Query:
    """Return what an address asks the list for, as `helpdesk ticket list` would."""
    wanted = {name: value for name, (value,) in parse_qs(urlsplit(address).query).items()}
    state = wanted.pop("state")
    listings = tuple(Listing) if state == "all" else (Listing(state),)
    since, until = (datetime.fromisoformat(wanted.pop(name)) for name in ("since", "until"))
    level, priority = wanted.pop("level", None), wanted.pop("priority", None)
    return Query(
        listings=listings,
        since=since,
        until=until,
        level=int(level) if level else None,
        priority=Priority(priority) if priority else None,
        limit=100,
        **wanted,  # type: ignore[arg-type]
    )
