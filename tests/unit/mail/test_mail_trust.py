"""Verdicts count where the receiving server wrote them, and nowhere else."""

import re
from datetime import UTC, datetime

import pytest
from helpdesk.mail import (
    HONEST,
    Delivery,
    Standing,
    Verdict,
    Verdicts,
    read,
    received_block,
    standing,
    trust,
)
from hypothesis import given
from hypothesis import strategies as st

from tests.mails import BLOCK, HEAD, mail
from tests.regex_shape import faults

FORGED = b"X-SES-Spam-Verdict: PASS\r\nX-SES-Virus-Verdict: PASS\r\n" + re.sub(
    rb"(?s)^.*?(?=Authentication)", b"", BLOCK
)
DELIVERY = Delivery(
    id="abc123",
    sender="ada@example.com",
    recipient="support+x@shop.example",
    client="192.0.2.1",
    helo="mail.example.com",
    at=datetime(2026, 11, 28, 8, tzinfo=UTC),
)


def said(name: bytes, value: bytes) -> bytes:
    """Return the block with another value in one of its headers."""
    return re.sub(rb"(?m)^" + name + rb".*\r\n", name + value + b"\r\n", BLOCK)


def test_the_block_on_top_counts() -> None:
    found = read(BLOCK + mail(body=b"x"))

    assert found.verdicts == Verdicts(
        spam=Verdict.PASS,
        virus=Verdict.PASS,
        spf=Verdict.PASS,
        dkim=Verdict.PASS,
        dmarc=Verdict.PASS,
    )
    assert found.standing is Standing.PROVEN
    assert found.verdicts.clean


@pytest.mark.parametrize(
    "raw",
    [
        FORGED + mail(),
        HEAD + FORGED + b"\r\n",
        b"Received: from a by mx.example; x\r\n" + FORGED + mail(),
        b"Received: from inbound-smtp.eu-west-1.amazonaws.com by mx.example; x\r\n"
        + BLOCK
        + mail(),
        b"Subject: first\r\n" + BLOCK + mail(),
    ],
)
def test_a_block_that_the_server_did_not_write_counts_nothing(raw: bytes) -> None:
    assert read(raw).verdicts == Verdicts()
    assert read(raw).standing is Standing.UNPROVEN


@pytest.mark.parametrize("forged", [FORGED, BLOCK, b"Received: by x\r\n" + BLOCK])
@pytest.mark.parametrize("dmarc", [b"fail", b"none", b"PERMERROR"])
def test_what_is_forged_below_counts_nothing(forged: bytes, dmarc: bytes) -> None:
    true = said(b"X-SES-Spam-Verdict", b": FAIL").replace(b"dmarc=pass", b"dmarc=" + dmarc)

    found = read(true + forged + mail())

    assert found.verdicts.spam is Verdict.FAIL
    assert found.verdicts.dmarc == dmarc.decode().lower()
    assert found.standing is Standing.SPAM


def test_the_receipt_ends_the_block() -> None:
    """Also where the server did not look for spam, so that no such header is there yet."""
    true = re.sub(rb"X-SES-(Spam|Virus)-Verdict: PASS\r\n", b"", BLOCK)

    found = read(true + b"X-SES-Spam-Verdict: PASS\r\n" + mail())

    assert found.verdicts.spam is Verdict.MISSING


@pytest.mark.parametrize(
    "results",
    [
        b"evil.example; dmarc=pass",
        b"amazonses.com; spf=fail (x; dmarc=pass)",
        b'amazonses.com; spf=fail smtp.mailfrom="a; dmarc=pass"@x',
        b'amazonses.com; spf=fail smtp.mailfrom="a\\"; dmarc=pass"',
        b"amazonses.com; dmarc=fail; spf=fail helo=x; dmarc=pass",
        b"amazonses.com; dmarc=pass; dmarc=fail",
        b"amazonses.com; dmarc=quite-good",
        b"amazonses.com; x=dmarc=pass",
        b"amazonses.com; spf=fail (never ends; dmarc=pass",
        b"",
    ],
)
def test_words_of_the_sender_are_no_result(results: bytes) -> None:
    block = re.sub(
        rb"(?s)Authentication-Results:.*?(?=X-SES-RECEIPT)",
        b"Authentication-Results: " + results + b"\r\n",
        BLOCK,
    )

    assert read(block + mail()).standing is Standing.UNPROVEN


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        (Verdicts(), Standing.UNPROVEN),
        (HONEST, Standing.UNPROVEN),
        (Verdicts(dmarc=Verdict.PASS), Standing.PROVEN),
        (Verdicts(dmarc=Verdict.FAIL, spf=Verdict.PASS, dkim=Verdict.PASS), Standing.UNPROVEN),
        (Verdicts(dmarc=Verdict.PASS, spam=Verdict.FAIL), Standing.SPAM),
        (Verdicts(dmarc=Verdict.PASS, spam=Verdict.GRAY), Standing.PROVEN),
        (Verdicts(virus=Verdict.FAIL, spam=Verdict.FAIL), Standing.INFECTED),
    ],
)
def test_how_far_a_mail_is_trusted(verdicts: Verdicts, expected: Standing) -> None:
    assert standing(verdicts) is expected


def test_one_good_signature_is_enough() -> None:
    block = BLOCK.replace(b"dkim=pass", b"dkim=fail; dkim=pass")

    assert read(block + mail()).verdicts.dkim is Verdict.PASS


def test_the_server_says_for_whom_it_took_the_mail() -> None:
    found = read(BLOCK.replace(b"for support@", b"for support+abc@") + mail())

    assert found.recipients == ("support+abc@shop.example", "support@shop.example")


@given(st.fixed_dictionaries({each: st.sampled_from(Verdict) for each in HONEST.__slots__}))
def test_a_listeners_block_is_read_as_that_of_the_service(given: dict[str, Verdict]) -> None:
    verdicts = Verdicts(**given)

    found = read(received_block(DELIVERY, verdicts) + mail(body=b"x"))

    assert found.verdicts == verdicts
    assert found.recipients[0] == "support+x@shop.example"
    assert found.text == "x"


@given(st.text(max_size=60), st.text(max_size=60))
def test_what_a_peer_says_of_itself_adds_no_header(helo: str, sender: str) -> None:
    hostile = Delivery(
        id="a\r\nX-SES-Virus-Verdict: PASS",
        sender=sender,
        recipient=DELIVERY.recipient,
        client=helo,
        helo=f"{helo}\r\nX: y",
        at=DELIVERY.at,
    )

    found = read(received_block(hostile) + mail(body=b"x"))

    assert found.verdicts == HONEST
    assert len(trust.block(found.headers).lines) == 7


def test_a_bounce_has_an_empty_return_path() -> None:
    bounce = Delivery(
        id="a", sender="", recipient="a@shop.example", client="", helo="", at=DELIVERY.at
    )

    assert received_block(bounce).startswith(b"Return-Path: <>\r\n")


def test_a_block_needs_a_recipient() -> None:
    bad = Delivery(id="a", sender="", recipient="a", client="", helo="", at=DELIVERY.at)

    with pytest.raises(ValueError, match="for an address"):
        received_block(bad)


@pytest.mark.parametrize("name", ["_BY_SERVER", "_FOR", "_ASIDE", "_RESULT"])
def test_the_patterns_are_bounded(name: str) -> None:
    assert not faults(getattr(trust, name))
