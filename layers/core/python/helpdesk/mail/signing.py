"""Signed addresses: a reply that comes to one belongs to its ticket, with whichever headers. Pure.

A reply address is the mailbox with a plus, the ticket's id and a signature:

    support+3f9k2m7q1x8z4c5v.abcdefghijklmnop@shop.example

The signature is the first 16 letters of base32 (80 bits) of the HMAC-SHA256 of the ticket's id. A
return path also has the number of the mail, so that a bounce tells which mail did not arrive. Both
are in small letters: mail servers may change the case.
"""

import hmac
import re
from base64 import b32encode
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256

from helpdesk.access import is_ticket_id
from helpdesk.mail.addresses import normalised

LETTERS = 16
"""Letters of a signature."""

LONGEST_MAILBOX = 24
"""Characters before the @ of a mailbox: with id, number and signature they stay below 64."""

MOST_MAILS = 9_999
"""The highest number of a mail within its ticket."""

MOST_LOOKED_AT = 200
"""Addresses of a mail among which a signed one is looked for."""

_REPLY = re.compile(r"([0-9a-z]{16})\.([a-z2-7]{16})")
_RETURN = re.compile(r"([0-9a-z]{16})\.([1-9][0-9]{0,3})\.([a-z2-7]{16})")


@dataclass(frozen=True, slots=True)
class Keys:
    """The key that addresses are signed with, and the one before it while it is exchanged."""

    present: str = field(repr=False)
    before: str = field(default="", repr=False)

    def signed(self, text: str, signature: str) -> bool:
        """Tell, in constant time, whether one of the keys made a signature."""
        made = [_signature(text, key) for key in (self.present, self.before) if key]
        return any([hmac.compare_digest(each, signature) for each in made])  # noqa: C419 -- all


@dataclass(frozen=True, slots=True)
class Returned:
    """Which mail came back: the ticket's, and its number there."""

    ticket_id: str
    number: int


def reply_address(mailbox: str, ticket_id: str, key: str) -> str:
    """Return the address at which replies for a ticket arrive. Raises ValueError."""
    _expect(ticket_id, key)
    return _plus(mailbox, f"{ticket_id}.{_signature(ticket_id, key)}")


def ticket_of(addresses: Iterable[str], mailbox: str, keys: Keys) -> str | None:
    """Return the ticket that the first rightly signed reply address names."""
    for part in _plus_parts(addresses, mailbox):
        found = _REPLY.fullmatch(part)
        if found and is_ticket_id(found[1]) and keys.signed(found[1], found[2]):
            return found[1]
    return None


def return_path(mailbox: str, ticket_id: str, number: int, key: str) -> str:
    """Return the address to which a mail of a ticket comes back. Raises ValueError."""
    _expect(ticket_id, key)
    if not 1 <= number <= MOST_MAILS:
        raise ValueError(f"a mail has a number from 1 to {MOST_MAILS}, not {number}")
    signature = _signature(_mail(ticket_id, number), key)
    return _plus(mailbox, f"{ticket_id}.{number}.{signature}")


def bounced(addresses: Iterable[str], mailbox: str, keys: Keys) -> Returned | None:
    """Return which mail the first rightly signed return path names."""
    for part in _plus_parts(addresses, mailbox):
        if not (found := _RETURN.fullmatch(part)) or not is_ticket_id(found[1]):
            continue
        number = int(found[2])
        if keys.signed(_mail(found[1], number), found[3]):
            return Returned(found[1], number)
    return None


def _mail(ticket_id: str, number: int) -> str:
    """Return what is signed of one mail; it is the id of no ticket."""
    return f"return:{ticket_id}:{number}"


def _signature(text: str, key: str) -> str:
    digest = hmac.new(key.encode(), text.encode(), sha256).digest()
    return b32encode(digest)[:LETTERS].decode().lower()


def _expect(ticket_id: str, key: str) -> None:
    if not is_ticket_id(ticket_id):
        raise ValueError("this is not the id of a ticket")
    if not key:
        raise ValueError("an address cannot be signed without a key")


def _plus(mailbox: str, part: str) -> str:
    local, domain = _mailbox(mailbox)
    return f"{local}+{part}@{domain}"


def _mailbox(mailbox: str) -> tuple[str, str]:
    local, _, domain = (normalised(mailbox) or "").rpartition("@")
    if not local or not local.isascii() or "+" in local or len(local) > LONGEST_MAILBOX:
        raise ValueError(
            f"{mailbox} cannot be the desk's mailbox: it must be an address with 1 to "
            f"{LONGEST_MAILBOX} characters of ASCII, and no plus, before the @"
        )
    return local, domain


def _plus_parts(addresses: Iterable[str], mailbox: str) -> Iterator[str]:
    """Yield what is after the plus in addresses of the mailbox."""
    ours, domain = _mailbox(mailbox)
    seen: Collection[str] = list(addresses)[:MOST_LOOKED_AT]
    for each in seen:
        local, _, at = (normalised(each) or "").rpartition("@")
        name, plus, part = local.partition("+")
        if plus and (name, at) == (ours, domain):
            yield part
