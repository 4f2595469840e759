"""What files need from outside: what is known of them, where they are, who reads them. Pure."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from helpdesk.cases import Recent
from helpdesk.files.model import Attachment, Reading, Stored, Verdict
from helpdesk.ports import Remembered, Tickets
from helpdesk.ticket import Change

type Reader = Callable[[bytes, str, str], Reading]
"""Reads a file: its content, its name, its declared media type. No file raises an exception."""


@dataclass(frozen=True, slots=True)
class Form:
    """How a customer sends one file: a form for `url` with these fields; the file comes last."""

    url: str
    fields: dict[str, str]
    expires_at: datetime


class Files(Protocol):
    """The files of tickets, as they can be looked at."""

    def of(self, ticket_id: str) -> tuple[Attachment, ...]:
        """Return a ticket's files in the order of their numbers."""

    def text(self, ticket_id: str, number: int) -> str:
        """Return the text that was found in a file; empty if there is none."""


class Register(Files, Protocol):
    """The truth about every file."""

    def get(self, ticket_id: str, number: int) -> Attachment | None:
        """Return a file, or None if there is none of that number."""

    def add(self, file: Attachment, *, instead_of: Attachment | None = None) -> None:
        """Store a file that is expected, in the place of one that never came if that is given.

        Raises ConflictError if the number is taken meanwhile, or the ticket is gone.
        """

    def change(self, before: Attachment, after: Attachment, *, text: str | None = None) -> None:
        """Store what became of a file; with `text`, that is its text from now on.

        Raises ConflictError if the file changed meanwhile, or is gone.
        """


@dataclass(frozen=True, slots=True)
class Expected:
    """A file that is announced, and the one that never came and whose number it gets, if any."""

    file: Attachment
    instead_of: Attachment | None = None


class Announcing(Tickets, Protocol):
    """The tickets, whose changes may bring files."""

    def commit(
        self,
        change: Change,
        remembered: Remembered | None = None,
        *,
        also: Change | None = None,
        recent: Recent | None = None,
        expected: Collection[Expected] = (),
    ) -> None:
        """Store a change as `Tickets` does, with what is known of files that are expected with it.

        Raises ConflictError also if the number of such a file is taken.
        """


class Shelf(Protocol):
    """Where the desk itself puts files that came another way than by a link."""

    def store(self, file: Attachment, content: bytes) -> None:
        """Keep the content of a file that was announced. Twice is as once."""


class Links(Protocol):
    """Gives out links to the files: each for one file, for a short time."""

    def form(self, file: Attachment, *, now: datetime) -> Form:
        """Return how the file may be sent until its link ends: of its type, no larger than said."""

    def link(self, file: Attachment, *, life: timedelta) -> str:
        """Return where a browser can save the file for a time."""

    def look(self, ticket_id: str, number: int) -> Stored | None:
        """Return what is stored of a file, or None if there is nothing."""


class Vault(Protocol):
    """Where the files themselves are kept."""

    def look(self, ticket_id: str, number: int) -> Stored | None:
        """Return what is stored of a file, or None if there is nothing."""

    def verdict(self, ticket_id: str, number: int) -> Verdict | None:
        """Return what the scanner for malware said of a file; None while it has said nothing."""

    def read(self, ticket_id: str, number: int, stored: Stored) -> bytes:
        """Return the content that was looked at. Raises ConflictError if there is another now."""

    def discard(self, ticket_id: str, number: int) -> None:
        """Delete a file, with every version of it, if there is one."""


class NoFiles:
    """Nothing: for a desk that knows of no files."""

    def of(self, ticket_id: str) -> tuple[Attachment, ...]:  # noqa: ARG002
        """Return no file."""
        return ()

    def text(self, ticket_id: str, number: int) -> str:  # noqa: ARG002
        """Return no text."""
        return ""


NO_FILES = NoFiles()
