"""What notifying needs from outside. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from helpdesk.notifying.content import Content
from helpdesk.notifying.notices import Channel, Notice


class RefusedError(Exception):
    """The channel will never take this; the message says why, without anything of the customer."""


class GoneError(Exception):
    """The receiver says that it is gone for good: the channel must be switched off."""


class LaterError(Exception):
    """The channel did not take it now. `after` is how long it asks to be left alone."""

    def __init__(self, why: str, after: timedelta | None = None) -> None:
        super().__init__(why)
        self.after = after


class Post(Protocol):
    """One channel that is on."""

    @property
    def place(self) -> str:
        """A digest that names the receiver, and changes with its address."""

    def post(self, content: Content, *, message_id: str, now: datetime) -> None:
        """Post a notification. Raises RefusedError, GoneError or LaterError."""


@dataclass(frozen=True, slots=True)
class Overdue:
    """A notice that should have left by `due`; `nudges` counts its further queue messages."""

    notice: Notice
    due: datetime
    nudges: int

    @property
    def id(self) -> str:
        """The id of the notice."""
        return self.notice.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What became of a channel's notices. `off_at` says since when its receiver is gone."""

    channel: Channel
    sent: int = 0
    failed: int = 0
    sent_at: datetime | None = None
    failed_at: datetime | None = None
    fault: str | None = None
    off_at: datetime | None = None
    place: str | None = None

    def is_off(self, place: str) -> bool:
        """Tell whether the receiver at a place said that it is gone. Another one may be there."""
        return self.off_at is not None and self.place == place


class Records(Protocol):
    """What became of each channel's notices."""

    def record(self, channel: Channel) -> Record:
        """Return a channel's record; an empty one if nothing was ever sent."""

    def switch_on(self, channel: Channel) -> None:
        """Forget that a channel's receiver is gone."""


class Notices(Records, Protocol):
    """The notices that are to leave."""

    def notice(self, notice_id: str) -> Notice | None:
        """Return a notice; None if its ticket was erased. Raises ValueError for no id of one."""

    def begin(self, notice: Notice, now: datetime) -> Notice:
        """Count an attempt, and keep others off for its time. A failed notice waits again.

        Raises ConflictError if another courier has the notice or has ended it.
        """

    def put_off(self, notice: Notice, until: datetime) -> None:
        """Let a notice wait for its next attempt. Raises ConflictError if it ended, or is gone."""

    def end(self, notice: Notice) -> None:
        """Store how a notice ended, and count it. Raises ConflictError if it ended, or is gone."""

    def fail(self, notice: Notice, now: datetime) -> None:
        """Store why a notice failed, and count it. Raises ConflictError if it ended, or is gone.

        Its dead letter can still be sent again.
        """

    def switch_off(self, channel: Channel, place: str, now: datetime) -> None:
        """Remember that the receiver of a channel is gone."""

    def overdue(self, now: datetime) -> Iterable[Overdue]:
        """Return the notices that should have left by now, the oldest first."""

    def oldest(self) -> datetime | None:
        """Return since when the first notice should be told, or when it is to be; may be old."""

    def nudge(self, overdue: Overdue, now: datetime) -> None:
        """Count a nudge and put off the next one. Raises ConflictError if the notice moved on."""
