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
"""

from helpdesk.drafting.composing import Composed, written
from helpdesk.drafting.extracting import Kind, addressed, extractive
from helpdesk.drafting.grounding import Likeness, faults
from helpdesk.drafting.instructing import SCHEMA, parts_of, prompt, request_for
from helpdesk.drafting.linking import linked, without_links
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
    "SCHEMA",
    "Cited",
    "Composed",
    "Draft",
    "Engine",
    "EngineError",
    "Failure",
    "Fault",
    "Kind",
    "Likeness",
    "Part",
    "Prices",
    "Request",
    "Said",
    "Severity",
    "Usage",
    "Written",
    "addressed",
    "extractive",
    "faults",
    "linked",
    "parts_of",
    "prompt",
    "request_for",
    "without_links",
    "written",
]
