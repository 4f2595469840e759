"""What befalls a step: the process dies, a call fails, or another acts in the middle of it."""

from dataclasses import dataclass
from enum import StrEnum

from botocore.exceptions import ReadTimeoutError
from helpdesk.ports import QueueUnavailableError
from hypothesis import strategies as st


class Kind(StrEnum):
    """What befalls a step."""

    CRASH = "the process dies"
    FAULT = "the call fails"
    MEANWHILE = "another actor acts"


class Other(StrEnum):
    """Who acts in the middle of another actor's step."""

    ANOTHER_WORKER = "another worker gets the same message"
    ANOTHER_AGENT = "another agent replies"
    CLAIM = "another agent claims"
    LEAD = "a lead transfers"
    CUSTOMER = "the customer adds something"
    WITHDRAWAL = "the customer closes"
    ERASURE = "the customer has it erased"
    RECONCILER = "the reconciler runs"
    TIME = "twenty minutes pass"
    PURGE = "the queues lose everything"


@dataclass(frozen=True, slots=True)
class Trouble:
    """What happens at the `at`-th call of a step, before or after it."""

    kind: Kind
    at: int
    after: bool
    other: Other | None = None


_AT = (2, 1, 3, 4, 2, 3, 1, 5, 6, 9)  # most steps make few calls
_WHEN = [(at, after) for at in _AT for after in (False, True)]
_RACES = [
    Trouble(Kind.MEANWHILE, at, after, other)
    for at, after in _WHEN
    for other in (Other.CUSTOMER, Other.TIME, *Other)
]
_FAILURES = [Trouble(kind, at, after) for at, after in _WHEN for kind in (Kind.CRASH, Kind.FAULT)]
TROUBLES = st.sampled_from([*[None] * 360, *_FAILURES * 3, *_RACES])
"""None for every second step; races twice as often as failures. One draw for all, as it is drawing
that takes the time of a life."""


def told_of(call: str) -> None:
    """Fail as a call does whose answer never came."""
    if "Queue" in call:
        raise QueueUnavailableError(call)
    raise ReadTimeoutError(endpoint_url=call)
