"""Whether a message is against the answer that its words ask for.

"Please don't cancel my order" and "I cancelled it twice and it is still there" name what "cancel my
order" names, so the readers of intents take all three for one. What tells them apart is not the
matter but the words around it. One regression therefore reads, for all matters alike, the sentence
vector and the everyday words of a message in their order, with the words of the matter left blank.
It is fitted to pairs of a wish and its contrast, and to the desk's own utterances as wishes.
"""

import re
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from helpdesk.understanding.lexical import Floats, Hashes, Vocabulary
from helpdesk.understanding.shipped import lines

LONGEST_GRAM: Final = 4
STRENGTH: Final = 10.0  # the larger, the less the weights are held back
LEFT_TO_PEOPLE: Final = 0.5
"""From this score on a person reads the message."""

MUCH: Final = 0.15
"""Share of an intent's utterances from which they sound contrary by themselves."""

LEFT_ALONE: Final = 0.05
"""Share of a desk's own utterances that may count as contrary: what doubt may cost in answers."""

_TOKEN = re.compile(r"[a-z]+(?:'[a-z]+)?|\d+|[^\w\s]")
_BLANK = "_"


@cache
def everyday() -> frozenset[str]:
    """Return the words that stay: they deny, repeat, report, mock or relate, in any matter."""
    return frozenset(lines("everyday.txt"))


def blanked(text: str) -> list[str]:
    """Return the everyday words and signs of a text in order, each run of others as one blank."""
    stays = everyday()
    kept: list[str] = ["<"]
    for token in _TOKEN.findall(text.lower()):
        word = token if token in stays or not token[0].isalnum() else _BLANK
        if word != _BLANK or kept[-1] != _BLANK:
            kept.append(word)
    return [*kept, ">"]


def _grams(text: str) -> Hashes:
    """Return the distinct runs of one to LONGEST_GRAM words of a blanked text, hashed."""
    words = blanked(text)
    runs = {
        " ".join(words[start : start + length])
        for length in range(1, LONGEST_GRAM + 1)
        for start in range(len(words) - length + 1)
    }
    return np.array(sorted({zlib.crc32(run.encode()) for run in runs}), np.uint32)


@cache
def pairs() -> tuple[tuple[str, str], ...]:
    """Return the pairs that ship: a wish, and a text with much the same words that is none."""
    found = (line.split("\t") for line in lines("contrasts.tsv"))
    return tuple((wish, contrast) for wish, contrast in found)


@dataclass(frozen=True)
class Contrary:
    """What was learned: a weight for each run of words, then one for each number of the vector.

    The last weight is the bias. `allowance` (intents,) is what is taken off the sum for an intent
    whose own utterances sound contrary, such as a payment that fails.
    """

    vocabulary: Vocabulary
    weights: Floats
    allowance: Floats

    def score(self, text: str, vector: Floats, intent: int) -> float:
        """Return how contrary a text is to an intent, 0 to 1.

        From LEFT_TO_PEOPLE on people read it. `intent` is the intent's place in the model.
        """
        total = self.total(text, vector) - float(self.allowance[intent])
        return float(1 / (1 + np.exp(-total)))

    def total(self, text: str, vector: Floats) -> float:
        """Return how contrary a text is, unbounded; 0 is as likely as not."""
        rows, values = self.vocabulary.weigh(_grams(text))
        runs = len(self.vocabulary.hashes)
        lexical = float(values @ self.weights[rows])
        return lexical + float(vector @ self.weights[runs:-1]) + float(self.weights[-1])


