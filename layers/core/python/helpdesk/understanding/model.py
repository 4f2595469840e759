"""The learned part: a small artifact, fitted in seconds, that ranks intents for a text.

Three readers look at each message and their scores are summed. Regression on the sentence vector
is right most often, kernel regression on the same vector (soft nearest phrases) knows best what is
strange and does well with few phrases, the linear machine on TF-IDF features reads the words.
"""

import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, Self
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from helpdesk.understanding.contrary import Contrary
from helpdesk.understanding.lexical import Floats, Vocabulary, features

# Weights of (regression, words, phrases) in the sum that ranks and in the energy that tells the
# strange. Fixed, since fitting them on few phrases did worse; measured in docs/understanding.md.
RANKING: Final = np.array([1, 2, 5], np.float32)
ENERGY: Final = np.array([1, 3, 10], np.float32)
KERNEL_WIDTH: Final = 0.3
SCOPE_REQUIRED: Final = 0.5  # by construction, see Reading

# The reserved name under which a knowledge base teaches out-of-scope messages. Never ranked.
OUT_OF_SCOPE: Final = "out_of_scope"


class ModelMismatchError(ValueError):
    """This code cannot read the bytes as a model, or the model is for another encoder."""


def kernel(vectors: Floats, landmarks: Floats) -> Floats:
    """Likeness of unit vectors to landmarks, 1 for the same: exp((cosine - 1) / width)."""
    likeness: Floats = np.exp((vectors @ landmarks.T - 1) / KERNEL_WIDTH)
    return likeness


def log_sum_exp(logits: Floats) -> Floats:
    """Logarithm of the sum of exponentials along the last axis."""
    top = logits.max(axis=-1, keepdims=True)
    total: Floats = np.log(np.exp(logits - top).sum(axis=-1)) + top[..., 0]
    return total


@dataclass(frozen=True)
class Heads:
    """What the three readers learned: a column an intent and, if it was taught, a last for none."""

    regression: Floats  # (width + 1, columns), the last row is the bias
    landmarks: Floats  # (landmarks, width), phrases' vectors
    phrases: Floats  # (landmarks, columns)
    vocabulary: Vocabulary
    words: Floats  # (vocabulary + 1, columns), the last row is the bias

    def scores(self, texts: Sequence[str], vectors: Floats) -> Floats:
        """(texts, 3, columns): what each reader gives each intent."""
        lexical = np.empty((len(texts), self.words.shape[1]), np.float32)
        for row, text in enumerate(texts):
            rows, weights = self.vocabulary.weigh(features(text))
            lexical[row] = weights @ self.words[rows] + self.words[-1]
        linear = vectors @ self.regression[:-1] + self.regression[-1]
        return np.stack([linear, lexical, kernel(vectors, self.landmarks) @ self.phrases], axis=1)


@dataclass(frozen=True)
class Reading:
    """What a model says of texts, all 0 to 1.

    `probabilities` (texts, intents) are calibrated; what they lack to 1 is that of no intent.
    `scope` (texts,) is 0.5 where the chosen share of the desk's own phrases counted as strange.
    """

    probabilities: Floats
    scope: Floats


