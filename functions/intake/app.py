"""The customers' door: HTTP in, one use case, HTTP out."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, partial

from botocore.exceptions import BotoCoreError, ClientError
from chalice.app import Response
from helpdesk import contract, desk, openapi, telemetry, web
from helpdesk.aws import clients
from helpdesk.aws.queues import SqsQueue
from helpdesk.aws.tickets import DynamoTickets
from helpdesk.settings import IntakeSettings
from helpdesk.ticket import IllegalMoveError, State, Ticket
from helpdesk.web import RefusalError

SERVICE = "intake"
RETRY_AFTER = {State.RECEIVED: "1", State.ESCALATED: "30"}

app = web.application(SERVICE)

_now = partial(datetime.now, UTC)


@dataclass(frozen=True, slots=True)
class Room:
    """What the views need from outside."""

    tickets: desk.Tickets
    intake: desk.Queue
    escalations: desk.Queue
    terms: desk.Terms


@cache
def room() -> Room:
    """Wire the adapters, once, at the first request."""
    settings = IntakeSettings.from_env()
    sqs = clients.sqs()
    return Room(
        tickets=DynamoTickets(clients.table(settings.tickets_table), patience=settings.patience),
        intake=SqsQueue(sqs, settings.intake_queue_url),
        escalations=SqsQueue(sqs, settings.escalation_queue_url),
        terms=desk.Terms(token_life=settings.token_life, retention=settings.retention),
    )


@app.route("/queries", methods=["POST"], content_types=["application/json"])
def submit() -> Response:
    """Store a question and say where its reply will be."""
    request = web.current(app)
    question = web.read(request, contract.QuestionIn).question()
    with _refusing():
        receipt = desk.submit(
            question,
            key=web.idempotency_key(request),
            tickets=room().tickets,
            intake=room().intake,
            terms=room().terms,
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
    look = partial(desk.fetch, now=_now())
    if wait := web.seconds(request, "wait", contract.MAX_WAIT):
        patience = timedelta(seconds=wait)
        look = partial(desk.watch, seen=seen, patience=patience, clock=_now, sleep=time.sleep)
    with _refusing():
        conversation = look(id, web.token(request), tickets=room().tickets)
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
    text = web.read(web.current(app), contract.MessageIn).text
    with _refusing():
        moved = desk.follow_up(
            id,
            web.token(web.current(app)),
            text,
            tickets=room().tickets,
            intake=room().intake,
            escalations=room().escalations,
            now=_now(),
        )
    return _moved(moved, "followed up", 202)


@app.route("/queries/{id}/feedback", methods=["POST"], content_types=["application/json"])
def rate(id: str) -> Response:  # noqa: A002
    """Record what the customer thought of the reply."""
    feedback = web.read(web.current(app), contract.FeedbackIn)
    with _refusing():
        moved = desk.rate(
            id,
            web.token(web.current(app)),
            helpful=feedback.helpful,
            comment=feedback.comment,
            tickets=room().tickets,
            escalations=room().escalations,
            now=_now(),
        )
    telemetry.count(SERVICE, "Helpful" if feedback.helpful else "NotHelpful")
    return _moved(moved, "rated")


@app.route("/queries/{id}/close", methods=["POST"])
def withdraw(id: str) -> Response:  # noqa: A002
    """Close the ticket as its customer."""
    with _refusing():
        moved = desk.withdraw(id, web.token(web.current(app)), tickets=room().tickets, now=_now())
    return _moved(moved, "closed by its customer")


@app.route("/health", methods=["GET"])
def health() -> Response:
    """Tell whether a question could be stored."""
    try:
        room().tickets.get("health")
    except (BotoCoreError, ClientError) as error:
        telemetry.logger(SERVICE).exception("not ready")
        detail = f"The tickets table does not answer: {type(error).__name__}."
        raise RefusalError(503, "Not ready", detail) from error
    return web.respond(contract.Health(status="ok"))


@app.route("/openapi.json", methods=["GET"])
def describe() -> Response:
    """Return the OpenAPI document."""
    return web.document(openapi.document("1"))


def _moved(ticket: Ticket, what: str, status: int = 200) -> Response:
    telemetry.logger(SERVICE).info(what, extra={"ticket": ticket.id, "state": ticket.state})
    headers = {"ETag": f'"{ticket.version}"'}
    return web.respond(contract.Moved(id=ticket.id, status=ticket.state), status, headers)


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except desk.NotFoundError as missing:
        raise RefusalError(404, "Not found", str(missing)) from missing
    except desk.IdempotencyConflictError as conflict:
        raise RefusalError(409, "Idempotency-Key reused", str(conflict)) from conflict
    except IllegalMoveError as illegal:
        raise RefusalError(409, "Not now", str(illegal)) from illegal
    except desk.ConflictError as busy:
        detail = "Somebody else changed the ticket at the same moment; try again."
        raise RefusalError(409, "Conflict", detail, headers={"Retry-After": "1"}) from busy
