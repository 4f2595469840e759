"""The moves with which drafts come and go. Pure.

A draft is no state: people have the ticket meanwhile. It belongs to the message that was last when
it was written. Any message of anyone takes it from the ticket, so no late draft can be sent.
"""

from dataclasses import replace
from datetime import datetime

from helpdesk.drafting import Draft
from helpdesk.ticket.by_agent import acted
from helpdesk.ticket.changing import changed, expect
from helpdesk.ticket.drafted import Drafted, Fate
from helpdesk.ticket.fates import expect_draft
from helpdesk.ticket.model import (
    DESK,
    Agent,
    Change,
    Move,
    State,
    Ticket,
)


def with_draft(change: Change, draft: Draft) -> Change:
    """Return the change that hands a ticket to people with a draft that was written at once.

    The draft gets the number of the change.
    """
    draft = replace(draft, number=change.after.version)
    told = Drafted.of(draft)
    event = replace(change.event, changed={**change.event.changed, "draft": told})
    return replace(change, after=replace(change.after, draft=told), event=event, draft=draft)


def redraft(ticket: Ticket, draft: Draft, *, instead_of: int, now: datetime) -> Change:
    """Put a draft in the place of the open one with this number, and give it a number of its own.

    Raises IllegalMoveError, or StaleDraftError if that draft is not open any more.
    """
    expect(ticket, State.ESCALATED)
    expect_draft(ticket, instead_of)
    return with_draft(changed(ticket, Move.DRAFTED, actor=DESK, now=now), draft)


def dismiss(ticket: Ticket, agent: Agent, number: int, *, now: datetime) -> Change:
    """Put the open draft away; the ticket still waits.

    Raises IllegalMoveError, StaleDraftError or NotAllowedError.
    """
    expect(ticket, State.ESCALATED)
    dismissed = replace(expect_draft(ticket, number), fate=Fate.DISMISSED)
    return acted(ticket, Move.DISMISSED, agent, now=now, draft=dismissed)
