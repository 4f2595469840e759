"""How much every engine is sent, in its own measure. Pure."""

from helpdesk.drafting import Request
from helpdesk.drafting.instructing import prompt

FRAME = 1_000
"""Tokens of the shape of an answer and of the roles: engines add a few hundred."""


def most_read(request: Request) -> int:
    """Return more tokens than a request can have for any engine: a token is at least a byte."""
    return FRAME + len(request.instructions.encode()) + len(prompt(request).encode())
