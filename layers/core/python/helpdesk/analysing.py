"""What the desk would make of a message, for a shop's own systems. Nothing is sent.

The message is taken through the moves of a ticket that no one keeps, so an analysis says what would
become of it. If the knowledge does not answer, the words alone are judged. Such an analysis is
degraded, and so is one with a file that was not read yet: both say so, and are never kept. Any
other is kept for an hour as integrators were shown it, for every process of the desk.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from helpdesk import naming, papers, severity, ticket
from helpdesk.files import Attachment, has_text
from helpdesk.papers import Paper
from helpdesk.ports import NoModelError
from helpdesk.severity import Severity
from helpdesk.ticket import Customer, Kind, Ticket
from helpdesk.triage import Decision, Entity, Understanding

LIFE = timedelta(hours=1)
"""How long an analysis is kept for the same message."""

FORM = 1
"""Grows when an analysis says something else of the same message: those before are not read."""

SILENT = "The knowledge does not answer, so only the words were judged."
"""Why an analysis is degraded in which nothing was understood."""

MESSAGE = "message"
"""Where something is named that is not in a file."""


PICTURES = frozenset({"png", "jpeg", "gif", "bmp", "tiff", "webp"})
"""The kinds of files that are pictures."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an analysis is kept: under a digest of its message, with all whom it is about.

    `owners` are keys of customers and tickets with files: with one of them it is erased. Without
    any it names no one who could be erased, and only its hour ends it.
    """

    digest: str
    owners: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """An analysis as it was shown, and when it was made."""

    said: str
    at: datetime


class Analyses(Protocol):
    """The analyses of the last hour, of every process."""

    def get(self, place: Place) -> Kept | None:
        """Return what is kept there, which may be older than LIFE."""

    def put(self, place: Place, kept: Kept) -> None:
        """Keep an analysis."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What is to be analysed: a text, with what is known of it, and files of one ticket."""

    text: str
    subject: str = ""
    customer: Customer = field(default_factory=Customer)
    received_at: datetime | None = None
    files: tuple[Attachment, ...] = ()

    @property
    def whole(self) -> str:
        """The text below its subject, as a ticket would have it."""
        return f"{self.subject}\n\n{self.text}".strip()[: ticket.MAX_TEXT]

    def place(self, knowledge: str, scale: str) -> Place:
        """Return where its analysis is kept, by this knowledge and these tables of severity.

        Nothing of the message can be read in it.
        """
        keys = [each for each in self.customer.keys if each.kind is not Kind.NAME]
        said = {
            "form": (FORM, knowledge, scale),
            "text": (self.subject, self.text),
            "customer": ([each.stored for each in keys], self.customer.tier, self.customer.country),
            "received": self.received_at and self.received_at.timestamp(),
            "files": [
                (each.ticket_id, each.number, each.name, each.state, each.etag, each.why, each.cut)
                for each in self.files
            ],
        }
        return Place(
            digest=hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest(),
            owners=(*(each.stored for each in keys), *{each.ticket_id for each in self.files}),
        )


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A file of a message. `paper` says what it is, if it was read."""

    file: Attachment
    paper: Paper | None = None
    missed: bool = False

    @property
    def lacking(self) -> str | None:
        """Why the analysis is made without what the file says, if another one may have it."""
        if self.missed:
            return f"The text of file {self.file.number} could not be fetched."
        if self.file.state.is_pending:
            return f"File {self.file.number} is not read yet."
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """What would become of a message. Without the knowledge it has no understanding and decision.

    `lacking` says what it was made without; then it is degraded.
    """

    at: datetime
    of: Ticket
    severity: Severity
    understanding: Understanding | None = None
    decision: Decision | None = None
    files: tuple[Enclosed, ...] = ()
    lacking: tuple[str, ...] = ()

    @property
    def degraded(self) -> bool:
        """Whether another analysis of the same message may say more."""
        return bool(self.lacking)

    @property
    def entities(self) -> tuple[Entity, ...]:
        """What the message and its files name."""
        return self.understanding.entities if self.understanding else ()


@dataclass(frozen=True, slots=True)
class Told:
    """An analysis as it is shown, and whether it was kept from the last hour."""

    said: str
    kept: bool = False
    degraded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What analysing needs.

    `predict` says what a text means with the texts of files, and what would be decided; `text_of`
    what stands in a file; `knowledge` which knowledge is in force; `show` how an analysis is shown.
    `failures` are the errors of tables that do not answer; `unkept` is called when they kept none.
    """

    analyses: Analyses
    predict: Callable[[str, Mapping[int, str]], tuple[Understanding, Decision]]
    text_of: Callable[[Attachment], str]
    knowledge: Callable[[], str]
    show: Callable[[Analysis], str]
    clock: Callable[[], datetime]
    failures: Collection[type[Exception]] = ()
    unkept: Callable[[], None] = lambda: None
    scale: str = ""

    @property
    def expected(self) -> tuple[type[Exception], ...]:
        """The errors with which an analysis goes on, degraded or unkept."""
        return (NoModelError, *self.failures)


