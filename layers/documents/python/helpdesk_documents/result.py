"""What reading a file gives: a text, or the reason why there is none."""

from dataclasses import dataclass

from helpdesk.unread import Why

from helpdesk_documents.bounds import CHARACTERS, SCANNED_LETTERS
from helpdesk_documents.kinds import Kind


@dataclass(frozen=True, slots=True)
class Extracted:
    """What was found in one file. Either `text` is empty or `reason` is None."""

    text: str
    kind: Kind
    reason: Why | None = None
    pages: int | None = None
    """Pages, slides, sheets or frames that the file has, also those that were not read."""

    confidence: float | None = None
    """How sure the recognition of a picture's text is, from 0 to 100."""

    named: Kind | None = None
    """The kind that the file's name tells, if its content is of another."""

    cut: bool = False
    """Whether the file has more text than was read."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a reader returns: the text as it stands in the file."""

    text: str
    pages: int | None = None
    confidence: float | None = None
    cut: bool = False


def looks_scanned(text: str) -> bool:
    """Tell whether a PDF file has so little text that its pages must be pictures."""
    return sum(map(str.isalnum, text)) < SCANNED_LETTERS


class RefusedError(Exception):
    """A file is not read; `reason` says why."""

    def __init__(self, reason: Why) -> None:
        super().__init__(reason.text)
        self.reason = reason


class EnoughError(Exception):
    """A document has more than is read of it: what was gathered stands."""


class Gathered:
    """The text of a document while it is read. Raises EnoughError once there is enough."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._room = CHARACTERS

    def add(self, text: str) -> None:
        """Append a piece."""
        self._pieces.append(text[: self._room])
        self._room -= len(text)
        if self._room < 0:
            raise EnoughError

    @property
    def text(self) -> str:
        """Everything so far."""
        return "".join(self._pieces)
