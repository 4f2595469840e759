"""A mail server that takes every mail and keeps it in a folder; none leaves the machine.

    python -m infra.local.mail_sink FOLDER --port 2526

It knows as much of SMTP as clients need to hand over mails: greeting, sender, recipients, data.
"""

import argparse
import re
import signal
import sys
import threading
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Any

from infra.emulator.processes import wait_for_end

LARGEST = 40 * 1024 * 1024
"""Bytes of a mail that is taken."""

LONGEST_LINE = 8_192
"""Bytes of a line that is read at once; text of a mail may go on in the next read."""

_ADDRESS = re.compile(rb"(?i)(?:FROM|TO):\s*<([^>]*)>")


class MailSink(ThreadingTCPServer):
    """Listens at `port` (0: any free one) of this machine; mails go to `folder`, as `0001.eml`.

    The first lines of a file are the envelope: who it is from, and to whom it was handed over.
    """

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, folder: Path, *, port: int = 0, host: str = "127.0.0.1") -> None:
        self.folder = folder
        self._lock = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)
        super().__init__((host, port), _Conversation)

    @property
    def port(self) -> int:
        """The port at which it listens."""
        port: int = self.server_address[1]
        return port

    def answer(self, command: str, address: str) -> str:  # noqa: ARG002 -- for those who refuse
        """Return what to say to a sender or a recipient, or to the data (an empty address)."""
        return "250 OK"

    def keep(self, return_path: str, recipients: list[str], data: bytes) -> Path:
        """Store a mail under the next number and return its file."""
        envelope = f"X-Envelope-From: {return_path}\r\nX-Envelope-To: {', '.join(recipients)}\r\n"
        with self._lock:
            path = self.folder / f"{self._last() + 1:04}.eml"
            unfinished = path.with_suffix(".part")
            unfinished.write_bytes(envelope.encode() + data)
            unfinished.rename(path)
        return path

    def _last(self) -> int:
        numbers = (path.stem for path in self.folder.glob("*.eml"))
        return max((int(each) for each in numbers if each.isdecimal()), default=0)


class _Conversation(StreamRequestHandler):
    """One client's connection."""

    server: MailSink

    def handle(self) -> None:
        """Talk until the client says goodbye or goes."""
        return_path, recipients = "", list[str]()
        self._say("220 sink")
        while line := self.rfile.readline(LONGEST_LINE):
            verb = line[:4].upper().decode("ascii", "replace")
            if verb in {"EHLO", "HELO"}:
                self._say("250 sink")
                return_path, recipients = "", []
            elif verb in {"MAIL", "RCPT"}:
                found = _ADDRESS.search(line)
                address = found[1].decode("utf-8", "replace") if found else ""
                said = self.server.answer(verb, address) if found else "501 which address?"
                if said.startswith("2") and verb == "MAIL":
                    return_path, recipients = address, []
                elif said.startswith("2"):
                    recipients.append(address)
                self._say(said)
            elif verb == "DATA" and recipients:
                self._take(return_path, recipients)
                return_path, recipients = "", []
            elif verb == "QUIT":
                self._say("221 bye")
                return
            elif verb in {"RSET", "NOOP"}:
                self._say("250 OK")
            else:
                self._say("503 not now" if verb == "DATA" else "500 what?")

    def _take(self, return_path: str, recipients: list[str]) -> None:
        self._say("354 go on")
        lines, size = list[bytes](), 0
        while (line := self.rfile.readline(LONGEST_LINE)) and line != b".\r\n":
            size += len(line)
            if size <= LARGEST:
                lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        if not line:
            return  # the client went before the end: nothing was handed over
        if size > LARGEST:
            self._say("552 too large")
            return
        said = self.server.answer("DATA", "")
        if said.startswith("2"):
            self.server.keep(return_path, recipients, b"".join(lines))
        self._say(said)

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


def main() -> int:
    """Take mails until the process is told to end, or the one it goes with does.

    Returns the exit status.
    """
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="where mails are kept")
    parser.add_argument("--port", type=int, default=2526, help="where to listen; 0: anywhere")
    parser.add_argument("--with-process", type=int, help="end when this process does")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with MailSink(given.folder, port=given.port) as sink:
        sys.stdout.write(f"mails to port {sink.port} are kept in {given.folder}\n")
        sys.stdout.flush()
        threading.Thread(target=sink.serve_forever, daemon=True).start()
        wait_for_end(given.with_process)
        sink.shutdown()
    return 0


def start(folder: Path, **where: Any) -> MailSink:
    """Start a sink in a thread of its own; `shutdown` ends it."""
    sink = MailSink(folder, **where)
    threading.Thread(target=sink.serve_forever, daemon=True).start()
    return sink


if __name__ == "__main__":
    sys.exit(main())
