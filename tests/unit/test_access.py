"""The customer's token and the client's idempotency key."""

from datetime import timedelta

import pytest
from helpdesk import access
from helpdesk.access import IdempotencyKey
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes import MORNING, Office


def test_ticket_ids_and_tokens_do_not_repeat_and_have_their_form() -> None:
    ids = {access.new_ticket_id() for _ in range(1_000)}
    tokens = {access.new_token() for _ in range(1_000)}

    assert len(ids) == len(tokens) == 1_000
    assert {len(ticket_id) for ticket_id in ids} == {16}
    assert not set("".join(ids)) & set("ilou"), "letters that are misread"
    assert {len(token) for token in tokens} == {43}, "256 bits in base64"


@pytest.mark.parametrize(
    ("text", "could_be"),
    [
        ("0123456789abcdef", True),
        ("zyxwvtsrqpnmkjhg", True),
        ("0" * 15, False),
        ("0" * 17, False),
        ("", False),
        ("0123456789abcdeF", False),
        ("0123456789abcdei", False),
        ("0123456789abcde/", False),
    ],
)
def test_only_what_has_the_form_of_an_id_is_looked_for(text: str, could_be: bool) -> None:
    assert access.is_ticket_id(text) is could_be


def test_ids_that_are_given_out_have_the_form_of_an_id() -> None:
    assert all(access.is_ticket_id(access.new_ticket_id()) for _ in range(100))


def test_a_token_opens_its_own_ticket_only() -> None:
    """T15."""
    office = Office.open()
    mine, theirs = office.submit(), office.submit()
    ticket = office.ticket(mine.ticket_id)

    assert access.opens(mine.token, ticket, MORNING)
    assert not access.opens(theirs.token, ticket, MORNING)


@pytest.mark.parametrize("wrong", ["", "x", "é", "🙂" * 50, "a" * 100_000])
def test_any_other_text_opens_nothing(wrong: str) -> None:
    office = Office.open()
    ticket = office.ticket(office.submit().ticket_id)

    assert not access.opens(wrong, ticket, MORNING)


def test_a_token_opens_until_it_expires_and_not_then() -> None:
    office = Office.open()
    receipt = office.submit()
    ticket = office.ticket(receipt.ticket_id)
    end = MORNING + office.terms.token_life

    assert access.opens(receipt.token, ticket, end - timedelta(microseconds=1))
    assert not access.opens(receipt.token, ticket, end)
    assert not access.opens(receipt.token, ticket, end + timedelta(days=1))


def test_neither_token_nor_key_can_be_read_from_what_is_stored() -> None:
    office = Office.open()
    key = IdempotencyKey("shop", "order-12345-question-1")
    receipt = office.submit(key=key)

    ticket = office.ticket(receipt.ticket_id)
    submission = office.tickets.submission(key.id, MORNING)

    stored = f"{ticket}{submission}{office.tickets.events(receipt.ticket_id)}"
    assert receipt.token not in stored
    assert key.key not in stored


@given(st.text(min_size=1), st.text())
def test_the_holder_of_the_key_gets_the_token_back(key: str, scope: str) -> None:
    token = access.new_token()
    idempotency = IdempotencyKey(scope, key)

    assert idempotency.unseal(idempotency.seal(token)) == token


@pytest.mark.parametrize("length", [0, 40, 47])
def test_what_is_not_as_long_as_a_token_is_not_sealed(length: int) -> None:
    """The pad is used once, for 256 bits: more or fewer are no token of ours."""
    with pytest.raises(ValueError, match="argument"):
        IdempotencyKey("shop", "a").seal("A" * length)


@pytest.mark.parametrize("other", [IdempotencyKey("shop", "b"), IdempotencyKey("app", "a")])
def test_another_key_or_application_does_not_get_it(other: IdempotencyKey) -> None:
    token = access.new_token()
    key = IdempotencyKey("shop", "a")

    assert other.id != key.id
    assert other.unseal(key.seal(token)) != token


def test_what_was_stored_of_a_key_and_a_token_yesterday_is_found_today() -> None:
    """The stored forms are in the table of every desk: another form would be a migration."""
    key = IdempotencyKey("shop", "order-1-question-1")
    token = "A" * 43

    assert access.token_hash(token) == (
        "0f007385b6f9d4b7eeb2748605afe1a984a0a3bfa3f014d09e2a784ce9e5cd1a"
    )
    assert key.id == "e7ec8485a9fcb6b35308d6f8d0c50fdb0ab40537971c4afaea6fb751652c5f1b"
    assert key.seal(token) == "oVfO5L8BOmF1b9Jz1jMw55uMCw92W0Ti0bVC7LlrXJU="
    assert key.unseal("oVfO5L8BOmF1b9Jz1jMw55uMCw92W0Ti0bVC7LlrXJU=") == token
