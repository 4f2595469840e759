"""What visitors read without a key: the customers' page and the button that opens it. Pure.

The page is one document with its script and its style within. It may do what its policy allows
and nothing else: it runs this script by its hash, asks its own address, and sends files to the
bucket. A document is put together once, when the function starts.
"""

from helpdesk.pages.documents import Document, language_of, matches
from helpdesk.pages.policy import hash_of, policy
from helpdesk.pages.writing import Parts, Texts, TextsError, nearest, page, spoken, widget

__all__ = [
    "Document",
    "Parts",
    "Texts",
    "TextsError",
    "hash_of",
    "language_of",
    "matches",
    "nearest",
    "page",
    "policy",
    "spoken",
    "widget",
]
