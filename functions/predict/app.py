"""The integrators' door: how would these texts be answered? Stores and sends nothing."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial

from botocore.exceptions import BotoCoreError, ClientError
from chalice.app import Response
from helpdesk import contract, headers, ports, processing, telemetry, web
from helpdesk.composition.language import LanguageParts
from helpdesk.settings import PredictSettings
from helpdesk.triage import Policy
from helpdesk.web import RefusalError

SERVICE = "predict"

app = web.application(SERVICE)


@dataclass(frozen=True, slots=True)
class Needs:
    """What predicting needs from outside."""

    articles: ports.Articles
    understander: ports.Understander
    policy: Policy
    server_key_id: str


@cache
def needs() -> Needs:
    """Compose what is needed, once, at the first request."""
    settings = PredictSettings.from_env()
    parts = LanguageParts.of_settings(settings)
    return Needs(
        articles=parts.articles,
        understander=parts.understander(partial(datetime.now, UTC)),
        policy=Policy(floor=settings.answer_floor, margin=settings.answer_margin),
        server_key_id=settings.server_api_key_id,
    )


@app.route("/predict", methods=["POST"], content_types=["application/json"])
def predict() -> Response:
    """Understand up to 32 texts and say what would be decided.

    Agents call the function themselves, with IAM and without an API key.
    """
    request = web.current(app)
    if (key_id := web.application_of(request)) and key_id != needs().server_key_id:
        detail = "This API key is for pages. Predictions are for servers; use a server's API key."
        raise RefusalError(403, "Not for pages", detail)
    headers.no_preconditions(request)
    wanted = web.read(request, contract.PredictIn)
    try:
        made = [_predicted(text) for text in wanted.texts]
    except (BotoCoreError, ClientError) as error:
        telemetry.logger(SERVICE).exception("not ready")
        detail = f"The knowledge does not answer: {type(error).__name__}. Try again in a moment."
        raise RefusalError(503, "Not ready", detail) from error
    telemetry.count(SERVICE, "Predicted", len(made))
    return web.respond(contract.PredictionsOut(predictions=made))


def _predicted(text: str) -> contract.PredictionOut:
    understanding, decision = processing.predict(
        text,
        articles=needs().articles,
        understander=needs().understander,
        policy=needs().policy,
        now=datetime.now(UTC),
    )
    return contract.PredictionOut.of(understanding, decision)
