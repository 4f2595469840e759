"""What is said of a draft: its parts, the evidence below each, and what an agent should check."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from helpdesk.agents import Changed, EvidenceChangedError
from helpdesk.drafting import EXTRACTIVE, Cited, Draft, Failure, Fault, Part, Severity, Usage
from helpdesk.evidence import Origin

LONGEST = 120
"""Characters of a quoted sentence that are shown; the rest is in JSON and in its article."""

_WHY = {
    Failure.UNAVAILABLE: "the language model did not answer",
    Failure.THROTTLED: "the language model took no more requests",
    Failure.TOO_SLOW: "the language model was too slow",
    Failure.REFUSED: "the language model refused to write it",
    Failure.CUT_OFF: "the language model did not come to an end",
    Failure.MALFORMED: "the language model wrote what cannot be read",
    Failure.OVER_BUDGET: "the budget for language models is used up",
    Failure.UNGROUNDED: "the language model wrote what the evidence does not say",
}
_KINDS = {
    "citation": "it names evidence {what}, which there is not",
    "negation": "“{what}”: the evidence may say the opposite",
    "noun": "“{what}” is not in the evidence",
    "uncited": "“{what}” rests on no evidence",
    "unlike": "“{what}” says it in other words than the evidence",
}
_ORIGINS = {
    Origin.ARTICLE: "article",
    Origin.DOCUMENT: "document",
    Origin.REPLY: "past reply, weaker",
    Origin.RECORD: "the customer's record",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftView:
    """The draft of a reply that waits for an agent.

    Each of `parts` names the numbers of the `evidence` it rests on. `degraded` says why another
    engine wrote it than the one that was asked. A draft that is not `ready` must be edited: one of
    its `faults` is hard.
    """

    number: int
    basis: int
    at: datetime
    engine: str
    degraded: str | None
    ready: bool
    text: str
    parts: tuple[Part, ...]
    evidence: tuple[Cited, ...]
    faults: tuple[Fault, ...]
    usage: Usage

    @classmethod
    def of(cls, draft: Draft) -> Self:
        """Return the view of a draft."""
        return cls(
            number=draft.number,
            basis=draft.basis,
            at=draft.at,
            engine=draft.engine,
            degraded=draft.degraded,
            ready=draft.ready,
            text=draft.text,
            parts=draft.parts,
            evidence=draft.evidence,
            faults=draft.faults,
            usage=draft.usage,
        )


@dataclass(frozen=True, slots=True)
class Remark:
    """A line below a part of a draft; `calls` says that it calls for the agent's eye."""

    text: str
    calls: bool = False


def heading(draft: Draft) -> str:
    """Return which draft it is and which engine wrote it, as in "draft 4 · extractive"."""
    ready = "waits for you" if draft.ready else "must be edited"
    return f"draft {draft.number} · {draft.engine} · {ready} · not sent"


def degraded(draft: Draft) -> str | None:
    """Return why another engine than the one that was asked wrote a draft; None if it did."""
    if draft.degraded is None:
        return None
    known = {each.value: told for each, told in _WHY.items()}
    quotes = "only quotes" if draft.engine == EXTRACTIVE else "is not as it should be"
    return f"this draft {quotes}: {known.get(draft.degraded, draft.degraded)}"


def below(draft: Draft, at: int) -> Iterator[Remark]:
    """Yield what stands below part number `at` (from 0): its evidence, then what to check."""
    part = draft.parts[at]
    for cited in draft.evidence:
        if cited.number in part.rests_on:
            yield Remark(_evidence(cited, part))
    framed = draft.engine == EXTRACTIVE  # it adds nothing but courtesy by itself
    if not part.rests_on and not framed and part.text.strip():
        yield Remark("no evidence")
    for fault in draft.faults:
        if fault.part == at:
            yield Remark(told(fault), calls=True)


def told(fault: Fault) -> str:
    """Return a fault in words, as in "check: “not”: the evidence may say the opposite"."""
    kind = _KINDS.get(fault.kind, f"the {fault.kind} “{{what}}” is not in the evidence")
    first = "edit this" if fault.severity is Severity.HARD else "check"
    return f"{first}: {kind.format(what=_short(fault.what))}"


def changes(error: EvidenceChangedError) -> Iterator[str]:
    """Yield what a draft quoted and what stands there now, a line for each."""
    for each in error.changes:
        yield f"{each.title}, as the draft quotes it: {_quoted(each.quoted)}"
        yield _now(each)


def now(error: EvidenceChangedError) -> Iterator[str]:
    """Yield what stands now in what a draft rests on, shortened."""
    for each in error.changes:
        yield _now(each, short=True)


def _now(each: Changed, *, short: bool = False) -> str:
    if each.now is None:
        return f"{each.title} is gone"
    return f"{each.title}, as it is now: {_quoted(each.now) if short else f'“{each.now}”'}"


def _evidence(cited: Cited, part: Part) -> str:
    quote = "word for word" if cited.quote.strip() == part.text.strip() else _quoted(cited.quote)
    source = f"{cited.title} ({_ORIGINS[cited.origin]}, v{cited.version})"
    return f"[{cited.number}] {source}: {quote}"


def _quoted(text: str) -> str:
    return f"“{_short(text)}”"


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
