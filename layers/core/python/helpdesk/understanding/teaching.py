"""The teacher: fits models and puts them to use, with one encoder."""

from collections.abc import Mapping, Sequence

from helpdesk.learning import Learned
from helpdesk.ports import Understander as UnderstanderPort
from helpdesk.understanding.encoder import Encoder
from helpdesk.understanding.model import Model
from helpdesk.understanding.pipeline import Understander
from helpdesk.understanding.training import fit


class SpacyTeacher:
    """Fits for a target precision (0 to 1)."""

    def __init__(self, encoder: Encoder, *, target_precision: float) -> None:
        self._encoder = encoder
        self._target_precision = target_precision

    def fit(self, utterances: Mapping[str, Sequence[str]]) -> Learned:
        """Return a model fitted to what people write for each intent. Raises ValueError."""
        model = fit(utterances, self._encoder, target_precision=self._target_precision)
        return Learned(model.version, model.to_bytes())

    def understander(self, data: bytes) -> UnderstanderPort:
        """Return an understander that uses a fitted model."""
        return Understander(Model.from_bytes(data), self._encoder)
