"""Whether a message names another company or office: "how do I delete my Facebook account".

Such a message has the words of the desk's own matters. Names of companies, and words for other
places such as a bank or a gym, ship as a list. An intent whose own utterances name one, such as a
payment by a bank, may be answered with it.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache

from helpdesk.understanding.shipped import lines

_ADDRESS = re.compile(r"\S+@\S+")
_TOKEN = re.compile(r"[^\W_]+(?:&[^\W_]+)?")


@cache
def _names() -> tuple[frozenset[tuple[str, ...]], int]:
    """Return the names as their words, and the number of words of the longest."""
    names = frozenset(tuple(_TOKEN.findall(line)) for line in lines("elsewhere.txt"))
    return names, max(map(len, names))


def named(text: str) -> set[str]:
    """Return the names of companies and other places in a text, lower case; not in an address."""
    names, longest = _names()
    words = _TOKEN.findall(_ADDRESS.sub(" ", text).casefold())
    return {
        " ".join(run)
        for start in range(len(words))
        for end in range(start + 1, min(start + longest, len(words)) + 1)
        if (run := tuple(words[start:end])) in names
    }


def named_by(said: Iterable[tuple[str, int]], intents: Sequence[str]) -> dict[str, list[str]]:
    """Return for each name the intents that have it in an utterance; `said` has text and row."""
    found: dict[str, set[str]] = {}
    for text, row in said:
        if row < len(intents):
            for name in named(text):
                found.setdefault(name, set()).add(intents[row])
    return {name: sorted(found[name]) for name in sorted(found)}


def is_elsewhere(text: str, intent: str, known: Mapping[str, Collection[str]]) -> bool:
    """Tell whether a text names a place that no utterance of the intent names.

    `known` is what `named_by` found.
    """
    return any(intent not in known.get(name, ()) for name in named(text))
