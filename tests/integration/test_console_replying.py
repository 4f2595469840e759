"""Replies from the console: kept, sent, taken back, refused with the text on the same page."""

import re
import signal
import threading
from datetime import timedelta
from html import unescape

import pytest
from helpdesk import ticket
from helpdesk.drafting import Fault, Severity
from helpdesk.ticket import Agent, Fate, Source, State

from agent_cli.web.asking import FIELD
from agent_cli.web.serving import ended_in_order
from tests.fakes import an_article
from tests.integration.consoles import ORIGIN, Browser, no_network, opened, words_of  # noqa: F401
from tests.integration.test_agent_cli import Desk, desk  # noqa: F401 -- fixtures
from tests.integration.test_agent_cli_reviewing import quoting, two_sources
from tests.integration.test_console_tickets import EVIL, follow_up

pytestmark = pytest.mark.usefixtures("no_network")

UNDO = timedelta(seconds=5)
TEXT = "Dear Kim,\nyour parcel left today."


@pytest.fixture
def browser(desk: Desk) -> Browser:  # noqa: F811
    return opened(desk)


def form_of(page: str) -> dict[str, str]:
    """Return the fields of the reply's form as a browser would send them."""
    found = re.search(
        r'<form method="post" action="[^"]*/reply" id="replying">(.*?)</form>', page, re.DOTALL
    )
    assert found, "no form to reply"
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', found[1]))
    text = re.search(r"<textarea[^>]*>(.*?)</textarea>", found[1], re.DOTALL)
    assert text
    return {**fields, "text": unescape(text[1])}


def taken(desk: Desk, browser: Browser, **more: object) -> tuple[str, dict[str, str]]:  # noqa: F811
    """Return a ticket that the agent took, and its form."""
    ticket_id = desk.escalated(1, name="Kim", **more)  # type: ignore[arg-type]
    return ticket_id, form_of(browser.done(f"/tickets/{ticket_id}/claim"))


def last(desk: Desk, ticket_id: str) -> tuple[Source, str | None, str]:  # noqa: F811
    """Return who said the last message of a ticket, and what."""
    found = desk.tickets.conversation(ticket_id)
    assert found
    message = found.messages[-1]
    return message.source, message.author, message.text


