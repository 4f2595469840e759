"""The files of a mail on their way to its ticket: which are taken, and their contents. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from helpdesk import files
from helpdesk.files import Enclosed, Enclosure, Files, Shelf
from helpdesk.mail import Attachment, Mail, Standing
from helpdesk.receiving.telling import MOST_NAMED
from helpdesk.ticket import Ticket

SMALL_PICTURE = 6_000
"""Bytes of a picture within the text that is no more than a signature's: a logo, a line, a dot."""

HIDDEN = "the mail's head is broken, so it may not have been looked at for viruses"
"""Why a file is withheld that only the mending of the head shows."""


@dataclass(frozen=True, slots=True)
class Filing:
    """Where files go: `known` is what is known of those of tickets, `shelf` keeps contents.

    A file that is announced is expected for `life`: as long as its mail is kept.
    """

    known: Files
    shelf: Shelf
    life: timedelta

    def enclosed(self, read: Mail, key: str, ticket: Ticket, now: datetime) -> Enclosed:
        """Return what becomes of the files of the mail in the object `key` on its ticket."""
        found = _filed(read)
        ordered = sorted(found.items(), key=lambda each: each[1].inline)
        enclosures = [
            Enclosure(place=place, name=each.name, media_type=each.type, size=len(each.data))
            for place, each in ordered
        ]
        known = self.known.of(ticket.id) if found else ()
        enclosed = files.enclosed(
            enclosures,
            known,
            mail=key,
            infected=read.standing is Standing.INFECTED,
            ticket=ticket,
            now=now,
            life=self.life,
        )
        hidden = (f"{name} ({HIDDEN})" for name in read.withheld)
        return replace(enclosed, left_out=(*enclosed.left_out, *hidden))

    def keep(self, read: Mail, enclosed: Enclosed) -> None:
        """Keep the contents of what was announced with a mail."""
        announced = [each.file for each in enclosed.expected]
        files.keep(announced, _contents(read), self.shelf)

    def missing(self, ticket_id: str, key: str) -> tuple[files.Attachment, ...]:
        """Return the files of a mail whose contents may not have been kept."""
        return files.missing(ticket_id, self.known, key)

    def keep_missing(self, read: Mail, missing: tuple[files.Attachment, ...]) -> None:
        """Keep the contents of those files."""
        files.keep(missing, _contents(read), self.shelf)


def told_of(enclosed: Enclosed) -> list[str]:
    """Return what people should know of the files of a mail, in sentences."""
    told = []
    if names := [each.file.name for each in enclosed.expected]:
        told.append(f"It has {len(names)} file{'s' if len(names) > 1 else ''}: {_named(names)}.")
    if left := enclosed.left_out:
        told.append(f"Files not taken, which are only in the mail: {_named(left)}.")
    return told


def _named(names: list[str] | tuple[str, ...]) -> str:
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _filed(read: Mail) -> Mapping[int, Attachment]:
    """Return the files of a mail that belong to what it says, by their places in it."""
    every = enumerate(read.attachments, start=1)
    return {place: each for place, each in every if not _is_of_a_signature(each)}


def _contents(read: Mail) -> Mapping[int, bytes]:
    return {place: each.data for place, each in enumerate(read.attachments, start=1)}


def _is_of_a_signature(file: Attachment) -> bool:
    picture = file.embedded and file.inline and file.type.startswith("image/")
    return picture and len(file.data) < SMALL_PICTURE
