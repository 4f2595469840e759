"""Where is my order: the customer's own status, in a reply; of other orders never a word."""

from dataclasses import replace
from datetime import date

import pytest
from helpdesk import tracking
from helpdesk.knowledge import Lookup, StatusAnswer, Text, shipped
from helpdesk.processing import Outcome
from helpdesk.records import Order
from helpdesk.ticket import Customer, Message, State
from helpdesk.triage import Entity, Reason, Understanding

from tests.fakes import MORNING, InMemoryArticles, Office, an_article, an_understanding, announced
from tests.orders import InMemoryRecords, keeping

KIM, LEE = Customer(email="kim@shop.example"), Customer(email="lee@shop.example")
SHIPPED = Order(
    number="1001",
    status="shipped",
    placed_on=date(2026, 2, 20),
    expected_on=date(2026, 3, 4),
    carrier="Redpost",
    tracking="https://track.example/1001",
    items=("Lamp [blue]",),
)
PLACED = Order(number="1002", status="placed", placed_on=date(2026, 3, 1))
DONE = Order(number="1003", status="delivered", open=False)
FOREIGN = Order(number="2001", status="shipped", carrier="Bluepost", tracking="https://b.example/x")
ARTICLE = an_article(
    "track_order",
    needs=Lookup.ORDER,
    by_status=(
        StatusAnswer(
            status="shipped", answer="Order {number} is with {carrier}, {expected}: {tracking}"
        ),
        StatusAnswer(status="shipped", answer="Order {number} is on its way."),
        StatusAnswer(status="placed", answer="We have your order {number}."),
        StatusAnswer(status="delivered", answer="Order {number} ({items}) was delivered."),
    ),
)
TOLD = "Order 1001 is with Redpost, 4 March 2026: https://track.example/1001"
UNKNOWN, WHICH = (shipped()[name] for name in (tracking.UNKNOWN, tracking.WHICH))


class Listener:
    """Takes every text for a question about an order, but for those in `script`."""

    def __init__(self) -> None:
        self.script: dict[str, Understanding] = {}

    def understand(self, text: str) -> Understanding:
        found = self.script.get(text) or an_understanding(("track_order", 0.9))
        words = (word.strip(".,?!#") for word in text.split())
        numbers = (word for word in words if word.isdigit() and len(word) == 4)
        named = (Entity("order_number", n, text.index(n), text.index(n) + 4, n) for n in numbers)
        return replace(found, entities=tuple(named))


class Shop:
    """An office with records of two customers."""

    def __init__(self, *orders: Order) -> None:
        self.listener = Listener()
        self.records = InMemoryRecords(imported=True)
        for holding in (keeping("kim@shop.example", *orders), keeping("lee@shop.example", FOREIGN)):
            self.records.put(holding, expires_at=MORNING)
        articles = InMemoryArticles(ARTICLE, an_article("refund"))
        self.office = replace(
            Office.open(),
            articles=articles,
            understander=self.listener,  # type: ignore[arg-type]
            records=self.records,
        )

    def ask(self, *texts: str, customer: Customer = KIM) -> tuple[Outcome, Message]:
        """Ask, write again, and return what came of the last message, with the last reply."""
        receipt = self.office.submit(texts[0], customer=customer)
        outcome, _ = self.office.process(receipt.ticket_id)
        for text in texts[1:]:
            self.office.follow_up(receipt, text)
            outcome, _ = self.office.process(receipt.ticket_id)
        found = self.office.tickets.conversation(receipt.ticket_id)
        assert found
        self.ticket = found.ticket
        return outcome, found.messages[-1]

    def reply(self, *texts: str, customer: Customer = KIM) -> str:
        return self.ask(*texts, customer=customer)[1].text


def test_a_proven_customer_gets_the_status_and_the_link() -> None:
    shop = Shop(SHIPPED, PLACED)
    outcome, reply = shop.ask("Where is my order 1001?")

    assert (outcome, reply.text, reply.intent) == (Outcome.ANSWERED, TOLD, "track_order")
    assert shop.records.reads == ["order"]