class TestSent:
    def test_a_reply_is_sent_as_it_was_typed(self, desk: Desk, browser: Browser) -> None:  # noqa: F811
        ticket_id, form = taken(desk, browser)

        typed = TEXT.replace("\n", "\r\n")
        page = browser.done(f"/tickets/{ticket_id}/reply", {**form, "text": typed})

        assert "Your reply to Kim is sent." in words_of(page)
        assert last(desk, ticket_id) == (Source.AGENT, "ada", TEXT)
        assert desk.ticket(ticket_id).state is State.ANSWERED
        assert browser.console.drafts.read(ticket_id) is None
        assert desk.escalations.depth() == 0

    def test_pressed_twice_it_is_sent_once(self, desk: Desk, browser: Browser) -> None:  # noqa: F811
        ticket_id, form = taken(desk, browser)
        for _ in range(2):
            browser.done(f"/tickets/{ticket_id}/reply", {**form, "text": TEXT})

        assert desk.ticket(ticket_id).messages == 2

    def test_another_message_follows_on_an_answered_ticket(
        self,
        desk: Desk,  # noqa: F811
        browser: Browser,
    ) -> None:
        ticket_id, form = taken(desk, browser)
        page = browser.done(f"/tickets/{ticket_id}/reply", {**form, "text": TEXT})
        assert "Another message" in page

        browser.done(
            f"/tickets/{ticket_id}/reply", {**form_of(page), "text": "And its number: 17."}
        )

        assert last(desk, ticket_id)[2] == "And its number: 17."
        assert desk.ticket(ticket_id).messages == 3

    def test_a_suggestion_is_put_below_what_is_written_and_noted(
        self,
        desk: Desk,  # noqa: F811
        browser: Browser,
    ) -> None:
        ticket_id, form = taken(desk, browser)

        page = browser.done(
            f"/tickets/{ticket_id}/insert", {**form, "text": "Dear Kim,", "suggestion": "refund"}
        )
        form = form_of(page)
        assert form["text"].startswith("Dear Kim,\n\n")
        browser.done(f"/tickets/{ticket_id}/reply", form)

        found = desk.tickets.conversation(ticket_id)
        assert found
        assert found.messages[-1].intent == "refund"

    def test_a_canned_reply_is_filled_in_and_one_that_is_not_is_refused(
        self,
        desk: Desk,  # noqa: F811
        browser: Browser,
    ) -> None:
        desk.run("canned", "set", "hello", "Dear {name}, number {tracking}. {agent}")
        ticket_id, form = taken(desk, browser)

        page = browser.done(f"/tickets/{ticket_id}/insert", {**form, "canned": "hello"})
        form = form_of(page)
        assert form["text"] == "Dear Kim, number {tracking}. ada"
        answer = browser.post(f"/tickets/{ticket_id}/reply", form)

        assert answer.status_code == 400
        assert "fill in {tracking} first" in words_of(answer.text)
        assert form_of(answer.text)["text"] == form["text"]
        filled = form["text"].replace("{tracking}", "17")
        browser.done(f"/tickets/{ticket_id}/reply", {**form_of(answer.text), "text": filled})
        assert last(desk, ticket_id)[2] == "Dear Kim, number 17. ada"

    def test_nothing_and_too_much_are_refused(self, desk: Desk, browser: Browser) -> None:  # noqa: F811
        ticket_id, form = taken(desk, browser)
        for text, said in (("", "blank"), ("x" * 4001, "at most 4000")):
            answer = browser.post(f"/tickets/{ticket_id}/reply", {**form, "text": text})
            assert answer.status_code == 400
            assert said in words_of(answer.text)
            assert form_of(answer.text)["text"] == text
        assert desk.ticket(ticket_id).messages == 1

    def test_what_would_steer_a_screen_is_left_out_and_told(
        self,
        desk: Desk,  # noqa: F811
        browser: Browser,
    ) -> None:
        ticket_id, form = taken(desk, browser)
        page = browser.done(f"/tickets/{ticket_id}/reply", {**form, "text": "Dear \u202eKim"})

        assert "invisible characters were left out" in words_of(page)
        assert last(desk, ticket_id)[2] == "Dear Kim"


class TestKept:
    def test_a_text_is_kept_by_a_plain_form_and_there_after_a_reload(
        self,
        desk: Desk,  # noqa: F811
        browser: Browser,
    ) -> None:
        ticket_id, form = taken(desk, browser)

        browser.done(f"/tickets/{ticket_id}/kept", {**form, "text": TEXT.replace("\n", "\r\n")})

        assert form_of(browser.get(f"/tickets/{ticket_id}"))["text"] == TEXT
        assert desk.draft(ticket_id).strip() == TEXT  # the terminal finds it, too

    def test_htmx_gets_one_line_and_no_page(self, desk: Desk, browser: Browser) -> None:  # noqa: F811
        ticket_id, form = taken(desk, browser)
        answer = kept_by_htmx(browser, ticket_id, {**form, "text": EVIL})

        assert "Your text is kept" in answer
        assert "<html" not in answer
        assert browser.console.drafts.read(ticket_id) == EVIL
        assert EVIL not in browser.get(f"/tickets/{ticket_id}")
        kept_by_htmx(browser, ticket_id, {**form, "text": " "})
        assert browser.console.drafts.read(ticket_id) is None

    def test_a_text_that_comes_after_it_was_sent_is_not_kept_again(
        self,
        desk: Desk,  # noqa: F811
        browser: Browser,
    ) -> None:
        ticket_id, form = taken(desk, browser)
        browser.done(f"/tickets/{ticket_id}/reply", {**form, "text": TEXT})

        kept_by_htmx(browser, ticket_id, {**form, "text": TEXT})

        assert browser.console.drafts.read(ticket_id) is None

    def test_the_ticket_stays_the_agents_while_they_write(
        self,
        desk: Desk,  # noqa: F811
        browser: Browser,
    ) -> None:
        ticket_id, form = taken(desk, browser)
        for _ in range(4):
            desk.now += timedelta(minutes=10)
            for text in ("Dear", "Dear Kim"):
                kept_by_htmx(browser, ticket_id, {**form, "text": text})

        assert desk.ticket(ticket_id).held_by(desk.now)
        moves = [each.move for each in desk.tickets.events(ticket_id)]
        assert moves.count("extended") == 4
        desk.now += timedelta(minutes=16)
        desk.run("ticket", "claim", ticket_id, agent="bob")
        later(desk, ticket_id, "bob")
        told = kept_by_htmx(browser, ticket_id, {**form, "text": "Dear Kim,"})
        assert "not yours any more: bob holds this ticket" in words_of(told)

    def test_what_is_no_ticket_keeps_nothing(self, browser: Browser) -> None:
        answer = browser.post("/tickets/..%2Fevil/kept", {"text": "x"})
        assert answer.status_code == 404
        assert browser.post("/tickets/NOT-AN-ID/kept", {"text": "x"}).status_code == 404


