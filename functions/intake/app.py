"""The customers' door: HTTP in, one use case, HTTP out."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, partial

from botocore.exceptions import BotoCoreError, ClientError
from chalice.app import Response
from helpdesk import access, contract, customers, erasure, openapi, ports, telemetry, web
from helpdesk.composition import Parts
from helpdesk.limits import Bucket, Gate, Limit, LimitedError, network
from helpdesk.settings import IntakeSettings
from helpdesk.ticket import State, Ticket
from helpdesk.web import RefusalError

SERVICE = "intake"
RETRY_AFTER = {State.RECEIVED: "1", State.ESCALATED: "30"}

app = web.application(SERVICE)

_now = partial(datetime.now, UTC)


@dataclass(frozen=True, slots=True)
class Needs:
    """What the routes need from outside."""

    tickets: erasure.ErasableTickets
    intake: ports.Queue
    escalations: ports.Queue
    texts: ports.Texts
    terms: customers.Terms
    gate: Gate
    per_application: Limit
    per_address: Limit
    per_customer: Limit


@cache
def needs() -> Needs:
    """Compose what is needed, once, at the first request."""
    settings = IntakeSettings.from_env()
    parts = Parts.of_settings(settings)
    return Needs(
        tickets=parts.tickets,
        intake=parts.queue("intake"),
        escalations=parts.queue("escalation"),
        texts=parts.texts,
        terms=customers.Terms(token_life=settings.token_life, retention=settings.retention),
        gate=Gate(parts.rates, failed=_unlimited),
        per_application=Limit(settings.requests_per_second, settings.requests_burst),
        per_address=Limit(settings.address_per_second, int(2 * settings.address_per_second)),
        per_customer=Limit(settings.customer_per_minute / 60, int(settings.customer_per_minute)),
    )


@app.route("/queries", methods=["POST"], content_types=["application/json"])
def submit() -> Response:
    """Store a question and say where its reply will be."""
    request = web.current(app)
    try:
        question = web.read(request, contract.QuestionIn).question()
    except RefusalError:
        _admit()
        raise
    _admit(question.customer.key)
    receipt = customers.submit(
        question,
        key=web.idempotency_key(request),
        tickets=needs().tickets,
        intake=needs().intake,
        terms=needs().terms,
        now=_now(),
    )
    log = telemetry.logger(SERVICE)
    log.info("question stored", extra={"ticket": receipt.ticket_id, "queued": receipt.queued})
    telemetry.count(SERVICE, "Received")
    if not receipt.queued:
        telemetry.count(SERVICE, "NotQueued")
    accepted = contract.Accepted(id=receipt.ticket_id, token=receipt.token, status=State.RECEIVED)
    place = f"{request.context.get('path', '/queries')}/{receipt.ticket_id}"
    return web.respond(accepted, 202, {"Location": place})


@app.route("/queries/{id}", methods=["GET"])
def fetch(id: str) -> Response:  # noqa: A002 -- spelled as in the path
    """Return the customer's ticket, held back for `wait` seconds until there is news."""
    request = web.current(app)
    seen = web.version_seen(request)
    look = partial(customers.fetch, now=_now())
    if wait := web.seconds(request, "wait", contract.MAX_WAIT):
        patience = timedelta(seconds=wait)
        look = partial(customers.watch, seen=seen, patience=patience, clock=_now, sleep=time.sleep)
    conversation = look(id, web.token(request), tickets=needs().tickets)
    found = conversation.ticket
    headers = {"ETag": f'"{found.version}"'}
    if found.state in RETRY_AFTER:
        headers["Retry-After"] = RETRY_AFTER[found.state]
    if seen == found.version:
        return web.respond(None, 304, headers)
    return web.respond(contract.TicketOut.of(conversation), 200, headers)


@app.route("/queries/{id}/messages", methods=["POST"], content_types=["application/json"])
def follow_up(id: str) -> Response:  # noqa: A002
    """Add the customer's message to the ticket."""
    token = _admitted_token()
    text = web.read(web.current(app), contract.MessageIn).text
    moved = customers.follow_up(
        id,
        token,
        text,
        tickets=needs().tickets,
        intake=needs().intake,
        escalations=needs().escalations,
        texts=needs().texts,
        now=_now(),
    )
    return _moved(moved, "followed up", 202)


