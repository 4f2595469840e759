"""What a ticket names, with where and how it is written."""

from dataclasses import replace

from helpdesk import naming
from helpdesk.files import State
from helpdesk.triage import Entity

from tests.fakes import UNKNOWN, Office, an_understanding
from tests.filing import InMemoryRegister, an_attachment

DAY = Entity("date", "--01-15", 8, 20, "January 15th")
ORDER = Entity("order_number", "48213", 6, 11, "48213")


def test_there_are_seven_kinds() -> None:
    assert len(naming.KINDS) == len(set(naming.KINDS.values())) == 7


def test_each_has_the_latest_message_that_spells_it_so() -> None:
    messages = {1: "order 48213 of January 15th", 3: "48213!", 4: "thanks"}

    found = naming.located([DAY, ORDER, replace(ORDER, spelling="")], messages)

    assert [each.where for each in found] == ["message 1", "message 3", "message 4"]
    assert found[0] == replace(DAY, where="message 1"), "spelling and normal form stay"
    assert naming.located([ORDER], {})[0].where == "message 1"


def test_the_same_thing_in_a_file_is_named_with_its_own_origin() -> None:
    named = naming.located([ORDER], {1: "order 48213"})

    found = naming.with_files(named, {2: [ORDER, ORDER, DAY]})

    assert [(each.value, each.where) for each in found] == [
        ("48213", "message 1"), ("48213", "file 2"), ("--01-15", "file 2"),
    ]  # fmt: skip


def test_a_table_of_prices_does_not_fill_the_ticket() -> None:
    many = [Entity("amount", f"{n}.00 EUR", 0, 1, str(n)) for n in range(500)]

    assert len(naming.with_files([ORDER], {1: many})) == naming.MOST_NAMED == 40


def test_goods_days_and_places_make_room_for_orders_and_amounts() -> None:
    goods = [Entity("product", f"lamp {n}", 0, 1, f"lamp {n}") for n in range(naming.MOST_NAMED)]

    found = naming.with_files([DAY, *goods, ORDER], {1: [replace(ORDER, value="9")]})

    assert [each.value for each in found if each.kind == "order_number"] == ["48213", "9"]
    assert found[0] == DAY, "the order stays that of the text"
    assert len(found) == naming.MOST_NAMED


def test_a_ticket_keeps_what_its_message_and_its_file_name() -> None:
    office, text = Office.open(), "order 48213, see the file"
    office.understander.script[text] = an_understanding(("refund", 0.9), entities=(ORDER,))
    office.understander.script[UNKNOWN] = an_understanding(("refund", 0.1), entities=(DAY,))
    ticket_id = office.submit(text).ticket_id
    register = InMemoryRegister(an_attachment(ticket_id, state=State.READY))
    register.texts[ticket_id, 1] = UNKNOWN

    _, after = replace(office, files=register).process(ticket_id)

    assert after.understanding
    assert [(each.spelling, each.where) for each in after.understanding.entities] == [
        ("48213", "message 1"), ("January 15th", "file 1"),
    ]  # fmt: skip
