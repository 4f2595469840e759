"""Compares accepted questions with their tickets: nothing lost, nothing done twice.

python -m infra.proving.audit --port 4566 ids.txt
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from helpdesk.aws import clients
from helpdesk.aws.texts import DynamoTexts
from helpdesk.aws.tickets import DynamoTickets
from helpdesk.ticket import Event, Move, Source, State, replay

from infra import emulator
from infra.deploying.stack import Stack
from infra.local.up import local_stack


@dataclass(slots=True)
class Audit:
    """The result for some tickets: how many are in each state, and the ids of the wrong ones."""

    states: Counter[State] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    unexplained: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Whether every ticket is there, nothing was done twice, and its events explain it."""
        return not (self.lost or self.doubled or self.unexplained)


def audit(ticket_ids: Iterable[str], tickets: DynamoTickets) -> Audit:
    """Look at every accepted ticket.

    Lost: it is not in the table. Doubled: it got a reply or was handed over when no reply was
    due, or it has more messages than its moves. Unexplained: its events do not replay to its state.
    """
    found = Audit()
    for ticket_id in ticket_ids:
        conversation = tickets.conversation(ticket_id)
        if conversation is None:
            found.lost.append(ticket_id)
            continue
        found.states[conversation.ticket.state] += 1
        events = tickets.events(ticket_id)
        replies = sum(said.source is not Source.CUSTOMER for said in conversation.messages)
        if _twice(events) or replies > sum(event.move in _REPLIES for event in events):
            found.doubled.append(ticket_id)
        try:
            explained = replay(events) == conversation.ticket
        except ValueError:
            explained = False
        if not explained:
            found.unexplained.append(ticket_id)
    return found


_REPLIES = {
    Move.ANSWERED,
    Move.ASKED,
    Move.ESCALATED,
    Move.REPLIED,
    Move.RATED,
    Move.FOLLOWED_UP,
}
"""Moves that may say something to the customer, once each."""


def _twice(events: Sequence[Event]) -> bool:
    """Tell whether a move was made twice."""
    owed = handed_over = False
    for event in events:
        match event.move:
            case Move.SUBMITTED | Move.FOLLOWED_UP:
                owed = True
            case Move.ANSWERED | Move.ASKED | Move.REPLIED:
                if not owed:
                    return True
                owed = handed_over = False
            case Move.ESCALATED:
                if handed_over:
                    return True
                owed = handed_over = True
            case Move.REOPENED:
                owed = handed_over = True
            case Move.RATED if "state" in event.changed:
                owed = handed_over = True
            case Move.CLOSED:
                owed = handed_over = False
    return False


def tickets_of(stack: Stack) -> DynamoTickets:
    """Return a stack's tickets."""
    name, at = stack.outputs["TicketsTable"], stack.endpoint_url
    return DynamoTickets(clients.table(name, stack.session, endpoint_url=at))


def texts_of(stack: Stack) -> DynamoTexts:
    """Return what a stack's desk says beside its articles."""
    name, at = stack.outputs["KnowledgeTable"], stack.endpoint_url
    return DynamoTexts(clients.table(name, stack.session, endpoint_url=at))


def main() -> int:
    """Audit the tickets whose ids a file lists; return 1 if something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=emulator.DEFAULT_PORT)
    parser.add_argument("ids", type=Path, help="file with a ticket's id on each line")
    options = parser.parse_args()
    ids = options.ids.read_text().split()
    found = audit(ids, tickets_of(local_stack(f"http://127.0.0.1:{options.port}")))
    states = ", ".join(f"{count} {state}" for state, count in sorted(found.states.items()))
    print(f"{len(ids)} accepted: {states or 'none is there'}")
    for what in ("lost", "doubled", "unexplained"):
        wrong: list[str] = getattr(found, what)
        print(f"{len(wrong)} {what} {' '.join(wrong)}".rstrip())
    return 0 if found.clean else 1


if __name__ == "__main__":
    sys.exit(main())
