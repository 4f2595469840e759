"""The integrators' door: how would these texts be answered, and what would become of a message?

Sends nothing to a customer. It keeps analyses for an hour and conversations for some weeks, and
hands to people what they must see.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial

from botocore.exceptions import BotoCoreError, ClientError
from chalice.app import Request, Response
from helpdesk import (
    analysing,
    assisting,
    contract,
    customers,
    files,
    headers,
    ports,
    processing,
    severity,
    steps,
    telemetry,
    web,
)
from helpdesk.composition import records as composed
from helpdesk.composition import suggesting
from helpdesk.composition.language import LanguageParts
from helpdesk.settings import PredictSettings
from helpdesk.triage import Decision, Policy, Understanding
from helpdesk.web import RefusalError

SERVICE = "predict"

PROCESS = "/process_message"

app = web.application(SERVICE, {PROCESS: contract.ProcessedOut.refused})
_now = partial(datetime.now, UTC)


@dataclass(frozen=True, slots=True)
class Needs:
    """What predicting needs from outside."""

    articles: ports.Articles
    understander: ports.Understander
    policy: Policy
    server_key_id: str
    scale: str
    reviewed: frozenset[str]
    parts: LanguageParts
    assisting: assisting.Desk


@cache
def needs() -> Needs:
    """Compose what is needed, once, at the first request."""
    settings = PredictSettings.from_env()
    parts = LanguageParts.of_settings(settings)
    terms = customers.Terms(
        token_life=settings.token_life,
        retention=settings.retention,
        calendar=settings.business_hours,
        scale=settings.severity,
    )
    return Needs(
        articles=parts.articles,
        understander=parts.understander(partial(datetime.now, UTC)),
        policy=Policy(floor=settings.answer_floor, margin=settings.answer_margin),
        server_key_id=settings.server_api_key_id,
        scale=settings.severity,
        reviewed=settings.review_categories,
        parts=parts,
        assisting=assisting.Desk(
            predict=lambda text, before: _understood(text, before=before),
            evidence=parts.evidence(_now),
            records=composed.records(settings, parts, partial(telemetry.lookup_failed, SERVICE)),
            compose=suggesting.compose(settings, _now),
            conversations=parts.conversations(settings.conversation_life),
            to_people=assisting.HandOver(
                tickets=parts.tickets,
                texts=parts.texts,
                escalations=parts.queue("escalation"),
                terms=terms,
            ),
            vocabulary=steps.read(settings.next_steps),
            clock=_now,
            failed=_missed,
        ),
    )


def _missed(error: Exception) -> None:
    """Count and log that something was suggested without a search for evidence."""
    telemetry.count(SERVICE, "EvidenceMissed")
    telemetry.logger(SERVICE).error("no evidence", exc_info=error)


@app.route("/predict", methods=["POST"], content_types=["application/json"])
def predict() -> Response:
    """Understand up to 32 texts and say what would be decided.

    Agents call the function themselves, with IAM and without an API key.
    """
    request = _of_a_server()
    wanted = web.read(request, contract.PredictIn)
    try:
        made = [_predicted(text) for text in wanted.texts]
    except (BotoCoreError, ClientError) as error:
        raise _not_ready("The knowledge does not answer", error) from error
    telemetry.count(SERVICE, "Predicted", len(made))
    return web.respond(contract.PredictionsOut(predictions=made))


@app.route("/analyses", methods=["POST"], content_types=["application/json"])
def analyse() -> Response:
    """Say what would become of a message; by its words alone if the knowledge does not answer."""
    request = _of_a_server()
    asked = web.read(request, contract.AnalysisIn)
    message = asked.message(_files(asked.files, web.token(request)) if asked.files else ())
    made = analysing.analyse(message, _desk())
    telemetry.count(SERVICE, "Degraded" if made.degraded else "Analysed")
    return web.respond(contract.AnalysisOut.told(made))


@app.route(PROCESS, methods=["POST"], content_types=["application/json"])
def process_message() -> Response:
    """Suggest a draft and next steps; what people must see is handed to them."""
    request = _of_a_server()
    asked = web.read(request, contract.MessageToProcess).asked
    try:
        made = assisting.assist(asked, needs().assisting)
    except assisting.NoCustomerError as unnamed:
        raise RefusalError(400, "Bad request", f"{str(unnamed).capitalize()}.") from unnamed
    except steps.ForbiddenStepError as forbidden:
        telemetry.count(SERVICE, "StepsForbidden")
        raise RefusalError(409, "Forbidden step", str(forbidden)) from forbidden
    except (BotoCoreError, ClientError) as error:
        raise _not_ready("A table does not answer, so nothing is suggested", error) from error
    telemetry.count(SERVICE, "AssistedDegraded" if made.lacking else "Assisted")
    usage = made.draft.usage
    telemetry.engine_took(SERVICE, usage.read, usage.written, usage.microdollars)
    told = {"engine": made.draft.engine, "failure": made.draft.degraded}
    telemetry.tell(SERVICE, "assisted", conversation=made.conversation, **told)
    return web.respond(contract.ProcessedOut.of(made))


def _desk() -> analysing.Desk:
    parts = needs().parts
    return analysing.Desk(
        analyses=parts.analyses,
        predict=_understood,
        text_of=lambda file: parts.attachments.text(file.ticket_id, file.number),
        knowledge=_knowledge,
        show=lambda made: contract.AnalysisOut.of(made).model_dump_json(),
        clock=_now,
        failures=(BotoCoreError, ClientError),
        unkept=lambda: telemetry.count(SERVICE, "AnalysesUnkept"),
        scale=needs().scale,
    )


def _files(wanted: contract.FilesIn, token: str) -> tuple[files.Attachment, ...]:
    """Return the files that a ticket's token opens. Raises NotFoundError or RefusalError."""
    parts = needs().parts
    try:
        return files.facts_of(
            wanted.ticket,
            token,
            wanted.numbers,
            tickets=parts.tickets,
            register=parts.attachments,
            now=_now(),
        )
    except (BotoCoreError, ClientError) as error:
        raise _not_ready("The tickets do not answer", error) from error


