"""What assisting needs from outside, in memory: evidence, records, conversations, an engine."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from helpdesk.assisting import Composed, Conversation, Material, composed
from helpdesk.drafting import EngineError, Failure, Part, Request, Usage, Written
from helpdesk.evidence import Found, Origin, Passage
from helpdesk.ports import ConflictError
from helpdesk.records import Order, Record, RecordsUnavailableError
from helpdesk.ticket import Customer
from helpdesk.triage import Understanding


def a_passage(name: str, text: str, version: int = 1) -> Passage:
    return Passage(
        id=f"article:{name}", origin=Origin.ARTICLE, version=version, title=name, text=text
    )


@dataclass
class FixedEvidence:
    """Passages by a word that the question must hold."""

    by_word: dict[str, tuple[tuple[Passage, float], ...]] = field(default_factory=dict)
    likely: list[tuple[str, ...]] = field(default_factory=list)

    def found(
        self,
        text: str,
        understanding: Understanding,
        *,
        likely: Sequence[str] = (),
    ) -> tuple[Found, ...]:
        self.likely.append(tuple(likely))
        pairs = [pair for word, every in self.by_word.items() if word in text for pair in every]
        return tuple(
            Found(number=number, passage=passage, score=score)
            for number, (passage, score) in enumerate(pairs, 1)
        )


@dataclass
class FixedRecords:
    """Records and orders by a customer's first key; `asked` are the keys they were asked for."""

    records: dict[str, Record] = field(default_factory=dict)
    of_orders: dict[str, tuple[Order, ...]] = field(default_factory=dict)
    asked: list[str | None] = field(default_factory=list)
    down: bool = False
    none_kept: bool = False

    def kept(self) -> bool:
        return not self.none_kept

    def customer(self, principal: Customer) -> Record | None:
        self.asked.append(principal.key)
        if self.down:
            raise RecordsUnavailableError("the table does not answer")
        return self.records.get(str(principal.key))

    def orders(self, principal: Customer, reference: str | None = None) -> tuple[Order, ...]:
        self.asked.append(principal.key)
        if self.down:
            raise RecordsUnavailableError("the table does not answer")
        own = self.of_orders.get(str(principal.key), ())
        return tuple(each for each in own if reference in {None, each.number})


class InMemoryConversations:
    """Conversations in a dictionary."""

    def __init__(self) -> None:
        self.kept: dict[str, Conversation] = {}

    def get(self, conversation_id: str) -> Conversation | None:
        return self.kept.get(conversation_id)

    def put(self, conversation: Conversation, now: datetime) -> None:
        stored = self.kept.get(conversation.id)
        if (stored.version if stored else 0) != conversation.version - 1:
            raise ConflictError("the conversation was changed")
        self.kept[conversation.id] = conversation


@dataclass
class ScriptedEngine:
    """Writes what it is told, or fails as it is told."""

    says: str = "A draft."
    fails: EngineError | Exception | None = None
    name: str = "scripted:one"
    requests: list[Request] = field(default_factory=list)

    def write(self, request: Request) -> Written:
        self.requests.append(request)
        if self.fails:
            raise self.fails
        on = tuple(each.number for each in request.evidence[:1])
        return Written(parts=(Part(text=self.says, rests_on=on),), usage=Usage(calls=1))


@dataclass
class WatchedComposer:
    """Composes as the product does; `made_of` is what it got."""

    engine: ScriptedEngine | None = None
    made_of: list[Material] = field(default_factory=list)

    def __call__(self, material: Material) -> Composed:
        self.made_of.append(material)
        return composed(self.engine, material)


TOO_SLOW = EngineError(Failure.TOO_SLOW, "no answer within 10 s")
