"""What the worker does with a received ticket: answer it, ask back, or hand it to people.

sendable   the articles as a customer may get them
triaging   what the desk makes of a ticket
settling   the use cases: process a ticket, or give up
"""

from helpdesk.processing.sendable import NO_CATEGORIES, Sendable
from helpdesk.processing.settling import (
    ATTEMPTS,
    EACH_ITS_OWN,
    Outcome,
    give_up,
    process,
)
from helpdesk.processing.triaging import NOTHING_SAID, predict

__all__ = [
    "ATTEMPTS",
    "EACH_ITS_OWN",
    "NOTHING_SAID",
    "NO_CATEGORIES",
    "Outcome",
    "Sendable",
    "give_up",
    "predict",
    "process",
]
