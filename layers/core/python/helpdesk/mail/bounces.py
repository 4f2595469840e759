"""Mail of the desk that did not arrive, or that its reader calls spam. Pure.

It is told in two ways: as a mail with a report in it, and as an event of the sending service. Any
sender can write such a mail: only one that names a ticket by a signed address is known to be about
a mail of the desk.
"""

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from email.parser import BytesHeaderParser
from email.policy import Compat32
from enum import StrEnum
from typing import Any

from helpdesk.mail.addresses import normalised, read_addresses
from helpdesk.mail.loops import ROBOTS, Sign
from helpdesk.mail.model import Mail
from helpdesk.mail.signing import Keys, bounced, ticket_of
from helpdesk.mime.headers import Headers, message_ids
from helpdesk.mime.structure import FORWARDED

MOST = 50
"""Recipients that are read from one report."""

LONGEST_REPORT = 65_536
"""Bytes of a report that are read."""

COMPLAINT = "feedback-report"
"""The kind of a report by which a mail service passes on that its reader called a mail spam."""

_STATUS = "message/delivery-status"
_QUOTED = frozenset({FORWARDED, "text/rfc822-headers", "message/global", "message/global-headers"})


class BounceKind(StrEnum):
    """How it ended. After a complaint, no further mail may go to the address."""

    PERMANENT = "permanent"
    TRANSIENT = "transient"
    UNDETERMINED = "undetermined"
    COMPLAINT = "complaint"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounce:
    """One mail that did not arrive at one address, or was complained about.

    `status` is a code of RFC 3463 such as 5.1.1. `ticket_id` is known only from a signed address.
    `message_id` is without brackets, and in events as the service gave it. If it is not `final`,
    the servers go on trying.
    """

    kind: BounceKind
    status: str | None = None
    recipient: str | None = None
    ticket_id: str | None = None
    message_id: str | None = None
    final: bool = True


def of_mail(mail: Mail, mailbox: str, keys: Keys) -> tuple[Bounce, ...]:
    """Return what a mail says did not arrive; nothing if it is no such report."""
    returned = bounced(mail.recipients, mailbox, keys)
    original = _original(mail)
    ticket_id = returned.ticket_id if returned else _named(original, mailbox, keys)
    message_id = next(iter(message_ids(original.first("message-id"))), None)
    if mail.report == "delivery-status":
        return tuple(
            Bounce(
                kind=kind,
                status=status,
                recipient=recipient,
                ticket_id=ticket_id,
                message_id=message_id,
                final=final,
            )
            for kind, status, recipient, final in _failures(mail)
        )
    if mail.report == COMPLAINT:
        kind = BounceKind.COMPLAINT
        return (Bounce(kind=kind, ticket_id=ticket_id, message_id=message_id),)
    if returned and _from_a_server(mail):
        found = Bounce(kind=BounceKind.UNDETERMINED, ticket_id=ticket_id, message_id=message_id)
        return (found,)
    return ()


def of_event(body: str, mailbox: str, keys: Keys) -> tuple[Bounce, ...]:
    """Return what an event of the sending service says did not arrive; nothing for any other text.

    The event may be inside the notification that carried it.
    """
    event = _mapping(body)
    if "Message" in event and "mail" not in event:
        event = _mapping(event["Message"])
    said = event.get("eventType") or event.get("notificationType")
    mail = _part(event, "mail")
    if said == "Bounce":
        bounce = _part(event, "bounce")
        kind = _KINDS.get(str(bounce.get("bounceType")).lower(), BounceKind.UNDETERMINED)
        recipients = bounce.get("bouncedRecipients")
    elif said == "Complaint":
        kind, recipients = (
            BounceKind.COMPLAINT,
            _part(event, "complaint").get("complainedRecipients"),
        )
    else:
        return ()
    ticket_id = _ticket_of_event(mail, mailbox, keys)
    message_id = _short(mail.get("messageId"))
    return tuple(
        Bounce(
            kind=kind,
            status=_status(_short(each.get("status"))),
            recipient=normalised(_short(each.get("emailAddress")) or ""),
            ticket_id=ticket_id,
            message_id=message_id,
        )
        for each in _mappings(recipients)
    )


