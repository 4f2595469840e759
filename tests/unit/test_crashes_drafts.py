"""The drafter dies before or after any call of any port; the queue brings the ticket again.

After every crash the ticket has one open draft, the engine's, and waits for a person. An engine is
asked twice only if the drafter died after it had written and before the draft was stored.
"""

from contextlib import suppress
from typing import Any

from helpdesk.drafting import Failure, Prices
from helpdesk.redrafting import ATTEMPTS, AgainError, Budgeted, Limits, redraft

from tests.fakes import Crash, Fuse
from tests.purses import InMemoryPurse
from tests.tickets import LATER
from tests.unit.test_crashes_mail import every_crash
from tests.unit.test_redrafting import ID, NAME, NEW, USAGE, Desk

LIMITS = Limits(microdollars=1_000_000, tokens=100_000)
MOST = 1_400
"""Tokens that are set aside for a call."""


class House(Desk):
    """A desk with a drafter whose every port can blow."""

    def __init__(self) -> None:
        super().__init__()
        self.purse = InMemoryPurse()

    def bring(self, fuse: Fuse | None = None, attempt: int = 1) -> None:
        def guard(port: Any) -> Any:
            return fuse.guard(port) if fuse else port

        engine = Budgeted(
            engine=Named(guard(self.engine)),
            ticket_id=ID,
            purse=guard(self.purse),
            limits=LIMITS,
            prices=Prices(),
            weigh=lambda _: MOST - 400,
            clock=lambda: LATER,
        )
        redraft(
            ID,
            tickets=guard(self.tickets),
            shelf=guard(self.shelf),
            engine=engine,
            last=attempt >= ATTEMPTS,
            now=LATER,
        )

    @property
    def tokens(self) -> int:
        return self.purse.spent(LATER.date()).tokens


class Named:
    """An engine behind a fuse; its name is no call."""

    name = NAME

    def __init__(self, engine: Any) -> None:
        self.write = engine.write


def test_a_ticket_has_one_draft_of_the_engine_in_the_end() -> None:
    twice = 0
    for house, fuse in every_crash(House, steps=8):
        with suppress(Crash):
            house.bring(fuse)
        assert house.ticket.in_review
        house.bring(attempt=2)

        assert (house.draft.text, house.draft.engine) == (NEW, NAME)
        assert house.draft.number == house.ticket.version == 3
        asked = len(house.engine.asked)
        assert asked in {1, 2}
        twice += asked == 2
    assert twice, "after the engine wrote, and before the draft was stored"


def test_no_crash_lets_an_engine_spend_what_is_not_counted() -> None:
    for house, fuse in every_crash(House, steps=8):
        with suppress(Crash):
            house.bring(fuse)
        house.bring(attempt=2)

        took = len(house.engine.asked) * (USAGE.read + USAGE.written)
        assert took <= house.tokens <= took + MOST


def test_an_engine_that_is_down_leaves_the_quotation_with_the_reason() -> None:
    for house, fuse in every_crash(House, steps=8):
        house.engine.failure = Failure.UNAVAILABLE
        before = house.draft.text
        for attempt in range(1, ATTEMPTS + 2):
            with suppress(Crash, AgainError):
                house.bring(fuse if attempt == ATTEMPTS else None, attempt)

        assert (house.draft.text, house.draft.degraded) == (before, "unavailable")
        assert house.ticket.in_review
