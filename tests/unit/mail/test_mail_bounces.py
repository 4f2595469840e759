"""Mail that did not arrive, as a report by mail and as an event of the sending service."""

import json
from typing import Any

import pytest
from helpdesk.mail import (
    Bounce,
    BounceKind,
    Keys,
    of_event,
    of_mail,
    read,
    reply_address,
    return_path,
)
from hypothesis import given
from hypothesis import strategies as st

from tests.mails import part, parts

DESK = "support@shop.example"
ID = "3f9k2m7q1x8z4c5v"
KEYS = Keys("k")
PATH = return_path(DESK, ID, 2, "k")
REPLY = reply_address(DESK, ID, "k")

FIELDS = b"""Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; Ada@Example.com
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such user"""


def report(fields: bytes = FIELDS, *, to: str = DESK, quoted: str = "") -> bytes:
    inner = [part("text/plain", b"Sorry."), part("message/delivery-status", fields)]
    if quoted:
        inner.append(part("text/rfc822-headers", quoted.encode()))
    head = f"Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.example\r\nTo: {to}\r\n".encode()
    return head + parts("report; report-type=delivery-status", *inner)


def found(raw: bytes) -> tuple[Bounce, ...]:
    return of_mail(read(raw), DESK, KEYS)


def test_a_report_names_what_did_not_arrive() -> None:
    assert found(report(to=PATH, quoted="Message-ID: <a@x.example>\r\n")) == (
        Bounce(
            kind=BounceKind.PERMANENT,
            status="5.1.1",
            recipient="ada@example.com",
            ticket_id=ID,
            message_id="a@x.example",
        ),
    )


def test_the_mail_in_a_report_names_its_ticket() -> None:
    assert found(report(quoted=f"Reply-To: {REPLY}\r\n"))[0].ticket_id == ID
    forged = REPLY.replace(ID, "4" + ID[1:])
    assert found(report(quoted=f"Reply-To: {forged}\r\n"))[0].ticket_id is None
    assert found(report())[0].ticket_id is None


@pytest.mark.parametrize(
    ("fields", "kind", "status"),
    [
        (b"Action: failed\nStatus: 4.2.2", BounceKind.TRANSIENT, "4.2.2"),
        (b"Action: delayed\nStatus: 4.4.1 (slow)", BounceKind.TRANSIENT, "4.4.1"),
        (b"Action: Failed", BounceKind.PERMANENT, None),
        (b"Action: failed\nStatus: very bad", BounceKind.PERMANENT, None),
        (b"Action: failed\nStatus: 5.1.1.1", BounceKind.PERMANENT, None),
    ],
)
def test_how_it_ended(fields: bytes, kind: BounceKind, status: str | None) -> None:
    (bounce,) = found(report(fields))

    assert (bounce.kind, bounce.status) == (kind, status)


@pytest.mark.parametrize("action", [b"delivered", b"relayed", b"expanded"])
def test_what_arrived_is_no_bounce(action: bytes) -> None:
    assert found(report(b"Action: " + action)) == ()


def test_several_recipients() -> None:
    block = b"Final-Recipient: rfc822; a%d@example.com\nAction: failed\n\n"
    bounces = found(report(b"".join(block % number for number in range(80))))

    assert len(bounces) == 50
    assert bounces[1].recipient == "a1@example.com"


def test_a_report_without_its_fields_is_a_bounce_too() -> None:
    raw = b"From: a@mx.example\r\n" + parts(
        "report; report-type=delivery-status", part("text/plain", b"Sorry")
    )

    assert [each.kind for each in found(raw)] == [BounceKind.UNDETERMINED]


def test_an_old_server_is_known_by_where_it_writes_to() -> None:
    old = f"Return-Path: <>\r\nFrom: mailer-daemon@mx.example\r\nTo: {PATH}\r\n\r\nHi.".encode()

    assert [(each.kind, each.ticket_id) for each in found(old)] == [(BounceKind.UNDETERMINED, ID)]


