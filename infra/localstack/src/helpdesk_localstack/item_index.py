"""Items of a table in the order that a query wants, so that it meets only those it answers with.

moto walks and sorts the whole table for every query, with the one lock held. Here each table, and
each of its indexes that was ever asked, has its partitions sorted, and `changes` keeps them so.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from typing import Any

from moto.dynamodb.models.dynamo_type import Item
from moto.dynamodb.models.table import Table
from sortedcontainers import SortedDict

from helpdesk_localstack import changes

type Order = tuple[Any, ...]


class _Last:
    """Sorts after everything."""

    def __lt__(self, _other: object) -> bool:
        return False

    def __gt__(self, _other: object) -> bool:
        return True


LAST: Any = _Last()
_LAST_CHARACTER = "\U0010ffff"


class SortedItems:
    """The items that have certain key attributes, by partition and, in it, by sort key.

    `schema` is the key schema of the table or index. Items without its attributes are left out, as
    DynamoDB does, and so are items whose attribute has another type than the table defines.
    """

    def __init__(self, table: Table, schema: list[dict[str, str]]) -> None:
        self.schema = schema
        kinds = {key["KeyType"]: key["AttributeName"] for key in schema}
        self.partition_attr = kinds["HASH"]
        self.sort_attr = kinds.get("RANGE")
        self._attributes = [self.partition_attr, *([self.sort_attr] if self.sort_attr else [])]
        self._attributes += [name for name in table.table_key_attrs if name not in self._attributes]
        self._types = {entry["AttributeName"]: entry["AttributeType"] for entry in table.attr}
        self._partitions: dict[Any, SortedDict[Order, Item]] = {}
        self._places: dict[changes.Key, tuple[Any, Order]] = {}
        for key in changes.keys_of(table):
            self.update(key, changes.item_of(table, key))

    def update(self, key: changes.Key, item: Item | None) -> None:
        """The item under this key of the table is now this one, or gone."""
        place = self._place(item) if item is not None else None
        if (before := self._places.pop(key, None)) is not None and before != place:
            partition, order = before
            del self._partitions[partition][order]
            if not self._partitions[partition]:
                del self._partitions[partition]
        if place is not None:
            partition, order = place
            self._places[key] = place
            self._partitions.setdefault(partition, SortedDict())[order] = item

    def order_of(self, attributes: dict[str, Any]) -> Order:
        """Where an item with these attributes stands in its partition. KeyError if one lacks."""
        values = [attributes[name] for name in self._attributes[1:]]
        # As written, too: numbers too long for a float compare equal and are different keys.
        return (*(value.cast_value for value in values), *(value.value for value in values))

    def walk(
        self,
        partition: Any,
        low: tuple[Order, bool] | None,
        high: tuple[Order, bool] | None,
        *,
        forward: bool,
    ) -> Iterator[tuple[Order, Item]]:
        """The items of a partition between two places (each with whether it is included)."""
        items = self._partitions.get(partition)
        if items is None:
            return
        least, most = low or (None, True), high or (None, True)
        for order in items.irange(least[0], most[0], (least[1], most[1]), reverse=not forward):
            yield order, items[order]

    def is_at_end(self, partition: Any, order: Order, *, forward: bool) -> bool:
        """Whether no item of the partition comes after this place."""
        items = self._partitions.get(partition)
        if not items:
            return True
        outermost: Order = items.peekitem(-1 if forward else 0)[0]
        return bool(outermost == order)

    def _place(self, item: Item) -> tuple[Any, Order] | None:
        for name in self._attributes:
            value = item.attrs.get(name)
            if value is None or value.type != self._types.get(name, value.type):
                return None
        return item.attrs[self.partition_attr], self.order_of(item.attrs)


class _Indexes:
    """What is sorted of one table: the table itself under None, and indexes by name."""

    def __init__(self, table: Table) -> None:
        self._table = weakref.ref(table)
        self._sorted: dict[str | None, SortedItems] = {}

    def get(self, name: str | None) -> SortedItems:
        table = self._table()
        assert table is not None
        schema = table.get_index(name).schema if name else table.schema
        found = self._sorted.get(name)
        if found is None or found.schema != schema:
            found = self._sorted[name] = SortedItems(table, schema)
        return found

    def update(self, keys: Any) -> None:
        table = self._table()
        assert table is not None
        for key in keys:
            item = changes.item_of(table, key)
            for items in self._sorted.values():
                items.update(key, item)


_indexes: weakref.WeakKeyDictionary[Table, _Indexes] = weakref.WeakKeyDictionary()


def install() -> None:
    """Keep up with every change. Call once per process, before other listeners that may fail."""
    changes.listen(_update)


def sorted_items(table: Table, index_name: str | None) -> SortedItems:
    """The items of a table, or of its index of that name, which must exist. Lock held."""
    if table not in _indexes:
        _indexes[table] = _Indexes(table)
    return _indexes[table].get(index_name)


def bounds(
    comparison: str | None, values: list[Any]
) -> tuple[tuple[Order, bool] | None, tuple[Order, bool] | None]:
    """The places between which a condition on the sort key holds. ValueError if it is unknown."""
    low: tuple[Order, bool] | None = None
    high: tuple[Order, bool] | None = None
    first = values[0] if values else None
    match comparison:
        case None:
            pass
        case "EQ" | "=":
            low, high = ((first,), True), ((first, LAST), True)
        case "LT" | "<":
            high = ((first,), False)
        case "LE" | "<=":
            high = ((first, LAST), True)
        case "GT" | ">":
            low = ((first, LAST), False)
        case "GE" | ">=":
            low = ((first,), True)
        case "BETWEEN":
            low, high = ((first,), True), ((values[1], LAST), True)
        case "BEGINS_WITH":
            low = ((first,), True)
            high = _after_prefix(str(first))
        case _:
            raise ValueError(f"unknown comparison {comparison}")
    return low, high


def _after_prefix(prefix: str) -> tuple[Order, bool] | None:
    stem = prefix.rstrip(_LAST_CHARACTER)
    if not stem:
        return None
    return (stem[:-1] + chr(ord(stem[-1]) + 1),), False


def _update(touched: changes.Touched) -> None:
    for table, keys in touched.items():
        if table in _indexes:
            _indexes[table].update(keys)
