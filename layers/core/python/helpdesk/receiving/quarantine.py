"""The quarantine as people see it: what is held, and what a lead releases or erases. Pure."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from helpdesk.mail import normalised
from helpdesk.ports import NotFoundError
from helpdesk.receiving.ports import Held, Mailbox
from helpdesk.ticket import Agent, NotAllowedError


class Shelf(Mailbox, Protocol):
    """The mailbox, from which mails can be taken away."""

    def forget(self, held: Held) -> None:
        """Take a mail out of the quarantine, for good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantine:
    """An agent at the quarantine; only leads may release and erase.

    Mails are held for `days`. `ask` has the mailroom release the mail in an object, by an agent.
    `forget_raw` deletes an object.
    """

    agent: Agent
    shelf: Shelf
    days: int
    ask: Callable[[str, str], None]
    forget_raw: Callable[[str], None]
    clock: Callable[[], datetime]

    def held(self, days: int | None = None) -> Iterator[Held]:
        """Yield what is held, newest first; with `days`, only what came in the last ones."""
        now = self.clock()
        today = now.astimezone(UTC).date()
        for back in range(min(days or self.days + 1, self.days + 1)):
            for each in self.shelf.held(today - timedelta(days=back)):
                if each.expires_at > now:
                    yield each

    def release(self, keys: Collection[str]) -> tuple[Held, ...]:
        """Have mails released, which takes some seconds. Twice is as once.

        Raises NotAllowedError, or NotFoundError if one is not held, and then none is released.
        """
        self._expect_lead("release mails from quarantine")
        found = [(key, self.shelf.held_as(key)) for key in keys]
        if missing := [key for key, held in found if held is None]:
            raise NotFoundError(f"not in quarantine: {', '.join(missing)}")
        for key, _ in found:
            self.ask(key, self.agent.name)
        return tuple(held for _, held in found if held)

    def erase(self, addresses: Collection[str]) -> int:
        """Erase what is held of the senders with these addresses; return how many mails.

        Raises NotAllowedError.
        """
        self._expect_lead("erase mails")
        theirs = {normalised(each) for each in addresses}
        gone = [each for each in self.held() if each.sender in theirs]
        for each in gone:
            self.forget_raw(each.key)
            self.shelf.forget(each)
        return len(gone)

    def _expect_lead(self, what: str) -> None:
        if not self.agent.leads:
            raise NotAllowedError(f"only leads {what}; {self.agent.name} is not a lead")
