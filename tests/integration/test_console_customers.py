"""The console's pages of customers and incidents."""

from datetime import timedelta
from urllib.parse import unquote

import pytest
from helpdesk.aws import clients
from helpdesk.ticket import Agent, Role, Source

from tests.integration.consoles import Browser, no_network, opened, words_of  # noqa: F401
from tests.integration.test_agent_cli import Desk, desk  # noqa: F401 -- fixtures

pytestmark = pytest.mark.usefixtures("no_network")

SORRY = "It is back since 10:15."


@pytest.fixture
def browser(desk: Desk) -> Browser:  # noqa: F811
    return opened(desk)


@pytest.fixture
def beas(desk: Desk) -> Browser:  # noqa: F811
    """Return the browser of an agent who is not a lead."""
    desk.knowledge.put_agent(Agent("bea", frozenset({Role.AGENT})))
    return opened(desk, "bea")


class TestCustomers:
    def test_a_customer_is_found_by_any_key_and_no_key_is_in_an_address(
        self,
        desk: Desk,  # noqa: F811
        browser: Browser,
    ) -> None:
        hers = desk.escalated(1, "<b>Hi</b>", email="ada@x.example", reference="C-1", name="Ada")
        desk.escalated(2, email="bob@x.example")
        assert "<h1>Customers</h1>" in browser.get("/customers")
        for key in ("ada@x.example", "C-1", "Ada"):
            answer = browser.post("/customers", {"key": key})
            assert answer.headers["location"] == f"/customers/{hers}"

        page = browser.get(f"/customers/{hers}")
        said = words_of(page)
        assert "email:ada@x.example 1 0 reference:C-1 0 0" in said
        assert f'href="/tickets/{hers}"' in page
        assert "<b>Hi" not in page
        assert "&lt;b&gt;Hi" in page
        assert "bob@" not in page

    def test_whom_nothing_is_known_of_is_told_and_the_key_is_kept(self, browser: Browser) -> None:
        answer = browser.post("/customers", {"key": "eve@x.example"})
        assert answer.status_code == 404
        assert "nothing is known of the customer eve@x.example" in answer.text
        assert browser.post("/customers", {"key": " "}).status_code == 400
        assert "no ticket 0000000000000077" in browser.get("/customers/0000000000000077", 404)

    def test_a_name_of_several_is_refused_with_their_keys(
        self,
        desk: Desk,  # noqa: F811
        browser: Browser,
    ) -> None:
        for number in (1, 2):
            desk.escalated(number, email=f"ada{number}@x.example", name="Ada")
        answer = browser.post("/customers", {"key": "name:Ada"})

        assert answer.status_code == 400
        assert "email:ada1@x.example" in answer.text

    def test_a_ticket_without_a_key_leads_to_no_customer(
        self,
        desk: Desk,  # noqa: F811
        browser: Browser,
    ) -> None:
        page = browser.get(f"/customers/{desk.escalated(1, name='Ada')}", 404)
        assert "gave neither an address nor a reference" in page

    def test_claims_that_are_not_verified_stand_apart(self, desk: Desk, browser: Browser) -> None:  # noqa: F811
        hers = desk.escalated(1, email="ada@x.example")
        claimed = desk.escalated(2, email="ada@x.example", verified=False)
        said = words_of(browser.get(f"/customers/{hers}"))

        assert f"{claimed} gave email:ada@x.example" in said

    def test_a_lead_joins_and_separates_with_a_reason(self, desk: Desk, browser: Browser) -> None:  # noqa: F811
        hers = desk.escalated(1, email="ada@x.example")
        desk.escalated(2, email="ada@work.example")
        keys = {"one": "email:ada@x.example", "other": "ada@work.example", "ticket": hers}

        assert browser.post("/customers/join", keys).status_code == 400
        joined = words_of(browser.done("/customers/join", {**keys, "reason": "<i>same</i>"}))
        assert "one customer: email:ada@work.example, email:ada@x.example" in joined
        page = browser.get(f"/customers/{hers}")
        assert "&lt;i&gt;same&lt;/i&gt;" in page
        assert "<i>same" not in page
        again = browser.post("/customers/join", {**keys, "reason": "same"})
        assert (again.status_code, "are one customer already" in again.text) == (409, True)

        apart = words_of(browser.done("/customers/separate", {**keys, "reason": "other"}))
        assert "two customers: email:ada@x.example; and email:ada@work.example" in apart
        assert browser.post("/customers/join", {"one": "a", "reason": "r"}).status_code == 400

    def test_a_customer_without_tickets_is_shown_at_once(
        self,
        desk: Desk,  # noqa: F811
        browser: Browser,
    ) -> None:
        first, second = (
            desk.escalated(1, email="a@x.example"),
            desk.escalated(2, email="b@x.example"),
        )
        keys = {"one": "a@x.example", "other": "b@x.example", "reason": "same", "ticket": first}
        browser.done("/customers/join", keys)
        for each in (first, second):
            table = clients.table(desk.stack.outputs["TicketsTable"])
            table.delete_item(Key={"pk": f"TICKET#{each}", "sk": "TICKET"})  # as if expired
        answer = browser.post("/customers", {"key": "a@x.example"})

        assert answer.status_code == 200
        assert "There is no ticket of this customer." in answer.text

    @pytest.mark.parametrize("verb", ["join", "separate"])
    def test_others_decide_nothing(self, desk: Desk, beas: Browser, verb: str) -> None:  # noqa: F811
        hers = desk.escalated(1, email="ada@x.example", reference="C-1")
        assert "/customers/join" not in beas.get(f"/customers/{hers}")
        keys = {"one": "ada@x.example", "other": "C-1", "reason": "a reason"}
        answer = beas.post(f"/customers/{verb}", keys)
        assert (answer.status_code, "bea is not a lead" in answer.text) == (403, True)
        assert "a reason" in answer.text, "what was written is kept"

    def test_where_to_go_back_is_no_other_site(self, desk: Desk, browser: Browser) -> None:  # noqa: F811
        desk.escalated(1, email="ada@x.example")
        desk.escalated(2, email="b@x.example")
        keys = {"one": "ada@x.example", "other": "b@x.example", "reason": "r"}
        answer = browser.post("/customers/join", {**keys, "ticket": "/evil.example"})
        assert unquote(answer.headers["location"]).startswith("/customers?told=")


