"""The console's page of one ticket: what it shows, its moves, and what it refuses."""

from datetime import timedelta

import pytest
from helpdesk.files import State as FileState
from helpdesk.files import Why
from helpdesk.ticket import State

from agent_cli.web.pages.ticket import MOST_OF_A_MAIL
from tests.integration.consoles import Browser, no_network, opened, words_of  # noqa: F401
from tests.integration.test_agent_cli import Desk, an_id, desk  # noqa: F401 -- fixtures
from tests.integration.test_agent_cli_files import Cabinet
from tests.integration.test_agent_cli_mail import came
from tests.integration.test_agent_cli_reviewing import two_sources
from tests.integration.test_console_tickets import EVIL, calls, follow_up  # noqa: F401

pytestmark = pytest.mark.usefixtures("no_network")

QUOTING = """Still no parcel.

> On 2 March the desk wrote:
> Dear Kim,
> your parcel left
> our warehouse
> on Monday.
"""


@pytest.fixture
def browser(desk: Desk) -> Browser:  # noqa: F811
    return opened(desk)


class TestShown:
    def test_the_facts_and_the_conversation_read_as_in_the_terminal(
        self,
        desk: Desk,  # noqa: F811
        browser: Browser,
    ) -> None:
        ticket_id = desk.escalated(1, name="Kim", email="kim@example.com", reference="C-7")
        desk.run("ticket", "note", ticket_id, "Asked the warehouse.")

        said = words_of(browser.get(f"/tickets/{ticket_id}"))
        shown = " ".join(desk.run("ticket", "show", ticket_id).stdout.split())

        for told in (
            "Kim, kim@example.com, C-7",
            "refund 62%, gift_card 20%",
            "suggestion 1: refund v0, 62% · not sent",
            "Asked the warehouse.",
            "customer ·",
            "Do you sell gift wrapping?",
        ):
            assert told in said
            assert told in shown
        assert "History: 3 moves" in said

    def test_quotes_are_folded_and_still_there(self, desk: Desk, browser: Browser) -> None:  # noqa: F811
        ticket_id = desk.escalated(1, QUOTING)

        page = browser.get(f"/tickets/{ticket_id}")

        assert '<summary class="aside">[… quote' in page
        assert "our warehouse" in page

    def test_what_customers_wrote_is_text_everywhere(self, desk: Desk, browser: Browser) -> None:  # noqa: F811
        ticket_id = desk.escalated(1, EVIL, name=EVIL, email="kim@example.com", reference=EVIL)
        desk.escalated(2, EVIL, email="kim@example.com")
        desk.run("ticket", "note", ticket_id, EVIL)
        cabinet = Cabinet(desk, ticket_id)
        cabinet.file(1, b"one", EVIL, state=FileState.READY, kind="pdf", name=EVIL[:40])

        page = browser.get(f"/tickets/{ticket_id}")

        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "&lt;script&gt;alert(1)" in page

    def test_files_have_a_preview_and_are_saved_not_shown(
        self,
        desk: Desk,  # noqa: F811
        browser: Browser,
    ) -> None:
        cabinet = Cabinet(desk)
        cabinet.file(1, b"one", "refund of order 12345", state=FileState.READY, kind="pdf")
        cabinet.file(2, b"two", state=FileState.REFUSED, why=Why.MALWARE)

        page = browser.get(f"/tickets/{cabinet.id}")

        assert "refund of order 12345" in page
        assert "refused" in words_of(page)
        assert f'href="/tickets/{cabinet.id}/files/1"' in page
        assert f'href="/tickets/{cabinet.id}/files/2"' not in page
        answer = browser.client.get(f"/tickets/{cabinet.id}/files/1")
        assert answer.content == b"one"
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["content-disposition"].startswith("attachment")
        for number in ("2", "3", "x"):
            assert "no file" in browser.get(f"/tickets/{cabinet.id}/files/{number}", 404)

    def test_a_mail_is_shown_as_it_came_and_saved_whole(
        self,
        desk: Desk,  # noqa: F811
        browser: Browser,
    ) -> None:
        ticket_id = desk.escalated(1)
        raw = b"Subject: Boxes\r\n\r\n<script>alert(1)</script>\xff" + b"x" * MOST_OF_A_MAIL
        came(desk, ticket_id, raw)

        assert "Mail 1: a note" in words_of(browser.get(f"/tickets/{ticket_id}/mails"))
        page = browser.get(f"/tickets/{ticket_id}/mails/1")
        assert "&lt;script&gt;alert(1)" in page
        assert "<script>alert" not in page
        assert "bytes more are in the saved file" in words_of(page)
        answer = browser.client.get(f"/tickets/{ticket_id}/mails/1/save")
        assert answer.content == raw
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["content-disposition"].startswith("attachment")
        for path in (f"/tickets/{ticket_id}/mails/2", "/tickets/0000000000000000/mails"):
            browser.get(path, 404)

    def test_the_customers_other_tickets_and_the_family(
        self,
        desk: Desk,  # noqa: F811
        browser: Browser,
    ) -> None:
        root, other = (
            desk.escalated(number, f"Question {number}", email="kim@example.com")
            for number in (1, 2)
        )
        assert f'href="/tickets/{other}"' in browser.get(f"/tickets/{root}")

        page = browser.done(f"/tickets/{other}/merge", {"into": root, "note": "Same."})
        assert f"merged {other} into {root}" in words_of(page)
        assert "Merged: " + other in words_of(page)
        assert "Question 2" in words_of(page)
        assert f"Merged into {root}" in words_of(browser.get(f"/tickets/{other}"))

        page = browser.done(f"/tickets/{root}/split", {"other": other})
        assert f"split off {other}" in words_of(page)
        assert desk.ticket(other).merged_into is None
        assert desk.ticket(other).state is State.ESCALATED

    def test_an_unknown_ticket_is_told_with_a_way_on(self, browser: Browser) -> None:
        for name in ("0000000000000009", "nonsense", "<script>"):
            page = browser.get(f"/tickets/{name}", 404)
            assert "No such ticket" in words_of(page)
            assert 'href="/tickets"' in page
            assert "<script>alert" not in page

    def test_200_messages_cost_what_two_cost(
        self,
        desk: Desk,  # noqa: F811
        browser: Browser,
        calls: list[str],  # noqa: F811
    ) -> None:
        short, long = desk.escalated(1), desk.escalated(2)
        for number in range(199):
            follow_up(desk, long, f"Message {number}")
        browser.get(f"/tickets/{short}")

        def cost(ticket_id: str) -> list[str]:
            calls.clear()
            page = browser.get(f"/tickets/{ticket_id}")
            assert page.count("<article") == desk_messages[ticket_id]
            return list(calls)

        desk_messages = {short: 1, long: 200}
        assert cost(long) == cost(short)
        assert len(calls) <= 12

    def test_an_agent_who_only_reads_is_offered_nothing_and_refused(self, desk: Desk) -> None:  # noqa: F811
        ticket_id = desk.escalated(1, draft=two_sources())
        desk.run("agent", "set", "iris", "--role", "auditor")
        browser = opened(desk, "iris")

        page = browser.get(f"/tickets/{ticket_id}")
        assert 'method="post"' not in page
        for move, fields in (
            ("claim", {}),
            ("note", {"note": "x"}),
            ("reply", {"text": "Dear Kim"}),
            ("tag", {"add": "strike"}),
            ("dismiss", {"number": "2"}),
        ):
            answer = browser.post(f"/tickets/{ticket_id}/{move}", fields)
            assert answer.status_code in {403, 409}, move
        assert desk.ticket(ticket_id).version == 2


