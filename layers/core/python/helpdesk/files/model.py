"""What an attachment is: a file that belongs to a ticket, and how far the desk is with it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from helpdesk.unread import Why

MOST_FILES = 20
"""Files of one ticket."""

LARGEST = 20_000_000
"""Bytes of one file."""

LONGEST_LINK = timedelta(seconds=300)
"""How long a link to a file lives at most, whether the file goes up or down."""

GIVEN_UP = timedelta(hours=1)
"""How long after its link a file is still expected: an upload may begin late and be slow."""

MOST_TEXT = 100_000
"""Characters of a file's text that are kept."""

TYPES: Mapping[str, str] = {
    "application/pdf": "PDF",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "Word",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "Excel",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "PowerPoint",
    "application/vnd.oasis.opendocument.text": "OpenDocument",
    "application/msword": "Word",
    "application/vnd.ms-excel": "Excel",
    "application/rtf": "RTF",
    "text/csv": "CSV",
    "text/plain": "text",
    "text/html": "HTML",
    "message/rfc822": "mail",
    "image/png": "PNG",
    "image/jpeg": "JPEG",
    "image/gif": "GIF",
    "image/bmp": "BMP",
    "image/tiff": "TIFF",
    "image/webp": "WebP",
}
"""The media types that customers may send, and what people call them."""

_OFFICE = "application/vnd.openxmlformats-officedocument."
ENDINGS: Mapping[str, str] = {
    ".pdf": "application/pdf",
    ".docx": f"{_OFFICE}wordprocessingml.document",
    ".xlsx": f"{_OFFICE}spreadsheetml.sheet",
    ".pptx": f"{_OFFICE}presentationml.presentation",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".doc": "application/msword",
    ".xls": "application/vnd.ms-excel",
    ".rtf": "application/rtf",
    ".csv": "text/csv",
    ".txt": "text/plain",
    ".html": "text/html",
    ".htm": "text/html",
    ".eml": "message/rfc822",
    ".png": "image/png",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".gif": "image/gif",
    ".bmp": "image/bmp",
    ".tiff": "image/tiff",
    ".tif": "image/tiff",
    ".webp": "image/webp",
}
"""How the names of files of these types end."""


class State(StrEnum):
    """How far the desk is with a file. Only a `ready` one is given out."""

    EXPECTED = "expected"
    CHECKED = "being_checked"
    READY = "ready"
    REFUSED = "refused"
    ERASED = "erased"

    @property
    def is_pending(self) -> bool:
        """Whether more is going to be known of the file."""
        return self in {State.EXPECTED, State.CHECKED}


class TooManyFilesError(Exception):
    """The ticket has as many files as it may have; the message says how many those are."""


class NotReadyError(Exception):
    """The file cannot be given out yet; the message says why."""


class RefusedError(Exception):
    """The file is not given out at all; the message says why."""


class ErasedFileError(Exception):
    """The file was erased; the message says so."""


class WrongFileError(ValueError):
    """A file that may not be sent: `field` says what of it is wrong, the message what is allowed.

    `limit` is the number that it is about, if there is one.
    """

    def __init__(self, field: str, message: str, limit: int | None = None) -> None:
        super().__init__(message)
        self.field, self.limit = field, limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file of a ticket. `number` counts from 1 within the ticket; `name` is cleaned.

    `size` is what was announced until the file is there. `version` grows with every change.
    `expires_at` is the ticket's own end, `upload_until` that of the link with which the file may be
    sent. `etag` names the content that the state is about. `why` says why the file is refused, or
    why it has no text. `kind` is what its content is, `named` what its name says if that differs.
    `pages` counts all it has, and `cut` tells that it has more text than is kept. `key_id` and
    `fingerprint` belong to the request that announced it, if that had an idempotency key; of a file
    that came by mail they are the mail's object and the place of the file in the mail.
    """

    ticket_id: str
    number: int
    version: int
    name: str
    media_type: str
    size: int
    state: State
    announced_at: datetime
    upload_until: datetime
    expires_at: datetime
    etag: str | None = None
    why: Why | None = None
    kind: str | None = None
    named: str | None = None
    pages: int | None = None
    cut: bool = False
    key_id: str | None = None
    fingerprint: str | None = None

    def is_awaited(self, now: datetime) -> bool:
        """Tell whether more is going to be known of the file, as far as anyone can tell now."""
        return self.state is State.CHECKED or (
            self.state is State.EXPECTED and now < self.upload_until
        )


@dataclass(frozen=True, slots=True)
class Announcement:
    """What a customer says of a file before it is sent. Raises WrongFileError if it may not be."""

    name: str
    media_type: str
    size: int

    def __post_init__(self) -> None:
        if self.media_type not in TYPES:
            raise WrongFileError("media_type", f"one of {', '.join(TYPES)}")
        if not 1 <= self.size <= LARGEST:
            raise WrongFileError("size", f"1 to {LARGEST} bytes", LARGEST)


class Verdict(StrEnum):
    """What the scanner for malware says of a file, as its tag on the object does."""

    CLEAN = "NO_THREATS_FOUND"
    MALWARE = "THREATS_FOUND"
    UNSUPPORTED = "UNSUPPORTED"
    DENIED = "ACCESS_DENIED"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True)
class Stored:
    """What is stored of a file: its size in bytes, and the tag that names this very content."""

    size: int
    etag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What reading a file gave: a text, or the reason why there is none."""

    text: str
    kind: str
    why: Why | None = None
    named: str | None = None
    pages: int | None = None
    cut: bool = False
