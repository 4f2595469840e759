"""What an engine may take for a day and for a ticket. Pure.

Before a call the most that it may take is set aside. What it really took is known afterwards, and
the rest is given back. What was set aside by a run that died counts as spent.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from helpdesk.drafting import Engine, EngineError, Failure, Prices, Request, Usage, Written

MOST_CALLS = 10
"""Calls for one ticket in a day, even if they cost nothing."""

PAID_FOR = frozenset({Failure.TOO_SLOW, Failure.MALFORMED})
"""Failures after which an engine may have written all the same, without saying how much."""


class OverBudgetError(Exception):
    """It would be more than is allowed; the message says of what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What may be spent: microdollars in a day (UTC), tokens for one ticket in that day."""

    microdollars: int
    tokens: int
    calls: int = MOST_CALLS


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """What a call takes; negative where something is given back."""

    microdollars: int
    tokens: int
    calls: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What a day took: what was set aside, and the calls that were made."""

    day: date
    microdollars: int = 0
    tokens: int = 0
    calls: int = 0


class Purse(Protocol):
    """Counts what engines take, for all processes together."""

    def set_aside(self, ticket_id: str, spending: Spending, limits: Limits, now: datetime) -> None:
        """Count a spending. Raises OverBudgetError, and then nothing is counted."""

    def correct(self, ticket_id: str, difference: Spending, now: datetime) -> None:
        """Add to what was counted for the day of a moment and for a ticket."""

    def spent(self, day: date) -> Spent:
        """Return what a day took until now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budgeted:
    """An engine that is asked for one ticket, and only within its budget.

    `weigh` returns more tokens than the engine can read of a request.
    """

    engine: Engine
    ticket_id: str
    purse: Purse
    limits: Limits
    prices: Prices
    weigh: Callable[[Request], int]
    clock: Callable[[], datetime]

    @property
    def name(self) -> str:
        """The engine and its model."""
        return self.engine.name

    def write(self, request: Request) -> Written:
        """Return parts that name their evidence. Raises EngineError."""
        read = self.weigh(request)
        most = Spending(
            microdollars=self.prices.of(read, request.most), tokens=read + request.most, calls=1
        )
        now = self.clock()
        try:
            self.purse.set_aside(self.ticket_id, most, self.limits, now)
        except OverBudgetError as error:
            raise EngineError(Failure.OVER_BUDGET, str(error)) from None
        try:
            written = self.engine.write(request)
        except EngineError as error:
            if error.usage.read or error.failure not in PAID_FOR:
                self._give_back(most, error.usage, now)
            raise
        self._give_back(most, written.usage, now)
        return written

    def _give_back(self, most: Spending, usage: Usage, now: datetime) -> None:
        difference = Spending(
            microdollars=usage.microdollars - most.microdollars,
            tokens=usage.read + usage.written - most.tokens,
            calls=0,
        )
        self.purse.correct(self.ticket_id, difference, now)
