"""What a text says that came as a mail: without its subject, where the text says the same.

Pure but for the data.
"""

import re
from collections.abc import Sequence

from helpdesk.cases.likeness import LIGHT, words_of
from helpdesk.cases.phrases import listed
from helpdesk.speaking import speaking
from helpdesk.wording import without_courtesy

_LONGEST = 12
"""Words of a subject."""

_LABEL = re.compile(r"\s{0,8}(\w{2,12})\s?:\s*")
_BEGINNING = 4
"""Letters by which a word of a subject is known again in the text: cancel, cancellation."""


def said_in(text: str, names: Sequence[str] = ()) -> str:
    """Return what a text says, without a mail's subject, greeting, quotes and signature.

    The subject stays if it says more than the text below it. It goes if it is that of an earlier
    mail. `names` are those of the people in the conversation.
    """
    heading, below = _parted(text)
    said = without_courtesy(speaking(below).text, names)
    if not heading:
        return said
    bare = _unprefixed(heading)
    if not bare or _says_as_much(said, bare, answers=bare != heading):
        return said
    return f"{without_courtesy(speaking(bare).text, names)}\n{said}"


def _parted(text: str) -> tuple[str, str]:
    """Return a mail's subject and the text below it; no subject if there is none."""
    whole = text.strip()
    label = _LABEL.match(whole)
    labelled = label is not None and label[1].casefold() in listed("heading", "labels")
    if label is not None and labelled:
        whole = whole[label.end() :]
    line, _, below = whole.partition("\n")
    line = line.strip()
    apart = labelled or (below.startswith("\n") and line[-1:] not in {".", "!", ","})
    if apart and below.strip() and len(line.split()) <= _LONGEST:
        return line, below.strip()
    return "", whole


def _unprefixed(heading: str) -> str:
    while (found := _LABEL.match(heading)) and found[1].casefold() in listed("heading", "prefixes"):
        heading = heading[found.end() :]
    return heading.strip()


def _says_as_much(said: str, heading: str, *, answers: bool) -> bool:
    """Tell whether half of a subject's words are in the text; an earlier mail's need not be."""
    below = words_of(said)
    if len(below) < 2:
        return False
    weighty = [word for word in words_of(heading) if word not in LIGHT]
    more = [
        word
        for word in weighty
        if word not in listed("heading", "nothing") and not any(_kin(word, each) for each in below)
    ]
    return answers or 2 * len(more) <= len(weighty)


def _kin(one: str, other: str) -> bool:
    shortest = min(len(one), len(other))
    return one == other or (
        shortest >= _BEGINNING and one[:_BEGINNING] == other[:_BEGINNING] and one.isalpha()
    )
