"""Signed addresses: made, found again, and not to be made up."""

import re
from collections.abc import Callable

import pytest
from helpdesk.access import new_ticket_id
from helpdesk.mail import (
    Address,
    Keys,
    NoSender,
    Returned,
    addresses,
    bounced,
    normalised,
    reply_address,
    return_path,
    signing,
    ticket_of,
)
from helpdesk.mail.addresses import read_addresses, sender
from hypothesis import given
from hypothesis import strategies as st

from tests.regex_shape import faults

DESK = "support@shop.example"
ID = "3f9k2m7q1x8z4c5v"
KEYS = Keys("new", before="old")


def test_an_address_names_its_ticket() -> None:
    address = reply_address(DESK, ID, "new")

    assert re.fullmatch(rf"support\+{ID}\.[a-z2-7]{{16}}@shop\.example", address)
    assert ticket_of(["ada@example.com", address.upper()], DESK, KEYS) == ID


def test_both_keys_count_while_one_is_exchanged() -> None:
    old = reply_address(DESK, ID, "old")

    assert ticket_of([old], DESK, KEYS) == ID
    assert ticket_of([old], DESK, Keys("new")) is None
    assert ticket_of([old], DESK, Keys("old")) == ID


def test_the_signature_is_what_other_programs_compute() -> None:
    """A change of it would orphan every reply to mails that are out."""
    assert (
        reply_address(DESK, ID, "key") == "support+3f9k2m7q1x8z4c5v.tvy647orkaj6skxp@shop.example"
    )


def test_keys_do_not_show_themselves() -> None:
    assert "new" not in repr(KEYS)
    assert "old" not in repr(KEYS)


def changed(place: int) -> str:
    address = reply_address(DESK, ID, "new")
    at = len("support+") + place
    other = "b" if address[at] == "a" else "a"
    return address[:at] + other + address[at + 1 :]


@pytest.mark.parametrize("place", [*range(16), *range(17, 33)])
def test_a_changed_letter_is_noticed(place: int) -> None:
    assert ticket_of([changed(place)], DESK, KEYS) is None


@pytest.mark.parametrize(
    "alter",
    [
        lambda a: a.replace("support+", "sales+"),
        lambda a: a.replace("shop.example", "other.example"),
        lambda a: a.replace("@", "a@"),
        lambda a: a.replace("+", "+x+"),
        lambda a: a.split("+")[0] + "@shop.example",
        lambda a: a.replace(".", "", 1),
        lambda a: re.sub(r"\.[^.@]+@", ".@", a),
        lambda a: "",
        lambda a: "support+@shop.example",
    ],
)
def test_an_altered_address_names_nothing(alter: Callable[[str], str]) -> None:
    assert ticket_of([alter(reply_address(DESK, ID, "new"))], DESK, KEYS) is None


def test_a_mail_that_comes_back_names_itself() -> None:
    path = return_path(DESK, ID, 12, "new")

    assert bounced([path.upper()], DESK, KEYS) == Returned(ID, 12)
    assert bounced([path.replace(".12.", ".13.")], DESK, KEYS) is None
    assert ticket_of([path], DESK, KEYS) is None
    assert bounced([reply_address(DESK, ID, "new")], DESK, KEYS) is None


def test_both_fit_before_the_at() -> None:
    longest = f"{'a' * signing.LONGEST_MAILBOX}@shop.example"

    for address in (
        reply_address(longest, ID, "k"),
        return_path(longest, ID, signing.MOST_MAILS, "k"),
    ):
        assert len(address.partition("@")[0]) < 64


@pytest.mark.parametrize(
    "mailbox", [f"{'a' * 25}@shop.example", "a+b@shop.example", "shop", "ü@shop.example"]
)
def test_not_every_mailbox_can_sign(mailbox: str) -> None:
    with pytest.raises(ValueError, match="cannot be the desk's mailbox"):
        reply_address(mailbox, ID, "k")


def test_nothing_is_signed_without_a_key_or_an_id() -> None:
    with pytest.raises(ValueError, match="without a key"):
        reply_address(DESK, ID, "")
    with pytest.raises(ValueError, match="not the id"):
        reply_address(DESK, ID.upper(), "k")
    for number in (0, signing.MOST_MAILS + 1):
        with pytest.raises(ValueError, match="number from 1"):
            return_path(DESK, ID, number, "k")


def test_no_key_accepts_nothing() -> None:
    empty = "support+" + ID + "." + signing._signature(ID, "") + "@shop.example"

    assert ticket_of([empty], DESK, Keys("")) is None
    assert ticket_of([empty], DESK, KEYS) is None


@given(st.integers(1, signing.MOST_MAILS), st.text(min_size=1, max_size=40))
def test_every_address_is_found_again(number: int, key: str) -> None:
    ticket_id = new_ticket_id()

    assert ticket_of([reply_address(DESK, ticket_id, key)], DESK, Keys(key)) == ticket_id
    path = return_path(DESK, ticket_id, number, key)
    assert bounced([path], DESK, Keys("x", before=key)) == Returned(ticket_id, number)


@given(st.lists(st.text(max_size=80)))
def test_any_texts_may_be_addresses(texts: list[str]) -> None:
    assert ticket_of(texts, DESK, KEYS) is None
    assert bounced(texts, DESK, KEYS) is None


@given(st.text(max_size=40), st.sampled_from(["", "@example.com", "@bücher.example", "@ß.example"]))
def test_what_is_normalised_stays_so(text: str, end: str) -> None:
    address = normalised(text + end)

    assert address is None or normalised(address) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "@",
        "a@",
        "@b.example",
        "a b@c.example",
        "a@b",
        "a@b..example",
        "a@-b.example",
        "a@b-.example",
        "a@[192.0.2.1]",
        "a@b@c.example",
        "a\u200b@c.example",
        "a@" + "b" * 64 + ".example",
        "a" * 65 + "@b.example",
        "a@" + "b." * 130 + "example",
        "a@" + "ü" * 64 + ".example",
        "a" * 64 + "@" + "b." * 92 + "example",
        '"a"@b.example',
        "a,b@c.example",
    ],
)
def test_not_every_text_is_an_address(text: str) -> None:
    assert normalised(text) is None


def test_addresses_are_compared_without_case_and_blanks() -> None:
    assert normalised(" Ada.B@EXAMPLE.com. ") == "ada.b@example.com"


def test_an_address_has_a_domain() -> None:
    assert Address("ada@example.com").domain == "example.com"


def test_every_address_of_a_list_is_read_once() -> None:
    found = read_addresses(["Team: a@example.com, B <b@example.com>;", "a@example.com, , x"])

    assert found == (Address("a@example.com"), Address("b@example.com", "B"))
    assert len(read_addresses([",".join(f"a{n}@example.com" for n in range(500))])) == 100


@given(st.lists(st.text(alphabet='ab@.<>"(),;:\\ =?', max_size=60), max_size=3))
def test_any_list_of_addresses_is_read(values: list[str]) -> None:
    found = sender(values)

    assert isinstance(found, NoSender) or normalised(found.address) == found.address
    assert len(read_addresses(values)) <= addresses.MOST


@pytest.mark.parametrize(
    "pattern",
    [addresses._TOKEN, addresses._IN_COMMENT, addresses._LABEL, signing._REPLY, signing._RETURN],
)
def test_the_patterns_are_bounded(pattern: re.Pattern[str]) -> None:
    assert not faults(pattern)
