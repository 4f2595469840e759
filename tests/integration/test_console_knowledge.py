"""The console's pages of articles: to read, to write, to try, and what the gate says."""

# ruff: noqa: F811 -- fixtures

from typing import Any

import pytest
from helpdesk.knowledge import Golden, Link
from helpdesk.knowledge.translating import Translation
from helpdesk.learning import Failure, Published, fingerprint

from agent_cli import articles
from tests.fakes import MORNING, an_article, an_understanding
from tests.integration.conftest import Stack
from tests.integration.consoles import Browser, no_network, opened, words_of  # noqa: F401
from tests.integration.policies import ROLES, allows, statements
from tests.integration.recorded_calls import recording
from tests.integration.test_agent_cli import Desk, desk  # noqa: F401 -- fixtures
from tests.integration.test_agent_cli_replace import Lambda, trainer  # noqa: F401 -- fixture

pytestmark = pytest.mark.usefixtures("no_network")

REFUND = "/knowledge/articles/refund"
NASTY = "<img src=x onerror=alert(1)>"


@pytest.fixture
def browser(desk: Desk) -> Browser:
    return opened(desk)


@pytest.fixture
def agents(desk: Desk) -> Browser:
    """Return the console of an agent who is not a lead."""
    desk.json("agent", "set", "bob", "--role", "agent")
    return opened(desk, "bob")


def fields(desk: Desk, intent: str = "refund", **changes: Any) -> dict[str, Any]:
    """Return what a browser sends of an article's form."""
    article = desk.knowledge.get(intent)
    assert article
    found = articles.fields_of(articles.as_yaml(article))
    assert found
    given = {**found, "version": str(article.version), "act": "store", **changes}
    return {
        name: value for name, value in given.items() if not isinstance(value, bool) or value
    } | {name: "yes" for name, value in given.items() if value is True}