def kept_by_htmx(browser: Browser, ticket_id: str, fields: dict[str, str]) -> str:
    """Save a text as the page does while the agent types."""
    answer = browser.client.post(
        f"/tickets/{ticket_id}/kept",
        data={FIELD: browser.console.keys.form, **fields},
        headers={"origin": ORIGIN, "hx-request": "true"},
    )
    assert answer.status_code == 200
    return answer.text


def later(desk: Desk, ticket_id: str, agent: str) -> None:  # noqa: F811
    """Let an agent take a ticket by the desk's own clock, which may be ahead of the terminal's."""
    found = desk.ticket(ticket_id)
    if found.held_by(desk.now) is None:
        length = timedelta(minutes=15)
        desk.tickets.commit(ticket.claim(found, Agent(agent), now=desk.now, length=length))


class TestTwoAgents:
    def test_the_loser_sees_the_text_the_winner_and_the_way_on_on_the_same_page(
        self,
        desk: Desk,  # noqa: F811
        browser: Browser,
    ) -> None:
        ticket_id, form = taken(desk, browser)
        browser.done(f"/tickets/{ticket_id}/release")
        desk.run("ticket", "claim", ticket_id, agent="bob")

        answer = browser.post(f"/tickets/{ticket_id}/reply", {**form, "text": TEXT})

        said = words_of(answer.text)
        assert answer.status_code == 409
        assert "bob holds this ticket until" in said
        assert "Your text is below" in said
        assert form_of(answer.text)["text"] == TEXT
        assert "write a note for bob" in said
        assert "Do you sell gift wrapping?" in said
        assert ">Send<" not in answer.text
        assert browser.console.drafts.read(ticket_id) == TEXT
        assert desk.ticket(ticket_id).messages == 1

    def test_the_winner_may_have_answered_already(self, desk: Desk, browser: Browser) -> None:  # noqa: F811
        ticket_id, form = taken(desk, browser)
        browser.done(f"/tickets/{ticket_id}/release")
        desk.run("ticket", "claim", ticket_id, agent="bob")
        desk.run("ticket", "reply", ticket_id, "Dear Kim, yes.", agent="bob")

        answer = browser.post(f"/tickets/{ticket_id}/reply", {**form, "text": TEXT})

        assert answer.status_code == 409
        assert "bob replied at" in words_of(answer.text)
        assert "Dear Kim, yes." in answer.text
        form = form_of(answer.text)
        assert (form["text"], form["adds"]) == (TEXT, "yes")
        browser.done(f"/tickets/{ticket_id}/reply", form)
        assert last(desk, ticket_id)[2] == TEXT

    def test_an_older_lease_of_ones_own_is_told_and_the_page_goes_on(
        self,
        desk: Desk,  # noqa: F811
        browser: Browser,
    ) -> None:
        ticket_id, form = taken(desk, browser)
        browser.done(f"/tickets/{ticket_id}/claim")

        answer = browser.post(f"/tickets/{ticket_id}/reply", {**form, "text": TEXT})

        assert answer.status_code == 409
        assert "older lease" in words_of(answer.text)
        browser.done(f"/tickets/{ticket_id}/reply", form_of(answer.text))
        assert last(desk, ticket_id)[2] == TEXT

    def test_a_lease_that_ended_is_taken_again_with_the_text(
        self,
        desk: Desk,  # noqa: F811
        browser: Browser,
    ) -> None:
        ticket_id, form = taken(desk, browser)
        desk.now += timedelta(minutes=20)

        answer = browser.post(f"/tickets/{ticket_id}/reply", {**form, "text": TEXT})

        assert answer.status_code == 409
        assert "your lease ended at" in words_of(answer.text)
        assert "Take the ticket, with this text" in answer.text
        page = browser.done(f"/tickets/{ticket_id}/claim", form_of(answer.text))
        assert form_of(page)["text"] == TEXT

    def test_news_is_shown_beside_the_text_and_it_can_be_sent_anyway(
        self,
        desk: Desk,  # noqa: F811
        browser: Browser,
    ) -> None:
        ticket_id, form = taken(desk, browser)
        follow_up(desk, ticket_id, "And ribbons?")

        answer = browser.post(f"/tickets/{ticket_id}/reply", {**form, "text": TEXT})

        assert answer.status_code == 409
        said = words_of(answer.text)
        assert "the customer wrote again" in said
        assert "new · customer" in said
        assert "And ribbons?" in said
        assert "Send anyway" in answer.text
        assert desk.ticket(ticket_id).messages == 2
        form = form_of(answer.text)
        assert (form["text"], form["seen"]) == (TEXT, "2")
        browser.done(f"/tickets/{ticket_id}/reply", form)
        assert last(desk, ticket_id)[2] == TEXT


