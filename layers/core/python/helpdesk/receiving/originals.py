"""The mails of a ticket as they came, for agents who want to see one whole. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from helpdesk.ports import NotFoundError


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """A mail of a ticket: `key` names the object that holds it, as long as it is kept.

    `message` is the number of its message, None if it became a note.
    """

    key: str
    message: int | None
    sender: str | None
    subject: str


class Letters(Protocol):
    """What is kept of mails beside their tickets."""

    def originals(self, ticket_id: str) -> Iterable[Original]:
        """Yield the mails of a ticket, in any order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Originals:
    """The mails of tickets; `fetch` returns the object with a key, None if it is no longer kept.

    `there` tells whether there is such a ticket.
    """

    letters: Letters
    fetch: Callable[[str], bytes | None]
    there: Callable[[str], bool]

    def of(self, ticket_id: str) -> tuple[Original, ...]:
        """Return the mails of a ticket, those of its messages first, in their order.

        Raises NotFoundError if there is no such ticket.
        """
        found = list(self.letters.originals(ticket_id))
        if not found and not self.there(ticket_id):
            raise NotFoundError(f"no ticket {ticket_id}")
        return tuple(sorted(found, key=lambda each: (each.message or 10**9, each.key)))

    def read(self, ticket_id: str, number: int) -> tuple[Original, bytes]:
        """Return a mail of a ticket, counted from 1, and its bytes.

        Raises NotFoundError if there is no such mail, or it is no longer kept as it came.
        """
        found = self.of(ticket_id)
        if not 1 <= number <= len(found):
            raise NotFoundError(f"ticket {ticket_id} has no mail {number}")
        data = self.fetch(found[number - 1].key)
        if data is None:
            raise NotFoundError(
                f"mail {number} of ticket {ticket_id} is no longer kept as it came; "
                "what it says is on the ticket"
            )
        return found[number - 1], data
