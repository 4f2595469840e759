"""moto's Query, on sorted items: it meets the items it answers with, however large the table is."""

from __future__ import annotations

from typing import Any

from moto.dynamodb.exceptions import MockValidationException
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import RESULT_SIZE_LIMIT, SecondaryIndex, Table

from helpdesk_localstack import item_index
from helpdesk_localstack.moto_items import only

type Edge = tuple[item_index.Order, bool] | None
type Span = tuple[Edge, Edge]
type Page = tuple[list[Item], int, dict[str, Any] | None]


def install() -> None:
    """Replace moto's Query. Call once per process."""
    Table.query = query
    SecondaryIndex.project = _project


def query(
    self: Table,
    hash_key: DynamoType,
    range_comparison: str | None,
    range_objs: list[DynamoType],
    limit: int | None,
    exclusive_start_key: dict[str, Any] | None,
    scan_index_forward: bool,
    projection_expressions: list[list[str]] | None,
    index_name: str | None = None,
    consistent_read: bool = False,
    filter_expression: Any = None,
    **filter_kwargs: Any,
) -> Page:
    """What moto's `Table.query` does, with its arguments and its answer.

    The items are those of the table, not copies. MockValidationException as moto's.
    """
    forward = scan_index_forward is not False
    _check_index(self, index_name, consistent_read=consistent_read)
    items = item_index.sorted_items(self, index_name)
    low, high = _span(items, range_comparison, range_objs)
    if exclusive_start_key is not None:
        low, high = _after(_start(items, exclusive_start_key), low, high, forward=forward)
    results: list[Item] = []
    filled, scanned, last = 0, 0, None
    for order, item in items.walk(hash_key, low, high, forward=forward):
        filled += item.size()
        if len(results) == limit or filled > RESULT_SIZE_LIMIT:
            break
        scanned += 1
        last = order
        if all(_holds(item, name, wanted) for name, wanted in filter_kwargs.items()):
            results.append(item)
    else:
        if len(results) != limit:
            last = None
    more = last is not None and not items.is_at_end(hash_key, last, forward=forward)
    last_key = self._get_last_evaluated_key(results[-1], index_name) if more and results else None
    if index_name:
        index = self.get_index(index_name)
        results = [index.project(item) for item in results]
    if filter_expression is not None:
        results = [item for item in results if filter_expression.expr(item)]
    if projection_expressions:
        results = [item.project(projection_expressions) for item in results]
    return results, scanned, last_key


def _span(items: item_index.SortedItems, comparison: str | None, values: list[DynamoType]) -> Span:
    if comparison and items.sort_attr is None:
        raise MockValidationException("Query key condition not supported")
    try:
        return item_index.bounds(comparison, [value.cast_value for value in values])
    except ValueError as error:
        raise MockValidationException(str(error)) from error


def _after(start: item_index.Order, low: Edge, high: Edge, *, forward: bool) -> Span:
    """What is left of a span after the page that ended at `start`."""
    edge = start, False
    if forward:
        return (edge if low is None or low[0] <= start else low), high
    return low, (edge if high is None or start <= high[0] else high)


def _check_index(table: Table, name: str | None, *, consistent_read: bool) -> None:
    if not name:
        return
    indexes = {index.name: index for index in table.all_indexes()}
    if name not in indexes:
        raise MockValidationException(
            f"Invalid index: {name} for table: {table.name}. "
            f"Available indexes are: {', '.join(indexes)}"
        )
    if consistent_read and indexes[name] in table.global_indexes:
        raise MockValidationException(
            "Consistent reads are not supported on global secondary indexes"
        )


def _start(items: item_index.SortedItems, key: dict[str, Any]) -> item_index.Order:
    try:
        return items.order_of({name: DynamoType(value) for name, value in key.items()})
    except KeyError as error:
        raise MockValidationException("The provided starting key is invalid") from error


def _holds(item: Item, name: str, wanted: dict[str, Any]) -> bool:
    """A condition of the old kind, `QueryFilter` or `KeyConditions`."""
    found = item.attrs.get(name)
    values = [DynamoType(value) for value in wanted.get("AttributeValueList", [])]
    if found is None:
        return bool(wanted["ComparisonOperator"] == "NULL")
    return bool(found.compare(wanted["ComparisonOperator"], values))


def _project(self: SecondaryIndex, item: Item) -> Item:
    """moto's, which turns the whole item into Python's types and back for each attribute."""
    kind = (self.projection or {}).get("ProjectionType")
    if kind not in {"KEYS_ONLY", "INCLUDE"}:
        return item
    names = [*self.table_key_attrs, *self.schema_key_attrs]
    if kind == "INCLUDE":
        names += self.projection.get("NonKeyAttributes", [])
    return only(item, names)
