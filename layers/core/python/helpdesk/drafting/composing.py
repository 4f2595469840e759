"""A draft by an engine, checked; and without it where it fails. Pure: the engine is a port."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from helpdesk.drafting.extracting import addressed
from helpdesk.drafting.grounding import Likeness, faults
from helpdesk.drafting.instructing import check_parts
from helpdesk.drafting.linking import linked
from helpdesk.drafting.model import (
    EXTRACTIVE,
    Engine,
    EngineError,
    Failure,
    Fault,
    Part,
    Request,
    Severity,
    Usage,
    Written,
)
from helpdesk.evidence import Found
from helpdesk.knowledge import Link

CALLS = 2
"""Calls of an engine for one draft: a first try, and one that is told what had no evidence."""

LONGEST = 4_000
"""Characters of a draft as one text, as of any message of the desk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """What becomes a draft. `degraded` says why the engine that was asked did not write it."""

    parts: tuple[Part, ...]
    faults: tuple[Fault, ...]
    engine: str
    degraded: str | None
    usage: Usage

    @property
    def ready(self) -> bool:
        """Whether nothing in it lacks evidence."""
        return not _hard(self.faults)


def written(
    engine: Engine | None,
    request: Request,
    fallback: Sequence[Part],
    evidence: Sequence[Found],
    *,
    known: Sequence[str] = (),
    links: Mapping[int, Sequence[Link]] | None = None,
    likeness: Likeness | None = None,
    calls: int = CALLS,
) -> Composed:
    """Return a draft of the engine that its evidence bears, or `fallback`.

    What an engine wrote is checked against the evidence that it got, in `request`; `fallback`, the
    extractive draft, against `evidence`, the passages as they are. `known` are names as customers
    typed them; one that may be more than a name vouches for nothing. `links` are those the desk
    trusts, by the number of the passage: code puts them below the parts. The engine is not asked
    without evidence, and at most `calls` times. Its EngineError is no error here: the draft says
    why it is degraded.
    """
    trusted = dict(links or {})
    urls = [link.url for each in trusted.values() for link in each]
    check = _Check(
        said="\n".join(each.text for each in request.conversation if each.by_customer),
        known=tuple(filter(None, map(addressed, known))),
        likeness=likeness,
    )
    asked = _asked(engine, request, check, calls) if engine and request.evidence else _Asked()
    if asked.parts:
        parts, found, name = asked.parts, asked.faults, asked.engine
    else:
        parts, found, name = tuple(fallback), check.faults(fallback, evidence, urls), EXTRACTIVE
    return Composed(
        parts=linked(parts, trusted),
        faults=found,
        engine=name,
        degraded=asked.degraded,
        usage=asked.usage,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Check:
    said: str
    known: tuple[str, ...]
    likeness: Likeness | None

    def faults(
        self, parts: Sequence[Part], evidence: Sequence[Found], links: Sequence[str] = ()
    ) -> tuple[Fault, ...]:
        return faults(
            parts,
            evidence,
            said=self.said,
            known=self.known,
            links=links,
            likeness=self.likeness,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What came of asking an engine: parts that may be shown, or why there are none."""

    parts: tuple[Part, ...] = ()
    faults: tuple[Fault, ...] = ()
    engine: str = ""
    degraded: str | None = None
    usage: Usage = field(default_factory=Usage)


def _asked(engine: Engine, request: Request, check: _Check, calls: int) -> _Asked:
    """Ask an engine until its evidence bears what it writes, at most `calls` times."""
    usage = Usage()
    for _ in range(calls):
        try:
            answer = engine.write(request)
            usage += answer.usage
            parts = _fitting(answer, request)
        except EngineError as error:
            return _Asked(degraded=error.failure.value, usage=usage + error.usage)
        found = check.faults(parts, request.evidence)
        hard = _hard(found)
        if not hard:
            return _Asked(parts=parts, faults=found, engine=engine.name, usage=usage)
        request = replace(request, faults=hard)
    return _Asked(degraded=Failure.UNGROUNDED.value, usage=usage)


def _fitting(answer: Written, request: Request) -> tuple[Part, ...]:
    """Return the parts of an answer as plain text. Raises EngineError (MALFORMED)."""
    parts = check_parts(answer.parts, request.evidence)
    if len("\n\n".join(part.text for part in parts)) > LONGEST:
        raise EngineError(Failure.MALFORMED, f"a draft has more than {LONGEST} characters")
    return parts


def _hard(found: Sequence[Fault]) -> tuple[Fault, ...]:
    return tuple(each for each in found if each.severity is Severity.HARD)
