"""What of a shop's records is kept, and what is refused."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from helpdesk.records import (
    Holding,
    InvalidRecordError,
    Order,
    Record,
    Registry,
    number_key,
    read_order,
    read_record,
)
from helpdesk.ticket import CustomerKey, NotAllowedError

from tests.fakes import ADA, LEAD, MORNING
from tests.orders import InMemoryRecords, keeping

ROW = {"number": "#1001", "status": "In transit"}
KIM = CustomerKey.typed("kim@shop.example")


def test_an_order_is_read_from_texts_and_from_values() -> None:
    texts = {
        **ROW,
        "placed_on": "2026-02-20",
        "expected_on": "2026-03-04T12:00:00+00:00",
        "carrier": " Redpost ",
        "tracking": "https://track.example/1?a=b",
        "items": "Lamp; two mugs;",
        "open": "yes",
        "street": "Main Street 1",
    }
    values = {
        **texts,
        "placed_on": date(2026, 2, 20),
        "expected_on": datetime(2026, 3, 4, tzinfo=UTC),
        "items": ["Lamp", "two mugs"],
        "open": True,
    }

    assert read_order(texts) == read_order(values)
    assert read_order(texts) == Order(
        number="1001",
        status="in_transit",
        placed_on=date(2026, 2, 20),
        expected_on=date(2026, 3, 4),
        carrier="Redpost",
        tracking="https://track.example/1?a=b",
        items=("Lamp", "two mugs"),
    )


@pytest.mark.parametrize(
    ("status", "said", "is_open"),
    [
        ("shipped", None, True),
        ("delivered", None, False),
        ("cancelled", "", False),
        ("delivered", "yes", True),
        ("shipped", "0", False),
    ],
)
def test_it_is_open_if_it_says_so_or_else_by_its_status(
    status: str, said: str | None, is_open: bool
) -> None:
    assert read_order({"number": 7, "status": status, "open": said}).open is is_open


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"number": ""}, "number"),
        ({"number": "#"}, "number"),
        ({"number": None}, "number"),
        ({"number": "1" * 41}, "number"),
        ({"number": ["1"]}, "number"),
        ({"number": "4111 1111 1111 1111"}, "number: it looks like the number of a card"),
        ({"status": ""}, "status"),
        ({"status": "<b>"}, "status"),
        ({"carrier": "Red\npost"}, "carrier"),
        ({"carrier": "x" * 121}, "carrier"),
        ({"carrier": "\u200b"}, "carrier"),
        ({"carrier": True}, "carrier"),
        ({"items": "Lamp; 5555-5555-5555-4444"}, "items: it looks like the number of a card"),
        ({"items": [1]}, "items"),
        ({"items": 1}, "items"),
        ({"items": ["x"] * 51}, "items"),
        ({"placed_on": "20.02.2026"}, "placed_on"),
        ({"placed_on": 5}, "placed_on"),
        ({"tracking": "http://track.example/1"}, "tracking"),
        ({"tracking": "https://me:you@track.example/"}, "tracking"),
        ({"tracking": "https://localhost/"}, "tracking"),
        ({"tracking": "https://[::1/"}, "tracking"),
        ({"tracking": "javascript:alert(1)"}, "tracking"),
        ({"tracking": 'https://track.example/"x'}, "tracking"),
        ({"tracking": "https://track.example/" + "x" * 300}, "tracking"),
        ({"open": "perhaps"}, "open"),
    ],
)
def test_a_faulty_order_is_refused_with_the_field(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidRecordError, match=field):
        read_order({**ROW, **changes})


def test_a_long_number_that_is_no_card_is_kept() -> None:
    assert read_order({**ROW, "number": "4111111111111112"}).number == "4111111111111112"


def test_a_record_has_known_fields_only() -> None:
    said = {"name": "Kim", "lead_score": 85, "iban": "DE1", "phone": "0123", "owner": ""}

    assert read_record(said) == Record(fields=(("lead_score", "85"), ("name", "Kim")))
    assert read_record({"iban": "DE1"}) is None
    with pytest.raises(InvalidRecordError, match="name"):
        read_record({"name": "Kim 4111111111111111"})


@pytest.mark.parametrize("number", ["#a-1", "A-1", " a -1", "##A-1"])
def test_numbers_are_equal_in_every_spelling(number: str) -> None:
    assert number_key(number) == "A-1"


class TestRegistry:
    def registry(self, shelf: InMemoryRecords, *, lead: bool = True) -> Registry:
        return Registry(
            agent=LEAD if lead else ADA,
            shelf=shelf,
            life=timedelta(days=9),
            clock=lambda: MORNING,
        )

    def test_leads_bring_in_look_and_forget(self) -> None:
        shelf, done = InMemoryRecords(), list[int]()
        registry = self.registry(shelf)
        holding = keeping("kim@shop.example", read_order(ROW))

        counts = registry.bring_in([holding], told=done.append)

        assert (counts.customers, counts.orders, done, shelf.kept()) == (1, 1, [1], True)
        assert registry.show(KIM) == holding
        assert registry.forget(KIM) == 1
        assert registry.show(KIM) == Holding(key=KIM)

    def test_others_do_none_of_it(self) -> None:
        registry = self.registry(InMemoryRecords(), lead=False)

        for do in (lambda: registry.bring_in([]), lambda: registry.show(KIM),
                   lambda: registry.forget(KIM)):  # fmt: skip
            with pytest.raises(NotAllowedError, match="only leads"):
                do()

    def test_an_order_of_two_customers_is_refused_and_nothing_is_kept(self) -> None:
        shelf = InMemoryRecords()
        both = [keeping(f"{who}@shop.example", read_order(ROW)) for who in ("kim", "lee")]

        with pytest.raises(InvalidRecordError, match="order 1001 belongs to two customers"):
            self.registry(shelf).bring_in(both)
        assert (shelf.holdings, shelf.imported) == ({}, False)
