"""The customers' door: HTTP in, one use case, HTTP out."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from typing import Protocol

import helpdesk.starting  # before everything that takes time to load
from chalice.app import Response
from helpdesk import (
    access,
    contract,
    customers,
    erasure,
    file_contract,
    files,
    headers,
    identity,
    openapi,
    ports,
    preparing,
    telemetry,
    watching,
    web,
)
from helpdesk.admission import Door
from helpdesk.composition import Missing, Parts
from helpdesk.holding import Holds
from helpdesk.identity import Secrets, UnvouchedError
from helpdesk.limits import Gate, Limit, OwnBuckets
from helpdesk.repeating import Moved
from helpdesk.settings import IntakeSettings
from helpdesk.ticket import State
from helpdesk.web import RefusalError

SERVICE = "intake"
RETRY_AFTER = {State.RECEIVED: "1", State.ESCALATED: "30"}
SOON = "1"
"""When to look again at a ticket that an agent has: there are no more of these than agents."""
LATER = "5"
"""When to look again after a hold that was shortened: many wait, and holding them costs most."""

app = web.application(SERVICE)

_now = partial(datetime.now, UTC)


class Bucketed(files.Links, erasure.Belongings, Protocol):
    """The bucket of customers' files; a client for it is made only when a file is asked for."""


class Desk(erasure.ErasableTickets, files.Announcing, Protocol):
    """The tickets: they can be erased, and files can be announced with them."""


@dataclass(frozen=True, slots=True)
class Needs:
    """What the routes need from outside."""

    tickets: Desk
    intake: ports.Queue
    escalations: ports.Queue
    texts: ports.Texts
    register: files.Register
    bucket: Callable[[], Bucketed]
    link_life: timedelta
    terms: customers.Terms
    door: Door
    holds: Holds
    missing: Callable[[], tuple[Missing, ...]]
    secrets: Secrets
    writes_mails: bool


@cache
def needs() -> Needs:
    """Compose what is needed, once."""
    settings = IntakeSettings.from_env()
    parts = Parts.of_settings(settings)
    failed = partial(telemetry.limiter_failed, SERVICE)
    return Needs(
        tickets=parts.tickets,
        intake=parts.queue("intake"),
        escalations=parts.queue("escalation"),
        texts=parts.texts,
        register=parts.attachments,
        bucket=lambda: parts.files,
        link_life=settings.link_life,
        terms=customers.Terms(
            token_life=settings.token_life,
            retention=settings.retention,
            calendar=settings.business_hours,
            scale=settings.severity,
        ),
        door=_door(settings, Gate(parts.rates, failed=failed)),
        holds=Holds(parts.held_seconds(settings.held_requests), failed=failed),
        missing=parts.missing,
        secrets=Secrets(settings.identity_secret, settings.identity_secret_before),
        writes_mails=bool(settings.mail_domain),
    )


def _door(settings: IntakeSettings, gate: Gate) -> Door:
    return Door(
        service=SERVICE,
        server_key_id=settings.server_api_key_id,
        gate=gate,
        looks=Gate(OwnBuckets(), failed=partial(telemetry.limiter_failed, SERVICE)),
        per_server=Limit(settings.requests_per_second, settings.requests_burst),
        per_page=Limit(settings.public_requests_per_second, settings.public_requests_burst),
        per_address=Limit(settings.address_per_second, int(2 * settings.address_per_second)),
        per_customer=Limit(settings.customer_per_minute / 60, int(settings.customer_per_minute)),
        per_reader=Limit(settings.looks_per_minute / 60, int(settings.looks_per_minute)),
    )


@app.route("/queries", methods=["POST"], content_types=["application/json"])
def submit() -> Response:
    """Store a question and say where its reply will be."""
    request = web.current(app)
    try:
        headers.no_preconditions(request)
        key = headers.idempotency_key(request)
        asked = web.read(request, file_contract.AskedIn)
        question = asked.question(
            verified=_verified(asked.customer),
            mailed=needs().writes_mails and not _server_asks(),
        )
    except (RefusalError, UnvouchedError):
        _admit()
        raise
    _admit(question.customer.key)
    now, wanted = _now(), asked.announcements
    tickets = needs().tickets
    receipt = customers.submit(
        question,
        key=key,
        tickets=files.WithFiles(tickets, wanted, needs().link_life, now) if wanted else tickets,
        intake=needs().intake,
        terms=needs().terms,
        now=now,
    )
    telemetry.count(SERVICE, "Received")
    if not receipt.queued:
        telemetry.count(SERVICE, "NotQueued")
    telemetry.tell(SERVICE, "stored", ticket=receipt.ticket_id)
    accepted = contract.Accepted(id=receipt.ticket_id, token=receipt.token, status=State.RECEIVED)
    told = {"Location": f"{request.context.get('path', '/queries')}/{receipt.ticket_id}"}
    if headers.wants_echo(request):
        told["Preference-Applied"] = "return=representation"
        accepted = contract.Echoed.of(accepted, question)
    if wanted:
        return web.respond(_with_files(accepted, now), 202, told)
    return web.respond(accepted, 202, told)


