"""The integrators' door: what would the desk make of these texts? Stores and sends nothing."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial

from chalice.app import Response
from helpdesk import contract, ports, processing, telemetry, web
from helpdesk.aws import clients
from helpdesk.aws.knowledge import DynamoKnowledge
from helpdesk.aws.models import PublishedModels
from helpdesk.settings import PredictSettings
from helpdesk.triage import Policy
from helpdesk.understanding.live import LiveUnderstander

SERVICE = "predict"

app = web.application(SERVICE)


@dataclass(frozen=True, slots=True)
class Room:
    """What predicting needs from outside."""

    articles: ports.Articles
    understander: ports.Understander
    policy: Policy


@cache
def room() -> Room:
    """Wire the adapters, once, at the first request."""
    settings = PredictSettings.from_env()
    knowledge = clients.table(settings.knowledge_table)
    models = PublishedModels(clients.s3(), settings.bucket, knowledge)
    return Room(
        articles=DynamoKnowledge(knowledge),
        understander=LiveUnderstander(models, clock=partial(datetime.now, UTC)),
        policy=Policy(floor=settings.answer_floor, margin=settings.answer_margin),
    )


@app.route("/predict", methods=["POST"], content_types=["application/json"])
def predict() -> Response:
    """Understand up to 32 texts and say what would be decided."""
    wanted = web.read(web.current(app), contract.PredictIn)
    made = [
        contract.PredictionOut.of(
            *processing.predict(
                text,
                articles=room().articles,
                understander=room().understander,
                policy=room().policy,
            )
        )
        for text in wanted.texts
    ]
    telemetry.count(SERVICE, "Predicted", len(made))
    return web.respond(contract.PredictionsOut(predictions=made))
