"""Answers that tell what the shop knows: what is looked up, and one answer for each status.

A slot in an answer, such as `{carrier}`, stands for what a customer's own order says. A fact of the
desk may stand there as well. An answer of which a slot stays empty is never sent.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

SLOTS: Final = ("number", "status", "carrier", "tracking", "expected", "placed", "items")
"""What an answer for a status may say of an order."""

CERTAIN: Final = frozenset({"number", "status"})
"""The slots that every order fills."""

_STATUS = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_SLOT = re.compile(rf"(?<!\{{)\{{\s*({'|'.join(SLOTS)})\s*\}}(?!\}})")


class Lookup(StrEnum):
    """What the desk looks up before it answers."""

    ORDER = "order"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusAnswer:
    """What is said of an order with a status. Of two for one status, the first full one is sent."""

    status: str
    answer: str

    @property
    def is_named(self) -> bool:
        """Whether the status is a word of small letters, such as shipped or in_transit."""
        return _STATUS.fullmatch(self.status) is not None

    @property
    def readable(self) -> str:
        """The answer with the names of slots in their places: only facts are in braces then."""
        return _SLOT.sub(lambda found: found[1], self.answer)

    @property
    def parts(self) -> tuple[tuple[str, bool], ...]:
        """The answer in parts, each with whether it is the name of a slot."""
        found = _SLOT.split(self.answer)
        return tuple((text, at % 2 == 1) for at, text in enumerate(found))

    @property
    def slots(self) -> frozenset[str]:
        """The names of its slots."""
        return frozenset(text for text, slot in self.parts if slot)

    def told(self, values: Mapping[str, str]) -> str | None:
        """Return the answer with its slots filled; None if one of them stays empty."""
        said = [values.get(text, "") if slot else text for text, slot in self.parts]
        whole = all(each for each, (_, slot) in zip(said, self.parts, strict=True) if slot)
        return "".join(said) if whole else None
