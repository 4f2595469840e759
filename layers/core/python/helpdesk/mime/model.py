"""A file in a mail, and what of a mail could not be read. Pure."""

from dataclasses import dataclass
from enum import StrEnum


class FaultKind(StrEnum):
    """What could not be read, or was left out."""

    NO_SENDER = "no_sender"
    HEADER_CUT = "header_cut"
    HEADERS_CUT = "headers_cut"
    UNREADABLE = "unreadable"
    NOT_DIVIDED = "not_divided"
    TOO_DEEP = "too_deep"
    TOO_MANY_PARTS = "too_many_parts"
    TEXT_CUT = "text_cut"
    ENCRYPTED = "encrypted"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that could not be read; `detail` says which, for people."""

    kind: FaultKind
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file in a mail. `type` is what the sender declares; `inline` files show within the text.

    One that is `embedded` has a content id, by which the text shows it.
    """

    name: str
    type: str
    data: bytes
    inline: bool = False
    embedded: bool = False
