"""The knowledge's door: when articles change, learn them, and publish what is not worse."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any

from helpdesk import learning, telemetry
from helpdesk.aws import clients
from helpdesk.aws.knowledge import DynamoKnowledge
from helpdesk.aws.models import PublishedModels
from helpdesk.settings import TrainerSettings
from helpdesk.triage import Policy
from helpdesk.understanding import load_encoder
from helpdesk.understanding.teaching import SpacyTeacher

SERVICE = "trainer"


@dataclass(frozen=True, slots=True)
class Room:
    """What learning needs from outside."""

    knowledge: DynamoKnowledge
    models: PublishedModels
    teacher: learning.Teacher
    policy: Policy
    tolerance: float


@cache
def room() -> Room:
    """Wire the adapters, once, at the first change."""
    settings = TrainerSettings.from_env()
    table = clients.table(settings.knowledge_table)
    return Room(
        knowledge=DynamoKnowledge(table),
        models=PublishedModels(clients.s3(), settings.bucket, table),
        teacher=SpacyTeacher(load_encoder(), target_precision=settings.target_precision),
        policy=Policy(floor=settings.answer_floor, margin=settings.answer_margin),
        tolerance=settings.gate_tolerance,
    )


def handler(_event: Any, _context: Any) -> dict[str, Any]:
    """Learn all articles as they are now; the event only says that some changed."""
    with telemetry.reporting(SERVICE):
        outcome, published = learning.learn(
            room().knowledge.all(),
            models=room().models,
            teacher=room().teacher,
            golden=room().models.golden(),
            policy=room().policy,
            tolerance=room().tolerance,
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
