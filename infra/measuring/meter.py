"""What DynamoDB calls cost: calls, items examined, and the units AWS charges on demand."""

import json
import math
from base64 import b64decode
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import boto3
from boto3.dynamodb.types import TypeSerializer


@dataclass(slots=True)
class Use:
    """What one request did to the table. Units are DynamoDB's, on demand."""

    calls: int = 0
    examined: int = 0
    read_units: float = 0.0
    write_units: float = 0.0


type Item = dict[str, Any]


class Place(NamedTuple):
    """A partition key of a table, or of the index `of` it; "" is the table itself."""

    table: str
    of: str
    key: str


@dataclass(frozen=True, slots=True)
class Index:
    """An index of a table: its name and keys, and what attributes it holds (None: all of them)."""

    name: str
    keys: tuple[str, ...]
    holds: frozenset[str] | None

    def entry(self, item: Item | None) -> Item | None:
        """Return what the index holds of an item, or None if the item lacks one of its keys."""
        if item is None or not all(key in item for key in self.keys):
            return None
        kept = self.holds
        return {name: item[name] for name in item if kept is None or name in kept}

    def writes(self, before: Item | None, after: Item | None) -> Iterator[tuple[str, int]]:
        """Yield each partition key of the index that a change of an item writes, with its units.

        One for a new, a gone or a changed entry, two if its key changed, each for every 1,024 bytes
        (Amazon DynamoDB Developer Guide, "Using Global Secondary Indexes").
        """
        old, new = self.entry(before), self.entry(after)
        if old == new:
            return
        moved = old and new and any(old[key] != new[key] for key in self.keys)
        if old and new and not moved:
            yield self._key(new), max(_units(old), _units(new))
            return
        for entry in (old, new):
            if entry:
                yield self._key(entry), _units(entry)

    def _key(self, entry: Item) -> str:
        key: str = entry[self.keys[0]]["S"]
        return key


def indexes(properties: Mapping[str, Any]) -> tuple[Index, ...]:
    """Return the indexes of a table as the template defines it."""
    keys = {each["AttributeName"] for each in properties["KeySchema"]}
    found = []
    for index in properties.get("GlobalSecondaryIndexes", ()):
        own = tuple(each["AttributeName"] for each in index["KeySchema"])
        projection = index["Projection"]
        more = projection.get("NonKeyAttributes", ())
        everything = projection["ProjectionType"] == "ALL"
        holds = None if everything else frozenset({*keys, *own, *more})
        found.append(Index(index["IndexName"], own, holds))
    return tuple(found)


