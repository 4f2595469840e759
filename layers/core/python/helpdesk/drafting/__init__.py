"""Drafts: replies that wait for an agent, each part with the evidence it rests on. Pure.

model   what a draft is, and the port of engines
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

__all__ = [
    "EXTRACTIVE",
    "Cited",
    "Draft",
    "Engine",
    "EngineError",
    "Failure",
    "Fault",
    "Part",
    "Request",
    "Said",
    "Severity",
    "Usage",
    "Written",
]
