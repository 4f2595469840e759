"""The Runtime API against a client that speaks raw HTTP."""

from __future__ import annotations

import queue
import socket
from collections.abc import Iterator

import pytest

from helpdesk_localstack.runtime_api import (
    RESPONSE_LIMIT_BYTES,
    Answered,
    InitFailed,
    Invocation,
    Ready,
    Report,
    RuntimeApi,
    TooLarge,
)

RUNTIME = "/2018-06-01/runtime"
WORK = Invocation("id-1", "arn:aws:lambda:eu-west-1:1:function:f", b'{"a":1}', "Root=1", 1234)


class Client:
    """One keep-alive connection."""

    def __init__(self, api: RuntimeApi) -> None:
        host, _, port = api.address.partition(":")
        self.socket = socket.create_connection((host, int(port)), timeout=5)
        self.stream = self.socket.makefile("rb")

    def send(self, text: bytes) -> None:
        self.socket.sendall(text)

    def answer(self) -> tuple[int, dict[str, str], bytes]:
        status = int(self.stream.readline().split()[1])
        headers = {}
        while line := self.stream.readline().strip():
            name, _, value = line.decode().partition(": ")
            headers[name] = value
        return status, headers, self.stream.read(int(headers.get("Content-Length", 0)))

    def ask(self, method: str, path: str, body: bytes = b"") -> tuple[int, dict[str, str], bytes]:
        head = f"{method} {RUNTIME}{path} HTTP/1.1\r\nContent-Length: {len(body)}\r\n\r\n"
        self.send(head.encode() + body)
        return self.answer()


@pytest.fixture
def reports() -> queue.SimpleQueue[Report]:
    return queue.SimpleQueue()


@pytest.fixture
def api(reports: queue.SimpleQueue[Report]) -> Iterator[RuntimeApi]:
    served = RuntimeApi(reports.put)
    yield served
    served.close()


def test_work_is_handed_out_with_its_headers(
    api: RuntimeApi, reports: queue.SimpleQueue[Report]
) -> None:
    api.deliver(WORK)
    status, headers, body = Client(api).ask("GET", "/invocation/next")
    assert (status, body) == (200, b'{"a":1}')
    assert headers["Lambda-Runtime-Aws-Request-Id"] == "id-1"
    assert headers["Lambda-Runtime-Deadline-Ms"] == "1234"
    assert headers["Lambda-Runtime-Invoked-Function-Arn"] == WORK.function_arn
    assert headers["Lambda-Runtime-Trace-Id"] == "Root=1"
    assert reports.get(timeout=1) == Ready()


def test_one_connection_carries_a_whole_life(
    api: RuntimeApi, reports: queue.SimpleQueue[Report]
) -> None:
    client = Client(api)
    for number in range(3):
        api.deliver(WORK)
        assert client.ask("GET", "/invocation/next")[0] == 200
        assert client.ask("POST", "/invocation/id-1/response", b"%d" % number)[0] == 202
    seen = [reports.get(timeout=1) for _ in range(4)]
    assert seen == [Ready(), *(Answered("id-1", b"%d" % n, is_error=False) for n in range(3))]


def test_errors_of_handler_and_of_init(api: RuntimeApi, reports: queue.SimpleQueue[Report]) -> None:
    client = Client(api)
    assert client.ask("POST", "/invocation/id-1/error", b'{"errorType":"E"}')[0] == 202
    assert client.ask("POST", "/init/error", b'{"errorType":"I"}')[0] == 202
    assert reports.get(timeout=1) == Answered("id-1", b'{"errorType":"E"}', is_error=True)
    assert reports.get(timeout=1) == InitFailed(b'{"errorType":"I"}')


def test_chunked_body(api: RuntimeApi, reports: queue.SimpleQueue[Report]) -> None:
    client = Client(api)
    client.send(
        f"POST {RUNTIME}/invocation/x/response HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
        "4\r\nabcd\r\n3;note=1\r\nefg\r\n0\r\nTrailer: 1\r\n\r\n".encode()
    )
    assert client.answer()[0] == 202
    assert reports.get(timeout=1) == Answered("x", b"abcdefg", is_error=False)
    assert client.ask("POST", "/init/error", b"{}")[0] == 202, "the connection is still in step"


def test_expect_continue(api: RuntimeApi, reports: queue.SimpleQueue[Report]) -> None:
    client = Client(api)
    head = f"POST {RUNTIME}/invocation/x/response HTTP/1.1\r\nContent-Length: 2\r\n"
    client.send(f"{head}Expect: 100-continue\r\n\r\n".encode())
    assert client.answer()[0] == 100
    client.send(b"{}")
    assert client.answer()[0] == 202
    assert reports.get(timeout=1) == Answered("x", b"{}", is_error=False)


@pytest.mark.parametrize(("extra", "status"), [(0, 202), (1, 413)])
def test_limit_of_a_response(
    api: RuntimeApi, reports: queue.SimpleQueue[Report], extra: int, status: int
) -> None:
    size = RESPONSE_LIMIT_BYTES + extra
    assert Client(api).ask("POST", "/invocation/x/response", b"x" * size)[0] == status
    report = reports.get(timeout=1)
    assert isinstance(report, Answered) if status == 202 else report == TooLarge("x", size)


def test_unknown_routes(api: RuntimeApi) -> None:
    client = Client(api)
    for method, path in (("GET", "/nothing"), ("POST", "/invocation/next"), ("PUT", "/init/error")):
        assert client.ask(method, path)[0] == 404


def test_closing_frees_a_client_that_waits_for_work(
    api: RuntimeApi, reports: queue.SimpleQueue[Report]
) -> None:
    client = Client(api)
    client.send(f"GET {RUNTIME}/invocation/next HTTP/1.1\r\n\r\n".encode())
    assert reports.get(timeout=1) == Ready()
    api.close()
    assert client.socket.recv(4096)[:12] in (b"", b"HTTP/1.1 410")
