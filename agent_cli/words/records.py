"""What the commands about records print for scripts."""

from dataclasses import dataclass
from datetime import date
from typing import Self

from helpdesk.records import Holding, Order


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordsImportView:
    """What an import did, or would do; `left_out` names the fields that are not kept."""

    customers: int
    orders: int
    left_out: tuple[str, ...]
    done: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderView:
    """An order as it is kept."""

    number: str
    status: str
    placed_on: date | None
    expected_on: date | None
    carrier: str | None
    tracking: str | None
    items: tuple[str, ...]
    open: bool

    @classmethod
    def of(cls, order: Order) -> Self:
        """Return the view of an order."""
        return cls(
            number=order.number,
            status=order.status,
            placed_on=order.placed_on,
            expected_on=order.expected_on,
            carrier=order.carrier,
            tracking=order.tracking,
            items=order.items,
            open=order.open,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldingView:
    """All that is kept of a customer, the newest order first."""

    customer: str
    record: dict[str, str]
    orders: tuple[OrderView, ...]

    @classmethod
    def of(cls, held: Holding) -> Self:
        """Return the view of what is kept under a key."""
        return cls(
            customer=str(held.key),
            record=dict(held.record.fields) if held.record else {},
            orders=tuple(map(OrderView.of, held.orders)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgottenView:
    """How many items of a customer were deleted."""

    customer: str
    items: int