class TestReading:
    def test_articles_are_listed_and_found(self, desk: Desk, browser: Browser) -> None:
        desk.knowledge.put(an_article("hours", needs_person=True, category="house"))

        every = words_of(browser.get("/knowledge"))
        found = words_of(browser.get("/knowledge?text=GIFT"))
        by_way = words_of(browser.get("/knowledge?sent=and+a+person&category=house"))

        assert "3 of 3 articles" in every
        assert "1 of 3 articles" in found
        assert "gift_card" in found
        assert "refund" not in found
        assert ("1 of 3 articles" in by_way, "hours" in by_way) == (True, True)

    def test_public_articles_are_marked_and_found(self, desk: Desk, browser: Browser) -> None:
        german = Translation(language="de", title="Post", answer="Per Post.", of="0" * 16)
        desk.knowledge.put(an_article("post", public=True, translations=(german,)))

        found = words_of(browser.get("/knowledge?public=yes"))

        assert "1 of 3 articles" in found
        assert "en de*" in found, "the translation is older than its text"
        assert "No article fits" in words_of(browser.get("/knowledge?text=zebra"))

    def test_an_empty_desk_says_what_to_do(self, desk: Desk, browser: Browser) -> None:
        for intent in ("refund", "gift_card"):
            desk.run("knowledge", "remove", intent, "--forget", "--yes")

        assert "The desk has no articles" in words_of(browser.get("/knowledge"))

    def test_an_article_has_its_answer_as_sent_and_all_its_fields(
        self, desk: Desk, browser: Browser
    ) -> None:
        desk.json("knowledge", "fact", "set", "period", "30 days")
        links = (Link(title="Terms", url="https://shop.example/terms"),)
        desk.knowledge.put(an_article(answer="Within {period}.", links=links, owner="lena"))

        page = words_of(browser.get(REFUND))

        assert "Within 30 days. Terms: https://shop.example/terms" in page
        assert "As it is written, with variables Within {period}." in page
        assert "i have a question about refund" in page
        assert "Owner lena" in page
        assert "links: - title: Terms" in page

    def test_an_article_that_customers_do_not_get_says_so(
        self, desk: Desk, browser: Browser
    ) -> None:
        desk.knowledge.put(an_article(answer="Within {unknown_fact}."))

        assert "Customers do not get it" in words_of(browser.get(REFUND))

    def test_what_is_written_in_an_article_is_shown_as_text(
        self, desk: Desk, browser: Browser
    ) -> None:
        nasty = an_article("refund", title=NASTY, answer=NASTY, utterances=(NASTY,))
        desk.knowledge.put(nasty)
        desk.json(
            "knowledge", "edit", "refund", "--file", str(changed(desk, answer=NASTY * 2)), "-y"
        )

        for path in ("/knowledge", REFUND, f"{REFUND}/edit", f"{REFUND}/edit?as=yaml",
                     f"{REFUND}/changes", f"{REFUND}/rollback?to=0"):  # fmt: skip
            page = browser.get(path)
            assert NASTY not in page, path
            assert "&lt;img src=x onerror=alert(1)&gt;" in page, path

    def test_versions_and_what_changed_between_them(self, desk: Desk, browser: Browser) -> None:
        for answer in ("Old words.", "New words."):
            desk.json(
                "knowledge", "edit", "refund", "--file", str(changed(desk, answer=answer)), "-y"
            )

        page = words_of(browser.get(REFUND))
        assert "ada edited what changed in version 2" in page
        assert f'href="{REFUND}/changes?to=2"' in browser.get(REFUND)

        lines = words_of(browser.get(f"{REFUND}/changes?to=2"))
        assert "- answer: Old words. + answer: New words." in lines
        whole = words_of(browser.get(f"{REFUND}/changes?from=0&to=2"))
        assert "- answer: This is what we say about refund. + answer: New words." in whole
        first = words_of(browser.get(f"{REFUND}/changes?to=0"))
        assert "This is the first version that is kept." in first

        old = words_of(browser.get(f"{REFUND}/versions/1"))
        assert "This is version 1. Now in force is version 2." in old
        assert "Old words." in old

    @pytest.mark.parametrize(
        "path",
        ["/knowledge/articles/nonsense", f"{REFUND}/versions/77", f"{REFUND}/versions/x",
         f"{REFUND}/changes", f"{REFUND}/rollback?to=x", "/knowledge/articles/nonsense/edit"],
    )  # fmt: skip
    def test_what_is_not_there_is_told(self, browser: Browser, path: str) -> None:
        assert "Not done" in words_of(browser.get(path, 404))

    def test_an_agent_reads_and_is_offered_no_change(self, agents: Browser) -> None:
        for path in ("/knowledge", REFUND):
            page = words_of(agents.get(path))
            assert "Edit" not in page
            assert "Add an article" not in page
            assert "Remove" not in page


def changed(desk: Desk, **changes: Any) -> Any:
    """Return a file with an article of the desk and changes."""
    article = desk.knowledge.get("refund")
    assert article
    found = articles.fields_of(articles.as_yaml(article))
    assert found
    rest = found.pop("rest")
    lists = {name: found[name].splitlines() for name in articles.LISTS}
    dates = {name: found[name] or None for name in ("review_on", "valid_from", "valid_until")}
    path = desk.home / "changed.yaml"
    path.write_text(articles.of_fields({**found, **lists, **dates, **changes}, rest))
    return path


class TestTheGate:
    def published(self, desk: Desk, **changes: Any) -> Published:
        knowledge = desk.knowledge
        lesson = fingerprint(knowledge.all(), knowledge.retired())
        made = {"version": "m1", "at": MORNING, "knowledge": lesson, "figures": None}
        return Published(**{**made, **changes})

    def test_a_change_that_was_not_learned_yet_is_being_learned(
        self, desk: Desk, browser: Browser, trainer: Lambda
    ) -> None:
        assert "In force. Model model1" in words_of(browser.get(REFUND))
        desk.knowledge.put(an_article("refund", utterances=("something new",)))

        page = browser.get(REFUND)
        assert "The trainer is learning" in words_of(page)
        assert 'hx-trigger="every 5s"' in page

        trainer.learn()
        page = browser.get("/knowledge/gate")
        assert "In force. Model model2" in words_of(page)
        assert "every 5s" not in page

    def test_a_refusal_is_told_with_the_cases_that_fail(
        self, desk: Desk, browser: Browser, trainer: Lambda
    ) -> None:
        desk.knowledge.put(an_article("refund", utterances=("something new",)))
        failed = Failure(NASTY, ("refund",), "gift_card", answered=True)
        trainer.models.refuse(
            self.published(desk, refused=("intents fell to 80.0%",), failed=(failed,))
        )

        page = browser.get("/knowledge/gate")

        assert "The gate refused the new model." in words_of(page)
        assert "Reason: intents fell to 80.0%" in words_of(page)
        assert "it said gift_card, right is refund; the wrong answer would have been sent" in (
            words_of(page)
        )
        assert NASTY not in page


