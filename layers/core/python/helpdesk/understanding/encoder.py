"""Text to vector: the sentence encoder (full) or a sum of static word-piece vectors (light).

Both are folders that the layer's recipe builds; a folder says in `encoder.json` which it is.
"""

import importlib.util
import json
import shutil
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

type Mode = Literal["full", "light"]
type Vectors = NDArray[np.float32]

# The layer has this folder on the Python path, under any mount point.
PACKAGE = "helpdesk_encoder"


class EncoderMissingError(RuntimeError):
    """There is no encoder in the expected place; the message names the place."""


class Encoder(ABC):
    """Texts to unit vectors. `identity` names the recipe: models fit one identity only."""

    mode: Mode
    width = 384

    def __init__(self, folder: Path, identity: str, tokenizer: Tokenizer) -> None:
        self.identity = identity
        self._folder = folder
        self._tokenizer = tokenizer

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One row a text, (texts, width); the zero vector for a text without any word piece.

        One at a time: dynamic quantisation takes its range from the whole batch, and the other
        texts of a batch must not change how a message is understood.
        """
        vectors = np.zeros((len(texts), self.width), np.float32)
        for row, text in enumerate(texts):
            pieces = self._tokenizer.encode(text).ids
            if len(pieces) > 2:  # more than the start and end marks
                vectors[row] = self._vector(pieces)
        return vectors

    def knows(self, word: str) -> bool:
        """Whether the lower-case `word` is one piece of the vocabulary, so an everyday word."""
        return self._tokenizer.token_to_id(word) is not None

    def copy_to(self, folder: Path) -> None:
        """Copy the encoder's files, from which `load_encoder` makes the same one."""
        shutil.copytree(self._folder, folder, dirs_exist_ok=True)

    @abstractmethod
    def _vector(self, pieces: list[int]) -> Vectors: ...


class SentenceEncoder(Encoder):
    """all-MiniLM-L6-v2 in int8 on onnxruntime."""

    mode = "full"

    def __init__(self, folder: Path, identity: str, tokenizer: Tokenizer) -> None:
        import onnxruntime  # noqa: PLC0415 -- the light layer has none

        super().__init__(folder, identity, tokenizer)
        options = onnxruntime.SessionOptions()
        # Messages are short: threads and memory arenas cost more than they give.
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        options.log_severity_level = 3
        # The recipe optimises the graph when it builds it.
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        self._session = onnxruntime.InferenceSession(
            folder / "model.onnx", options, providers=["CPUExecutionProvider"]
        )

    def _vector(self, pieces: list[int]) -> Vectors:
        ids = np.array([pieces], np.int64)
        mask = np.ones_like(ids, np.int32)
        (vectors,) = self._session.run(None, {"pieces": ids, "mask": mask})
        vector: Vectors = vectors[0]
        return vector


class StaticVectors(Encoder):
    """The sum of one vector a word piece, each distilled from the sentence encoder."""

    mode = "light"

    def __init__(self, folder: Path, identity: str, tokenizer: Tokenizer) -> None:
        super().__init__(folder, identity, tokenizer)
        with np.load(folder / "vectors.npz") as arrays:
            self._rows, self._scales = arrays["rows"], arrays["scales"]

    def _vector(self, pieces: list[int]) -> Vectors:
        inner = pieces[1:-1]
        total: Vectors = (self._rows[inner] * self._scales[inner]).sum(axis=0)
        length = float(np.linalg.norm(total))
        return total / length if length else total


KINDS: dict[str, type[SentenceEncoder | StaticVectors]] = {
    "sentence": SentenceEncoder,
    "static": StaticVectors,
}


def load_encoder(folder: Path | None = None) -> Encoder:
    """The encoder in `folder`, or the one on the Python path where the layer puts it.

    Raises EncoderMissingError if there is none.
    """
    folder = folder or _installed()
    try:
        about: dict[str, Any] = json.loads((folder / "encoder.json").read_text())
    except FileNotFoundError:
        raise EncoderMissingError(f"no encoder in {folder}") from None
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    identity = f"{about['kind']}-{about['recipe']}"
    return KINDS[about["kind"]](folder, identity, tokenizer)


def _installed() -> Path:
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise EncoderMissingError(
            f"no folder {PACKAGE} on the Python path: is the NLP layer there?"
        )
    return Path(next(iter(spec.submodule_search_locations)))
