"""Goods that customers own or wait for are read as an order: "where is my sofa" as "my order".

What a customer asks for and what it is about are two things. The desk learns the first from its
utterances; the second may be any good of any catalogue. Only a good that a customer owns, ordered
or waits for is an order: "do you sell sofas" stays as it is. The usual goods ship as a list. After
words by which customers wait, a word that is rare in the desk's utterances is a good as well,
unless it names what no shop delivers, such as a brother or a train.
"""

import re
from collections.abc import Mapping, Sequence
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

_WAITING = re.compile(
    r"\b(?P<before>(?:where(?:\s(?:is|are)|'?s)\s(?:my|our)|(?:track(?:ing)?|waiting\s(?:for|on)|delivery\sof"
    r"|(?:status|state)\s(?:of|on)|(?:news|update)\s(?:on|about|of)|expect|follow|checks?\son"
    r"|(?:has|have|when(?:'s|\s(?:will|does|do|is|are)))(?:\si\sget)?)"
    r"\s(?:my|our|the|that|those|these))\s)"
    r"(?P<noun>[a-z][\w-]*(?:\s[a-z][\w-]*){0,3})",
    re.IGNORECASE,
)
_LOOKS = frozenset(
    "new old small big large little black white red blue green grey yellow brown pink wooden"
    " electric second first other two three four long short".split()
)
_FUNCTION = frozenset(
    f"{_SMALL}|now|yet|still|today|will|be|been|being|not|no|so|this|did|do|does|can|could|would"
    "|should|may|might|go|gone|get|got|come|came|arrive|arrived|ship|shipped|sent|left|at|please"
    "|ordered|bought|only|just|already|here|there|up|out|off|about|as|but|if|than|then|what|who|how"
    "|why|any|some|all|one|me|you|he|she|they|them|him|her|his|its|their|were|had|am".split("|")
)

RARE: Final = 10
"""Uses in a desk's utterances from which a word is the desk's own, and no unheard good."""

_LETTERS = re.compile(r"[^\W\d_]+")
_ORDERS = re.compile(r"\borders?\b", re.IGNORECASE)
SPEAKING: Final = 0.05
"""Share of a desk's utterances from which it speaks of orders."""

ORDER: Final = "order"
"""What the desk's utterances call what a customer waits for."""


@cache
def goods() -> frozenset[str]:
    """Return the names of goods that shops sell, each one word, the last of a name."""
    return frozenset(lines("goods.txt"))


def goods_named(text: str) -> tuple[str, ...]:
    """Return the goods of the list that a text names, each once, in the order of the text."""
    said = dict.fromkeys(_LETTERS.findall(text.casefold()))
    return tuple(word for word in said if word in goods() or word.removesuffix("s") in goods())


def speaks_of_orders(utterances: Sequence[str]) -> bool:
    """Tell whether a desk is a shop's: so many of its utterances speak of an order."""
    speaking = sum(bool(_ORDERS.search(text)) for text in utterances)
    return speaking >= SPEAKING * len(utterances)


def generalised(text: str, words: Mapping[str, int]) -> str:
    """Return a text with each good that is owned, ordered or waited for as an order.

    `words` are those of the desk's utterances, with their counts.
    """

    def unlisted(match: re.Match[str]) -> str:
        said = match["noun"].split()
        described = next((n for n, word in enumerate(said) if word.lower() not in _LOOKS), 0)
        rare = described
        while rare < len(said) and _is_rare(said[rare], words):
            rare += 1
        if rare == described or said[rare - 1].lower() in no_goods():
            return match[0]
        return " ".join([match["before"].rstrip(), ORDER, *said[rare:]])

    return _WAITING.sub(unlisted, _pattern().sub(_as_order, text))


def _is_rare(word: str, words: Mapping[str, int]) -> bool:
    """Tell whether a word may be of a good's name that the desk has not heard of."""
    said = word.lower()
    known = max(words.get(piece, 0) for piece in said.split("-"))
    return known < RARE and said not in _FUNCTION


@cache
def no_goods() -> frozenset[str]:
    """Return what people wait for, and no shop delivers."""
    return frozenset(lines("no_goods.txt"))


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