def _knowledge() -> str:
    """Return which knowledge is in force: the model, and what it learned. Raises NoModelError."""
    current = needs().parts.models.current()
    if current is None:
        raise ports.NoModelError("no model is published")
    return f"{current.version}/{current.knowledge}/{current.edition}"


@app.route("/categories", methods=["GET"])
def categories() -> Response:
    """List every label that an analysis may have."""
    _of_a_server()
    return web.respond(contract.CategoriesOut.of(severity.read(needs().scale)))


def _of_a_server() -> Request:
    """Return the request. Raises RefusalError for a page's key, and for preconditions."""
    request = web.current(app)
    if (key_id := web.application_of(request)) and key_id != needs().server_key_id:
        detail = "This API key is for pages. Predictions are for servers; use a server's API key."
        raise RefusalError(403, "Not for pages", detail)
    headers.no_preconditions(request)
    return request


def _not_ready(what: str, error: Exception) -> RefusalError:
    telemetry.logger(SERVICE).exception("not ready")
    return RefusalError(503, "Not ready", f"{what}: {type(error).__name__}. Try again in a moment.")


def _predicted(text: str) -> contract.PredictionOut:
    return contract.PredictionOut.of(*_understood(text))


def _understood(
    text: str, said: Mapping[int, str] = processing.NOTHING_SAID, before: str = ""
) -> tuple[Understanding, Decision]:
    return processing.predict(
        text,
        articles=needs().articles,
        understander=needs().understander,
        policy=needs().policy,
        now=_now(),
        files=said,
        scale=needs().scale,
        before=before,
        reviewed=needs().reviewed,
    )
