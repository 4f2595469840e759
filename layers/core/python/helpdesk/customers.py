"""What customers do: ask, look, write again, rate, close. Every door calls these functions.

Each function decides with the pure modules and then acts through a port: first the table, which is
the truth, then the queue. If a queue loses a message, the reconciler finds the ticket in the table.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from helpdesk import access, families, ticket
from helpdesk.access import IdempotencyKey
from helpdesk.announcing import announced
from helpdesk.moving import persistently
from helpdesk.ports import (
    ConflictError,
    IdempotencyConflictError,
    NotFoundError,
    Queue,
    QueueUnavailableError,
    Repeat,
    Submission,
    Submissions,
    Texts,
    Tickets,
)
from helpdesk.repeating import UNGUARDED, Guard, Moved, Request
from helpdesk.ticket import Change, Conversation, Customer, Listing, Source, State, Ticket, place
from helpdesk.wording import asks


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a customer sends; `files` are announced: names, media types, sizes."""

    text: str
    customer: Customer
    channel: str
    files: tuple[tuple[str, str, int], ...] = ()

    @property
    def fingerprint(self) -> str:
        """A digest that is equal for equal questions."""
        said = {name: each for name, each in asdict(self).items() if each or name != "files"}
        for later in ["mailed"] + ["verified"] * self.customer.verified:  # digests stay the same
            del said["customer"][later]
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


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
    """How long things are kept, when the desk works, what it changes of the tables of severity."""

    token_life: timedelta
    retention: timedelta
    calendar: str = ""
    scale: str = ""
    idempotency_life: timedelta = timedelta(hours=24)


def submit(
    question: Question,
    *,
    key: IdempotencyKey | None,
    tickets: Submissions,
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
        calendar=terms.calendar,
        scale=terms.scale,
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
        store, exhausted="another request with this Idempotency-Key is still running"
    )
    return earlier or replace(receipt, queued=_send(intake, receipt.ticket_id))


def fetch(
    ticket_id: str, token: str, *, tickets: Tickets, now: datetime, latest: bool = True
) -> Conversation:
    """Return the customer's own ticket. A foreign and a missing one both raise NotFoundError.

    A ticket that was merged goes on with what is said in its root. Without `latest`, the ticket may
    be some moments old, or missing if it is new.
    """
    known = access.is_ticket_id(ticket_id)
    conversation = tickets.conversation(ticket_id, latest=latest) if known else None
    if conversation is None or not access.opens(token, conversation.ticket, now):
        raise NotFoundError("no such ticket for this token")
    into = conversation.ticket.merged_into
    root = tickets.conversation(into, latest=latest) if into else None
    return families.seen_from(conversation, root) if root else conversation


def follow_up(
    ticket_id: str,
    token: str,
    text: str,
    *,
    guard: Guard = UNGUARDED,
    tickets: Tickets,
    intake: Queue,
    escalations: Queue,
    texts: Texts,
    now: datetime,
    scale: str = "",
) -> Moved:
    """Add the customer's message; the ticket waits again, unless it waits already.

    Mere courtesy is kept and makes no ticket wait. Raises NotFoundError, TextError,
    IdempotencyConflictError, PreconditionError, or ConflictError if the ticket kept changing.
    """

    move = partial(followed_up, text=text, tickets=tickets, texts=texts, now=now, scale=scale)
    request = Request(ticket_id, guard, ("follow_up", text))
    change, moved = _moved(request, token, move, tickets=tickets, now=now)
    if isinstance(change, Change):
        hand_on(change, intake=intake, escalations=escalations)
    return moved


def followed_up(
    before: Ticket,
    text: str,
    *,
    tickets: Tickets,
    texts: Texts,
    now: datetime,
    author: str | None = None,
    scale: str = "",
) -> Change:
    """Return the change that adds a customer's message, with what its customer is told of it.

    `author` is who wrote, if that is another person than the customer. Raises TextError.
    """
    asked = _questioned(before, text, tickets)
    change = ticket.follow_up(before, text, now=now, questioned=asked, author=author, scale=scale)
    return announced(change, texts)


def hand_on(change: Change, *, intake: Queue, escalations: Queue) -> None:
    """Put a ticket that a customer's message moved on the queue for which it waits now."""
    before, after = change.before, place(change.after).listing
    if after is Listing.RECEIVED:
        _send(intake, change.after.id)
    elif after is Listing.ESCALATED and not (before and place(before).listing is after):
        _send(escalations, change.after.id)


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
    guard: Guard = UNGUARDED,
    tickets: Tickets,
    escalations: Queue,
    texts: Texts,
    now: datetime,
) -> Moved:
    """Record whether the reply helped; if it did not, a person gets the ticket.

    Raises NotFoundError, IllegalMoveError, TextError, IdempotencyConflictError, PreconditionError
    or ConflictError.
    """

    def move(before: Ticket) -> Change:
        rated = ticket.rate(before, helpful=helpful, comment=comment, now=now)
        return announced(rated, texts)

    request = Request(ticket_id, guard, ("rate", helpful, comment))
    change, moved = _moved(request, token, move, tickets=tickets, now=now)
    if isinstance(change, Change) and change.after.state is State.ESCALATED:
        _send(escalations, change.after.id)
    return moved


