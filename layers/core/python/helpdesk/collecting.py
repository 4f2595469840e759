"""The use case of a desk without a mail service: take the new mails of a folder, each once. Pure.

A place says how far a folder was taken. A mail is stored first, and then the place moves on, on the
condition that it is still the one that was read. If a run dies in between, the mail is stored a
second time; its object is named by its bytes, so it is the same object, which is taken once.

If the server numbers its mails in a new way (another UIDVALIDITY), the place starts again at the
day of the last mail that was taken, and the mails of that day are the same objects again.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Protocol

from helpdesk import mail
from helpdesk.ports import ConflictError

LARGEST = 40_000_000
"""Bytes of a mail that is taken, as of the mail service."""

MOST = 50
"""Mails of one run."""

WITHIN = timedelta(seconds=50)
"""No mail is begun later in a run."""

MARGIN = timedelta(days=1)
"""A server compares days in its own time zone."""


class Trouble(StrEnum):
    """Why a folder could not be read to its end."""

    NO_PASSWORD = "no_password"  # noqa: S105 -- no password
    UNREACHABLE = "unreachable"
    LOGIN = "login"
    FOLDER = "folder"
    CLOSED = "closed"
    ANSWER = "answer"


class MailboxError(Exception):
    """A folder cannot be read now; `detail` is a code of the server or the kind of the error."""

    def __init__(self, trouble: Trouble, detail: str = "") -> None:
        super().__init__(f"{trouble} {detail}".strip())
        self.trouble, self.detail = trouble, detail


@dataclass(frozen=True, slots=True)
class Place:
    """How far a folder was taken: the last number, within one numbering of the server's.

    `since` is the day of the newest mail that was taken. Of the mails that were there when the
    numbering was first seen, numbers less than `below`, only those of that day and later count.
    """

    validity: int
    uid: int
    since: date
    below: int = 0


@dataclass(frozen=True, slots=True)
class Weight:
    """How large a mail is, in bytes, and when it came, if the server says it."""

    size: int
    came: datetime | None


class Folder(Protocol):
    """A folder of a mail server that is open. Every method raises MailboxError."""

    @property
    def validity(self) -> int:
        """Which numbering the numbers of the mails belong to (UIDVALIDITY)."""

    @property
    def uid_next(self) -> int:
        """A number that is greater than those of all mails when the folder was opened."""

    def numbers(self, least: int, below: int | None, since: date | None) -> Collection[int]:
        """Return the numbers of mails from `least` on, `below` one and of a day or later."""

    def weigh(self, uid: int) -> Weight | None:
        """Return what is known of a mail before it is fetched; None if it is gone."""

    def fetch(self, uid: int) -> bytes | None:
        """Return a mail, which stays as unread as it was; None if it is gone."""


class Places(Protocol):
    """How far one folder was taken."""

    def get(self) -> Place | None:
        """Return the place, if the folder was ever looked at."""

    def move(self, before: Place | None, after: Place) -> None:
        """Keep a place in the stead of the one before. Raises ConflictError if that has moved."""


@dataclass(slots=True)
class Collected:
    """What a run did, for the log: mails taken and left, and whether another run was faster."""

    fetched: int = 0
    too_large: int = 0
    restarted: bool = False
    overtaken: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """For which address the mails are, on which host they were, and whose results are believed.

    `authority` is the name of the server in its `Authentication-Results`; without one, no sender is
    proven.
    """

    mailbox: str
    host: str
    authority: str = ""


def begun(place: Place | None, validity: int, uid_next: int, today: date) -> Place:
    """Return where to go on: at a place or, in a new numbering, at its day, or at today."""
    if place and place.validity == validity:
        return place
    return Place(validity, 0, place.since if place else today, below=uid_next)


def wanted(place: Place, folder: Folder) -> list[int]:
    """Return the numbers of the mails that are to be taken, in their order.

    Raises MailboxError. Servers answer a range whose end is open with their last mail at least, so
    what is not in the range is left out.
    """
    least = place.uid + 1
    found: set[int] = set()
    if least < place.below:
        since = place.since - MARGIN
        old = folder.numbers(least, place.below, since)
        found |= {uid for uid in old if least <= uid < place.below}
    newest = max(least, place.below)
    return sorted(found | {uid for uid in folder.numbers(newest, None, None) if uid >= newest})


def passed(place: Place, uid: int, came: date | None, today: date) -> Place:
    """Return the place behind a mail. A server's wrong clock moves it into no later day."""
    if came is None or uid < place.below:
        return replace(place, uid=uid)
    return replace(place, uid=uid, since=max(place.since, min(came, today)))


def name_of(raw: bytes) -> str:
    """Return the name of a mail's object: the same mail has the same, in each numbering."""
    return f"imap-{sha256(raw).hexdigest()}"


def collect(
    folder: Folder,
    *,
    places: Places,
    store: Callable[[str, bytes], object],
    rules: Rules,
    left: Callable[[int, int], None],
    clock: Callable[[], datetime],
    done: Collected,
) -> None:
    """Take the new mails of a folder, as many as a run may, and note in `done` what was done.

    `store` keeps bytes under a name; `left` is told the number and the size of a mail that is too
    large. Another run at the same time ends this one. Raises MailboxError; what was taken until
    then stays taken.
    """
    began = clock()
    try:
        place = _begin(folder, places, began.date(), done)
        for uid in wanted(place, folder)[:MOST]:
            if clock() - began >= WITHIN:
                return
            weight = folder.weigh(uid)
            size = _take(uid, weight, folder, store, rules=rules, now=began) if weight else 0
            if size > LARGEST:
                left(uid, size)
            came = weight.came.date() if weight and weight.came else None
            after = passed(place, uid, came, clock().date())
            places.move(place, after)
            place = after
            done.fetched += 0 < size <= LARGEST
            done.too_large += size > LARGEST
    except ConflictError:
        done.overtaken = True


def _begin(folder: Folder, places: Places, today: date, done: Collected) -> Place:
    place = places.get()
    here = begun(place, folder.validity, folder.uid_next, today)
    if here != place:
        places.move(place, here)
        done.restarted = place is not None
    return here


def _take(
    uid: int,
    weight: Weight,
    folder: Folder,
    store: Callable[[str, bytes], object],
    *,
    rules: Rules,
    now: datetime,
) -> int:
    """Store a mail, unless it is too large; return its size, or 0 if it is gone or empty.

    Raises MailboxError.
    """
    if weight.size > LARGEST:
        return weight.size
    raw = folder.fetch(uid)
    if raw is None:
        if folder.weigh(uid):  # it is there, and yet was not given
            raise MailboxError(Trouble.ANSWER, "FETCH")
        return 0
    if 0 < len(raw) <= LARGEST:
        name = name_of(raw)
        head = mail.fetched_block(
            raw,
            name=name,
            recipient=rules.mailbox,
            host=rules.host,
            at=weight.came or now,
            authority=rules.authority,
        )
        store(name, head + raw)
    return len(raw)
