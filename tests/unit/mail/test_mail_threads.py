"""To which ticket a mail belongs."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from helpdesk.mail import (
    Append,
    FoundTicket,
    Mail,
    NewTicket,
    Placing,
    PointsBack,
    ThreadEntry,
    Verdict,
    Verdicts,
    ids_of,
    place,
    read,
)

from tests.mails import BLOCK, mail

NOW = datetime(2026, 11, 28, 8, tzinfo=UTC)
PERIOD = timedelta(days=14)
ADA = frozenset({"ada@example.com"})
EVE = b"From: eve@example.org"
KNOWN = {"1@x": ThreadEntry("t1", ADA), "2@x": ThreadEntry("t2", ADA), "3@x": ThreadEntry("t3")}
TICKETS = {"t1": FoundTicket(ADA), "t2": FoundTicket(ADA), "t3": FoundTicket(frozenset({"b@x"}))}


def said(*lines: bytes, block: bytes = BLOCK) -> Mail:
    return read(block + mail(*lines, body=b"x"))


def placed(found: Mail, signed: str | None = None, closed: timedelta | None = None) -> Placing:
    closed_at = None if closed is None else NOW - closed
    tickets = {name: replace(each, closed_at=closed_at) for name, each in TICKETS.items()}
    return place(found, signed=signed, known=KNOWN, tickets=tickets, now=NOW, reopen_within=PERIOD)


def other(block: bytes = BLOCK, *lines: bytes) -> Mail:
    raw = block + b"\r\n".join([EVE, *lines, b"", b"x"])
    return read(raw)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ((b"In-Reply-To: <1@x>",), Append("t1")),
        ((b"In-Reply-To: 1@x",), Append("t1")),
        ((b"References: <1@x> <2@x>",), Append("t2")),
        ((b"References: <2@x>\r\n <1@x>",), Append("t1")),
        ((b"In-Reply-To: <1@x>", b"References: <2@x>"), Append("t1")),
        ((b"In-Reply-To: <9@x>", b"References: <2@x> <9@x>"), Append("t2")),
        ((b"In-Reply-To: <3@x>", b"References: <2@x>"), Append("t2")),
        ((b"In-Reply-To: <3@x>",), NewTicket()),
        ((b"In-Reply-To: <9@x>",), NewTicket()),
        ((b"Subject: Re: [t1] WG: Fwd: t1",), NewTicket()),
        ((), NewTicket()),
    ],
)
def test_the_ids_of_earlier_mails(lines: tuple[bytes, ...], expected: Placing) -> None:
    assert placed(said(*lines)) == expected


def test_a_signed_address_comes_first() -> None:
    assert placed(said(b"In-Reply-To: <1@x>"), signed="t2") == Append("t2")


def test_a_signed_address_needs_no_proof() -> None:
    assert placed(said(block=b""), signed="t1") == Append("t1")


def test_a_signed_address_from_another_sender() -> None:
    assert placed(other(), signed="t1") == Append("t1", as_other=True)


def test_a_sender_whose_domain_denies_the_mail_is_another() -> None:
    denied = BLOCK.replace(b"dmarc=pass", b"dmarc=fail")

    assert placed(said(block=denied), signed="t1") == Append("t1", as_other=True)


def test_a_signed_address_without_a_sender() -> None:
    assert placed(read(BLOCK + b"To: a@example.com\r\n\r\nx"), signed="t1") == Append(
        "t1", as_other=True
    )


@pytest.mark.parametrize("block", [b"", BLOCK.replace(b"dmarc=pass", b"dmarc=none")])
def test_ids_alone_do_not_place_a_sender_who_is_not_proven(block: bytes) -> None:
    assert placed(said(b"In-Reply-To: <1@x>", block=block)) == NewTicket()


def test_ids_do_not_place_another_sender() -> None:
    assert placed(other(BLOCK, b"In-Reply-To: <1@x>")) == NewTicket()


def test_spam_is_not_placed_by_ids() -> None:
    found = replace(
        said(b"In-Reply-To: <1@x>"), verdicts=Verdicts(dmarc=Verdict.PASS, spam=Verdict.FAIL)
    )

    assert placed(found) == NewTicket()


def test_a_ticket_that_is_gone_takes_no_mail() -> None:
    assert placed(said(), signed="gone") == NewTicket()
    assert placed(said(b"In-Reply-To: <1@x>"), signed="gone") == Append("t1")


@pytest.mark.parametrize(
    ("closed", "expected"),
    [
        (timedelta(), Append("t1", reopens=True)),
        (PERIOD, Append("t1", reopens=True)),
        (PERIOD + timedelta(seconds=1), PointsBack("t1")),
    ],
)
def test_a_closed_ticket(closed: timedelta, expected: Placing) -> None:
    assert placed(said(b"In-Reply-To: <1@x>"), closed=closed) == expected
    assert placed(said(), signed="t1", closed=closed) == expected


def test_another_sender_and_a_closed_ticket() -> None:
    assert placed(other(), "t1", PERIOD * 2) == PointsBack("t1", as_other=True)
    assert placed(other(), "t1", PERIOD) == Append("t1", as_other=True, reopens=True)


@pytest.mark.parametrize("days", [1, 100])
def test_an_absence_note_opens_nothing(days: int) -> None:
    absent = said(b"Auto-Submitted: auto-replied")

    assert placed(absent, "t1", timedelta(days=days)) == Append("t1")


def test_a_mail_to_a_list_opens_as_any_other() -> None:
    listed = said(b"X-Auto-Response-Suppress: All")

    assert placed(listed, "t1", PERIOD) == Append("t1", reopens=True)


def test_not_all_ids_are_looked_up() -> None:
    ids = b" ".join(b"<%d@x>" % number for number in range(90))
    found = ids_of(said(b"References: " + ids, b"In-Reply-To: <7@x>"))

    assert found[:3] == ("7@x", "89@x", "88@x")
    assert len(found) == len(set(found)) == 50
