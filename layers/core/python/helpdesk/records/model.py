"""What the shop knows of a customer: record, orders, and the port that reads them. Pure."""

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from helpdesk.ticket import Customer, CustomerKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An order of a customer, without addresses and payment data.

    `status` is a word of the shop, such as `shipped`. `tracking` is a link, by HTTPS.
    """

    number: str
    status: str
    placed_on: date | None = None
    expected_on: date | None = None
    carrier: str | None = None
    tracking: str | None = None
    items: tuple[str, ...] = ()
    open: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What the shop knows of a customer beside the orders: names of fields and their values."""

    fields: tuple[tuple[str, str], ...]


class RecordsUnavailableError(Exception):
    """The records cannot be read now; the message says why, and names no customer."""


class Records(Protocol):
    """Reads records of the customer of a ticket, and of no other.

    A customer who is not verified has no records: any visitor of a page may have typed the address.
    """

    def customer(self, principal: Customer) -> Record | None:
        """Return the record of a customer; None if there is none.

        Raises RecordsUnavailableError.
        """

    def orders(self, principal: Customer, reference: str | None = None) -> tuple[Order, ...]:
        """Return a customer's orders, the newest first, or the one with this number.

        An order of another customer is none, after the same time as one that does not exist.
        Raises RecordsUnavailableError.
        """


class KeptRecords(Records, Protocol):
    """Records of which it can be told whether there are any."""

    def kept(self) -> bool:
        """Tell whether the desk has records at all: without any, no customer has an order.

        Raises RecordsUnavailableError.
        """


class NoRecords:
    """The records of a desk that has none."""

    def customer(self, principal: Customer) -> Record | None:  # noqa: ARG002
        """Return nothing."""
        return None

    def orders(self, principal: Customer, reference: str | None = None) -> tuple[Order, ...]:  # noqa: ARG002
        """Return no order."""
        return ()

    def kept(self) -> bool:
        """Tell that there are none."""
        return False


NO_RECORDS = NoRecords()


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """All that is kept of the customer with one key."""

    key: CustomerKey
    record: Record | None = None
    orders: tuple[Order, ...] = ()
