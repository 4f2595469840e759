"""Counting that an article answered a question before it was asked. Nothing of the reader is kept.

The page makes a key of random letters when it is opened, so that a button that is pressed twice, or
a request that is sent again, counts once. Without scripts there is no key, and each press counts.
"""

import re
from datetime import datetime
from typing import Final, Protocol

_KEY: Final = re.compile(r"[A-Za-z0-9-]{16,64}")


class InvalidKeyError(ValueError):
    """The key of a page is not one that pages make."""


class Answers(Protocol):
    """Where it is counted that articles answered."""

    def answered(self, intent: str, at: datetime, key: str | None) -> None:
        """Count that an article answered; not again for a key that was counted already."""


def answered(answers: Answers, intent: str, *, at: datetime, key: str | None) -> None:
    """Count that an article answered a question. Raises InvalidKeyError."""
    if key is not None and not _KEY.fullmatch(key):
        raise InvalidKeyError("the key of the page is not 16 to 64 letters, digits and hyphens")
    answers.answered(intent, at, key)
