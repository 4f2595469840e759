"""What every engine must answer: a JSON object, of the shape that `drafting.instructing` reads."""

import json
from typing import Any

from helpdesk.drafting import EngineError, Failure, Part, Request, Usage
from helpdesk.drafting.instructing import SCHEMA, parts_of

__all__ = ["NAME", "PURPOSE", "SCHEMA", "parts_in", "parts_used"]

NAME = "draft"
"""What the object is called, where an engine wants a name."""

PURPOSE = "Hand in the draft of a reply, in parts that name the evidence they rest on."


def parts_used(used: list[Any], request: Request, usage: Usage) -> tuple[Part, ...]:
    """Return the parts of the one input of the tool. Raises EngineError (MALFORMED)."""
    if len(used) != 1:
        raise EngineError(Failure.MALFORMED, "it did not hand in one draft", usage)
    return parts_in(json.dumps(used[0]), request, usage)


def parts_in(answer: Any, request: Request, usage: Usage) -> tuple[Part, ...]:
    """Return the parts of an answer in JSON. Raises EngineError (MALFORMED)."""
    if not isinstance(answer, str):
        raise EngineError(Failure.MALFORMED, "it said nothing", usage)
    try:
        return parts_of(answer, request.evidence)
    except EngineError as error:
        raise EngineError(error.failure, str(error), usage) from None
