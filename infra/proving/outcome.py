"""What one fault did, and what is left of it."""

from collections import Counter
from dataclasses import dataclass
from typing import Protocol


class Audited(Protocol):
    """What an audit found."""

    @property
    def clean(self) -> bool:
        """Whether all that was looked at is as it should be."""


@dataclass(slots=True, kw_only=True)
class Outcome[Found: Audited]:
    """One fault's outcome; `inflicted` counts what was done, `audit` has the result."""

    fault: str
    inflicted: Counter[str]
    audit: Found
    unreachable: int
    seconds: float
    surprises: list[str]

    @property
    def clean(self) -> bool:
        """Whether all is as it should be, and nothing else is left."""
        return self.audit.clean and not (self.unreachable or self.surprises)

    @property
    def verdict(self) -> str:
        """Whether it is, in words, and how long it took."""
        said = "all accounted for" if self.clean else "NOT ALL IS WELL"
        return f"{said}, {self.seconds:.0f} s"

    @property
    def done(self) -> str:
        """What was done, counted, in words."""
        return ", ".join(f"{count} {what}" for what, count in self.inflicted.items())
