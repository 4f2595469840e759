"""What engines take, as people see it."""

from dataclasses import dataclass
from datetime import date
from typing import Self

from helpdesk.redrafting import Spent


@dataclass(frozen=True, slots=True, kw_only=True)
class SpentView:
    """What the engine that writes drafts took in a day (UTC).

    `dollars` are by the prices of the stack's parameters, `most` is what a day may cost; None if
    the stack has no engine.
    """

    day: date
    calls: int
    tokens: int
    dollars: float
    most: float | None

    @classmethod
    def of(cls, spent: Spent, most: float | None) -> Self:
        """Return the view of a day."""
        return cls(
            day=spent.day,
            calls=spent.calls,
            tokens=spent.tokens,
            dollars=spent.microdollars / 1_000_000,
            most=most,
        )


def dollars(amount: float) -> str:
    """Return an amount as people read it; a draft costs a fraction of a cent."""
    return f"{amount:.4f}" if 0 < amount < 0.01 else f"{amount:.2f}"
