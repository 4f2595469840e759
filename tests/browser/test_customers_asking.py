"""Customers at the page: from a question to the reply, on good networks and bad ones."""

import re

import pytest
from playwright.sync_api import Route, expect

from tests.browser.counter import ANSWER, Counter, Opening, Visit
from tests.browser.windows import REFUSED
from tests.fakes import KNOWN, WANTS_PERSON

FAILED = ("net::ERR_", REFUSED)


@pytest.fixture
def visit(counter: Counter, window: Opening) -> Visit:
    """A customer who has just opened the page."""
    inside = window(permissions=["clipboard-read", "clipboard-write"])
    inside.go(counter.page)
    return Visit(inside, counter)


class TestAConversation:
    def test_an_answer_arrives_and_helps(self, visit: Visit, counter: Counter) -> None:
        visit.ask(KNOWN)

        expect(visit.log).to_contain_text(ANSWER)
        assert counter.texts()[:2] == [KNOWN, ANSWER]
        visit.page.get_by_role("button", name="Yes").click()
        expect(visit.status).to_have_text("Thank you.")
        assert counter.the_ticket().helpful is True

    def test_a_person_answers_and_the_customer_goes_on(
        self, visit: Visit, counter: Counter
    ) -> None:
        """From the question to the reply and further, on both sides."""
        visit.ask(WANTS_PERSON)
        expect(visit.status).to_contain_text("A person will answer")

        counter.reply("We wrap gifts, too.")
        expect(visit.log).to_contain_text("We wrap gifts, too.", timeout=15_000)
        visit.ask(KNOWN)
        expect(visit.log.locator("article")).to_have_count(4 + 1)
        assert KNOWN in counter.texts()

    def test_the_answer_to_a_follow_up_is_awaited_as_the_first_one_was(
        self, visit: Visit, counter: Counter
    ) -> None:
        """By a held request, not after a pause."""
        visit.ask(WANTS_PERSON)
        expect(visit.status).to_contain_text("A person will answer")
        before = len(counter.wire.arrived)
        visit.ask(KNOWN)
        expect(visit.log).to_contain_text(KNOWN)
        visit.page.wait_for_timeout(1_000)

        (sent, first, *_) = counter.wire.arrived[before:]
        assert sent.path.endswith("/messages")
        assert "wait=" in first.target

    def test_the_keyboard_is_enough(self, visit: Visit, counter: Counter) -> None:
        keyboard = visit.page.keyboard
        _tab_to(visit, "text")
        keyboard.type(KNOWN)
        keyboard.press("Enter")
        expect(visit.log).to_contain_text(ANSWER)
        assert visit.page.evaluate("document.activeElement.id") == "text"

        _tab_to(visit, "no", back=True)
        keyboard.press("Enter")
        expect(visit.page.locator("#rate")).to_be_hidden()
        _tab_to(visit, "text", back=True)
        keyboard.type("And when?")
        _tab_to(visit, "send")
        keyboard.press("Enter")
        expect(visit.log).to_contain_text("And when?")

    def test_new_messages_are_read_out(self, visit: Visit) -> None:
        """Messages are added to a log, and the state is in a region of its own."""
        expect(visit.log).to_be_empty()
        visit.ask(KNOWN)

        expect(visit.log.locator("article")).to_have_count(2)
        expect(visit.page.get_by_role("status")).to_have_count(1)
        assert visit.log.get_attribute("tabindex") == "0"

    def test_closing_ends_it_and_writing_opens_it_again(
        self, visit: Visit, counter: Counter
    ) -> None:
        visit.ask(KNOWN)
        expect(visit.log).to_contain_text(ANSWER)
        visit.page.locator("#more summary").click()
        visit.page.locator("#close").click()
        expect(visit.status).to_contain_text("closed")
        assert counter.the_ticket().state == "closed"

        visit.ask(WANTS_PERSON)
        expect(visit.status).to_contain_text("A person will answer")
        assert counter.the_ticket().state != "closed"

    def test_an_empty_question_is_not_sent(self, visit: Visit, counter: Counter) -> None:
        visit.text.fill("   ")
        visit.page.keyboard.press("Enter")
        visit.page.wait_for_timeout(200)

        assert counter.came("POST", "/queries") == 0


