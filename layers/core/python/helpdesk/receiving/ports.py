"""What taking mails needs from outside. Pure."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from helpdesk.mail import ThreadEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A mail in quarantine: `key` names the object that holds it, as long as that is kept."""

    key: str
    at: datetime
    expires_at: datetime
    sender: str | None = None
    subject: str = ""


class Threads(Protocol):
    """Which tickets earlier mails belong to."""

    def find(self, message_ids: Collection[str]) -> Mapping[str, ThreadEntry]:
        """Return what is kept under message ids, as far as there is something."""


class Mailbox(Protocol):
    """What became of the objects that mails came in."""

    def taken(self, key: str) -> bool:
        """Tell whether the mail in an object was taken, with a ticket's change or into quarantine.

        It is still known when the ticket was erased.
        """

    def placed(self, key: str) -> str | None:
        """Return the ticket that the mail in an object was taken into, if it was.

        It is still known when the ticket was erased.
        """

    def hold(self, held: Held) -> None:
        """Put a mail into quarantine. Raises ConflictError if it was taken before."""

    def held(self, day: date) -> Iterable[Held]:
        """Return the mails that came into quarantine on a day (UTC), newest first."""

    def held_as(self, key: str) -> Held | None:
        """Return a mail that is in quarantine."""