def fit_contrary(
    utterances: Sequence[str],
    vectors: Floats,
    intents: NDArray[np.intp],
    encode: Callable[[Sequence[str]], Floats],
    minimise: Callable[[Callable[[Floats], tuple[float, Floats]], Floats], Floats],
) -> Contrary:
    """Learn from the pairs that ship and a desk's utterances, with their vectors and intents.

    Some intents are contrary by themselves, such as a complaint that help failed: if more than
    half of an intent's utterances are contrary by the pairs alone, it teaches nothing here. Every
    second utterance of the others is kept aside: LEFT_ALONE of those count as contrary. An intent
    of which MUCH of what is aside counts gets an allowance that leaves LEFT_ALONE of it.
    """
    told = [text for pair in pairs() for text in pair]
    truth = np.arange(len(told)) % 2
    inputs = encode(told)
    weights = _learned(told, inputs, truth, minimise)
    first = Contrary(*weights, np.zeros(0, np.float32))
    against = _totals(first, utterances, vectors, range(len(utterances))) >= 0
    shares = np.bincount(intents, against) / np.maximum(np.bincount(intents), 1)
    kept = np.flatnonzero(shares[intents] <= LEFT_TO_PEOPLE)
    learning = kept[::2]
    learned = Contrary(
        *_learned(
            [*told, *(utterances[row] for row in learning)],
            np.vstack([inputs, vectors[learning]]),
            np.concatenate([truth, np.zeros(len(learning), truth.dtype)]),
            minimise,
        ),
        np.zeros(int(intents.max()) + 1, np.float32),
    )
    aside = np.setdiff1d(np.arange(len(utterances)), learning)
    totals = _totals(learned, utterances, vectors, aside)
    if len(ordinary := totals[np.isin(aside, kept)]):
        level = np.float32(np.quantile(ordinary, 1 - LEFT_ALONE))
        learned.weights[-1] -= level
        totals -= level
    for intent in range(len(learned.allowance)):
        mine = totals[intents[aside] == intent]
        if len(mine) and (mine >= 0).mean() > MUCH:
            learned.allowance[intent] = max(0, np.quantile(mine, 1 - LEFT_ALONE))
    return learned


def _totals(
    learned: Contrary, utterances: Sequence[str], vectors: Floats, rows: Iterable[int]
) -> Floats:
    found = [learned.total(utterances[row], vectors[row]) for row in rows]
    return np.array(found, np.float32)


def _learned(
    texts: Sequence[str],
    vectors: Floats,
    truth: NDArray[np.intp],
    minimise: Callable[[Callable[[Floats], tuple[float, Floats]], Floats], Floats],
) -> tuple[Vocabulary, Floats]:
    """Return the vocabulary of the texts, and the weights."""
    grams = [_grams(text) for text in texts]
    vocabulary = Vocabulary.of(grams)
    start = np.zeros(len(vocabulary.hashes) + vectors.shape[1] + 1, np.float32)
    weights = minimise(_surprise(grams, vocabulary, vectors, truth.astype(np.float32)), start)
    return vocabulary, weights


def _surprise(
    grams: Sequence[Hashes], vocabulary: Vocabulary, inputs: Floats, truth: Floats
) -> Callable[[Floats], tuple[float, Floats]]:
    """Return the loss of a logistic regression with a penalty, and its slope."""
    weighed = [vocabulary.weigh(each) for each in grams]
    columns = np.concatenate([rows for rows, _ in weighed])
    values = np.concatenate([row_values for _, row_values in weighed])
    texts = np.repeat(np.arange(len(grams)), [len(rows) for rows, _ in weighed])
    runs = len(vocabulary.hashes)

    def loss(weights: Floats) -> tuple[float, Floats]:
        lexical = np.bincount(texts, values * weights[columns], len(grams))
        total = lexical + inputs @ weights[runs:-1] + weights[-1]
        likely = 1 / (1 + np.exp(-total))
        error = (likely - truth).astype(np.float32)
        slope = np.concatenate(
            [
                np.bincount(columns, values * error[texts], runs),
                inputs.T @ error,
                [error.sum()],
            ]
        ).astype(np.float32)
        penalty = weights.copy()
        penalty[-1] = 0
        surprise = float(np.logaddexp(0, total).sum() - truth @ total)
        return surprise + float(penalty @ penalty) / (2 * STRENGTH), slope + penalty / STRENGTH

    return loss
