"""The use case: read the ticket and its draft, ask the engine, and put its draft in their place."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from helpdesk import ticket
from helpdesk.drafting import Cited, Draft, Engine, Failure, Usage
from helpdesk.drafting.composing import written
from helpdesk.drafting.instructing import request_for
from helpdesk.evidence import Found, Origin, Passage, PassageSource
from helpdesk.knowledge import Link
from helpdesk.moving import persistently
from helpdesk.proposing import said_in
from helpdesk.ticket import (
    Change,
    Conversation,
    IllegalMoveError,
    StaleDraftError,
    Ticket,
)

ATTEMPTS = 2
"""How often the queue has an engine asked that is not there now."""

PASSING = frozenset({Failure.UNAVAILABLE, Failure.THROTTLED, Failure.TOO_SLOW})
"""Failures that may be over in a moment."""


NOTHING = Usage()


class Outcome(StrEnum):
    """What became of a run. Each is final."""

    DRAFTED = "drafted"
    DEGRADED = "degraded"
    STALE = "stale"
    REPEATED = "repeated"
    NO_EVIDENCE = "no_evidence"


class AgainError(Exception):
    """The engine is not there now; the run is to be repeated. The message says why."""


class DraftedTickets(Protocol):
    """What redrafting needs of the tickets."""

    def get(self, ticket_id: str) -> Ticket | None:
        """Return a ticket."""

    def conversation(self, ticket_id: str) -> Conversation | None:
        """Return a ticket with its messages."""

    def draft(self, ticket_id: str, number: int) -> Draft | None:
        """Return the draft of a ticket with this number; None if there is none."""

    def commit(self, change: Change) -> None:
        """Store a change. Raises ConflictError if the ticket has moved since."""


class Shelf(PassageSource, Protocol):
    """The desk's texts as they are now, with the links that it trusts."""

    def links(self, passage_id: str) -> Sequence[Link]:
        """Return the links of the article that a passage is of; none of any other text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of a run, and what the engine took. `failure` says why a draft only quotes."""

    outcome: Outcome
    usage: Usage = NOTHING
    failure: str | None = None


def redraft(
    ticket_id: str,
    *,
    tickets: DraftedTickets,
    shelf: Shelf,
    engine: Engine,
    last: bool,
    now: datetime,
) -> Result:
    """Have an engine write the draft of a ticket, and store it in the place of the open one.

    With `last` no attempt follows: then the draft that quotes is marked with why it was not
    replaced. Raises AgainError, and ConflictError if the ticket keeps moving.
    """
    conversation = tickets.conversation(ticket_id)
    before = _open(conversation, tickets)
    if conversation is None or before is None:
        return Result(outcome=Outcome.STALE)
    if before.degraded or before.engine == engine.name:
        return Result(outcome=Outcome.REPEATED)
    evidence = _evidence(before.evidence, shelf)
    if not evidence:
        return Result(outcome=Outcome.NO_EVIDENCE)
    draft = _written(before, conversation, evidence, shelf, engine)
    draft = replace(draft, at=now)
    if not last and draft.degraded in PASSING:
        raise AgainError(draft.degraded)
    outcome = Outcome.DEGRADED if draft.degraded else Outcome.DRAFTED
    if not _stored(tickets, ticket_id, draft, before.number, now):
        outcome = Outcome.STALE
    return Result(outcome=outcome, usage=draft.usage, failure=draft.degraded)


def _written(
    before: Draft,
    conversation: Conversation,
    evidence: tuple[Found, ...],
    shelf: Shelf,
    engine: Engine,
) -> Draft:
    """Return the engine's draft, checked, or the one before with the mark that says why not."""
    name = conversation.ticket.customer.name
    composed = written(
        engine,
        request_for(said_in(conversation), evidence),
        before.parts,
        evidence,
        known=(name,) if name else (),
        links={each.number: shelf.links(each.passage.id) for each in evidence},
    )
    if composed.degraded:
        return replace(before, degraded=composed.degraded, usage=composed.usage)
    return replace(
        before,
        parts=composed.parts,
        evidence=tuple(map(Cited.of, evidence)),
        engine=composed.engine,
        faults=composed.faults,
        usage=composed.usage,
    )


def _open(conversation: Conversation | None, tickets: DraftedTickets) -> Draft | None:
    """Return the draft of a ticket that waits for an agent; None if there is none any more.

    A word that is said later takes the draft from its ticket. What the customer is told with the
    hand-over itself does not: it comes with the draft.
    """
    found = conversation.ticket if conversation else None
    if found is None or not found.in_review or found.draft is None:
        return None
    return tickets.draft(found.id, found.draft.number)


def _evidence(cited: tuple[Cited, ...], shelf: Shelf) -> tuple[Found, ...]:
    """Return what a draft rests on as it is now, under the same numbers.

    What the shop's records said is no text of the desk: it is taken from the draft.
    """
    texts = shelf.read([each.id for each in cited if each.origin is not Origin.RECORD])
    found = []
    for each in cited:
        passage = texts.get(each.id)
        if each.origin is Origin.RECORD:
            passage = Passage(
                id=each.id,
                origin=each.origin,
                version=each.version,
                title=each.title,
                text=each.quote,
            )
        if passage:
            found.append(Found(number=each.number, passage=passage, score=each.score))
    return tuple(found)


def _stored(
    tickets: DraftedTickets, ticket_id: str, draft: Draft, instead_of: int, now: datetime
) -> bool:
    """Tell whether a draft took the place of another one; it does not if that is stale now."""

    def attempt() -> bool:
        found = tickets.get(ticket_id)
        if found is None:
            return False
        try:
            change = ticket.redraft(found, draft, instead_of=instead_of, now=now)
        except (IllegalMoveError, StaleDraftError):
            return False
        tickets.commit(change)
        return True

    return persistently(attempt, exhausted=f"ticket {ticket_id} keeps moving")
