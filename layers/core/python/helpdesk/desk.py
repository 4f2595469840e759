"""The use cases of the desk, in the order a question meets them, with the ports they need.

HTTP, queues and terminals all call these functions. Each decides with the pure rooms and then
acts through a port: first the table, which is the truth, then the queue, which only says
"look at this ticket now". Whatever a queue loses, `reconcile` finds in the table.
"""

import hashlib
import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from helpdesk import access, ticket
from helpdesk.access import IdempotencyKey
from helpdesk.knowledge import Article
from helpdesk.ticket import (
    Change,
    Conversation,
    Customer,
    Source,
    State,
    Ticket,
)
from helpdesk.triage import (
    Answer,
    Decision,
    Escalate,
    Policy,
    Reason,
    Understanding,
    candidates,
    carry_out,
    chosen,
    decide,
)

ATTEMPTS_AT_A_MOVE = 5
"""How often a move is made anew after somebody else moved the ticket first."""

NUDGES_BEFORE_GIVING_UP = 5
"""How often a received ticket is put back on the queue before a person gets it."""

RESEND_ANYWAY = timedelta(hours=1)
"""How long an overdue ticket may wait while its queue seems to hold a message for everyone.

It doubles with every nudge, so that waiting tickets do not fill the queue with duplicates.
"""

RESEND_AT_LEAST_EVERY = timedelta(days=1)
"""How long that wait may become."""


class NotFoundError(Exception):
    """There is no such ticket, or the asker may not know that there is."""


class ErasedError(NotFoundError):
    """The ticket was erased at its customer's wish; whatever still names it can be dropped."""


class ConflictError(Exception):
    """Somebody else moved the ticket meanwhile."""


class NewerSchemaError(Exception):
    """A later version wrote this; a version that writes it back would undo some of it."""


class QueueUnavailableError(Exception):
    """The queue could not take a message; the reconciler will find the ticket in the table."""


class IdempotencyConflictError(Exception):
    """An idempotency key came back with another request."""


class Awaiting(StrEnum):
    """What an unfinished ticket waits for: a queue's message, waking, a customer's choice."""

    INTAKE = "intake"
    ESCALATION = "escalation"
    WAKING = "waking"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Submission:
    """What is remembered of a request with an idempotency key."""

    key_id: str
    fingerprint: str
    ticket_id: str
    sealed_token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Overdue:
    """An open ticket whose message should have been dealt with by `due`.

    `nudges` counts the times its message was sent again.
    """

    ticket: Ticket
    due: datetime
    nudges: int


class Tickets(Protocol):
    """The truth about every ticket."""

    def commit(self, change: Change, submission: Submission | None = None) -> None:
        """Store a change whole or not at all.

        Raises ConflictError if the ticket moved, or the submission's key is taken and in force.
        """

    def submission(self, key_id: str, now: datetime) -> Submission | None:
        """Return what is remembered under an idempotency key."""

    def get(self, ticket_id: str) -> Ticket | None:
        """Return the ticket without its messages."""

    def opening(self, ticket_id: str) -> Conversation | None:
        """Return the ticket with its first message only."""

    def conversation(self, ticket_id: str) -> Conversation | None:
        """Return the ticket with all its messages."""

    def erased(self, ticket_id: str) -> bool:
        """Tell whether there was such a ticket and it was erased."""

    def overdue(self, awaiting: Awaiting, now: datetime) -> Iterable[Overdue]:
        """Return the open tickets whose message on that queue should have been dealt with."""

    def waiting(self, awaiting: Awaiting) -> int:
        """Count the open tickets that should have a message on that queue."""

    def nudge(self, overdue: Overdue, now: datetime) -> None:
        """Count a nudge and put off the next one. Raises ConflictError if the ticket moved."""


class Articles(Protocol):
    """What the desk can say."""

    def get(self, intent: str) -> Article | None:
        """Return the article as it is now."""


class Queue(Protocol):
    """Says "look at this ticket now". May lose, repeat and reorder."""

    def send(self, ticket_id: str) -> None:
        """Put a ticket on the queue. Raises QueueUnavailableError."""

    def depth(self) -> int:
        """Count the messages, hidden ones included, approximately."""