def _with_files(accepted: contract.Accepted, now: datetime) -> contract.Accepted:
    """Return an acceptance with the files that were announced with its question."""
    found = files.asked_with(
        accepted.id,
        register=needs().register,
        links=needs().bucket(),
        life=needs().link_life,
        now=now,
    )
    out = [file_contract.AnnouncedOut.of(*each) for each in found]
    if isinstance(accepted, contract.Echoed):
        return file_contract.EchoedOut(**dict(accepted), files=out)
    return file_contract.AskedOut(**dict(accepted), files=out)


@app.route("/queries/{id}", methods=["GET"])
def fetch(id: str) -> Response:  # noqa: A002 -- spelled as in the path
    """Return the customer's ticket, held back for `wait` seconds until there is news."""
    token = _looking_token()
    request = web.current(app)
    seen = headers.seen(request)
    look = partial(customers.fetch, now=_now())
    wait = web.seconds(request, "wait", contract.MAX_WAIT)
    hold = needs().holds.begin(timedelta(seconds=wait), _now())
    if wait and not (seen and seen.everything):
        versions = seen.versions if seen else None
        look = partial(watching.watch, seen=versions, hold=hold, clock=_now, sleep=time.sleep)
    conversation = look(id, token, tickets=needs().tickets)
    found = conversation.ticket
    headers.expect(request, found.version)
    told = {"ETag": f'"{found.version}"'}
    if found.state in RETRY_AFTER:
        told["Retry-After"] = SOON if found.held_by(_now()) else RETRY_AFTER[found.state]
    if hold.shortened:
        told["Retry-After"] = LATER
    if seen and seen.name(found.version):
        return web.respond(None, 304, told)
    shown = contract.TicketOut.of(conversation, server=_server_asks())
    return web.respond(shown, 200, told)


@app.route("/queries/{id}/messages", methods=["POST"], content_types=["application/json"])
def follow_up(id: str) -> Response:  # noqa: A002
    """Add the customer's message to the ticket."""
    token = _admitted_token()
    guard = headers.guard(web.current(app))
    text = web.read(web.current(app), contract.MessageIn).text
    moved = customers.follow_up(
        id,
        token,
        text,
        guard=guard,
        tickets=needs().tickets,
        intake=needs().intake,
        escalations=needs().escalations,
        texts=needs().texts,
        now=_now(),
        scale=needs().terms.scale,
    )
    return _moved(moved, "followed up", 202)


@app.route("/queries/{id}/feedback", methods=["POST"], content_types=["application/json"])
def rate(id: str) -> Response:  # noqa: A002
    """Record what the customer thought of the reply."""
    token = _admitted_token()
    guard = headers.guard(web.current(app))
    feedback = web.read(web.current(app), contract.FeedbackIn)
    moved = customers.rate(
        id,
        token,
        helpful=feedback.helpful,
        comment=feedback.comment,
        guard=guard,
        tickets=needs().tickets,
        escalations=needs().escalations,
        texts=needs().texts,
        now=_now(),
    )
    if not moved.repeated:
        telemetry.count(SERVICE, "Helpful" if feedback.helpful else "NotHelpful")
    return _moved(moved, "rated")


@app.route("/queries/{id}/close", methods=["POST"])
def withdraw(id: str) -> Response:  # noqa: A002
    """Close the ticket as its customer."""
    token = _admitted_token()
    guard = headers.guard(web.current(app))
    moved = customers.withdraw(id, token, guard=guard, tickets=needs().tickets, now=_now())
    return _moved(moved, "closed by its customer")


@app.route("/queries/{id}/token", methods=["POST"])
def renew_token(id: str) -> Response:  # noqa: A002
    """Exchange the ticket's token for a new one."""
    token = _admitted_token()
    guard = headers.guard(web.current(app))
    receipt = customers.renew_token(
        id, token, guard=guard, tickets=needs().tickets, terms=needs().terms, now=_now()
    )
    telemetry.tell(SERVICE, "token renewed", ticket=id)
    return web.respond(contract.Renewed(id=receipt.ticket_id, token=receipt.token))


