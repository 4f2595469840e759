"""Drafts: replies that wait for an agent, each part with the evidence it rests on. Pure.

model         what a draft is, and the port of engines
grounding     whether a draft says what its evidence says
commands      sentences that speak to a machine
quoting       what of a passage may be quoted
filling       slots in the sentences of evidence
extracting    the draft that only quotes
linking       links: none for engines, trusted ones by code
instructing   what an engine is told and given, and the reading of what it answers
composing     a draft by an engine, checked; and without it where it fails
prices        what engines cost

The model and prices are imported from here, the others from their own modules: what only knows
tickets loads none of them.
"""

from helpdesk.drafting.model import (
    EXTRACTIVE,
    Cited,
    Draft,
    Engine,
    EngineError,
    Failure,
    Fault,
    Part,
    Request,
    Said,
    Severity,
    Usage,
    Written,
)
from helpdesk.drafting.prices import FREE, Prices

__all__ = [
    "EXTRACTIVE",
    "FREE",
    "Cited",
    "Draft",
    "Engine",
    "EngineError",
    "Failure",
    "Fault",
    "Part",
    "Prices",
    "Request",
    "Said",
    "Severity",
    "Usage",
    "Written",
]
