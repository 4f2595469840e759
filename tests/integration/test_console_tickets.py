"""The console's list of tickets: search, filters, pages, several at once."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from botocore.client import BaseClient
from helpdesk import ticket
from helpdesk.agents import Query
from helpdesk.aws.items import shards
from helpdesk.ticket import Listing

from agent_cli.session import Session
from tests.integration.conftest import STACK
from tests.integration.consoles import Browser, no_network, opened, words_of  # noqa: F401
from tests.integration.test_agent_cli import Desk, an_id, desk  # noqa: F401 -- fixtures
from tests.tickets import a_draft

pytestmark = pytest.mark.usefixtures("no_network")
EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>"


@pytest.fixture
def browser(desk: Desk) -> Browser:  # noqa: F811
    return opened(desk)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the operations that DynamoDB is asked for."""
    made: list[str] = []
    call = BaseClient._make_api_call

    def counting(self: BaseClient, operation: str, parameters: dict[str, Any]) -> Any:
        if self.meta.service_model.service_name == "dynamodb":
            made.append(operation)
        return call(self, operation, parameters)

    monkeypatch.setattr(BaseClient, "_make_api_call", counting)
    return made


def ids_of(page: str) -> list[str]:
    """Return the tickets of a list, in its order."""
    return re.findall(r'<td data-name="Ticket"><a class="target" href="/tickets/(\w+)">', page)


def link_of(page: str, text: str) -> str:
    """Return where a link leads."""
    found = re.search(rf'href="([^"]+)">{re.escape(text)}<', page)
    assert found, text
    return unescape(found[1])


def test_an_empty_desk_says_so_and_offers_the_way_on(browser: Browser) -> None:
    said = words_of(browser.get("/tickets"))

    assert "no such tickets" in said
    assert "Take the next ticket" in said


def test_the_list_is_in_the_order_of_the_terminal_and_says_what_it_says(
    desk: Desk,  # noqa: F811
    browser: Browser,
) -> None:
    desk.escalated(1, ago=timedelta(hours=2), name="Kim")
    desk.escalated(2, "It caught fire and burned me")
    desk.escalated(3, ago=timedelta(days=2))

    page = browser.get("/tickets")

    rows = desk.json("ticket", "list")["items"]
    assert ids_of(page) == [row["id"] for row in rows]
    said = words_of(page)
    assert "urgent" in said
    assert "late" in said
    assert "exactly" not in said
    assert "3 tickets" in said
    assert "Kim" in said


def test_what_customers_wrote_is_text(desk: Desk, browser: Browser) -> None:  # noqa: F811
    desk.escalated(1, EVIL, name=EVIL, email="kim@example.com")

    page = browser.get("/tickets") + browser.get("/tickets?search=%3Cscript%3Ealert(1)")

    assert "<script>alert" not in page
    assert "<img src=x" not in page


def test_a_search_finds_subject_customer_and_id_at_once(desk: Desk, browser: Browser) -> None:  # noqa: F811
    wrap = desk.escalated(1, "Do you wrap gifts?", email="kim@example.com")
    desk.escalated(2, "Where is my parcel?")

    for words in ("wrap gifts", "kim@example.com", wrap):
        assert ids_of(browser.get(f"/tickets?search={words}")) == [wrap], words


def test_the_full_text_is_a_second_step_whose_cost_is_said(desk: Desk, browser: Browser) -> None:  # noqa: F811
    ticket_id = desk.escalated(1, "A question\nThe second line names a zebra.")

    page = browser.get("/tickets?search=zebra")

    assert ids_of(page) == []
    assert "It reads the messages of" in page
    deeper = link_of(page, "Look for these words in every message, too")
    assert ids_of(browser.get(deeper)) == [ticket_id]


def test_a_full_text_search_that_takes_long_shows_what_it_found_and_goes_on(
    desk: Desk,  # noqa: F811
    browser: Browser,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("agent_cli.web.pages.tickets.PATIENCE", -1.0)
    wanted = {desk.escalated(number, f"Question {number}\nzebra") for number in range(1, 4)}

    page, found = browser.get("/tickets?search=zebra&full_text=yes"), set[str]()
    for _ in range(20):
        found |= set(ids_of(page))
        if ">More<" not in page:
            break
        assert "It took too long to go on at once" in page
        page = browser.get(link_of(page, "More"))

    assert found == wanted


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("state=escalated", {1, 2}),
        ("state=all", {1, 2, 3}),
        ("state=received", {3}),
        ("priority=urgent", {2}),
        ("priority=low", set()),
        ("intent=refund", {1, 2}),
        ("language=de", set()),
        ("channel=web", {1, 2}),
        ("channel=mail", set()),
        ("tag=strike", {1}),
        ("owner=me", {1}),
        ("owner=bob", set()),
        ("review=yes", {2}),
        ("review=no", {1}),
        ("customer=kim@example.com", {1}),
        ("age=1h", {1}),
        ("since=2000-01-01T00:00:00Z", {1, 2}),
        ("until=2000-01-01T00:00:00Z", set()),
        ("level=0", {1, 2}),
        ("level=3", set()),
        ("department=nowhere", set()),
        ("category=nowhere", set()),
        ("state=answered&days=30", set()),
    ],
)
def test_each_filter_of_the_terminal(desk: Desk, asked: str, found: set[int]) -> None:  # noqa: F811
    first = desk.escalated(1, ago=timedelta(hours=2), email="kim@example.com")
    desk.run("ticket", "claim", first)
    desk.run("ticket", "tag", first, "--add", "strike")
    desk.escalated(2, "It caught fire and burned me", draft=a_draft(version=0))
    desk.received(3)

    page = opened(desk).get(f"/tickets?{asked}")

    assert set(ids_of(page)) == {an_id(number) for number in found}


