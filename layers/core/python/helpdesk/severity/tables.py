"""The tables of severity as data, with what a desk changes of them. Pure but for the file.

A desk changes single values in one line, as an operator writes it in the parameter `Severity`:

    rules.violence.level=3; levels.1.needs=lead; matters.returns.team=berlin; efforts.complex=24-96
    hours.billing.1=14/34
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cache, lru_cache
from importlib import resources
from typing import Any

from helpdesk.wording import Kind, kinds_in
from helpdesk.wording.phrases import HARMLESS, Phrases, told, words

HIGHEST = 3
"""The level of what concerns the law."""

OTHER = "other"
"""The matter of what no other matter names."""

ANYONE = "agent"
"""The role of those who take what needs no lead."""

ROLES = (ANYONE, "lead")
MOST_POINTS = 80
MOST_HOURS = 10_000


class TablesError(ValueError):
    """A line that changes the tables wrongly; the message says which part, and how to write it."""


@dataclass(frozen=True, slots=True)
class Level:
    """A level: what it is called, the points of urgency it brings, and the role that may take it.

    It makes the effort of a matter larger by `steps`.
    """

    name: str
    points: int
    needs: str
    steps: int


@dataclass(frozen=True, slots=True)
class Matter:
    """What a ticket is about, in few words: the team that settles it, and the effort it takes."""

    team: str
    effort: str
    categories: frozenset[str]
    intents: frozenset[str]


@dataclass(frozen=True, slots=True)
class Rule:
    """When a ticket has a level and marks, and how agents are told why.

    It applies by `kinds` of wording, by its phrases, by intents or by likeness to grave messages
    from a probability on, or by a sentiment up to `mood`. With a `doubt`, its words do not count
    in a message that is with that probability of a lower level.
    """

    level: int
    why: str
    legal: bool
    compensation: bool
    kinds: frozenset[Kind]
    intents: Mapping[str, float]
    mood: float | None
    likeness: Mapping[str, float]
    doubt: float | None


@dataclass(frozen=True, slots=True)
class Took:
    """What closed tickets took: hours at the median, and how many tickets they were."""

    hours: int
    tickets: int


@dataclass(frozen=True, slots=True, eq=False)
class Tables:
    """All tables. `efforts` are hours from and to, by name, the smallest first.

    `taken` is what tickets really took, by matter and level, where that was learned.
    """

    levels: tuple[Level, ...]
    efforts: Mapping[str, tuple[int, int]]
    matters: Mapping[str, Matter]
    rules: Mapping[str, Rule]
    taken: Mapping[tuple[str, int], Took] = field(default_factory=dict)


@cache
def shipped() -> Tables:
    """Return the tables that are kept with the product."""
    found = _data()
    return Tables(
        levels=tuple(Level(**each) for _, each in sorted(found["levels"].items())),
        efforts={name: (least, most) for name, (least, most) in found["efforts"].items()},
        matters={name: _matter(each) for name, each in found["matters"].items()},
        rules={name: _rule(each) for name, each in found["rules"].items()},
    )


@lru_cache(maxsize=16)
def read(line: str) -> Tables:
    """Return the tables with what a line changes. Raises TablesError."""
    tables = shipped()
    for part in filter(None, (each.strip() for each in line.split(";"))):
        path, found, value = (each.strip() for each in part.partition("="))
        steps = path.split(".")
        if not found or not value:
            raise TablesError(f"{part!r}: write it as in levels.1.needs=lead")
        tables = _changed(tables, steps, value, part)
    return tables


@cache
def phrases() -> Phrases:
    """Return the phrases of all rules, by the rule's name."""
    rules = _data()["rules"]
    telling = {name: each.get("phrases", []) for name, each in rules.items()}
    harmless = {name + HARMLESS: each.get("harmless", []) for name, each in rules.items()}
    return Phrases(telling | harmless)


def spoken(text: str, tables: Tables) -> list[str]:
    """Return the rules whose words stand in a text."""
    kinds = kinds_in(text)
    named = told(phrases(), words(text))
    return [name for name, rule in tables.rules.items() if name in named or rule.kinds & kinds]