class TestMoves:
    def test_a_day_on_one_page(self, desk: Desk, browser: Browser) -> None:  # noqa: F811
        ticket_id = desk.escalated(1)
        at = f"/tickets/{ticket_id}"

        assert "This ticket is yours until" in words_of(browser.done(f"{at}/claim"))
        browser.done(f"{at}/release")
        assert desk.ticket(ticket_id).lease is None
        browser.done(f"{at}/claim")
        browser.done(f"{at}/tag", {"add": "strike christmas"})
        assert desk.ticket(ticket_id).tags == {"strike", "christmas"}
        browser.done(f"{at}/tag", {"remove": ["strike"]})
        assert desk.ticket(ticket_id).tags == {"christmas"}
        browser.done(f"{at}/note", {"note": "First line\r\nsecond"})
        assert desk.tickets.events(ticket_id)[-1].note == "First line\nsecond"
        browser.done(f"{at}/snooze", {"until": "2h", "note": "They call back."})
        assert desk.ticket(ticket_id).snoozed_until == desk.now + timedelta(hours=2)
        browser.done(f"{at}/claim")
        browser.done(f"{at}/transfer", {"to": "bob", "department": "billing"})
        assert desk.ticket(ticket_id).assignee == "bob"
        browser.done(f"{at}/claim")
        browser.done(f"{at}/close", {"note": "Solved by phone."})
        assert desk.ticket(ticket_id).state is State.CLOSED
        browser.done(f"{at}/reopen", {"note": "It came back."})
        assert desk.ticket(ticket_id).state is State.ESCALATED
        browser.done(f"{at}/spam")
        assert "spam" in desk.ticket(ticket_id).tags

    @pytest.mark.parametrize(
        "tried",
        [
            ("snooze", {"until": "soon", "note": "They call"}, 400, "is not a moment", "They call"),
            ("snooze", {"until": "2020-01-01", "note": "n"}, 409, "not until a past one", "n"),
            ("tag", {"add": "Not A Tag!"}, 400, "is not a tag", "Not A Tag!"),
            ("tag", {}, 400, "name a tag", ""),
            ("note", {"note": "x" * 4001}, 400, "at most 4000", "x" * 100),
            ("transfer", {"note": "for you"}, 400, "name a colleague", "for you"),
            ("merge", {"note": "same"}, 400, "name the ticket", "same"),
            ("merge", {"into": "0000000000000001"}, 409, "into itself", "0000000000000001"),
            ("reopen", {"note": "again"}, 409, "still open", ""),
        ],
    )
    def test_a_refused_move_is_told_on_the_page_with_what_was_written(
        self,
        desk: Desk,  # noqa: F811
        browser: Browser,
        tried: tuple[str, dict[str, str], int, str, str],
    ) -> None:
        move, fields, status, said, again = tried
        ticket_id = desk.escalated(1, email="kim@example.com")
        browser.done(f"/tickets/{ticket_id}/claim")

        answer = browser.post(f"/tickets/{ticket_id}/{move}", fields)

        assert answer.status_code == status
        assert said in words_of(answer.text)
        assert again in answer.text
        assert "Do you sell gift wrapping?" in answer.text

    def test_who_took_it_first_is_told(self, desk: Desk, browser: Browser) -> None:  # noqa: F811
        ticket_id = desk.escalated(1)
        desk.run("ticket", "claim", ticket_id, agent="bob")

        answer = browser.post(f"/tickets/{ticket_id}/claim")

        assert answer.status_code == 409
        assert "bob holds this ticket until" in words_of(answer.text)
        assert "go on with another ticket" in words_of(answer.text)

    def test_only_leads_transfer_what_a_colleague_holds(self, desk: Desk, browser: Browser) -> None:  # noqa: F811
        ticket_id = desk.escalated(1)
        desk.run("agent", "set", "carl", "--role", "agent")
        desk.run("ticket", "claim", ticket_id, agent="bob")
        given = {"to": "ada", "override": "yes"}

        plain = opened(desk, "carl")
        assert "although you do not hold it" not in plain.get(f"/tickets/{ticket_id}")
        answer = plain.post(f"/tickets/{ticket_id}/transfer", given)
        assert answer.status_code == 403
        assert "only leads transfer" in words_of(answer.text)

        assert "although you do not hold it" in browser.get(f"/tickets/{ticket_id}")
        browser.done(f"/tickets/{ticket_id}/transfer", given)
        assert desk.ticket(ticket_id).assignee == "ada"

    def test_news_is_told_without_touching_the_page(self, desk: Desk, browser: Browser) -> None:  # noqa: F811
        ticket_id = desk.escalated(1)
        version = desk.ticket(ticket_id).version
        address = f"/tickets/{ticket_id}/news?version={version}&seen=1&state=escalated"
        assert browser.client.get(address).status_code == 204
        desk.run("ticket", "note", ticket_id, "A note is no news.")
        assert browser.client.get(address).status_code == 204

        follow_up(desk, ticket_id, "And ribbons?")
        desk.run("ticket", "claim", ticket_id, agent="bob")

        told = words_of(browser.get(address))
        assert "1 new message. bob holds this ticket now." in told
        assert browser.client.get(address.replace(ticket_id, an_id(9))).status_code == 404


