"""Drafts: replies that wait for an agent, each part with the evidence it rests on. Pure.

model   what a draft is, and the port of engines
prices  what engines cost
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
