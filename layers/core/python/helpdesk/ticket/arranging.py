"""The moves with which agents arrange tickets: open, tag, mark as spam, merge, split. Pure.

Every move raises NotAllowedError for an agent whose roles allow only reading.
"""

import re
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from helpdesk.ticket.by_agent import acted, checked
from helpdesk.ticket.by_customer import submit
from helpdesk.ticket.changing import (
    Said,
    expect_mergeable,
    expect_no_colleague,
    expect_no_news,
    handed_over,
)
from helpdesk.ticket.model import (
    SPAM,
    Agent,
    Change,
    Customer,
    IllegalMoveError,
    Move,
    NotAllowedError,
    Source,
    State,
    Ticket,
    check_text,
)
from helpdesk.triage import Reason

MOST_TAGS = 20
"""Tags one ticket may have."""

_TAG = re.compile(r"[a-z0-9][a-z0-9-]{0,29}")


class TagError(ValueError):
    """A text that cannot be a tag; the message says what a tag looks like."""


def open_for(
    agent: Agent,
    *,
    ticket_id: str,
    text: str,
    customer: Customer,
    channel: str,
    received: datetime,
    token_hash: str,
    now: datetime,
    token_life: timedelta,
    retention: timedelta,
    calendar: str = "",
    scale: str = "",
) -> Change:
    """Open a ticket for a customer who called or wrote elsewhere; people get it, the agent first.

    The customer waits since `received`. Raises TextError, or IllegalMoveError if `received` is not
    past or the ticket would be at its end already.
    """
    if received > now:
        raise IllegalMoveError("a message cannot have come in the future")
    if received <= now - retention:
        raise IllegalMoveError(f"a ticket is kept for {retention.days} days; this message is older")
    if not agent.works:
        raise NotAllowedError(f"{agent.name} may read tickets, but may not open them")
    opened = submit(
        ticket_id=ticket_id,
        text=text,
        customer=customer,
        channel=channel,
        token_hash=token_hash,
        now=received,
        token_life=token_life,
        retention=retention,
        calendar=calendar,
        scale=scale,
    )
    fields = {
        **handed_over(Reason.OPENED_BY_AGENT, opened.after.urgency, now),
        "assignee": agent.name,
        "updated_at": now,
        "token_expires_at": now + token_life,
        "expires_at": (now + retention).replace(microsecond=0),
    }
    after = replace(opened.after, **fields)
    event = replace(
        opened.event, at=now, actor=agent.name, changed={**opened.event.changed, **fields}
    )
    return Change(None, after, event, opened.messages)


def add(
    ticket: Ticket, agent: Agent, text: str, *, now: datetime, seen: int | None = None
) -> Change:
    """Send another message on an answered ticket; it stays answered.

    `seen` is the number of the last message that the agent has seen, as for a reply. Raises
    IllegalMoveError, NewsError or TextError.
    """
    if ticket.state is not State.ANSWERED:
        raise IllegalMoveError(
            f"the ticket is {ticket.state}, not answered; "
            + ("reply to it" if ticket.state.is_open else "reopen it first")
        )
    expect_no_news(ticket, seen)
    said = Said(Source.AGENT, check_text(text), author=agent.name)
    return acted(ticket, Move.ADDED, agent, now=now, say=said)


def tag(
    ticket: Ticket,
    agent: Agent,
    *,
    now: datetime,
    add: Collection[str] = (),
    remove: Collection[str] = (),
) -> Change:
    """Put tags on a ticket and take tags off; the agent need not hold it.

    Raises TagError for a text that cannot be a tag, or IllegalMoveError if nothing would change.
    """
    tags = (ticket.tags | {check_tag(each) for each in add}) - set(remove)
    if tags == ticket.tags:
        raise IllegalMoveError("the ticket has these tags already, and no other")
    if len(tags) > MOST_TAGS:
        raise IllegalMoveError(f"a ticket has at most {MOST_TAGS} tags")
    return acted(ticket, Move.TAGGED, agent, now=now, tags=tags)


def check_tag(text: str) -> str:
    """Return a tag in its one form, in lower case. Raises TagError."""
    tag = text.strip().lower()
    if not _TAG.fullmatch(tag):
        raise TagError(
            f"{text!r} is not a tag; write up to 30 letters from a to z, digits and hyphens"
        )
    return tag


def spam(ticket: Ticket, agent: Agent, *, now: datetime, note: str | None = None) -> Change:
    """Close a ticket as spam, with the tag that says so, unless another agent holds it.

    Raises IllegalMoveError, LeaseError or TextError.
    """
    if ticket.state is State.CLOSED:
        raise IllegalMoveError("the ticket is closed already")
    expect_no_colleague(ticket, agent.name, now)
    return acted(
        ticket,
        Move.CLOSED,
        agent,
        now=now,
        note=checked(note),
        state=State.CLOSED,
        tags=ticket.tags | {SPAM},
    )


def merge(
    root: Ticket, other: Ticket, agent: Agent, *, now: datetime, note: str | None = None
) -> tuple[Change, Change]:
    """Put a ticket into another one of the same customer, the root: the changes of both.

    The other ticket is closed. What its customer writes from now on goes to the root, and what the
    root says is shown to the customer there too. Both changes belong into one transaction. Raises
    IllegalMoveError, LeaseError or TextError.
    """
    expect_mergeable(root, other)
    expect_no_colleague(other, agent.name, now)
    note = checked(note)
    return (
        acted(root, Move.MERGED, agent, now=now, note=note, merged=root.merged | {other.id}),
        acted(
            other,
            Move.MERGED,
            agent,
            now=now,
            note=note,
            state=State.CLOSED,
            merged_into=root.id,
            merged_at=now,
        ),
    )


def split(
    root: Ticket, other: Ticket, agent: Agent, *, now: datetime, note: str | None = None
) -> tuple[Change, Change]:
    """Take a merged ticket apart again; people get it, for its customer waits for an answer to it.

    Both changes belong into one transaction. Raises IllegalMoveError or TextError.
    """
    if other.merged_into != root.id:
        raise IllegalMoveError(f"{other.id} is not merged into {root.id}")
    note = checked(note)
    waits = replace(other.urgency, since=now)
    return (
        acted(root, Move.SPLIT, agent, now=now, note=note, merged=root.merged - {other.id}),
        acted(
            other,
            Move.SPLIT,
            agent,
            now=now,
            note=note,
            merged_into=None,
            merged_at=None,
            **handed_over(Reason.SPLIT, waits, now),
        ),
    )
