"""What sending mails needs from outside. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from helpdesk.outbox.outbound import Correspondence, Outbound


class RefusedError(Exception):
    """The mail will never be taken; the message says why, without anything of the mail."""


class UnavailableError(Exception):
    """The mail could not be sent now; a later attempt may succeed."""


class Sender(Protocol):
    """Sends mails."""

    def send(self, data: bytes, *, return_path: str, to: str) -> str:
        """Hand over a mail and return its id, without brackets.

        Raises RefusedError or UnavailableError.
        """


@dataclass(frozen=True, slots=True)
class Overdue:
    """A mail that should have been sent by `due`; `nudges` counts its further queue messages."""

    mail: Outbound
    due: datetime
    nudges: int

    @property
    def id(self) -> str:
        """The id of the mail."""
        return self.mail.id


class Outbox(Protocol):
    """The mails that are to leave, and what is kept of the mails that came."""

    def mail(self, ticket_id: str, number: int) -> Outbound | None:
        """Return a mail; None if its ticket was erased."""

    def correspondence(self, ticket_id: str) -> Correspondence | None:
        """Return what is kept of a ticket's mails."""

    def begin(self, mail: Outbound, now: datetime) -> Outbound:
        """Count an attempt, and keep others off for its time. A failed mail waits again.

        Raises ConflictError if another courier has the mail or has ended it.
        """

    def take_place(self, mail: Outbound, known: Correspondence | None, now: datetime) -> str | None:
        """Count an automatic mail, once for all its attempts; return why it must not leave.

        Raises ConflictError if another mail was counted meanwhile.
        """

    def end(self, mail: Outbound) -> None:
        """Store how a mail ended. Raises ConflictError if it ended before, or is gone."""

    def suppress(self, address: str, now: datetime) -> None:
        """Let no further mail go to an address."""

    def overdue(self, now: datetime) -> Iterable[Overdue]:
        """Return the mails that should have been sent by now, the oldest first."""

    def oldest(self) -> datetime | None:
        """Return since when the first mail waits to leave; may be moments old."""

    def nudge(self, overdue: Overdue, now: datetime) -> None:
        """Count a nudge and put off the next one. Raises ConflictError if the mail moved on."""
