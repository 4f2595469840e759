"""The moves agents make: take, answer, put aside, hand on, end, reopen. Pure.

Every move raises NotAllowedError for an agent whose roles allow only reading.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from helpdesk.drafting import Draft
from helpdesk.ticket.changing import (
    Said,
    changed,
    expect,
    expect_lease,
    expect_no_colleague,
    expect_no_news,
    handed_over,
)
from helpdesk.ticket.fates import expect_draft, sent
from helpdesk.ticket.model import (
    SPAM,
    Agent,
    Change,
    IllegalMoveError,
    Lease,
    Move,
    NotAllowedError,
    Source,
    State,
    Ticket,
    check_text,
)
from helpdesk.triage import Reason


def claim(
    ticket: Ticket, agent: Agent, *, now: datetime, length: timedelta, receipt: str | None = None
) -> Change:
    """Lease an escalated ticket to `agent`, again if the agent already holds it.

    Raises IllegalMoveError, LeaseError if another agent holds it, or NotAllowedError if its level
    is for leads.
    """
    expect(ticket, State.ESCALATED)
    expect_no_colleague(ticket, agent.name, now)
    expect_entrusted(ticket, agent)
    if receipt is None and ticket.lease:
        receipt = ticket.lease.receipt
    fence = ticket.fence + 1
    lease = Lease(agent=agent.name, until=now + length, fence=fence, receipt=receipt)
    woken: dict[str, Any] = {"snoozed_until": None} if ticket.snoozed_until else {}
    return acted(ticket, Move.CLAIMED, agent, now=now, lease=lease, fence=fence, **woken)


def expect_entrusted(ticket: Ticket, agent: Agent) -> None:
    """Raise NotAllowedError if the ticket's level is for leads, and the agent is none.

    It is anyone's if a person must act at once, and an agent's to whom a lead gave it.
    """
    if ticket.entrusted(agent) or ticket.severity is None:
        return
    found = ticket.severity
    raise NotAllowedError(
        f"level {found.level} ({found.name}) is for leads, and {agent.name} is not a lead; "
        f"ask one, or have the ticket transferred to you (why: {found.explained})"
    )


def extend(
    ticket: Ticket, agent: Agent, *, now: datetime, length: timedelta, fence: int | None = None
) -> Change:
    """Let a lease in force run for another `length`. Raises IllegalMoveError or LeaseError."""
    lease = expect_lease(ticket, agent.name, now, fence)
    return acted(ticket, Move.EXTENDED, agent, now=now, lease=replace(lease, until=now + length))


def release(ticket: Ticket, agent: Agent, *, now: datetime) -> Change:
    """Give a leased ticket back to the queue. Raises IllegalMoveError or LeaseError."""
    expect_lease(ticket, agent.name, now)
    return acted(ticket, Move.RELEASED, agent, now=now, lease=None)


def note(ticket: Ticket, agent: Agent, text: str, *, now: datetime) -> Change:
    """Write something for colleagues; the agent need not hold the ticket. Raises TextError."""
    return acted(ticket, Move.NOTED, agent, now=now, note=check_text(text))


def transfer(
    ticket: Ticket,
    agent: Agent,
    *,
    now: datetime,
    to: str | None = None,
    department: str | None = None,
    note: str | None = None,
    override: bool = False,
) -> Change:
    """Give an escalated ticket to an agent or a department; the customer's waiting time goes on.

    With `override`, leads may do so with a ticket that they do not hold. Raises IllegalMoveError,
    LeaseError, NotAllowedError or TextError.
    """
    expect(ticket, State.ESCALATED)
    held = ticket.held_by(now)
    if override and not agent.leads:
        raise NotAllowedError(
            f"only leads transfer a ticket that another agent holds; {agent.name} is not a lead"
        )
    if not override:
        expect_lease(ticket, agent.name, now)
    told: dict[str, Any] = {"department": department or ticket.department}
    if department and ticket.matter_guessed:
        told["matter_guessed"] = None
    return acted(
        ticket,
        Move.TRANSFERRED,
        agent,
        now=now,
        note=checked(note),
        overrides=held is None or held.agent != agent.name,
        lease=None,
        assignee=to,
        **told,
    )


def snooze(
    ticket: Ticket, agent: Agent, *, until: datetime, now: datetime, note: str | None = None
) -> Change:
    """Put a leased ticket aside until a moment; it still belongs to the agent.

    Raises IllegalMoveError, LeaseError or TextError.
    """
    expect_lease(ticket, agent.name, now)
    if until <= now:
        raise IllegalMoveError(
            "a ticket can be put aside until a future moment, but not until a past one"
        )
    if until >= ticket.expires_at:
        raise IllegalMoveError(
            f"the ticket expires before that, on {ticket.expires_at:%d %b %Y}; "
            "choose a shorter time"
        )
    return acted(
        ticket,
        Move.SNOOZED,
        agent,
        now=now,
        note=checked(note),
        lease=None,
        assignee=agent.name,
        snoozed_until=until,
    )


def reply(
    ticket: Ticket,
    agent: Agent,
    text: str,
    *,
    now: datetime,
    fence: int | None = None,
    intent: str | None = None,
    seen: int | None = None,
    draft: Draft | None = None,
) -> Change:
    """Answer as the agent who holds the ticket; a stale `fence` is refused.

    `intent` names the article the reply was made from, `draft` is the one that was approved or
    edited. `seen` is the number of the last message that the agent has seen; None sends the reply
    even if more was said. Raises IllegalMoveError, LeaseError, NewsError, StaleDraftError or
    TextError.
    """
    text = check_text(text)
    expect_lease(ticket, agent.name, now, fence)
    expect_no_news(ticket, seen)
    fate = {"draft": sent(expect_draft(ticket, draft.number), draft, text)} if draft else {}
    return acted(
        ticket,
        Move.REPLIED,
        agent,
        now=now,
        say=Said(Source.AGENT, text, author=agent.name, intent=intent),
        state=State.ANSWERED,
        assignee=agent.name,
        **fate,
    )


def close(ticket: Ticket, agent: Agent, *, now: datetime, note: str | None = None) -> Change:
    """End a ticket without a reply if the agent holds it, or after it was answered.

    Raises IllegalMoveError, LeaseError or TextError.
    """
    if ticket.state is not State.ANSWERED:
        expect_lease(ticket, agent.name, now)
    return acted(ticket, Move.CLOSED, agent, now=now, note=checked(note), state=State.CLOSED)


def reopen(ticket: Ticket, agent: Agent, *, now: datetime, note: str | None = None) -> Change:
    """Let an answered or closed ticket wait again, from now on; it is no longer spam.

    Raises IllegalMoveError or TextError.
    """
    if ticket.state.is_open:
        raise IllegalMoveError(f"the ticket is {ticket.state}, so it is still open")
    if ticket.merged_into:
        raise IllegalMoveError(f"the ticket is merged into {ticket.merged_into}; split it instead")
    kept = {"tags": ticket.tags - {SPAM}} if SPAM in ticket.tags else {}
    return acted(
        ticket,
        Move.REOPENED,
        agent,
        now=now,
        note=checked(note),
        **kept,
        **handed_over(Reason.REOPENED, replace(ticket.urgency, since=now), now),
    )


def acted(ticket: Ticket, move: Move, agent: Agent, *, now: datetime, **more: Any) -> Change:
    """Return the change of an agent's move. Raises NotAllowedError for agents who only read."""
    if not agent.works:
        raise NotAllowedError(f"{agent.name} may read tickets, but may not change them")
    return changed(ticket, move, actor=agent.name, now=now, **more)


def checked(note: str | None) -> str | None:
    """Return a note, if there is one. Raises TextError."""
    return check_text(note) if note else None
