"""The console's pages of facts, canned replies, texts, documents and past replies."""

# ruff: noqa: F811 -- fixtures

import pytest

from tests.fakes import an_article
from tests.integration.consoles import Browser, no_network, opened, words_of  # noqa: F401
from tests.integration.test_agent_cli import Desk, desk  # noqa: F401 -- fixtures
from tests.integration.test_agent_cli_replies import replied

pytestmark = pytest.mark.usefixtures("no_network")

NASTY = "<img src=x onerror=alert(1)>"
PLACES = ("facts", "canned", "texts", "documents", "replies")


@pytest.fixture
def browser(desk: Desk) -> Browser:
    return opened(desk)


@pytest.fixture
def agents(desk: Desk) -> Browser:
    """Return the console of an agent who is not a lead."""
    desk.json("agent", "set", "bob", "--role", "agent")
    return opened(desk, "bob")


class TestFacts:
    def test_they_are_set_changed_and_removed(self, desk: Desk, browser: Browser) -> None:
        page = words_of(browser.done("/knowledge/facts", {"name": "phone", "text": "030 1"}))
        assert "phone is now “030 1”." in page

        page = words_of(browser.done("/knowledge/facts", {"name": "phone", "text": "030 2"}))
        assert "phone 030 2" in page

        browser.done("/knowledge/facts/remove", {"name": "phone"})
        assert "The desk has stated no facts." in words_of(browser.get("/knowledge/facts"))

    def test_one_that_is_used_names_its_articles_and_stays(
        self, desk: Desk, browser: Browser
    ) -> None:
        browser.done("/knowledge/facts", {"name": "phone", "text": "030 1"})
        desk.knowledge.put(an_article("refund", answer="Call {phone}."))

        page = browser.get("/knowledge/facts")
        assert '<a href="/knowledge/articles/refund">refund</a>' in page
        assert "Remove phone" not in words_of(page)
        refused = browser.post("/knowledge/facts/remove", {"name": "phone"})
        assert refused.status_code == 409
        assert "the fact phone is used by refund" in words_of(refused.text)

    def test_a_name_that_is_none_is_refused_and_the_text_is_there_still(
        self, browser: Browser
    ) -> None:
        refused = browser.post("/knowledge/facts", {"name": "No Name", "text": "Long words."})

        assert refused.status_code == 400
        assert "Long words.</textarea>" in refused.text


class TestCannedReplies:
    def test_they_are_stored_changed_and_removed(self, desk: Desk, browser: Browser) -> None:
        assert "There are no canned replies." in words_of(browser.get("/knowledge/canned"))
        browser.done("/knowledge/canned", {"name": "sorry", "text": "Dear {name},\r\nsorry."})
        assert desk.json("canned", "show", "sorry")["text"] == "Dear {name},\nsorry."

        browser.done("/knowledge/canned", {"name": "sorry", "text": "We are sorry."})
        assert "We are sorry." in words_of(browser.get("/knowledge/canned"))

        assert "Removed sorry." in words_of(
            browser.done("/knowledge/canned/remove", {"name": "sorry"})
        )
        assert desk.knowledge.canned() == {}

    @pytest.mark.parametrize(
        ("name", "text", "said"),
        [("No Name", "x", "a name is up to 40"), ("sorry", "  ", "the text is blank")],
    )
    def test_what_is_wrong_is_told(self, browser: Browser, name: str, text: str, said: str) -> None:
        refused = browser.post("/knowledge/canned", {"name": name, "text": text})

        assert (refused.status_code, said in words_of(refused.text)) == (400, True)

    def test_one_that_is_not_there_is_told(self, browser: Browser) -> None:
        assert browser.post("/knowledge/canned/remove", {"name": "x"}).status_code == 404


