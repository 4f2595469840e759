"""Which mail no machine may answer."""

from typing import Any

import pytest
from helpdesk.mail import (
    A_SENDER_A_DAY,
    A_TICKET,
    Address,
    Sign,
    Silence,
    Standing,
    is_own,
    may_answer,
    normalised,
    read,
    silence,
)

from tests.mails import mail

ADA = Address("ada@example.com")
DESK = ("support@shop.example", "help@shop.example")


@pytest.mark.parametrize(
    ("header", "sign"),
    [
        ("Return-Path: <>", Sign.NULL_RETURN_PATH),
        ("Return-Path: < >", Sign.NULL_RETURN_PATH),
        ("Auto-Submitted: auto-replied", Sign.AUTO_SUBMITTED),
        ("AUTO-SUBMITTED: Auto-Generated; x=y", Sign.AUTO_SUBMITTED),
        ("Precedence: bulk", Sign.PRECEDENCE),
        ("Precedence: LIST", Sign.PRECEDENCE),
        ("Precedence: junk", Sign.PRECEDENCE),
        ("Precedence: auto_reply", Sign.PRECEDENCE),
        ("List-Id: <a.example>", Sign.LIST),
        ("List-Unsubscribe: <mailto:a@example.com>", Sign.LIST),
        ("X-Auto-Response-Suppress: All", Sign.SUPPRESSED),
        ("X-Auto-Response-Suppress: RN, oof", Sign.SUPPRESSED),
        ("X-Auto-Response-Suppress: DR", Sign.SUPPRESSED),
        ("X-Auto-Response-Suppress: AutoReply", Sign.SUPPRESSED),
        ("X-Autoreply: yes", Sign.AUTO_REPLY),
        ("X-Autorespond: Re: x", Sign.AUTO_REPLY),
        ("Content-Type: multipart/report; report-type=x", Sign.REPORT),
    ],
)
def test_a_header_is_a_sign(header: str, sign: Sign) -> None:
    found = read(mail(header.encode(), body=b"x")).automatic

    assert found
    assert found.sign is sign


@pytest.mark.parametrize(
    "header",
    [
        "Return-Path: <ada@example.com>",
        "Auto-Submitted: no",
        "Precedence: normal",
        "X-Auto-Response-Suppress: RN",
        "X-Priority: 1",
        "Content-Type: multipart/mixed",
        "Content-Type: text/plain",
    ],
)
def test_other_headers_are_none(header: str) -> None:
    assert read(mail(header.encode(), body=b"x")).automatic is None


@pytest.mark.parametrize(
    "local",
    "mailer-daemon MAILER-DAEMON postmaster no-reply noreply no_reply do-not-reply donotreply "
    "bounce bounces bounce-123 bounce+ada".split(),
)
def test_a_robot_wrote(local: str) -> None:
    found = read(b"From: <" + local.encode() + b"@example.com>\r\n\r\nx").automatic

    assert found
    assert found.sign is Sign.ROBOT


@pytest.mark.parametrize("local", ["ada", "bouncer", "noreen", "reply", "post.master2"])
def test_a_person_wrote(local: str) -> None:
    assert read(b"From: <" + local.encode() + b"@example.com>\r\n\r\nx").automatic is None


@pytest.mark.parametrize("address", ["help@shop.example", "Support+x.y@Shop.example"])
def test_the_desk_does_not_answer_itself(address: str) -> None:
    found = read(b"From: " + address.encode() + b"\r\n\r\nx", mailboxes=DESK).automatic

    assert found
    assert found.sign is Sign.OURS
    assert is_own(normalised(address) or "", DESK)
    assert not is_own("helper@shop.example", DESK)


def test_only_some_signs_say_that_a_machine_wrote() -> None:
    """People write to lists, and some servers ask of every mail that absence notes be kept back."""
    absent = read(mail(b"Auto-Submitted: auto-replied")).automatic
    asked = read(mail(b"X-Auto-Response-Suppress: All")).automatic

    assert absent
    assert absent.by_machine
    assert asked
    assert not asked.by_machine


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, None),
        ({"sender": None}, Silence.NO_SENDER),
        ({"standing": Standing.SPAM}, Silence.SPAM),
        ({"standing": Standing.INFECTED}, Silence.INFECTED),
        ({"standing": Standing.UNPROVEN}, Silence.UNPROVEN),
        ({"standing": Standing.UNPROVEN, "personal": False}, None),
        ({"found": read(mail(b"X-Autoreply: 1")).automatic}, Silence.AUTOMATIC),
        ({"on_ticket": A_TICKET}, Silence.TICKET_HAS_ONE),
        ({"to_sender_today": A_SENDER_A_DAY - 1}, None),
        ({"to_sender_today": A_SENDER_A_DAY}, Silence.SENDER_HAS_SEVERAL),
    ],
)
def test_why_the_desk_is_silent(changed: dict[str, Any], expected: Silence | None) -> None:
    counted = {"on_ticket": 0, "to_sender_today": 0}
    given = {"found": None, "standing": Standing.PROVEN, "sender": ADA, **counted, **changed}

    assert silence(**given) == expected
    assert may_answer(**given) is (expected is None)
