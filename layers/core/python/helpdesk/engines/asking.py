"""What every engine is sent: the desk's instructions, and a text of evidence and conversation.

What others wrote is in JSON, one object a line: a text cannot end its own line and begin to speak
as the desk. That is a mitigation. The boundary is the check of what comes back.
"""

import json
from collections.abc import Iterator

from helpdesk.drafting import Request


def question(request: Request) -> str:
    """Return the evidence and the conversation as one text, with the faults of an earlier try."""
    return "\n".join(_lines(request))


def most_read(request: Request) -> int:
    """Return more tokens than a request can have for any engine.

    A token is at least one byte of a text. FRAME is for what an engine adds.
    """
    return FRAME + len(request.instructions.encode()) + len(question(request).encode())


FRAME = 1_000
"""Tokens of the shape of an answer and of the roles: measured engines add less."""


def _lines(request: Request) -> Iterator[str]:
    yield "Evidence:"
    for found in request.evidence:
        passage = found.passage
        yield _json(
            {
                "number": found.number,
                "origin": passage.origin,
                "title": passage.title,
                "text": passage.text,
            }
        )
    yield "Conversation, oldest first:"
    for said in request.conversation:
        by = "customer" if said.by_customer else "desk"
        yield _json({"by": by, "text": said.text})
    if request.faults:
        yield "An earlier try said these things, which its evidence does not say. Leave them out:"
    for fault in request.faults:
        yield _json({"kind": fault.kind, "what": fault.what})


def _json(value: dict[str, object]) -> str:
    return json.dumps(value, ensure_ascii=False)