class TestUndo:
    def test_a_reply_waits_and_is_sent_when_it_is_due(self, desk: Desk) -> None:  # noqa: F811
        browser = opened(desk, undo=UNDO)
        ticket_id, form = taken(desk, browser)

        page = browser.done(f"/tickets/{ticket_id}/reply", {**form, "text": TEXT})

        assert "is sent in 5 s" in words_of(page)
        assert "Take it back" in page
        assert 'id="replying"' not in page
        assert "is sent in 5 s" in words_of(browser.get("/tickets"))
        browser.console.outbox.send_due()
        assert desk.ticket(ticket_id).messages == 1
        assert "is sent in" in words_of(browser.get(f"/tickets/{ticket_id}/outgoing"))
        desk.now += UNDO
        browser.console.outbox.send_due()
        assert last(desk, ticket_id)[2] == TEXT
        assert browser.console.drafts.read(ticket_id) is None
        assert "is sent." in words_of(browser.get(f"/tickets/{ticket_id}/outgoing"))

    def test_it_is_taken_back_and_goes_on_in_the_form(self, desk: Desk) -> None:  # noqa: F811
        browser = opened(desk, undo=UNDO)
        ticket_id, form = taken(desk, browser)
        browser.done(f"/tickets/{ticket_id}/reply", {**form, "text": TEXT, "intent": "refund"})

        page = browser.done(f"/tickets/{ticket_id}/back")

        assert "Taken back: nothing was sent." in words_of(page)
        form = form_of(page)
        assert (form["text"], form["intent"]) == (TEXT, "refund")
        desk.now += UNDO
        browser.console.outbox.send_due()
        assert desk.ticket(ticket_id).messages == 1
        assert "it was sent, or refused" in words_of(browser.done(f"/tickets/{ticket_id}/back"))

    def test_what_cannot_be_sent_is_told_before_it_waits(self, desk: Desk) -> None:  # noqa: F811
        browser = opened(desk, undo=UNDO)
        ticket_id, form = taken(desk, browser)
        follow_up(desk, ticket_id, "And ribbons?")

        answer = browser.post(f"/tickets/{ticket_id}/reply", {**form, "text": TEXT})

        assert answer.status_code == 409
        assert browser.console.outbox.waiting(ticket_id) is None

    def test_what_came_up_while_it_waited_is_told_with_the_text(self, desk: Desk) -> None:  # noqa: F811
        browser = opened(desk, undo=UNDO)
        ticket_id, form = taken(desk, browser)
        browser.done(f"/tickets/{ticket_id}/reply", {**form, "text": TEXT})
        follow_up(desk, ticket_id, "And ribbons?")
        desk.now += UNDO
        browser.console.outbox.send_due()

        assert desk.ticket(ticket_id).messages == 2
        assert "Kim wrote again" in words_of(browser.get("/tickets"))
        page = browser.get(f"/tickets/{ticket_id}")
        assert "Not sent: Kim wrote again" in words_of(page)
        browser.done(f"/tickets/{ticket_id}/reply", form_of(page))
        desk.now += UNDO
        browser.console.outbox.send_due()
        assert last(desk, ticket_id)[2] == TEXT
        assert "Not sent" not in words_of(browser.get("/tickets"))

    def test_while_one_waits_the_same_again_is_the_same_and_another_is_refused(
        self,
        desk: Desk,  # noqa: F811
    ) -> None:
        browser = opened(desk, undo=UNDO)
        ticket_id, form = taken(desk, browser)
        for _ in range(2):
            browser.done(f"/tickets/{ticket_id}/reply", {**form, "text": TEXT})

        answer = browser.post(f"/tickets/{ticket_id}/reply", {**form, "text": "Another."})

        assert answer.status_code == 409
        assert "take it back first" in words_of(answer.text)
        assert "Another." in answer.text
        desk.now += UNDO
        browser.console.outbox.send_due()
        assert desk.ticket(ticket_id).messages == 2

    def test_the_console_sends_what_waits_when_it_ends(self, desk: Desk) -> None:  # noqa: F811
        browser = opened(desk, undo=UNDO)
        ticket_id, form = taken(desk, browser)
        with browser.console.outbox.open():
            browser.done(f"/tickets/{ticket_id}/reply", {**form, "text": TEXT})

        assert last(desk, ticket_id)[2] == TEXT
        assert not [each for each in threading.enumerate() if each.name == "outbox"]

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
    def test_it_does_so_when_a_signal_ends_it(self, desk: Desk, number: signal.Signals) -> None:  # noqa: F811
        browser = opened(desk, undo=UNDO)
        ticket_id, form = taken(desk, browser)
        browser.done(f"/tickets/{ticket_id}/reply", {**form, "text": TEXT})
        with pytest.raises(SystemExit), ended_in_order(), browser.console.outbox.open():
            signal.raise_signal(number)

        assert last(desk, ticket_id)[2] == TEXT
        assert signal.getsignal(number) is signal.SIG_DFL

    def test_a_thread_of_its_own_sends_what_is_due(self, desk: Desk) -> None:  # noqa: F811
        browser = opened(desk, undo=UNDO)
        ticket_id, form = taken(desk, browser)
        sent = threading.Event()
        note = browser.console.outbox.note_sent

        def noting(*given: object) -> None:
            note(*given)  # type: ignore[arg-type]
            sent.set()

        browser.console.outbox.note_sent = noting  # type: ignore[method-assign]
        with browser.console.outbox.open():
            browser.done(f"/tickets/{ticket_id}/reply", {**form, "text": TEXT})
            desk.now += UNDO
            assert sent.wait(20)

        assert desk.ticket(ticket_id).messages == 2


