"""moto's items: sized once instead of at every attribute, copied without the general machinery.

moto sums up the whole item whenever an attribute is set, so an item of n attributes costs n times
n; and it copies items with `copy.deepcopy`, ten times slower than this.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from moto.dynamodb.exceptions import ItemSizeTooLarge, ItemSizeToUpdateTooLarge
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType, Item, LimitedSizeDict

_LIMIT_BYTES = 405_000  # moto's, between the documented 400 KB and what was seen on AWS


def install() -> None:
    """Replace how moto makes, sizes and copies items. Call once per process."""
    del LimitedSizeDict.__setitem__
    Item.__init__ = _init
    Item.__deepcopy__ = _copy
    stock = DynamoDBBackend.update_item

    def update_item(
        self: DynamoDBBackend, table_name: str, key: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Item:
        table = self.get_table(table_name)
        before = None
        if all(name in key for name in table.table_key_attrs):
            found = table.get_item(*self.get_keys_value(table, key))
            before = _copy(found) if found is not None else None
        item: Item = stock(self, table_name, key, *args, **kwargs)
        if item.size() > _LIMIT_BYTES:
            if before is None:
                table.delete_item(item.hash_key, item.range_key)
            else:
                item.attrs = before.attrs
            raise ItemSizeToUpdateTooLarge
        return item

    DynamoDBBackend.update_item = update_item


def only(item: Item, names: Iterable[str]) -> Item:
    """A copy of an item with these attributes alone, where it has them."""
    made: Item = Item.__new__(Item)
    made.hash_key, made.range_key = item.hash_key, item.range_key
    made.attrs = LimitedSizeDict()
    for name in names:
        if name in item.attrs:
            made.attrs[name] = _copy_value(item.attrs[name])
    return made


def _init(
    self: Item, hash_key: DynamoType, range_key: DynamoType | None, attrs: dict[str, Any]
) -> None:
    self.hash_key = hash_key
    self.range_key = range_key
    self.attrs = LimitedSizeDict({name: DynamoType(value) for name, value in attrs.items()})
    if self.size() > _LIMIT_BYTES:
        raise ItemSizeTooLarge


def _copy(item: Item, _memo: object = None) -> Item:
    return only(item, item.attrs)


def _copy_value(value: Any) -> Any:
    if not isinstance(value, DynamoType):
        return value
    made = DynamoType.__new__(DynamoType)
    made.type = value.type
    if isinstance(value.value, dict):
        made.value = {name: _copy_value(inner) for name, inner in value.value.items()}
    elif isinstance(value.value, list):
        made.value = [_copy_value(inner) for inner in value.value]
    else:
        made.value = value.value
    return made
