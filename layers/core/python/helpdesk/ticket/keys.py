"""What a customer is known by: an address, the shop's reference, a name; and when two are equal.

Addresses and names are equal if they differ in nothing but case and Unicode form. References are
the shop's own ids, in which case may matter: they are equal if they differ in nothing but form. An
address with a plus is an address of its own.
"""

from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Self
from unicodedata import normalize

LONGEST = 960
"""Bytes of a value that fit into a table's key; of a longer one, a digest is the value."""


class Kind(StrEnum):
    """What a key is. Only addresses and references tell customers apart; names are shared."""

    EMAIL = "email"
    REFERENCE = "reference"
    NAME = "name"


@dataclass(frozen=True, slots=True, order=True)
class CustomerKey:
    """One thing that a customer is known by; `value` is in the form in which equal keys are equal.

    As text it is `email:ada@example.com`, and people may type it so.
    """

    kind: Kind
    value: str

    @classmethod
    def of(cls, kind: Kind, said: str) -> Self:
        """Return the key that was said, in whichever case and form."""
        if kind is Kind.REFERENCE:
            value = normalize("NFC", said.strip())
        else:
            alike = normalize("NFC", normalize("NFD", said).casefold())
            value = " ".join(alike.split())
        if len(whole := value.encode()) > LONGEST:
            value = f"sha256:{sha256(whole).hexdigest()}"
        return cls(kind, value)

    @classmethod
    def typed(cls, text: str) -> Self:
        """Return the key that a person typed.

        `email:`, `reference:` and `name:` say which kind it is. Without one of these, a text with
        an @ is an address, and any other a reference.
        """
        start, colon, rest = text.partition(":")
        if colon and start in set(Kind) and rest.strip():
            return cls.of(Kind(start), rest)
        return cls.of(Kind.EMAIL if "@" in text else Kind.REFERENCE, text)

    @classmethod
    def read(cls, stored: str) -> Self:
        """Return the key that is stored as this text."""
        kind, _, value = stored.partition("#")
        return cls(Kind(kind.lower()), value)

    @property
    def stored(self) -> str:
        """The key as tables have it."""
        return f"{self.kind.upper()}#{self.value}"

    @property
    def spellings(self) -> tuple[str, ...]:
        """How tables may have the key: as now, or as versions that kept the Unicode form did."""
        apart = f"{self.kind.upper()}#{normalize('NFD', self.value)}"
        return tuple(dict.fromkeys((self.stored, apart)))

    def __str__(self) -> str:
        return f"{self.kind}:{self.value}"
