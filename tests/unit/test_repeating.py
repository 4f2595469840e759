"""A customer's move that is asked for twice is made once: point 8 of the field's findings."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from helpdesk import customers, erasure
from helpdesk.access import IdempotencyKey
from helpdesk.customers import Receipt
from helpdesk.ports import IdempotencyConflictError, NotFoundError, PreconditionError
from helpdesk.repeating import Guard
from helpdesk.ticket import IllegalMoveError, State

from tests.fakes import KNOWN, Crash, Fuse, Office

KEY = IdempotencyKey("shop", "8e03978e-40d5-43dd-bc93-6894a57f9324")
ONCE = Guard(KEY)

type Call = Callable[[Office, Receipt, Guard], Any]


def follow_up(office: Office, receipt: Receipt, guard: Guard = ONCE, text: str = "And?") -> Any:
    return customers.follow_up(
        receipt.ticket_id,
        receipt.token,
        text,
        guard=guard,
        tickets=office.tickets,
        intake=office.intake,
        escalations=office.escalations,
        texts=office.desk_texts,
        now=office.clock(),
    )


def rate(office: Office, receipt: Receipt, guard: Guard = ONCE) -> Any:
    return customers.rate(
        receipt.ticket_id,
        receipt.token,
        helpful=False,
        comment="No.",
        guard=guard,
        tickets=office.tickets,
        escalations=office.escalations,
        texts=office.desk_texts,
        now=office.clock(),
    )


def withdraw(office: Office, receipt: Receipt, guard: Guard = ONCE) -> Any:
    return customers.withdraw(
        receipt.ticket_id,
        receipt.token,
        guard=guard,
        tickets=office.tickets,
        now=office.clock(),
    )


def renew(office: Office, receipt: Receipt, guard: Guard = ONCE) -> Any:
    return customers.renew_token(
        receipt.ticket_id,
        receipt.token,
        guard=guard,
        tickets=office.tickets,
        terms=office.terms,
        now=office.clock(),
    )


def erase(office: Office, receipt: Receipt, guard: Guard = ONCE) -> Any:
    return erasure.erase(
        receipt.ticket_id, receipt.token, guard=guard, tickets=office.tickets, clock=office.clock
    )


MOVES: dict[str, Call] = {
    "follow up": follow_up,
    "rate": rate,
    "withdraw": withdraw,
    "renew": renew,
}
WRITES = MOVES | {"erase": erase}


def answered(office: Office) -> Receipt:
    receipt = office.submit(KNOWN)
    office.work_off()
    return receipt


def told(found: Any) -> Any:
    return (found.id, found.state, found.version) if hasattr(found, "version") else found


@pytest.mark.parametrize("write", WRITES)
def test_a_client_that_got_no_answer_sends_its_request_again(write: str) -> None:
    """The process dies before or after any call of any port, and the request comes again."""
    for after in (False, True):
        for at in count(1):
            office, fuse = Office.open(), Fuse(at, after=after)
            receipt = answered(office)
            with suppress(Crash):
                WRITES[write](office.guarded_by(fuse), receipt, ONCE)
            first = WRITES[write](office, receipt, ONCE)

            assert told(WRITES[write](office, receipt, ONCE)) == told(first)
            if write == "erase":
                assert office.tickets.erased(receipt.ticket_id)
            else:
                assert len(office.tickets.events(receipt.ticket_id)) == 3
            if not fuse.blown:
                assert at > 2
                break


@pytest.mark.parametrize("write", MOVES)
def test_without_a_key_each_request_is_a_request(write: str) -> None:
    office = Office.open()
    receipt = answered(office)
    first = MOVES[write](office, receipt, Guard())

    assert office.ticket(receipt.ticket_id).version == 3
    if write == "follow up":
        assert MOVES[write](office, receipt, Guard()).version == first.version + 1
        return
    with pytest.raises((IllegalMoveError, NotFoundError)):
        MOVES[write](office, receipt, Guard())


def test_a_repeated_move_sends_no_second_message() -> None:
    office = Office.open()
    receipt = answered(office)
    for _ in range(3):
        follow_up(office, receipt)

    assert office.intake.ticket_ids == [receipt.ticket_id]


def test_what_is_repeated_says_so_and_what_stood_then() -> None:
    office = Office.open()
    receipt = answered(office)
    first = follow_up(office, receipt)
    office.work_off()
    again = follow_up(office, receipt)

    assert (first.state, first.version, first.repeated) == (State.RECEIVED, 3, False)
    assert (again.state, again.version, again.repeated) == (State.RECEIVED, 3, True)


def test_the_same_key_with_another_request_is_refused() -> None:
    office = Office.open()
    receipt = answered(office)
    follow_up(office, receipt)
    for other in (
        lambda: follow_up(office, receipt, text="Other."),
        lambda: rate(office, receipt),
        lambda: withdraw(office, receipt),
        lambda: renew(office, receipt),
    ):
        with pytest.raises(IdempotencyConflictError, match="used with another request"):
            other()


@pytest.mark.parametrize("write", MOVES)
def test_a_key_is_remembered_for_a_day(write: str) -> None:
    office = Office.open()
    receipt = answered(office)
    first = MOVES[write](office, receipt, ONCE)
    office.clock.advance(timedelta(hours=24))
    assert told(MOVES[write](office, receipt, ONCE)) == told(first)

    office.clock.advance(timedelta(seconds=1))
    if write == "follow up":
        assert MOVES[write](office, receipt, ONCE).version == 4
        return
    with pytest.raises((IllegalMoveError, NotFoundError)):
        MOVES[write](office, receipt, ONCE)


def test_a_token_that_was_exchanged_or_revoked_since_is_not_given_out() -> None:
    office = Office.open()
    receipt = answered(office)
    fresh = renew(office, receipt)
    assert renew(office, receipt) == fresh
    office.at_work().revoke_token(receipt.ticket_id)

    with pytest.raises(NotFoundError):
        renew(office, receipt)


def test_another_key_seals_another_token() -> None:
    """What is stored of two exchanges with one key has no pad in common."""
    one, other = (KEY.within("1" * 16, token).seal("A" * 43) for token in ("old", "older"))

    assert one != other
    assert KEY.within("1" * 16).id != KEY.within("2" * 16).id
    assert KEY.within("a", "b").id != KEY.within("ab").id


@pytest.mark.parametrize("write", WRITES)
def test_a_move_is_made_on_the_version_it_is_meant_for(write: str) -> None:
    office = Office.open()
    receipt = answered(office)
    with pytest.raises(PreconditionError):
        WRITES[write](office, receipt, Guard(allows=lambda version: version == 1))
    assert office.ticket(receipt.ticket_id).version == 2

    WRITES[write](office, receipt, Guard(allows=lambda version: version == 2))
    found = office.tickets.get(receipt.ticket_id)
    assert found is None or found.version == 3


@pytest.mark.parametrize("write", WRITES)
def test_a_stranger_is_told_nothing_of_versions_and_keys(write: str) -> None:
    office = Office.open()
    receipt = answered(office)
    stranger = Receipt(receipt.ticket_id, "another token")
    WRITES[write](office, receipt, ONCE)

    for guard in (ONCE, Guard(allows=lambda _: False), Guard()):
        with pytest.raises(NotFoundError):
            WRITES[write](office, stranger, guard)
