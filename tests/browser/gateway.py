"""The template's API over HTTP: its routes and functions, behind a gateway that asks for keys.

It does what API Gateway does with a REST API's proxy integration, as far as pages can tell: the
stage in the path, a key where the template wants one, the addresses of callers, bodies as text.
"""

import base64
import os
import re
import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from unittest import mock

import anyio
from helpdesk.aws import clients
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.integration.conftest import PUBLIC_KEY, SERVER_KEY, Function, Stack, functions, load
from tests.integration.test_worker import record

STAGE = "/v1"
PUBLIC = "public-key-of-the-tests"
KEYS = {"server-key-of-the-tests": SERVER_KEY, PUBLIC: PUBLIC_KEY}
"""The values of the keys, with their ids. A public key may be seen; the other one may not."""

THREADS = 40


@dataclass(frozen=True)
class Route:
    """A method and a path of the API: its function, and whether it wants a key."""

    method: str
    resource: str
    function: str
    wants_key: bool

    def match(self, method: str, path: str) -> dict[str, str] | None:
        """Return the parts of a path that is this route's, or None."""
        pattern = re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", self.resource)
        pattern = re.sub(r"{(\w+)\+}", r"(?P<\1>.+)", pattern)
        found = re.fullmatch(pattern, path) if method == self.method else None
        return found.groupdict() if found else None


def routes_of(template: Mapping[str, Any]) -> list[Route]:
    """Return the routes of the API as the template has them."""
    found = []
    for name, function in functions(dict(template)).items():
        for event in function.get("Events", {}).values():
            if event["Type"] == "Api":
                about = event["Properties"]
                wants_key = bool(about.get("Auth", {}).get("ApiKeyRequired"))
                found.append(Route(about["Method"].upper(), about["Path"], name, wants_key))
    return sorted(found, key=lambda each: "{" in each.resource)


class Gateway:
    """An ASGI application that calls the functions of the API. Call it from any thread.

    Each token that the API gives out is added to `secrets`.
    """

    def __init__(self, template: dict[str, Any], stack: Stack, secrets: set[str]) -> None:
        self._template, self._stack, self._secrets = template, stack, secrets
        self.routes = routes_of(template)
        self._loaded: dict[str, Function] = {}
        self._threads = anyio.CapacityLimiter(THREADS)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        request = Request(scope, receive)
        body = await request.body()
        answer = await anyio.to_thread.run_sync(self._answer, request, body, limiter=self._threads)
        await answer(scope, receive, send)

    def prepare(self) -> None:
        """Load the functions, one after the other: a first call reads the environment."""
        for name in {each.function for each in self.routes}:
            self._loaded[name] = prepared(load(self._template, self._stack, name))

    def _answer(self, request: Request, body: bytes) -> Response:
        path = request.url.path.removeprefix(STAGE)
        for route in self.routes:
            parts = route.match(request.method, path)
            if parts is not None and request.url.path.startswith(STAGE + "/"):
                break
        else:
            return JSONResponse({"message": "Missing Authentication Token"}, 403)
        key = KEYS.get(request.headers.get("x-api-key", ""))
        if route.wants_key and not key:
            return JSONResponse({"message": "Forbidden"}, 403)
        answer = self._loaded[route.function](_event(route, parts, request, body, key))
        content = answer.get("body") or ""
        self._secrets.update(re.findall(r'"token": ?"([\w-]{20,})"', content))
        binary = answer.get("isBase64Encoded")
        told = Response(base64.b64decode(content) if binary else content, answer["statusCode"])
        for name, value in (answer.get("headers") or {}).items():
            told.headers[name] = value
        for name, values in (answer.get("multiValueHeaders") or {}).items():
            told.headers[name] = values[-1]
        return told


def prepared(function: Function) -> Function:
    """Let a function read its environment, which all threads share, before it is called."""
    with mock.patch.dict(os.environ, function.environment):
        function.module.needs()
    return function


def _event(
    route: Route, parts: dict[str, str], request: Request, body: bytes, key: str | None
) -> dict[str, Any]:
    """Return the event of a proxy integration."""
    headers = {name.title(): value for name, value in request.headers.items()}
    query = dict(request.query_params)
    return {
        "resource": route.resource,
        "path": request.url.path.removeprefix(STAGE),
        "httpMethod": route.method,
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": query or None,
        "multiValueQueryStringParameters": {k: [v] for k, v in query.items()} or None,
        "pathParameters": parts or None,
        "stageVariables": None,
        "requestContext": {
            "resourcePath": route.resource,
            "httpMethod": route.method,
            "path": request.url.path,
            "stage": STAGE.strip("/"),
            "requestId": str(uuid.uuid4()),
            "domainName": request.headers.get("host", "").partition(":")[0],
            "identity": {"apiKeyId": key, "sourceIp": "192.0.2.1"},
        },
        "body": body.decode() if body else None,
        "isBase64Encoded": False,
    }


class Staff:
    """The worker, at work in a thread: it takes each question from the queue as it comes."""

    def __init__(self, worker: Function, stack: Stack) -> None:
        self._worker, self._stack = worker, stack
        self.failed: list[Any] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def stop(self) -> None:
        """End it."""
        self._over.set()
        self._thread.join(10)

    def _work(self) -> None:
        queue = self._stack.outputs["IntakeQueueUrl"]
        sqs = clients.sqs()
        while not self._over.wait(0.05):
            told = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=0)
            taken = told.get("Messages", [])
            if taken:
                self._deliver(taken)
                for each in taken:
                    sqs.delete_message(QueueUrl=queue, ReceiptHandle=each["ReceiptHandle"])

    def _deliver(self, taken: list[dict[str, Any]]) -> None:
        records = [record(each["MessageId"], each["Body"], 1) for each in taken]
        answer = self._worker({"Records": records})
        self.failed += answer["batchItemFailures"]
