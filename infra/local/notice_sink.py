"""A receiver of notices that keeps each in a folder and shows them; none leaves the machine.

    python -m infra.local.notice_sink FOLDER --port 2527 --secret whsec_…
    curl http://127.0.0.1:2527/

It checks signatures as a receiver of Standard Webhooks must, and refuses what is not signed by its
secret or is older than five minutes. A notice that comes twice is kept once, by its id. Without a
secret it takes everything: then it stands for a chat.
"""

import argparse
import hmac
import json
import signal
import sys
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from helpdesk.notifying import RefusedError, signature

from infra.emulator.processes import wait_for_end

LARGEST = 64 * 1024
"""Bytes of a notice that is taken."""

TOLERANCE = 300
"""Seconds that a signature may be old."""


@dataclass(frozen=True, slots=True)
class Came:
    """A post as it came: where to, with which headers (in lower case), and its bytes."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class _Kept:
    """What was kept, guarded by a lock: posts come in several threads."""

    folder: Path
    lock: threading.Lock = field(default_factory=threading.Lock)
    ids: set[str] = field(default_factory=set)


class NoticeSink(ThreadingHTTPServer):
    """Listens at `port` (0: any free one) of this machine; notices go to `folder`, as `0001.json`.

    `came` has every post, also those that were refused or came twice.
    """

    daemon_threads = True

    def __init__(
        self, folder: Path, *, secret: str = "", port: int = 0, host: str = "127.0.0.1"
    ) -> None:
        self.secret = secret
        self.came: list[Came] = []
        self._kept = _Kept(folder)
        folder.mkdir(parents=True, exist_ok=True)
        super().__init__((host, port), _Conversation)

    @property
    def port(self) -> int:
        """The port at which it listens."""
        port: int = self.server_address[1]
        return port

    def answer(self, came: Came) -> tuple[int, dict[str, str]]:
        """Return the status and the headers with which a post is answered."""
        return (204 if self.trusts(came) else 401), {}

    def trusts(self, came: Came) -> bool:
        """Tell whether a post is signed, and fresh."""
        if not self.secret:
            return True
        name, at = came.headers.get("webhook-id", ""), came.headers.get("webhook-timestamp", "")
        if not at.isdecimal() or abs(time.time() - int(at)) > TOLERANCE:
            return False
        try:
            right = signature(self.secret, f"{name}.{at}.".encode() + came.body)
        except RefusedError:
            return False
        given = came.headers.get("webhook-signature", "").split(" ")
        return any(hmac.compare_digest(right, each) for each in given)

    def say(self, line: str) -> None:
        """Write a line about a post."""
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()

    def keep(self, came: Came) -> None:
        """Store a post under the next number, unless its id was stored before."""
        name = came.headers.get("webhook-id", "")
        with self._kept.lock:
            if name in self._kept.ids:
                return
            if name:
                self._kept.ids.add(name)
            path = self._kept.folder / f"{len(self.files()) + 1:04}.json"
            unfinished = path.with_suffix(".part")
            told = {"path": came.path, "id": name or None, "says": json.loads(came.body)}
            unfinished.write_text(json.dumps(told, indent=2, ensure_ascii=False))
            unfinished.rename(path)

    def files(self) -> list[Path]:
        """Return the files of what was kept, the oldest first."""
        return sorted(self._kept.folder.glob("*.json"))


class _Conversation(BaseHTTPRequestHandler):
    """One client's connection."""

    server: NoticeSink

    def do_POST(self) -> None:
        """Take a notice."""
        size = int(self.headers.get("Content-Length", "0"))
        if size > LARGEST:
            self._say(413)
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        came = Came(self.path, headers, self.rfile.read(size))
        self.server.came.append(came)
        status, more = self.server.answer(came)
        try:
            if 200 <= status < 300:
                self.server.keep(came)
        except ValueError:
            status = 400
        self._say(status, more)

    def do_GET(self) -> None:
        """Show what was kept, the newest first."""
        found = [json.loads(each.read_text()) for each in reversed(self.server.files())]
        shown = json.dumps(found, indent=2, ensure_ascii=False).encode() + b"\n"
        self._say(200, {"Content-Type": "application/json; charset=utf-8"}, shown)

    def _say(self, status: int, headers: dict[str, str] | None = None, body: bytes = b"") -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the library's name
        """Write one line for each post."""
        self.server.say(format % args)


def main() -> int:
    """Take notices until the process is told to end, or the one it goes with does.

    Returns the exit status.
    """
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="where notices are kept")
    parser.add_argument("--port", type=int, default=2527, help="where to listen; 0: anywhere")
    parser.add_argument(
        "--secret", default="", help="what signs webhooks; without one, all is taken"
    )
    parser.add_argument("--with-process", type=int, help="end when this process does")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with NoticeSink(given.folder, secret=given.secret, port=given.port) as sink:
        sys.stdout.write(f"notices to port {sink.port} are kept in {given.folder}\n")
        sys.stdout.flush()
        threading.Thread(target=sink.serve_forever, daemon=True).start()
        wait_for_end(given.with_process)
        sink.shutdown()
    return 0


def start(folder: Path, *, secret: str = "") -> NoticeSink:
    """Start a sink in a thread of its own; `shutdown` ends it."""
    sink = NoticeSink(folder, secret=secret)
    threading.Thread(target=sink.serve_forever, daemon=True).start()
    return sink


if __name__ == "__main__":
    sys.exit(main())