class TestDrafts:
    def test_a_draft_is_shown_as_in_the_terminal(self, desk: Desk, browser: Browser) -> None:  # noqa: F811
        ticket_id = desk.escalated(1, draft=two_sources())
        said = words_of(browser.get(f"/tickets/{ticket_id}"))

        for told in (
            "draft 2 · extractive · waits for you · not sent",
            "only quotes: the language model was too slow",
            "[1] Refunds (article, v0): word for word",
            "check: “not”: the evidence may say the opposite",
        ):
            assert told in said

    @pytest.mark.parametrize("undo", [timedelta(), UNDO])
    def test_it_is_approved_as_it_is(self, desk: Desk, undo: timedelta) -> None:  # noqa: F811
        browser = opened(desk, undo=undo)
        ticket_id = desk.escalated(1, draft=quoting())
        browser.get(f"/tickets/{ticket_id}")

        browser.done(f"/tickets/{ticket_id}/approve", {"number": "2", "seen": "1"})
        desk.now += undo
        browser.console.outbox.send_due()

        assert last(desk, ticket_id)[2] == quoting().text
        found = desk.ticket(ticket_id).draft
        assert found
        assert found.fate is Fate.USED

    def test_it_is_edited_and_sent(self, desk: Desk, browser: Browser) -> None:  # noqa: F811
        ticket_id = desk.escalated(1, draft=quoting())

        page = browser.done(f"/tickets/{ticket_id}/insert", {"edit": "2"})
        form = form_of(page)
        assert "from draft 2" in page
        assert (form["text"], form["draft"]) == (quoting().text, "2")
        browser.done(f"/tickets/{ticket_id}/reply", {**form, "text": "Within 14 days."})

        found = desk.ticket(ticket_id).draft
        assert found
        assert found.fate is Fate.EDITED
        assert last(desk, ticket_id)[2] == "Within 14 days."

    def test_it_is_dismissed(self, desk: Desk, browser: Browser) -> None:  # noqa: F811
        ticket_id = desk.escalated(1, draft=quoting())

        page = browser.done(f"/tickets/{ticket_id}/dismiss", {"number": "2"})

        assert "not sent" not in words_of(page).split("Facts")[0].replace("suggestion", "")[:200]
        found = desk.ticket(ticket_id).draft
        assert found
        assert found.fate is Fate.DISMISSED

    def test_edited_evidence_is_shown_and_it_can_be_sent_anyway(
        self,
        desk: Desk,  # noqa: F811
        browser: Browser,
    ) -> None:
        ticket_id = desk.escalated(1, draft=quoting())
        desk.knowledge.put(an_article("refund", version=1, answer="Within 14 days."))

        answer = browser.post(f"/tickets/{ticket_id}/approve", {"number": "2", "seen": "1"})

        assert answer.status_code == 409
        assert "was edited since" in words_of(answer.text)
        assert "as it is now: “Within 14 days.”" in words_of(answer.text)
        assert "Send draft 2 anyway" in answer.text
        given = {"number": "2", "seen": "1", "anyway": "yes"}
        browser.done(f"/tickets/{ticket_id}/approve", given)
        assert last(desk, ticket_id)[2] == quoting().text

    def test_one_that_must_be_edited_is_not_offered_to_be_sent(
        self,
        desk: Desk,  # noqa: F811
        browser: Browser,
    ) -> None:
        hard = Fault(severity=Severity.HARD, kind="number", what="30", part=0)
        ticket_id = desk.escalated(1, draft=quoting(faults=(hard,)))

        assert "Send draft 2" not in browser.get(f"/tickets/{ticket_id}")
        answer = browser.post(f"/tickets/{ticket_id}/approve", {"number": "2"})
        assert answer.status_code == 409
        assert "edit it first" in words_of(answer.text)

    @pytest.mark.parametrize("move", ["approve", "dismiss", "insert"])
    def test_who_ended_a_draft_is_told(self, desk: Desk, browser: Browser, move: str) -> None:  # noqa: F811
        ticket_id = desk.escalated(1, draft=quoting())
        desk.run("ticket", "dismiss", ticket_id, "2", agent="bob")

        answer = browser.post(f"/tickets/{ticket_id}/{move}", {"number": "2", "edit": "2"})

        assert answer.status_code == 409
        assert "bob dismissed it at" in words_of(answer.text)

    def test_a_draft_that_was_meant_for_an_older_message_is_refused(
        self,
        desk: Desk,  # noqa: F811
        browser: Browser,
    ) -> None:
        ticket_id = desk.escalated(1, draft=quoting())
        follow_up(desk, ticket_id, "And ribbons?")

        answer = browser.post(f"/tickets/{ticket_id}/approve", {"number": "2", "seen": "1"})

        assert answer.status_code == 409
        assert "the customer wrote again" in words_of(answer.text)
        assert desk.ticket(ticket_id).messages == 2