class TestEditing:
    def test_a_stored_edit_is_a_new_version(self, desk: Desk, browser: Browser) -> None:
        page = browser.get(f"{REFUND}/edit")
        assert "This is what we say about refund." in page

        sent = fields(desk, answer="Two\r\nlines.", utterances="money back\r\n\r\n pay me ")
        done = browser.done(f"{REFUND}/edit", sent)

        assert "refund edited: version 1." in words_of(done)
        stored = desk.knowledge.get("refund")
        assert stored
        assert (stored.answer, stored.utterances) == ("Two\nlines.", ("money back", "pay me"))
        assert browser.console.edits.read("refund") is None

    def test_a_form_that_is_sent_as_it_came_changes_nothing(
        self, desk: Desk, browser: Browser
    ) -> None:
        links = (Link(title="Terms", url="https://shop.example/terms"),)
        before = an_article("refund", answer="One.\n", links=links, review_on=MORNING.date())
        desk.knowledge.put(before)

        assert "Nothing changed." in words_of(browser.done(f"{REFUND}/edit", fields(desk)))
        assert desk.knowledge.get("refund") == before

    def test_switches_dates_and_further_fields_are_stored(
        self, desk: Desk, browser: Browser
    ) -> None:
        sent = fields(
            desk, automatic=False, review=True, priority="high", valid_until="2027-01-31",
            rest="links:\n- title: Terms\n  url: https://shop.example/terms",
        )  # fmt: skip
        browser.done(f"{REFUND}/edit", sent)

        stored = desk.knowledge.get("refund")
        assert stored
        assert (stored.automatic, stored.review, stored.priority) == (False, True, "high")
        assert str(stored.valid_until) == "2027-01-31"
        assert stored.links[0].url == "https://shop.example/terms"

    def test_a_failed_save_says_why_and_keeps_the_text_in_the_form(
        self, desk: Desk, browser: Browser
    ) -> None:
        answer = browser.post(f"{REFUND}/edit", fields(desk, answer="Dear [Your Name],"))

        assert answer.status_code == 400
        assert "Not stored. refund: the answer holds the unfilled placeholder" in words_of(
            answer.text
        )
        assert "Dear [Your Name],</textarea>" in answer.text
        again = browser.get(f"{REFUND}/edit")
        assert "This is the edit that was kept on this machine." in words_of(again)
        assert "Dear [Your Name],</textarea>" in again
        assert "Go on with the kept edit" in words_of(browser.get(REFUND))

        browser.done(f"{REFUND}/discard")
        assert "Dear [Your Name]," not in browser.get(f"{REFUND}/edit")

    def test_yaml_that_no_one_can_read_comes_back_as_it_was_written(
        self, desk: Desk, browser: Browser
    ) -> None:
        answer = browser.post(f"{REFUND}/edit", fields(desk, rest="links: [unclosed"))

        assert answer.status_code == 400
        assert "links: [unclosed" in answer.text
        assert 'name="yaml"' in answer.text

    def test_the_whole_article_can_be_edited_as_yaml(self, desk: Desk, browser: Browser) -> None:
        page = browser.get(f"{REFUND}/edit?as=yaml")
        assert "intent: refund" in page
        path = changed(desk, answer="From YAML.")
        sent = {"yaml": path.read_text(), "version": "0", "act": "store"}

        browser.done(f"{REFUND}/edit", sent)

        stored = desk.knowledge.get("refund")
        assert stored
        assert stored.answer == "From YAML."

    def test_the_intent_stays(self, desk: Desk, browser: Browser) -> None:
        path = changed(desk, intent="other")
        sent = {"yaml": path.read_text(), "version": "0", "act": "store"}

        answer = browser.post(f"{REFUND}/edit", sent)

        assert "the intent of an article cannot change" in words_of(answer.text)
        assert desk.knowledge.get("other") is None

    def test_a_lead_who_was_slower_sees_what_the_other_changed(
        self, desk: Desk, browser: Browser
    ) -> None:
        slow = fields(desk, answer="Slow words.")
        desk.json("knowledge", "edit", "refund", "--file", str(changed(desk, answer="Fast.")), "-y")

        answer = browser.post(f"{REFUND}/edit", slow)

        assert answer.status_code == 409
        said = words_of(answer.text)
        assert "refund is now at version 1; your edit began with version 0" in said
        assert "- answer: This is what we say about refund. + answer: Fast." in said
        assert "Slow words.</textarea>" in answer.text
        assert 'name="version" value="1"' in answer.text
        kept = words_of(browser.get(f"{REFUND}/edit"))
        assert "What changed since you began" in kept

        browser.done(f"{REFUND}/edit", {**slow, "version": "1"})
        stored = desk.knowledge.get("refund")
        assert stored
        assert stored.answer == "Slow words."

    def test_the_terminal_goes_on_with_an_edit_of_the_console(
        self, desk: Desk, browser: Browser
    ) -> None:
        browser.post(f"{REFUND}/edit", fields(desk, answer="Dear [Your Name],"))

        kept = browser.console.edits.read("refund")
        assert kept
        assert kept.version == 0
        assert "answer: Dear [Your Name]," in kept.text

    def test_an_edit_is_tried_before_it_is_stored(
        self, desk: Desk, browser: Browser, trainer: Lambda
    ) -> None:
        trainer.editions.load_golden([Golden("pay me", ("refund",)), Golden("a bow?", ())])
        trainer.school.script["a bow?"] = an_understanding(("refund", 0.9))
        sent = fields(desk, utterances="pay my money back", act="try")

        said = words_of(browser.post(f"{REFUND}/edit", sent).text)

        assert "- - i have a question about refund + - pay my money back" in said
        assert "golden cases of refund: 1" in said
        assert "golden set after: intents" in said
        assert "Golden cases for people that the new model takes for refund" in said
        stored = desk.knowledge.get("refund")
        assert stored
        assert stored.version == 0
        assert [list(each) for each in trainer.events] == [["foretell"]]

        browser.done(f"{REFUND}/edit", {**sent, "act": "store", "taken": "a bow?"})
        assert Golden("a bow?", ("refund",)) in trainer.editions.to_learn().golden

    def test_a_trainer_that_fails_is_told_and_no_hindrance(
        self, desk: Desk, browser: Browser, trainer: Lambda
    ) -> None:
        trainer.fault = "out of memory"
        sent = fields(desk, answer="Other words.", act="try")

        said = words_of(browser.post(f"{REFUND}/edit", sent).text)

        assert "what the gate would decide is not known: the trainer failed" in said
        assert "+ answer: Other words." in said

    def test_trying_what_says_the_same_says_so(
        self, desk: Desk, browser: Browser, trainer: Lambda
    ) -> None:
        page = browser.post(f"{REFUND}/edit", fields(desk, act="try")).text

        assert "Nothing changed." in words_of(page)
        assert trainer.events == []

    @pytest.mark.parametrize("path", ["/knowledge/new", f"{REFUND}/edit", f"{REFUND}/remove",
                                      f"{REFUND}/rollback?to=0"])  # fmt: skip
    def test_an_agent_who_tries_anyway_is_told_why_not(
        self, desk: Desk, agents: Browser, path: str
    ) -> None:
        assert "only leads change the knowledge; bob is not a lead" in words_of(
            agents.get(path, 403)
        )
        place, _, to = path.partition("?to=")
        sent = fields(desk, answer="By bob.", to=to, present="0")
        answer = agents.post(place, sent)
        assert answer.status_code in {403, 404}
        stored = desk.knowledge.get("refund")
        assert stored == an_article("refund")


