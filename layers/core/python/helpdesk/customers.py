"""What customers do: ask, look, write again, rate, close. Every door calls these functions.

Each function decides with the pure modules and then acts through a port: first the table, which is
the truth, then the queue. If a queue loses a message, the reconciler finds the ticket in the table.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from itertools import chain, repeat

from helpdesk import access, ticket
from helpdesk.access import IdempotencyKey
from helpdesk.announcing import announced
from helpdesk.moving import persistently
from helpdesk.ports import (
    ConflictError,
    IdempotencyConflictError,
    NotFoundError,
    Queue,
    QueueUnavailableError,
    Submission,
    Texts,
    Tickets,
)
from helpdesk.ticket import Change, Conversation, Customer, Listing, Source, State, Ticket, place
from helpdesk.wording import asks

BRISK_PAUSE, BRISK_LOOKS = 0.01, 10
"""Seconds between the first looks of a customer who waits, and how many those are."""

LONGEST_PAUSE = 1.0
"""Seconds between the last looks: what is not answered by then waits for a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a customer sends."""

    text: str
    customer: Customer
    channel: str

    @property
    def fingerprint(self) -> str:
        """A digest that is equal for equal questions."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a customer gets for a question: the ticket's id and the secret that opens it.

    `queued` is False if the queue did not take the message; this only delays the ticket.
    """

    ticket_id: str
    token: str
    queued: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How long things are kept."""

    token_life: timedelta
    retention: timedelta
    idempotency_life: timedelta = timedelta(hours=24)


def submit(
    question: Question,
    *,
    key: IdempotencyKey | None,
    tickets: Tickets,
    intake: Queue,
    terms: Terms,
    now: datetime,
) -> Receipt:
    """Store a question, then put it on the queue; once stored it cannot be lost.

    The same `key` with the same question gives the same receipt; with another question it raises
    IdempotencyConflictError. Raises TextError for a blank or over-long text.
    """
    receipt = Receipt(access.new_ticket_id(), access.new_token())
    change = ticket.submit(
        ticket_id=receipt.ticket_id,
        text=question.text,
        customer=question.customer,
        channel=question.channel,
        token_hash=access.token_hash(receipt.token),
        now=now,
        token_life=terms.token_life,
        retention=terms.retention,
    )
    if key is None:
        tickets.commit(change)
        return replace(receipt, queued=_send(intake, receipt.ticket_id))
    submission = Submission(
        key_id=key.id,
        fingerprint=question.fingerprint,
        ticket_id=receipt.ticket_id,
        sealed_token=key.seal(receipt.token),
        expires_at=now + terms.idempotency_life,
    )

    def store() -> Receipt | None:
        try:
            tickets.commit(change, submission)
        except ConflictError:
            first = tickets.submission(key.id, now)
            if first is None:
                raise  # the other request is not done: its submission is not in the table yet
            if first.fingerprint != submission.fingerprint:
                raise IdempotencyConflictError(
                    "this Idempotency-Key was used with another request"
                ) from None
            return Receipt(first.ticket_id, key.unseal(first.sealed_token))
        return None

    earlier = persistently(
        store, exhausted="another request with this Idempotency-Key is not done yet"
    )
    return earlier or replace(receipt, queued=_send(intake, receipt.ticket_id))


def fetch(ticket_id: str, token: str, *, tickets: Tickets, now: datetime) -> Conversation:
    """Return the customer's own ticket. A foreign and a missing one both raise NotFoundError."""
    conversation = tickets.conversation(ticket_id) if access.is_ticket_id(ticket_id) else None
    if conversation is None or not access.opens(token, conversation.ticket, now):
        raise NotFoundError("no such ticket for this token")
    return conversation


def watch(
    ticket_id: str,
    token: str,
    *,
    seen: int | None,
    patience: timedelta,
    tickets: Tickets,
    clock: Callable[[], datetime],
    sleep: Callable[[float], None],
) -> Conversation:
    """Fetch as soon as there is news, or when `patience` is over.

    News is a version other than `seen`; for a caller that has seen nothing, anything past
    `received`. Each look is one read, which brings what is returned: eleven in the first tenth of
    a second, when most answers come, and at most 40 in 20 seconds. Raises NotFoundError as `fetch`
    does, at once.
    """
    deadline = clock() + patience
    pauses = chain(repeat(BRISK_PAUSE, BRISK_LOOKS), _growing(BRISK_PAUSE))
    while True:
        found = fetch(ticket_id, token, tickets=tickets, now=clock())
        current = found.ticket
        news = current.state is not State.RECEIVED if seen is None else current.version != seen
        left = (deadline - clock()).total_seconds()
        if news or left <= 0:
            return found
        sleep(min(next(pauses), left))