class TestForGood:
    def test_a_token_is_revoked_after_a_page_that_asks(self, desk: Desk, browser: Browser) -> None:  # noqa: F811
        ticket_id = desk.escalated(1)
        before = desk.ticket(ticket_id).token_hash

        page = browser.get(f"/tickets/{ticket_id}/revoke")
        assert "Lock the customer out" in page
        assert desk.ticket(ticket_id).token_hash == before
        browser.done(f"/tickets/{ticket_id}/revoke")

        assert desk.ticket(ticket_id).token_hash != before

    def test_leads_erase_a_ticket_with_all_that_this_machine_keeps(
        self,
        desk: Desk,  # noqa: F811
        browser: Browser,
    ) -> None:
        ticket_id = desk.escalated(1)
        browser.done(f"/tickets/{ticket_id}/claim")
        browser.done(f"/tickets/{ticket_id}/kept", {"text": "Dear Kim"})
        assert "for good?" in browser.get(f"/tickets/{ticket_id}/erase")

        page = browser.done(f"/tickets/{ticket_id}/erase")

        assert f"erased {ticket_id}" in words_of(page)
        assert desk.tickets.get(ticket_id) is None
        assert browser.console.drafts.read(ticket_id) is None
        assert ticket_id not in browser.console.seen.numbers()
        browser.get(f"/tickets/{ticket_id}", 404)

    def test_no_other_agent_may_erase(self, desk: Desk) -> None:  # noqa: F811
        ticket_id = desk.escalated(1)
        desk.run("agent", "set", "ada", "--role", "lead")
        desk.run("agent", "set", "carl", "--role", "agent")
        browser = opened(desk, "carl")

        assert "Erase this ticket" not in browser.get(f"/tickets/{ticket_id}")
        assert "only leads erase" in words_of(browser.get(f"/tickets/{ticket_id}/erase", 403))
        answer = browser.post(f"/tickets/{ticket_id}/erase")
        assert answer.status_code == 403
        assert desk.tickets.get(ticket_id)


