"""Compares accepted questions with what became of them: nothing lost, nothing done twice."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from helpdesk.aws.tickets import DynamoTickets
from helpdesk.ticket import Move, Source, State, replay


@dataclass(slots=True)
class Audit:
    """What became of some tickets: how many are in each state, and the ids of the wrong ones."""

    states: Counter[State] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    unexplained: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Whether every ticket is there, was settled at most once, and follows from its events."""
        return not (self.lost or self.doubled or self.unexplained)


def audit(ticket_ids: Iterable[str], tickets: DynamoTickets) -> Audit:
    """Look at every accepted ticket.

    Lost: it is not in the table. Doubled: it was settled, or replied to automatically, more than
    once. Unexplained: its events do not replay to its state.
    """
    found = Audit()
    for ticket_id in ticket_ids:
        conversation = tickets.conversation(ticket_id)
        if conversation is None:
            found.lost.append(ticket_id)
            continue
        found.states[conversation.ticket.state] += 1
        events = tickets.events(ticket_id)
        settled = sum(event.move in {Move.ANSWERED, Move.ESCALATED} for event in events)
        automatic = sum(said.source is Source.AUTOMATIC for said in conversation.messages)
        if settled > 1 or automatic > 1:
            found.doubled.append(ticket_id)
        if replay(events) != conversation.ticket:
            found.unexplained.append(ticket_id)
    return found