def _growing(pause: float) -> Iterator[float]:
    while True:
        pause = min(pause * 1.5, LONGEST_PAUSE)
        yield pause


def follow_up(
    ticket_id: str,
    token: str,
    text: str,
    *,
    tickets: Tickets,
    intake: Queue,
    escalations: Queue,
    texts: Texts,
    now: datetime,
) -> Ticket:
    """Add the customer's message; the ticket waits again, unless it waits already.

    Mere courtesy is kept and makes no ticket wait. Raises NotFoundError, TextError, or
    ConflictError if the ticket kept moving.
    """

    def move(before: Ticket) -> Change:
        questioned = _questioned(before, text, tickets)
        return announced(ticket.follow_up(before, text, now=now, questioned=questioned), texts)

    change = _moved(ticket_id, token, move, tickets=tickets, now=now)
    before = place(change.before).listing if change.before else None
    after = place(change.after).listing
    if after is Listing.RECEIVED:
        _send(intake, ticket_id)
    elif after is Listing.ESCALATED and before is not Listing.ESCALATED:
        _send(escalations, ticket_id)
    return change.after


def _questioned(before: Ticket, text: str, tickets: Tickets) -> bool:
    """Tell whether an agent asked for what the text says: "ok" is consent then, not courtesy.

    Only a text for which this matters costs a look at the conversation.
    """
    if before.state.is_open or before.assignee is None:
        return False
    if not ticket.is_thanks(before, text) or ticket.is_thanks(before, text, consent=False):
        return False
    found = tickets.conversation(before.id)
    replies = [m for m in found.messages if m.source is not Source.CUSTOMER] if found else []
    return bool(replies) and replies[-1].source is Source.AGENT and asks(replies[-1].text)


def rate(
    ticket_id: str,
    token: str,
    *,
    helpful: bool,
    comment: str | None,
    tickets: Tickets,
    escalations: Queue,
    texts: Texts,
    now: datetime,
) -> Ticket:
    """Record whether the reply helped; if it did not, a person gets the ticket.

    Raises NotFoundError, IllegalMoveError, TextError or ConflictError.
    """

    def move(before: Ticket) -> Change:
        rated = ticket.rate(before, helpful=helpful, comment=comment, now=now)
        return announced(rated, texts)

    change = _moved(ticket_id, token, move, tickets=tickets, now=now)
    if change.after.state is State.ESCALATED:
        _send(escalations, ticket_id)
    return change.after


def withdraw(ticket_id: str, token: str, *, tickets: Tickets, now: datetime) -> Ticket:
    """Close the ticket as its customer. Raises NotFoundError, IllegalMoveError, ConflictError."""
    return _moved(
        ticket_id, token, lambda before: ticket.withdraw(before, now=now), tickets=tickets, now=now
    ).after


def renew_token(
    ticket_id: str, token: str, *, tickets: Tickets, terms: Terms, now: datetime
) -> Receipt:
    """Give the customer a new token for the ticket; the old one no longer opens it.

    Raises NotFoundError or ConflictError.
    """
    fresh = access.new_token()
    until = now + terms.token_life

    def move(before: Ticket) -> Change:
        return ticket.rekey(before, ticket.CUSTOMER, access.token_hash(fresh), until=until, now=now)

    _moved(ticket_id, token, move, tickets=tickets, now=now)
    return Receipt(ticket_id, fresh)


def _moved(
    ticket_id: str,
    token: str,
    move: Callable[[Ticket], Change],
    *,
    tickets: Tickets,
    now: datetime,
) -> Change:
    """Make a customer's move on the ticket that the token opens."""

    def attempt() -> Change:
        before = tickets.get(ticket_id) if access.is_ticket_id(ticket_id) else None
        if before is None or not access.opens(token, before, now):
            raise NotFoundError("no such ticket for this token")
        change = move(before)
        tickets.commit(change)
        return change

    return persistently(attempt, exhausted=f"ticket {ticket_id} kept moving")


def _send(queue: Queue, ticket_id: str) -> bool:
    """Send a message to a queue; if the queue fails, the reconciler sends it later."""
    try:
        queue.send(ticket_id)
    except QueueUnavailableError:
        return False
    return True
