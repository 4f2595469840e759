"""What the answer of a receiver means. Pure."""

import json
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from helpdesk.notifying.ports import GoneError, LaterError, RefusedError

GONE = 410
FOR_NOW = frozenset({408, 425, 429})
"""Answers between 400 and 499 that are no refusal for good."""

PAUSES = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(hours=1),
)
"""How long is waited after each failure."""

ATTEMPTS = len(PAUSES) + 1
"""After so many attempts a notice becomes a dead letter."""

LONGEST = timedelta(hours=1)
"""How long a receiver may ask to be left alone."""

JITTER = 0.2
"""By how much of itself a pause grows at most, so that not all come again at one moment."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a receiver answered: the status, its wish to be left alone, the begin of the body."""

    status: int
    retry_after: str | None = None
    body: bytes = field(default=b"", repr=False)


def judge(reply: Reply, now: datetime) -> None:
    """Return if a receiver took what was posted. Raises GoneError, LaterError or RefusedError."""
    status = reply.status
    if 200 <= status < 300:
        return
    if status == GONE:
        raise GoneError
    if status >= 500 or status in FOR_NOW:
        raise LaterError(f"it answered {status}", _wished(reply, now))
    if 300 <= status < 400:
        raise RefusedError(f"it answered {status}: redirects are not followed")
    raise RefusedError(f"it answered {status}")


def pause(attempt: int, after: timedelta | None, jitter: float) -> timedelta:
    """Return how long to wait after an attempt, the first being 1; `jitter` is from 0 to 1.

    It is never less than the receiver asks for, as far as that is not too much.
    """
    planned = PAUSES[min(attempt, len(PAUSES)) - 1]
    least = max(planned, min(after or timedelta(0), LONGEST))
    return least + planned * JITTER * jitter


def _wished(reply: Reply, now: datetime) -> timedelta | None:
    """Return how long a receiver asks to be left alone: in a header, or as Telegram says it."""
    if reply.retry_after is not None:
        said = reply.retry_after.strip()
        if said.isascii() and said.isdecimal() and len(said) < 10:
            return timedelta(seconds=int(said))
        with suppress(ValueError, TypeError, OverflowError):
            at = parsedate_to_datetime(said)
            return (at if at.tzinfo else at.replace(tzinfo=UTC)) - now
    with suppress(ValueError, RecursionError):
        said_so = json.loads(reply.body)
        found = said_so.get("parameters") if isinstance(said_so, dict) else None
        seconds = found.get("retry_after") if isinstance(found, dict) else None
        if isinstance(seconds, int) and 0 <= seconds < 10**9:
            return timedelta(seconds=seconds)
    return None
