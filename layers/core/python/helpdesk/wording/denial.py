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
    left = [clause for clause in clauses if not _found(clause)]
    return None if left == clauses else ". ".join(left)


def forbids(text: str) -> bool:
    """Tell whether a text says that something shall not be done, such as cancelling an order."""
    return "forbids" in _found(text)


def _found(text: str) -> set[str]:
    return {each.label for each in _phrases().spans(words(text))}


@cache
def _phrases() -> Phrases:
    return Phrases(data()["denial"])
