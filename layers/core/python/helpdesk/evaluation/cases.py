"""Labelled conversations, and the strict reading of a file of them. Pure.

A line is a JSON object. A label that the desk cannot produce is a fault of the file, and with one
fault nothing is measured: a figure over labels that no answer could meet says nothing.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from helpdesk.records import Order, Record

SENTIMENTS: Final = ("negative", "neutral", "positive")
DECISIONS: Final = ("answered", "asked", "handed_over")
AUTHORS: Final = ("customer", "desk", "agent")

MOST_TOLD: Final = 20
"""Faults of a file that its error names."""

_CASE: Final = {"id", "messages", "customer", "records", "expected"}
_EXPECTED: Final = {
    "intent", "sentiment", "entities", "steps", "reply", "evidence", "decision", "reason",
    "must_not_contain",
}  # fmt: skip
_ORDER: Final = {
    "number", "status", "placed_on", "expected_on", "carrier", "tracking", "open", "items",
}  # fmt: skip


class CasesError(ValueError):
    """A file that cannot be judged by; the message names lines and labels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """What a desk can say: its intents, the steps of its vocabulary, and kinds of entities."""

    intents: frozenset[str]
    steps: frozenset[str]
    kinds: frozenset[str]


@dataclass(frozen=True, slots=True)
class Line:
    """A message of a conversation; `by` is customer, desk or agent."""

    by: str
    text: str


@dataclass(frozen=True, slots=True)
class Named:
    """An entity: its kind, such as `orders`, and how it is spelled."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a careful reader would say of the last message, in the light of those before.

    `intent` is None if it is not for the desk. `evidence` are ids of passages that bear the
    `reply`, such as `article:track_order`. Texts of `must_not_contain` stand in no reply.
    """

    intent: str | None
    sentiment: str
    entities: tuple[Named, ...]
    steps: frozenset[str]
    reply: str
    evidence: tuple[str, ...]
    decision: str
    must_not_contain: tuple[str, ...]

    @property
    def articles(self) -> tuple[str, ...]:
        """The evidence that is found by searching: records are looked up instead."""
        return tuple(each for each in self.evidence if not each.startswith("record:"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A conversation with its labels. `record` and `orders` are what the shop has of its customer.

    The last message is the customer's: that one is judged.
    """

    id: str
    messages: tuple[Line, ...]
    email: str
    verified: bool
    expected: Expected
    record: Record | None = None
    orders: tuple[Order, ...] = ()


def read(text: str, labels: Labels) -> tuple[Case, ...]:
    """Return the cases of a file. Raises CasesError, which names each line and label at fault."""
    cases: list[Case] = []
    faults: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            case = _case(json.loads(line))
            wrong = list(_unproducible(case.expected, labels))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            faults.append(f"line {number}: {_told(error)}")
            continue
        faults += [f"line {number}: {each}" for each in wrong]
        cases.append(case)
    faults += _twice(cases)
    if not cases and not faults:
        raise CasesError("there is no case in it")
    if faults:
        more = len(faults) - MOST_TOLD
        shown = [*faults[:MOST_TOLD], *([f"and {more} more"] if more > 0 else [])]
        raise CasesError("\n".join(shown))
    return tuple(cases)


def _told(error: Exception) -> str:
    return f"no field {error}" if isinstance(error, KeyError) else str(error)


def _twice(cases: Iterable[Case]) -> Iterator[str]:
    seen: set[str] = set()
    for case in cases:
        if case.id in seen:
            yield f"two cases have the id {case.id!r}"
        seen.add(case.id)


def _unproducible(expected: Expected, labels: Labels) -> Iterator[str]:
    """Yield the labels that no answer of the desk could meet."""
    if expected.intent is not None and expected.intent not in labels.intents:
        yield f"no intent {expected.intent!r} is known"
    if expected.sentiment not in SENTIMENTS:
        yield f"no sentiment {expected.sentiment!r} is known"
    if expected.decision not in DECISIONS:
        yield f"no decision {expected.decision!r} is known"
    for step in sorted(expected.steps - labels.steps):
        yield f"no step {step!r} is in the vocabulary"
    for kind in sorted({each.kind for each in expected.entities} - labels.kinds):
        yield f"no kind of entity {kind!r} is known"
    for each in expected.evidence:
        origin, _, name = each.partition(":")
        if origin == "article" and name not in labels.intents:
            yield f"no evidence {each!r} is known"


def _case(said: Any) -> Case:
    _known(said, _CASE)
    messages = tuple(_message(each) for each in said["messages"])
    if not messages or messages[-1].by != "customer":
        raise ValueError("the last message is not the customer's")
    _known(said["customer"], {"email", "verified"})
    records = said.get("records", {})
    _known(records, {"customer", "orders"})
    return Case(
        id=_text(said["id"], "id"),
        messages=messages,
        email=_text(said["customer"]["email"], "email"),
        verified=_truth(said["customer"]["verified"], "verified"),
        record=_record(records.get("customer")),
        orders=tuple(_order(each) for each in records.get("orders", ())),
        expected=_expected(said["expected"]),
    )


def _expected(said: Any) -> Expected:
    _known(said, _EXPECTED)
    intent = said["intent"]
    entities = [
        Named(_text(each["kind"], "kind"), _text(each["value"], "value"))
        for each in said["entities"]
    ]
    return Expected(
        intent=None if intent is None else _text(intent, "intent"),
        sentiment=_text(said["sentiment"], "sentiment"),
        entities=tuple(entities),
        steps=frozenset(_texts(said["steps"], "steps")),
        reply=_text(said["reply"], "reply"),
        evidence=_texts(said["evidence"], "evidence"),
        decision=_text(said["decision"], "decision"),
        must_not_contain=_texts(said["must_not_contain"], "must_not_contain"),
    )


def _message(said: Any) -> Line:
    _known(said, {"from", "text"})
    if said["from"] not in AUTHORS:
        raise ValueError(f"no message is from {said['from']!r}")
    return Line(said["from"], _text(said["text"], "text"))


def _record(said: Mapping[str, object] | None) -> Record | None:
    if said is None:
        return None
    return Record(fields=tuple((str(name), str(value)) for name, value in said.items()))


def _order(said: Any) -> Order:
    _known(said, _ORDER)

    def day(name: str) -> date | None:
        return date.fromisoformat(said[name]) if said.get(name) else None

    return Order(
        number=_text(said["number"], "number"),
        status=_text(said["status"], "status"),
        placed_on=day("placed_on"),
        expected_on=day("expected_on"),
        carrier=said.get("carrier"),
        tracking=said.get("tracking"),
        items=_texts(said.get("items", ()), "items"),
        open=_truth(said.get("open", True), "open"),
    )


def _known(said: Any, names: set[str]) -> None:
    if not isinstance(said, dict):
        raise TypeError("it holds something else than an object")
    if strange := sorted(set(said) - names):
        raise ValueError(f"no field is called {strange[0]!r}")


def _checked[T](value: object, kind: type[T], name: str) -> T:
    if not isinstance(value, kind):
        raise TypeError(f"{name}: {value!r} is of another type")
    return value


def _truth(value: object, name: str) -> bool:
    return _checked(value, bool, name)


def _text(value: object, name: str) -> str:
    text = _checked(value, str, name)
    if not text.strip():
        raise ValueError(f"{name}: it is empty")
    return text


def _texts(values: Sequence[object], name: str) -> tuple[str, ...]:
    if isinstance(values, str):
        raise TypeError(f"{name}: one text in place of a list")
    return tuple(_text(each, name) for each in values)
