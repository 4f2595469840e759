"""Passages of the desk that speak to a question. Pure.

model       what a passage is, and the port that finds passages
sentences   a text as sentences, and how much of it an encoder reads
sources     documents and past replies, and what the id of a passage says
passages    texts cut into passages, and what is dropped
reading     the text of a file as the pieces of a document; imported from there, as few need it
ranking     which passages are admitted, and in which order
"""

from helpdesk.evidence.model import Evidence, Found, Origin, Passage
from helpdesk.evidence.passages import (
    Cut,
    Dropped,
    of_article,
    of_document,
    of_piece,
    of_reply,
    passages_of,
    placeholder,
    telling,
)
from helpdesk.evidence.ranking import articles_first, ranked
from helpdesk.evidence.sentences import ENCODED, pieces, sentences
from helpdesk.evidence.sources import (
    Document,
    InvalidDocumentError,
    PassageSource,
    Piece,
    Place,
    Reply,
)

__all__ = [
    "ENCODED",
    "Cut",
    "Document",
    "Dropped",
    "Evidence",
    "Found",
    "InvalidDocumentError",
    "Origin",
    "Passage",
    "PassageSource",
    "Piece",
    "Place",
    "Reply",
    "articles_first",
    "of_article",
    "of_document",
    "of_piece",
    "of_reply",
    "passages_of",
    "pieces",
    "placeholder",
    "ranked",
    "sentences",
    "telling",
]
