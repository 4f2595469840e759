"""What leads hear in random lives: each reason once, by one notice, however often it is brought."""

from collections import Counter
from typing import Any

from helpdesk.notifying import AgainError, Channel, LaterError, Notifier, audience
from helpdesk.ticket import Event, State, Ticket, replay

from tests.lives.mails import Mailing
from tests.lives.promises import Promise, expect
from tests.notices import HOLD, Board

HEARS = audience("webhook")


class Hearing(Mailing):
    """A desk whose leads hear by a channel that is busy at times."""

    def _come_to_rest(self) -> None:
        """The courier brings what there is, each notice three times, and then it is compared."""
        super()._come_to_rest()
        wanted, tickets = list[str](), self._tickets()
        for each in tickets:
            wanted += self._to_be_told(each.id)
        told = self._brought()
        expect(Promise.HEARD, Counter(told) == Counter(wanted), f"told {told}, wanted {wanted}")

    def _to_be_told(self, ticket_id: str) -> list[str]:
        """Return the notices that a history must have brought, from what its events say."""
        found, before = list[str](), frozenset[str]()
        events: tuple[Event, ...] = self.office.tickets.events(ticket_id)
        for number in range(1, len(events) + 1):
            reasons = _reasons(replay(events[:number]))
            if reasons - before:
                found.append(f"{ticket_id}-{events[number - 1].number}-webhook")
            before = reasons
        return found

    def _brought(self) -> list[str]:
        board, clock = Board(), self.office.clock
        tickets: Any = self.office.tickets
        notifier = Notifier(
            notices=tickets.notices,
            tickets=tickets,
            posts={Channel.WEBHOOK: board},
            bury=lambda body: expect(Promise.HEARD, False, f"{body} is a dead letter"),
            clock=clock,
            jitter=lambda: 0.5,
        )
        for number, name in enumerate(self.world.to_be_heard()):
            board.faults = [LaterError("busy")] if number % 3 == 0 else []
            for attempt in (1, 2, 3):
                try:
                    notifier.deliver(name, attempt)
                except AgainError as error:
                    clock.advance(error.after)
                clock.advance(HOLD)
        return board.ids


def _reasons(of: Ticket) -> frozenset[str]:
    """Return why leads should hear of a ticket as it is."""
    if of.state is not State.ESCALATED:
        return frozenset()
    mood = of.understanding.sentiment if of.understanding else 0.0
    found = {
        "urgent": of.priority == "urgent",
        "high": of.priority in ("urgent", "high"),
        "level": of.level >= 2,
        "legal": of.reason == "legal" or bool(of.severity and of.severity.legal),
        "negative": mood <= -0.8,
        "failed": of.reason == "processing_failed",
    }
    return frozenset(name for name, holds in found.items() if holds)
