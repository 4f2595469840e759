"""What the use cases need from outside, and the errors from there. Pure.

An adapter fills each port: the table is the truth, the queues only say "look at this ticket now".
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from helpdesk.cases import Recent
from helpdesk.drafting import Draft
from helpdesk.knowledge import Article, Facts, Text
from helpdesk.ticket import Change, Conversation, State, Ticket
from helpdesk.triage import Understanding


class NotFoundError(Exception):
    """There is no such thing, or the caller may not know that it exists."""


class ErasedError(NotFoundError):
    """The ticket was erased; a message that names it can be dropped."""


class ConflictError(Exception):
    """Another move came first."""


class NewerSchemaError(Exception):
    """A later version wrote this item; writing it back would lose a part of it."""


class NoModelError(RuntimeError):
    """No model was ever published; the message says what to do."""


class QueueUnavailableError(Exception):
    """The queue could not take a message; the reconciler will find the ticket in the table."""


class TextsUnavailableError(Exception):
    """The texts of leads cannot be read now; those that the product brings can be sent."""


class IdempotencyConflictError(Exception):
    """An idempotency key came back with another request."""


class PreconditionError(Exception):
    """The ticket is not in a version that the request is meant for; nothing was done."""


class QueueName(StrEnum):
    """The queues by the names people use."""

    INTAKE = "intake"
    ESCALATION = "escalation"


@dataclass(frozen=True, slots=True)
class Submission:
    """What is remembered of a request with an idempotency key."""

    key_id: str
    fingerprint: str
    ticket_id: str
    sealed_token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """What is remembered of a move with an idempotency key, beside the event of the move.

    `version` and `state` are the ticket's after the move.
    """

    key_id: str
    fingerprint: str
    version: int
    state: State
    sealed_token: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What is kept of a mail beside its ticket; once it is stored, the mail is not taken again.

    `key` names the object that holds the mail. `number` is that of the mail's message, None if it
    became a note. `message_id` is without brackets; if the letter is `indexed`, later mails find
    the ticket by it. `standing` is how far the mail is trusted, `automatic` the sign that no
    machine may answer it. `references` are the earlier mails that it names. The mails of a ticket
    reply to the last letter that is `answerable`: one of its own customer. `held_at` says since
    when a mail was in quarantine, which it leaves with this change.
    """

    key: str
    sender: str | None
    subject: str
    standing: str
    number: int | None = None
    message_id: str | None = None
    indexed: bool = False
    automatic: str | None = None
    files: int = 0
    sender_name: str = ""
    references: tuple[str, ...] = ()
    answerable: bool = False
    held_at: datetime | None = None


type Remembered = Submission | Repeat | Letter
"""What is stored with a change, so that what asked for it is not done twice."""


class Submissions(Protocol):
    """Where new tickets are stored."""

    def commit(self, change: Change, remembered: Remembered | None = None) -> None:
        """Store a new ticket whole or not at all. Raises ConflictError as `Tickets` does."""

    def submission(self, key_id: str, now: datetime) -> Submission | None:
        """Return what is remembered under an idempotency key and still in force."""


class Tickets(Protocol):
    """The truth about every ticket."""

    def commit(
        self,
        change: Change,
        remembered: Remembered | None = None,
        *,
        also: Change | None = None,
        recent: Recent | None = None,
    ) -> None:
        """Store a change whole or not at all, with the change `also` of another ticket.

        What is remembered of its request or its mail is stored with it, and so are its customer's
        `recent` cases as they are afterwards.

        Raises ConflictError if a ticket moved, the submission's key is taken and in force, the
        mail was taken before, or another ticket changed the recent cases.
        """

    def recent(self, key: str) -> Recent:
        """Return the recent cases of the customer with this key."""

    def submission(self, key_id: str, now: datetime) -> Submission | None:
        """Return what is remembered under an idempotency key."""

    def repeat(self, ticket_id: str, key_id: str, since: datetime) -> Repeat | None:
        """Return what is remembered of a move of a ticket since a moment, under its key."""

    def get(self, ticket_id: str) -> Ticket | None:
        """Return the ticket without its messages."""

    def latest(self, ticket_id: str) -> Conversation | None:
        """Return the ticket with its latest message only."""

    def conversation(self, ticket_id: str, *, latest: bool = True) -> Conversation | None:
        """Return the ticket with all its messages; without `latest`, it may be some moments old."""

    def draft(self, ticket_id: str, number: int) -> Draft | None:
        """Return the draft of a ticket with this number; None if there is none."""

    def erased(self, ticket_id: str) -> bool:
        """Tell whether a ticket with this id was erased."""


class Articles(Protocol):
    """What the desk can say."""

    def get(self, intent: str) -> Article | None:
        """Return the article as it is now."""

    def facts(self, names: Collection[str] = ()) -> Facts:
        """Return the desk's facts; some moments old at most, if all of `names` are among them."""


class Texts(Protocol):
    """What the desk says beside its articles, as leads wrote it."""

    def text(self, name: str, language: str) -> Text | None:
        """Return the text for an occasion in a language; None if no lead wrote it.

        Raises TextsUnavailableError.
        """


class Queue(Protocol):
    """Says "look at this ticket now". May lose, repeat and reorder."""

    def send(self, ticket_id: str) -> None:
        """Put a ticket on the queue. Raises QueueUnavailableError."""

    def depth(self) -> int:
        """Count the messages, hidden ones included, approximately."""


class Understander(Protocol):
    """Makes sense of a text."""

    def understand(self, text: str) -> Understanding:
        """Return what `text` means; never raises for anything a customer can write.

        Raises NoModelError before anything was published.
        """
