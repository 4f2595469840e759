"""How easy an English text is to read."""

import re

_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9'-]*")
_END = re.compile(r"[.!?:;](?:\s|$)|\n")
_SILENT = re.compile(r"(?<![lr])e$|(?<![dt])ed$|(?<![aeiou])es$")
_VOWELS = re.compile(r"[aeiouy]+")

FEWEST = 15
"""Words below which the measure tells nothing."""


def reading_ease(text: str) -> float | None:
    """Return the reading ease of a text: 60 and more is plain English, 30 and less is hard.

    None for a text of few words. The formula is Flesch's (A New Readability Yardstick, Journal of
    Applied Psychology 32, 1948). Syllables are counted as groups of vowels, which is right for most
    words and takes no dictionary: a package with one brings 30 MB into the agents' terminal.
    """
    said = _WORD.findall(text)
    if len(said) < FEWEST:
        return None
    sentences = sum(1 for part in _END.split(text) if _WORD.search(part))
    return 206.835 - 1.015 * len(said) / sentences - 84.6 * sum(map(_syllables, said)) / len(said)


def _syllables(word: str) -> int:
    return max(1, len(_VOWELS.findall(_SILENT.sub("", word.casefold()))))