def analyse(message: Message, desk: Desk) -> Told:
    """Return what would become of a message; that of the last hour, if there is one.

    A failing table makes it degraded or unkept, and is no error. Raises TextError for a message
    that shows nothing.
    """
    now = desk.clock()
    knowledge = _knowledge(desk)
    place = message.place(knowledge, desk.scale) if knowledge is not None else None
    if place and (known := _known(place, desk, now)):
        return Told(known.said, kept=True)
    made = _made(message, desk, now)
    said = desk.show(made)
    if place and not made.degraded and _made_by(made, knowledge or ""):
        try:
            desk.analyses.put(place, Kept(said, now))
        except desk.expected:
            desk.unkept()
    return Told(said, degraded=made.degraded)


def _knowledge(desk: Desk) -> str | None:
    """Return which knowledge is in force; None if no one can tell."""
    try:
        return desk.knowledge()
    except desk.expected:
        return None


def _known(place: Place, desk: Desk, now: datetime) -> Kept | None:
    """Return what is kept, unless it is too old: a table deletes what expired hours later."""
    try:
        kept = desk.analyses.get(place)
    except desk.expected:
        desk.unkept()
        return None
    return kept if kept and now - kept.at < LIFE else None


def _made_by(made: Analysis, knowledge: str) -> bool:
    """Tell whether an analysis is by the model in force: another may have come meanwhile."""
    model = made.understanding.model if made.understanding else ""
    return model.partition("/")[0] == knowledge.partition("/")[0]


@dataclass(frozen=True, slots=True)
class _Said:
    """The texts of files by their numbers, and the numbers of those that do not come now."""

    texts: Mapping[int, str]
    missed: Collection[int]

    def enclosed(
        self, files: Sequence[Attachment], named: Collection[Entity] = ()
    ) -> tuple[Enclosed, ...]:
        """Return each file with what it is; `named` is what the files name."""
        return tuple(
            Enclosed(
                each,
                _paper(each, self.texts.get(each.number), named),
                each.number in self.missed,
            )
            for each in files
        )


def _made(message: Message, desk: Desk, now: datetime) -> Analysis:
    read = _texts(message.files, desk)
    texts = read.texts
    submitted = ticket.submit(
        ticket_id="0" * 16,
        text=message.whole,
        customer=message.customer,
        channel="analysis",
        token_hash="",
        now=message.received_at or now,
        token_life=LIFE,
        retention=LIFE,
        scale=desk.scale,
    ).after
    try:
        understanding, decision = desk.predict(message.whole, texts)
    except desk.expected:
        return _by_words(message, submitted, read, desk.scale, now)
    after = ticket.settle(
        submitted, understanding, decision, now=submitted.created_at, said=message.whole,
        files=texts, scale=desk.scale,
    ).after  # fmt: skip
    about = ticket.about(after, "\n".join((message.whole, *texts.values())))
    named = tuple(_located(understanding.entities, message.whole))
    enclosed = read.enclosed(message.files, named)
    return Analysis(
        at=now,
        of=after,
        severity=severity.estimated(after.severity, about, severity.read(desk.scale)),
        understanding=replace(understanding, entities=named),
        decision=decision,
        files=enclosed,
        lacking=tuple(filter(None, (each.lacking for each in enclosed))),
    )


def _by_words(
    message: Message, submitted: Ticket, read: _Said, scale: str, now: datetime
) -> Analysis:
    """Return an analysis of the words alone, without the knowledge."""
    tables = severity.read(scale)
    found = submitted.severity
    for number, text in sorted(read.texts.items()):
        found = severity.heard(found, text, f"file {number}", tables)
    words = "\n".join((message.whole, *read.texts.values()))
    about = severity.About(None, None, sure=False, text=words)
    enclosed = read.enclosed(message.files)
    return Analysis(
        at=now,
        of=submitted,
        severity=severity.estimated(found, about, tables),
        files=enclosed,
        lacking=(SILENT, *filter(None, (each.lacking for each in enclosed))),
    )


def _texts(files: Sequence[Attachment], desk: Desk) -> _Said:
    texts, missed = dict[int, str](), set[int]()
    for each in filter(has_text, files):
        try:
            texts[each.number] = desk.text_of(each)[: ticket.MAX_TEXT]
        except desk.expected:
            missed.add(each.number)
    return _Said(texts, missed)


def _located(entities: Collection[Entity], whole: str) -> list[Entity]:
    """Return entities with their origin: "message" or "file 2"."""
    named = [each for each in entities if not each.where.startswith("file ")]
    here = [replace(each, where=MESSAGE) for each in naming.located(named, {1: whole})]
    return [*here, *(each for each in entities if each.where.startswith("file "))]


def _paper(file: Attachment, text: str | None, named: Collection[Entity]) -> Paper | None:
    """Return what a file is; None as long as it was not read, or if no one may see it."""
    if file.state is not file.state.READY or (text is None and has_text(file)):
        return None
    spellings = {each.spelling for each in named if each.where == f"file {file.number}"}
    return papers.judged(
        file.name,
        text or "",
        picture=file.media_type.startswith("image/") or file.kind in PICTURES,
        named=spellings - {""},
    )