class TestSentOnce:
    def test_however_often_the_button_is_pressed(self, visit: Visit, counter: Counter) -> None:
        visit.page.route(re.compile("/queries$"), _slowly)
        visit.text.fill(KNOWN)
        for _ in range(5):
            visit.send.dispatch_event("click")
            visit.text.press("Enter")

        expect(visit.log).to_contain_text(ANSWER)
        assert counter.texts() == [KNOWN, ANSWER]
        assert counter.came("POST", "/queries") == 1

    def test_when_only_the_answer_of_the_desk_is_lost(self, visit: Visit, counter: Counter) -> None:
        """The desk has the question; the page cannot know it, and sends it again."""
        visit.window.forgive(*FAILED)
        visit.page.route(re.compile("/queries$"), _lose_the_answer, times=1)
        visit.ask(KNOWN)
        expect(visit.log).to_contain_text("Not sent.")
        assert len(counter.tickets()) == 1

        visit.page.get_by_role("button", name="Try again").click()
        expect(visit.log).to_contain_text(ANSWER)
        assert counter.came("POST", "/queries") == 2
        assert counter.texts() == [KNOWN, ANSWER]

    def test_a_follow_up_whose_answer_is_lost(self, visit: Visit, counter: Counter) -> None:
        visit.ask(KNOWN)
        expect(visit.log).to_contain_text(ANSWER)
        visit.window.forgive(*FAILED)
        visit.page.route(re.compile("/messages$"), _lose_the_answer, times=1)
        visit.ask("And my gift card?")
        expect(visit.log).to_contain_text("Not sent.")

        visit.page.get_by_role("button", name="Try again").click()
        expect(visit.log).not_to_contain_text("Not sent.")
        assert counter.texts().count("And my gift card?") == 1


class TestBadNetworks:
    def test_an_own_message_is_shown_at_once(self, visit: Visit) -> None:
        visit.page.route(re.compile("/queries$"), _slowly)
        visit.ask(KNOWN)

        expect(visit.log).to_contain_text(KNOWN, timeout=300)
        expect(visit.log).to_contain_text(ANSWER)

    def test_a_question_that_did_not_leave_is_kept(self, visit: Visit, counter: Counter) -> None:
        visit.window.forgive(*FAILED)
        visit.page.route(re.compile("/queries$"), lambda route: route.abort(), times=1)
        visit.ask(KNOWN)
        expect(visit.log).to_contain_text("Not sent.")
        assert not counter.tickets()

        visit.page.get_by_role("button", name="Try again").click()
        expect(visit.log).to_contain_text(ANSWER)

    def test_offline_is_said_and_nothing_is_missed(self, visit: Visit, counter: Counter) -> None:
        visit.ask(WANTS_PERSON)
        expect(visit.status).to_contain_text("A person will answer")
        visit.window.forgive(*FAILED)
        visit.window.context.set_offline(True)
        expect(visit.status).to_contain_text("offline")
        counter.reply("While you were away.")

        visit.window.context.set_offline(False)
        expect(visit.log).to_contain_text("While you were away.")

    def test_a_desk_that_fails_is_asked_again(self, visit: Visit, counter: Counter) -> None:
        visit.window.forgive(*FAILED)
        visit.ask(WANTS_PERSON)
        expect(visit.status).to_contain_text("A person will answer")
        visit.page.route(re.compile(r"/queries/\w+"), lambda route: route.fulfill(status=502))
        visit.page.evaluate("window.dispatchEvent(new Event('online'))")
        expect(visit.status).to_contain_text("cannot be reached")
        visit.page.unroute_all()
        counter.reply("Here again.")

        visit.page.evaluate("window.dispatchEvent(new Event('online'))")
        expect(visit.log).to_contain_text("Here again.")

    def test_a_person_is_awaited_without_held_requests(
        self, visit: Visit, counter: Counter
    ) -> None:
        """A held request occupies a function for as long as it waits."""
        visit.ask(WANTS_PERSON)
        expect(visit.status).to_contain_text("A person will answer")
        before = len(counter.wire.arrived)
        visit.page.wait_for_timeout(7_000)

        since = counter.wire.arrived[before:]
        assert 1 <= len(since) <= 3
        assert not [each for each in since if "wait=" in each.target]
        assert all("if-none-match" in each.headers for each in since)


