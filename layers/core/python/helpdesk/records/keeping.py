"""What leads do with the records that the desk keeps itself: bring them in, look, forget."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from helpdesk.records.model import Holding
from helpdesk.records.reading import InvalidRecordError, number_key
from helpdesk.ticket import Agent, CustomerKey, NotAllowedError


class Forgetting(Protocol):
    """Forgets what is kept of customers."""

    def forget(self, keys: Iterable[CustomerKey]) -> int:
        """Delete all that is kept under some keys; return how many items that were."""


class Shelf(Forgetting, Protocol):
    """Where the desk keeps records."""

    def put(self, holding: Holding, *, expires_at: datetime) -> None:
        """Keep what is known of a customer, in place of orders with the same numbers."""

    def note_import(self, at: datetime) -> None:
        """Note that records are kept, since a moment."""

    def held(self, key: CustomerKey) -> Holding:
        """Return what is kept under a key: the orders, the newest first, and the record."""


class NothingKept:
    """For a desk that keeps no records."""

    def forget(self, keys: Iterable[CustomerKey]) -> int:  # noqa: ARG002
        """Forget nothing."""
        return 0


NOTHING_KEPT = NothingKept()


@dataclass(frozen=True, slots=True)
class Imported:
    """How many customers and orders came in."""

    customers: int
    orders: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """The records in the hands of a lead. `life` is how long one is kept after its import."""

    agent: Agent
    shelf: Shelf
    life: timedelta
    clock: Callable[[], datetime]

    def bring_in(
        self, holdings: Sequence[Holding], *, told: Callable[[int], None] = lambda _: None
    ) -> Imported:
        """Keep records. An order takes the place of the customer's order with the same number.

        `told` hears how many customers are done. Raises NotAllowedError or InvalidRecordError, and
        keeps nothing then. A run that breaks off can be repeated.
        """
        self._check()
        check_owners(holdings)
        now = self.clock()
        until = (now + self.life).replace(microsecond=0)
        for done, holding in enumerate(holdings, start=1):
            self.shelf.put(holding, expires_at=until)
            told(done)
        self.shelf.note_import(now)
        return Imported(len(holdings), sum(len(each.orders) for each in holdings))

    def show(self, key: CustomerKey) -> Holding:
        """Return what is kept of a customer. Raises NotAllowedError."""
        self._check()
        return self.shelf.held(key)

    def forget(self, key: CustomerKey) -> int:
        """Delete what is kept of a customer; return how many items. Raises NotAllowedError."""
        self._check()
        return self.shelf.forget((key,))

    def _check(self) -> None:
        if not self.agent.leads:
            raise NotAllowedError(
                f"only leads handle records of customers; {self.agent.name} is not a lead"
            )


def check_owners(holdings: Iterable[Holding]) -> None:
    """Refuse two customers with one order: one of them would read the other's.

    Raises InvalidRecordError, which names the order.
    """
    owners: dict[str, CustomerKey] = {}
    for holding in holdings:
        for order in holding.orders:
            if owners.setdefault(number_key(order.number), holding.key) != holding.key:
                raise InvalidRecordError(f"order {order.number} belongs to two customers")
