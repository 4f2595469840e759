"""Files that come with a mail: announced with it, and kept as soon as they are announced. Pure.

They are announced in the very step that stores the mail's message, each under its place in the
mail. So a mail that comes twice announces nothing twice, and of a mail that was cut short the
announcements say which contents are still to be kept.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import PurePosixPath

from helpdesk.files import deciding
from helpdesk.files.model import (
    ENDINGS,
    LARGEST,
    TYPES,
    Announcement,
    Attachment,
    State,
    TooManyFilesError,
    WrongFileError,
)
from helpdesk.files.naming import clean_name
from helpdesk.files.ports import Expected, Files, Shelf
from helpdesk.ticket import Ticket
from helpdesk.unread import Why


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosure:
    """A file of a mail. `place` counts within the mail; `media_type` is what its sender says."""

    place: int
    name: str
    media_type: str
    size: int


@dataclass(frozen=True, slots=True)
class Enclosed:
    """What becomes of a mail's files: some are expected, of others a sentence says why not."""

    expected: tuple[Expected, ...] = ()
    left_out: tuple[str, ...] = ()


def enclosed(
    enclosures: Sequence[Enclosure],
    there: Collection[Attachment],
    *,
    mail: str,
    infected: bool,
    ticket: Ticket,
    now: datetime,
    life: timedelta,
) -> Enclosed:
    """Return what becomes of the files of the mail in the object `mail`.

    `there` are the ticket's files; `life` is how long the mail is kept, from which a file can be
    taken. The files of a mail that is `infected` are refused: their contents are never kept.
    """
    known, expected, left_out = list(there), [], []
    for each in enclosures:
        name = clean_name(each.name)
        try:
            wanted = Announcement(each.name, type_of(each.media_type, name), each.size)
            file, before = deciding.announced(wanted, known, ticket=ticket, now=now, life=life)
        except WrongFileError as error:
            left_out.append(f"{name} ({_reason(error, each.size)})")
            continue
        except TooManyFilesError as error:
            left_out.append(f"{name} ({error})")
            continue
        file = replace(file, key_id=mail, fingerprint=str(each.place))
        if infected:
            file = replace(file, state=State.REFUSED, why=Why.MALWARE)
        known = [other for other in known if other is not before] + [file]
        expected.append(Expected(file, before))
    return Enclosed(tuple(expected), tuple(left_out))


def _reason(error: WrongFileError, size: int) -> str:
    if error.field != "size":
        return "files of this kind are not taken"
    return f"it has more than {LARGEST} bytes" if size else "it is empty"


def type_of(declared: str, name: str) -> str:
    """Return the media type of a file: as declared or, if that is not taken, as its name ends.

    Many programs send every file as `application/octet-stream`.
    """
    if declared in TYPES:
        return declared
    return ENDINGS.get(PurePosixPath(name.lower()).suffix, declared)


def missing(ticket_id: str, files: Files, mail: str) -> tuple[Attachment, ...]:
    """Return the files of a mail that are announced and whose contents have not been seen yet."""
    return tuple(
        each
        for each in files.of(ticket_id)
        if each.key_id == mail and each.state is State.EXPECTED and each.fingerprint
    )


def keep(files: Collection[Attachment], contents: Mapping[int, bytes], shelf: Shelf) -> None:
    """Keep the contents of announced files of a mail, by their places in it. Twice is as once."""
    for each in files:
        place = int(each.fingerprint or 0)
        if each.state is State.EXPECTED and place in contents:
            shelf.store(each, contents[place])
