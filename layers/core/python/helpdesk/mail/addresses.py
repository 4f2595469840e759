"""Addresses in headers: who exactly wrote, and which addresses are the desk's own. Pure.

A list of addresses is read in one pass. Names are decoded only after the list is taken apart, so
that an encoded comma or bracket cannot make an address.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from helpdesk import characters
from helpdesk.mime.headers import LONGEST, decoded, line

MOST = 100
"""Addresses of one header that are read."""

LONGEST_ADDRESS, LONGEST_LOCAL, LONGEST_NAME = 254, 64, 100
"""Bytes of an address and of its part before the @, characters of a name."""

LONGEST_LEFT = 1_000
"""Characters of a name that are put together again at its commas."""

_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_TOKEN = re.compile(r'"(?:[^"\\]|\\[\s\S])*+(?:"|\\?\Z)|<[^>]*+>?|[(),;:]|\\[\s\S]?|[^"<(),;:\\]++')
_IN_COMMENT = re.compile(r"[()]|\\[\s\S]?|[^()\\]++")
_ESCAPED = re.compile(r"\\([\s\S])")
_FORBIDDEN = re.compile(r'[\s<>()\[\]\\,;:"@]')


@dataclass(frozen=True, slots=True)
class Address:
    """One address, normalised, with the name beside it."""

    address: str
    name: str = ""

    @property
    def domain(self) -> str:
        """What is after the @."""
        return self.address.rpartition("@")[2]


class NoSender(StrEnum):
    """Why a mail has no sender that can be relied on."""

    MISSING = "missing"
    INVALID = "invalid"
    SEVERAL = "several"


def normalised(text: str) -> str | None:
    """Return an address as it is compared: in small letters, the domain in ASCII; None if bad."""
    alike = unicodedata.normalize("NFC", unicodedata.normalize("NFD", text.strip()).casefold())
    local, at, domain = alike.rpartition("@")
    if not (at and local) or _FORBIDDEN.search(local) or characters.hides_something(alike):
        return None
    ascii_domain = _domain(domain)
    if ascii_domain is None or len(local.encode()) > LONGEST_LOCAL:
        return None
    whole = f"{local}@{ascii_domain}"
    return whole if len(whole.encode()) <= LONGEST_ADDRESS else None


def _domain(text: str) -> str | None:
    if len(text) > LONGEST_ADDRESS:
        return None
    try:
        domain = text if text.isascii() else text.encode("idna").decode()
    except UnicodeError:
        return None
    labels = domain.lower().removesuffix(".").split(".")
    sound = len(labels) > 1 and all(_LABEL.fullmatch(each) for each in labels)
    return ".".join(labels) if sound else None


@dataclass(slots=True)
class _Piece:
    """What stands between two commas. `bare` is outside of quotes and brackets."""

    bare: str = ""
    whole: str = ""
    angles: list[str] = field(default_factory=list)
    comment: str = ""

    @property
    def written(self) -> list[str]:
        """The addresses of the piece, as they are written."""
        said = [self.whole.strip()] if "@" in self.whole and not self.angles else []
        return [*said, *filter(None, map(str.strip, self.angles))]

    @property
    def claims(self) -> bool:
        """Whether the name itself is an unquoted address, and another one than that in brackets."""
        words = [normalised(each) for each in self.bare.split() if "@" in each]
        real = {normalised(each) for each in self.angles}
        return bool(self.angles) and any(each and each not in real for each in words)


def read_addresses(values: Iterable[str]) -> tuple[Address, ...]:
    """Return the sound addresses of headers, each once."""
    found: dict[str, Address] = {}
    for piece, name in _pieces(values):
        for written in piece.written:
            if (address := normalised(written)) and len(found) < MOST:
                found.setdefault(address, Address(address, name))
    return tuple(found.values())


def sender(values: Collection[str]) -> Address | NoSender:
    """Return the one address of the From headers, or why there is none.

    What proves a sender proves one domain, so there may be one address only.
    """
    pieces = list(_pieces(values))
    written = [(each, name) for piece, name in pieces for each in piece.written]
    if not written:
        said = any(piece.whole.strip() for piece, _ in pieces)
        return NoSender.INVALID if said else NoSender.MISSING
    sound = {normalised(each) for each, _ in written}
    doubtful = len(values) > 1 or len(pieces) > MOST or any(piece.claims for piece, _ in pieces)
    if len(sound) > 1 or doubtful:
        return NoSender.SEVERAL
    address = normalised(written[0][0])
    return Address(address, written[0][1]) if address else NoSender.INVALID


def is_own(address: str, mailboxes: Collection[str]) -> bool:
    """Tell whether an address is one of the desk's mailboxes, with or without a plus part."""
    local, _, domain = address.rpartition("@")
    plain = f"{local.partition('+')[0]}@{domain}"
    return any(each in {address, plain} for each in map(normalised, mailboxes) if each)


def _pieces(values: Iterable[str]) -> list[tuple[_Piece, str]]:
    """Return the pieces that may be addresses, with their names.

    A piece without any @ is the first half of a name with a comma that should be in quotes.
    """
    found: list[tuple[_Piece, str]] = []
    for value in values:
        left = ""
        for piece in _split(value[:LONGEST]):
            said = piece.whole if piece.angles or "@" not in piece.whole else piece.comment
            name = f"{left}, {said}"[:LONGEST_LEFT] if left and said.strip() else left or said
            if piece.written or piece.angles:
                found.append((piece, line(decoded(name), LONGEST_NAME)))
                left = ""
            else:
                left = name.strip()
        if left:
            found.append((_Piece(whole=left), ""))
    return found


def _split(value: str) -> list[_Piece]:
    """Take a list of addresses apart, with its quotes, brackets and comments, in one pass."""
    pieces = [_Piece()]
    at = 0
    while found := _TOKEN.match(value, at):
        said, at = found[0], found.end()
        if said == "(":
            comment, at = _comment(value, at)
            pieces[-1].comment += comment
        elif said in {",", ";"}:
            pieces.append(_Piece())
        elif said == ":":  # what came before is the name of a group
            pieces[-1] = _Piece()
        elif said.startswith("<"):
            pieces[-1].angles.append(said.strip("<>"))
        elif said.startswith('"'):
            pieces[-1].whole += _ESCAPED.sub(r"\1", said.removesuffix('"')[1:])
        else:
            pieces[-1].bare += said
            pieces[-1].whole += said
    return pieces


def _comment(value: str, at: int) -> tuple[str, int]:
    """Return what a comment says that was just opened, and where it ends."""
    words: list[str] = []
    depth = 1
    while depth and (found := _IN_COMMENT.match(value, at)):
        at = found.end()
        depth += {"(": 1, ")": -1}.get(found[0], 0)
        words.append(" " if found[0] in {"(", ")"} else found[0])
    return "".join(words), at