class TestComingAndGoing:
    NEW = {  # noqa: RUF012 -- read only
        "intent": "gift_wrapping", "title": "Do you wrap gifts?", "answer": "We do.",
        "utterances": "wrap it as a gift", "category": "SHOP", "department": "shop",
        "priority": "normal", "golden": "can I have it wrapped", "act": "store",
    }  # fmt: skip

    def test_an_article_is_added_with_its_golden_cases(
        self, desk: Desk, browser: Browser, trainer: Lambda
    ) -> None:
        assert 'name="intent"' in browser.get("/knowledge/new")

        done = browser.done("/knowledge/new", self.NEW)

        assert "gift_wrapping added: version 1." in words_of(done)
        stored = desk.knowledge.get("gift_wrapping")
        assert stored
        assert (stored.answer, stored.automatic) == ("We do.", False)
        golden = trainer.editions.to_learn().golden
        assert Golden("can I have it wrapped", ("gift_wrapping",)) in golden

    def test_an_intent_that_has_an_article_is_refused_and_the_text_stays(
        self, browser: Browser
    ) -> None:
        answer = browser.post("/knowledge/new", {**self.NEW, "intent": "refund"})

        assert answer.status_code == 409
        assert "the intent 'refund' has an article; edit that" in words_of(answer.text)
        assert "We do.</textarea>" in answer.text

    def test_a_name_that_is_none_is_refused(self, browser: Browser) -> None:
        answer = browser.post("/knowledge/new", {**self.NEW, "intent": ""})

        assert answer.status_code == 400
        assert "is not a snake_case name" in words_of(answer.text)

    def test_an_article_is_removed_and_comes_back(self, desk: Desk, browser: Browser) -> None:
        assert "Agents then get its questions." in words_of(browser.get(f"{REFUND}/remove"))

        done = words_of(browser.done(f"{REFUND}/remove"))
        assert "refund removed: version 1." in done
        assert "This article was removed. Agents get its questions." in done
        assert "Removed articles" in words_of(browser.get("/knowledge"))

        asked = words_of(browser.get(f"{REFUND}/rollback?to=0"))
        assert "It comes back, as a new version" in asked
        done = words_of(browser.done(f"{REFUND}/rollback", {"to": "0", "present": ""}))
        assert "refund rolled back to version 0: version 2." in done
        assert desk.knowledge.get("refund")

    def test_the_questions_of_a_removed_article_can_be_forgotten(
        self, desk: Desk, browser: Browser
    ) -> None:
        browser.done(f"{REFUND}/remove")
        assert "Forget the questions of refund?" in words_of(browser.get(f"{REFUND}/remove"))

        browser.done(f"{REFUND}/remove", {"forget": "yes"})

        assert desk.knowledge.retired() == ()

    def test_a_rollback_shows_what_changes_and_is_refused_if_it_changed_meanwhile(
        self, desk: Desk, browser: Browser
    ) -> None:
        desk.json("knowledge", "edit", "refund", "--file", str(changed(desk, answer="New.")), "-y")
        page = browser.get(f"{REFUND}/rollback?to=0")
        assert "- answer: New. + answer: This is what we say about refund." in words_of(page)
        desk.json("knowledge", "edit", "refund", "--file", str(changed(desk, answer="Newer")), "-y")

        late = browser.post(f"{REFUND}/rollback", {"to": "0", "present": "1"})

        assert late.status_code == 409
        assert "another lead changed refund meanwhile" in words_of(late.text)
        browser.done(f"{REFUND}/rollback", {"to": "0", "present": "2"})
        stored = desk.knowledge.get("refund")
        assert stored
        assert stored.answer == "This is what we say about refund."


@pytest.mark.parametrize(
    "path",
    ["/knowledge", REFUND, f"{REFUND}/versions/1", f"{REFUND}/changes", "/knowledge/gate",
     "/knowledge/facts", "/knowledge/canned", "/knowledge/texts", "/knowledge/texts/danger",
     "/knowledge/documents", "/knowledge/replies", "/try"],
)  # fmt: skip
def test_every_role_may_make_the_calls_of_a_page_that_all_read(
    desk: Desk, browser: Browser, stack: Stack, template: dict[str, Any], path: str
) -> None:
    desk.json("knowledge", "edit", "refund", "--file", str(changed(desk, answer="New.")), "-y")

    with recording(stack) as calls:
        browser.get(path)

    for role in ROLES:
        given = statements(template, role)
        assert not {each for each in calls if not allows(given, each)}, role
