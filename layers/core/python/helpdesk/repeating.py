"""A customer's move that is asked for twice is made once, and only on the version it is meant for.

A client that gets no answer asks again. With an idempotency key the second request is the first
one: it changes nothing and gets the first answer. What is remembered is kept beside the event of
the move, so it costs no item of its own and is erased with the ticket.
"""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from helpdesk.access import IdempotencyKey
from helpdesk.ports import IdempotencyConflictError, PreconditionError, Repeat, Tickets
from helpdesk.ticket import Change, State

LIFE = timedelta(hours=24)
"""How long a key is remembered."""


def _any_version(version: int) -> bool:  # noqa: ARG001 -- the type of a condition
    return True


@dataclass(frozen=True, slots=True)
class Guard:
    """What a request demands of its move.

    `key`: not to be made twice. `allows`: to be made only if it is true of the ticket's version.
    """

    key: IdempotencyKey | None = None
    allows: Callable[[int], bool] = _any_version

    def check(self, version: int) -> None:
        """Raise PreconditionError if the request is not meant for this version of the ticket."""
        if not self.allows(version):
            raise PreconditionError("the ticket does not have the version that the request names")


UNGUARDED = Guard()
"""The request demands nothing."""


@dataclass(frozen=True, slots=True)
class Moved:
    """Where a ticket is after a customer's move.

    A request that was `repeated` moved nothing, and is told the same as the first time.
    """

    id: str
    state: State
    version: int
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """One request for a move on one ticket, as it is recognised when it comes again.

    `asked` is what is asked for, in plain values. It is not stored, only its digest.
    """

    ticket_id: str
    guard: Guard
    asked: tuple[str | bool | None, ...]

    @property
    def key(self) -> IdempotencyKey | None:
        """The request's key, for this ticket only."""
        return self.guard.key.within(self.ticket_id) if self.guard.key else None

    @property
    def fingerprint(self) -> str:
        """A digest that is equal for equal requests."""
        return hashlib.sha256(json.dumps([self.ticket_id, *self.asked]).encode()).hexdigest()

    def earlier(self, tickets: Tickets, now: datetime, *, at: Iterable[str]) -> Repeat | None:
        """Return what is remembered under the request's key, of this request or another one.

        `at` are the ids of the ticket and of its root: a move is remembered where it was made.
        """
        if self.key is None:
            return None
        found = (tickets.repeat(each, self.key.id, now - LIFE) for each in at)
        return next(filter(None, found), None)

    def same(self, earlier: Repeat) -> Repeat:
        """Return what is remembered, if it is of this request. Raises IdempotencyConflictError."""
        if earlier.fingerprint != self.fingerprint:
            raise IdempotencyConflictError("this Idempotency-Key was used with another request")
        return earlier

    def remembered(
        self, change: Change, sealed_token: str | None = None, *, version: int
    ) -> Repeat | None:
        """Return what to remember of the request with its change; None without a key.

        `version` is the ticket's after it, as the customer knows it.
        """
        if self.key is None:
            return None
        after = change.after
        return Repeat(
            key_id=self.key.id,
            fingerprint=self.fingerprint,
            version=version,
            state=after.state,
            sealed_token=sealed_token,
        )