@pytest.mark.parametrize(
    "head",
    [
        f"Return-Path: <>\r\nAuto-Submitted: auto-replied\r\nTo: {PATH}",
        f"From: ada@example.com\r\nTo: {PATH}",
        f"From: mailer-daemon@mx.example\r\nTo: {DESK}",
        f"From: ada@example.com\r\nTo: {REPLY}",
    ],
)
def test_other_mail_is_no_bounce(head: str) -> None:
    assert found(f"{head}\r\n\r\nI am away.".encode()) == ()


def event(**changed: Any) -> dict[str, Any]:
    return {
        "eventType": "Bounce",
        "bounce": {
            "bounceType": "Permanent",
            "bouncedRecipients": [
                {"emailAddress": "Ada@example.com", "status": "5.1.1", "action": "failed"}
            ],
        },
        "mail": {
            "messageId": "0102-abc",
            "source": DESK,
            "headers": [{"name": "Reply-To", "value": REPLY}],
        },
        **changed,
    }


def heard(said: object) -> tuple[Bounce, ...]:
    return of_event(said if isinstance(said, str) else json.dumps(said), DESK, KEYS)


BOUNCE = Bounce(
    kind=BounceKind.PERMANENT,
    status="5.1.1",
    recipient="ada@example.com",
    ticket_id=ID,
    message_id="0102-abc",
)


def test_an_event_names_what_did_not_arrive() -> None:
    older = {**event(), "notificationType": "Bounce"}
    del older["eventType"]

    assert heard(event()) == (BOUNCE,)
    assert heard(older) == (BOUNCE,)
    assert heard({"Type": "Notification", "Message": json.dumps(event())}) == (BOUNCE,)


def test_a_return_path_names_the_ticket_of_an_event() -> None:
    mail = {"messageId": "0102-abc", "source": PATH}

    assert heard(event(mail=mail)) == (BOUNCE,)
    assert heard(event(mail={"source": DESK}))[0].ticket_id is None


@pytest.mark.parametrize(
    ("said", "kind"),
    [("Transient", BounceKind.TRANSIENT), ("Undetermined", BounceKind.UNDETERMINED)],
)
def test_the_kinds_of_an_event(said: str, kind: BounceKind) -> None:
    bounce = {**event()["bounce"], "bounceType": said}

    assert heard(event(bounce=bounce))[0].kind is kind


def test_a_complaint() -> None:
    complaint = {"complainedRecipients": [{"emailAddress": "ada@example.com"}]}
    (bounce,) = heard(event(eventType="Complaint", complaint=complaint))

    assert bounce.kind is BounceKind.COMPLAINT
    assert bounce.recipient == "ada@example.com"
    assert bounce.ticket_id == ID


@pytest.mark.parametrize(
    "said",
    [
        "",
        "{",
        "[]",
        "[" * 100_000,
        {"eventType": "Delivery"},
        {"eventType": "Bounce"},
        {"eventType": "Bounce", "bounce": [], "mail": 1},
        {"eventType": "Bounce", "bounce": {"bouncedRecipients": {"a": 1}}},
        {"eventType": "Complaint", "complaint": {"complainedRecipients": ["a", None]}},
        {"Message": 3},
        {"Message": "no"},
        {"eventType": ["Bounce"]},
    ],
)
def test_any_other_event_names_nothing(said: object) -> None:
    assert heard(said) == ()


JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@given(st.sampled_from(["Bounce", "Complaint"]), JSON, JSON)
def test_any_event_is_read(kind: str, inner: object, mail: object) -> None:
    heard({"eventType": kind, "bounce": inner, "complaint": inner, "mail": mail})
    recipients = {"bouncedRecipients": [inner, {"emailAddress": inner, "status": mail}]}
    heard({"eventType": kind, "bounce": recipients, "mail": {"headers": [inner, {"name": mail}]}})


@given(st.binary(max_size=400))
def test_any_report_is_read(fields: bytes) -> None:
    found(report(fields))
