"""Slots in the sentences of evidence, such as `{order_number}`: filled, or the sentence goes."""

import re
from collections.abc import Mapping

from helpdesk.characters import hides_something

LONGEST = 200
"""Characters of a value that may stand in a slot."""

_SLOT = re.compile(r"\{\s*([A-Za-z][\w .-]*?)\s*\}")
_DOUBLE = re.compile(r"\{\{|\}\}|\$\{|\{%")
_FOREIGN = re.compile(r"%[({]\w+[)}]s?|<[^<>\n]{1,80}>|\[[^\[\]\n]{1,80}\]|[{}]|__[A-Za-z]\w*__")
"""Placeholders of other products, and braces that are no slot."""


def filled(sentence: str, slots: Mapping[str, str]) -> str | None:
    """Return a sentence with its slots filled; None if a slot has no value, or is not ours.

    Names of slots are compared without case, with `_` for a space. A value that is blank, longer
    than LONGEST, or of characters that show nothing is none.
    """
    if _DOUBLE.search(sentence) or _FOREIGN.search(_SLOT.sub("", sentence)):
        return None
    values = {_name(name): value for name, value in slots.items() if _fits(value)}
    if any(_name(found[1]) not in values for found in _SLOT.finditer(sentence)):
        return None
    return _SLOT.sub(lambda found: values[_name(found[1])], sentence)


def _name(text: str) -> str:
    return re.sub(r"[ .-]+", "_", text.strip().casefold())


def _fits(value: str) -> bool:
    return bool(value.strip()) and len(value) <= LONGEST and not hides_something(value)
