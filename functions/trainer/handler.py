"""The knowledge's door: when articles change, learn them, and publish a model if not worse."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any

from helpdesk import curation, learning, telemetry
from helpdesk.composition.language import LanguageParts
from helpdesk.settings import TrainerSettings
from helpdesk.triage import Policy

SERVICE = "trainer"


@dataclass(frozen=True, slots=True)
class Needs:
    """What learning needs from outside."""

    knowledge: curation.KnowledgeBase
    models: learning.Models
    golden: Callable[[], Sequence[learning.Golden]]
    teacher: learning.Teacher
    policy: Policy
    tolerance: float


@cache
def needs() -> Needs:
    """Compose what is needed, once, at the first change."""
    settings = TrainerSettings.from_env()
    parts = LanguageParts.of_settings(settings)
    return Needs(
        knowledge=parts.knowledge,
        models=parts.models,
        golden=parts.models.golden,
        teacher=parts.teacher(settings.target_precision),
        policy=Policy(floor=settings.answer_floor, margin=settings.answer_margin),
        tolerance=settings.gate_tolerance,
    )


def handler(_event: Any, _context: Any) -> dict[str, Any]:
    """Learn all articles as they are now; the event only says that some changed."""
    with telemetry.reporting(SERVICE):
        outcome, published = learning.learn(
            needs().knowledge.all(),
            models=needs().models,
            teacher=needs().teacher,
            golden=needs().golden(),
            policy=needs().policy,
            tolerance=needs().tolerance,
            clock=partial(datetime.now, UTC),
        )
    told = {
        "model": published.version,
        "figures": asdict(published.figures) if published.figures else None,
        "refused": list(published.refused),
    }
    log = telemetry.logger(SERVICE)
    (log.warning if published.refused else log.info)(outcome, extra=told)
    telemetry.count(SERVICE, f"Model{outcome.title()}")
    telemetry.flush(SERVICE)
    return {"outcome": outcome, **told}
