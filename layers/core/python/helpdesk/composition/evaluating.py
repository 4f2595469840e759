"""A desk in this process, made of articles alone, that plays labelled conversations.

Importing this needs the language layer. What a stack would keep in tables is kept in memory, and
forgotten with each case: what the shop knows of a customer is what the case says.
"""

import hashlib
import json
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from helpdesk import processing, steps
from helpdesk.assisting import (
    Asked,
    Assisted,
    Composed,
    Desk,
    HandOver,
    Material,
    Talked,
    assist,
    composed,
)
from helpdesk.composition.unkept import (
    UnkeptConversations,
    UnkeptQueue,
    UnkeptTexts,
    UnkeptTickets,
)
from helpdesk.customers import Terms
from helpdesk.drafting import EXTRACTIVE, Engine, Fault, Part
from helpdesk.drafting.grounding import Likeness, faults
from helpdesk.evaluation import Case, Labels, Named, Played, Versions
from helpdesk.evidence import Found
from helpdesk.evidence.passages import passages_of
from helpdesk.evidence.ranking import ranked
from helpdesk.knowledge import Article, Facts, Golden, taught
from helpdesk.learning import least
from helpdesk.naming import KINDS
from helpdesk.records import Order, Record, number_key
from helpdesk.steps import Sign, Vocabulary
from helpdesk.ticket import Customer
from helpdesk.triage import Ask, Decision, Escalate, Policy, Understanding
from helpdesk.understanding import load_encoder
from helpdesk.understanding.alike import Alike
from helpdesk.understanding.encoder import Encoder
from helpdesk.understanding.indexing import PassageIndexer
from helpdesk.understanding.model import OUT_OF_SCOPE, Model
from helpdesk.understanding.pipeline import Understander
from helpdesk.understanding.teaching import SpacyTeacher

TARGET_PRECISION = 0.96
STRANGERS_SHARE = 0.2
"""The defaults of the template."""

_WARM_UP = "Hello, where is it?"
"""What is understood once before anything is timed: the first message loads the pipeline."""

