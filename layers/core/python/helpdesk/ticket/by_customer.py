"""The moves customers make: ask, write again, rate, close, exchange the token. Pure."""

from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any

from helpdesk import characters, hours, priority, severity
from helpdesk.ticket.changing import Said, changed, handed_over
from helpdesk.ticket.model import (
    CUSTOMER,
    MAX_SUBJECT,
    Change,
    Customer,
    Event,
    IllegalMoveError,
    Message,
    Move,
    Source,
    State,
    Ticket,
    check_text,
)
from helpdesk.triage import Reason
from helpdesk.wording import is_courtesy


def submit(
    *,
    ticket_id: str,
    text: str,
    customer: Customer,
    channel: str,
    token_hash: str,
    now: datetime,
    token_life: timedelta,
    retention: timedelta,
    calendar: str = "",
    scale: str = "",
) -> Change:
    """Open a ticket with the customer's question. Raises TextError.

    `calendar` says when the desk works, as `helpdesk.hours` reads it; `scale` what it changes of
    the tables of severity.
    """
    text = check_text(text)
    tables = severity.read(scale)
    found = severity.heard(None, text, "message 1", tables, sure=True)
    near = hours.near(calendar, now) or None
    ticket = Ticket(
        id=ticket_id,
        version=1,
        state=State.RECEIVED,
        created_at=now,
        updated_at=now,
        expires_at=(now + retention).replace(microsecond=0),
        token_hash=token_hash,
        token_expires_at=now + token_life,
        channel=channel,
        customer=customer,
        messages=1,
        subject=characters.headline(text, MAX_SUBJECT),
        urgency=priority.lifted(
            priority.opening(text, since=now, tier=customer.tier, calendar=near), found, tables
        ),
        severity=found,
    )
    opening = {f.name: getattr(ticket, f.name) for f in fields(ticket)}
    event = Event(number=1, move=Move.SUBMITTED, at=now, actor=CUSTOMER, changed=opening)
    message = Message(number=1, source=Source.CUSTOMER, text=text, at=now)
    return Change(None, ticket, event, (message,))


def is_thanks(ticket: Ticket, text: str, *, consent: bool = True) -> bool:
    """Tell whether a message to this ticket is mere courtesy, which ends a conversation.

    Without `consent`, "ok" and the like are not: the last reply asked for it.
    """
    names = (ticket.customer.name, ticket.assignee)
    return is_courtesy(text, filter(None, names), consent=consent)


def follow_up(
    ticket: Ticket,
    text: str,
    *,
    now: datetime,
    questioned: bool = False,
    author: str | None = None,
    scale: str = "",
) -> Change:
    """Add the customer's message: the desk processes the ticket again, or people get it.

    If an agent answered the ticket, it goes back to that agent, and a new waiting time begins. If
    the desk answered or asked back, the ticket is received again. If the ticket waits already, it
    goes on waiting, more urgently if the message says why. Mere courtesy is kept and moves nothing;
    "ok" is none if the ticket's customer was `questioned` by the last reply. `author` is who wrote,
    if that is another person than the customer. What the message says may raise the ticket's level,
    by the tables that `scale` changes. Raises TextError.
    """
    text = check_text(text)
    fields: dict[str, Any] = {}
    if is_thanks(ticket, text, consent=not questioned):
        say = Said(Source.CUSTOMER, text, author=author)
        return changed(ticket, Move.FOLLOWED_UP, actor=CUSTOMER, now=now, say=say)
    tables = severity.read(scale)
    here = f"message {ticket.messages + 1}"
    people_have_it = ticket.state is State.ESCALATED or ticket.assignee is not None
    found = severity.heard(ticket.severity, text, here, tables, sure=not people_have_it)
    urgency = priority.lifted(priority.heard(ticket.urgency, text), found, tables)
    if ticket.state.is_open:
        if urgency != ticket.urgency:
            fields = {"urgency": urgency, "priority": urgency.priority(now)}
    elif ticket.assignee:
        urgency = replace(urgency, since=now)
        fields = {"helpful": None, **handed_over(Reason.FOLLOWED_UP, urgency, now)}
    else:
        opening = priority.opening(
            text, since=now, tier=ticket.customer.tier, calendar=ticket.urgency.calendar
        )
        lifted = priority.lifted(opening, found, tables)
        fields = {"state": State.RECEIVED, "urgency": lifted}
    if found != ticket.severity:
        fields["severity"] = found
    if ticket.snoozed_until:
        fields["snoozed_until"] = None
    return changed(
        ticket,
        Move.FOLLOWED_UP,
        actor=CUSTOMER,
        now=now,
        say=Said(Source.CUSTOMER, text, author=author),
        **fields,
    )


def rate(ticket: Ticket, *, helpful: bool, comment: str | None, now: datetime) -> Change:
    """Record whether the reply helped; if it did not, people get the ticket.

    Raises IllegalMoveError if there is no reply to rate, or TextError for the comment.
    """
    if ticket.state not in {State.ANSWERED, State.CLOSED}:
        raise IllegalMoveError(f"the ticket is {ticket.state}: there is no reply to rate yet")
    fields: dict[str, Any] = {"helpful": helpful}
    if not helpful and ticket.state is State.ANSWERED:
        fields |= handed_over(Reason.NOT_HELPED, replace(ticket.urgency, since=now), now)
    note = check_text(comment) if comment else None
    return changed(ticket, Move.RATED, actor=CUSTOMER, now=now, note=note, **fields)


def withdraw(ticket: Ticket, *, now: datetime) -> Change:
    """Close the ticket as its customer. Raises IllegalMoveError if it is closed."""
    if ticket.state is State.CLOSED:
        raise IllegalMoveError("the ticket is closed already")
    return changed(ticket, Move.CLOSED, actor=CUSTOMER, now=now, state=State.CLOSED)


def rekey(ticket: Ticket, actor: str, token_hash: str, *, until: datetime, now: datetime) -> Change:
    """Let another token open the ticket until a moment; the old one no longer opens it.

    Agents make this move too, for a token that leaked.
    """
    return changed(
        ticket,
        Move.REKEYED,
        actor=actor,
        now=now,
        token_hash=token_hash,
        token_expires_at=min(until, ticket.expires_at),
    )
