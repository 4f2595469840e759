"""Learning from the present knowledge: a model that is worse than before is not published.

A candidate is fitted to the articles' utterances and measured on the golden set, which is never
used for fitting. It replaces the model in force only if none of its figures is worse by more than
a tolerance. A refusal is kept with its figures for the leads who edited the knowledge.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from helpdesk.knowledge import Article
from helpdesk.ports import Understander
from helpdesk.triage import Answer, Policy, candidates, carry_out, decide


@dataclass(frozen=True, slots=True)
class Golden:
    """A labelled message: the intents that are right for it, none if it is out of scope."""

    text: str
    intents: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """How well a model does on a golden set, all as shares (0 to 1).

    `intents`: in-scope messages ranked right. `precision`: automatic answers that are right.
    `answered`: answerable messages answered right. `strangers`: out-of-scope messages that were
    answered. `golden` names the set.
    """

    golden: str
    intents: float
    precision: float
    answered: float
    strangers: float

    def behind(self, other: "Figures", tolerance: float) -> tuple[str, ...]:
        """Return in words where these figures fall behind others by more than `tolerance`."""
        worse = [
            f"{name} {mine:.3f} after {theirs:.3f}"
            for name, mine, theirs, sign in (
                ("intents", self.intents, other.intents, 1),
                ("precision", self.precision, other.precision, 1),
                ("answered", self.answered, other.answered, 1),
                ("strangers", self.strangers, other.strangers, -1),
            )
            if sign * (theirs - mine) > tolerance
        ]
        return tuple(worse)


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A model that is or was in force, or was refused; then `refused` says why."""

    version: str
    at: datetime
    knowledge: str
    figures: Figures | None
    refused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Learned:
    """A fitted model."""

    version: str
    data: bytes


class Teacher(Protocol):
    """Fits models and puts them to use."""

    def fit(self, utterances: Mapping[str, Sequence[str]]) -> Learned:
        """Return a model fitted to what people write for each intent."""

    def understander(self, data: bytes) -> Understander:
        """Return an understander that uses a fitted model."""


class Models(Protocol):
    """Where models are published."""

    def current(self) -> Published | None:
        """Return the model in force."""

    def load(self, version: str) -> bytes:
        """Return the bytes of a published model."""

    def holds(self, version: str) -> bool:
        """Tell whether the bytes of a model are there."""

    def publish(self, published: Published, data: bytes) -> None:
        """Store a model and put it in force."""

    def refuse(self, published: Published) -> None:
        """Keep the record of a model that is not put in force."""


class Outcome(StrEnum):
    """The result of learning."""

    PUBLISHED = "published"
    REFUSED = "refused"
    UNCHANGED = "unchanged"


def learn(
    articles: Sequence[Article],
    *,
    models: Models,
    teacher: Teacher,
    golden: Sequence[Golden],
    policy: Policy,
    tolerance: float,
    clock: Callable[[], datetime],
) -> tuple[Outcome, Published]:
    """Fit a model to the articles and publish it unless it is worse than the one in force.

    Without a golden set nothing is measured, and the candidate is published. Raises ValueError if
    no model can be fitted to the articles.
    """
    knowledge = fingerprint(articles)
    current = models.current()
    if current and current.knowledge == knowledge and models.holds(current.version):
        return Outcome.UNCHANGED, current
    learned = teacher.fit({article.intent: article.utterances for article in articles})
    measured = measure(teacher.understander(learned.data), articles, golden, policy)
    refused: tuple[str, ...] = ()
    if measured and current and models.holds(current.version):
        before = current.figures
        if before is None or before.golden != measured.golden:
            understander = teacher.understander(models.load(current.version))
            before = measure(understander, articles, golden, policy)
        refused = measured.behind(before, tolerance) if before else ()
    published = Published(
        version=learned.version,
        at=clock(),
        knowledge=knowledge,
        figures=measured,
        refused=refused,
    )
    if refused:
        models.refuse(published)
        return Outcome.REFUSED, published
    models.publish(published, learned.data)
    return Outcome.PUBLISHED, published


def measure(
    understander: Understander,
    articles: Sequence[Article],
    golden: Sequence[Golden],
    policy: Policy,
) -> Figures | None:
    """Return the figures of an understander on the messages whose intents have articles."""
    known = {article.intent: article for article in articles}
    asked = [each for each in golden if not each.intents or known.keys() & set(each.intents)]
    if not any(each.intents for each in asked):
        return None
    ranked = right = wrong = answerable = strangers = 0
    for each in asked:
        understanding = understander.understand(each.text)
        best = understanding.ranking[0].name if understanding.ranking else None
        ranked += best in each.intents
        answerable += any(
            isinstance(carry_out(known[name]), Answer) for name in each.intents if name in known
        )
        found = {n: known[n] for n in candidates(understanding, policy) if n in known}
        decision = decide(understanding, found, policy)
        if isinstance(decision, Answer):
            hit = decision.article.intent in each.intents
            right += hit
            wrong += not hit
            strangers += not each.intents
    ours = sum(bool(each.intents) for each in asked)
    return Figures(
        golden=_digest((each.text, each.intents) for each in asked),
        intents=ranked / ours,
        precision=right / (right + wrong) if right + wrong else 1.0,
        answered=right / answerable if answerable else 1.0,
        strangers=strangers / (len(asked) - ours) if len(asked) > ours else 0.0,
    )


def fingerprint(articles: Iterable[Article]) -> str:
    """Return a digest of all that a model learns from articles: equal digests, equal models."""
    return _digest(sorted((article.intent, article.utterances) for article in articles))


def _digest(content: Iterable[object]) -> str:
    return hashlib.sha256(json.dumps(list(content)).encode()).hexdigest()[:16]
