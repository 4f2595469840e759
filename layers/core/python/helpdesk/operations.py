"""What leads do with the queues: see their state, and handle dead letters."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from helpdesk.ports import NotFoundError


@dataclass(frozen=True, slots=True, kw_only=True)
class Depth:
    """Messages of a queue, as SQS estimates them: visible, received but not settled, delayed."""

    visible: int
    in_flight: int
    delayed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueStatus:
    """The state of a queue.

    `waiting` counts the tickets that should have a message on it, which are none on the queues of
    mails and files. `oldest` is since when the first waits. Both come from the tickets table.
    """

    queue: str
    visible: int
    in_flight: int
    delayed: int
    dead_letters: int
    waiting: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A message that was received too often. `ticket_id` is None if the body names no ticket."""

    id: str
    queue: str
    ticket_id: str | None
    receives: int
    sent_at: datetime
    body: str
    receipt: str


class DeadLetterQueue(Protocol):
    """The dead letters of one queue."""

    @property
    def name(self) -> str:
        """The name of the queue they come from."""

    def read(self, limit: int) -> list[DeadLetter]:
        """Take up to `limit` letters, hidden from others for a minute."""

    def put_back(self, letter: DeadLetter) -> None:
        """Show a letter to others at once."""

    def resend(self, letter: DeadLetter) -> None:
        """Do again what had failed, and only then delete the letter: send it, or learn."""

    def discard(self, letter: DeadLetter) -> None:
        """Delete a letter for good."""


MOST_LETTERS = 1000
"""Letters looked at in one go."""


def dead_letters(queues: Iterable[DeadLetterQueue]) -> tuple[DeadLetter, ...]:
    """Return the dead letters of all queues, the oldest of each first. They stay in place."""
    found: list[DeadLetter] = []
    for queue in queues:
        letters = queue.read(MOST_LETTERS)
        for letter in letters:
            queue.put_back(letter)
        found += sorted(letters, key=lambda letter: (letter.sent_at, letter.id))
    return tuple(found)


def redrive(
    queues: Iterable[DeadLetterQueue], names: Collection[str], *, dry_run: bool = False
) -> tuple[DeadLetter, ...]:
    """Do again what had failed: send to queues, learn; all letters if `names` is empty.

    A name is a message's id or a ticket's. Doing it twice is harmless, for a ticket past the point
    is left alone. Raises NotFoundError if a name fits no letter, and then nothing was sent;
    what doing it again raises, and then the letter stays.
    """
    return _deal(queues, names, dry_run=dry_run, resend=True)


def discard(
    queues: Iterable[DeadLetterQueue], names: Collection[str], *, dry_run: bool = False
) -> tuple[DeadLetter, ...]:
    """Delete dead letters for good; all of them if `names` is empty. Their tickets stay.

    A name is a message's id or a ticket's. Raises NotFoundError if a name fits no letter; then
    nothing was deleted.
    """
    return _deal(queues, names, dry_run=dry_run, resend=False)


def _deal(
    queues: Iterable[DeadLetterQueue], names: Collection[str], *, dry_run: bool, resend: bool
) -> tuple[DeadLetter, ...]:
    taken = [(queue, letter) for queue in queues for letter in queue.read(MOST_LETTERS)]
    chosen = [
        (queue, letter)
        for queue, letter in taken
        if not names or letter.id in names or letter.ticket_id in names
    ]
    unknown = set(names) - {name for _, each in chosen for name in (each.id, each.ticket_id)}
    idle = taken if unknown or dry_run else [each for each in taken if each not in chosen]
    for queue, letter in idle:
        queue.put_back(letter)
    if unknown:
        raise NotFoundError(f"no dead letter {', '.join(sorted(unknown))}")
    if not dry_run:
        for queue, letter in chosen:
            (queue.resend if resend else queue.discard)(letter)
    return tuple(letter for _, letter in chosen)