class TestIncidents:
    @pytest.fixture
    def down(self, desk: Desk) -> list[str]:  # noqa: F811
        """Let six customers write of the same, in six minutes."""
        return [
            desk.escalated(
                number,
                f"Your shop only shows <b>error</b> 502 {number}",
                ago=timedelta(minutes=9 - number),
                email=f"c{number}@x.example",
            )
            for number in range(1, 7)
        ]

    def replies(self, desk: Desk, ticket_id: str) -> list[str]:  # noqa: F811
        found = desk.tickets.conversation(ticket_id)
        assert found
        return [each.text for each in found.messages if each.source is Source.AGENT]

    def test_none_is_said(self, browser: Browser) -> None:
        said = words_of(browser.get("/incidents"))
        assert "0 incidents in 6 h, of 0 tickets that came" in said
        for odd in ("0", "x", "25", "-1", "9999999"):
            browser.get(f"/incidents?hours={odd}")
        assert "belongs to no incident now" in browser.get("/incidents/0000000000000001", 404)

    def test_it_is_listed_and_shown_with_its_tickets(
        self, browser: Browser, down: list[str]
    ) -> None:
        page = browser.get("/incidents?hours=2")
        assert "1 incident in 2 h, of 6 tickets that came" in words_of(page)
        assert f'href="/incidents/{down[0]}?hours=2"' in page
        shown = browser.get(f"/incidents/{down[3]}?hours=2")
        assert all(f'href="/tickets/{each}"' in shown for each in down)
        assert "6 customers ask about the same within 5 min; 6 of them wait" in words_of(shown)
        assert "<b>error" not in shown

    def test_a_lead_sees_who_would_get_the_reply_and_then_sends_it_once(
        self,
        desk: Desk,  # noqa: F811
        browser: Browser,
        down: list[str],
    ) -> None:
        assert desk.run("ticket", "claim", down[1], agent="bob").exit_code == 0
        form = {"text": SORRY, "hours": "6"}
        asked = browser.post(f"/incidents/{down[0]}", form)
        assert asked.status_code == 200
        said = words_of(asked.text)
        assert "Reply to 5 of 6 tickets?" in said
        assert "skipped: bob holds it" in said
        assert not any(self.replies(desk, each) for each in down)

        agreed = {**form, "agreed": " ".join(down)}
        done = words_of(browser.done(f"/incidents/{down[0]}", agreed))
        assert f"replied to: 5 of 6 tickets; {down[1]}: skipped: bob holds it" in done
        browser.done(f"/incidents/{down[0]}", agreed)
        assert [self.replies(desk, each) for each in down] == [[SORRY], [], *[[SORRY]] * 4]

    def test_other_tickets_than_were_shown_are_asked_about_again(
        self,
        desk: Desk,  # noqa: F811
        browser: Browser,
        down: list[str],
    ) -> None:
        form = {"text": SORRY, "agreed": " ".join(down[:5])}
        answer = browser.post(f"/incidents/{down[0]}", form)

        assert answer.status_code == 200
        assert "Nothing was sent. Look at them again." in words_of(answer.text)
        assert not any(self.replies(desk, each) for each in down)

    def test_a_blank_reply_is_refused(self, browser: Browser, down: list[str]) -> None:
        assert browser.post(f"/incidents/{down[0]}", {"text": " "}).status_code == 400

    def test_others_are_offered_no_reply_and_refused(
        self,
        desk: Desk,  # noqa: F811
        beas: Browser,
        down: list[str],
    ) -> None:
        assert "<textarea" not in beas.get(f"/incidents/{down[0]}")
        answer = beas.post(f"/incidents/{down[0]}", {"text": SORRY, "agreed": " ".join(down)})
        assert (answer.status_code, SORRY in answer.text) == (403, True)
        assert not any(self.replies(desk, each) for each in down)
