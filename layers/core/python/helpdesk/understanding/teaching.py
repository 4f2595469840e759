"""The teacher: fits models and puts them to use, with one encoder."""

from collections.abc import Mapping, Sequence
from functools import cache

from helpdesk.learning import Learned
from helpdesk.ports import Understander as UnderstanderPort
from helpdesk.understanding.encoder import Encoder
from helpdesk.understanding.model import Model
from helpdesk.understanding.pipeline import Understander
from helpdesk.understanding.shipped import lines
from helpdesk.understanding.training import fit


@cache
def strangers() -> tuple[str, ...]:
    """Return messages that are for no shop's desk: for assistants, banks, offices, friends."""
    return tuple(lines("strangers.txt"))


class SpacyTeacher:
    """Fits for a target precision and a share of strangers (0 to 1).

    What strangers ask of anyone is known beforehand: it ships in `strangers.txt`.
    """

    def __init__(
        self, encoder: Encoder, *, target_precision: float, strangers_share: float
    ) -> None:
        self._encoder = encoder
        self._target_precision = target_precision
        self._strangers_share = strangers_share

    def fit(self, utterances: Mapping[str, Sequence[str]]) -> Learned:
        """Return a model fitted to what people write for each intent. Raises ValueError."""
        model = fit(
            utterances,
            self._encoder,
            target_precision=self._target_precision,
            strangers=strangers(),
            strangers_share=self._strangers_share,
        )
        return Learned(model.version, model.to_bytes(), model.about["on_probation"])

    def understander(self, data: bytes) -> UnderstanderPort:
        """Return an understander that uses a fitted model."""
        return Understander(Model.from_bytes(data), self._encoder)
