"""What the desk says beside its articles: when a person gets the question, and to mere courtesy.

The texts of `texts.toml` are in force until a lead writes others. A text is for one occasion and
one language. `{due}` stands for the moment by which the desk aims to answer; where that is not
known, the whole line is left out.
"""

import re
import tomllib
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import resources

MAX_LENGTH = 1_000
"""Characters of one text: a message may hold it beside an article's answer."""

ANY_LANGUAGE = "en"
"""The language of the texts that are in force until a lead writes others."""

DUE = "{due}"

_LANGUAGE = re.compile(r"[a-z]{2,3}")
_PLACEHOLDER = re.compile(r"\{[^{}]*\}|\$\{.*?\}|<[a-z_ ]+>|\[[A-Za-z_ ]+\]")


class InvalidTextError(ValueError):
    """A text that must not reach a customer; the message names the fault."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One version of a text; `version` 0 is what the product brings. `by` wrote it at `at`."""

    name: str
    language: str
    text: str
    version: int = 0
    at: datetime | None = None
    by: str | None = None

    def __post_init__(self) -> None:
        if self.name not in shipped():
            known = ", ".join(shipped())
            raise InvalidTextError(f"no text has the name {self.name!r}; there are: {known}")
        if not _LANGUAGE.fullmatch(self.language):
            raise InvalidTextError(f"{self.language!r} is not a language such as en or de")
        if not self.text.strip():
            raise InvalidTextError("the text is blank")
        if len(self.text) > MAX_LENGTH:
            raise InvalidTextError(
                f"the text has {len(self.text)} characters; at most {MAX_LENGTH} are allowed"
            )
        for found in _PLACEHOLDER.findall(self.text):
            if found != DUE:
                raise InvalidTextError(f"the text holds the unfilled placeholder {found!r}")
        if not self.filled(None):
            raise InvalidTextError(f"nothing is left of the text without {DUE}")

    def filled(self, due: str | None) -> str:
        """Return the text with the moment filled in, or without its line if there is none."""
        lines = (line for line in self.text.splitlines() if due is not None or DUE not in line)
        return "\n".join(line.replace(DUE, due or "") for line in lines).strip()


@cache
def shipped() -> dict[str, str]:
    """Return the texts that the product brings, in English, by their names."""
    found = resources.files(__package__).joinpath("texts.toml").read_text("utf-8")
    return {name: text.strip() for name, text in tomllib.loads(found).items()}
