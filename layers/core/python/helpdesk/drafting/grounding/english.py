"""What the check knows of English: units, numbers and small words as data, and plain words."""

import tomllib
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import resources

_SHORTEST = 3
_APOSTROPHES = dict.fromkeys(map(ord, "\u2019\u02bc`\u00b4"), "'")


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of amounts, durations or percentages, by its one name."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class English:
    """The data of `words.toml`, ready to be asked."""

    numbers: dict[str, Decimal]
    multiples: dict[str, Decimal]
    units: dict[str, Unit]
    conversions: dict[str, tuple[int, str]]
    kinds_of_days: dict[str, str]
    words: dict[str, frozenset[str]]
    beginning: tuple[str, ...]
    holding: tuple[str, ...]
    claiming: tuple[str, ...]

    def among(self, topic: str, word: str) -> bool:
        """Tell whether a word in lower case is one of a topic, such as `negations`."""
        return word in self.words[topic]


@cache
def english() -> English:
    """Return the data, read once."""
    raw = tomllib.loads(resources.files(__package__).joinpath("words.toml").read_text("utf-8"))
    return English(
        numbers={word: Decimal(value) for word, value in raw["numbers"].items()},
        multiples={word: Decimal(value) for word, value in raw["multiples"].items()},
        units={
            spelling: Unit(kind, name)
            for kind, units in raw["units"].items()
            for name, spellings in units.items()
            for spelling in spellings
        },
        conversions={unit: (times, of) for unit, (times, of) in raw["conversions"].items()},
        kinds_of_days=raw["kinds_of_days"],
        words={topic: frozenset(words) for topic, words in raw["words"].items()},
        beginning=tuple(raw["courtesies"]["beginning"]),
        holding=tuple(raw["courtesies"]["holding"]),
        claiming=tuple(raw["courtesies"]["claiming"]),
    )


def plain(word: str) -> str:
    """Return a word in lower case with one kind of apostrophe, without a possessive."""
    low = word.casefold().translate(_APOSTROPHES)
    return low.removesuffix("'s") if len(low) > 4 else low


def stem(word: str) -> str:
    """Return what the forms of a word share, roughly: `choos` of choose, chooses, choosing."""
    low = plain(word)
    if len(low) <= _SHORTEST:
        return low
    if low.endswith("ies"):
        return low[:-3] + "i"
    for ending in ("ing", "ed", "es", "s"):
        kept = low.removesuffix(ending)
        if kept != low and len(kept) >= _SHORTEST and not low.endswith("ss"):
            break
    else:
        kept = low.removesuffix("e")
    if len(kept) > _SHORTEST and kept[-1] == kept[-2] and kept[-1] not in "aeiouls":
        kept = kept[:-1]
    return kept[:-1] + "i" if kept.endswith("y") else kept
