"""A draft by an engine, as long as the evidence bears what it says; else what is quoted. Pure."""

from dataclasses import dataclass

from helpdesk.assisting.model import Composed, Material
from helpdesk.drafting import Engine, EngineError, Failure, Request, Written
from helpdesk.drafting.composing import written

CALLS = 1
"""Calls of an engine for one suggestion: a server waits for it, and its gateway not for two."""


def composed(engine: Engine | None, material: Material) -> Composed:
    """Return what the engine writes, or what is quoted: without one, or if it fails."""
    asked = engine if engine and material.request.evidence else None
    made = written(
        _Contained(asked) if asked else None,
        material.request,
        material.quoted,
        material.evidence,
        known=material.names,
        links=material.links,
        calls=CALLS,
    )
    return Composed(
        parts=made.parts,
        engine=made.engine,
        asked=asked.name if asked else None,
        degraded=made.degraded,
        faults=made.faults,
        usage=made.usage,
    )


@dataclass(frozen=True, slots=True)
class _Contained:
    """An engine of which every fault is one of an engine: a draft is quoted then, and says so."""

    engine: Engine

    @property
    def name(self) -> str:
        """The engine and its model."""
        return self.engine.name

    def write(self, request: Request) -> Written:
        """Return what the engine writes. Raises EngineError."""
        try:
            return self.engine.write(request)
        except EngineError:
            raise
        except Exception as error:
            raise EngineError(Failure.UNAVAILABLE, type(error).__name__) from error
