"""Personal data in a text made unreadable: for texts, such as errors, that may quote it. Pure.

Every pattern is bounded or possessive, so the time is in proportion to the length of any text.
"""

import re

LONGEST = 2_000
"""Characters of a text that are looked at; the rest is cut off."""

_PERSONAL = re.compile(
    r"""
    (?P<email> [^\s@<>"'(),:;]{1,64} @ [^\s@<>"'(),:;]{1,255} )
  | (?P<token> (?<![\w-]) [\w-]{40,}+ )
  | (?P<number> (?<![\w.]) \+?+ \d (?: [ ()./-]{0,2}+ \d ){6,18}+ (?!\w) )
    """,
    re.VERBOSE,
)


def mask(text: str) -> str:
    """Return `text` with e-mail addresses, tokens and phone or card numbers replaced by a mark."""
    masked = _PERSONAL.sub(lambda match: f"<{match.lastgroup}>", text[:LONGEST])
    return masked if len(text) <= LONGEST else f"{masked} …"
