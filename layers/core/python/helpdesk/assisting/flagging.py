"""The ticket of a conversation that people must see: one, as long as it is open. Pure."""

from dataclasses import dataclass
from datetime import datetime

from helpdesk import access, ticket
from helpdesk.announcing import announced
from helpdesk.customers import Terms, followed_up, hand_on
from helpdesk.moving import persistently
from helpdesk.ports import Queue, Texts, Tickets
from helpdesk.ticket import Change, Customer, State, Ticket
from helpdesk.triage import Decision, Understanding

CHANNEL = "assist"
"""The channel of tickets that are made for a person of the shop who was assisted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """What it takes to hand something to people."""

    tickets: Tickets
    texts: Texts
    escalations: Queue
    terms: Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """A customer's present turn, what it means, and what is decided: why people get it."""

    text: str
    customer: Customer
    understanding: Understanding
    decision: Decision


def imagined(matter: Matter, terms: Terms, now: datetime) -> Ticket:
    """Return the ticket that a matter would become; it is not stored."""
    submitted = _submitted(matter, "0" * 16, "", terms, now).after
    return _settled(submitted, matter, terms, now).after


def goes_on(ticket_id: str, tickets: Tickets) -> bool:
    """Tell whether what follows belongs to this ticket: it is open, or it is still to be made."""
    found = tickets.get(ticket_id)
    return found.state.is_open if found else not tickets.erased(ticket_id)


def flag(ticket_id: str, matter: Matter, to: HandOver, now: datetime) -> str | None:
    """Have people see a matter: under a new ticket with this id, or as a message of the one there.

    Return the token of a new ticket, None if there was one. Raises ConflictError if the ticket kept
    changing, and every error of the table. A queue that does not answer is none: the reconciler
    finds the ticket in the table.
    """
    token = access.new_token()

    def attempt() -> Change:
        before = to.tickets.get(ticket_id)
        if before is None:
            change = _submitted(matter, ticket_id, token, to.terms, now)
        else:
            change = _added(before, matter, to, now)
        to.tickets.commit(change)
        return change

    exhausted = f"ticket {ticket_id} kept changing"
    change = persistently(attempt, exhausted=exhausted)
    if change.after.state is State.RECEIVED:
        persistently(lambda: _escalate(ticket_id, matter, to, now), exhausted=exhausted)
    else:
        _hand_on(change, to)
    return token if change.before is None else None


def _added(before: Ticket, matter: Matter, to: HandOver, now: datetime) -> Change:
    scale = to.terms.scale
    return followed_up(
        before, matter.text, tickets=to.tickets, texts=to.texts, now=now, scale=scale
    )


def _escalate(ticket_id: str, matter: Matter, to: HandOver, now: datetime) -> None:
    """Hand a ticket to people that no one has decided on yet."""
    found = to.tickets.get(ticket_id)
    if found is None or found.state is not State.RECEIVED:
        return
    change = announced(_settled(found, matter, to.terms, now), to.texts)
    to.tickets.commit(change)
    _hand_on(change, to)


def _hand_on(change: Change, to: HandOver) -> None:
    hand_on(change, intake=to.escalations, escalations=to.escalations)  # it is not received now


def _submitted(matter: Matter, ticket_id: str, token: str, terms: Terms, now: datetime) -> Change:
    return ticket.submit(
        ticket_id=ticket_id,
        text=matter.text,
        customer=matter.customer,
        channel=CHANNEL,
        token_hash=access.token_hash(token),
        now=now,
        token_life=terms.token_life,
        retention=terms.retention,
        calendar=terms.calendar,
        scale=terms.scale,
    )


def _settled(received: Ticket, matter: Matter, terms: Terms, now: datetime) -> Change:
    return ticket.settle(
        received,
        matter.understanding,
        matter.decision,
        now=now,
        said=matter.text,
        scale=terms.scale,
    )
