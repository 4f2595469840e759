"""The learned part: a small artifact, fitted in seconds, that ranks intents for a vector."""

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float32]


class ModelMismatchError(ValueError):
    """The bytes are no model this code can read, or the model was fitted for another encoder."""


@dataclass(frozen=True)
class Model:
    """What was learned from the utterances of a knowledge base.

    `about` holds what is not numbers (intents in order, encoder, target precision, counts),
    `arrays` the rest. Compare models by `version`.
    """

    FORMAT = 1

    about: Mapping[str, Any]
    arrays: Mapping[str, Floats] = field(repr=False)

    @property
    def intents(self) -> tuple[str, ...]:
        """Names in the order of the probabilities."""
        return tuple(self.about["intents"])

    @property
    def encoder(self) -> str:
        """Identity of the encoder whose vectors this model reads."""
        return str(self.about["encoder"])

    @cached_property
    def version(self) -> str:
        """Twelve hexadecimal digits that name the content."""
        return hashlib.sha256(self.to_bytes()).hexdigest()[:12]

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
        except (OSError, ValueError, KeyError) as error:
            raise ModelMismatchError(f"not a model: {error}") from error
        if written != cls.FORMAT:
            raise ModelMismatchError(f"format {written}, this code reads {cls.FORMAT}")
        return cls(about, arrays)

    def probabilities(self, vectors: Floats) -> tuple[Floats, Floats]:
        """Calibrated probability of each intent, (texts, intents), and scope, (texts,), 0 to 1."""
        logits = vectors @ self.arrays["weights"].astype(np.float32) + self.arrays["bias"]
        energy = np.log(np.exp(logits - logits.max(1, keepdims=True)).sum(1)) + logits.max(1)
        logits = logits / self.arrays["temperature"]
        odds = np.exp(logits - logits.max(1, keepdims=True))
        # The share of the training phrases that looked stranger than this.
        scope = np.searchsorted(self.arrays["energies"], energy) / len(self.arrays["energies"])
        return odds / odds.sum(1, keepdims=True), scope.astype(np.float32)
