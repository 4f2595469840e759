"""Conditions of DynamoDB as expressions, with placeholders for every name and value."""

from dataclasses import dataclass
from itertools import count
from typing import Any


@dataclass(frozen=True, slots=True)
class Condition:
    """Demands that must all hold: each a form, the attribute it is about, and what it compares."""

    demands: tuple[tuple[str, str, tuple[Any, ...]], ...]

    def __and__(self, other: "Condition") -> "Condition":
        """Return the condition that both hold."""
        return Condition(self.demands + other.demands)

    def parameters(self, name: str) -> dict[str, Any]:
        """Return the condition as parameters of a call; `name` is the one for the expression."""
        numbers = count()
        names: dict[str, str] = {}
        values: dict[str, Any] = {}
        said = []
        for form, attribute, compared in self.demands:
            names[key := f"#k{next(numbers)}"] = attribute
            places = [f":v{next(numbers)}" for _ in compared]
            values |= dict(zip(places, compared, strict=True))
            said.append(form.format(key, *places))
        found: dict[str, Any] = {name: " AND ".join(said), "ExpressionAttributeNames": names}
        return found | ({"ExpressionAttributeValues": values} if values else {})


@dataclass(frozen=True, slots=True)
class Key:
    """An attribute of an item, of which something is demanded."""

    name: str

    def eq(self, value: Any) -> Condition:
        """Return the condition that the attribute is `value`."""
        return self._demand("{} = {}", value)

    def lte(self, value: Any) -> Condition:
        """Return the condition that the attribute is at most `value`."""
        return self._demand("{} <= {}", value)

    def gte(self, value: Any) -> Condition:
        """Return the condition that the attribute is at least `value`."""
        return self._demand("{} >= {}", value)

    def between(self, low: Any, high: Any) -> Condition:
        """Return the condition that the attribute is between two values, or one of them."""
        return self._demand("{} BETWEEN {} AND {}", low, high)

    def begins_with(self, text: str) -> Condition:
        """Return the condition that the attribute begins with `text`."""
        return self._demand("begins_with({}, {})", text)

    def not_exists(self) -> Condition:
        """Return the condition that the item has no such attribute."""
        return self._demand("attribute_not_exists({})")

    def _demand(self, form: str, *compared: Any) -> Condition:
        return Condition(((form, self.name, compared),))