class TestNew:
    def test_a_ticket_is_opened_with_the_moment_at_which_the_question_came(
        self,
        desk: Desk,  # noqa: F811
        browser: Browser,
    ) -> None:
        """M24: an ISO date that ends in Z."""
        came = (desk.now - timedelta(days=2)).replace(microsecond=0)
        said = came.strftime("%Y-%m-%dT%H:%M:%SZ")
        given = {
            "text": "Wants to know\r\nwhen the sofa comes.",
            "name": "Kim",
            "email": "kim@example.com",
            "country": "de",
            "channel": "letter",
            "received": said,
        }

        answer = browser.post("/tickets/new", given)
        page = browser.get(answer.headers["location"])

        ticket_id = answer.headers["location"].split("/")[2].split("?")[0]
        made = desk.ticket(ticket_id)
        assert (made.created_at, made.channel, made.assignee) == (came, "letter", "ada")
        assert (made.customer.country, made.customer.name) == ("DE", "Kim")
        (message,) = desk.tickets.conversation(ticket_id).messages  # type: ignore[union-attr]
        assert message.text == "Wants to know\nwhen the sofa comes."
        assert "its customer's token is" in words_of(page)
        token = words_of(page).split("token is ")[1].split()[0]
        assert token not in answer.headers["location"]

    @pytest.mark.parametrize(
        ("given", "status", "said"),
        [
            ({"received": "2026-13-45T99:00:00Z"}, 400, "is not a moment"),
            ({"received": "last week or so"}, 400, "is not a moment"),
            ({"received": "2999-01-01T00:00:00Z"}, 409, "in the future"),
            ({"received": "1999-01-01T00:00:00Z"}, 409, "this message is older"),
            ({"country": "Germany"}, 400, "is not a country code"),
            ({"text": " "}, 400, "blank"),
        ],
    )
    def test_a_wrong_field_is_told_and_nothing_is_lost(
        self,
        desk: Desk,  # noqa: F811
        browser: Browser,
        given: dict[str, str],
        status: int,
        said: str,
    ) -> None:
        """M24: a bad date is a 400."""
        written = {"text": "About the sofa", "name": "Kim", **given}

        answer = browser.post("/tickets/new", written)

        assert answer.status_code == status
        assert said in words_of(answer.text)
        for text in filter(str.strip, written.values()):
            assert text in answer.text
        assert desk.json("ticket", "list", "--state", "all")["items"] == []

    def test_an_agent_who_only_reads_cannot(self, desk: Desk) -> None:  # noqa: F811
        desk.run("agent", "set", "iris", "--role", "auditor")
        browser = opened(desk, "iris")

        assert "<textarea" not in browser.get("/tickets/new")
        assert browser.post("/tickets/new", {"text": "x"}).status_code == 403