def withdraw(
    ticket_id: str, token: str, *, guard: Guard = UNGUARDED, tickets: Tickets, now: datetime
) -> Moved:
    """Close the ticket as its customer.

    Raises NotFoundError, IllegalMoveError, IdempotencyConflictError, PreconditionError or
    ConflictError.
    """

    def move(before: Ticket) -> Change:
        return ticket.withdraw(before, now=now)

    request = Request(ticket_id, guard, ("withdraw",))
    _, moved = _moved(request, token, move, tickets=tickets, now=now)
    return moved


def renew_token(
    ticket_id: str,
    token: str,
    *,
    guard: Guard = UNGUARDED,
    tickets: Tickets,
    terms: Terms,
    now: datetime,
) -> Receipt:
    """Give the customer a new token for the ticket; the old one no longer opens it.

    A request that is repeated with its key and the old token gets the new token again, as long as
    that one opens the ticket. Raises NotFoundError, IdempotencyConflictError, PreconditionError or
    ConflictError.
    """
    fresh = access.new_token()
    until = now + terms.token_life
    old = access.token_hash(token)
    request = Request(ticket_id, guard, ("renew_token", old))
    seal = request.key.within(old) if request.key else None

    def move(before: Ticket) -> Change:
        return ticket.rekey(before, ticket.CUSTOMER, access.token_hash(fresh), until=until, now=now)

    def renewed(earlier: Repeat, found: Ticket) -> bool:
        """Tell whether the token of an earlier request, made with this old token, is in force."""
        sealed = earlier.sealed_token if earlier.fingerprint == request.fingerprint else None
        return bool(sealed and seal and access.opens(seal.unseal(sealed), found, now))

    change, _ = _moved(
        request,
        token,
        move,
        tickets=tickets,
        now=now,
        at_root=False,
        sealed_token=seal.seal(fresh) if seal else None,
        opened_by=renewed,
    )
    if isinstance(change, Repeat) and seal and change.sealed_token:
        return Receipt(ticket_id, seal.unseal(change.sealed_token))
    return Receipt(ticket_id, fresh)


def _moved(
    request: Request,
    token: str,
    move: Callable[[Ticket], Change],
    *,
    tickets: Tickets,
    now: datetime,
    at_root: bool = True,
    sealed_token: str | None = None,
    opened_by: Callable[[Repeat, Ticket], bool] = lambda _earlier, _found: False,
) -> tuple[Change | Repeat, Moved]:
    """Make a customer's move on the ticket that the token opens, or say that it was made.

    A ticket that was merged is moved `at_root`. `opened_by` tells whether what is remembered of an
    earlier request opens the ticket as well. Return what was made, and where the ticket is then, as
    this customer knows it.
    """

    def attempt() -> tuple[Change | Repeat, Moved]:
        ticket_id = request.ticket_id
        own = tickets.get(ticket_id) if access.is_ticket_id(ticket_id) else None
        opened = own is not None and access.opens(token, own, now)
        root = tickets.get(own.merged_into) if at_root and own and own.merged_into else None
        earlier = request.earlier(tickets, now, at=[each.id for each in (own, root) if each])
        if own and earlier and (opened or opened_by(earlier, own)):
            return _told(ticket_id, request.same(earlier))
        if own is None or not opened:
            raise NotFoundError("no such ticket for this token")
        # The version that a customer of a family is shown: see `families.standing_for`.
        at, beside = (root, own.version) if root else (own, 0)
        request.guard.check(beside + at.version)
        change = move(at)
        version = beside + change.after.version
        tickets.commit(change, request.remembered(change, sealed_token, version=version))
        return change, Moved(ticket_id, change.after.state, version)

    return persistently(attempt, exhausted=f"ticket {request.ticket_id} kept changing")


def _told(ticket_id: str, made: Repeat) -> tuple[Repeat, Moved]:
    return made, Moved(ticket_id, made.state, made.version, repeated=True)


def _send(queue: Queue, ticket_id: str) -> bool:
    """Send a message to a queue; if the queue fails, the reconciler sends it later."""
    try:
        queue.send(ticket_id)
    except QueueUnavailableError:
        return False
    return True
