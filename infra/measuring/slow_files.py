"""A way to S3 on which each file takes a while to come: reading one is slow, and computes nothing.

A file that is slow to read by itself would keep a core of the machine busy, of which AWS gives each
reader one of its own.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import urllib3


@contextmanager
def slow_files(upstream: str, seconds: float) -> Iterator[str]:
    """Yield the address of a proxy that gives a file's content only after some seconds."""

    class Door(_Door):
        to, wait, pool = upstream, seconds, urllib3.PoolManager(maxsize=32, timeout=60)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class _Door(BaseHTTPRequestHandler):
    """One connection to the proxy."""

    to: str
    wait: float
    pool: urllib3.PoolManager
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if "/attachments/" in self.path:
            time.sleep(self.wait)
        self._pass_on()

    def do_HEAD(self) -> None:
        self._pass_on()

    def _pass_on(self) -> None:
        headers = {k: v for k, v in self.headers.items() if k.lower() not in {"host", "connection"}}
        answer = self.pool.request(
            self.command, self.to + self.path, headers=headers, retries=False, decode_content=False
        )
        size = answer.headers.get("Content-Length", str(len(answer.data)))
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            if name.lower() not in {"content-length", "transfer-encoding", "connection"}:
                self.send_header(name, value)
        self.send_header("Content-Length", size)
        self.end_headers()
        self.wfile.write(answer.data)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- as the base class
        """Log nothing."""
