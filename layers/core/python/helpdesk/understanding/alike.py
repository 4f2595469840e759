"""How alike two sentences are by the encoder."""

import numpy as np

from helpdesk.understanding.encoder import Encoder
from helpdesk.understanding.lexical import Floats
from helpdesk.understanding.text import plain


class Alike:
    """Compares sentences; each is encoded once, so it is for a bounded number of them."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._known: dict[str, Floats] = {}

    def __call__(self, one: str, other: str) -> float:
        """Return the cosine of two sentences."""
        return float(self._of(one) @ self._of(other))

    def _of(self, text: str) -> Floats:
        if text not in self._known:
            vector = self._encoder.encode([plain(text)])[0]
            self._known[text] = vector / (float(np.linalg.norm(vector)) or 1.0)
        return self._known[text]
