"""Records of customers in memory, which count how often they are read."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from helpdesk.records import (
    Holding,
    Order,
    Record,
    RecordsUnavailableError,
    number_key,
)
from helpdesk.ticket import Customer, CustomerKey, Kind


@dataclass(slots=True)
class InMemoryRecords:
    """Holdings in a dictionary; `down` makes every read fail."""

    holdings: dict[CustomerKey, Holding] = field(default_factory=dict)
    imported: bool = False
    down: bool = False
    reads: list[str] = field(default_factory=list)

    def customer(self, principal: Customer) -> Record | None:
        self._read("customer")
        return next((each.record for each in self._own(principal) if each.record), None)

    def orders(self, principal: Customer, reference: str | None = None) -> tuple[Order, ...]:
        self._read("orders" if reference is None else "order")
        found = [each for holding in self._own(principal) for each in holding.orders]
        if reference is not None:
            wanted = number_key(reference)
            found = [each for each in found if number_key(each.number) == wanted]
        return tuple(found)

    def kept(self) -> bool:
        self._read("kept")
        return self.imported

    def put(self, holding: Holding, *, expires_at: datetime) -> None:
        self.holdings[holding.key] = holding

    def note_import(self, at: datetime) -> None:
        self.imported = True

    def held(self, key: CustomerKey) -> Holding:
        return self.holdings.get(key, Holding(key=key))

    def forget(self, keys: Iterable[CustomerKey]) -> int:
        return sum(self.holdings.pop(key, None) is not None for key in keys)

    def _own(self, principal: Customer) -> list[Holding]:
        if not principal.verified:
            return []
        keys = (key for key in principal.keys if key.kind is not Kind.NAME)
        return [self.holdings[key] for key in keys if key in self.holdings]

    def _read(self, what: str) -> None:
        self.reads.append(what)
        if self.down:
            raise RecordsUnavailableError("the records are down")


def keeping(email: str, *orders: Order) -> Holding:
    """Return the orders of the customer with an address."""
    (key,) = Customer(email=email).keys
    return Holding(key=key, orders=orders)
