"""Goods that customers own or wait for are read as an order: "where is my sofa" as "my order".

What a customer asks for and what it is about are two things. The desk learns the first from its
utterances; the second may be any good of any catalogue. Only a good that a customer owns, ordered
or waits for is an order: "do you sell sofas" stays as it is.
"""

import re
from collections.abc import Sequence
from functools import cache
from typing import Final

from helpdesk.understanding.shipped import lines

_SMALL = (
    "a|an|and|are|at|by|for|from|has|have|i|in|is|it|my|of|on|or|that|the|to|was|we|when|with|your"
)
_BETWEEN = rf"(?:(?!(?:{_SMALL})\s)[\w'-]+\s){{0,2}}"
_OWNED = r"(?:my|our)\s"
_WAITED = (
    r"(?:where\s(?:is|are)|where's|wheres|track(?:ing)?|waiting\s(?:for|on)|delivery\sof|status\sof|"
    r"news\s(?:on|about|of)|(?:has|have|is|are|when\s(?:will|does|do|is|are)|will))\s(?:the|that|those)\s"
)
_ORDERED = (
    r"(?=\s(?:that\s|which\s)?(?:i|we|i've|we've|ive)\s(?:\w+\s)?(?:ordered|bought|purchased))"
)

_ORDERS = re.compile(r"\borders?\b", re.IGNORECASE)
SPEAKING: Final = 0.05
"""Share of a desk's utterances from which it speaks of orders."""

ORDER: Final = "order"
"""What the desk's utterances call what a customer waits for."""


@cache
def goods() -> frozenset[str]:
    """Return the names of goods that shops sell, each one word, the last of a name."""
    return frozenset(lines("goods.txt"))


def speaks_of_orders(utterances: Sequence[str]) -> bool:
    """Tell whether a desk is a shop's: so many of its utterances speak of an order."""
    speaking = sum(bool(_ORDERS.search(text)) for text in utterances)
    return speaking >= SPEAKING * len(utterances)


def generalised(text: str) -> str:
    """Return a text with each good that is owned, ordered or waited for as an order."""
    return _pattern().sub(_as_order, text)


@cache
def _pattern() -> re.Pattern[str]:
    good = rf"{_BETWEEN}(?:{'|'.join(sorted(goods()))})\b"
    return re.compile(
        rf"\b(?P<before>{_OWNED}|{_WAITED}){good}(?!\s(?:number|order|account))"
        rf"|\b(?P<article>the|a|an|that|those|two|three)\s{good}{_ORDERED}",
        re.IGNORECASE,
    )


def _as_order(match: re.Match[str]) -> str:
    return f"{match['before'] or match['article'] + ' '}{ORDER}"
