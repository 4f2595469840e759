"""The Lambda Runtime API, as spoken by AWS's own runtime clients.

One listening socket per process, because clients are told a host and a port and no path.
Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

from __future__ import annotations

import json
import queue
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import BinaryIO

RESPONSE_LIMIT_BYTES = 6 * 1024 * 1024 + 100
_PREFIX = "/2018-06-01/runtime/"


@dataclass(frozen=True)
class Invocation:
    """What a process is asked to do. `deadline_ms` is epoch milliseconds, `payload` JSON."""

    request_id: str
    function_arn: str
    payload: bytes
    trace_id: str
    deadline_ms: int


@dataclass(frozen=True)
class Ready:
    """The runtime asked for work for the first time: its init phase is over."""


@dataclass(frozen=True)
class InitFailed:
    """The runtime gave up while loading the function; `payload` is its error document."""

    payload: bytes


@dataclass(frozen=True)
class Answered:
    """The handler returned or raised; `payload` is its result or its error document."""

    request_id: str
    payload: bytes
    is_error: bool


@dataclass(frozen=True)
class TooLarge:
    """The handler's result exceeds what Lambda carries. The runtime client exits soon after."""

    request_id: str
    size: int


type Report = Ready | InitFailed | Answered | TooLarge


class RuntimeApi:
    """Serves one process on a port of 127.0.0.1 until closed.

    `report` is called from the connection's thread with everything the process says.
    """

    def __init__(self, report: Callable[[Report], None]) -> None:
        self._report = report
        self._work: queue.SimpleQueue[Invocation | None] = queue.SimpleQueue()
        self._ready = False
        self._closed = False
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._connections: set[socket.socket] = set()
        _start_thread("runtime-api", self._accept)

    @property
    def address(self) -> str:
        """`host:port`, the value of AWS_LAMBDA_RUNTIME_API."""
        host, port = self._listener.getsockname()
        return f"{host}:{port}"

    def deliver(self, invocation: Invocation) -> None:
        """Hand one invocation to the process, now or when it next asks."""
        self._work.put(invocation)

    def close(self) -> None:
        """End every conversation. Safe to call twice and from any thread."""
        self._closed = True
        self._work.put(None)
        with suppress(OSError):  # wakes accept(), which close() alone does not
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in tuple(self._connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while not self._closed:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._connections.add(connection)
            _start_thread("runtime-api-connection", self._converse, connection)

    def _converse(self, connection: socket.socket) -> None:
        try:
            with connection, connection.makefile("rb") as stream, suppress(OSError):
                while request_line := stream.readline():
                    method, path, _ = request_line.decode("latin-1").split(" ", 2)
                    body = _read_body(stream, _read_headers(stream), connection)
                    connection.sendall(self._respond(method, path, body))
                    if self._closed:
                        return
        finally:
            self._connections.discard(connection)

    def _respond(self, method: str, path: str, body: bytes) -> bytes:
        match method, *path.removeprefix(_PREFIX).split("/"):
            case "GET", "invocation", "next":
                return self._next()
            case "POST", "invocation", request_id, "response":
                if len(body) > RESPONSE_LIMIT_BYTES:
                    self._report(TooLarge(request_id, len(body)))
                    return _message(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
                self._report(Answered(request_id, body, is_error=False))
            case "POST", "invocation", request_id, "error":
                self._report(Answered(request_id, body, is_error=True))
            case "POST", "init", "error":
                self._report(InitFailed(body))
            case _:
                return _message(HTTPStatus.NOT_FOUND)
        return _message(HTTPStatus.ACCEPTED, {"status": "OK"})

    def _next(self) -> bytes:
        if not self._ready:
            self._ready = True
            self._report(Ready())
        invocation = self._work.get()
        if invocation is None:
            self._work.put(None)  # every other waiting connection ends as well
            return _message(HTTPStatus.GONE)
        return _response(
            HTTPStatus.OK,
            invocation.payload,
            {
                "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
                "Lambda-Runtime-Deadline-Ms": str(invocation.deadline_ms),
                "Lambda-Runtime-Invoked-Function-Arn": invocation.function_arn,
                "Lambda-Runtime-Trace-Id": invocation.trace_id,
            },
        )


def _start_thread(name: str, target: Callable[..., None], *args: object) -> None:
    threading.Thread(target=target, name=name, args=args, daemon=True).start()


def _read_headers(stream: BinaryIO) -> dict[str, str]:
    headers = {}
    while line := stream.readline().strip():
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.lower()] = value.strip()
    return headers


def _read_body(stream: BinaryIO, headers: dict[str, str], connection: socket.socket) -> bytes:
    if headers.get("expect", "").lower() == "100-continue":
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    if headers.get("transfer-encoding", "").lower() == "chunked":
        return b"".join(_read_chunks(stream))
    return stream.read(int(headers.get("content-length", 0)))


def _read_chunks(stream: BinaryIO) -> Iterator[bytes]:
    while size := int(stream.readline().split(b";")[0], 16):
        yield stream.read(size)
        stream.readline()
    while stream.readline().strip():  # trailers
        pass


def _message(status: HTTPStatus, document: dict[str, str] | None = None) -> bytes:
    document = document or {"errorType": status.name, "errorMessage": status.phrase}
    return _response(status, json.dumps(document).encode(), {})


def _response(status: HTTPStatus, body: bytes, headers: dict[str, str]) -> bytes:
    fields = {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 {status.value} {status.phrase}\r\n{head}\r\n".encode("latin-1") + body
