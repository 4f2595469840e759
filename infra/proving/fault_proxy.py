"""A proxy between the functions and AWS that throttles, fails, drops and stalls calls."""

import json
import random
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import urllib3


class Proxy:
    """Passes calls on to `upstream`, and makes faults in some of them. `done` counts the faults."""

    def __init__(self, upstream: str, chance: random.Random) -> None:
        self.upstream = upstream
        self.done: Counter[str] = Counter()
        self.chance = chance
        self.ending = threading.Event()
        self.pool = urllib3.PoolManager(maxsize=32, timeout=60)

    @contextmanager
    def running(self) -> Iterator[str]:
        """Yield the address it listens on."""

        class Door(_Door):
            proxy = self

        server = _Server(("127.0.0.1", 0), Door)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            self.ending.set()
            server.shutdown()
            server.server_close()


FAULT_RATES = {
    "calls throttled": 0.12,
    "calls answered 500": 0.08,
    "calls dropped": 0.06,
    "calls done whose answer was dropped": 0.06,
    "calls stalled": 0.002,
}
"""Shares of all calls. With four attempts a call, one in a hundred fails for good."""

THROTTLED = {
    "DynamoDB": "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
    "AmazonSQS": "com.amazonaws.sqs#RequestThrottled",
}
STALL = 35
"""Seconds, longer than any function may run."""


class _Server(ThreadingHTTPServer):
    """Where functions that are killed or give up just hang up."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Door(BaseHTTPRequestHandler):
    """One connection to the proxy."""

    proxy: Proxy
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        fault = self._draw()
        if fault:
            self.proxy.done[fault] += 1
        match fault:
            case "calls throttled":
                service = self.headers.get("X-Amz-Target", "").split("_")[0].split(".")[0]
                self._answer(400, {}, json.dumps({"__type": THROTTLED[service]}).encode())
            case "calls answered 500":
                self._answer(500, {}, b'{"__type": "InternalServerError"}')
            case "calls dropped":
                self._drop()
            case "calls stalled":
                self.proxy.ending.wait(STALL)
                self._drop()
            case "calls done whose answer was dropped":
                self._forward(body)
                self._drop()
            case _:
                answer = self._forward(body)
                self._answer(answer.status, answer.headers, answer.data)

    def _draw(self) -> str | None:
        point = self.proxy.chance.random()
        for fault, rate in FAULT_RATES.items():
            if (point := point - rate) < 0:
                return fault
        return None

    def _forward(self, body: bytes) -> urllib3.BaseHTTPResponse:
        headers = {k: v for k, v in self.headers.items() if k.lower() not in {"host", "connection"}}
        url = self.proxy.upstream + self.path
        return self.proxy.pool.request(
            "POST", url, body=body, headers=headers, retries=False, decode_content=False
        )

    def _answer(self, status: int, headers: Any, body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in {"content-length", "transfer-encoding", "connection"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _drop(self) -> None:
        self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- as the base class
        """Say nothing."""
