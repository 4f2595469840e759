"""The vocabulary of next steps as data, with what a desk changes of it. Pure but for the file.

A desk changes it in one line, as an operator writes it in the parameter `NextSteps`:

    UPDATE_CRM.name=TOUCH_RECORD; SCHEDULE_FOLLOW_UP.use=off; SHARE_ORDER_STATUS.forbidden=on
    SEND_PRICE_LIST.intents=pricing discount_code; asks.order=track_order missed_delivery
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache, lru_cache
from importlib import resources

MOST_STEPS = 40
"""Steps that a vocabulary may have."""

_ACTION = re.compile(r"[A-Z][A-Z0-9_]{1,63}")
_SWITCH = {"on": True, "off": False}
_INTENT = re.compile(r"[a-z][a-z0-9_]{0,63}")


class StepsError(ValueError):
    """A line that changes the steps wrongly; the message says which part, and how to write it."""


class Sign(StrEnum):
    """What was found, from which a step follows.

    `person_needed`: the desk hands over or is not sure, or the customer complains or is angry.
    `order_found`: an own order was asked for and found. `not_proven`: one was asked for by a
    customer whom no one vouches for. `which_order`: one was asked for, and several are open.
    """

    RECORD_FOUND = "record_found"
    EVIDENCE_ADMITTED = "evidence_admitted"
    PERSON_NEEDED = "person_needed"
    ORDER_FOUND = "order_found"
    NOT_PROVEN = "not_proven"
    WHICH_ORDER = "which_order"


@dataclass(frozen=True, slots=True)
class Rule:
    """When a step is to be done: by its sign, or by one of its intents.

    `action` is what it is called. A desk that does not `use` it never sees it. One that has it
    `forbidden` refuses what it would follow from.
    """

    action: str
    sign: Sign | None = None
    intents: frozenset[str] = frozenset()
    use: bool = True
    forbidden: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary:
    """The rules by the names under which a line changes them, and intents by what they ask."""

    rules: Mapping[str, Rule]
    asks: Mapping[str, frozenset[str]]

    @property
    def actions(self) -> frozenset[str]:
        """The steps that may be said: those in use that are not forbidden."""
        return frozenset(
            each.action for each in self.rules.values() if each.use and not each.forbidden
        )

    def asked(self, what: str, intent: str | None) -> bool:
        """Tell whether an intent asks for `order`, or is a `complaint`."""
        return intent in self.asks[what]


@cache
def shipped() -> Vocabulary:
    """Return the vocabulary that is kept with the product."""
    data = tomllib.loads(resources.files(__package__).joinpath("steps.toml").read_text("utf-8"))
    return Vocabulary(
        rules={name: Rule(name, Sign(sign)) for name, sign in data["steps"].items()},
        asks={what: frozenset(intents) for what, intents in data["asks"].items()},
    )


@lru_cache(maxsize=16)
def read(line: str) -> Vocabulary:
    """Return the vocabulary with what a line changes. Raises StepsError."""
    found = shipped()
    for part in filter(None, (each.strip() for each in line.split(";"))):
        path, equals, value = (each.strip() for each in part.partition("="))
        name, dot, field = path.partition(".")
        if not equals or not value or not dot:
            raise StepsError(f"{part!r}: write it as in UPDATE_CRM.use=off")
        found = _changed(found, (name, field), value, part)
    if len(found.rules) > MOST_STEPS:
        raise StepsError(f"at most {MOST_STEPS} steps")
    actions = [each.action for each in found.rules.values()]
    if twice := sorted({each for each in actions if actions.count(each) > 1}):
        raise StepsError(f"two steps are called {twice[0]}")
    return found


def _changed(found: Vocabulary, path: tuple[str, str], value: str, part: str) -> Vocabulary:
    name, field = path
    if name == "asks":
        if field not in found.asks:
            raise StepsError(f"{part!r}: intents ask for {' or '.join(found.asks)}")
        return replace(found, asks={**found.asks, field: _intents(value, part)})
    rule = found.rules.get(name)
    if rule is None:
        if field != "intents" or not _ACTION.fullmatch(name):
            raise StepsError(f"{part!r}: a new step is written as in SEND_LIST.intents=pricing")
        rule = Rule(name)
    return replace(found, rules={**found.rules, name: _with(rule, field, value, part)})


def _with(rule: Rule, field: str, value: str, part: str) -> Rule:
    match field:
        case "name" if _ACTION.fullmatch(value):
            return replace(rule, action=value)
        case "name":
            raise StepsError(f"{part!r}: a step is called as in UPDATE_CRM")
        case "intents":
            return replace(rule, intents=_intents(value, part))
        case "use" if value in _SWITCH:
            return replace(rule, use=_SWITCH[value])
        case "forbidden" if value in _SWITCH:
            return replace(rule, forbidden=_SWITCH[value])
        case "use" | "forbidden":
            raise StepsError(f"{part!r}: write on or off")
    raise StepsError(f"{part!r}: a step has name, intents, use and forbidden")


def _intents(value: str, part: str) -> frozenset[str]:
    intents = value.split()
    if not all(map(_INTENT.fullmatch, intents)):
        raise StepsError(f"{part!r}: write intents as in track_order refund")
    return frozenset(intents)
