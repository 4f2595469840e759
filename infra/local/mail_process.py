"""The processes that take mail and keep what leaves, mails and notices, beside the local stack.

They are started with it and end with it.
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from infra import emulator
from infra.emulator.processes import start_time
from infra.local.mail import HERE
from infra.paths import ROOT

DEFAULT_PORT = 2525

START_LIMIT_SECONDS = 20
STOP_LIMIT_SECONDS = 5

type Say = Callable[[str], None]


@dataclass(frozen=True)
class Helper:
    """A program that listens at a port: `name` in messages and files, and what it `does`."""

    name: str
    module: str
    does: str


LISTENER = Helper("mail", "infra.local.mail", "mail can be taken")
SINK = Helper("mail-sink", "infra.local.mail_sink", "mail can leave")
NOTICES = Helper("notice-sink", "infra.local.notice_sink", "notice can leave")


@dataclass(frozen=True)
class Running:
    """The process we started, and what it was told."""

    pid: int
    started: str
    told: tuple[str, ...]

    def alive(self) -> bool:
        """Whether that very process still runs."""
        return start_time(self.pid) == self.started


def ensure(
    *, endpoint: str, emulator_pid: int | None, mailbox: str, port: int, state: Path, say: Say
) -> None:
    """Take mail for the mailbox on 127.0.0.1:`port`, unless that is done already.

    The process ends when the emulator does, and `make stop` ends it in any case. Raises
    EmulatorError if the port is taken or nothing listens there in time.
    """
    told = ("--endpoint", endpoint, "--mailbox", mailbox)
    if _start(LISTENER, port, told, emulator_pid, state):
        say(f"Mail for {mailbox} is taken at {HERE}:{port}")


def ensure_sink(
    folder: Path, *, emulator_pid: int | None, port: int, state: Path, say: Say
) -> None:
    """Keep the mails that leave in a folder, handed over at 127.0.0.1:`port`.

    As `ensure`.
    """
    if _start(SINK, port, (str(folder),), emulator_pid, state):
        say(f"Mail that leaves is kept in {folder}")


def ensure_notice_sink(
    folder: Path, *, secret: str, emulator_pid: int | None, port: int, state: Path, say: Say
) -> None:
    """Keep the notices to leads in a folder, posted to 127.0.0.1:`port` and signed by `secret`.

    As `ensure`.
    """
    told = (str(folder), "--secret", secret)
    if _start(NOTICES, port, told, emulator_pid, state):
        say(f"Notices to leads are kept in {folder}")


def _start(
    helper: Helper, port: int, told: tuple[str, ...], emulator_pid: int | None, state: Path
) -> bool:
    """Start a helper, unless it runs already; tell whether it was started."""
    watched = ("--with-process", str(emulator_pid)) if emulator_pid else ()
    told = ("--port", str(port), *told, *watched)
    running = _read(helper, state)
    if running and running.alive():
        if running.told == told and _listens(port):
            return False
        _end(helper, state)
        # Its first thread is gone before the one that holds the port.
        deadline = time.monotonic() + STOP_LIMIT_SECONDS
        while _listens(port) and time.monotonic() < deadline:
            time.sleep(0.05)
    if _listens(port):
        raise emulator.EmulatorError(
            f"port {port} is taken, so no {helper.does} there.\n"
            "Choose another one (make run MAIL_PORT=2530), or none (MAIL_PORT=0)."
        )
    log = state / f"{helper.name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", helper.module, *told],
            cwd=ROOT,
            env={**os.environ, "TMPDIR": str(state / "tmp")},  # by which `make stop` knows ours
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C at the terminal is not for it
        )
    started = Running(process.pid, start_time(process.pid), told)
    _path(helper, state).write_text(json.dumps(asdict(started)))
    deadline = time.monotonic() + START_LIMIT_SECONDS
    while not _listens(port):
        if process.poll() is not None or time.monotonic() > deadline:
            _end(helper, state)
            raise emulator.EmulatorError(f"no {helper.does}.\n{log.read_text()[-2_000:]}")
        time.sleep(0.05)
    return True


def stop(state: Path) -> None:
    """End the processes that run."""
    for helper in (LISTENER, SINK, NOTICES):
        _end(helper, state)


def _end(helper: Helper, state: Path) -> None:
    running = _read(helper, state)
    for number in (signal.SIGTERM, signal.SIGKILL):
        deadline = time.monotonic() + STOP_LIMIT_SECONDS
        if running and running.alive():
            with contextlib.suppress(ProcessLookupError):
                os.kill(running.pid, number)
        while running and running.alive() and time.monotonic() < deadline:
            with contextlib.suppress(ChildProcessError):  # reap it if we are its parent
                os.waitpid(running.pid, os.WNOHANG)
            time.sleep(0.05)
    _path(helper, state).unlink(missing_ok=True)


def _path(helper: Helper, state: Path) -> Path:
    return state / f"{helper.name}.json"


def _read(helper: Helper, state: Path) -> Running | None:
    try:
        kept = json.loads(_path(helper, state).read_text())
        return Running(kept["pid"], kept["started"], tuple(kept["told"]))
    except (FileNotFoundError, ValueError, TypeError, KeyError):
        return None


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        if probe.connect_ex((HERE, port)):
            return False
        # A socket may be given the very port it asks for, and then talks to itself.
        return bool(probe.getsockname() != probe.getpeername())
