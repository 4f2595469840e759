"""Numbers to places. Pure."""

from dataclasses import dataclass


def ceiling(highest: float) -> int:
    """Return the round number at which an axis of counts ends: 1, 2 or 5 times a power of ten.

    It is at least `highest`, and at least 1.
    """
    power = 1
    while True:
        for first in (1, 2, 5):
            if first * power >= highest:
                return first * power
        power *= 10


def middle(top: int) -> int | None:
    """Return the number in the middle of an axis; None if no whole number is there."""
    return None if top % 2 else top // 2


@dataclass(frozen=True, slots=True)
class Scale:
    """A straight scale: numbers from 0 to `top` lie from `low` to `high`.

    A number outside lies at the end that is nearer.
    """

    top: float
    low: float
    high: float

    def at(self, number: float) -> float:
        """Return the place of a number."""
        share = min(1.0, max(0.0, number / self.top)) if self.top else 0.0
        return self.low + (self.high - self.low) * share


def spread(number: int, low: float, high: float) -> tuple[float, float]:
    """Return how wide each of some slots between two places is, and how wide its bar."""
    slot = (high - low) / max(1, number)
    return slot, max(1.0, min(28.0, slot * 0.72))


def labelled(number: int, most: int) -> int:
    """Return at which distance slots are labelled so that at most `most` labels are there."""
    return max(1, -(-number // most))
