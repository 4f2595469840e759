"""An understander that follows the model in force while the process runs."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from helpdesk.learning import Published
from helpdesk.ports import NoModelError
from helpdesk.triage import Understanding
from helpdesk.understanding.encoder import Encoder, load_encoder
from helpdesk.understanding.model import Model
from helpdesk.understanding.pipeline import Understander

LOOK_AGAIN = timedelta(seconds=5)
"""How long a model may be out of date."""


class Shelf(Protocol):
    """Where models are published."""

    def current(self) -> Published | None:
        """Return the model in force."""

    def load(self, version: str) -> bytes:
        """Return the bytes of a version."""


class LiveUnderstander:
    """Understands with the model in force; after a change, within LOOK_AGAIN.

    The encoder and the pipeline are loaded once, at the first message; a new model costs one read
    and no restart.
    """

    def __init__(
        self,
        models: Shelf,
        *,
        clock: Callable[[], datetime],
        encoder: Callable[[], Encoder] | None = None,
    ) -> None:
        self._models = models
        self._clock = clock
        self._encoder = encoder or load_encoder
        self._version: str | None = None
        self._understander: Understander | None = None
        self._looked_at: datetime | None = None

    def understand(self, text: str) -> Understanding:
        """Return what `text` means. Raises NoModelError before anything was published."""
        return self._current().understand(text)

    def _current(self) -> Understander:
        now = self._clock()
        if self._understander and self._looked_at and now - self._looked_at < LOOK_AGAIN:
            return self._understander
        published = self._models.current()
        if published is None:
            raise NoModelError("no model is published; load the knowledge first")
        version = published.version
        if self._understander is None:
            self._understander = Understander(self._model(version), self._encoder())
        elif version != self._version:
            self._understander.model = self._model(version)
        self._version, self._looked_at = version, now
        return self._understander

    def _model(self, version: str) -> Model:
        return Model.from_bytes(self._models.load(version))
