"""The engine that a stack's settings name; only the drafter imports it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial
from typing import Any

from helpdesk.aws import clients
from helpdesk.aws.secrets import engine_key
from helpdesk.composition.parts import Parts
from helpdesk.drafting import Engine, Prices
from helpdesk.engines import Anthropic, Bedrock, KeptKey, Key, NoKey, OpenAI, anthropic, openai
from helpdesk.engines.posts import wire
from helpdesk.settings import DrafterSettings, EngineKind


@dataclass(frozen=True, kw_only=True)
class DrafterParts(Parts):
    """A stack's parts, with the engine that writes its drafts."""

    def engine(self, settings: DrafterSettings, clock: Callable[[], datetime]) -> Engine:
        """Return the engine. It reads its key, and makes its client, at the first draft."""
        prices = Prices(settings.engine_read_price, settings.engine_written_price)
        if settings.engine is EngineKind.BEDROCK:
            return Bedrock(model=settings.engine_model, client=lambda: self._bedrock, prices=prices)
        key: Key = NoKey()
        if settings.engine_key_name:
            fetch = partial(engine_key, lambda: self._ssm, settings.engine_key_name)
            key = KeptKey(fetch, clock)
        poster = wire(private=bool(settings.engine_private))
        if settings.engine is EngineKind.ANTHROPIC:
            return Anthropic(
                model=settings.engine_model,
                key=key,
                poster=poster,
                url=settings.engine_url or anthropic.URL,
                prices=prices,
            )
        return OpenAI(
            model=settings.engine_model,
            key=key,
            poster=poster,
            url=settings.engine_url or openai.URL,
            prices=prices,
        )

    @cached_property
    def _bedrock(self) -> Any:
        return clients.bedrock(self.session, endpoint_url=self.endpoint_url)

    @cached_property
    def _ssm(self) -> Any:
        return clients.ssm(self.session, endpoint_url=self.endpoint_url)
