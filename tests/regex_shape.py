"""Whether a pattern's work is bounded by its shape, which no clock has to show.

A search tries a match at each place of a text. If no attempt can read, or go back over, more than
a fixed number of characters, the work grows with the text and not faster.
"""

import re
from collections.abc import Iterator
from typing import Any

from re import _constants, _parser  # type: ignore[attr-defined]  # isort: skip


def faults(pattern: re.Pattern[str]) -> list[str]:
    """Return in words what is unbounded in a pattern's shape; nothing if all is bounded.

    Possessive repeats never go back, so they may have no upper bound where the text has one.
    """
    return list(_faults(_parser.parse(pattern.pattern, pattern.flags), inside=False))


def _faults(parsed: Any, *, inside: bool) -> Iterator[str]:
    for kind, argument in parsed:
        if kind in {_constants.MAX_REPEAT, _constants.MIN_REPEAT}:
            least, most, repeated = argument
            if most is _constants.MAXREPEAT:
                yield "a repeat without an upper bound that can go back"
            if inside and least != most:
                yield "a repeat inside a repeat, both of which can go back"
            yield from _faults(repeated, inside=inside or most > 1)
        else:
            ends = kind in {_constants.POSSESSIVE_REPEAT, _constants.ATOMIC_GROUP}
            for part in _parts(argument):
                yield from _faults(part, inside=inside and not ends)


def _parts(argument: Any) -> Iterator[Any]:
    """Yield the patterns inside an operation's argument."""
    if isinstance(argument, _parser.SubPattern):
        yield argument
    elif isinstance(argument, list | tuple):
        for each in argument:
            yield from _parts(each)
