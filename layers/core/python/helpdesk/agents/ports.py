"""What agents need from outside, in addition to what every use case needs. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from helpdesk.belonging import CustomersTickets
from helpdesk.ports import Articles, Queue, Tickets
from helpdesk.stats import Happening
from helpdesk.ticket import Event, Listing, Ticket


class TicketLists(Tickets, CustomersTickets, Protocol):
    """The tickets, as people look for them."""

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