_KINDS = {"permanent": BounceKind.PERMANENT, "transient": BounceKind.TRANSIENT}


def _failures(mail: Mail) -> Iterable[tuple[BounceKind, str | None, str | None, bool]]:
    """Yield the recipients whom a report says the mail did not reach, and if that is final."""
    report = next((each.data for each in mail.attachments if each.type == _STATUS), b"")
    blocks = report[:LONGEST_REPORT].replace(b"\r\n", b"\n").split(b"\n\n")
    found = 0
    for each in blocks:
        fields = _headers(each)
        action = (fields.first("action") or "").strip().lower()
        if action in {"failed", "delayed"} and found < MOST:
            found += 1
            status = _status(fields.first("status"))
            lasting = action == "failed" and not (status or "").startswith("4")
            recipient = fields.first("original-recipient") or fields.first("final-recipient")
            yield (
                BounceKind.PERMANENT if lasting else BounceKind.TRANSIENT,
                status,
                normalised((recipient or "").partition(";")[2]),
                action == "failed",
            )
    if not found and not report:
        yield BounceKind.UNDETERMINED, None, None, True


def _status(said: str | None) -> str | None:
    """Return a code such as 5.1.1, without what is said beside it."""
    code = ((said or "").split() or [""])[0]
    numbers = code.split(".")
    sound = len(numbers) == 3 and all(
        each.isascii() and each.isdigit() and len(each) <= 3 for each in numbers
    )
    return code if sound else None


def _original(mail: Mail) -> Headers:
    """Return the headers of the mail that a report is about."""
    data = next((each.data for each in mail.attachments if each.type in _QUOTED), b"")
    return _headers(data[:LONGEST_REPORT])


def _headers(data: bytes) -> Headers:
    parsed = BytesHeaderParser(policy=_AsIs()).parsebytes(data.lstrip())
    return Headers.of(parsed.items())


class _AsIs(Compat32):
    def header_fetch_parse(self, name: str, value: str) -> str:  # noqa: ARG002
        return value


def _named(headers: Headers, mailbox: str, keys: Keys) -> str | None:
    """Return the ticket that the signed address in a mail of ours names."""
    said = [value for name in ("reply-to", "return-path", "from") for value in headers.all(name)]
    addresses = [each.address for each in read_addresses(said)]
    returned = bounced(addresses, mailbox, keys)
    return returned.ticket_id if returned else ticket_of(addresses, mailbox, keys)


def _from_a_server(mail: Mail) -> bool:
    """Tell whether a mail server wrote, and not a person's absence note."""
    if mail.headers.has("auto-submitted") and not any(
        value.lower().startswith("auto-generated") for value in mail.headers.all("auto-submitted")
    ):
        return False
    null = bool(mail.automatic and mail.automatic.sign is Sign.NULL_RETURN_PATH)
    local = mail.sender.address.partition("@")[0] if mail.sender else ""
    return null or local in ROBOTS


def _ticket_of_event(mail: Mapping[str, Any], mailbox: str, keys: Keys) -> str | None:
    lines = [
        (str(each.get("name")), str(each.get("value"))[:LONGEST_REPORT])
        for each in _mappings(mail.get("headers"))
    ]
    source = ("return-path", _short(mail.get("source")) or "")
    return _named(Headers.of([source, *lines]), mailbox, keys)


def _mapping(said: object) -> Mapping[str, Any]:
    if isinstance(said, str):
        with suppress(ValueError, RecursionError):
            said = json.loads(said)
    return said if isinstance(said, dict) else {}


def _part(event: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = event.get(name)
    return found if isinstance(found, dict) else {}


def _mappings(said: object) -> list[Mapping[str, Any]]:
    listed = said if isinstance(said, list) else []
    return [each for each in listed[:MOST] if isinstance(each, dict)]


def _short(said: object) -> str | None:
    return said[:320] if isinstance(said, str) else None
