"""Whether a message is against the answer that its words ask for.

"Please don't cancel my order" and "I cancelled it twice and it is still there" name what "cancel my
order" names, so the readers of intents take all three for one. What tells them apart is not the
matter but the words around it. One regression therefore reads, for all matters alike, the sentence
vector and the everyday words of a message in their order, with the words of the matter left blank.
It is fitted to pairs of a wish and its contrast, and to the desk's own utterances as wishes.
"""

import re
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

import numpy as np
from numpy.typing import NDArray

from helpdesk.understanding.lexical import Floats, Hashes, Vocabulary

LONGEST_GRAM: Final = 4
STRENGTH: Final = 10.0  # the larger, the less the weights are held back
LEFT_TO_PEOPLE: Final = 0.5
"""From this score on a person reads the message."""

LEFT_ALONE: Final = 0.05
"""Share of a desk's own utterances that may count as contrary: what doubt may cost in answers."""

EVERYDAY: Final = frozenset(
    "a about after again ain't aint all already also always am amazing an and another any anymore "
    "are aren't arent arrived as ask asked asking at aunt awesome back be because been before being "
    "better boss both bravo brilliant brother but by called came can can't cannot cant checked "
    "cheers clearly click clicked colleague come comes company congrats congratulations could "
    "couldn't couldnt dad did didn't didnt different disregard do does doesn't doesnt doing don't "
    "done dont down each either else entered ever every fantastic father few figured first fixed "
    "follow followed for forget found friend from further get gets getting goes got great had "
    "hadn't hadnt happen happened happens has hasn't hasnt have haven't havent having he heard help "
    "helped helping helps her here him his how i i'd i'll i'm i've if ignore im impressive in "
    "instead into is isn't isnt issue it it's its ive joke just keep keeps kept know last later "
    "let let's lets like liked longer looked love lovely managed may me mean meant might mind mine "
    "more most mother mum must my nah need needed needs neighbour neighbor neither never nevermind "
    "next nice no none nor not nothing now nvm obviously of off often ok okay on once one only or "
    "other our ours out over own perfect please pls press pressed problem question rather read "
    "really reinstalled reset resolved restarted said same say says scratch second sent she shall "
    "shop should shouldn't shouldnt sister so solved some somebody someone sorry sorted still stop "
    "such super sure tell tells than thank thanks that that's thats the their them then there "
    "there's theres these they thing third this those thought through thx till time times to told "
    "too tried try trying turned twice typed under uninstalled until up us very waited want wanted "
    "wants was wasn't wasnt way we well went were weren't werent what when where which while who why "
    "will wish with without won't wonderful wont work worked working works would wouldn't wouldnt "
    "wow wrote yeah yes yet you you're your youre yours".split()
)
"""Words that stay: they deny, repeat, report, mock or relate, in any matter."""

_TOKEN = re.compile(r"[a-z]+(?:'[a-z]+)?|\d+|[^\w\s]")
_BLANK = "_"


def blanked(text: str) -> list[str]:
    """Return the everyday words and signs of a text in order, each run of others as one blank."""
    kept: list[str] = ["<"]
    for token in _TOKEN.findall(text.lower()):
        word = token if token in EVERYDAY or not token[0].isalnum() else _BLANK
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
    lines = files(__package__).joinpath("contrasts.tsv").read_text("utf-8").splitlines()
    return tuple((wish, contrast) for line in lines for wish, contrast in [line.split("\t")])


@dataclass(frozen=True)
class Contrary:
    """What was learned: a weight for each run of words, then one for each number of the vector.

    The last weight is the bias.
    """

    vocabulary: Vocabulary
    weights: Floats

    def score(self, text: str, vector: Floats) -> float:
        """Return how contrary a text is, 0 to 1; from LEFT_TO_PEOPLE on a person reads it."""
        rows, values = self.vocabulary.weigh(_grams(text))
        runs = len(self.vocabulary.hashes)
        total = float(values @ self.weights[rows]) + float(vector @ self.weights[runs:-1])
        return float(1 / (1 + np.exp(-total - self.weights[-1])))


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
    second utterance of the others is kept aside: LEFT_ALONE of those are as contrary as a half.
    """
    told = [text for pair in pairs() for text in pair]
    truth = np.arange(len(told)) % 2
    inputs = encode(told)
    first = _learned(told, inputs, truth, minimise)
    found = zip(utterances, vectors, strict=True)
    against = np.array([first.score(text, vector) for text, vector in found]) >= LEFT_TO_PEOPLE
    shares = np.bincount(intents, against) / np.maximum(np.bincount(intents), 1)
    kept = np.flatnonzero(shares[intents] <= LEFT_TO_PEOPLE)
    learning, aside = kept[::2], kept[1::2]
    learned = _learned(
        [*told, *(utterances[row] for row in learning)],
        np.vstack([inputs, vectors[learning]]),
        np.concatenate([truth, np.zeros(len(learning), truth.dtype)]),
        minimise,
    )
    if len(aside):
        scores = [learned.score(utterances[row], vectors[row]) for row in aside]
        at = min(max(float(np.quantile(scores, 1 - LEFT_ALONE)), 1e-6), 1 - 1e-6)
        learned.weights[-1] -= np.float32(np.log(at / (1 - at)))
    return learned


def _learned(
    texts: Sequence[str],
    vectors: Floats,
    truth: NDArray[np.intp],
    minimise: Callable[[Callable[[Floats], tuple[float, Floats]], Floats], Floats],
) -> Contrary:
    grams = [_grams(text) for text in texts]
    vocabulary = Vocabulary.of(grams)
    start = np.zeros(len(vocabulary.hashes) + vectors.shape[1] + 1, np.float32)
    weights = minimise(_surprise(grams, vocabulary, vectors, truth.astype(np.float32)), start)
    return Contrary(vocabulary, weights)


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
