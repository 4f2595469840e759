"""Texts as the check reads them: without what no reader sees, in one spelling, by sentence."""

import re
import unicodedata

from helpdesk.characters import shows_nothing
from helpdesk.drafting.grounding.english import english

_KEPT = "\n\t "
_SPELLINGS = str.maketrans(
    {
        "\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2014": "-", "\u2212": "-",
        "\u201c": '"', "\u201d": '"', "\u201e": '"', "\u00ab": '"', "\u00bb": '"',
        "\u2018": "'", "\u2019": "'", "\u02bc": "'", "\u00b4": "'",
    }
)  # fmt: skip
_EMAIL = re.compile(r"\be-?mail", re.IGNORECASE)
_BORDER = re.compile(
    r"\n+|(?<=[.!?\u3002])[\"')\]]*\s+(?=[\"'(\[]*[^\W_]|[\"'(\[]*[#\u20ac$\u00a3+])"
)
_LAST = re.compile(r"([\w.]+)\.\Z")


def seen(text: str) -> str:
    """Return what a reader sees of a text: no control characters, no joiners, plain digits."""
    shown = unicodedata.normalize("NFKC", text)
    return shown.translate({ord(each): _seen(each) for each in set(shown)})


def _seen(character: str) -> str:
    if character.isdigit():
        return str(unicodedata.digit(character))
    return "" if character not in _KEPT and shows_nothing(character) else character


def spelled(text: str) -> str:
    """Return a text as it is seen, with one kind of dash, quotation mark and `email`."""
    return _EMAIL.sub("email", seen(text.replace("\r", "\n")).translate(_SPELLINGS))


def sentences(text: str) -> tuple[str, ...]:
    """Return the sentences of a text in `spelled` form. A line ends a sentence."""
    found: list[str] = []
    start = 0
    clean = spelled(text)
    for border in _BORDER.finditer(clean):
        piece = clean[start : border.start()]
        if "\n" not in border[0] and _abbreviated(piece):
            continue
        found.append(clean[start : border.end()].strip())
        start = border.end()
    found.append(clean[start:].strip())
    return tuple(each for each in found if each)


def _abbreviated(piece: str) -> bool:
    last = _LAST.search(piece)
    return bool(last) and english().among("abbreviations", last[1].casefold())  # type: ignore[index]
