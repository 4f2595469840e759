"""Personal data in texts that may quote it by accident."""

import pytest
from helpdesk import masking
from helpdesk.masking import LONGEST, mask
from hypothesis import given
from hypothesis import strategies as st

from tests.regex_shape import faults


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("no mail to ada@example.com today", "no mail to <email> today"),
        ("<ada.l+x@mail.example.co.uk>", "<<email>>"),
        ("call +49 (30) 123-4567 now", "call <number> now"),
        ("call 030/1234567", "call <number>"),
        ("card 4111 1111 1111 1111.", "card <number>."),
        ("card 4111-1111-1111-1111", "card <number>"),
        ("card 378282246310005", "card <number>"),
        ("token aB3-" + "x" * 39, "token <token>"),
        ("order 55812 of ticket 0123456789abcdef", "order 55812 of ticket 0123456789abcdef"),
        ("the ticket is answered, not escalated", "the ticket is answered, not escalated"),
        ("the text has 4001 characters", "the text has 4001 characters"),
    ],
)
def test_what_is_personal_is_masked_and_nothing_else(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    ("length", "masked"),
    [(1_999, "a " * 999 + "a"), (2_000, "a " * 1_000), (2_001, "a " * 1_000 + " …")],
)
def test_the_first_two_thousand_characters_are_kept(length: int, masked: str) -> None:
    assert mask(("a " * 2_000)[:length]) == masked


@given(st.emails())
def test_no_address_stays_readable(address: str) -> None:
    local, _, domain = address.partition("@")
    if set(local) & set("<>\"'(),:;") or set(domain) & set("<>\"'(),:;"):
        return
    assert address not in mask(f"to {address} or no one")


@pytest.mark.parametrize(
    "bait",
    ["a" * 100_000, "1" * 100_000, "1 " * 50_000, "a@" * 50_000, "+(" * 50_000, "-" * 99_999],
)
def test_a_long_text_is_cut(bait: str) -> None:
    """Only the first LONGEST characters are looked at: QnABot 7.4.0 hung on a text."""
    masked = mask(bait)

    assert masked == f"{mask(bait[:LONGEST])} …"


def test_the_pattern_is_bounded_by_its_shape() -> None:
    assert not faults(masking._PERSONAL)
