"""Fitting a model to an edition of the knowledge, judging it, and putting it in force.

A candidate is fitted to what the edition teaches and measured on the edition's own golden set,
which no fit ever sees. A refusal is kept with its figures and the cases that failed.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from helpdesk.evidence import Passage
from helpdesk.knowledge import Article, Edition, Retired, taught
from helpdesk.learning.gate import judge, judge_alone, telling
from helpdesk.learning.indexing import Index, Library, calibrated, contents, with_retrieval
from helpdesk.learning.measuring import Failure, Figures, Measured, digest, measure
from helpdesk.ports import Understander
from helpdesk.triage import Policy

RECIPE = 4
"""Raised when the same utterances give another model, so that every stack learns again."""


class LessonError(Exception):
    """The trainer could not learn; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A model that is, was or was not to be in force.

    `edition` is the number of the knowledge it was learned from, `knowledge` names what that
    taught. `index` is the index of passages that is in force with it, and `passages` names what
    that holds; both are empty without one. `refused` says why the model was not put in force,
    `failed` lists golden cases that it fails. On probation the desk knows too few of its own
    strangers, and answers only what it is very sure of.
    """

    version: str
    at: datetime
    knowledge: str
    figures: Figures | None
    refused: tuple[str, ...] = ()
    edition: int = 0
    failed: tuple[Failure, ...] = ()
    on_probation: bool = False
    index: str = ""
    passages: str = ""


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
    library: Library | None = None,
) -> tuple[Outcome, Published]:
    """Fit a model to the knowledge in force and publish it unless the gate refuses it.

    With a library its passages are indexed too; both are judged together and come in force
    together. Where only passages changed, the model stays as it is. Without a golden set nothing is
    measured, and the candidate is published. Raises ValueError for articles no model can be fitted
    to.
    """
    current = models.current()
    lesson = fingerprint(edition.articles, edition.retired)
    known = current and (current.knowledge, current.edition) == (lesson, edition.number)
    fitted: Learned | None = None
    passages = library.passages(edition) if library else ()
    if current and known and models.holds(current.version):
        if library is None or _is_indexed(current, passages, library):
            return Outcome.UNCHANGED, current
        fitted = Learned(current.version, models.load(current.version), current.on_probation)
    desk = _Desk(models, teacher, rules, library)
    candidate, learned, index = _judged(edition, desk, clock(), passages, fitted)
    if candidate.refused:
        models.refuse(candidate)
        return Outcome.REFUSED, candidate
    if library and index:
        library.indexes.keep_index(index.name, index.data)
    models.publish(candidate, learned.data)
    return Outcome.PUBLISHED, candidate


def rehearse(
    edition: Edition,
    *,
    models: Models,
    teacher: Teacher,
    rules: Rules,
    clock: Callable[[], datetime],
    library: Library | None = None,
) -> tuple[Outcome, Published]:
    """Fit a model to an edition that is not in force yet, and judge it; store only its bytes.

    An edition no model can be fitted to is refused like one whose model is not good enough.
    """
    desk = _Desk(models, teacher, rules, library)
    passages = library.passages(edition) if library else ()
    try:
        candidate, learned, index = _judged(edition, desk, clock(), passages, None)
    except ValueError as error:
        candidate = Published(
            version="none",
            at=clock(),
            knowledge=fingerprint(edition.articles, edition.retired),
            figures=None,
            refused=(str(error),),
            edition=edition.number,
        )
        models.refuse(candidate)
        return Outcome.REFUSED, candidate
    if candidate.refused:
        models.refuse(candidate)
        return Outcome.REFUSED, candidate
    if library and index:
        library.indexes.keep_index(index.name, index.data)
    models.keep(candidate.version, learned.data)
    return Outcome.ACCEPTED, candidate


def fingerprint(articles: Iterable[Article], retired: Iterable[Retired] = ()) -> str:
    """Return a digest of all a model is taught: equal digests, equal models."""
    return digest([RECIPE, sorted(taught(articles, retired).items())])


@dataclass(frozen=True, slots=True)
class _Desk:
    """By what a candidate is made and judged."""

    models: Models
    teacher: Teacher
    rules: Rules
    library: Library | None


def _is_indexed(current: Published, passages: Sequence[Passage], library: Library) -> bool:
    """Tell whether the index in force holds these passages, and is there."""
    held = library.indexes.holds_index(current.index) if current.index else False
    return held and current.passages == contents(passages)


def _judged(
    edition: Edition,
    desk: _Desk,
    now: datetime,
    passages: Sequence[Passage],
    fitted: Learned | None,
) -> tuple[Published, Learned, Index | None]:
    """Return a candidate with its figures and what is held against it, its model and its index.

    `fitted` is the model in force, where that stays.
    """
    learned = fitted or desk.teacher.fit(taught(edition.articles, edition.retired))
    candidate = Published(
        version=learned.version,
        at=now,
        knowledge=fingerprint(edition.articles, edition.retired),
        figures=None,
        edition=edition.number,
        on_probation=learned.on_probation,
    )
    measured = measured_on(edition, desk.teacher, learned.data, desk.rules)
    index = _indexed(edition, desk, passages, measured)
    if index:
        # Passages that wait make the next lesson: this index does not have all of them.
        held = "" if index.waiting else contents(passages)
        candidate = replace(candidate, index=index.name, passages=held)
    if measured is None:
        return candidate, learned, index
    if index:
        measured = with_retrieval(measured, edition.golden, index)
    refused, excused = _against(measured, edition, desk)
    failed = telling(measured.failures, excused) if refused else ()
    judged = replace(candidate, figures=measured.figures, refused=refused, failed=failed)
    return judged, learned, index


def _indexed(
    edition: Edition, desk: _Desk, passages: Sequence[Passage], measured: Measured | None
) -> Index | None:
    """Return the index of passages, which takes over what the one in force has encoded."""
    if desk.library is None:
        return None
    current = desk.models.current()
    before = desk.library.before(current.index) if current else None
    index = desk.library.indexer.index(passages, before=before)
    return calibrated(index, edition.golden, measured.meanings if measured else {})


def _against(
    measured: Measured, edition: Edition, desk: _Desk
) -> tuple[tuple[str, ...], tuple[Failure, ...]]:
    """Return what speaks against a candidate, and the cases that the model in force fails too."""
    models, rules = desk.models, desk.rules
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
    again = measured_on(edition, desk.teacher, models.load(current.version), rules)
    if again is None:
        return (), ()
    held = desk.library.before(current.index) if desk.library else None
    if desk.library and held and (index := desk.library.indexer.open(held)):
        again = with_retrieval(again, edition.golden, index)
    figures = before if comparable else again.figures
    return judge(measured, figures, rules.tolerance), again.failures


def measured_on(edition: Edition, teacher: Teacher, data: bytes, rules: Rules) -> Measured | None:
    """Return how a model does on an edition's golden set; None without cases to judge by."""
    return measure(teacher.understander(data), edition.articles, edition.golden, rules.policy)
