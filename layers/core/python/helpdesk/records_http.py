"""Records that another system of the shop keeps, read over HTTPS.

The address is a setting, and only the customer's key and the number of an order are filled into its
path or query. Which fields of an answer are read is a setting as well; no other one is looked at.
No redirect is followed, no address of a private network is asked, and one look takes two seconds
at most, beside looking the name up.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol
from urllib.parse import quote, urlsplit

from helpdesk.notifying import LaterError, RefusedError, Reply
from helpdesk.records import (
    ORDER_FIELDS,
    InvalidRecordError,
    Order,
    Record,
    RecordsUnavailableError,
    newest_first,
    number_key,
    read_order,
    read_record,
)
from helpdesk.ticket import Customer, CustomerKey, Kind

LIMIT = 2
"""Seconds that one look may take."""

MOST_READ = 262_144
"""Bytes of an answer. A longer one counts as none."""

_PLACES: Final = {"email": Kind.EMAIL, "reference": Kind.REFERENCE}
_PLACE = re.compile(r"\{(\w*)\}")
_PATH = re.compile(r"\w+(\.\w+)*")
_MAY_BE_MAPPED: Final = frozenset({*ORDER_FIELDS, "orders", "record", "customer"})


class AddressError(ValueError):
    """An address or a mapping that cannot be used; the message says why."""


class Wire(Protocol):
    """Fetches from the world."""

    def fetch(self, url: str, headers: Mapping[str, str], most: int) -> Reply:
        """Return the answer, of its body `most` bytes. Raises RefusedError or LaterError."""


@dataclass(frozen=True, slots=True)
class Address:
    """An address with `{email}` or `{reference}` in it, and `{number}` if it likes."""

    template: str
    kind: Kind

    @classmethod
    def read(cls, template: str) -> "Address":
        """Return the address that a setting says. Raises AddressError."""
        names = _PLACE.findall(template)
        known = [name for name in names if name in _PLACES]
        if len(known) != 1 or not {*names} <= {*known, "number"}:
            raise AddressError("it has {email} or {reference} once, and {number} or nothing else")
        if _PLACE.search(urlsplit(template).netloc) or not template.startswith("http"):
            raise AddressError("its host is fixed, and stands first")
        return cls(template, _PLACES[known[0]])

    def of(self, key: CustomerKey, number: str) -> str | None:
        """Return where a customer's orders are; None for what would lead to another place."""
        if {key.value, number} & {".", ".."}:
            return None
        said = {self.kind.value: key.value, "number": number}
        return _PLACE.sub(lambda found: quote(said[found[1]], safe=""), self.template)


@dataclass(frozen=True, slots=True)
class Mapped:
    """Where in an answer each field is: names and places in lists, with dots between them."""

    paths: Mapping[str, str]

    @classmethod
    def read(cls, line: str) -> "Mapped":
        """Return the mapping that a setting says, such as `orders=data.orders number=name`.

        A field that is not said has its own name. Raises AddressError.
        """
        said = dict(pair.partition("=")[::2] for pair in line.split())
        for name, path in said.items():
            if name not in _MAY_BE_MAPPED or not _PATH.fullmatch(path):
                raise AddressError(f"{name!r} cannot be read from {path!r}")
        return cls({name: name for name in (*ORDER_FIELDS, "orders", "record")} | said)

    def orders(self, answer: Any, key: CustomerKey) -> Iterator[Mapping[str, object]]:
        """Yield what an answer says of orders; those of another customer are left out."""
        found = answer if isinstance(answer, list) else _at(answer, self.paths["orders"])
        for each in found if isinstance(found, list) else [found] if found else []:
            if self._owns(each, key):
                yield {name: _at(each, self.paths[name]) for name in ORDER_FIELDS}

    def record(self, answer: Any) -> Mapping[str, object]:
        """Return what an answer says of the customer."""
        found = _at(answer, self.paths["record"])
        return found if isinstance(found, dict) else {}

    def _owns(self, order: Any, key: CustomerKey) -> bool:
        path = self.paths.get("customer")
        return path is None or CustomerKey.of(key.kind, str(_at(order, path))) == key


@dataclass(frozen=True, slots=True)
class HttpRecords:
    """The records of another system. `authorization` is the value of that header, if any."""

    address: Address
    mapped: Mapped
    wire: Wire
    authorization: str = field(default="", repr=False)

    def customer(self, principal: Customer) -> Record | None:
        """Return the record of a customer; None if there is none.

        Raises RecordsUnavailableError.
        """
        found = (self._record(each) for each in self._keys(principal))
        return next(filter(None, found), None)

    def orders(self, principal: Customer, reference: str | None = None) -> tuple[Order, ...]:
        """Return a customer's orders, the newest first, or the one with this number.

        Raises RecordsUnavailableError.
        """
        number = number_key(reference) if reference is not None else None
        found = [
            order
            for key in self._keys(principal)
            for order in self._orders(key, number or "")
            if number is None or number_key(order.number) == number
        ]
        return newest_first(found)

    def kept(self) -> bool:
        """Tell that there are records: the other system knows all orders."""
        return True

    def _keys(self, principal: Customer) -> Iterable[CustomerKey]:
        if not principal.verified:
            return ()
        return (each for each in principal.keys if each.kind is self.address.kind)

    def _orders(self, key: CustomerKey, number: str) -> list[Order]:
        try:
            return [read_order(each) for each in self.mapped.orders(self._get(key, number), key)]
        except InvalidRecordError as error:
            raise RecordsUnavailableError(f"the shop's system says an order with {error}") from None

    def _record(self, key: CustomerKey) -> Record | None:
        try:
            return read_record(self.mapped.record(self._get(key, "")))
        except InvalidRecordError as error:
            raise RecordsUnavailableError(f"the shop's system says a record with {error}") from None

    def _get(self, key: CustomerKey, number: str) -> Any:
        """Return the answer about a customer; None if the other system knows of none."""
        if (url := self.address.of(key, number)) is None:
            return None
        headers = {"Accept": "application/json"}
        if self.authorization:
            headers["Authorization"] = self.authorization
        try:
            reply = self.wire.fetch(url, headers, MOST_READ + 1)
        except (RefusedError, LaterError) as error:
            raise RecordsUnavailableError(f"the shop's system: {error}") from None
        if reply.status in {404, 410}:
            return None
        if reply.status != 200 or len(reply.body) > MOST_READ:
            size = len(reply.body)
            raise RecordsUnavailableError(f"the shop's system: {reply.status}, {size} bytes")
        try:
            return json.loads(reply.body)
        except (ValueError, RecursionError):
            raise RecordsUnavailableError("the shop's system: its answer is not JSON") from None


def _at(value: Any, path: str) -> Any:
    """Return what is at a path, or None."""
    for name in path.split("."):
        if isinstance(value, dict):
            value = value.get(name)
        elif isinstance(value, list) and name.isdecimal() and int(name) < len(value):
            value = value[int(name)]
        else:
            return None
    return value