class Understander(Protocol):
    """Makes sense of a text."""

    def understand(self, text: str) -> Understanding:
        """Return what `text` means; never raises for anything a customer can write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a customer sends."""

    text: str
    customer: Customer
    channel: str

    @property
    def fingerprint(self) -> str:
        """Equal for equal questions."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a customer gets for a question: the ticket's id and the secret that opens it.

    `queued` is False where the queue could not be told yet, which delays the ticket only.
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
    for _ in range(ATTEMPTS_AT_A_MOVE):
        with suppress(ConflictError):
            tickets.commit(change, submission)
            return replace(receipt, queued=_send(intake, receipt.ticket_id))
        # The other request may be under way: then its submission is not there yet.
        if first := tickets.submission(key.id, now):
            if first.fingerprint != submission.fingerprint:
                raise IdempotencyConflictError("this Idempotency-Key was used with another request")
            return Receipt(first.ticket_id, key.unseal(first.sealed_token))
    raise ConflictError("another request with this Idempotency-Key is under way")


class Outcome(StrEnum):
    """What processing a ticket came to."""

    ANSWERED = "answered"
    ASKED = "asked"
    ESCALATED = "escalated"
    ALREADY_DONE = "already_done"


def process(
    ticket_id: str,
    *,
    tickets: Tickets,
    articles: Articles,
    understander: Understander,
    escalations: Queue,
    policy: Policy,
    clock: Callable[[], datetime],
) -> tuple[Outcome, Ticket]:
    """Answer a received ticket or hand it to people; a ticket past that is left alone.

    Raises ErasedError for an erased ticket, whose message the caller drops; NotFoundError for an
    unknown id, and whatever a port raises: the caller then leaves the message on the queue, and
    doing this again is harmless.
    """
    for _ in range(ATTEMPTS_AT_A_MOVE):
        conversation = tickets.opening(ticket_id)
        if conversation is None:
            if tickets.erased(ticket_id):
                raise ErasedError(f"ticket {ticket_id} was erased")
            raise NotFoundError(f"no ticket {ticket_id}")
        received = conversation.ticket
        if received.state is not State.RECEIVED:
            return Outcome.ALREADY_DONE, received
        if received.messages > 1:
            conversation = _conversation(ticket_id, tickets)
        change = ticket.settle(
            received, *_triaged(conversation, articles, understander, policy), now=clock()
        )
        try:
            tickets.commit(change)
        except ConflictError:
            continue
        if change.after.state is State.ESCALATED:
            escalations.send(ticket_id)
        return Outcome(change.after.state), change.after
    raise ConflictError(f"ticket {ticket_id} kept moving")


def _triaged(
    conversation: Conversation, articles: Articles, understander: Understander, policy: Policy
) -> tuple[Understanding, Decision]:
    """Decide on what the customer said since the last reply, in the light of what was before.

    A choice put to the customer is understood as such. What is not clear by itself is understood
    together with the question it follows. The same answer is not sent twice: then a person looks.
    """
    received, said = conversation.ticket, conversation.messages
    replies = [n for n, each in enumerate(said) if each.source is not Source.CUSTOMER]
    latest = said[replies[-1] + 1 :] if replies else said
    text = "\n".join(message.text for message in latest)
    understanding = understander.understand(text)
    if received.choices:
        choices = [articles.get(intent) for intent in received.choices]
        offered = [article for article in choices if article]
        number = chosen(text, [article.title for article in offered])
        if number is not None and len(offered) == len(choices):
            if number > len(offered):
                return understanding, Escalate(Reason.AMBIGUOUS)
            return understanding, carry_out(offered[number - 1])
    decision = _decide(understanding, articles, policy, may_ask=not received.asked)
    if replies and not isinstance(decision, Answer):
        whole = "\n".join(each.text for each in said if each.source is Source.CUSTOMER)
        in_light = understander.understand(whole)
        again = _decide(in_light, articles, policy, may_ask=False)
        if isinstance(again, Answer):
            understanding, decision = in_light, again
    given = {each.intent for each in said if each.source is not Source.CUSTOMER}
    if isinstance(decision, Answer) and decision.article.intent in given:
        return understanding, Escalate(Reason.REPEATED)
    return understanding, decision


def predict(
    text: str, *, articles: Articles, understander: Understander, policy: Policy
) -> tuple[Understanding, Decision]:
    """Return what a text means and what would be decided on it; nothing is stored or sent."""
    understanding = understander.understand(text)
    return understanding, _decide(understanding, articles, policy, may_ask=True)


def _decide(
    understanding: Understanding, articles: Articles, policy: Policy, *, may_ask: bool
) -> Decision:
    names = candidates(understanding, policy)
    found = {name: article for name in names if (article := articles.get(name))}
    return decide(understanding, found, policy, may_ask=may_ask)


def give_up(
    ticket_id: str, *, tickets: Tickets, escalations: Queue, clock: Callable[[], datetime]
) -> Outcome:
    """Hand a ticket that cannot be processed to people; past that point it is left alone."""
    received = tickets.get(ticket_id)
    if received is None or received.state is not State.RECEIVED:
        return Outcome.ALREADY_DONE
    tickets.commit(ticket.give_up(received, now=clock()))
    escalations.send(ticket_id)
    return Outcome.ESCALATED


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
    `received`. Raises NotFoundError as `fetch` does, at once.
    """
    deadline = clock() + patience
    pause = 0.03
    while True:
        current = tickets.get(ticket_id) if access.is_ticket_id(ticket_id) else None
        if current is None or not access.opens(token, current, clock()):
            raise NotFoundError("no such ticket for this token")
        news = current.state is not State.RECEIVED if seen is None else current.version != seen
        left = (deadline - clock()).total_seconds()
        if news or left <= 0:
            return fetch(ticket_id, token, tickets=tickets, now=clock())
        sleep(min(pause, left))
        pause = min(pause * 1.5, 1.0)


