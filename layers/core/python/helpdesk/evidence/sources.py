"""Where passages come from beside articles: documents of the desk, and replies of its agents. Pure.

A document is kept as the pieces it was read into. A past reply is kept masked; it belongs to its
ticket and ends with it.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from helpdesk.evidence.model import Origin, Passage

_NAME = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
_WORDS_OF_A_NAME = {"article": 1, "document": 1, "reply": 2}


class InvalidDocumentError(ValueError):
    """A document that cannot be kept; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A sentence or row of a document. `title` says what it is about: the headings above it."""

    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A text of the desk that was imported, without its pieces.

    `version` counts the imports under this name, `pieces` what they were read into. `file` is what
    the file was called, and `digest` tells whether another import brings the same.
    """

    name: str
    title: str
    file: str
    digest: str
    pieces: int
    version: int
    at: datetime
    by: str

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise InvalidDocumentError(
                f"the name {self.name!r} of a document is not a snake_case name"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An agent's reply that a lead found good enough to be repeated, masked.

    `message` is its number in the ticket, `title` the title of the article it is about or its
    ticket's category. It expires with its ticket.
    """

    ticket_id: str
    message: int
    title: str
    text: str
    at: datetime
    by: str
    expires_at: datetime
    version: int = 1


@dataclass(frozen=True, slots=True)
class Place:
    """What the id of a passage says: where it is from, by name, and which one of it.

    `number` is None for the whole of an article or reply. The name of a reply is its ticket's id
    with the number of its message, such as `0123456789abcdef:3`.
    """

    origin: Origin
    name: str
    number: int | None

    @classmethod
    def of(cls, passage_id: str) -> "Place | None":
        """Return what an id says; None for what is no id of a passage from here."""
        first, *others = passage_id.split(":")
        if first not in _WORDS_OF_A_NAME:
            return None
        words = _WORDS_OF_A_NAME[first]
        name, rest = others[:words], others[words:]
        if len(name) < words or len(rest) > 1 or not all(map(str.isdecimal, rest)):
            return None
        return cls(Origin(first), ":".join(name), int(rest[0]) if rest else None)

    @property
    def source(self) -> str:
        """The id of the text that the passage is from."""
        return f"{self.origin}:{self.name}"


class PassageSource(Protocol):
    """The texts of passages as they are now."""

    def read(self, ids: Collection[str]) -> Mapping[str, Passage]:
        """Return passages by their ids, each with the text and version it has now.

        One that is gone, or that customers may not get now, is left out.
        """
