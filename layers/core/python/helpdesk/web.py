"""The frame of every HTTP door over Chalice: reads bodies, answers, refuses with problems."""

import json
import math
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from types import MappingProxyType
from typing import Any

from chalice.app import Chalice, ChaliceUnhandledError, Request, Response
from pydantic import BaseModel, ValidationError

from helpdesk import files, ports, telemetry
from helpdesk.contract import MAX_BODY, MAX_DEPTH, Fault, Problem, faults
from helpdesk.identity import UnvouchedError
from helpdesk.limits import LimitedError
from helpdesk.ticket import IllegalMoveError

_BRACKETS = re.compile(rb'"(?:[^"\\]|\\.)*+"?|([\[{])|([\]}])', re.DOTALL)

_SAFE: dict[str, str | list[str]] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
}


class RefusalError(ChaliceUnhandledError):
    """A refusal: the caller gets this problem document."""

    def __init__(self, status: int, title: str, detail: str, **more: Any) -> None:
        super().__init__(detail)
        self.headers = more.pop("headers", {})
        self.problem = Problem(status=status, title=title, detail=detail, **more)


class Door(Chalice):
    """A Chalice app that turns the errors of use cases into refusals.

    Each thread has its own request: Chalice's own apps answer one at a time.
    """

    def __init__(self, app_name: str) -> None:
        self._here = threading.local()
        super().__init__(app_name=app_name, configure_logs=False)

    @property
    def current_request(self) -> Request | None:
        """The request that this thread answers."""
        return getattr(self._here, "request", None)

    @current_request.setter
    def current_request(self, request: Request | None) -> None:
        self._here.request = request

    def route(self, path: str, **options: Any) -> Callable[[Callable[..., Response]], Any]:
        """Register a function for a path; an error of its use case becomes a RefusalError."""
        register = super().route(path, **options)

        def registered(answer: Callable[..., Response]) -> Any:
            @wraps(answer)
            def refusing(*args: Any, **given: Any) -> Response:
                with _refusals(), _refusals_of_files():
                    return answer(*args, **given)

            return register(refusing)

        return registered


type Worded = Callable[[Problem], BaseModel]
"""How a route words its refusals, if not as problem documents."""

NO_WORDS: Mapping[str, Worded] = MappingProxyType({})


def application(service: str, worded: Mapping[str, Worded] = NO_WORDS) -> Door:
    """Return a Chalice app whose every refusal, the framework's own included, is a problem.

    Some routes word theirs otherwise, by their paths. The app counts `Errors` (its own failures)
    and flushes the metrics of each request.
    """
    app = Door(f"helpdesk-{service}")
    app.api.binary_types = []

    def in_problems(event: Request, proceed: Callable[[Request], Response]) -> Response:
        def refused(problem: Problem, headers: Mapping[str, str | list[str]]) -> Response:
            word = worded.get(event.path)
            return respond(word(problem) if word else problem, problem.status, headers)

        try:
            response = proceed(event)
        except RefusalError as refusal:
            return refused(refusal.problem, refusal.headers)
        if isinstance(response.body, dict) and response.body.keys() == {"Code", "Message"}:
            return refused(_problem(response, service), response.headers)
        return response

    def flushed(event: Request, proceed: Callable[[Request], Response]) -> Response:
        app.log = telemetry.logger(service)  # type: ignore[assignment]  # the framework's own would tell what errors say
        try:
            return proceed(event)
        finally:
            telemetry.flush(service)

    app.register_middleware(flushed, "http")
    app.register_middleware(in_problems, "http")
    return app


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except ports.NotFoundError as missing:
        raise RefusalError(404, "Not found", str(missing)) from missing
    except ports.IdempotencyConflictError as conflict:
        raise RefusalError(409, "Idempotency-Key reused", str(conflict)) from conflict
    except ports.PreconditionError as changed:
        raise RefusalError(412, "Another version", f"{str(changed).capitalize()}.") from changed
    except UnvouchedError as unvouched:
        errors = [Fault(field=unvouched.field, message=str(unvouched))]
        raise RefusalError(403, "Not confirmed", str(unvouched), errors=errors) from unvouched
    except ports.NoModelError as untaught:
        detail = "The desk cannot answer yet: no model is published. Load the articles first."
        raise RefusalError(503, "Not ready", detail) from untaught
    except IllegalMoveError as illegal:
        raise RefusalError(409, "Not now", str(illegal)) from illegal
    except ports.ConflictError as busy:
        detail = "Another request changed the ticket at the same moment; try again."
        raise RefusalError(409, "Conflict", detail, headers={"Retry-After": "1"}) from busy


