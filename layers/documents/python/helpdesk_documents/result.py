"""What reading a file gives: a text, or the reason why there is none."""

from dataclasses import dataclass
from enum import StrEnum

from helpdesk_documents.bounds import CHARACTERS, SCANNED_LETTERS
from helpdesk_documents.kinds import Kind


class Reason(StrEnum):
    """Why a file has no text; `text` is the sentence for agents."""

    ENCRYPTED = "encrypted"
    TOO_LARGE = "too_large"
    TOO_COSTLY = "too_costly"
    TOO_DEEP = "too_deep"
    NOT_READ = "not_read"
    UNREADABLE = "unreadable"
    NO_TEXT = "no_text"
    UNSURE = "unsure"
    DOCUMENT_TYPE = "document_type"
    NO_RECOGNITION = "no_recognition"

    @property
    def text(self) -> str:
        """The sentence that an agent reads."""
        return _TEXTS[self]


_TEXTS = {
    Reason.ENCRYPTED: "The file is protected with a password.",
    Reason.TOO_LARGE: "The file is larger than what is read.",
    Reason.TOO_COSTLY: "The file is too costly to read: it took too much time or memory.",
    Reason.TOO_DEEP: "The file has more parts inside one another than are read.",
    Reason.NOT_READ: "Files of this kind are not read.",
    Reason.UNREADABLE: "The file is damaged or is not what it says it is.",
    Reason.NO_TEXT: "No text was found in the file.",
    Reason.UNSURE: "The file is a picture whose text could not be recognised well enough.",
    Reason.DOCUMENT_TYPE: "The file has a document type definition, which may be an attack.",
    Reason.NO_RECOGNITION: "The text of pictures is not recognised here: the language is missing.",
}


@dataclass(frozen=True, slots=True)
class Extracted:
    """What was found in one file. Either `text` is empty or `reason` is None."""

    text: str
    kind: Kind
    reason: Reason | None = None
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

    def __init__(self, reason: Reason) -> None:
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
