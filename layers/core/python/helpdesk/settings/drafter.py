"""What the drafter function reads of the environment."""

from dataclasses import dataclass
from datetime import timedelta

from helpdesk.settings.environment import FromEnvironment
from helpdesk.settings.values import OFF, EngineKind, Switch


@dataclass(frozen=True, slots=True, kw_only=True)
class DrafterSettings(FromEnvironment):
    """What the drafter function needs.

    `engine` writes the drafts with `engine_model`, at `engine_url` if that is not its maker's own.
    Its key is in the secure parameter `engine_key_name`; an engine without a name gets none. Only
    with `engine_private` may it be in a network of one's own.

    `engine_dollars_a_day` and `engine_tokens_a_ticket` bound what is asked of it; the prices are of
    a million tokens, in microdollars.
    """

    tickets_table: str
    queue_patience: int
    knowledge_table: str
    bucket: str
    drafts_queue_url: str
    engine: EngineKind
    engine_model: str
    engine_url: str = ""
    engine_key_name: str = ""
    engine_private: Switch = OFF
    engine_dollars_a_day: float
    engine_tokens_a_ticket: int
    engine_read_price: int
    engine_written_price: int

    @property
    def patience(self) -> timedelta:
        """How long a queue message may take before the reconciler looks for it."""
        return timedelta(seconds=self.queue_patience)

    @property
    def microdollars_a_day(self) -> int:
        """What the engine may cost in a day."""
        return round(self.engine_dollars_a_day * 1_000_000)
