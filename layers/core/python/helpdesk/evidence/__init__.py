"""Passages of the desk that speak to a question. Pure.

model       what a passage is, and the port that finds passages
sentences   a text as sentences, and how much of it an encoder reads
sources     documents and past replies, and what the id of a passage says
passages    texts cut into passages, and what is dropped
reading     the text of a file as the pieces of a document
ranking     which passages are admitted, and in which order

The first and the third are imported from here, the others from their own modules: what only knows
tickets loads none of them.
"""

from helpdesk.evidence.model import Evidence, Found, Origin, Passage
from helpdesk.evidence.sources import (
    Document,
    InvalidDocumentError,
    PassageSource,
    Piece,
    Place,
    Reply,
)

__all__ = [
    "Document",
    "Evidence",
    "Found",
    "InvalidDocumentError",
    "Origin",
    "Passage",
    "PassageSource",
    "Piece",
    "Place",
    "Reply",
]