@cache
def matter_words() -> Phrases:
    """Return the words of all matters, by the matter's name."""
    return Phrases({name: each["words"] for name, each in _data()["matters"].items()})


@cache
def frames() -> Phrases:
    """Return the phrases that show how a message speaks."""
    return Phrases(_data()["frames"])


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath("tables.toml").read_text("utf-8"))


def _matter(found: Mapping[str, Any]) -> Matter:
    return Matter(
        team=found["team"],
        effort=found["effort"],
        categories=frozenset(found["categories"]),
        intents=frozenset(found["intents"]),
    )


def _rule(found: Mapping[str, Any]) -> Rule:
    return Rule(
        level=found["level"],
        why=found["why"],
        legal=found.get("legal", False),
        compensation=found.get("compensation", False),
        kinds=frozenset(map(Kind, found.get("kinds", ()))),
        intents=found.get("intents", {}),
        mood=found.get("mood"),
        likeness=found.get("likeness", {}),
        doubt=found.get("doubt"),
    )


def _changed(tables: Tables, steps: list[str], value: str, part: str) -> Tables:
    match steps:
        case ["efforts", name] if name in tables.efforts:
            return replace(tables, efforts={**tables.efforts, name: _span(value, part)})
        case ["hours", name, number] if name in tables.matters and number in _numbers(tables):
            row = (name, int(number))
            return replace(tables, taken={**tables.taken, row: _took(value, part)})
        case ["levels", number, name] if number in _numbers(tables):
            levels = list(tables.levels)
            levels[int(number)] = _with(levels[int(number)], name, value, part)
            return replace(tables, levels=tuple(levels))
        case ["matters", name, field] if name in tables.matters:
            matter = _with(tables.matters[name], field, value, part)
            if matter.effort not in tables.efforts:
                raise TablesError(f"{part!r}: an effort is one of {', '.join(tables.efforts)}")
            return replace(tables, matters={**tables.matters, name: matter})
        case ["rules", name, "level" as field] if name in tables.rules:
            rule = _with(tables.rules[name], field, value, part)
            return replace(tables, rules={**tables.rules, name: rule})
    raise TablesError(f"{part!r}: there is no such value")


def _numbers(tables: Tables) -> set[str]:
    return {str(number) for number in range(len(tables.levels))}


def _took(value: str, part: str) -> Took:
    hours, found, tickets = value.partition("/")
    if not found or not (hours.isdecimal() and tickets.isdecimal()):
        raise TablesError(f"{part!r}: write hours and tickets as in 14/34")
    if not (0 < int(hours) <= MOST_HOURS and int(tickets) > 0):
        raise TablesError(f"{part!r}: hours and tickets are more than none")
    return Took(int(hours), int(tickets))


_BOUNDS = {"points": MOST_POINTS, "steps": 2, "level": HIGHEST}


def _with(row: Any, field: str, value: str, part: str) -> Any:
    """Return a row with another value of one of its fields."""
    known = {each.name: getattr(row, each.name) for each in fields(row)}
    if field not in known or field in {"why", "mood"}:
        raise TablesError(f"{part!r}: there is no such value")
    if field in _BOUNDS:
        if not value.isascii() or not value.isdigit() or int(value) > _BOUNDS[field]:
            raise TablesError(f"{part!r}: write a number from 0 to {_BOUNDS[field]}")
        return replace(row, **{field: int(value)})
    if field == "needs" and value not in ROLES:
        raise TablesError(f"{part!r}: a level needs one of {', '.join(ROLES)}")
    if isinstance(known[field], frozenset):
        return replace(row, **{field: frozenset(value.split())})
    return replace(row, **{field: value})


def _span(value: str, part: str) -> tuple[int, int]:
    least, found, most = value.partition("-")
    if not found or not (least.isdecimal() and most.isdecimal()):
        raise TablesError(f"{part!r}: write hours as in 24-72")
    if not 0 < int(least) <= int(most) <= MOST_HOURS:
        raise TablesError(f"{part!r}: the hours go from fewer to more")
    return int(least), int(most)
