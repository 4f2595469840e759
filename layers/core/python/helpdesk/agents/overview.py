"""What agents can look at. Looking changes nothing and is recorded nowhere."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from helpdesk import belonging, stats
from helpdesk.agents import composing, paging
from helpdesk.agents.composing import Suggestion
from helpdesk.agents.paging import COUNTED, Page, Watch
from helpdesk.agents.ports import RepliesAndArticles, TicketLists
from helpdesk.agents.query import Query
from helpdesk.belonging import Person
from helpdesk.drafting import Draft
from helpdesk.files import Files, Held, NoFiles, held
from helpdesk.ports import NotFoundError
from helpdesk.stats import Stats
from helpdesk.ticket import Conversation, Customer, Event, Ticket


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """Everything known about a ticket, for one screen.

    `person` holds the keys that belong to the ticket's customer, `others` are the customer's other
    tickets. A customer who is not verified has neither. `family` are the tickets that were merged
    into this one, `files` what the customer sent with it. `draft` waits for an agent's approval.
    """

    conversation: Conversation
    person: Person
    events: tuple[Event, ...]
    others: tuple[Ticket, ...]
    suggestions: tuple[Suggestion, ...]
    family: tuple[Conversation, ...] = ()
    files: tuple[Held, ...] = ()
    draft: Draft | None = None

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
    files: Files = field(default_factory=NoFiles)

    def page(
        self,
        query: Query,
        *,
        cursor: str | None = None,
        watch: Watch = paging.unwatched,
        count_to: int = COUNTED,
    ) -> Page:
        """Return a page of the tickets that match: the first one, or the one at a cursor.

        Open tickets come first due first, done ones newest first. Raises CursorError.
        """
        return paging.read(
            query, self.tickets, self.clock(), cursor=cursor, watch=watch, count_to=count_to
        )

    def find(self, query: Query) -> tuple[Ticket, ...]:
        """Return the tickets of the first page."""
        return self.page(query).tickets

    def show(self, ticket_id: str) -> Dossier:
        """Return everything known about a ticket. Raises NotFoundError."""
        conversation = self.tickets.conversation(ticket_id)
        if conversation is None:
            raise NotFoundError(f"no ticket {ticket_id}")
        person = self._person(conversation.ticket.customer)
        all_tickets = belonging.tickets_of(person, self.tickets)
        others = (each for each in all_tickets if each.id != ticket_id)
        family = map(self.tickets.conversation, sorted(conversation.ticket.merged))
        return Dossier(
            conversation=conversation,
            person=person,
            events=self.tickets.events(ticket_id),
            others=tuple(others),
            suggestions=tuple(composing.suggestions(conversation, self.articles, self.clock())),
            family=tuple(filter(None, family)),
            files=held(ticket_id, self.files),
            draft=self.open_draft(conversation.ticket),
        )

    def open_draft(self, found: Ticket) -> Draft | None:
        """Return the draft of a ticket that waits for an agent; None if there is none."""
        if not found.in_review or found.draft is None:
            return None
        return self.tickets.draft(found.id, found.draft.number)

    def _person(self, customer: Customer) -> Person:
        if customer.key is None or not customer.verified:
            return Person(())
        return belonging.person_of(customer.keys[0], self.tickets.bonds)

    def history(self, ticket_id: str) -> tuple[Event, ...]:
        """Return a ticket's events, oldest first. Raises NotFoundError."""
        if not (events := self.tickets.events(ticket_id)):
            raise NotFoundError(f"no ticket {ticket_id}")
        return events

    def stats(self, since: datetime, until: datetime) -> Stats:
        """Count what happened from `since` to before `until`."""
        return stats.count(self.tickets.happened(since, until), since, until)