class Meter:
    """Counts what a session's DynamoDB calls cost. It notices only clients made after it.

    `written` and `read` have the units of each place, while `use` has all of them together.

    `look` returns an item of a table by the table's name and the item's key, or None; `indexed`
    has the indexes of each table.
    """

    def __init__(
        self,
        session: boto3.Session,
        look: Callable[[str, Item], Item | None],
        indexed: Mapping[str, Sequence[Index]],
    ) -> None:
        self.use = Use()
        self.written: Counter[Place] = Counter()
        self.read: dict[Place, float] = defaultdict(float)
        self._look, self._indexed = look, indexed
        self._asked: Item = {}
        self._before_write: list[Item | None] = []
        before: Any = self._before
        after: Any = self._after
        session.events.register("before-call.dynamodb", before)
        session.events.register("after-call.dynamodb", after)

    def _before(self, params: Mapping[str, Any], **_: Any) -> None:
        self._asked = json.loads(params["body"])
        self._before_write = [self._look(name, key) for name, key in self._written(self._asked)]

    def _after(self, model: Any, parsed: Mapping[str, Any], **_: Any) -> None:
        self.use.calls += 1
        if model.name in {"TransactWriteItems", "UpdateItem", "PutItem", "DeleteItem"}:
            self._wrote(times=2 if model.name == "TransactWriteItems" else 1)
        count: Callable[[dict[str, Any], Mapping[str, Any]], None] | None
        if count := getattr(self, f"_{model.name}", None):
            count(self._asked, parsed)

    def _written(self, asked: Item) -> Iterator[tuple[str, Item]]:
        """Yield table and key of everything that a request writes."""
        writes = [write for item in asked.get("TransactItems", ()) for write in item.values()]
        if "TableName" in asked and ("Item" in asked or "Key" in asked):
            writes.append(asked)
        for write in writes:
            item = write.get("Item") or write["Key"]
            yield write["TableName"], {"pk": item["pk"], "sk": item["sk"]}

    def _wrote(self, *, times: int) -> None:
        """Count every item as it was and is, and its entries in the indexes, which cost once."""
        for (name, key), before in zip(self._written(self._asked), self._before_write, strict=True):
            after = self._look(name, key)
            own = times * max(_units(before), _units(after))
            self.written[Place(name, "", key["pk"]["S"])] += own
            self.use.write_units += own
            for index in self._indexed[name]:
                for partition, units in index.writes(before, after):
                    self.written[Place(name, index.name, partition)] += units
                    self.use.write_units += units

    def _GetItem(self, asked: dict[str, Any], answer: Mapping[str, Any]) -> None:  # noqa: N802
        place = Place(asked["TableName"], "", asked["Key"]["pk"]["S"])
        self._read([answer["Item"]] if "Item" in answer else [{}], asked, place)

    def _BatchGetItem(self, asked: dict[str, Any], answer: Mapping[str, Any]) -> None:  # noqa: N802
        for name, wanted in asked["RequestItems"].items():
            for item in answer["Responses"][name]:
                self._read([item], wanted, Place(name, "", item["pk"]["S"]))

    def _Query(self, asked: dict[str, Any], answer: Mapping[str, Any]) -> None:  # noqa: N802
        items = answer.get("Items") or [{}] * answer["ScannedCount"]
        self._read(items, asked, self._place(asked, items[0] if items else {}))
        self.use.examined += answer["ScannedCount"] - len(items)

    def _place(self, asked: dict[str, Any], item: Item) -> Place:
        """Return the place that a query reads; without an answer its key is not known."""
        name = asked.get("IndexName", "")
        keys = {index.name: index.keys[0] for index in self._indexed[asked["TableName"]]}
        key = item.get(keys.get(name, "pk"), {"S": ""})["S"]
        return Place(asked["TableName"], name, key)

    def _read(self, items: list[dict[str, Any]], asked: dict[str, Any], place: Place) -> None:
        bytes_read = sum(map(size, items))
        units: float = max(1, math.ceil(bytes_read / 4096))
        units = units if asked.get("ConsistentRead") else units / 2
        self.read[place] += units
        self.use.read_units += units
        self.use.examined += len(items)


def _units(item: Item | None) -> int:
    """Return the write units of an item: one for every 1,024 bytes; one for nothing at all."""
    return max(1, math.ceil(size(item) / 1024)) if item else 1


def wire(item: Mapping[str, Any]) -> Item:
    """Return an item with plain Python values as DynamoDB gets it."""
    serialize = TypeSerializer().serialize
    return {name: serialize(value) for name, value in item.items()}


def size(item: Item) -> int:
    """Return the bytes DynamoDB counts for an item in its wire form, as its guide says.

    Names and values count; numbers by two digits a byte; lists and maps have three bytes of their
    own and one for every element.
    """
    return sum(len(name.encode()) + _value(value) for name, value in item.items())


def _value(value: Item) -> int:
    ((kind, content),) = value.items()
    match kind:
        case "S":
            return len(content.encode())
        case "N":
            return (len(content.strip("-0.").replace(".", "")) + 1) // 2 + 1
        case "B":
            return len(b64decode(content)) if isinstance(content, str) else len(bytes(content))
        case "L":
            return 3 + sum(1 + _value(each) for each in content)
        case "M":
            return 3 + len(content) + size(content)
        case "BOOL" | "NULL":
            return 1
    raise ValueError(f"the product writes no attributes of the kind {kind}")
