"""The letters and words of a text as TF-IDF features.

Sentence vectors know what words mean; these know which words were used. Features are hashed words,
word pairs and character n-grams across word borders (typos keep most of theirs).
"""

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float32]
type Hashes = NDArray[np.uint32]
type Rows = NDArray[np.intp]

MOST_FEATURES = 50_000
"""Bounds the memory of a worker for any knowledge: four bytes each for each intent."""

_LENGTHS = (3, 4, 5)
_PRIME = np.uint32(16777619)  # of the FNV hash
_WORD = re.compile(r"\w+")
_DIGITS = re.compile(r"\d")


def features(text: str) -> Hashes:
    """The distinct features of `text`, sorted. Digits are all alike: numbers are entities."""
    words = _WORD.findall(_DIGITS.sub("0", text.lower()))
    if not words:
        return np.zeros(0, np.uint32)
    named = [*words, *map(" ".join, pairwise(words))]
    found = [np.array([zlib.crc32(name.encode()) for name in named], np.uint32)]
    codes = np.frombuffer(f" {' '.join(words)} ".encode("utf-32-le"), "<u4")
    for length in _LENGTHS:
        if len(codes) >= length:
            grams = np.full(len(codes) - length + 1, length, np.uint32)
            for offset in range(length):
                grams = (grams ^ codes[offset : offset + len(grams)]) * _PRIME
            found.append(grams)
    # np.unique would load numpy.ma, which takes longer than understanding a first text.
    listed = np.sort(np.concatenate(found))
    return listed[np.concatenate(([True], listed[1:] != listed[:-1]))]


@dataclass(frozen=True)
class Vocabulary:
    """The features worth knowing (sorted hashes) and how telling each is (inverse frequency)."""

    hashes: Hashes
    idf: Floats

    @classmethod
    def of(cls, texts: Sequence[Hashes]) -> "Vocabulary":
        """The features that occur in at least two of `texts`, the most frequent MOST_FEATURES."""
        hashes, counts = np.unique(np.concatenate(texts), return_counts=True)
        kept = np.flatnonzero(counts >= 2)
        if len(kept) > MOST_FEATURES:
            kept = np.sort(kept[np.argsort(-counts[kept], kind="stable")[:MOST_FEATURES]])
        idf = np.log((1 + len(texts)) / (1 + counts[kept])) + 1
        return cls(hashes[kept], idf.astype(np.float32))

    def weigh(self, text: Hashes) -> tuple[Rows, Floats]:
        """The known ones among `text`'s features: their rows and weights, a unit vector."""
        if not len(self.hashes):
            return np.zeros(0, np.intp), np.zeros(0, np.float32)
        at = np.searchsorted(self.hashes, text)
        at[at == len(self.hashes)] = 0
        rows = at[self.hashes[at] == text]
        weights = self.idf[rows]
        return rows, weights / max(float(np.linalg.norm(weights)), 1e-6)
