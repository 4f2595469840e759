"""What agents can look at. Looking changes nothing and is recorded nowhere."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from helpdesk import stats
from helpdesk.agents import composing, finding
from helpdesk.agents.composing import Suggestion
from helpdesk.agents.finding import Query
from helpdesk.agents.ports import RepliesAndArticles, TicketLists
from helpdesk.ports import NotFoundError
from helpdesk.stats import Stats
from helpdesk.ticket import Conversation, Event, Ticket


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """Everything known about a ticket, for one screen.

    `others` are its customer's other tickets, `family` those that were merged into it.
    """

    conversation: Conversation
    events: tuple[Event, ...]
    others: tuple[Ticket, ...]
    suggestions: tuple[Suggestion, ...]
    family: tuple[Conversation, ...] = ()

    @property
    def ticket(self) -> Ticket:
        """The ticket itself."""
        return self.conversation.ticket

    @property
    def notes(self) -> tuple[Event, ...]:
        """The events in which an agent left a note."""
        return tuple(event for event in self.events if event.note)


@dataclass(frozen=True, kw_only=True)
class Overview:
    """What agents can look at; the desk need not know which agent looks."""

    tickets: TicketLists
    articles: RepliesAndArticles
    clock: Callable[[], datetime]

    def find(self, query: Query) -> tuple[Ticket, ...]:
        """Return the tickets that match, open ones first due first, done ones newest first."""
        return tuple(finding.find(query, self.tickets, self.clock()))

    def show(self, ticket_id: str) -> Dossier:
        """Return everything known about a ticket. Raises NotFoundError."""
        conversation = self.tickets.conversation(ticket_id)
        if conversation is None:
            raise NotFoundError(f"no ticket {ticket_id}")
        customer = conversation.ticket.customer
        others = (each for each in self.tickets.of_customer(customer) if each.id != ticket_id)
        family = map(self.tickets.conversation, sorted(conversation.ticket.merged))
        return Dossier(
            conversation=conversation,
            events=self.tickets.events(ticket_id),
            others=tuple(others),
            suggestions=tuple(composing.suggestions(conversation, self.articles, self.clock())),
            family=tuple(filter(None, family)),
        )

    def history(self, ticket_id: str) -> tuple[Event, ...]:
        """Return a ticket's events, oldest first. Raises NotFoundError."""
        if not (events := self.tickets.events(ticket_id)):
            raise NotFoundError(f"no ticket {ticket_id}")
        return events

    def stats(self, since: datetime, until: datetime) -> Stats:
        """Count what happened from `since` to before `until`."""
        return stats.count(self.tickets.happened(since, until), since, until)