class TestTexts:
    def test_each_has_its_versions_and_can_be_written(self, desk: Desk, browser: Browser) -> None:
        assert "out of scope" in words_of(browser.get("/knowledge/texts"))
        path = "/knowledge/texts/unreadable"

        done = words_of(browser.done(path, {"text": "Say it again, please.", "language": "en"}))
        assert "Stored unreadable in en, version 1." in done
        assert "the product" in done

        again = words_of(browser.done(path, {"text": "Say it again, please.", "language": "en"}))
        assert "Nothing changed." in again

    def test_a_text_in_another_language_is_added(self, desk: Desk, browser: Browser) -> None:
        path = "/knowledge/texts/unreadable"
        browser.done(path, {"text": "Bitte noch einmal.", "language": "de"})

        assert "Bitte noch einmal." in words_of(browser.get(f"{path}?language=de"))
        assert 'href="?language=de"' in browser.get(path)

    def test_what_is_wrong_is_told(self, browser: Browser) -> None:
        sent = {"text": "Hello {name}", "language": "en"}
        refused = browser.post("/knowledge/texts/unreadable", sent)
        assert (refused.status_code, "Hello {name}" in refused.text) == (400, True)
        assert browser.client.get("/knowledge/texts/nonsense").status_code == 400


class TestWhatDraftsMayQuote:
    def test_a_document_is_listed_shown_and_forgotten(self, desk: Desk, browser: Browser) -> None:
        assert "There are no documents." in words_of(browser.get("/knowledge/documents"))
        file = desk.home / "rules.md"
        file.write_text(f"# Rules {NASTY}\n\nIt can be returned.\n\nIt is paid back.\n")
        desk.json("knowledge", "document", "import", str(file), "--yes")

        assert 'href="/knowledge/documents/rules"' in browser.get("/knowledge/documents")
        page = browser.get("/knowledge/documents/rules")
        assert "It can be returned." in words_of(page)
        assert "Version 1: rules.md" in words_of(page)
        assert NASTY not in page

        assert "Forgot rules." in words_of(browser.done("/knowledge/documents/rules/forget"))
        assert browser.client.get("/knowledge/documents/rules").status_code == 404

    def test_a_past_reply_is_listed_and_dropped(self, desk: Desk, browser: Browser) -> None:
        ticket_id = replied(desk)
        adopted = desk.json("knowledge", "reply", "adopt", ticket_id, "--yes")

        page = words_of(browser.get("/knowledge/replies"))
        assert "hold the red button. It costs 5 euros. Write to <email>." in page

        sent = {"ticket": ticket_id, "message": str(adopted["reply"]["message"])}
        done = words_of(browser.done("/knowledge/replies/drop", sent))
        assert "Drafts repeat no reply." in done
        assert browser.post("/knowledge/replies/drop", sent).status_code == 404


def test_what_is_written_is_shown_as_text(desk: Desk, browser: Browser) -> None:
    browser.done("/knowledge/facts", {"name": "phone", "text": NASTY})
    browser.done("/knowledge/canned", {"name": "sorry", "text": NASTY})

    for place in PLACES[:2]:
        page = browser.get(f"/knowledge/{place}")
        assert NASTY not in page
        assert "&lt;img src=x onerror" in page


@pytest.mark.parametrize("place", PLACES)
def test_an_agent_reads_and_is_offered_no_form(agents: Browser, place: str) -> None:
    page = agents.get(f"/knowledge/{place}")

    assert 'method="post"' not in page


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("facts", {"name": "phone", "text": "1"}),
        ("facts/remove", {"name": "phone"}),
        ("canned", {"name": "sorry", "text": "x"}),
        ("canned/remove", {"name": "sorry"}),
        ("texts/unreadable", {"text": "x", "language": "en"}),
        ("replies/drop", {"ticket": "0000000000000001", "message": "2"}),
    ],
)
def test_an_agent_who_tries_anyway_is_told_why_not(
    desk: Desk, agents: Browser, path: str, sent: dict[str, str]
) -> None:
    desk.json("knowledge", "fact", "set", "phone", "030 1")
    desk.json("canned", "set", "sorry", "We are sorry.")

    refused = agents.post(f"/knowledge/{path}", sent)

    assert refused.status_code == 403
    assert "bob is not a lead" in words_of(refused.text)
    assert desk.knowledge.facts().values == {"phone": "030 1"}
    assert desk.knowledge.canned() == {"sorry": "We are sorry."}
