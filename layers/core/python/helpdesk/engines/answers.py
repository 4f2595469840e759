"""What every engine must answer: a JSON object of parts that name their evidence. Read strictly."""

import json
from typing import Any

from helpdesk.drafting import EngineError, Failure, Part, Usage

NAME = "draft"
"""What the object is called, where an engine wants a name."""

PURPOSE = "Hand in the draft of a reply, in parts that name the evidence they rest on."

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "parts": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "text": {"type": "string"},
                    "rests_on": {"type": "array", "items": {"type": "integer"}},
                },
                "required": ["text", "rests_on"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["parts"],
    "additionalProperties": False,
}


def parts_of(found: Any, usage: Usage) -> tuple[Part, ...]:
    """Return the parts of an object that was read from JSON. Raises EngineError (MALFORMED)."""
    parts = found.get("parts") if isinstance(found, dict) else None
    if not isinstance(parts, list) or not parts:
        raise EngineError(Failure.MALFORMED, "it has no parts", usage)
    return tuple(_part(each, usage) for each in parts)


def parts_in(text: Any, usage: Usage) -> tuple[Part, ...]:
    """Return the parts of an object in JSON. Raises EngineError (MALFORMED)."""
    try:
        found = json.loads(text)
    except (TypeError, ValueError):
        raise EngineError(Failure.MALFORMED, "it is no JSON", usage) from None
    return parts_of(found, usage)


def _part(found: Any, usage: Usage) -> Part:
    text = found.get("text") if isinstance(found, dict) else None
    numbers = found.get("rests_on") if isinstance(found, dict) else None
    if not isinstance(text, str) or not text.strip() or not isinstance(numbers, list):
        raise EngineError(Failure.MALFORMED, "a part has no text or no list of numbers", usage)
    if not all(type(each) is int for each in numbers):
        raise EngineError(Failure.MALFORMED, "a part rests on something that is no number", usage)
    return Part(text=text.strip(), rests_on=tuple(numbers))
