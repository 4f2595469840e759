"""The customers' door: HTTP in, one use case, HTTP out."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from chalice.app import Chalice, ChaliceUnhandledError, Request, Response
from helpdesk import contract, desk, openapi, telemetry
from helpdesk.access import IdempotencyKey
from helpdesk.aws import clients
from helpdesk.aws.queues import SqsQueue
from helpdesk.aws.tickets import DynamoTickets
from helpdesk.settings import IntakeSettings
from helpdesk.ticket import State
from pydantic import BaseModel, ValidationError

SERVICE = "intake"
RETRY_AFTER = {State.RECEIVED: "1", State.ESCALATED: "30"}
MAX_KEY = 255

app = Chalice(app_name="helpdesk-intake", configure_logs=False)
app.api.binary_types = []


class RefusalError(ChaliceUnhandledError):  # type: ignore[misc]
    """A request that gets a problem document instead of what it asked for."""

    def __init__(self, status: int, title: str, detail: str, **more: Any) -> None:
        super().__init__(detail)
        self.headers = more.pop("headers", {})
        self.problem = contract.Problem(status=status, title=title, detail=detail, **more)


@dataclass(frozen=True, slots=True)
class Room:
    """What the views need from outside."""

    tickets: desk.Tickets
    intake: desk.Queue
    terms: desk.Terms


@cache
def room() -> Room:
    """Wire the adapters, once, at the first request."""
    settings = IntakeSettings.from_env()
    return Room(
        tickets=DynamoTickets(clients.table(settings.tickets_table), patience=settings.patience),
        intake=SqsQueue(clients.sqs(), settings.intake_queue_url),
        terms=desk.Terms(token_life=settings.token_life, retention=settings.retention),
    )


@app.middleware("http")
def answer_in_problems(event: Request, proceed: Callable[[Request], Response]) -> Response:
    """Turn every refusal, the framework's own included, into a problem document."""
    try:
        response = proceed(event)
    except RefusalError as refusal:
        return _json(refusal.problem, refusal.problem.status, refusal.headers)
    if isinstance(response.body, dict) and response.body.keys() == {"Code", "Message"}:
        problem = contract.Problem(
            status=response.status_code,
            title=response.body["Code"].removesuffix("Error"),
            detail=response.body["Message"],
        )
        if response.status_code >= 500:
            telemetry.count(SERVICE, "Errors")
        return _json(problem, response.status_code, response.headers)
    return response


@app.middleware("http")
def record(event: Request, proceed: Callable[[Request], Response]) -> Response:
    """Flush the metrics of one request."""
    try:
        return proceed(event)
    finally:
        if telemetry.metrics(SERVICE).metric_set:
            telemetry.metrics(SERVICE).flush_metrics()


@app.route("/queries", methods=["POST"], content_types=["application/json"])
def submit() -> Response:
    """Store a question and say where its reply will be."""
    request = app.current_request
    question = _question(request).question()
    try:
        receipt = desk.submit(
            question,
            key=_idempotency_key(request),
            tickets=room().tickets,
            intake=room().intake,
            terms=room().terms,
            now=_now(),
        )
    except desk.IdempotencyConflictError as conflict:
        raise RefusalError(409, "Idempotency-Key reused", str(conflict)) from conflict
    log = telemetry.logger(SERVICE)
    log.info("question stored", extra={"ticket": receipt.ticket_id, "queued": receipt.queued})
    if not receipt.queued:
        telemetry.count(SERVICE, "NotQueued")
    telemetry.count(SERVICE, "Received")
    accepted = contract.Accepted(id=receipt.ticket_id, token=receipt.token, status=State.RECEIVED)
    return _json(accepted, 202, {"Location": f"{_base(request)}/queries/{receipt.ticket_id}"})