@app.route("/queries/{id}/attachments", methods=["POST"], content_types=["application/json"])
def announce(id: str) -> Response:  # noqa: A002
    """Expect a file for the ticket and say how it is sent."""
    token = _admitted_token()
    guard = headers.guard(web.current(app))
    wanted = web.read(web.current(app), file_contract.AttachmentIn).announcement
    file, form = files.announce(
        id,
        token,
        wanted,
        guard=guard,
        tickets=needs().tickets,
        register=needs().register,
        links=needs().bucket(),
        life=needs().link_life,
        now=_now(),
    )
    telemetry.tell(SERVICE, "file expected", ticket=id, number=file.number)
    return web.respond(file_contract.AnnouncedOut.of(file, form), 201)


@app.route("/queries/{id}/attachments", methods=["GET"])
def attachments(id: str) -> Response:  # noqa: A002
    """List the files of the ticket."""
    token = _looking_token()
    found = files.files_of(id, token, tickets=needs().tickets, files=needs().register, now=_now())
    return web.respond(file_contract.AttachmentsOut.of(found))


@app.route("/queries/{id}/attachments/{number}", methods=["GET"])
def attachment(id: str, number: str) -> Response:  # noqa: A002
    """Say where a file of the ticket can be saved from, for a short time."""
    token = _looking_token()
    location = files.link_to(
        id,
        token,
        number,
        tickets=needs().tickets,
        register=needs().register,
        links=needs().bucket(),
        life=needs().link_life,
        now=_now(),
    )
    telemetry.tell(SERVICE, "file given out", ticket=id)
    return web.respond(None, 303, {"Location": location})


@app.route("/queries/{id}", methods=["DELETE"])
def erase(id: str) -> Response:  # noqa: A002
    """Erase the ticket and everything that belongs to it."""
    token = _admitted_token()
    guard = headers.guard(web.current(app))
    erasure.erase(
        id, token, guard=guard, tickets=needs().tickets, files=needs().bucket(), clock=_now
    )
    telemetry.count(SERVICE, "Erased")
    telemetry.tell(SERVICE, "erased by its customer", ticket=id)
    return web.respond(None, 204)


@app.route("/health", methods=["GET"])
def health() -> Response:
    """Tell whether the desk can store and answer questions, and if not, all that is missing."""
    if missing := needs().missing():
        lacking = [each.what for each in missing]
        telemetry.logger(SERVICE).error("not ready", extra={"missing": lacking})
        errors = [contract.Fault(field=each.what, message=each.why) for each in missing]
        detail = " ".join(each.why for each in missing)
        raise RefusalError(503, "Not ready", detail, errors=errors)
    return web.respond(contract.Health(status="ok"))


@app.route("/openapi.json", methods=["GET"])
def describe() -> Response:
    """Return the OpenAPI document."""
    return web.document(openapi.document("1"))


def _server_asks() -> bool:
    """Tell whether a server asks, which may say who its customers are."""
    return needs().door.of_server(web.current(app))


def _verified(customer: contract.CustomerIn) -> bool:
    """Tell whether the customer is known to be who the request says. Raises UnvouchedError."""
    return identity.verified(
        customer.signed,
        customer.identity.signature if customer.identity else "",
        server=_server_asks(),
        names_tier="tier" in customer.model_fields_set,
        secrets=needs().secrets,
        now=_now(),
    )


def _admitted_token() -> str:
    """Return the token of a request that stays within its limits. Raises RefusalError.

    A flood counts against the token that was sent: a caller cannot use up another caller's limit.
    """
    token = web.token(web.current(app))
    _admit(access.token_hash(token), "ticket")
    return token


def _admit(customer: str | None = None, kind: str = "customer") -> None:
    """Count the request against its customer, address and application. Raises RefusalError."""
    needs().door.admit(web.current(app), customer, kind=kind, now=_now())


def _looking_token() -> str:
    """Return the token of a look that stays within its limits. Raises RefusalError."""
    request = web.current(app)
    token = web.token(request)
    needs().door.let_look(request, token, now=_now())
    return token


def _moved(moved: Moved, what: str, status: int = 200) -> Response:
    telemetry.tell(SERVICE, what, ticket=moved.id, state=moved.state, repeated=moved.repeated)
    tag = {"ETag": f'"{moved.version}"'}
    return web.respond(contract.Moved(id=moved.id, status=moved.state), status, tag)


if helpdesk.starting.in_lambda():
    preparing.prepare(SERVICE, needs)
