"""How a move changes a ticket: what every move shares. Pure.

Some fields belong to some states only. A move that leaves those states clears them, so that no
field keeps a value from an earlier state.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from helpdesk.priority import Urgency
from helpdesk.ticket.drafted import Fate
from helpdesk.ticket.model import (
    Change,
    Event,
    IllegalMoveError,
    Lease,
    LeaseError,
    Message,
    Move,
    NewsError,
    Source,
    State,
    Ticket,
)
from helpdesk.triage import Reason

LARGEST_FAMILY = 50
"""Tickets that may be merged into one."""

BELONGS: dict[str, tuple[object, frozenset[State]]] = {
    "lease": (None, frozenset({State.ESCALATED})),
    "snoozed_until": (None, frozenset({State.ESCALATED})),
    "choices": ((), frozenset({State.ASKED, State.RECEIVED})),
    "reason": (None, frozenset({State.ESCALATED, State.ANSWERED, State.CLOSED})),
    "helpful": (None, frozenset({State.ESCALATED, State.ANSWERED, State.CLOSED})),
    "merged_into": (None, frozenset({State.CLOSED})),
    "merged_at": (None, frozenset({State.CLOSED})),
}
"""Fields that belong to some states: their value in other states, and the states.

A received ticket keeps its choices, for the customer's message may name one of them. `reason` and
`helpful` say why people have or had the ticket, and what the customer thought of the last reply.
"""


@dataclass(frozen=True, slots=True)
class Said:
    """The message of a move: who wrote it, the text, the agent's name, the article's intent."""

    source: Source
    text: str
    author: str | None = None
    intent: str | None = None


def changed(
    ticket: Ticket,
    move: Move,
    *,
    actor: str,
    now: datetime,
    say: Said | None = None,
    note: str | None = None,
    overrides: bool = False,
    **fields: Any,
) -> Change:
    """Return the change that sets `fields` and clears what belongs to the state before.

    A new reply has no rating yet: it clears `helpful`. A draft belongs to what was said last: a
    message clears it, and so does a move that takes the ticket from people.
    """
    messages: tuple[Message, ...] = ()
    if say:
        fields["messages"] = number = ticket.messages + 1
        messages = (
            Message(
                number=number,
                source=say.source,
                text=say.text,
                at=now,
                author=say.author,
                intent=say.intent,
            ),
        )
        if say.source is not Source.CUSTOMER and ticket.helpful is not None:
            fields["helpful"] = None
    state = fields.get("state", ticket.state)
    if _outdated(ticket, state, said=say is not None):
        fields.setdefault("draft", None)
    for name, (empty, states) in BELONGS.items():
        if state not in states and fields.get(name, getattr(ticket, name)) != empty:
            fields[name] = empty
    after = replace(ticket, **fields, version=ticket.version + 1, updated_at=now)
    event = Event(number=after.version, move=move, at=now, actor=actor, note=note, changed=fields)
    return Change(ticket, after, event, messages, overrides)


def _outdated(ticket: Ticket, state: State, *, said: bool) -> bool:
    """Tell whether a ticket's draft belongs to it no more."""
    if ticket.draft is None:
        return False
    return said or (ticket.draft.fate is Fate.OPEN and state is not State.ESCALATED)


def handed_over(reason: Reason, urgency: Urgency, now: datetime) -> dict[str, Any]:
    """Return the fields of a ticket that people get now, and why they get it."""
    return {
        "state": State.ESCALATED,
        "reason": reason,
        "urgency": urgency,
        "priority": urgency.priority(now),
    }


def expect(ticket: Ticket, state: State) -> None:
    """Raise IllegalMoveError unless the ticket is in this state."""
    if ticket.state is not state:
        raise IllegalMoveError(f"the ticket is {ticket.state}, not {state}")


def expect_lease(ticket: Ticket, agent: str, now: datetime, fence: int | None = None) -> Lease:
    """Return the lease that the agent holds. Raises IllegalMoveError or LeaseError."""
    expect(ticket, State.ESCALATED)
    held = expect_no_colleague(ticket, agent, now)
    if held and fence is not None and fence != held.fence:
        raise held_by(held, "; your reply belongs to an older lease")
    if held:
        return held
    if ticket.lease and ticket.lease.agent == agent:
        raise LeaseError("your lease ended at ", ticket.lease.until, "; claim it again")
    raise LeaseError("no agent holds this ticket; claim it first")


def expect_no_colleague(ticket: Ticket, agent: str, now: datetime) -> Lease | None:
    """Return the lease that the agent holds, if any. Raises LeaseError if it is another agent's."""
    held = ticket.held_by(now)
    if held and held.agent != agent:
        raise held_by(held)
    return held


def expect_no_news(ticket: Ticket, seen: int | None) -> None:
    """Raise NewsError if more was said than the message with the number `seen`, the last one read.

    With None, it does not matter what was read.
    """
    if seen is not None and ticket.messages > seen:
        raise NewsError(f"the customer wrote again after message {seen}, the last that you saw")


def expect_mergeable(root: Ticket, other: Ticket) -> None:
    """Raise IllegalMoveError if the other ticket cannot be put into the root; it says why."""
    if root.id == other.id:
        raise IllegalMoveError("a ticket cannot be merged into itself")
    for each in (root, other):
        if each.merged_into:
            raise IllegalMoveError(
                f"{each.id} is merged into {each.merged_into} already; split it first"
            )
    if other.merged:
        raise IllegalMoveError(
            f"{other.id} holds merged tickets itself; merge {root.id} into it instead"
        )
    if len(root.merged) >= LARGEST_FAMILY:
        raise IllegalMoveError(f"{root.id} holds {LARGEST_FAMILY} tickets already")
    if root.state is State.CLOSED:
        raise IllegalMoveError(f"{root.id} is closed; reopen it first")


def held_by(lease: Lease, more: str = "") -> LeaseError:
    """Return the error that says which agent holds a ticket, and until when."""
    return LeaseError(f"{lease.agent} holds this ticket until ", lease.until, more)
