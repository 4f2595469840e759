"""A draft by an engine, as long as the evidence bears what it says; else what is quoted. Pure."""

from helpdesk.assisting.model import Composed
from helpdesk.drafting import (
    EXTRACTIVE,
    Engine,
    EngineError,
    Failure,
    Part,
    Request,
    Severity,
    Written,
)
from helpdesk.drafting.grounding import faults


def composed(engine: Engine | None, request: Request, quoted: tuple[Part, ...]) -> Composed:
    """Return what the engine writes, or the `quoted` parts: without one, or if it fails.

    An engine has failed as well if it says what the evidence does not.
    """
    if engine is None:
        return Composed(parts=quoted, engine=EXTRACTIVE)
    said = "\n".join(each.text for each in request.conversation if each.by_customer)
    try:
        written = _asked(engine, request)
    except EngineError as error:
        return Composed(
            parts=quoted,
            engine=EXTRACTIVE,
            asked=engine.name,
            degraded=error.failure,
            usage=error.usage,
        )
    found = faults(written.parts, request.evidence, said=said)
    grounded = all(each.severity is not Severity.HARD for each in found)
    return Composed(
        parts=written.parts if grounded else quoted,
        engine=engine.name if grounded else EXTRACTIVE,
        asked=engine.name,
        degraded=None if grounded else Failure.UNGROUNDED,
        faults=found if grounded else (),
        usage=written.usage,
    )


def _asked(engine: Engine, request: Request) -> Written:
    """Return what the engine writes. Raises EngineError, also for a fault of the engine's own."""
    try:
        return engine.write(request)
    except EngineError:
        raise
    except Exception as error:  # a draft is quoted then, and says so
        raise EngineError(Failure.UNAVAILABLE, type(error).__name__) from error