def follow_up(
    ticket_id: str,
    token: str,
    text: str,
    *,
    tickets: Tickets,
    intake: Queue,
    escalations: Queue,
    now: datetime,
) -> Ticket:
    """Add the customer's message and put the ticket back to work, if it was not waiting anyway.

    Raises NotFoundError, TextError, or ConflictError if the ticket kept moving.
    """

    def move(before: Ticket) -> Change:
        return ticket.follow_up(before, text, now=now)

    change = _moved(ticket_id, token, move, tickets=tickets, now=now)
    before = change.before.state if change.before else None
    if change.after.state is State.RECEIVED:
        _send(intake, ticket_id)
    elif before is not State.ESCALATED:
        _send(escalations, ticket_id)
    return change.after


def rate(
    ticket_id: str,
    token: str,
    *,
    helpful: bool,
    comment: str | None,
    tickets: Tickets,
    escalations: Queue,
    now: datetime,
) -> Ticket:
    """Record what the customer thought of the reply; a person looks at what did not help.

    Raises NotFoundError, IllegalMoveError, TextError or ConflictError.
    """

    def move(before: Ticket) -> Change:
        return ticket.rate(before, helpful=helpful, comment=comment, now=now)

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
    """Give the customer a new token for the ticket; the old one opens it no more.

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
    """Make a customer's move, anew if somebody else moved the ticket first."""
    for _ in range(ATTEMPTS_AT_A_MOVE):
        before = tickets.get(ticket_id) if access.is_ticket_id(ticket_id) else None
        if before is None or not access.opens(token, before, now):
            raise NotFoundError("no such ticket for this token")
        change = move(before)
        with suppress(ConflictError):
            tickets.commit(change)
            return change
    raise ConflictError(f"ticket {ticket_id} kept moving")


def _send(queue: Queue, ticket_id: str) -> bool:
    """Tell a queue; one that does not listen is told later by the reconciler."""
    try:
        queue.send(ticket_id)
    except QueueUnavailableError:
        return False
    return True


@dataclass(slots=True)
class Reconciliation:
    """What one run of the reconciler found and did, as counts of tickets."""

    overdue: int = 0
    sent_again: int = 0
    given_up: int = 0
    woken: int = 0


def reconcile(
    *, tickets: Tickets, intake: Queue, escalations: Queue, clock: Callable[[], datetime]
) -> Reconciliation:
    """Find open tickets whose queue message is overdue and send it again.

    A queue that holds as many messages as tickets wait for it is merely slow: nothing is sent, so
    a backlog does not feed itself, until RESEND_ANYWAY has passed (a message may be missing
    behind another's duplicate). A received ticket that was sent too often goes to people. A snoozed
    ticket whose time has come waits again, and one whose customer did not choose goes to people.
    """
    found = Reconciliation()
    for silent in tickets.overdue(Awaiting.CHOICE, clock()):
        with suppress(ConflictError, QueueUnavailableError):
            tickets.commit(ticket.give_up_asking(silent.ticket, now=clock()))
            found.given_up += 1
            escalations.send(silent.ticket.id)
    for asleep in tickets.overdue(Awaiting.WAKING, clock()):
        with suppress(ConflictError, QueueUnavailableError):
            tickets.commit(ticket.wake(asleep.ticket, now=clock()))
            found.woken += 1
            escalations.send(asleep.ticket.id)
    for awaiting, queue in ((Awaiting.INTAKE, intake), (Awaiting.ESCALATION, escalations)):
        overdue = list(tickets.overdue(awaiting, clock()))
        found.overdue += len(overdue)
        missing = tickets.waiting(awaiting) - queue.depth() if overdue else 0
        for late in overdue:
            patience = min(RESEND_ANYWAY * 2**late.nudges, RESEND_AT_LEAST_EVERY)
            if missing <= 0 and clock() - late.due < patience:
                continue
            with suppress(ConflictError, QueueUnavailableError):
                if awaiting is Awaiting.INTAKE and late.nudges >= NUDGES_BEFORE_GIVING_UP:
                    give_up(late.ticket.id, tickets=tickets, escalations=escalations, clock=clock)
                    found.given_up += 1
                else:
                    tickets.nudge(late, clock())
                    queue.send(late.ticket.id)
                    found.sent_again += 1
    return found


def _conversation(ticket_id: str, tickets: Tickets) -> Conversation:
    conversation = tickets.conversation(ticket_id)
    if conversation is None:
        raise NotFoundError(f"no ticket {ticket_id}")
    return conversation
