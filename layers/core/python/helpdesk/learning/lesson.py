"""Fitting a model to an edition of the knowledge, judging it, and putting it in force.

A candidate is fitted to what the edition teaches and measured on the edition's own golden set,
which no fit ever sees. A refusal is kept with its figures and the cases that failed.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from helpdesk.knowledge import Article, Edition, Retired, taught
from helpdesk.learning.gate import judge, judge_alone, telling
from helpdesk.learning.measuring import Failure, Figures, Measured, digest, measure
from helpdesk.ports import Understander
from helpdesk.triage import Policy

RECIPE = 3
"""Raised when the same utterances give another model, so that every stack learns again."""


class LessonError(Exception):
    """The trainer could not learn; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A model that is, was or was not to be in force.

    `edition` is the number of the knowledge it was learned from, `knowledge` names what that
    taught. `refused` says why the model was not put in force, `failed` lists golden cases that it
    fails. On probation the desk knows too few of its own strangers, and answers only what it is
    very sure of.
    """

    version: str
    at: datetime
    knowledge: str
    figures: Figures | None
    refused: tuple[str, ...] = ()
    edition: int = 0
    failed: tuple[Failure, ...] = ()
    on_probation: bool = False


@dataclass(frozen=True, slots=True)
class Learned:
    """A fitted model; on probation if it was taught too few messages out of scope."""

    version: str
    data: bytes
    on_probation: bool = False


class Teacher(Protocol):
    """Fits models and puts them to use."""

    def fit(self, utterances: Mapping[str, Sequence[str]]) -> Learned:
        """Return a model fitted to what people write for each intent. Raises ValueError."""

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

    def keep(self, version: str, data: bytes) -> None:
        """Store the bytes of a model without putting it in force."""

    def publish(self, published: Published, data: bytes) -> None:
        """Store a model and put it in force."""

    def refuse(self, published: Published) -> None:
        """Keep the record of a model that is not put in force."""


class Outcome(StrEnum):
    """What learning came to."""

    PUBLISHED = "published"
    REFUSED = "refused"
    UNCHANGED = "unchanged"
    ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """By what a model is judged; all but `policy` are shares from 0 to 1.

    `tolerance` is how much a figure may fall behind, `target` the share of automatic answers that
    shall be right.
    """

    policy: Policy
    tolerance: float
    target: float


def learn(
    edition: Edition,
    *,
    models: Models,
    teacher: Teacher,
    rules: Rules,
    clock: Callable[[], datetime],
) -> tuple[Outcome, Published]:
    """Fit a model to the knowledge in force and publish it unless the gate refuses it.

    Without a golden set nothing is measured, and the candidate is published. Raises ValueError for
    articles no model can be fitted to.
    """
    current = models.current()
    lesson = fingerprint(edition.articles, edition.retired)
    known = current and (current.knowledge, current.edition) == (lesson, edition.number)
    if current and known and models.holds(current.version):
        return Outcome.UNCHANGED, current
    candidate, data = _judged(edition, models=models, teacher=teacher, rules=rules, now=clock())
    if candidate.refused:
        models.refuse(candidate)
        return Outcome.REFUSED, candidate
    models.publish(candidate, data)
    return Outcome.PUBLISHED, candidate


def rehearse(
    edition: Edition,
    *,
    models: Models,
    teacher: Teacher,
    rules: Rules,
    clock: Callable[[], datetime],
) -> tuple[Outcome, Published]:
    """Fit a model to an edition that is not in force yet, and judge it; store only its bytes.

    An edition no model can be fitted to is refused like one whose model is not good enough.
    """
    try:
        candidate, data = _judged(edition, models=models, teacher=teacher, rules=rules, now=clock())
    except ValueError as error:
        candidate = Published(
            version="none",
            at=clock(),
            knowledge=fingerprint(edition.articles, edition.retired),
            figures=None,
            refused=(str(error),),
            edition=edition.number,
        )
        data = b""
    if candidate.refused:
        models.refuse(candidate)
        return Outcome.REFUSED, candidate
    models.keep(candidate.version, data)
    return Outcome.ACCEPTED, candidate


def fingerprint(articles: Iterable[Article], retired: Iterable[Retired] = ()) -> str:
    """Return a digest of all a model is taught: equal digests, equal models."""
    return digest([RECIPE, sorted(taught(articles, retired).items())])


def _judged(
    edition: Edition, *, models: Models, teacher: Teacher, rules: Rules, now: datetime
) -> tuple[Published, bytes]:
    """Return a fitted candidate with its figures and what is held against it, and its bytes."""
    learned = teacher.fit(taught(edition.articles, edition.retired))
    candidate = Published(
        version=learned.version,
        at=now,
        knowledge=fingerprint(edition.articles, edition.retired),
        figures=None,
        edition=edition.number,
        on_probation=learned.on_probation,
    )
    measured = measured_on(edition, teacher, learned.data, rules)
    if measured is None:
        return candidate, learned.data
    refused, excused = _against(measured, edition, models=models, teacher=teacher, rules=rules)
    failed = telling(measured.failures, excused) if refused else ()
    return replace(
        candidate, figures=measured.figures, refused=refused, failed=failed
    ), learned.data


def _against(
    measured: Measured, edition: Edition, *, models: Models, teacher: Teacher, rules: Rules
) -> tuple[tuple[str, ...], tuple[Failure, ...]]:
    """Return what speaks against a candidate, and the cases that the model in force fails too."""
    current = models.current()
    if current is None:
        return (), ()
    if current.edition != edition.number:
        return judge_alone(measured, rules.target, rules.tolerance), ()
    if not models.holds(current.version):
        return (), ()
    before = current.figures
    comparable = before is not None and before.golden == measured.figures.golden
    if comparable and not judge(measured, before, rules.tolerance):
        return (), ()
    again = measured_on(edition, teacher, models.load(current.version), rules)
    if again is None:
        return (), ()
    figures = before if comparable else again.figures
    return judge(measured, figures, rules.tolerance), again.failures


def measured_on(edition: Edition, teacher: Teacher, data: bytes, rules: Rules) -> Measured | None:
    """Return how a model does on an edition's golden set; None without cases to judge by."""
    return measure(teacher.understander(data), edition.articles, edition.golden, rules.policy)
