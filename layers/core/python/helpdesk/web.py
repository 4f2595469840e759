"""The frame of every HTTP door over Chalice: reading a body, answering, refusing in problems."""

from collections.abc import Callable, Mapping
from typing import Any

from chalice.app import Chalice, ChaliceUnhandledError, Request, Response
from pydantic import BaseModel, ValidationError

from helpdesk import telemetry
from helpdesk.access import IdempotencyKey
from helpdesk.contract import MAX_BODY, Fault, Problem, faults

MAX_KEY = 255
"""Characters of an Idempotency-Key."""

_SAFE: dict[str, str | list[str]] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
}


class RefusalError(ChaliceUnhandledError):
    """A request that gets a problem document instead of what it asked for."""

    def __init__(self, status: int, title: str, detail: str, **more: Any) -> None:
        super().__init__(detail)
        self.headers = more.pop("headers", {})
        self.problem = Problem(status=status, title=title, detail=detail, **more)


def application(service: str) -> Chalice:
    """Return a Chalice app whose every refusal, the framework's own included, is a problem.

    It counts `Errors` (its own failures) and flushes the metrics of each request.
    """
    app = Chalice(app_name=f"helpdesk-{service}", configure_logs=False)
    app.api.binary_types = []

    def in_problems(event: Request, proceed: Callable[[Request], Response]) -> Response:
        try:
            response = proceed(event)
        except RefusalError as refusal:
            return respond(refusal.problem, refusal.problem.status, refusal.headers)
        if isinstance(response.body, dict) and response.body.keys() == {"Code", "Message"}:
            return _reworded(response, service)
        return response

    def flushed(event: Request, proceed: Callable[[Request], Response]) -> Response:
        try:
            return proceed(event)
        finally:
            telemetry.flush(service)

    app.register_middleware(flushed, "http")
    app.register_middleware(in_problems, "http")
    return app


def current(app: Chalice) -> Request:
    """Return the request that is being answered. Raises RuntimeError outside of one."""
    if app.current_request is None:
        raise RuntimeError("no request is being answered")
    return app.current_request


def respond(
    body: BaseModel | None, status: int = 200, headers: Mapping[str, str | list[str]] | None = None
) -> Response:
    """Return a response with a model as its JSON body, or without a body."""
    problem = isinstance(body, Problem)
    kind = "application/problem+json" if problem else "application/json"
    return Response(
        body=body.model_dump_json(exclude_none=problem) if body else "",
        status_code=status,
        headers={**_SAFE, **(headers or {}), **({"Content-Type": kind} if body else {})},
    )


def document(content: dict[str, Any]) -> Response:
    """Return a response with plain data as its JSON body."""
    return Response(body=content, headers=_SAFE | {"Content-Type": "application/json"})


def read[Model: BaseModel](request: Request, model: type[Model]) -> Model:
    """Return the body as `model`. Raises RefusalError naming every field that is wrong."""
    body = request.raw_body
    if len(body) > MAX_BODY:
        fault = Fault(field="body", message=f"at most {MAX_BODY} bytes", limit=MAX_BODY)
        raise RefusalError(413, "Too large", f"The body has {len(body)} bytes.", errors=[fault])
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        errors = faults(error)
        detail = "; ".join(f"{fault.field}: {fault.message}" for fault in errors)
        raise RefusalError(400, "Bad request", detail, errors=errors) from error


def token(request: Request) -> str:
    """Return the bearer token. Raises RefusalError where there is none."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not given.strip():
        raise RefusalError(
            401,
            "Token missing",
            "Send the ticket's token as `Authorization: Bearer <token>`.",
            headers={"WWW-Authenticate": "Bearer"},
        )
    return str(given.strip())


def idempotency_key(request: Request) -> IdempotencyKey | None:
    """Return the client's Idempotency-Key, if it sent one. Raises RefusalError for a bad one."""
    key = request.headers.get("idempotency-key")
    if key is None:
        return None
    if not 0 < len(key) <= MAX_KEY or not key.isprintable():
        fault = Fault(
            field="Idempotency-Key", message=f"1 to {MAX_KEY} printable characters", limit=MAX_KEY
        )
        raise RefusalError(
            400, "Bad header", "Idempotency-Key is blank or too long.", errors=[fault]
        )
    identity = request.context.get("identity", {})
    return IdempotencyKey(scope=identity.get("apiKeyId") or "", key=key)


def seconds(request: Request, name: str, most: int) -> int:
    """Return a query parameter as a number of seconds. Raises RefusalError outside 0 to `most`."""
    raw = request.query_params.get(name, "0") if request.query_params else "0"
    if not (raw.isascii() and raw.isdigit() and len(raw) < 10 and int(raw) <= most):
        fault = Fault(field=name, message=f"seconds from 0 to {most}", limit=most)
        raise RefusalError(400, "Bad parameter", f"{name} must be 0 to {most}.", errors=[fault])
    return int(raw)


def version_seen(request: Request) -> int | None:
    """Return the version that If-None-Match names, if it names one of ours."""
    tag = request.headers.get("if-none-match", "").removeprefix("W/").strip('"')
    return int(tag) if tag.isascii() and tag.isdigit() and len(tag) < 10 else None


def _reworded(response: Response, service: str) -> Response:
    if response.status_code >= 500:
        telemetry.count(service, "Errors")
    problem = Problem(
        status=response.status_code,
        title=response.body["Code"].removesuffix("Error"),
        detail=response.body["Message"],
    )
    return respond(problem, response.status_code, response.headers)
