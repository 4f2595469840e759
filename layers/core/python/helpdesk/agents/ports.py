"""What agents need from outside, in addition to what every use case needs. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Protocol

from helpdesk.belonging import CustomersTickets
from helpdesk.ports import Articles, Queue, Tickets
from helpdesk.stats import Happening
from helpdesk.ticket import Event, Listing, Ticket


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a list that is read in one order.

    It holds the tickets of one open state or, with a `day`, those that were done on that day.
    """

    listings: tuple[Listing, ...]
    day: date | None = None


type Positions = Mapping[str, str]
"""Where the reading of a part stands, in words of the store; empty at the beginning."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a list that was looked at, and the position after it.

    `ticket` is None if the ticket has moved to another list, or is gone.
    """

    ticket: Ticket | None
    after: Positions


class Exactness(StrEnum):
    """How a number is to be read."""

    EXACTLY = "exactly"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"


@dataclass(frozen=True, slots=True)
class Count:
    """A number of tickets, and how exact it is."""

    number: int
    exactness: Exactness = Exactness.EXACTLY


class TicketLists(Tickets, CustomersTickets, Protocol):
    """The tickets, as people look for them."""

    def entries(self, part: Part, after: Positions, wanted: int) -> Iterator[Entry]:
        """Yield the entries of a part from a position on. They may be some seconds old.

        The order is that of `listed`. `wanted` says how many the caller is likely to take. A ticket
        that does not move is yielded once, however often the reading is taken up again.
        """

    def count(self, part: Part, up_to: int) -> Count:
        """Count the tickets of a part; the number may be some seconds old.

        It is exact if there are fewer than `up_to` open tickets, otherwise at least what was
        counted. Done tickets are at most the number that is returned; if there are more than
        `up_to`, the store does not count further, and says at least 0.
        """

    def events(self, ticket_id: str) -> tuple[Event, ...]:
        """Return the ticket's history, oldest first."""

    def listed(self, listing: Listing, day: date | None = None) -> Iterable[Ticket]:
        """Return the tickets of a listing. The list may be some seconds old.

        Open tickets come in the order of their listing, done tickets of a day the newest first.
        """

    def happened(self, since: datetime, until: datetime) -> Iterable[Happening]:
        """Return every event from `since` to before `until`, oldest first; may be seconds old."""


@dataclass(frozen=True, slots=True)
class Received:
    """A message taken from a queue: which ticket to look at, and the receipt to settle it."""

    ticket_id: str
    receipt: str


class EscalationQueue(Queue, Protocol):
    """The queue agents work; its messages can be taken, put aside and settled.

    Every method may raise QueueUnavailableError.
    """

    def receive(self, hidden: timedelta) -> Received | None:
        """Take one message, hidden from others for a time."""

    def delete(self, receipt: str) -> None:
        """Settle a message. It is no error if the message is already gone."""

    def put_back(self, receipt: str) -> None:
        """Show a message to others at once. It is no error if the message is already gone."""

    def hide(self, receipt: str, hidden: timedelta) -> None:
        """Hide a message for a time from now. It is no error if the message is already gone."""


class RepliesAndArticles(Articles, Protocol):
    """What the desk can say, with the canned replies of agents."""

    def canned(self) -> Mapping[str, str]:
        """Return the canned replies by name."""
