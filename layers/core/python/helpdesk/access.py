"""The customer's secret: only the holder of a ticket's token may see the ticket. Pure."""

import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Self

from helpdesk.ticket import Ticket

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_ID_LENGTH = 16
_TOKEN_BYTES = 32


def new_ticket_id() -> str:
    """Return 16 characters of 5 random bits each: easy to read out, too many (2^80) to guess."""
    return "".join(secrets.choice(ALPHABET) for _ in range(_ID_LENGTH))


def is_ticket_id(text: str) -> bool:
    """Tell whether `text` has the form of a ticket's id. Other texts need no look-up."""
    return len(text) == _ID_LENGTH and set(text) <= set(ALPHABET)


def new_token() -> str:
    """Return 256 random bits in URL-safe base64."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def token_hash(token: str) -> str:
    """Return what is stored of a token. The token is random, so a plain hash cannot be reversed."""
    return sha256(token.encode()).hexdigest()


def opens(token: str, ticket: Ticket, now: datetime) -> bool:
    """Tell, in constant time, whether `token` is the ticket's and has not expired."""
    matches = hmac.compare_digest(token_hash(token), ticket.token_hash)
    return matches and now < ticket.token_expires_at


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """A client's promise that requests with one `key` are one request.

    `scope` names the application, so that two applications cannot meet in one key.
    """

    scope: str
    key: str

    @property
    def id(self) -> str:
        """What is stored of the key."""
        return self._digest("id").hex()

    def within(self, *names: str) -> Self:
        """Return this key for requests about one thing only, for instance a ticket."""
        return replace(self, scope="\0".join((self.scope, *names)))

    def seal(self, token: str) -> str:
        """Return `token` so that only the holder of the key can read it again.

        The store keeps no readable token, yet a repeated request gets the first token again. The
        token's bits are combined with a one-time pad that is made from the key. The store does not
        have the key.
        """
        padded = f"{token}=="  # a token has no padding; the decoder ignores surplus padding
        return urlsafe_b64encode(self._pad(urlsafe_b64decode(padded))).decode()

    def unseal(self, sealed: str) -> str:
        """Return the token that `seal` was given."""
        return urlsafe_b64encode(self._pad(urlsafe_b64decode(sealed))).decode().rstrip("=")

    def _pad(self, data: bytes) -> bytes:
        return bytes(a ^ b for a, b in zip(data, self._digest("pad"), strict=True))

    def _digest(self, purpose: str) -> bytes:
        material = f"{purpose}\0{self.scope}".encode()
        return hmac.new(self.key.encode(), material, sha256).digest()