_TERMS = Terms(token_life=timedelta(days=1), retention=timedelta(days=1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """What a desk is made of. `golden` are the messages by which it is decided what is evidence."""

    articles: tuple[Article, ...]
    facts: Mapping[str, str] = field(default_factory=dict)
    golden: tuple[Golden, ...] = ()

    @property
    def digest(self) -> str:
        """Sixteen hexadecimal digits that name it."""
        articles = sorted(self.articles, key=lambda each: each.intent)
        content = [[asdict(each) for each in articles], sorted(self.facts.items())]
        written = json.dumps(content, sort_keys=True, default=str)
        return hashlib.sha256(written.encode()).hexdigest()[:16]

    def labels(self, vocabulary: Vocabulary) -> Labels:
        """Return what a desk with this knowledge can say."""
        intents = {each.intent for each in self.articles} - {OUT_OF_SCOPE}
        return Labels(
            intents=frozenset(intents), steps=vocabulary.actions, kinds=frozenset(KINDS.values())
        )


class LocalDesk:
    """Plays cases with a knowledge: the player of an evaluation.

    Without a `model` it learns one first, which takes as long as a lesson of the trainer. `encoder`
    is a folder; None is the one on the Python path. Without an `engine`, drafts only quote.

    Raises EncoderMissingError without an encoder, ModelMismatchError for a model of another one,
    ValueError for articles no model can be fitted to, or for bytes that are no model.
    """

    def __init__(
        self,
        knowledge: Knowledge,
        *,
        clock: Callable[[], datetime],
        encoder: Path | None = None,
        model: bytes | None = None,
        vocabulary: Vocabulary | None = None,
        engine: Engine | None = None,
    ) -> None:
        self._knowledge = knowledge
        self._vocabulary = vocabulary or steps.shipped()
        self._clock, self._engine = clock, engine
        reader = load_encoder(encoder)
        self.model = model or _learned(knowledge, reader)
        head = Model.from_bytes(self.model)
        self._understander = Understander(head, reader)
        self._articles = _Articles(knowledge)
        self._evidence = _Evidence(knowledge, reader, clock())
        self._alike = Alike(reader)
        self._version = head.version
        self._predict(_WARM_UP)

    @property
    def versions(self) -> Versions:
        """What is judged."""
        actions = "\n".join(sorted(self._vocabulary.actions))
        return Versions(
            model=self._version,
            knowledge=self._knowledge.digest,
            index=self._evidence.index.name[:16],
            engine=self._engine.name if self._engine else EXTRACTIVE,
            steps=hashlib.sha256(actions.encode()).hexdigest()[:16],
        )

    def play(self, case: Case) -> Played:
        """Return what this desk makes of a case."""
        try:
            return self._played(case)
        except Exception as error:  # of any kind: the customer has no answer
            return Played(error=type(error).__name__)

    def _played(self, case: Case) -> Played:
        noted = _Noted(self._engine)
        customer = Customer(email=case.email, verified=case.verified)
        *before, last = case.messages
        start = time.perf_counter()
        found = assist(
            Asked(
                text=last.text,
                customer=customer,
                history=tuple(Talked(by_customer=e.by == "customer", text=e.text) for e in before),
            ),
            Desk(
                predict=self._predict,
                evidence=self._evidence,
                records=_Records(case),
                compose=noted.compose,
                conversations=UnkeptConversations(),
                to_people=HandOver(
                    tickets=UnkeptTickets(),
                    texts=UnkeptTexts(),
                    escalations=UnkeptQueue(),
                    terms=_TERMS,
                ),
                vocabulary=self._vocabulary,
                clock=self._clock,
            ),
        )
        seconds = time.perf_counter() - start
        said = [each.text for each in case.messages if each.by == "customer"]
        draft = found.draft
        return Played(
            intent=found.intent,
            sentiment=found.mood.value,
            entities=self._named(said),
            steps=frozenset(each.action for each in found.steps),
            decision=decided(found),
            reason=_reason(found),
            confidence=found.confidence,
            reply=draft.text,
            best_line=found.evidence[0].passage.text if found.evidence else "",
            found=tuple(each.passage.id for each in found.evidence),
            parts=len(draft.parts),
            faults=noted.faults(draft.parts, "\n".join(said), self._alike),
            engine=draft.engine,
            degraded=bool(found.lacking),
            usage=draft.usage,
            seconds=seconds,
        )

    def _predict(self, text: str, before: str = "") -> tuple[Understanding, Decision]:
        return processing.predict(
            text,
            articles=self._articles,
            understander=self._understander,
            policy=Policy(),
            now=self._clock(),
            before=before,
        )

    def _named(self, said: Sequence[str]) -> tuple[Named, ...]:
        """Return what the customer's messages name, as a ticket keeps it message by message."""
        entities = [each for text in said for each in self._predict(text)[0].entities]
        named = (Named(KINDS.get(e.kind, e.kind), e.spelling or e.value) for e in entities)
        return tuple(dict.fromkeys(named))


def _learned(knowledge: Knowledge, encoder: Encoder) -> bytes:
    teacher = SpacyTeacher(
        encoder, target_precision=TARGET_PRECISION, strangers_share=STRANGERS_SHARE
    )
    return teacher.fit(taught(knowledge.articles)).data


def decided(found: Assisted) -> str:
    """Return whether the desk answers, asks back, or hands over.

    Which of several orders is meant is asked. What the desk would answer, and yet a person must
    see, is handed over.
    """
    signs = {each.sign for each in found.steps}
    if isinstance(found.decision, Escalate):
        return "handed_over"
    if isinstance(found.decision, Ask) or Sign.WHICH_ORDER in signs:
        return "asked"
    return "handed_over" if Sign.PERSON_NEEDED in signs else "answered"


def _reason(found: Assisted) -> str:
    flagged = (each for each in found.steps if each.sign is Sign.PERSON_NEEDED)
    return next((each.details["reason"] for each in flagged), "")


@dataclass(slots=True)
class _Noted:
    """Composes a draft, and notes what it may rest on."""

    engine: Engine | None = None
    material: Material | None = None

    def compose(self, material: Material) -> Composed:
        self.material = material
        return composed(self.engine, material)

    def faults(self, parts: Sequence[Part], said: str, alike: Likeness) -> tuple[Fault, ...]:
        """Return what parts say that their evidence does not."""
        if self.material is None:
            return ()
        links = [link.url for some in self.material.links.values() for link in some]
        return faults(
            parts,
            self.material.evidence,
            said=said,
            known=self.material.names,
            links=links,
            likeness=alike,
        )


class _Evidence:
    """Evidence by an index of the articles."""

    def __init__(self, knowledge: Knowledge, encoder: Encoder, now: datetime) -> None:
        articles = [each for each in knowledge.articles if each.intent != OUT_OF_SCOPE]
        passages = passages_of(
            articles, facts=lambda _: Facts(values=dict(knowledge.facts)), now=now
        )
        strangers = [each for each in knowledge.golden if not each.intents]
        made = PassageIndexer(encoder).index(passages, before=None)
        nearest = [made.nearest(each.text, b"", 1) for each in strangers]
        self.index = made.admitting(least([hits[0][1] for hits in nearest if hits], []))
        self._passages = {each.id: each for each in passages}

    def found(
        self, text: str, understanding: Understanding, *, likely: Sequence[str] = ()
    ) -> tuple[Found, ...]:
        known = understanding.scope >= understanding.scope_required
        ranking = understanding.ranking if known else ()
        near = self.index.nearest(text, understanding.meaning, len(self._passages))
        scored = [(self._passages[name], cosine) for name, cosine in near]
        return ranked(text, ranking, likely, scored, least=self.index.found.least.value)


class _Articles:
    """The articles of a knowledge."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._known = {each.intent: each for each in knowledge.articles}
        self._facts = Facts(values=dict(knowledge.facts))

    def get(self, intent: str) -> Article | None:
        return self._known.get(intent)

    def facts(self, names: Collection[str] = ()) -> Facts:  # noqa: ARG002
        return self._facts


class _Records:
    """What the shop knows of the customer of a case."""

    def __init__(self, case: Case) -> None:
        self._case = case

    def kept(self) -> bool:
        return True

    def customer(self, principal: Customer) -> Record | None:
        return self._case.record if principal.verified else None

    def orders(self, principal: Customer, reference: str | None = None) -> tuple[Order, ...]:
        if not principal.verified:
            return ()
        newest = sorted(self._case.orders, key=lambda each: str(each.placed_on), reverse=True)
        wanted = None if reference is None else number_key(reference)
        return tuple(each for each in newest if wanted in {None, number_key(each.number)})
