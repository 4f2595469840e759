"""What the drafter function reads of the environment."""

from dataclasses import dataclass, field
from datetime import timedelta

from helpdesk.settings.engine import EngineSettings
from helpdesk.settings.values import EngineKind


@dataclass(frozen=True, slots=True, kw_only=True)
class DrafterSettings(EngineSettings):
    """What the drafter function needs, which is there only with an engine."""

    tickets_table: str
    queue_patience: int
    knowledge_table: str
    bucket: str
    drafts_queue_url: str
    engine: EngineKind = field()  # without the default that other functions have

    @property
    def patience(self) -> timedelta:
        """How long a queue message may take before the reconciler looks for it."""
        return timedelta(seconds=self.queue_patience)
