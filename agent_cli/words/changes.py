"""What changed between two texts, line by line."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass

ADDED, REMOVED, SAME, SKIPPED = "+", "-", " ", "…"


@dataclass(frozen=True, slots=True)
class Line:
    """A line that came (+), went (-) or stayed ( ); … stands for lines that are left out."""

    mark: str
    text: str


def unified(old: str, new: str) -> list[str]:
    """Return the change as programmers read it; nothing if both say the same."""
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), "before", "after", lineterm="")
    return list(lines)


def lines(old: str, new: str) -> tuple[Line, ...]:
    """Return the lines that changed, with some that stayed around them."""
    return tuple(_lines(unified(old, new)))


def _lines(found: list[str]) -> Iterator[Line]:
    for number, line in enumerate(found[2:]):
        if not line.startswith("@@"):
            yield Line(line[0], line[1:])
        elif number:
            yield Line(SKIPPED, "")
