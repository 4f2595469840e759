"""The integrators' door: how would these texts be answered? Stores and sends nothing."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial

from chalice.app import Response
from helpdesk import contract, ports, processing, telemetry, web
from helpdesk.composition.language import LanguageParts
from helpdesk.settings import PredictSettings
from helpdesk.triage import Policy

SERVICE = "predict"

app = web.application(SERVICE)


@dataclass(frozen=True, slots=True)
class Needs:
    """What predicting needs from outside."""

    articles: ports.Articles
    understander: ports.Understander
    policy: Policy


@cache
def needs() -> Needs:
    """Compose what is needed, once, at the first request."""
    settings = PredictSettings.from_env()
    parts = LanguageParts.of_settings(settings)
    return Needs(
        articles=parts.articles,
        understander=parts.understander(partial(datetime.now, UTC)),
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
                articles=needs().articles,
                understander=needs().understander,
                policy=needs().policy,
                now=datetime.now(UTC),
            )
        )
        for text in wanted.texts
    ]
    telemetry.count(SERVICE, "Predicted", len(made))
    return web.respond(contract.PredictionsOut(predictions=made))