def test_the_first_answer_that_is_full_is_sent() -> None:
    shop = Shop(replace(SHIPPED, tracking=None))

    assert shop.reply("Where is 1001?") == "Order 1001 is on its way."


def test_a_status_without_an_answer_gets_the_general_one() -> None:
    assert Shop(replace(SHIPPED, status="lost")).reply("Where is 1001?") == ARTICLE.answer


def test_brackets_of_an_order_are_no_placeholder() -> None:
    shop = Shop(replace(DONE, items=("Lamp [blue] <new>", "{{cup}}")))

    assert shop.reply("Where is 1003?") == "Order 1003 (Lamp (blue) (new), ((cup))) was delivered."


@pytest.mark.parametrize(
    ("orders", "told"),
    [
        ((SHIPPED, DONE), TOLD),
        ((replace(DONE, items=("Cup",)),), "Order 1003 (Cup) was delivered."),
    ],
)
def test_without_a_number_the_only_open_order_is_meant(
    orders: tuple[Order, ...], told: str
) -> None:
    assert Shop(*orders).reply("Where is my order?") == told


class TestSeveral:
    def test_the_desk_asks_which_and_names_number_and_day_only(self) -> None:
        shop = Shop(PLACED, SHIPPED, DONE)
        outcome, reply = shop.ask("Where is my order?")

        assert (outcome, reply.text) == (
            Outcome.ASKED,
            f"{WHICH}\n1. 1002 of 1 March 2026\n2. 1001 of 20 February 2026",
        )

    @pytest.mark.parametrize(
        "said",
        ["1001", "the 2nd one", "2", "It is 1001, thanks", "#1001", "1001 or call me, 0171-2345"],
    )
    def test_the_customer_names_it_by_number_or_place(self, said: str) -> None:
        assert Shop(PLACED, SHIPPED).reply("Where is my order?", said) == TOLD

    def test_a_reply_that_would_be_clear_to_no_one_by_itself_is_taken_up(self) -> None:
        shop = Shop(PLACED, SHIPPED)
        shop.listener.script["1001"] = an_understanding(("refund", 0.2), scope=0.1)

        assert shop.reply("Where is my order?", "1001") == TOLD

    def test_what_a_reply_clearly_says_comes_first(self) -> None:
        shop = Shop(PLACED, SHIPPED)
        refund = "Forget it, I want a refund for 1001"
        shop.listener.script[refund] = an_understanding(("refund", 0.9))

        assert shop.reply("Where is my order?", refund) == an_article("refund").answer

    def test_a_number_that_fits_none_is_handed_over_and_not_asked_for_again(self) -> None:
        shop = Shop(PLACED, SHIPPED)
        outcome, _ = shop.ask("Where is my order?", "5555")

        assert (outcome, shop.ticket.reason) == (Outcome.ESCALATED, Reason.AMBIGUOUS)

    def test_after_the_answer_another_order_may_be_asked_for(self) -> None:
        shop = Shop(PLACED, SHIPPED)
        told = shop.reply("Where is my order?", "2", "And where is 1002?")

        assert told == "We have your order 1002."
        assert shop.ticket.choices == ()


