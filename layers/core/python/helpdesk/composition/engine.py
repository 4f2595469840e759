"""The engine that a stack's settings name. Without one, no function imports this."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial
from typing import Any

from helpdesk.aws import clients
from helpdesk.aws.secrets import engine_key
from helpdesk.composition.parts import Parts
from helpdesk.drafting import Engine, Prices
from helpdesk.engines import Anthropic, Bedrock, KeptKey, Key, NoKey, OpenAI, anthropic, openai
from helpdesk.engines.asking import most_read
from helpdesk.engines.posts import wire
from helpdesk.evidence import Passage, PassageSource
from helpdesk.evidence.gathering import DeskPassages
from helpdesk.knowledge import Link
from helpdesk.ports import Articles
from helpdesk.proposing import links_of
from helpdesk.redrafting import Budgeted, Limits
from helpdesk.settings import EngineKind, EngineSettings


@dataclass(frozen=True, kw_only=True)
class DrafterParts(Parts):
    """A stack's parts, with the engine that writes its drafts."""

    def engine(self, settings: EngineSettings, clock: Callable[[], datetime]) -> Engine:
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

    def budgeted(
        self, settings: EngineSettings, clock: Callable[[], datetime]
    ) -> Callable[[str], Engine]:
        """Return a function from an id to the engine, as far as its budget goes.

        The id is a ticket's, or that of a conversation with an assisted person.
        """
        engine = self.engine(settings, clock)
        limits = Limits(
            microdollars=settings.microdollars_a_day, tokens=settings.engine_tokens_a_ticket
        )
        prices = Prices(settings.engine_read_price, settings.engine_written_price)
        return lambda ticket_id: Budgeted(
            engine=engine,
            ticket_id=ticket_id,
            purse=self.purse,
            limits=limits,
            prices=prices,
            weigh=most_read,
            clock=clock,
        )

    def shelf(self, clock: Callable[[], datetime]) -> "DeskTexts":
        """Return the desk's texts as they are now, for drafts."""
        passages = DeskPassages(
            articles=self.articles, documents=self.documents, replies=self.replies, clock=clock
        )
        return DeskTexts(passages, self.articles)

    @cached_property
    def _bedrock(self) -> Any:
        return clients.bedrock(self.session, endpoint_url=self.endpoint_url)

    @cached_property
    def _ssm(self) -> Any:
        return clients.ssm(self.session, endpoint_url=self.endpoint_url)


@dataclass(frozen=True, slots=True)
class DeskTexts:
    """The texts of the desk by the ids of their passages, with the links of its articles."""

    passages: PassageSource
    articles: Articles

    def read(self, ids: Collection[str]) -> Mapping[str, Passage]:
        """Return the passages with these ids that customers may get now."""
        return self.passages.read(ids)

    def links(self, passage_id: str) -> Sequence[Link]:
        """Return the links of the article that a passage is of; none of any other text."""
        return links_of(passage_id, self.articles)