@app.route("/queries/{id}", methods=["GET"])
def fetch(id: str) -> Response:  # noqa: A002 -- spelled as in the path
    """Return the customer's ticket, held back for `wait` seconds until there is news."""
    request = app.current_request
    seen = _seen(request)
    look = partial(desk.fetch, now=_now())
    if wait := _wait(request):
        look = partial(
            desk.watch,
            seen=seen,
            patience=timedelta(seconds=wait),
            clock=_now,
            sleep=time.sleep,
        )
    try:
        conversation = look(id, _token(request), tickets=room().tickets)
    except desk.NotFoundError as missing:
        raise RefusalError(404, "Not found", str(missing)) from missing
    found = conversation.ticket
    headers = {"ETag": f'"{found.version}"'}
    if found.state in RETRY_AFTER:
        headers["Retry-After"] = RETRY_AFTER[found.state]
    if seen == found.version:
        return Response(body="", status_code=304, headers=headers | _SAFE)
    return _json(contract.TicketOut.of(conversation), 200, headers)


@app.route("/health", methods=["GET"])
def health() -> Response:
    """Tell whether a question could be stored."""
    try:
        room().tickets.get("health")
    except (BotoCoreError, ClientError) as error:
        telemetry.logger(SERVICE).exception("not ready")
        detail = f"the tickets table does not answer: {type(error).__name__}"
        raise RefusalError(503, "Not ready", detail) from error
    return _json(contract.Health(status="ok"), 200)


@app.route("/openapi.json", methods=["GET"])
def describe() -> Response:
    """Return the OpenAPI document."""
    return Response(body=openapi.document("1"), headers=_SAFE | _JSON)


_SAFE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
_JSON = {"Content-Type": "application/json"}


def _json(body: BaseModel, status: int, headers: dict[str, str] | None = None) -> Response:
    kind = "application/problem+json" if isinstance(body, contract.Problem) else "application/json"
    unset = isinstance(body, contract.Problem)
    return Response(
        body=body.model_dump_json(exclude_unset=False, exclude_none=unset),
        status_code=status,
        headers=_SAFE | (headers or {}) | {"Content-Type": kind},
    )


def _question(request: Request) -> contract.QuestionIn:
    body = request.raw_body
    if len(body) > contract.MAX_BODY:
        limit = contract.MAX_BODY
        fault = contract.Fault(field="body", message=f"at most {limit} bytes", limit=limit)
        raise RefusalError(413, "Too large", f"The body has {len(body)} bytes.", errors=[fault])
    try:
        return contract.QuestionIn.model_validate_json(body)
    except ValidationError as error:
        errors = contract.faults(error)
        detail = "; ".join(f"{fault.field}: {fault.message}" for fault in errors)
        raise RefusalError(400, "Not a question", detail, errors=errors) from error


def _idempotency_key(request: Request) -> IdempotencyKey | None:
    key = request.headers.get("idempotency-key")
    if key is None:
        return None
    if not 0 < len(key) <= MAX_KEY or not key.isprintable():
        fault = contract.Fault(
            field="Idempotency-Key", message=f"1 to {MAX_KEY} printable characters", limit=MAX_KEY
        )
        raise RefusalError(
            400, "Bad header", "Idempotency-Key is blank or too long.", errors=[fault]
        )
    identity = request.context.get("identity", {})
    return IdempotencyKey(scope=identity.get("apiKeyId") or "", key=key)


def _token(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise RefusalError(
            401,
            "Token missing",
            "Send the ticket's token as `Authorization: Bearer <token>`.",
            headers={"WWW-Authenticate": "Bearer"},
        )
    return token.strip()


def _wait(request: Request) -> int:
    raw = (request.query_params or {}).get("wait", "0")
    if not (raw.isascii() and raw.isdigit() and int(raw) <= contract.MAX_WAIT):
        limit = contract.MAX_WAIT
        fault = contract.Fault(field="wait", message=f"seconds from 0 to {limit}", limit=limit)
        raise RefusalError(400, "Bad parameter", f"wait must be 0 to {limit}.", errors=[fault])
    return int(raw)


def _seen(request: Request) -> int | None:
    tag = request.headers.get("if-none-match", "").removeprefix("W/").strip('"')
    return int(tag) if tag.isascii() and tag.isdigit() else None


def _base(request: Request) -> str:
    path: str = request.context.get("path", "")
    return path.removesuffix("/queries")


def _now() -> datetime:
    return datetime.now(UTC)
