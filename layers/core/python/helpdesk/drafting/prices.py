"""What engines cost. Pure."""

from dataclasses import dataclass

from helpdesk.drafting.model import Usage

MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices of a million tokens in microdollars: of those an engine reads, and it writes."""

    read: int = 0
    written: int = 0

    def of(self, read: int, written: int) -> int:
        """Return what tokens cost, in microdollars, rounded up."""
        return -(-(read * self.read + written * self.written) // MILLION)

    def usage(self, read: int, written: int) -> Usage:
        """Return the usage of one call."""
        cost = self.of(read, written)
        return Usage(read=read, written=written, calls=1, microdollars=cost)


FREE = Prices()
"""Of an engine of one's own."""
