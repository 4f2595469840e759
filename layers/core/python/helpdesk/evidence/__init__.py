"""Passages of the desk that speak to a question. Pure.

model   what a passage is, and the port that finds passages
"""

from helpdesk.evidence.model import Evidence, Found, Origin, Passage

__all__ = ["Evidence", "Found", "Origin", "Passage"]
