"""An article in another language, bound to the text that it translates.

A translation knows which text it is of. If the article's title or answer changes, the translation
is stale, and customers do not get it until a lead writes it again or confirms it.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

NOW = "now"
"""What a lead writes into `of` to confirm a translation."""

_LANGUAGE = re.compile(r"[a-z]{2,3}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """The title and the answer of an article in a language, by its code of ISO 639, such as de.

    `of` is the source that it translates (see `Article.source`); empty is the text beside it, and
    `now` confirms that it still fits after that text changed.
    """

    language: str
    title: str
    answer: str
    of: str = ""

    @property
    def fault(self) -> str | None:
        """What is wrong with it, in words; None if nothing is."""
        if not _LANGUAGE.fullmatch(self.language):
            return f"{self.language!r} is not a language such as de"
        if not self.title.strip() or not self.title.isprintable():
            return f"its translation {self.language} needs a title on one line"
        return None

    def is_current(self, source: str) -> bool:
        """Tell whether it is of this source."""
        return self.bound(source).of == source

    def bound(self, source: str) -> Self:
        """Return it as one of this source, unless it is bound to one already."""
        return replace(self, of=source) if self.of in {"", NOW} else self

    def renewed(self, source: str, kept: Mapping[tuple[str, str, str], str]) -> Self:
        """Return it as it is to be kept beside this source.

        `kept` says what the translations of before are bound to, by language, title and answer. One
        that stayed as it was keeps that, unless it is confirmed.
        """
        stayed = kept.get((self.language, self.title, self.answer), source)
        return replace(self, of=source if self.of == NOW else stayed)


def source(title: str, answer: str) -> str:
    """Return a short digest of a title and an answer, by which a translation knows its text."""
    said = f"{' '.join(title.split())}\x00{' '.join(answer.split())}"
    return hashlib.sha256(said.encode()).hexdigest()[:12]