class TestComingBack:
    def test_a_reload_shows_the_conversation(self, visit: Visit) -> None:
        visit.ask(KNOWN)
        expect(visit.log).to_contain_text(ANSWER)
        visit.page.reload()

        expect(visit.log.locator("article")).to_have_count(2)
        expect(visit.log).to_contain_text(ANSWER)

    def test_the_back_button_shows_the_conversation(self, visit: Visit) -> None:
        visit.ask(KNOWN)
        expect(visit.log).to_contain_text(ANSWER)
        visit.page.goto("about:blank")
        visit.page.go_back()

        expect(visit.log).to_contain_text(ANSWER)
        expect(visit.log.locator("article")).to_have_count(2)

    def test_a_link_opens_it_in_another_browser_and_leaves_the_address_bar(
        self, visit: Visit, counter: Counter, window: Opening
    ) -> None:
        visit.ask(KNOWN)
        expect(visit.log).to_contain_text(ANSWER)
        link = copied(visit)
        other = window()
        other.go(link)

        expect(Visit(other, counter).log).to_contain_text(ANSWER)
        assert other.page.url == counter.page

    def test_a_link_that_ended_says_so(
        self, visit: Visit, counter: Counter, window: Opening
    ) -> None:
        other = window().forgive(*FAILED)
        other.go(f"{counter.page}#{'0' * 16}.wrong")

        expect(Visit(other, counter).status).to_contain_text("does not work any more")

    def test_to_forget_it_leaves_nothing_here(self, visit: Visit, counter: Counter) -> None:
        visit.ask(KNOWN)
        expect(visit.log).to_contain_text(ANSWER)
        assert visit.kept()
        visit.page.locator("#more summary").click()
        visit.page.locator("#forget").click()

        expect(visit.log).to_be_empty()
        assert not visit.kept()
        visit.page.reload()
        expect(visit.log).to_be_empty()
        assert counter.tickets(), "the desk still has it"

    def test_the_next_person_at_this_computer_sees_nothing(self, visit: Visit) -> None:
        """What is kept ends with the tab."""
        visit.ask(KNOWN)
        expect(visit.log).to_contain_text(ANSWER)
        tab = visit.window.tab()
        tab.goto(visit.counter.page)

        expect(tab.get_by_role("log")).to_be_empty()
        assert visit.page.evaluate("localStorage.length") == 0


def copied(visit: Visit) -> str:
    """Copy the link to the conversation; it is a secret from now on."""
    visit.page.locator("#more summary").click()
    visit.page.locator("#copy").click()
    expect(visit.status).to_contain_text("Copied")
    link: str = visit.page.evaluate("navigator.clipboard.readText()")
    visit.counter.wire.secrets.add(link.rpartition(".")[2])
    assert len(link.rpartition(".")[2]) > 20
    return link


def _tab_to(visit: Visit, id_: str, *, back: bool = False) -> None:
    for _ in range(20):
        if visit.page.evaluate("document.activeElement.id") == id_:
            return
        visit.page.keyboard.press("Shift+Tab" if back else "Tab")
    pytest.fail(f"the keyboard does not reach #{id_}")


def _slowly(route: Route) -> None:
    import time

    time.sleep(0.6)
    route.continue_()


def _lose_the_answer(route: Route) -> None:
    route.fetch()
    route.abort()
