"""What every function reads of the environment that may have an engine write drafts."""

from dataclasses import dataclass, field

from helpdesk.settings.environment import NEEDED_WITH, FromEnvironment
from helpdesk.settings.values import OFF, EngineKind, Switch

_WITH_AN_ENGINE = {NEEDED_WITH: "engine"}


@dataclass(frozen=True, kw_only=True)
class EngineSettings(FromEnvironment):
    """Which engine writes drafts, and what it may take; the fields are kept by who inherits them.

    `engine` writes the drafts with `engine_model`, at `engine_url` if that is not its maker's own.
    Its key is in the secure parameter `engine_key_name`; an engine without a name gets none. Only
    with `engine_private` may it be in a network of one's own. Without an engine no other variable
    must be set.

    `engine_dollars_a_day` and `engine_tokens_a_ticket` bound what is asked of it; the prices are of
    a million tokens, in microdollars.
    """

    __slots__ = ()

    engine: EngineKind = EngineKind.NONE
    engine_model: str = field(default="", metadata=_WITH_AN_ENGINE)
    engine_url: str = ""
    engine_key_name: str = ""
    engine_private: Switch = OFF
    engine_dollars_a_day: float = field(default=0.0, metadata=_WITH_AN_ENGINE)
    engine_tokens_a_ticket: int = field(default=0, metadata=_WITH_AN_ENGINE)
    engine_read_price: int = field(default=0, metadata=_WITH_AN_ENGINE)
    engine_written_price: int = field(default=0, metadata=_WITH_AN_ENGINE)

    @property
    def microdollars_a_day(self) -> int:
        """What the engine may cost in a day."""
        return round(self.engine_dollars_a_day * 1_000_000)