@dataclass(frozen=True)
class Model:
    """What was learned from the utterances of a knowledge base.

    `about` holds what is not numbers (intents in order, encoder, target precision, counts),
    `arrays` the rest. Compare models by `version`.
    """

    FORMAT = 1

    about: Mapping[str, Any]
    arrays: Mapping[str, NDArray[Any]] = field(repr=False)

    @property
    def intents(self) -> tuple[str, ...]:
        """Names in the order of the probabilities."""
        return tuple(self.about["intents"])

    @property
    def encoder(self) -> str:
        """Identity of the encoder whose vectors this model reads."""
        return str(self.about["encoder"])

    @cached_property
    def required(self) -> Floats:
        """Per intent, the probability an answer needs at the model's own target precision."""
        return self.required_at(self.about["target_precision"])

    def required_at(self, target_precision: float) -> Floats:
        """As `required` for another target. Raises ValueError for one that was not fitted."""
        thresholds: Floats = self.arrays["required"][self.about["targets"].index(target_precision)]
        return thresholds

    @cached_property
    def version(self) -> str:
        """Twelve hexadecimal digits that name the content."""
        return _version(self.to_bytes())

    @cached_property
    def _heads(self) -> Heads:
        # Stored in half precision, computed in single: numpy has no fast half products.
        single = {name: self.arrays[name].astype(np.float32) for name in HEADS}
        return Heads(
            regression=single["regression"],
            landmarks=single["landmarks"],
            phrases=single["phrases"],
            words=single["words"],
            vocabulary=Vocabulary(self.arrays["hashes"], single["idf"]),
        )

    @cached_property
    def contrary(self) -> Contrary | None:
        """What tells a wish from its contrast; None in a model from before there was that."""
        if "contrary_weights" not in self.arrays:
            return None
        weights, idf, allowance = (
            self.arrays[f"contrary_{name}"].astype(np.float32)
            for name in ("weights", "idf", "allowance")
        )
        return Contrary(Vocabulary(self.arrays["contrary_hashes"], idf), weights, allowance)

    @property
    def words(self) -> Mapping[str, int]:
        """The knowledge's vocabulary with counts, by which mistyped words are put right."""
        words: Mapping[str, int] = self.about["words"]
        return words

    def read(self, texts: Sequence[str], vectors: Floats) -> Reading:
        """Read plain, corrected texts with their encoder's vectors, (texts, width)."""
        return calibrate(
            self._heads.scores(texts, vectors),
            len(self.intents),
            temperature=float(self.arrays["temperature"]),
            strange=float(self.arrays["strange"]),
            spread=float(self.arrays["spread"]),
        )

    def to_bytes(self) -> bytes:
        """One .npz archive without pickle; the same model gives the same bytes."""
        about = json.dumps({"format": self.FORMAT, **self.about}, sort_keys=True).encode()
        buffer = io.BytesIO()
        np.savez(
            buffer,
            allow_pickle=False,
            about=np.frombuffer(about, np.uint8),
            **{name: self.arrays[name] for name in sorted(self.arrays)},
        )
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """The model that `to_bytes` wrote. Raises ModelMismatchError for anything else."""
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as archive:
                arrays = {name: archive[name] for name in archive.files}
            about = json.loads(arrays.pop("about").tobytes())
            written = about.pop("format")
        except (OSError, EOFError, BadZipFile, ValueError, KeyError, AttributeError) as error:
            raise ModelMismatchError(f"not a model: {error}") from error
        if written != cls.FORMAT:
            raise ModelMismatchError(f"format {written}, this version reads {cls.FORMAT}")
        model = cls(about, arrays)
        vars(model)["version"] = _version(data)  # what `version` would find, at less cost
        return model


def _version(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:12]


HEADS: Final = ("regression", "landmarks", "phrases", "idf", "words")


def ranking_logits(scores: Floats) -> Floats:
    """(texts, 3, columns) to the summed scores that rank, (texts, columns)."""
    logits: Floats = np.tensordot(scores, RANKING, axes=(1, 0))
    return logits


def energies(scores: Floats, intents: int) -> Floats:
    """(texts, 3, columns) to how familiar each text is, (texts,), unbounded (Liu et al. 2020)."""
    summed: Floats = np.tensordot(scores[:, :, :intents], ENERGY, axes=(1, 0))
    return log_sum_exp(summed)


def calibrate(
    scores: Floats, intents: int, *, temperature: float, strange: float, spread: float
) -> Reading:
    """Scores to probabilities by `temperature`; energies to scope, 0.5 at `strange`.

    A text that probably has no intent is out of scope, even if it looks familiar.
    """
    logits = ranking_logits(scores) / np.float32(temperature)
    probabilities = np.exp(logits - log_sum_exp(logits)[:, None])
    familiar = 1 / (1 + np.exp((strange - energies(scores, intents)) / spread))
    return Reading(probabilities[:, :intents], familiar * (1 - probabilities[:, intents:].sum(1)))
