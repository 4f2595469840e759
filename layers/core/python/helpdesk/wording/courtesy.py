"""Whether a text only thanks, agrees or says goodbye. Total, and pure but for the data.

Such a text ends a conversation. It must consist of courtesy alone: one other word, or a question
mark, and it is not courtesy.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

from helpdesk.wording.phrases import WORD, Phrases, bare, data, plain, words

_MOST_WORDS = 40
"""What is longer than that is no mere courtesy."""

_PART = re.compile(r"[^.!?,;:]*[.!?,;:]*")
_TOKEN = re.compile(rf"(?P<word>{WORD})|(?P<face>[:;]-?[)d(/|\]\[]|<3|\^\^)|\S")
_GLAD = {":)", ":-)", ";)", ";-)", ":d", ":-d", ":]", "<3", "^^"}
_MODIFIERS = {"\ufe0f", *map(chr, range(0x1F3FB, 0x1F400))}
"""What only changes how an emoji looks: its colour, and that it is shown as a picture."""

_QUESTION = "?\u00bf"
_LAST_SENTENCE = re.compile(r"[^.!?\n]*[.!?\s]*\Z")
_POLITE_QUESTION = {"else", "anything", "more", "further"}


def is_courtesy(text: str, names: Iterable[str] = (), *, consent: bool = True) -> bool:
    """Tell whether a text is courtesy alone.

    `names` are those of the people in the conversation, which may stand in it. Without `consent`,
    "ok" and "sure" do not count: after a question, they are its answer.
    """
    tokens = _tokens(text)
    if not tokens or len(tokens) > _MOST_WORDS:
        return False
    known = {word for name in names for word in words(name)}
    phrases, fillers = _phrases(consent=consent), _fillers()
    reached = {0: False}  # up to where the text is covered; whether by more than fillers
    for start, token in enumerate(tokens):
        if start in reached:
            reached.update(dict.fromkeys(phrases.ends(tokens, start), True))
            beside = fillers.ends(tokens, start) + [start + 1] * (token in known)
            for stop in beside:
                reached[stop] = reached.get(stop, False) or reached[start]
    return reached.get(len(tokens), False)


def without_courtesy(text: str, names: Iterable[str] = ()) -> str:
    """Return a text without the courtesy at the end of each line; as it is if nothing is left.

    A sentence or a part of one counts, up to the next full stop or comma.
    """
    known = tuple(names)
    lines = [_shortened(line, known) for line in text.split("\n")]
    left = "\n".join(line for line in lines if line is not None).strip()
    return left if left and left != text.strip() else text


def _shortened(line: str, names: tuple[str, ...]) -> str | None:
    """Return a line without the courtesy at its end, or None for a line that is only courtesy."""
    parts = _PART.findall(line)
    kept = list(parts)
    while kept and (not kept[-1] or is_courtesy(kept[-1], names)):
        kept.pop()
    if len(kept) == len([each for each in parts if each]):
        return line
    return "".join(kept).rstrip(" ,;:") or None


def asks(reply: str) -> bool:
    """Tell whether a reply ends with a question that the customer is to answer.

    "Is there anything else?" is none: a customer who says "ok" to that needs nothing.
    """
    last = _LAST_SENTENCE.search(reply.rstrip())
    said = last[0] if last else ""
    return said.endswith("?") and not _POLITE_QUESTION & set(words(said))


def _tokens(text: str) -> list[str]:
    """Return words, faces and emoji; a "?" for a question, and every sign that says something."""
    found = []
    for match in _TOKEN.finditer(plain(text)):
        said = match[0]
        if match["word"]:
            found.append(bare(said))
        elif match["face"]:
            found.append(":)" if said in _GLAD else said)
        elif said in _QUESTION or not (said in _MODIFIERS or _is_mark(said)):
            found.append(said)
    return found


def _is_mark(sign: str) -> bool:
    return unicodedata.category(sign).startswith("P")


@cache
def _fillers() -> Phrases:
    return Phrases({"filler": data()["courtesy"]["fillers"]})


@cache
def _phrases(*, consent: bool) -> Phrases:
    found = data()["courtesy"]
    agreeing = found["consent"] if consent else ()
    return Phrases({"courtesy": [*found["phrases"], *found["signs"], *agreeing]})
