"""What a way of one's own writes on top of a mail, so that it looks as from the service. Pure.

One road serves all: the object that is stored is the block and then the mail, byte for byte.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime

from helpdesk.mail.addresses import normalised
from helpdesk.mail.trust import AUTHORITY, Verdict, Verdicts, said_by
from helpdesk.mime.headers import line
from helpdesk.mime.structure import head

REGION = "eu-west-1"
_LONGEST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What a listener knows of a mail: who sent it from where, for whom, and under which id.

    `sender` is the return path of the envelope: empty for a bounce, None if it is not known.
    """

    id: str
    sender: str | None
    recipient: str
    client: str
    helo: str
    at: datetime


HONEST = Verdicts(
    spam=Verdict.GRAY,
    virus=Verdict.GRAY,
    spf=Verdict.NONE,
    dkim=Verdict.NONE,
    dmarc=Verdict.NONE,
)
"""What a listener says that checks nothing."""


def received_block(delivery: Delivery, verdicts: Verdicts = HONEST, region: str = REGION) -> bytes:
    """Return the headers that the receiving service would write on top of a mail.

    A check that is `missing` writes no header. Raises ValueError if the recipient is no address.
    """
    if (recipient := normalised(delivery.recipient)) is None:
        raise ValueError("a mail is received for an address")
    helo, client = _word(delivery.helo), _word(delivery.client)
    server = f"inbound-smtp.{_word(region)}.amazonaws.com"
    came_from = delivery.sender
    lines = [
        *([] if came_from is None else [f"Return-Path: <{normalised(came_from) or ''}>"]),
        f"Received: from {helo} ({helo} [{client}])",
        f" by {server} with SMTP id {_word(delivery.id)}",
        f" for {recipient};",
        f" {format_datetime(delivery.at.astimezone(UTC))}",
        *_one("X-SES-Spam-Verdict", verdicts.spam.upper(), verdicts.spam),
        *_one("X-SES-Virus-Verdict", verdicts.virus.upper(), verdicts.virus),
        *_one("Received-SPF", f"{verdicts.spf} (spfCheck) client-ip={client};", verdicts.spf),
        f"Authentication-Results: {AUTHORITY};",
        *_one(" spf", verdicts.spf, verdicts.spf, "="),
        *_one(" dkim", verdicts.dkim, verdicts.dkim, "="),
        *_one(" dmarc", verdicts.dmarc, verdicts.dmarc, "="),
        f"X-SES-RECEIPT: {_word(delivery.id)}",
    ]
    return "".join(f"{each}\r\n" for each in lines).encode()


def fetched_block(
    raw: bytes, *, name: str, recipient: str, host: str, at: datetime, authority: str = ""
) -> bytes:
    """Return the headers to write on top of a mail that was fetched from a folder on `host`.

    They end what counts as the receiving service's, so nothing in the mail itself does. No check
    was made, unless `authority` names the server whose results in the mail are believed. Raises
    ValueError if the recipient is no address.
    """
    delivery = Delivery(id=name, sender=None, recipient=recipient, client=host, helo=host, at=at)
    found = said_by(head(raw), authority) if authority else HONEST
    return received_block(delivery, found)


def _one(name: str, said: str, verdict: Verdict, sign: str = ": ") -> list[str]:
    ends = ";" if sign == "=" else ""
    return [] if verdict is Verdict.MISSING else [f"{name}{sign}{said}{ends}"]


def _word(text: str) -> str:
    """Return what a peer said of itself as one word that closes no bracket."""
    word = "".join(c for c in line(text, _LONGEST) if c.isascii() and (c.isalnum() or c in "-_.:"))
    return word or "unknown"
