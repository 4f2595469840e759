"""What a message says that it is not about. Pure but for the data."""

import re
from functools import cache

from helpdesk.wording.phrases import Phrases, data, words

_CLAUSES = re.compile(r"[.!?;,:\n]+|\b(?:but|only|just)\b", re.IGNORECASE)


def affirmed(text: str) -> str | None:
    """Return a text without the clauses that deny something; None if no clause does.

    Nothing is left of a text that denies all it names.
    """
    clauses = [clause.strip() for clause in _CLAUSES.split(text) if clause.strip()]
    left = [clause for clause in clauses if not _finds("phrases", clause)]
    left = [clause for clause in left if not _finds("forbids", clause)]
    return None if left == clauses else ". ".join(left)


def forbids(text: str) -> bool:
    """Tell whether a text says that something shall not be done, such as cancelling an order."""
    return _finds("forbids", text)


def _finds(label: str, text: str) -> bool:
    return any(True for _ in _phrases(label).spans(words(text)))


@cache
def _phrases(label: str) -> Phrases:
    return Phrases({label: data()["denial"][label]})
