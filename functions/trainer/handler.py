"""The knowledge's door: when articles change, learn them, and publish a model if not worse."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any

from helpdesk import contract, learning, telemetry
from helpdesk.composition.language import LanguageParts
from helpdesk.knowledge import Edition
from helpdesk.settings import TrainerSettings
from helpdesk.triage import Policy

SERVICE = "trainer"


@dataclass(frozen=True, slots=True)
class Needs:
    """What learning needs from outside."""

    edition: Callable[[int | None], Edition]
    models: learning.Models
    teacher: learning.Teacher
    rules: learning.Rules
    library: learning.Library


@cache
def needs() -> Needs:
    """Compose what is needed, once, at the first change."""
    settings = TrainerSettings.from_env()
    parts = LanguageParts.of_settings(settings)
    return Needs(
        edition=parts.editions.to_learn,
        models=parts.models,
        teacher=parts.teacher(settings.target_precision, settings.strangers_share),
        rules=learning.Rules(
            policy=Policy(floor=settings.answer_floor, margin=settings.answer_margin),
            tolerance=settings.gate_tolerance,
            target=settings.target_precision,
        ),
        library=parts.library(partial(datetime.now, UTC)),
    )


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Learn the knowledge in force as it is now; the table's stream only says that it changed.

    The event `{"rehearse": <number>}` has an edition judged that is not in force, and
    `{"foretell": <amendment>}` a change of the one in force. Neither puts anything in force.
    """
    if "foretell" in event:
        return _foretold(event["foretell"])
    number = event.get("rehearse")
    do = learning.learn if number is None else learning.rehearse
    with telemetry.reporting(SERVICE):
        edition = needs().edition(number)
        outcome, published = do(
            edition,
            models=needs().models,
            teacher=needs().teacher,
            rules=needs().rules,
            clock=partial(datetime.now, UTC),
            library=needs().library,
        )
    told = {
        "model": published.version,
        "index": published.index,
        "figures": asdict(published.figures) if published.figures else None,
        "refused": list(published.refused),
        "edition": published.edition,
        "on_probation": published.on_probation,
        "uncounted": edition.uncounted,
    }
    log = telemetry.logger(SERVICE)
    (log.warning if published.refused else log.info)(outcome, extra=told)
    if number is None:  # of a rehearsal, the lead who asked for it is told
        telemetry.count(SERVICE, f"Model{outcome.title()}")
    telemetry.flush(SERVICE)
    return {
        "outcome": outcome,
        **told,
        "published": {**asdict(published), "at": published.at.isoformat()},
    }


def _foretold(written: dict[str, Any]) -> dict[str, Any]:
    with telemetry.reporting(SERVICE):
        found = learning.foretell(
            needs().edition(None),
            contract.amendment(written),
            models=needs().models,
            teacher=needs().teacher,
            rules=needs().rules,
        )
    told = {"refused": len(found.refused), "failing": len(found.failing)}
    telemetry.logger(SERVICE).info("foretold", extra=told)
    telemetry.flush(SERVICE)
    return {"foretold": asdict(found)}