def test_what_was_chosen_stands_in_the_form_again(browser: Browser) -> None:
    page = browser.get("/tickets?search=wrap&tag=strike&state=closed&priority=high&days=3")

    for told in ('value="wrap"', 'value="strike"', 'value="closed" checked', 'value="3"'):
        assert told in page
    assert "<option selected>high</option>" in page
    assert "<details open>" in page


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("days=0", "is not a number of days"),
        ("level=9", "is not a level"),
        ("priority=huge", "is not a priority"),
        ("state=lost", "is not a state"),
        ("age=soon", "is not a span of time"),
        ("since=then", "is not a moment"),
        ("since=2026-03-02&until=2026-03-01", "the begin must be before the end"),
        ("full_text=yes", "there are no words to look for"),
        ("cursor=rubbish", "this cursor is damaged"),
    ],
)
def test_a_choice_that_cannot_be_meant_is_told_beside_the_form(
    browser: Browser, asked: str, said: str
) -> None:
    page = browser.get(f"/tickets?{asked}", 400)

    assert said in words_of(page)
    assert 'role="search"' in page


def test_pages_follow_each_other(
    desk: Desk,  # noqa: F811
    browser: Browser,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("agent_cli.web.pages.choosing.AT_ONCE", 2)
    wanted = [desk.escalated(number) for number in range(1, 6)]

    page, found = browser.get("/tickets?channel=web"), list[str]()
    for _ in range(2):
        found += ids_of(page)
        page = browser.get(link_of(page, "More"))
    found += ids_of(page)

    assert sorted(found) == wanted
    assert "5 to 5 of 5 tickets" in words_of(page)
    assert ">More<" not in page
    assert link_of(page, "First page") == "/tickets?channel=web"


def test_page_100_costs_what_page_1_costs(
    desk: Desk,  # noqa: F811
    browser: Browser,
    calls: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("agent_cli.web.pages.choosing.AT_ONCE", 1)
    for number in range(102):
        desk.received(number)
    query = Query(listings=(Listing.RECEIVED,), limit=99)
    before = Session(stack_name=STACK, named="ada").desk.overview.page(query)
    browser.get("/tickets?state=received")  # the thread has its clients now

    def cost(address: str) -> tuple[list[str], list[str]]:
        calls.clear()
        return ids_of(browser.get(address)), list(calls)

    first, of_first = cost("/tickets?state=received")
    hundredth, of_hundredth = cost(f"/tickets?state=received&cursor={before.cursor}")

    assert len(first) == len(hundredth) == 1
    assert hundredth[0] not in {each.id for each in before.tickets}
    assert of_hundredth == of_first
    assert len(of_first) == 2 * len(shards("received")) + 1, "a look and a count in each, one fetch"


def test_new_tickets_are_told_without_touching_the_list(desk: Desk, browser: Browser) -> None:  # noqa: F811
    first = desk.escalated(1)
    page = browser.get("/tickets?channel=web")
    look = re.search(r'hx-get="(/tickets/changed[^"]+)" hx-trigger="every 15s"', page)
    assert look
    address = unescape(look[1])
    assert browser.client.get(address).status_code == 204

    desk.escalated(2)
    desk.escalated(3)
    desk.run("ticket", "claim", first)
    desk.run("ticket", "close", first)
    told = browser.get(address)

    assert "2 new, 1 gone" in words_of(told)
    assert link_of(told, "show the list as it is now") == "/tickets?channel=web"


def test_a_search_is_not_made_again_by_itself(desk: Desk, browser: Browser) -> None:  # noqa: F811
    desk.escalated(1)
    assert "every 15s" not in browser.get("/tickets?search=wrapping")


def test_messages_that_the_agent_has_not_seen_are_marked(desk: Desk, browser: Browser) -> None:  # noqa: F811
    ticket_id = desk.escalated(1)
    assert "new message" not in browser.get("/tickets")
    browser.get(f"/tickets/{ticket_id}")
    follow_up(desk, ticket_id, "And ribbons?")

    assert "new message" in browser.get("/tickets")


def follow_up(desk: Desk, ticket_id: str, text: str) -> None:  # noqa: F811
    """Let the customer write again."""
    desk.tickets.commit(ticket.follow_up(desk.ticket(ticket_id), text, now=desk.now))


def test_the_next_ticket_is_taken(desk: Desk, browser: Browser) -> None:  # noqa: F811
    late = desk.escalated(1, ago=timedelta(days=2))
    desk.escalated(2)

    page = browser.done("/tickets/next")

    assert "held by ada" in words_of(page)
    held = desk.ticket(late).held_by(desk.now)
    assert held is not None
    assert held.agent == "ada"


def test_nothing_to_take_is_said(browser: Browser) -> None:
    assert "No ticket is waiting." in words_of(browser.done("/tickets/next"))


class TestSeveral:
    @pytest.fixture
    def three(self, desk: Desk) -> list[str]:  # noqa: F811
        ids = [desk.escalated(number) for number in (1, 2, 3)]
        desk.run("ticket", "claim", ids[1], agent="bob")
        return ids

    def test_a_tag_goes_on_each(self, desk: Desk, browser: Browser, three: list[str]) -> None:  # noqa: F811
        page = browser.done(
            "/tickets/several", {"ticket": three, "do": "tag", "add": "strike christmas"}
        )

        assert "3 of 3 tickets tagged" in words_of(page)
        assert all(desk.ticket(each).tags == {"strike", "christmas"} for each in three)
        browser.done("/tickets/several", {"ticket": three, "do": "tag", "remove": "strike"})
        assert all(desk.ticket(each).tags == {"christmas"} for each in three)

    @pytest.mark.parametrize("do", ["close", "spam"])
    def test_what_became_of_each_is_told_and_the_refused_stay_chosen(
        self,
        desk: Desk,  # noqa: F811
        browser: Browser,
        three: list[str],
        do: str,
    ) -> None:
        page = browser.done(
            "/tickets/several",
            {"ticket": three, "do": do, "note": "Advertising.", "list": "/tickets?channel=web"},
        )

        said = words_of(page)
        assert "2 of 3 tickets" in said
        assert f"{three[1]}: bob holds this ticket until" in said
        assert [desk.ticket(each).state for each in three] == ["closed", "escalated", "closed"]
        assert f'value="{three[1]}" aria-label="Choose {three[1]}" checked' in page

    def test_they_are_transferred_by_a_lead_over_a_colleague(
        self,
        desk: Desk,  # noqa: F811
        browser: Browser,
        three: list[str],
    ) -> None:
        given = {"ticket": three, "do": "transfer", "to": "eve", "note": "Yours."}

        page = browser.done("/tickets/several", given)
        assert "2 of 3 tickets transferred" in words_of(page)
        page = browser.done("/tickets/several", {**given, "ticket": three[1], "override": "yes"})

        assert "1 of 1 tickets transferred" in words_of(page)
        assert {desk.ticket(each).assignee for each in three} == {"eve"}

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({}, "no ticket is chosen"),
            ({"ticket": "0000000000000001"}, "nothing to do is chosen"),
            ({"ticket": "0000000000000001", "do": "tag"}, "name a tag"),
            ({"ticket": "0000000000000001", "do": "transfer"}, "name a colleague"),
        ],
    )
    def test_a_form_that_lacks_something_is_refused(
        self, browser: Browser, given: dict[str, str], said: str
    ) -> None:
        answer = browser.post("/tickets/several", {**given, "note": "kept"})

        assert answer.status_code == 400
        assert said in words_of(answer.text)
        assert "kept" in answer.text

    def test_no_other_site_is_where_it_leads(self, browser: Browser, three: list[str]) -> None:
        given = {"ticket": three, "do": "tag", "add": "x1", "list": "https://evil.example/"}
        answer = browser.post("/tickets/several", given)

        assert answer.headers["location"].startswith("/tickets?")


def test_an_agent_who_only_reads_is_offered_nothing_to_do(desk: Desk) -> None:  # noqa: F811
    ticket_id = desk.escalated(1)
    desk.run("agent", "set", "iris", "--role", "auditor")
    browser = opened(desk, "iris")

    page = browser.get("/tickets")
    for offered in ("Take the next ticket", "New ticket", 'type="checkbox" name="ticket"'):
        assert offered not in page
    answer = browser.post("/tickets/several", {"ticket": ticket_id, "do": "tag", "add": "x1"})
    assert "may read tickets, but may not change them" in words_of(
        browser.get(answer.headers["location"])
    )