class TestNotFound:
    @pytest.mark.parametrize("asked", ["2001", "9999"])
    def test_not_theirs_and_not_there_are_the_same_words_and_reads(self, asked: str) -> None:
        shop = Shop(SHIPPED)
        outcome, reply = shop.ask(f"Where is my order {asked}?")

        assert (outcome, reply.text) == (Outcome.ASKED, UNKNOWN)
        assert shop.records.reads == ["order", "kept"]

    def test_the_right_number_may_follow(self) -> None:
        assert Shop(SHIPPED).reply("Where is my order 1010?", "sorry, 1001") == TOLD

    @pytest.mark.parametrize("again", ["2001", "I do not have one", "yes"])
    def test_then_a_person_gets_it(self, again: str) -> None:
        shop = Shop(SHIPPED, PLACED)
        outcome, reply = shop.ask("Where is my order 2001?", again)

        assert (outcome, shop.ticket.reason) == (Outcome.ESCALATED, Reason.AMBIGUOUS)
        assert "2001" not in reply.text

    def test_without_a_number_then_the_only_open_order_is_told(self) -> None:
        assert Shop(SHIPPED).reply("Where is my order 2001?", "I do not know it") == TOLD

    def test_of_several_numbers_the_own_ones_are_told(self) -> None:
        told = Shop(SHIPPED, PLACED).reply("Where are 1001, 2001, 1002 and 9999?")

        partly = shipped()[tracking.PARTLY]
        assert told == f"{TOLD}\n\nWe have your order 1002.\n\n{partly}"

    def test_who_names_very_many_gets_a_person(self) -> None:
        shop = Shop(SHIPPED)
        shop.ask("Where are 1001 1002 1003 1004 1005 1006?")

        assert shop.ticket.reason is Reason.SEVERAL_MATTERS
        assert shop.records.reads == []

    def test_leads_write_the_words(self) -> None:
        shop = Shop(SHIPPED)
        own = Text(name=tracking.UNKNOWN, language="en", text="Which number, please?", version=1)
        shop.office.desk_texts.put_text(own)

        assert shop.reply("Where is 9999?") == "Which number, please?"


class TestGeneralAnswer:
    def test_who_is_not_proven_gets_it_without_a_lookup(self) -> None:
        shop = Shop(SHIPPED)

        for text in ("Where is my order 1001?", "Where is my order 9999?"):
            assert shop.reply(text, customer=replace(KIM, verified=False)) == ARTICLE.answer
        assert shop.records.reads == []

    def test_who_has_neither_address_nor_reference_gets_it(self) -> None:
        shop = Shop(SHIPPED)

        assert shop.reply("Where is my order?", customer=Customer(name="Kim")) == ARTICLE.answer
        assert shop.records.reads == []

    def test_a_desk_without_records_sends_it(self) -> None:
        shop = Shop()
        shop.records.imported = False

        assert shop.reply("Where is my order 9999?") == ARTICLE.answer

    def test_it_is_not_sent_twice(self) -> None:
        shop = Shop()
        shop.records.imported = False
        shop.ask("Where is my order 9999?", "And where is it?")

        assert shop.ticket.reason is Reason.REPEATED


def test_the_same_status_is_not_told_twice() -> None:
    shop = Shop(SHIPPED)
    shop.ask("Where is my order 1001?", "So where is my order 1001?")

    assert shop.ticket.reason is Reason.REPEATED


def test_records_that_are_down_hand_over_and_are_marked() -> None:
    shop = Shop(SHIPPED)
    shop.records.down = True
    outcome, reply = shop.ask("Where is my order 1001?")

    assert (outcome, shop.ticket.reason) == (Outcome.ESCALATED, Reason.LOOKUP_FAILED)
    assert reply.text == announced(shop.ticket, "2026-03-03 00:00 UTC")
    assert (shop.ticket.department, shop.ticket.matter_guessed) == ("orders", None)


def test_other_articles_look_nothing_up() -> None:
    shop = Shop(SHIPPED)
    shop.listener.script["my money for 1001 back"] = an_understanding(("refund", 0.9))
    shop.ask("my money for 1001 back")

    assert shop.records.reads == []


def test_an_asked_customer_who_stays_silent_is_handed_over_like_any_other() -> None:
    shop = Shop(PLACED, SHIPPED)
    shop.ask("Where is my order?")

    assert (shop.ticket.state, shop.ticket.choices) == (State.ASKED, ("track_order",))
    assert (shop.ticket.category, shop.ticket.matter_guessed) == ("orders", None)


def test_a_number_from_before_a_choice_counts() -> None:
    """A customer named the order, was asked which matter is meant, and chose."""
    shop = Shop(PLACED, SHIPPED)
    unsure = an_understanding(("track_order", 0.45), ("refund", 0.44))
    shop.listener.script["about 1001"] = unsure

    assert shop.reply("about 1001", "1") == TOLD
