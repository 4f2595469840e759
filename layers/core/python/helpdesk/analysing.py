"""What the desk would make of a message, for a shop's own systems. Nothing is stored or sent.

The message is taken through the moves of a ticket that no one keeps, so an analysis says what would
become of it. If the knowledge does not answer, the words alone are judged: such an analysis is
degraded, says so, and is never kept.
"""

import hashlib
import json
from collections import OrderedDict
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta

from helpdesk import naming, severity, ticket
from helpdesk.ports import NoModelError
from helpdesk.severity import Severity
from helpdesk.ticket import Customer, Ticket
from helpdesk.triage import Decision, Entity, Understanding

LIFE = timedelta(hours=1)
"""How long an analysis is kept for the same message."""

MOST_KEPT = 1_000
"""Analyses that are kept at most; the one that was used last before all others goes first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What is to be analysed: a text, with what is known of it."""

    text: str
    subject: str = ""
    customer: Customer = field(default_factory=Customer)
    received_at: datetime | None = None

    @property
    def whole(self) -> str:
        """The text below its subject, as a ticket would have it."""
        return f"{self.subject}\n\n{self.text}".strip()[: ticket.MAX_TEXT]

    @property
    def digest(self) -> str:
        """What tells it from every other message; it cannot be read back."""
        said = json.dumps(asdict(self), sort_keys=True, default=str)
        return hashlib.sha256(said.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """What would become of a message. A degraded one has no understanding and no decision."""

    at: datetime
    of: Ticket
    severity: Severity
    understanding: Understanding | None = None
    decision: Decision | None = None

    @property
    def degraded(self) -> bool:
        """Whether only the words were judged."""
        return self.understanding is None

    @property
    def entities(self) -> tuple[Entity, ...]:
        """What the message names."""
        return self.understanding.entities if self.understanding else ()


@dataclass(frozen=True, slots=True)
class Shelf:
    """Analyses of the last hour, in this process only: they hold what customers wrote."""

    _kept: OrderedDict[str, Analysis] = field(default_factory=OrderedDict)

    def get(self, digest: str, now: datetime) -> Analysis | None:
        """Return the analysis of a message if it is not older than LIFE."""
        found = self._kept.get(digest)
        if found is None or now - found.at >= LIFE:
            self._kept.pop(digest, None)
            return None
        self._kept.move_to_end(digest)
        return found

    def put(self, digest: str, analysis: Analysis) -> None:
        """Keep an analysis, unless it is degraded."""
        if analysis.degraded:
            return
        self._kept[digest] = analysis
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)


def analyse(
    message: Message,
    *,
    shelf: Shelf,
    predict: Callable[[str], tuple[Understanding, Decision]],
    clock: Callable[[], datetime],
    failures: Collection[type[Exception]] = (),
    scale: str = "",
) -> tuple[Analysis, bool]:
    """Return what would become of a message, and whether that was known from the last hour.

    `predict` says what a text means and what would be decided. `failures` are the errors of a
    knowledge that does not answer; with one, or without a model, the analysis is degraded. Raises
    TextError for a message that shows nothing.
    """
    now = clock()
    if known := shelf.get(message.digest, now):
        return known, True
    submitted = ticket.submit(
        ticket_id="0" * 16,
        text=message.whole,
        customer=message.customer,
        channel="analysis",
        token_hash="",
        now=message.received_at or now,
        token_life=LIFE,
        retention=LIFE,
        scale=scale,
    ).after
    expected: tuple[type[Exception], ...] = (NoModelError, *failures)
    try:
        understanding, decision = predict(message.whole)
    except expected:
        unknown = severity.About(None, None, sure=False, text=message.whole)
        tables = severity.read(scale)
        said = severity.of_text(message.whole, "message 1", tables)
        judged = severity.estimated(said, unknown, tables)
        return Analysis(at=now, of=submitted, severity=judged), False
    named = naming.located(understanding.entities, {1: message.whole})
    after = ticket.settle(
        submitted, understanding, decision, now=submitted.created_at, said=message.whole,
        scale=scale,
    ).after  # fmt: skip
    ranking = understanding.ranking
    about = severity.About(
        ranking[0].name if ranking else None, after.category, not after.matter_guessed,
        message.whole, understanding.meaning,
    )  # fmt: skip
    analysis = Analysis(
        at=now,
        of=after,
        severity=severity.estimated(after.severity, about, severity.read(scale)),
        understanding=replace(understanding, entities=named),
        decision=decision,
    )
    shelf.put(message.digest, analysis)
    return analysis, False