@app.route("/queries/{id}/feedback", methods=["POST"], content_types=["application/json"])
def rate(id: str) -> Response:  # noqa: A002
    """Record what the customer thought of the reply."""
    token = _admitted_token()
    feedback = web.read(web.current(app), contract.FeedbackIn)
    moved = customers.rate(
        id,
        token,
        helpful=feedback.helpful,
        comment=feedback.comment,
        tickets=needs().tickets,
        escalations=needs().escalations,
        texts=needs().texts,
        now=_now(),
    )
    telemetry.count(SERVICE, "Helpful" if feedback.helpful else "NotHelpful")
    return _moved(moved, "rated")


@app.route("/queries/{id}/close", methods=["POST"])
def withdraw(id: str) -> Response:  # noqa: A002
    """Close the ticket as its customer."""
    token = _admitted_token()
    moved = customers.withdraw(id, token, tickets=needs().tickets, now=_now())
    return _moved(moved, "closed by its customer")


@app.route("/queries/{id}/token", methods=["POST"])
def renew_token(id: str) -> Response:  # noqa: A002
    """Exchange the ticket's token for a new one."""
    token = _admitted_token()
    receipt = customers.renew_token(
        id, token, tickets=needs().tickets, terms=needs().terms, now=_now()
    )
    telemetry.logger(SERVICE).info("token renewed", extra={"ticket": id})
    return web.respond(contract.Renewed(id=receipt.ticket_id, token=receipt.token))


@app.route("/queries/{id}", methods=["DELETE"])
def erase(id: str) -> Response:  # noqa: A002
    """Erase the ticket and everything that belongs to it."""
    token = _admitted_token()
    erasure.erase(id, token, tickets=needs().tickets, clock=_now)
    telemetry.logger(SERVICE).info("erased by its customer", extra={"ticket": id})
    telemetry.count(SERVICE, "Erased")
    return web.respond(None, 204)


@app.route("/health", methods=["GET"])
def health() -> Response:
    """Tell whether the service can store a question."""
    try:
        needs().tickets.get("health")
    except (BotoCoreError, ClientError) as error:
        telemetry.logger(SERVICE).exception("not ready")
        detail = f"The tickets table does not answer: {type(error).__name__}."
        raise RefusalError(503, "Not ready", detail) from error
    return web.respond(contract.Health(status="ok"))


@app.route("/openapi.json", methods=["GET"])
def describe() -> Response:
    """Return the OpenAPI document."""
    return web.document(openapi.document("1"))


def _admitted_token() -> str:
    """Return the token of a request that stays within its limits. Raises RefusalError.

    A flood counts against the token that was sent: a caller cannot use up another caller's limit.
    """
    token = web.token(web.current(app))
    _admit(access.token_hash(token), "ticket")
    return token


def _admit(customer: str | None = None, kind: str = "customer") -> None:
    """Count the request against its customer, address and application. Raises RefusalError."""
    request = web.current(app)
    address, application = network(web.address_of(request)), web.application_of(request)
    buckets = [
        Bucket("address", address, needs().per_address),
        Bucket("application", application, needs().per_application),
    ]
    if customer:
        buckets.insert(0, Bucket(kind, customer, needs().per_customer))
    try:
        needs().gate.admit(*buckets, now=_now())
    except LimitedError as limited:
        telemetry.count(SERVICE, "Limited")
        telemetry.logger(SERVICE).warning("limited", extra={"limit": limited.kind})
        raise web.too_many(limited) from limited


def _unlimited(error: Exception) -> None:
    """Let a request go on if its limits cannot be checked; count and log the failure."""
    telemetry.count(SERVICE, "LimiterFailed")
    telemetry.logger(SERVICE).warning("limiter failed", extra={"why": str(error)})


def _moved(ticket: Ticket, what: str, status: int = 200) -> Response:
    telemetry.logger(SERVICE).info(what, extra={"ticket": ticket.id, "state": ticket.state})
    headers = {"ETag": f'"{ticket.version}"'}
    return web.respond(contract.Moved(id=ticket.id, status=ticket.state), status, headers)
