"""A message in parts: its sentences, and the questions that a sentence joins. Pure."""

import re
from dataclasses import dataclass

from helpdesk.wording.courtesy import is_courtesy
from helpdesk.wording.phrases import words

_ASKING = (
    "about|add|any|are|buy|can|cancel|change|check|close|confirm|correct|could|delete|did|do|does|"
    "download|exchange|explain|get|give|has|have|how|i need|i want|i wanted|i wish|i would like|"
    "i'd like|id like|i also|is|may|need|open|order|pause|pay|please|pls|refund|remove|return|send|"
    "should|show|start|stop|subscribe|swap|tell|track|unsubscribe|update|wanna|was|were|what|what's|"
    "whats|when|whether|when's|where|where's|wheres|which|who|whom|whose|why|will|would"
)
_JOINING = "additionally|also|and|but|btw|by the way|furthermore|moreover|oh|plus|secondly"
_BORDER = re.compile(
    r"[.!?\u2026]+(?=\s|\Z)|[;\n]"
    rf"|[,\s](?:{_JOINING})\s(?:also\s|then\s)?(?=(?:{_ASKING})\s)",
    re.IGNORECASE,
)
_REQUEST = re.compile(
    rf"(?:(?:and|also|but|so|oh|hi|hello|hey|then)[,\s]+)?(?:{_ASKING})\b", re.IGNORECASE
)

_EMPTY = frozenset(
    "a about advise again am and any anyone anything are assist be been can check could did "
    "do does done else explain for get give go happen happened happens has have help here "
    "how i in info information is know let long look matter me mean my need next no not now "
    "of on out please possible problem question see should so some someone still "
    "tell than thank thanks then to us was we were what when where which who why will wish "
    "with work works would wrong you your".split()
)
"""Words that alone ask for nothing that can be named: "can you help me please"."""

_EXPLETIVE = re.compile(
    r"\bis (?:it|there) (?=possible|true|ok|okay|allowed|any|an?\b|some)", re.IGNORECASE
)
"""Where "it" and "there" point to nothing: "is it possible to pay in three parts"."""

_POINTING = {"it", "that", "this", "them", "these", "those", "one", "so", "they", "there"}


@dataclass(frozen=True, slots=True)
class Part:
    """A sentence or a joined question, and whether it asks for something.

    A part that only points back to what was said, such as "how do I do that?", asks for nothing of
    its own.
    """

    text: str
    asks: bool


def parts(text: str) -> tuple[Part, ...]:
    """Return the parts of a text that say something, in order. Courtesy says nothing."""
    found: list[Part] = []
    start = 0
    for border in [*_BORDER.finditer(text), None]:
        stop = border.end() if border else len(text)
        said = text[start:stop].strip(" \t,;\n")
        said_words = words(said)
        if said_words and not is_courtesy(said):
            requests = said.endswith("?") or bool(_REQUEST.match(said))
            named = set(words(_EXPLETIVE.sub(" ", said)))
            found.append(Part(said, requests and _names(named, first=not found)))
        start = stop
    return tuple(found)


def _names(said: set[str], *, first: bool) -> bool:
    """Tell whether words name what is asked for, and do not point back to a sentence before."""
    return bool(said - _EMPTY) and (first or not said & _POINTING)
