"""Sentences that speak to a machine, in texts that should inform a customer. Pure but for the data.

This is no guard: what a text asks for is never done, because nothing that acts reads texts. It
keeps such sentences out of drafts, where they would only confuse.
"""

import re
import tomllib
from functools import cache
from importlib import resources

from helpdesk.characters import hides_something
from helpdesk.drafting.grounding import seen

_RUN = re.compile(r"[A-Za-z0-9+/=]{40,}|(?:%[0-9A-Fa-f]{2}){8,}|(?:&#\d{2,4};){4,}")
"""A run of letters without a space that is no word: an encoded text."""

_HARMLESS = dict.fromkeys(map(ord, "\n\r\t\u00ad\u200d\ufe0e\ufe0f\u00a0"))
"""Ends of lines, hyphens that may show, joined emoji and their variants."""


def commanding(text: str) -> bool:
    """Tell whether a text speaks to a machine that reads it, is encoded, or hides characters."""
    plain = seen(text).replace("\\n", "\n")
    return bool(
        hides_something(text.translate(_HARMLESS)) or _RUN.search(plain) or _pattern().search(plain)
    )


@cache
def _pattern() -> re.Pattern[str]:
    data = tomllib.loads(resources.files(__package__).joinpath("commands.toml").read_text("utf-8"))
    return re.compile(
        "|".join(f"(?:{each})" for each in data["speaking_to_machines"]), re.IGNORECASE
    )
