"""What becomes of a file: announced, arrived, read, erased, given out. Pure.

Every decision is a function from what is known to the file as it is then. A file that does not
change is returned as it was, so that nothing is written twice.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from helpdesk.files.model import (
    GIVEN_UP,
    LARGEST,
    MOST_FILES,
    MOST_TEXT,
    Announcement,
    Attachment,
    ErasedFileError,
    NotReadyError,
    Reading,
    RefusedError,
    State,
    Stored,
    TooManyFilesError,
    Verdict,
)
from helpdesk.files.naming import clean_name
from helpdesk.ticket import Ticket
from helpdesk.unread import Why


def announced(
    wanted: Announcement,
    there: Collection[Attachment],
    *,
    ticket: Ticket,
    now: datetime,
    life: timedelta,
) -> tuple[Attachment, Attachment | None]:
    """Return the file that is expected, and the one whose number it gets, if that never came.

    `there` are the ticket's files, `life` is that of the link. Raises TooManyFilesError.
    """
    number = max((each.number for each in there), default=0) + 1
    before = None
    if number > MOST_FILES:
        before = next((each for each in _by_number(there) if _never_came(each, now)), None)
        if before is None:
            raise TooManyFilesError(f"the ticket has {MOST_FILES} files; it may have no more")
        number = before.number
    expected = Attachment(
        ticket_id=ticket.id,
        number=number,
        version=before.version + 1 if before else 1,
        name=clean_name(wanted.name),
        media_type=wanted.media_type,
        size=wanted.size,
        state=State.EXPECTED,
        announced_at=now,
        upload_until=now + life,
        expires_at=ticket.expires_at,
    )
    return expected, before


def announced_again(known: Attachment, *, now: datetime, life: timedelta) -> Attachment:
    """Return a file whose announcement came again: while it is expected, its link lives on.

    A link with half of its life left is not renewed.
    """
    if known.state is not State.EXPECTED or known.upload_until - now > life / 2:
        return known
    return _changed(known, upload_until=now + life)


def _by_number(files: Iterable[Attachment]) -> list[Attachment]:
    return sorted(files, key=lambda each: each.number)


def _never_came(file: Attachment, now: datetime) -> bool:
    return file.state is State.EXPECTED and now >= file.upload_until + GIVEN_UP


def arrived(
    known: Attachment, stored: Stored, verdict: Verdict | None, *, scanned: bool
) -> Attachment:
    """Return a file that is there: being checked, refused or, if it was read before, as it was.

    With `scanned`, only what the scanner found clean goes on; `verdict` is None while there is
    none. One that is being checked is read next, unless it waits for the scanner (`waits`).
    """
    if why := _refused_for(stored, verdict, scanned=scanned):
        if (known.state, known.etag, known.why) == (State.REFUSED, stored.etag, why):
            return known
        return _changed(
            known,
            state=State.REFUSED,
            why=why,
            size=stored.size,
            etag=stored.etag,
            **_UNREAD,
        )
    if known.etag == stored.etag and known.state in {State.READY, State.CHECKED}:
        return known
    return _changed(
        known, state=State.CHECKED, why=None, size=stored.size, etag=stored.etag, **_UNREAD
    )


_UNREAD: dict[str, Any] = {"kind": None, "named": None, "pages": None, "cut": False}
"""What is known only of a file that was read."""


def waits(verdict: Verdict | None, *, scanned: bool) -> bool:
    """Tell whether a file waits for the scanner, which tells of its verdict by itself."""
    return scanned and verdict is None


def _refused_for(stored: Stored, verdict: Verdict | None, *, scanned: bool) -> Why | None:
    if stored.size > LARGEST:
        return Why.TOO_LARGE
    if stored.size == 0:
        return Why.EMPTY
    if not scanned or verdict in {None, Verdict.CLEAN}:
        return None
    return Why.MALWARE if verdict is Verdict.MALWARE else Why.NOT_SCANNED


def was_read(known: Attachment, reading: Reading) -> tuple[Attachment, str]:
    """Return a file that was read, and its text as far as it is kept.

    A file without text is ready too: a person can open what the desk cannot read.
    """
    text = reading.text[:MOST_TEXT]
    ready = _changed(
        known,
        state=State.READY,
        why=reading.why,
        kind=reading.kind,
        named=reading.named,
        pages=reading.pages,
        cut=reading.cut or len(text) < len(reading.text),
    )
    return ready, text


def lost(known: Attachment) -> Attachment:
    """Return a file whose content is gone; one that was only expected still is."""
    if known.state in {State.EXPECTED, State.ERASED}:
        return known
    return _changed(known, state=State.ERASED, why=None, etag=None, **_UNREAD)


def check_released(file: Attachment, stored: Stored | None = None) -> None:
    """Raise what keeps a file from being given out.

    `stored` is what is there now: a content that was not read yet is not given out either. Raises
    NotReadyError, RefusedError or ErasedFileError.
    """
    match file.state:
        case State.EXPECTED:
            raise NotReadyError("the file has not arrived yet")
        case State.CHECKED:
            raise NotReadyError("the file is being checked; try again in a moment")
        case State.REFUSED:
            raise RefusedError(f"the file is not given out: {file.why.text if file.why else ''}")
        case State.ERASED:
            raise ErasedFileError("the file was erased")
    if stored and stored.etag != file.etag:
        raise NotReadyError("the file is being checked; try again in a moment")


def _changed(file: Attachment, **fields: Any) -> Attachment:
    return replace(file, **fields, version=file.version + 1)
