"""Mistyped words, corrected if the desk's own vocabulary leaves no doubt."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property

from symspellpy import SymSpell, Verbosity  # type: ignore[import-untyped]

_WORD = re.compile(r"(?<![\w'])[^\W\d_]+(?![\w'])")
_SHORT = 4  # below, only swapped letters are put right: "teh", not "fnd"
_SEEN = 3  # an unknown word that was written so often is a word


def dictionary(texts: Iterable[str], known: Callable[[str], bool]) -> dict[str, int]:
    """The words of `texts` with their counts, without those that may be mistyped themselves."""
    counts = Counter(word for text in texts for word in _WORD.findall(text.lower()))
    return {word: n for word, n in sorted(counts.items()) if n >= _SEEN or known(word)}


class Speller:
    """Corrects words that are neither in the dictionary nor known to the encoder."""

    def __init__(self, words: Mapping[str, int], known: Callable[[str], bool]) -> None:
        self._known = known
        self._words = words

    @cached_property
    def _index(self) -> SymSpell:
        """Made for the first unknown word: most first messages of a process have none."""
        index = SymSpell(max_dictionary_edit_distance=1)
        for word, count in self._words.items():
            index.create_dictionary_entry(word, count)
        return index

    def correct(self, text: str) -> str:
        """`text` with each mistyped word replaced by the most frequent word one edit away."""
        return _WORD.sub(self._corrected, text)

    def _corrected(self, match: re.Match[str]) -> str:
        word = match[0].lower()
        if word in self._words or self._known(word):
            return match[0]
        for found in self._index.lookup(word, Verbosity.TOP, max_edit_distance=1):
            swapped = sorted(found.term) == sorted(word)
            # Mistakes seldom change the first letter; with another one it is another word.
            if found.term[0] == word[0] and (swapped or len(word) >= _SHORT):
                return str(found.term)
        return match[0]
