"""Who vouches for a customer: a server's API key, or a shop's signature. Pure.

A page in a browser cannot keep a secret: all its visitors have its API key. So a page cannot say
who its visitor is. The shop's server can. It signs the customer's reference, address and a moment
at which the signature ends, with a secret that it shares with the desk, and hands the signature to
the page.

What is signed is one text for each identity. Every part is preceded by its length in bytes, so
that two identities can never have the same text:

    helpdesk-identity-1
    <bytes of the reference>:<the reference>
    <bytes of the address>:<the address>
    <the moment it ends, in seconds since 1970>

Lines end with one line feed, the last one too. A missing reference or address has 0 bytes. The
signature is the HMAC-SHA256 of this text in UTF-8, written as 64 hexadecimal digits.
"""

import hmac
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256

LONGEST_LIFE = timedelta(hours=24)
"""How far ahead a signature may end. A person who copies it can use it until then."""


class UnvouchedError(Exception):
    """A request says of its customer what it may not say: `field`; the message says why."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who a signature is about, and when it ends, in seconds since 1970."""

    reference: str | None
    email: str | None
    expires: int

    @property
    def text(self) -> bytes:
        """What is signed."""
        parts = [part.encode() for part in (self.reference or "", self.email or "")]
        lines = [b"helpdesk-identity-1", *(b"%d:%b" % (len(part), part) for part in parts)]
        return b"".join(line + b"\n" for line in (*lines, b"%d" % self.expires))


@dataclass(frozen=True, slots=True)
class Secrets:
    """The secret that shops sign with, and the one before it while it is exchanged; "" is none."""

    present: str = field(repr=False)
    before: str = field(default="", repr=False)

    def signed(self, identity: Identity, signature: str) -> bool:
        """Tell, in constant time, whether a signature was made with one of the secrets."""
        made = [sign(identity, secret) for secret in (self.present, self.before) if secret]
        return any([hmac.compare_digest(each, signature) for each in made])  # noqa: C419 -- all


def sign(identity: Identity, secret: str) -> str:
    """Return the signature of an identity, in hexadecimal digits."""
    return hmac.new(secret.encode(), identity.text, sha256).hexdigest()


def verified(
    identity: Identity | None,
    signature: str,
    *,
    server: bool,
    names_tier: bool,
    secrets: Secrets,
    now: datetime,
) -> bool:
    """Tell whether a customer is known to be who the request says.

    `server` tells whether a server's API key asks, which may vouch without a signature. Raises
    UnvouchedError for a signature that does not hold, whichever key asks, and for a tier that a
    page names.
    """
    if names_tier and not server:
        raise UnvouchedError(
            "customer.tier",
            "This API key is for pages, and pages cannot say a customer's tier. Leave "
            "customer.tier out, or use a server's API key.",
        )
    if identity is None:
        return server
    _check(identity, signature, secrets, now)
    return True


def _check(identity: Identity, signature: str, secrets: Secrets, now: datetime) -> None:
    place = "customer.identity"
    if not secrets.present:
        raise UnvouchedError(
            place,
            "This desk does not accept signed identities: it has no secret to check them with. "
            "Leave customer.identity out.",
        )
    if not (identity.reference or identity.email):
        raise UnvouchedError(
            place, "An identity needs customer.reference, customer.email, or both."
        )
    if not secrets.signed(identity, signature):
        raise UnvouchedError(
            place,
            "The signature does not match customer.reference, customer.email and "
            "customer.identity.expires.",
        )
    ends = datetime.fromtimestamp(identity.expires, UTC)
    if ends <= now:
        raise UnvouchedError(place, "The signature has expired; let the shop sign a new one.")
    if ends > now + LONGEST_LIFE:
        hours = int(LONGEST_LIFE / timedelta(hours=1))
        raise UnvouchedError(place, f"A signature may end at most {hours} hours from now.")
