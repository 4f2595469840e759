"""Dataclasses to plain values that a table holds, and back.

The items are the desk's own, so reading them takes no validation library: the type hints of a
dataclass say how each field is written and read. What a field cannot be read from is refused.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache, cached_property
from types import NoneType, UnionType
from typing import Any, TypeAliasType, Union, get_args, get_origin, get_type_hints

type Reader = Callable[[Any], Any]


class UnreadableError(ValueError):
    """A stored value is not of the type it was written as; the message says which value."""


class Shape[T]:
    """How values of one type are kept in a table."""

    def __init__(self, kind: Any) -> None:
        self._kind = kind

    def read(self, stored: Any) -> T:
        """Return the value that was stored. Raises UnreadableError."""
        try:
            value: T = self._reader(stored)
        except UnreadableError:
            raise
        except (ValueError, TypeError, KeyError, AttributeError, ArithmeticError) as error:
            raise UnreadableError(f"not a {self._kind}: {error!r}") from error
        return value

    def write(self, value: T, *, none: bool = False) -> Any:
        """Return what to store of a value: text, numbers, lists and dictionaries.

        Fields that are None are left out, unless `none` says to keep them, and so are those that
        their dataclass marks as not kept.
        """
        return _plain(value, none=none)

    @cached_property
    def _reader(self) -> Reader:
        return _reader_of(self._kind)


def _plain(value: Any, *, none: bool) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(each, none=none) for key, each in value.items()}
    if isinstance(value, tuple | list | frozenset):
        many = [_plain(each, none=none) for each in value]
        return sorted(many) if isinstance(value, frozenset) else many
    if is_dataclass(value):
        found = ((field.name, getattr(value, field.name)) for field in _kept(value))
        return {name: _plain(each, none=none) for name, each in found if none or each is not None}
    return _plain_scalar(value)


def _kept(kind: Any) -> list[Field[Any]]:
    """Return the fields of a dataclass that are kept: all that are not marked."""
    return [field for field in fields(kind) if field.metadata.get("kept", True)]


def _plain_scalar(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    return value


@cache
def _reader_of(kind: Any) -> Reader:
    if isinstance(kind, TypeAliasType):
        return _reader_of(kind.__value__)
    if kind in _SCALARS:
        return _SCALARS[kind]
    if is_dataclass(kind):
        return _dataclass_reader(kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind
    return _generic_reader(get_origin(kind), get_args(kind))


def _generic_reader(origin: Any, inner: tuple[Any, ...]) -> Reader:
    if origin in {UnionType, Union}:
        return _optional_reader(inner)
    if origin is dict:
        of_value = _reader_of(inner[1])
        return lambda stored: {key: of_value(each) for key, each in stored.items()}
    if origin is frozenset or (origin is tuple and inner[1:] == (...,)):
        return _many_reader(origin, inner)
    raise TypeError(f"no reader for {origin} of {inner}")


def _dataclass_reader(kind: Any) -> Reader:
    hints = get_type_hints(kind)
    plan = [
        (
            each.name,
            _reader_of(hints[each.name]),
            each.default is MISSING and each.default_factory is MISSING,
        )
        for each in _kept(kind)
    ]

    def read(stored: Any) -> Any:
        known = {}
        for name, reader, required in plan:
            if name in stored:
                known[name] = reader(stored[name])
            elif required:
                raise UnreadableError(f"{kind.__name__} without {name}")
        return kind(**known)

    return read


def _optional_reader(inner: tuple[Any, ...]) -> Reader:
    (some,) = (each for each in inner if each is not NoneType)
    reader = _reader_of(some)
    return lambda stored: None if stored is None else reader(stored)


def _many_reader(origin: Any, inner: tuple[Any, ...]) -> Reader:
    reader = _reader_of(inner[0])

    def read(stored: Any) -> Any:
        if isinstance(stored, str | Mapping):
            raise UnreadableError(f"{stored!r} is not a list")
        return origin(map(reader, stored))

    return read


def _text(stored: Any) -> str:
    if not isinstance(stored, str):
        raise UnreadableError(f"{stored!r} is not text")
    return stored


def _truth(stored: Any) -> bool:
    if not isinstance(stored, bool):
        raise UnreadableError(f"{stored!r} is neither true nor false")
    return stored


def _whole(stored: Any) -> int:
    if isinstance(stored, bool) or int(stored) != stored:
        raise UnreadableError(f"{stored!r} is not a whole number")
    return int(stored)


def _number(stored: Any) -> float:
    if isinstance(stored, bool | str):
        raise UnreadableError(f"{stored!r} is not a number")
    return float(stored)


def _moment(stored: Any) -> datetime:
    """A moment is stored as text or, where DynamoDB expires the item, in seconds."""
    if isinstance(stored, str):
        return datetime.fromisoformat(stored)
    return datetime.fromtimestamp(float(stored), UTC)


def _day(stored: Any) -> date:
    return date.fromisoformat(_text(stored))


def _as_it_is(stored: Any) -> Any:
    return stored


_SCALARS: dict[Any, Reader] = {
    str: _text,
    bytes: _as_it_is,
    bool: _truth,
    int: _whole,
    float: _number,
    datetime: _moment,
    date: _day,
    Any: _as_it_is,
}
