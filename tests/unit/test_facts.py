"""Facts and the variables that stand for them: no customer gets a variable, or an old article."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from helpdesk import processing
from helpdesk.agents import composing
from helpdesk.curation import Curator, Replacer, Stater
from helpdesk.knowledge import (
    Facts,
    InvalidArticleError,
    InvalidFactError,
    Link,
    UndefinedFactError,
    Variant,
    as_sent,
    check_facts,
    check_nested,
    check_variables,
    filled,
    naming,
    said_on,
    variables,
)
from helpdesk.ports import ConflictError, NotFoundError
from helpdesk.ticket import Agent, Conversation, Message, NotAllowedError, Source, State
from helpdesk.triage import Answer, Escalate, Reason

from tests.fakes import KNOWN, LEAD, MORNING, Office, an_article, an_understanding, announced
from tests.tickets import claimed
from tests.unit.test_curation import Shelves
from tests.unit.test_curation_replacing import ASKED, Library

REFUND = an_article("refund", answer="Within {return_period}. Call {phone}, {phone}!")
FACTS = {"return_period": "30 days", "phone": "030 12"}
DAY = timedelta(days=1)


class TestVariables:
    @pytest.mark.parametrize(
        ("text", "names"),
        [
            ("Within {return_period} or {phone}; {phone}", ("return_period", "phone")),
            ("{ phone } and {Phone}", ("phone", "Phone")),
            ("{customer name}", ("customer name",)),
            ("none, {} {1} {\n} {{x", ()),
        ],
    )
    def test_names_in_braces_are_variables(self, text: str, names: tuple[str, ...]) -> None:
        assert variables(text) == names

    def test_facts_stand_in_their_place(self) -> None:
        assert filled(REFUND, FACTS).answer == "Within 30 days. Call 030 12, 030 12!"
        assert filled(an_article("refund"), {}) == an_article("refund")

    def test_what_has_no_fact_is_named(self) -> None:
        with pytest.raises(UndefinedFactError, match=r"refund: there is no fact for {phone}"):
            filled(REFUND, {"return_period": "30 days"})

    def test_the_articles_that_use_a_fact_are_known(self) -> None:
        articles = (REFUND, an_article("other"), replace(REFUND, intent="late"))

        assert naming(articles, "phone", FACTS) == ("refund", "late")

    def test_a_snippet_holds_facts_and_is_held_by_answers(self) -> None:
        facts = FACTS | {"reach_us": "Call {phone}.\nWe are there."}
        article = an_article("contact", answer="It is easy. {reach_us}")

        check_nested(facts)
        assert filled(article, facts).answer == "It is easy. Call 030 12.\nWe are there."
        assert naming((article,), "phone", facts) == ("contact",)

    @pytest.mark.parametrize("text", ["{me}", "{missing}", "{other}"])
    def test_a_fact_that_holds_itself_or_none_is_refused(self, text: str) -> None:
        with pytest.raises(InvalidFactError, match="the fact"):
            check_nested({"me": text, "other": "{me}"})


@pytest.mark.parametrize(
    ("name", "text"),
    [("Phone", "1"), ("a-b", "1"), ("", "1"), ("phone", " "), ("phone", "1\t2"),
     ("phone", "x" * 601), ("phone", "{other"), ("phone", "<your number>")],
)  # fmt: skip
def test_what_cannot_stand_in_an_answer_is_no_fact(name: str, text: str) -> None:
    check_facts({"fine": "x" * 600, "two": "lines\nof {fine}"})

    with pytest.raises(InvalidFactError):
        check_facts({"fine": "7", name: text})


class TestSending:
    """What a customer gets: the answer of the country, facts in it, links below it."""

    ARTICLE = an_article(
        "refund",
        answer="Within {return_period}.",
        links=(Link(title="Returns", url="https://shop.example/returns?a=1"),),
        variants=(Variant(country="DE", answer="Binnen {return_period}, {phone}."),),
    )

    @pytest.mark.parametrize(
        ("country", "answer"),
        [(None, "Within 30 days."), ("FR", "Within 30 days."), ("DE", "Binnen 30 days, 030 12.")],
    )
    def test_the_answer_of_the_country_with_facts_and_links(
        self, country: str | None, answer: str
    ) -> None:
        sent = as_sent(self.ARTICLE, lambda _: Facts(values=FACTS), MORNING, country)

        assert sent
        assert sent.answer == f"{answer}\nReturns: https://shop.example/returns?a=1"

    def test_a_fact_says_something_else_on_a_channel(self) -> None:
        own = {"phone_by_mail": "this address", "phone_by_live_chat": "here", "fax_by_mail": "1"}
        said = {channel: said_on(channel, FACTS | own) for channel in ("mail", "live-chat", "web")}

        assert said["mail"]["phone"] == "this address"
        assert said["live-chat"]["phone"] == "here"
        assert said["web"] == said_on(None, FACTS | own) == FACTS | own
        assert all("fax" not in each for each in said.values()), "a lint without channel knows none"
        sent = as_sent(self.ARTICLE, lambda _: Facts(values=FACTS | own), MORNING, "DE", "mail")
        assert sent
        assert sent.answer.startswith("Binnen 30 days, this address.")

    def test_a_missing_fact_matters_where_it_is_used(self) -> None:
        facts = Facts(values={"return_period": "30 days"})

        assert as_sent(self.ARTICLE, lambda _: facts, MORNING)
        assert as_sent(self.ARTICLE, lambda _: facts, MORNING, "DE") is None
        with pytest.raises(UndefinedFactError):
            check_variables((self.ARTICLE,), facts.values)

    @pytest.mark.parametrize(
        "url",
        [
            "http://shop.example",
            "https://shop",
            "https://shop.example/a b",
            "javascript:alert(1)",
            "https://shop.example/{order}",
        ],
    )
    def test_a_link_is_the_address_of_a_page(self, url: str) -> None:
        with pytest.raises(InvalidArticleError, match="not a full https"):
            Link(title="Returns", url=url)

    @pytest.mark.parametrize("title", ["", " ", "two\nlines"])
    def test_a_link_has_a_title(self, title: str) -> None:
        with pytest.raises(InvalidArticleError, match="needs a title"):
            Link(title=title, url="https://shop.example")

    def test_a_country_has_one_answer_and_a_code(self) -> None:
        german = Variant(country="DE", answer="Ja.")
        with pytest.raises(InvalidArticleError, match="one country has two answers"):
            an_article("refund", variants=(german, german))
        with pytest.raises(InvalidArticleError, match="is not a country code"):
            Variant(country="Germany", answer="Ja.")
        with pytest.raises(InvalidArticleError, match="the answer is blank"):
            an_article("refund", variants=(Variant(country="DE", answer=" "),))


class TestDates:
    @pytest.mark.parametrize(
        ("since", "until", "may"),
        [
            (None, None, True),
            (0, 0, True),
            (-1, None, True),
            (None, 1, True),
            (1, None, False),
            (None, -1, False),
        ],
    )
    def test_an_article_is_sent_in_its_dates(
        self, since: int | None, until: int | None, may: bool
    ) -> None:
        today = MORNING.date()
        article = an_article(
            "refund",
            valid_from=None if since is None else today + since * DAY,
            valid_until=None if until is None else today + until * DAY,
        )

        assert (as_sent(article, lambda _: Facts(), MORNING) is not None) is may

    def test_days_are_those_of_utc(self) -> None:
        article = an_article(
            "refund", valid_from=date(2026, 12, 24), valid_until=date(2026, 12, 24)
        )

        assert article.valid_at(datetime(2026, 12, 24, tzinfo=UTC))
        assert article.valid_at(datetime(2026, 12, 24, 23, 59, tzinfo=UTC))
        assert not article.valid_at(datetime(2026, 12, 25, tzinfo=UTC))

    def test_it_does_not_end_before_it_begins(self) -> None:
        with pytest.raises(InvalidArticleError, match="last day is before its first day"):
            an_article("refund", valid_from=date(2026, 12, 2), valid_until=date(2026, 12, 1))


SOONER = "2026-03-03 00:00 UTC"
"""When a demand of money back is due: its level brings points."""


class TestAnswering:
    @pytest.fixture
    def office(self) -> Office:
        opened = Office.open()
        opened.articles.put(REFUND)
        opened.articles.state(Facts(values=FACTS, version=1), instead_of=Facts())
        return opened

    def test_the_customer_gets_the_facts(self, office: Office) -> None:
        ticket_id = office.submit(KNOWN).ticket_id
        office.process(ticket_id)

        assert office.texts(ticket_id)[-1] == "Within 30 days. Call 030 12, 030 12!"

    def test_a_changed_fact_is_in_the_next_answer(self, office: Office) -> None:
        changed = Facts(values=FACTS | {"phone": "040 7"}, version=2)
        office.articles.state(changed, instead_of=office.articles.facts())
        ticket_id = office.submit(KNOWN).ticket_id
        office.process(ticket_id)

        assert "040 7" in office.texts(ticket_id)[-1]

    def test_customers_and_agents_read_what_is_said_on_the_tickets_channel(
        self, office: Office
    ) -> None:
        own = {"phone_by_web": "below", "phone_by_mail": "above"}
        stated = Facts(values=FACTS | own, version=2)
        office.articles.state(stated, instead_of=office.articles.facts())
        ticket_id = office.submit(KNOWN).ticket_id
        office.process(ticket_id)
        mailed = replace(claimed(), channel="mail", understanding=an_understanding(("refund", 0.2)))
        (offered,) = composing.suggestions(Conversation(mailed, ()), office.articles, MORNING)

        assert office.texts(ticket_id)[-1] == "Within 30 days. Call below, below!"
        assert offered.text == "Within 30 days. Call above, above!"

    @pytest.mark.parametrize(
        "changes",
        [
            {"answer": "Call {fax}."},
            {"answer": "Call { Phone }."},
            {"answer": "Call {fax}.", "needs_person": True},
            {"valid_until": MORNING.date() - DAY},
            {"valid_from": MORNING.date() + DAY, "needs_person": True},
        ],
        ids=str,
    )
    def test_what_may_not_be_sent_is_not_automatic(
        self, office: Office, changes: dict[str, Any]
    ) -> None:
        office.articles.put(replace(REFUND, **changes))
        ticket_id = office.submit(KNOWN).ticket_id
        _, after = office.process(ticket_id)

        assert (after.state, after.reason) == (State.ESCALATED, Reason.NOT_AUTOMATIC)
        assert office.texts(ticket_id) == [KNOWN, announced(after, SOONER)]

    def test_a_trial_says_the_same(self, office: Office) -> None:
        def tried(now: datetime) -> Any:
            return processing.predict(
                KNOWN,
                articles=office.articles,
                understander=office.understander,
                policy=office.policy,
                now=now,
            )[1]

        office.articles.put(replace(REFUND, valid_until=MORNING.date()))

        assert tried(MORNING) == Answer(filled(office.articles.get("refund") or REFUND, FACTS))
        later = tried(MORNING + DAY)
        assert (type(later), later.reason) == (Escalate, Reason.NOT_AUTOMATIC)

    def test_agents_are_offered_the_facts_and_nothing_that_may_not_be_sent(
        self, office: Office
    ) -> None:
        office.articles.put(an_article("open", answer="At {hour}."))
        office.articles.put(an_article("strike", valid_until=MORNING.date() - DAY))
        understood = an_understanding(("open", 0.4), ("strike", 0.3), ("refund", 0.2))
        said = Message(number=1, source=Source.CUSTOMER, text="Hello?", at=MORNING)
        ticket = replace(claimed(), understanding=understood)

        found = composing.suggestions(Conversation(ticket, (said,)), office.articles, MORNING)
        assert [(each.intent, each.text) for each in found] == [
            ("refund", "Within 30 days. Call 030 12, 030 12!")
        ]
        sent = Message(number=2, source=Source.AGENT, text=filled(REFUND, FACTS).answer, at=MORNING)
        told = Conversation(ticket, (said, sent))
        assert list(composing.suggestions(told, office.articles, MORNING)) == []


class TestLeads:
    @pytest.fixture
    def shelves(self) -> Shelves:
        return Shelves()

    @pytest.fixture
    def stater(self, shelves: Shelves) -> Stater:
        return Stater(lead=LEAD, knowledge=shelves, clock=lambda: MORNING)

    @pytest.fixture
    def curator(self, shelves: Shelves) -> Curator:
        return Curator(lead=LEAD, knowledge=shelves, clock=lambda: MORNING)

    def test_a_fact_is_set_and_changed_by_name(self, stater: Stater, shelves: Shelves) -> None:
        stater.set("phone", " 030 12 ")
        stater.set("fax", "1")

        expected = Facts(values={"fax": "1", "phone": "030 12"}, version=2, at=MORNING, by="lena")
        assert stater.set("phone", "030 12") == shelves.stated == expected
        assert stater.set("phone", "7").values["phone"] == "7"

    def test_a_fact_in_use_is_not_removed(
        self, stater: Stater, curator: Curator, shelves: Shelves
    ) -> None:
        for name, text in FACTS.items():
            stater.set(name, text)
        curator.add(REFUND)

        with pytest.raises(ConflictError, match="phone is used by refund"):
            stater.remove("phone")
        with pytest.raises(NotFoundError, match="no fact 'fax'; there are: phone, return_period"):
            stater.remove("fax")
        curator.remove("refund")
        assert stater.remove("phone").values == {"return_period": "30 days"}

    def test_an_article_that_came_to_use_it_meanwhile_keeps_it(
        self, stater: Stater, curator: Curator, shelves: Shelves
    ) -> None:
        for name, text in FACTS.items():
            stater.set(name, text)
        shelves.meanwhile = lambda: curator.add(REFUND)

        with pytest.raises(ConflictError):
            stater.remove("phone")
        assert shelves.stated.values == FACTS

    def test_only_leads_change_facts(self, shelves: Shelves) -> None:
        bob = Stater(lead=Agent("bob"), knowledge=shelves, clock=lambda: MORNING)

        for change in (lambda: bob.set("phone", "7"), lambda: bob.remove("phone")):
            with pytest.raises(NotAllowedError):
                change()
        assert shelves.stated == Facts()

    def test_an_answer_with_an_undefined_variable_is_not_stored(
        self, stater: Stater, curator: Curator, shelves: Shelves
    ) -> None:
        stater.set("phone", "030 12")
        curator.add(an_article("refund", automatic=False))

        for store in (
            lambda: curator.add(replace(REFUND, intent="late", utterances=("late",))),
            lambda: curator.edit(replace(REFUND, version=1)),
            lambda: curator.plan([REFUND]),
        ):
            with pytest.raises(UndefinedFactError, match=r"{return_period}"):
                store()
        assert shelves.articles["refund"].answer == an_article("refund").answer
        stater.set("return_period", "30 days")
        assert curator.edit(replace(REFUND, version=1))

    def test_an_old_version_with_a_variable_that_went_does_not_come_back(
        self, stater: Stater, curator: Curator
    ) -> None:
        for name, text in FACTS.items():
            stater.set(name, text)
        curator.add(REFUND)
        curator.edit(an_article("refund", version=1))
        stater.remove("phone")

        with pytest.raises(UndefinedFactError):
            curator.roll_back("refund", 1)

    def test_an_import_brings_its_facts(self, curator: Curator, shelves: Shelves) -> None:
        plan = curator.plan([REFUND], FACTS)
        assert plan.facts == FACTS
        curator.carry_out(plan)

        assert (shelves.stated.values, shelves.stated.by) == (FACTS, "lena")
        assert curator.plan([REFUND], FACTS).facts == {}

    def test_what_is_imported_is_automatic_if_a_lead_says_so(
        self, curator: Curator, shelves: Shelves
    ) -> None:
        article = an_article("refund")
        curator.carry_out(curator.plan([article]))
        assert not shelves.articles["refund"].automatic
        assert curator.plan([article]).unchanged == ("refund",)

        curator.carry_out(curator.plan([article], automatic=True))
        assert shelves.articles["refund"].automatic
        curator.carry_out(curator.plan([replace(article, answer="Otherwise.")]))
        assert shelves.articles["refund"].automatic

    def test_what_is_added_is_automatic_if_a_lead_says_so(
        self, curator: Curator, shelves: Shelves
    ) -> None:
        curator.add(an_article("refund"))
        curator.add(an_article("late", automatic=False), automatic=True)

        assert not shelves.articles["refund"].automatic
        assert shelves.articles["late"].automatic


class TestEditions:
    @pytest.fixture
    def library(self) -> Library:
        library = Library()
        stated = Facts(values=FACTS, version=4)
        library.kept[0] = replace(library.kept[0], facts=stated)
        return library

    @pytest.fixture
    def lena(self, library: Library) -> Replacer:
        return Replacer(
            lead=LEAD, editions=library, rehearse=library.rehearse, clock=lambda: MORNING
        )

    def test_a_replacement_without_facts_keeps_them(self, lena: Replacer, library: Library) -> None:
        plan = lena.plan([REFUND], [ASKED])
        lena.carry_out(plan)

        assert plan.facts_changing == ()
        assert library.kept[1].facts == library.kept[0].facts

    def test_a_replacement_with_facts_has_these_and_no_others(
        self, lena: Replacer, library: Library
    ) -> None:
        plan = lena.plan([an_article("refund")], [ASKED], {"phone": "7", "fax": "8"})

        assert plan.facts_changing == ("fax", "phone", "return_period")
        assert plan.after.facts == Facts(
            values={"phone": "7", "fax": "8"}, version=1, at=MORNING, by="lena"
        )
        with pytest.raises(UndefinedFactError):
            lena.plan([REFUND], [ASKED], {"phone": "7"})
        with pytest.raises(InvalidFactError):
            lena.plan([REFUND], [ASKED], FACTS | {"Fax": "7"})

    def test_other_facts_alone_are_a_change(self, lena: Replacer, library: Library) -> None:
        articles = library.kept[0].articles

        assert lena.plan(articles, [ASKED]).changes_nothing
        assert not lena.plan(articles, [ASKED], {"phone": "7"}).changes_nothing
