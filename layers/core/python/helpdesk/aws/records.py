"""What the shop knows of its customers, in a table of its own.

    CUSTOMER#<digest>    ORDER#<number>    an order, projected: no address, nothing that was paid
    CUSTOMER#<digest>    RECORD            names of fields and their values
    RECORDS              RECORDS           that records are kept, and since when

The digest is that of a customer's key: the table holds no address. A customer who is not verified
has keys of their own, under which nothing is ever kept: looking there is one read like any other.
Items expire, and what has expired is not read though the table may still have it.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from botocore.exceptions import BotoCoreError, ClientError

from helpdesk.aws.conditions import Key
from helpdesk.aws.shapes import Shape
from helpdesk.aws.tables import Item, Table
from helpdesk.records import (
    Holding,
    Order,
    Record,
    RecordsUnavailableError,
    newest_first,
    number_key,
)
from helpdesk.ticket import Customer, CustomerKey, Kind

_ORDER = Shape[Order](Order)
_MARK = {"pk": "RECORDS", "sk": "RECORDS"}


@dataclass(frozen=True, slots=True)
class DynamoRecords:
    """The records in the DynamoDB table `table`."""

    table: Table
    clock: Callable[[], datetime]

    def customer(self, principal: Customer) -> Record | None:
        """Return the record of a customer; None if there is none.

        Raises RecordsUnavailableError.
        """
        with _available():
            found = [self._record(pk) for pk in _partitions(principal)]
        return next(filter(None, found), None)

    def orders(self, principal: Customer, reference: str | None = None) -> tuple[Order, ...]:
        """Return a customer's orders, the newest first, or the one with this number.

        Each of the customer's keys is asked once, whether or not there is an order. Raises
        RecordsUnavailableError.
        """
        with _available():
            found = [
                order for pk in _partitions(principal) for order in self._orders(pk, reference)
            ]
        return newest_first({number_key(each.number): each for each in found}.values())

    def kept(self) -> bool:
        """Tell whether records were ever brought in. Raises RecordsUnavailableError."""
        with _available():
            return self.table.get_item(Key=_MARK) is not None

    def put(self, holding: Holding, *, expires_at: datetime) -> None:
        """Keep what is known of a customer, in place of orders with the same numbers."""
        pk, until = _partition(holding.key.stored), int(expires_at.timestamp())
        items: list[Item] = [
            {
                "pk": pk,
                "sk": _order_sk(each.number),
                "shown": _ORDER.write(each),
                "expires_at": until,
            }
            for each in holding.orders
        ]
        if holding.record:
            fields = dict(holding.record.fields)
            items.append({"pk": pk, "sk": "RECORD", "fields": fields, "expires_at": until})
        self.table.put_all(items)

    def note_import(self, at: datetime) -> None:
        """Note that records are kept, since a moment."""
        self.table.put_item(Item={**_MARK, "at": at.isoformat()})

    def held(self, key: CustomerKey) -> Holding:
        """Return what is kept under a key: the orders, the newest first, and the record."""
        pk = _partition(key.stored)
        orders = newest_first(self._orders(pk, None))
        return Holding(key=key, record=self._record(pk), orders=orders)

    def forget(self, keys: Iterable[CustomerKey]) -> int:
        """Delete all that is kept under some keys; return how many items that were."""
        partitions = dict.fromkeys(map(_partition, _stored(keys)))
        found = [
            {"pk": item["pk"], "sk": item["sk"]}
            for pk in partitions
            for item in self.table.query(
                KeyConditionExpression=Key("pk").eq(pk),
                ProjectionExpression="pk, sk",
                ConsistentRead=True,
            )
        ]
        self.table.delete_all(found)
        return len(found)

    def _orders(self, pk: str, reference: str | None) -> tuple[Order, ...]:
        if reference is not None:
            item = self.table.get_item(Key={"pk": pk, "sk": _order_sk(reference)})
            items: Iterable[Item] = [item] if item else []
        else:
            own = Key("pk").eq(pk) & Key("sk").begins_with("ORDER#")
            items = self.table.query(KeyConditionExpression=own)
        return tuple(_ORDER.read(item["shown"]) for item in items if self._lives(item))

    def _record(self, pk: str) -> Record | None:
        item = self.table.get_item(Key={"pk": pk, "sk": "RECORD"})
        if item is None or not self._lives(item):
            return None
        return Record(fields=tuple(sorted(item["fields"].items())))

    def _lives(self, item: Item) -> bool:
        return bool(item["expires_at"] > self.clock().timestamp())


@contextmanager
def _available() -> Iterator[None]:
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise RecordsUnavailableError(f"the table of records: {type(error).__name__}") from error


def _partitions(principal: Customer) -> tuple[str, ...]:
    """Return where the records of a customer are, whom a server or a signature vouches for."""
    keys = (each for each in principal.keys if each.kind is not Kind.NAME)
    prefix = "" if principal.verified else "UNVERIFIED#"
    return tuple(_partition(f"{prefix}{each.stored}") for each in keys)


def _stored(keys: Iterable[CustomerKey]) -> Iterator[str]:
    return (each.stored for each in keys)


def _partition(stored: str) -> str:
    return f"CUSTOMER#{sha256(stored.encode()).hexdigest()}"


def _order_sk(number: str) -> str:
    """Return the key of an order; one that is longer than any order's is the key of none."""
    return f"ORDER#{number_key(number)[:100]}"
