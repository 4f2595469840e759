"""The checker: a model of a ticket's life that shares no code with the product."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from helpdesk.agents import LEASE
from helpdesk.ticket import CUSTOMER, DESK, Event, Message, Move, Source, State, Ticket

from tests.lives.promises import Promise, expect

COURTESIES = ("Thanks!", "ok 👍")
"""What a customer says who needs nothing more."""

DANGERS = ("I want to kill myself",)
"""What a customer says who is in danger."""


GRAVE = ("My lawyer will sue you",)
"""What a customer says, or a file, that is for leads."""

PLAIN_AGENT = "bob"
"""The one agent who is no lead."""


class Debtor(StrEnum):
    """Who owes the next word."""

    DESK = "the desk"
    PEOPLE = "people at the desk"
    CUSTOMER = "the customer"
    NOBODY = "no one"


OWED = {
    State.RECEIVED: Debtor.DESK,
    State.ASKED: Debtor.CUSTOMER,
    State.ESCALATED: Debtor.PEOPLE,
    State.ANSWERED: Debtor.NOBODY,
    State.CLOSED: Debtor.NOBODY,
}


@dataclass(frozen=True, slots=True)
class Sent:
    """How many messages about one ticket went to the queues."""

    intake: int
    escalation: int


class Story:
    """The model of a ticket's life: who owes the next word, and who holds it until when.

    It also says what a customer's rating and follow-up lead to: where the ticket goes, to whom,
    why, and what is sent. It is written from the promises and shares no code with the product: it
    reads the names and times of the events, what they say they changed, and who wrote the messages.
    """

    def __init__(self, messages: Sequence[Message]) -> None:
        self._messages = list(messages)
        self._later: Sequence[Event] = ()
        self.owed: Debtor | None = None
        self.holder: str | None = None
        self.until: datetime | None = None
        self.asleep = False
        self.closed = False
        self.agent: str | None = None
        """Whose matter it is, held or not."""
        self.reason: str | None = None
        self.helpful: bool | None = None
        self.members: set[str] = set()
        """The tickets that were merged into it."""
        self.root: str | None = None
        """The ticket it was merged into."""
        self.danger = False
        """Whether the customer is in danger, for all that is to be answered now."""
        self.law = False
        """Whether what is to be answered now threatens with the law."""
        self.level = 0
        """How serious it is; it never falls."""
        self.at_once = False
        """Whether a person must act at once."""
        self.spam = False
        self.draft: int | None = None
        """The number of the draft that waits for an agent."""
        self.escalations: list[str] = []
        """Why it came to people, once for each time."""

    def follow(self, events: Sequence[Event]) -> None:
        """Follow a history to its end. Raises at the first move that may not be."""
        for number, event in enumerate(events, 1):
            self._later = events[number:]
            self._weighs(event)
            getattr(self, f"_{event.move}")(event)
            self._drafts(event)
        expect(Promise.TWICE, not self._messages, f"said without a move: {self._messages}")

    def _weighs(self, event: Event) -> None:
        """Note how serious the ticket is by an event: more than before, or as it was."""
        if found := event.changed.get("severity"):
            expect(Promise.GRAVE, found.level >= self.level, f"{event} makes it less serious")
            raised = self.level < 3 == found.level and event.move is Move.NOTED
            idle = self.owed is Debtor.NOBODY and self.root is None and not self.spam
            expect(Promise.GRAVE, not (raised and idle), f"{event}, and no one has it")
            self.level = found.level
        if urgency := event.changed.get("urgency"):
            self.at_once = urgency.due <= urgency.since
        if "tags" in event.changed:
            self.spam = "spam" in event.changed["tags"]

    def _drafts(self, event: Event) -> None:
        """Follow the draft: it belongs to what was said last, and ends with the next word."""
        if "draft" not in event.changed:
            outlives = self.draft and (
                "messages" in event.changed or self.owed is not Debtor.PEOPLE
            )
            expect(Promise.DRAFT, not outlives, f"draft {self.draft} outlives {event}")
            return
        mark = event.changed["draft"]
        if mark is None:
            self.draft = None
        elif mark.fate == "open":
            expect(Promise.DRAFT, self.owed is Debtor.PEOPLE, f"{event} when people do not have it")
            expect(Promise.DRAFT, mark.number == event.number, f"{event} with another's number")
            self.draft = mark.number
        else:
            expect(Promise.DRAFT, mark.number == self.draft, f"{event} of draft {self.draft}")
            self.draft = None

    def tells_of(self, ticket: Ticket, now: datetime) -> bool:
        """Tell whether a ticket is as the story goes."""
        held = ticket.held_by(now)
        holder = self.holder if self.until and now < self.until else None
        waits = self.owed is Debtor.PEOPLE
        return (
            OWED[ticket.state] is self.owed
            and (held.agent if held else None) == holder
            and (not waits or bool(ticket.snoozed_until) is self.asleep)
            and ticket.assignee == self.agent
            and ticket.reason == self.reason
            and ticket.helpful is self.helpful
            and ticket.level == self.level
            and (ticket.draft.number if ticket.draft and ticket.in_review else None) == self.draft
            and ticket.merged == self.members
            and ticket.merged_into == self.root
            and (not ticket.choices or self.owed in {Debtor.DESK, Debtor.CUSTOMER})
        )

    def sends_when_followed_up(self, text: str) -> Sent:
        """Return what must be sent when the customer adds something now."""
        if text in COURTESIES:
            return Sent(0, 0)
        match self.owed:
            case Debtor.PEOPLE | Debtor.DESK:
                return Sent(intake=0, escalation=int(self.asleep))
            case _:
                return Sent(0, 1) if self.agent else Sent(1, 0)

    def sends_when_rated(self, *, helpful: bool) -> Sent:
        """Return what must be sent when the customer rates the reply now."""
        return Sent(0, 0) if helpful or self.closed else Sent(0, 1)

    def _goes_to_people(self, promise: Promise, reason: str, event: Event) -> None:
        """Expect a customer's act to hand the ticket to people, for a reason."""
        told = (event.changed.get("state"), event.changed.get("reason"))
        expect(promise, told == ("escalated", reason), f"{event} should go to people: {reason}")
        self.owed, self.closed, self.reason = Debtor.PEOPLE, False, reason
        self.escalations.append(reason)
        self._tells(event)

    def _says(self, source: Source, event: Event) -> str:
        said = self._messages.pop(0) if self._messages else None
        right = said and said.source is source and said.at == event.at
        expect(Promise.UNEXPLAINED, right, f"{event.move} without its message: {said}")
        assert said
        if source is not Source.CUSTOMER:
            self.helpful = None
        return said.text

    def _tells(self, event: Event) -> None:
        """Expect that the customer is told, at the same moment, that a person has the question.

        It is no reply: what the customer thought of the last one stays. A customer in danger is
        told where there is help, and a person must act at once.
        """
        said = self._messages.pop(0) if self._messages else None
        told = said and said.source is Source.AUTOMATIC and said.at == event.at
        expect(Promise.TOLD, told, f"{event} without a word to its customer: {said}")
        assert said
        again = self._messages[0] if self._messages else None
        twice = again and again.source is Source.AUTOMATIC and again.at == event.at
        another = any(e.at == event.at and "messages" in e.changed for e in self._later)
        twice = twice and not another
        expect(Promise.TWICE, not twice, f"{event} told twice: {again}")
        if self.danger:
            helped = "emergency number" in said.text
            expect(Promise.DANGER, helped, f"a customer in danger is told: {said.text}")
            self._is_due_at_once(event)

    def _is_due_at_once(self, event: Event) -> None:
        urgency = event.changed.get("urgency")
        at_once = urgency and urgency.due <= event.at
        expect(Promise.DANGER, at_once, f"{event} leaves a customer in danger waiting")

    def _holds(self, event: Event) -> None:
        holds = self.holder == event.actor and self.until and event.at < self.until
        why = f"{event.actor} at {event.at}, held by {self.holder} until {self.until}: {event.move}"
        expect(Promise.NO_LEASE, holds, why)

    def _is_free_for(self, event: Event) -> None:
        """Expect that no other agent holds the ticket."""
        free = self.until is None or event.at >= self.until or self.holder == event.actor
        expect(
            Promise.NO_LEASE, free, f"{event.actor} moved what {self.holder} holds: {event.move}"
        )

    def _lets_go(self) -> None:
        self.holder = self.until = None

    def _ends(self) -> None:
        self._lets_go()
        self.owed, self.asleep = Debtor.NOBODY, False

    def _owes(self, event: Event, *debtors: Debtor) -> None:
        expect(Promise.TWICE, self.owed in debtors, f"{event.move} when {self.owed} owed a word")

    def _submitted(self, event: Event) -> None:
        text = self._says(Source.CUSTOMER, event)
        self.danger, self.law = text in DANGERS, text in GRAVE
        self.owed = Debtor.DESK

    def _followed_up(self, event: Event) -> None:
        text = self._says(Source.CUSTOMER, event)
        if text in COURTESIES:
            moved = event.changed.keys() - {"messages", "draft"}
            expect(Promise.COURTESY, not moved, f"{text!r} moved a ticket: {event}")
            return
        self.root = None  # only if the root is gone does a merged ticket hear its customer itself
        self.asleep = False
        news = text in DANGERS and not self.danger
        if self.owed in {Debtor.DESK, Debtor.PEOPLE}:
            moved = event.changed.keys() & {"state", "reason", "assignee"}
            expect(Promise.FOLLOWED_UP, not moved, f"{event} moved what was waiting")
            self.danger, self.law = self.danger or news, self.law or text in GRAVE
            if news and self.owed is Debtor.PEOPLE:
                self._tells(event)
            elif news:
                self._is_due_at_once(event)
            return
        self.helpful = None
        self.danger = text in DANGERS or (self.agent is not None and self.danger)
        self.law = text in GRAVE or (self.agent is not None and self.law)
        if self.agent:
            self._goes_to_people(Promise.FOLLOWED_UP, "followed_up", event)
        else:
            told = (event.changed.get("state"), event.changed.get("reason"))
            expect(
                Promise.FOLLOWED_UP, told == ("received", None), f"{event} should go to the desk"
            )
            self.owed, self.closed, self.reason = Debtor.DESK, False, None

    def _answered(self, event: Event) -> None:
        self._owes(event, Debtor.DESK)
        expect(Promise.DANGER, not self.danger, f"{event} answers a customer in danger")
        expect(Promise.GRAVE, not self.law, f"{event} answers a threat with the law")
        self._says(Source.AUTOMATIC, event)
        self.owed, self.reason = Debtor.NOBODY, None

    def _asked(self, event: Event) -> None:
        self._owes(event, Debtor.DESK)
        expect(Promise.DANGER, not self.danger, f"{event} offers a customer in danger a menu")
        expect(Promise.GRAVE, not self.law, f"{event} offers a menu for the law")
        self._says(Source.AUTOMATIC, event)
        self.owed = Debtor.CUSTOMER

    def _escalated(self, event: Event) -> None:
        by_file = [Debtor.NOBODY] if self.level == 3 and "severity" in event.changed else []
        self._owes(event, Debtor.DESK, Debtor.CUSTOMER, *by_file)
        self.closed = False
        self._tells(event)
        reason = event.changed.get("reason")
        expect(Promise.UNEXPLAINED, reason, f"{event} without a reason")
        self.owed, self.reason = Debtor.PEOPLE, reason
        self.escalations.append(str(reason))

    def _claimed(self, event: Event) -> None:
        self._owes(event, Debtor.PEOPLE)
        self._is_free_for(event)
        theirs = self.at_once or self.agent == event.actor or event.actor != PLAIN_AGENT
        expect(Promise.ENTRUSTED, theirs or self.level < 3, f"{event} at level {self.level}")
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
        self.asleep, self.agent = True, event.actor

    def _transferred(self, event: Event) -> None:
        self._owes(event, Debtor.PEOPLE)
        self._lets_go()
        self.agent = event.changed["assignee"]

    def _replied(self, event: Event) -> None:
        self._owes(event, Debtor.PEOPLE)
        self._holds(event)
        self._says(Source.AGENT, event)
        self._ends()
        self.agent = event.actor

    def _closed(self, event: Event) -> None:
        if "spam" in event.changed.get("tags", ()):
            self._is_free_for(event)
        elif event.actor != CUSTOMER and self.owed is not Debtor.NOBODY:
            self._holds(event)
        self._ends()
        self.closed = True

    def _rated(self, event: Event) -> None:
        expect(Promise.RATED, self.owed is Debtor.NOBODY, f"{event} when {self.owed} owed a word")
        self.helpful = event.changed.get("helpful")
        expect(Promise.RATED, self.helpful in {True, False}, f"{event} does not say what was said")
        if self.helpful or self.closed:
            expect(Promise.RATED, event.changed.keys() == {"helpful"}, f"{event} moved the ticket")
        else:
            self._goes_to_people(Promise.RATED, "not_helped", event)

    def _reopened(self, event: Event) -> None:
        self._owes(event, Debtor.NOBODY, Debtor.CUSTOMER)
        expect(Promise.UNEXPLAINED, self.root is None, f"{event} of what is merged")
        self.owed, self.closed, self.reason = Debtor.PEOPLE, False, "reopened"
        self.escalations.append("reopened")

    def _added(self, event: Event) -> None:
        self._owes(event, Debtor.NOBODY)
        expect(Promise.TWICE, not self.closed, f"{event} on a closed ticket")
        self._says(Source.AGENT, event)

    def _tagged(self, event: Event) -> None:
        expect(Promise.UNEXPLAINED, event.changed.keys() == {"tags"}, f"{event} did more than tag")

    def _merged(self, event: Event) -> None:
        """A root takes tickets in and is otherwise as it was; a member ends.

        The desk merges what it has not answered, and says again what was said on the root.
        """
        expect(
            Promise.UNEXPLAINED, self.root is None, f"{event} of what is merged into {self.root}"
        )
        if (root := event.changed.get("merged_into")) is None:
            self.members = set(event.changed["merged"])
            return
        if event.actor == DESK:
            self._owes(event, Debtor.DESK)
            if "messages" in event.changed:
                self._says(Source.AUTOMATIC, event)
        self._is_free_for(event)
        expect(Promise.UNEXPLAINED, not self.members, f"{event} of a root")
        self._ends()
        self.closed, self.root = True, root

    def _split(self, event: Event) -> None:
        if "merged" in event.changed:
            self.members = set(event.changed["merged"])
            return
        expect(Promise.UNEXPLAINED, self.root, f"{event} of what was not merged")
        self.root = None
        told = (event.changed.get("state"), event.changed.get("reason"))
        expect(Promise.UNEXPLAINED, told == ("escalated", "split"), f"{event} should go to people")
        self.owed, self.closed, self.reason = Debtor.PEOPLE, False, "split"
        self.escalations.append("split")

    def _woken(self, _event: Event) -> None:
        self.asleep = False

    def _noted(self, _event: Event) -> None: ...

    def _rekeyed(self, _event: Event) -> None: ...

    def _drafted(self, event: Event) -> None:
        self._owes(event, Debtor.PEOPLE)
        expect(Promise.DRAFT, self.draft, f"{event} in the place of none")

    def _dismissed(self, event: Event) -> None:
        self._owes(event, Debtor.PEOPLE)
        expect(Promise.DRAFT, event.changed.keys() == {"draft"}, f"{event} did more than dismiss")


assert all(hasattr(Story, f"_{move}") for move in Move)
