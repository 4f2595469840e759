"""What a message is for: it asks, it reminds of an earlier one, or it goes on to another matter.

Pure but for the data.
"""

import re
from collections.abc import Sequence
from enum import StrEnum

from helpdesk.cases.phrases import beginnings, openings, phrases
from helpdesk.wording.phrases import HARMLESS, words

_SENTENCE = re.compile(r"[.!?\u2026:]+(?=\s|\Z)|\n+")


class Asking(StrEnum):
    """Whether a message asks for a fact or for leave: no sentence of it does, some, or all."""

    NOTHING = "nothing"
    SOME = "some"
    ALL = "all"


def asking(text: str) -> Asking:
    """Return how far a text asks. "Where is it?" and "Can you send it?" complain, and do not."""
    said = [found for each in _SENTENCE.split(text) if len(found := words(each)) > 1]
    asked = [_asks(each) for each in said]
    if not any(asked):
        return Asking.NOTHING
    return Asking.ALL if all(asked) else Asking.SOME


def _asks(said: Sequence[str]) -> bool:
    """Tell whether words begin as a question does, after what may stand before one."""
    found, starts, seen = list(said), [0], {0}
    spans = {(each.start, each.label) for each in phrases("asks").spans(found)}
    while starts:
        start = starts.pop()
        if (start, "asks") in spans:
            return (start, "asks" + HARMLESS) not in spans
        for stop in beginnings().ends(found, start):
            if stop not in seen:
                seen.add(stop)
                starts.append(stop)
    return False


def goes_on(text: str) -> bool:
    """Tell whether a text leaves what was said before: it is settled, or another matter comes."""
    said = words(text)
    return bool(openings().ends(said, 0)) or "moves_on" in _found("moves_on", said)[1]


class Reminding(StrEnum):
    """Whether a message reminds of an earlier one: surely, perhaps, or not."""

    SURE = "sure"
    PERHAPS = "perhaps"
    NOT = "not"


def reminded(text: str) -> tuple[Reminding, list[str]]:
    """Return whether a text reminds of an earlier message, and the words beside those that do."""
    left, found = _found("reminds", words(text))
    if not found:
        return Reminding.NOT, []
    return (Reminding.SURE if "reminds" in found else Reminding.PERHAPS), left


def _found(kind: str, said: list[str]) -> tuple[list[str], set[str]]:
    """Return the words outside the phrases of a kind, and the labels of those phrases."""
    spans = list(phrases(kind).spans(said))
    harmless = [each for each in spans if each.label.endswith(HARMLESS)]
    telling = [
        each
        for each in spans
        if not each.label.endswith(HARMLESS) and not any(each.overlaps(h) for h in harmless)
    ]
    covered = {at for each in telling for at in range(each.start, each.stop)}
    left = [word for at, word in enumerate(said) if at not in covered]
    return left, {each.label for each in telling}