@contextmanager
def _refusals_of_files() -> Iterator[None]:
    try:
        yield
    except files.TooManyFilesError as full:
        raise RefusalError(409, "Too many files", str(full)) from full
    except files.NotReadyError as early:
        detail, headers = f"{str(early).capitalize()}.", {"Retry-After": "2"}
        raise RefusalError(409, "Not ready", detail, headers=headers) from early
    except files.RefusedError as refused:
        raise RefusalError(403, "Refused", f"{str(refused).capitalize()}") from refused
    except files.ErasedFileError as erased:
        raise RefusalError(410, "Gone", f"{str(erased).capitalize()}.") from erased


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


def text(content: str, headers: Mapping[str, str], status: int = 200) -> Response:
    """Return a response with a text as its body; `headers` say what it is and what it may do."""
    return Response(body=content, status_code=status, headers={**_SAFE, **headers})


def document(content: dict[str, Any]) -> Response:
    """Return a response with plain data as its JSON body."""
    return Response(body=content, headers=_SAFE | {"Content-Type": "application/json"})


def read[Model: BaseModel](request: Request, model: type[Model]) -> Model:
    """Return the body as `model`. Raises RefusalError naming every field that is wrong."""
    raw = request.raw_body
    body = raw if isinstance(raw, bytes) else raw.encode()
    if len(body) > MAX_BODY:
        fault = Fault(field="body", message=f"at most {MAX_BODY} bytes", limit=MAX_BODY)
        raise RefusalError(413, "Too large", f"The body has {len(body)} bytes.", errors=[fault])
    if _depth(body) > MAX_DEPTH:
        fault = Fault(field="body", message=f"at most {MAX_DEPTH} levels deep", limit=MAX_DEPTH)
        raise RefusalError(400, "Bad request", "The body is nested too deep.", errors=[fault])
    if twice := _named_twice(body):
        fault = Fault(field=twice, message="This name occurs twice in one object.")
        detail = f"{twice}: {fault.message} A parser may use either value (RFC 8259, section 4)."
        raise RefusalError(400, "Bad request", detail, errors=[fault])
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        errors = faults(error)
        detail = "; ".join(f"{fault.field}: {fault.message}" for fault in errors)
        raise RefusalError(400, "Bad request", detail, errors=errors) from error


def _depth(body: bytes) -> int:
    """Return how deep the brackets of a JSON text are nested, without parsing it."""
    deepest = depth = 0
    if body.count(b"[") + body.count(b"{") <= MAX_DEPTH:
        return 0
    for match in _BRACKETS.finditer(body):
        depth += bool(match[1]) - bool(match[2])
        deepest = max(deepest, depth)
    return deepest


class _TwiceError(Exception):
    """A name occurs twice in one object."""


def _named_twice(body: bytes) -> str | None:
    """Return a name that occurs twice in one object; None as well if this is no JSON at all."""
    try:
        json.loads(body, strict=False, object_pairs_hook=_once, parse_int=str, parse_float=str)
    except _TwiceError as twice:
        return str(twice)
    except ValueError:
        return None
    return None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            shown = name if name.isidentifier() and len(name) <= 32 else "body"
            raise _TwiceError(shown)
        found[name] = value
    return found


def application_of(request: Request) -> str:
    """Return which application asks: the id of its API key, which the gateway has checked."""
    return str(request.context.get("identity", {}).get("apiKeyId") or "")


def address_of(request: Request) -> str:
    """Return the address that called the gateway; headers that name another are not trusted."""
    return str(request.context.get("identity", {}).get("sourceIp") or "")


def too_many(limited: LimitedError) -> RefusalError:
    """Return the refusal of a caller who asks too much."""
    seconds = str(max(1, math.ceil(limited.wait.total_seconds())))
    detail = f"The limit of this {limited.kind} is reached; try again in {seconds} s."
    return RefusalError(429, "Too many requests", detail, headers={"Retry-After": seconds})


def token(request: Request) -> str:
    """Return the bearer token. Raises RefusalError if there is none."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not given.strip():
        raise RefusalError(
            401,
            "Token missing",
            "Send the ticket's token as `Authorization: Bearer <token>`.",
            headers={"WWW-Authenticate": "Bearer"},
        )
    return str(given.strip())


def seconds(request: Request, name: str, most: int) -> int:
    """Return a query parameter as a number of seconds. Raises RefusalError outside 0 to `most`."""
    raw = request.query_params.get(name, "0") if request.query_params else "0"
    if not (raw.isascii() and raw.isdigit() and len(raw) < 10 and int(raw) <= most):
        fault = Fault(field=name, message=f"seconds from 0 to {most}", limit=most)
        raise RefusalError(400, "Bad parameter", f"{name} must be 0 to {most}.", errors=[fault])
    return int(raw)


def _problem(response: Response, service: str) -> Problem:
    if response.status_code >= 500:
        telemetry.count(service, "Errors")
    return Problem(
        status=response.status_code,
        title=response.body["Code"].removesuffix("Error"),
        detail=response.body["Message"],
    )
