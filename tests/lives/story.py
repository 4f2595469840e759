"""The checker: a model of a ticket's life that shares no code with the product."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from helpdesk.agents import LEASE
from helpdesk.ticket import CUSTOMER, Event, Message, Move, Source, State, Ticket

from tests.lives.promises import Promise, expect


class Debtor(StrEnum):
    """Who owes the next word."""

    DESK = "the desk"
    PEOPLE = "people at the desk"
    CUSTOMER = "the customer"
    NOBODY = "nobody"


OWED = {
    State.RECEIVED: Debtor.DESK,
    State.ASKED: Debtor.CUSTOMER,
    State.ESCALATED: Debtor.PEOPLE,
    State.ANSWERED: Debtor.NOBODY,
    State.CLOSED: Debtor.NOBODY,
}


class Story:
    """The model of a ticket's life: who owes the next word, and who holds it until when.

    It is written from the promises and shares no code with the product: it reads the names and
    times of the events and the sources of the messages, nothing else.
    """

    def __init__(self, messages: Sequence[Message]) -> None:
        self._messages = list(messages)
        self.owed: Debtor | None = None
        self.holder: str | None = None
        self.until: datetime | None = None
        self.asleep = False

    def follow(self, events: Sequence[Event]) -> None:
        """Follow a history to its end. Raises at the first move that may not be."""
        for event in events:
            getattr(self, f"_{event.move}")(event)
        expect(Promise.TWICE, not self._messages, f"said without a move: {self._messages}")

    def tells_of(self, ticket: Ticket, now: datetime) -> bool:
        """Tell whether a ticket is as the story goes."""
        held = ticket.held_by(now)
        holder = self.holder if self.until and now < self.until else None
        waits = self.owed is Debtor.PEOPLE
        return (
            OWED[ticket.state] is self.owed
            and (held.agent if held else None) == holder
            and (not waits or bool(ticket.snoozed_until) is self.asleep)
        )

    def _says(self, source: Source, event: Event) -> None:
        said = self._messages.pop(0) if self._messages else None
        right = said and said.source is source and said.at == event.at
        expect(Promise.UNEXPLAINED, right, f"{event.move} without its message: {said}")

    def _holds(self, event: Event) -> None:
        holds = self.holder == event.actor and self.until and event.at < self.until
        why = f"{event.actor} at {event.at}, held by {self.holder} until {self.until}: {event.move}"
        expect(Promise.NO_LEASE, holds, why)

    def _lets_go(self) -> None:
        self.holder = self.until = None

    def _ends(self) -> None:
        self._lets_go()
        self.owed, self.asleep = Debtor.NOBODY, False

    def _owes(self, event: Event, *debtors: Debtor) -> None:
        expect(Promise.TWICE, self.owed in debtors, f"{event.move} when {self.owed} owed a word")

    def _submitted(self, event: Event) -> None:
        self._says(Source.CUSTOMER, event)
        self.owed = Debtor.DESK

    def _followed_up(self, event: Event) -> None:
        self._says(Source.CUSTOMER, event)
        self.asleep = False
        if self.owed in {Debtor.NOBODY, Debtor.CUSTOMER}:
            state = event.changed.get("state")
            expect(Promise.LOST, state in {State.RECEIVED, State.ESCALATED}, event)
            self.owed = Debtor.DESK if state is State.RECEIVED else Debtor.PEOPLE

    def _answered(self, event: Event) -> None:
        self._owes(event, Debtor.DESK)
        self._says(Source.AUTOMATIC, event)
        self.owed = Debtor.NOBODY

    def _asked(self, event: Event) -> None:
        self._owes(event, Debtor.DESK)
        self._says(Source.AUTOMATIC, event)
        self.owed = Debtor.CUSTOMER

    def _escalated(self, event: Event) -> None:
        self._owes(event, Debtor.DESK, Debtor.CUSTOMER)
        if self._messages and self._messages[0].source is Source.AUTOMATIC:
            self._says(Source.AUTOMATIC, event)
        self.owed = Debtor.PEOPLE

    def _claimed(self, event: Event) -> None:
        self._owes(event, Debtor.PEOPLE)
        free = self.until is None or event.at >= self.until or self.holder == event.actor
        expect(Promise.NO_LEASE, free, f"{event.actor} claimed what {self.holder} holds")
        self.holder, self.until = event.actor, event.at + LEASE
        self.asleep = False

    def _extended(self, event: Event) -> None:
        self._holds(event)
        self.until = event.at + LEASE

    def _released(self, event: Event) -> None:
        self._holds(event)
        self._lets_go()

    def _snoozed(self, event: Event) -> None:
        self._released(event)
        self.asleep = True

    def _transferred(self, event: Event) -> None:
        self._owes(event, Debtor.PEOPLE)
        self._lets_go()

    def _replied(self, event: Event) -> None:
        self._owes(event, Debtor.PEOPLE)
        self._holds(event)
        self._says(Source.AGENT, event)
        self._ends()

    def _closed(self, event: Event) -> None:
        if event.actor != CUSTOMER and self.owed is not Debtor.NOBODY:
            self._holds(event)
        self._ends()

    def _rated(self, event: Event) -> None:
        if event.changed.get("state"):
            self.owed = Debtor.PEOPLE

    def _reopened(self, event: Event) -> None:
        self._owes(event, Debtor.NOBODY, Debtor.CUSTOMER)
        self.owed = Debtor.PEOPLE

    def _woken(self, _event: Event) -> None:
        self.asleep = False

    def _noted(self, _event: Event) -> None: ...

    def _rekeyed(self, _event: Event) -> None: ...


assert all(hasattr(Story, f"_{move}") for move in Move)
