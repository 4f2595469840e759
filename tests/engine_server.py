"""An engine on the loopback that answers by a script, in the dialect of its caller."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PARTS = [{"text": "You can return it within 30 days.", "rests_on": [1]}]
READ, WRITTEN = 321, 45


@dataclass
class Asked:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


@dataclass
class Script:
    """How the engine answers. What it was asked is kept.

    `silent` lets it never answer, `reset` ends the connection without an answer. `raw` is sent in
    place of a body of its dialect. Each request is counted in `inside` as it comes; with `hold`,
    it is answered when that is set.
    """

    status: int = 200
    stop: str | None = None
    parts: Any = field(default_factory=lambda: PARTS)
    content: Any = None
    raw: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    silent: bool = False
    reset: bool = False
    hold: threading.Event | None = None
    inside: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    asked: list[Asked] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answer(self, path: str) -> bytes:
        if self.raw is not None:
            return self.raw
        if self.status != 200:
            return b'{"message": "the customer wrote: secret words"}'
        dialect = _openai if "chat/completions" in path else _anthropic
        if path.endswith("/converse"):
            dialect = _bedrock
        return json.dumps(dialect(self)).encode()


def _bedrock(script: Script) -> dict[str, Any]:
    tool = {"toolUse": {"toolUseId": "t1", "name": "draft", "input": {"parts": script.parts}}}
    content = [tool] if script.content is None else script.content
    return {
        "output": {"message": {"role": "assistant", "content": content}},
        "stopReason": script.stop or "tool_use",
        "usage": {"inputTokens": READ, "outputTokens": WRITTEN, "totalTokens": READ + WRITTEN},
        "metrics": {"latencyMs": 5},
    }


def _anthropic(script: Script) -> dict[str, Any]:
    tool = {"type": "tool_use", "id": "t1", "name": "draft", "input": {"parts": script.parts}}
    return {
        "type": "message",
        "role": "assistant",
        "content": [tool] if script.content is None else script.content,
        "stop_reason": script.stop or "tool_use",
        "usage": {"input_tokens": READ, "output_tokens": WRITTEN},
    }


def _openai(script: Script) -> dict[str, Any]:
    said = json.dumps({"parts": script.parts}) if script.content is None else script.content
    message = said if isinstance(said, dict) else {"role": "assistant", "content": said}
    return {
        "object": "chat.completion",
        "choices": [{"index": 0, "message": message, "finish_reason": script.stop or "stop"}],
        "usage": {"prompt_tokens": READ, "completion_tokens": WRITTEN},
    }


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64  # of as many as come at once
    done: threading.Event

    def handle_error(self, *_: Any) -> None:
        pass


@contextmanager
def serving() -> Iterator[Script]:
    """Serve until the end of the block."""
    script = Script()
    done = threading.Event()

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            read = self.rfile.read(int(self.headers["Content-Length"]))
            script.asked.append(Asked(self.path, dict(self.headers), json.loads(read)))
            script.inside.release()
            if script.hold:
                script.hold.wait(30)
            if script.silent:
                done.wait(30)
            if script.reset:
                with suppress(OSError):
                    self.connection.shutdown(socket.SHUT_RDWR)
                return
            body = script.answer(self.path)
            self.send_response(script.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            for name, value in script.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = _Quiet(("127.0.0.1", 0), Answers)
    script.port = int(server.server_address[1])
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield script
    finally:
        done.set()
        server.shutdown()
        server.server_close()
