"""Files that are announced with a question: in the same step, so that the worker expects them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from helpdesk.files import deciding
from helpdesk.files.model import LONGEST_LINK, Announcement, Attachment, State
from helpdesk.files.ports import Announcing, Expected, Form, Links, Register
from helpdesk.moving import persistently
from helpdesk.ports import Remembered, Submission
from helpdesk.ticket import Change

ASKED = "question"
"""What stands for the request in a file that was announced with the question itself."""


@dataclass(frozen=True, slots=True)
class WithFiles:
    """Tickets that announce files with a new ticket, in the order in which they are `wanted`."""

    tickets: Announcing
    wanted: Sequence[Announcement]
    life: timedelta
    now: datetime

    def commit(self, change: Change, remembered: Remembered | None = None) -> None:
        """Store a new ticket and its files whole or not at all. Raises TooManyFilesError."""
        expected: list[Expected] = []
        for each in self.wanted:
            file, _ = deciding.announced(
                each,
                [one.file for one in expected],
                ticket=change.after,
                now=self.now,
                life=min(self.life, LONGEST_LINK),
            )
            expected.append(Expected(replace(file, key_id=ASKED)))
        self.tickets.commit(change, remembered, expected=expected)

    def submission(self, key_id: str, now: datetime) -> Submission | None:
        """Return what is remembered under an idempotency key and still in force."""
        return self.tickets.submission(key_id, now)


def asked_with(
    ticket_id: str,
    *,
    register: Register,
    links: Links,
    life: timedelta = LONGEST_LINK,
    now: datetime,
) -> tuple[tuple[Attachment, Form | None], ...]:
    """Return the files that were announced with a question, each with its form.

    A question that is repeated with its key gets forms that live on, and none for a file that is
    there already. Raises ConflictError if a file kept changing.
    """

    def renewed(number: int) -> Attachment | None:
        known = register.get(ticket_id, number)
        if known is None:
            return None
        again = deciding.announced_again(known, now=now, life=min(life, LONGEST_LINK))
        if again != known:
            register.change(known, again)
        return again

    numbers = [each.number for each in register.of(ticket_id) if each.key_id == ASKED]
    found = [
        persistently(partial(renewed, n), exhausted=f"file {n} of {ticket_id} kept changing")
        for n in numbers
    ]
    return tuple(
        (each, links.form(each, now=now) if each.state is State.EXPECTED else None)
        for each in found
        if each
    )
