"""The process that takes mail, beside the local stack: started with it, and ended with it."""

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
    watched = ("--with-process", str(emulator_pid)) if emulator_pid else ()
    told = ("--port", str(port), "--endpoint", endpoint, "--mailbox", mailbox, *watched)
    running = _read(state)
    if running and running.alive():
        if running.told == told and _listens(port):
            return
        stop(state)
    if _listens(port):
        raise emulator.EmulatorError(
            f"port {port} is taken, so no mail can be taken there.\n"
            "Choose another one (make run MAIL_PORT=2526), or none (MAIL_PORT=0)."
        )
    log = state / "mail.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "infra.local.mail", *told],
            cwd=ROOT,
            env={**os.environ, "TMPDIR": str(state / "tmp")},  # by which `make stop` knows ours
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C at the terminal is not for it
        )
    started = Running(process.pid, start_time(process.pid), told)
    _path(state).write_text(json.dumps(asdict(started)))
    deadline = time.monotonic() + START_LIMIT_SECONDS
    while not _listens(port):
        if process.poll() is not None or time.monotonic() > deadline:
            stop(state)
            raise emulator.EmulatorError(f"mail is not taken.\n{log.read_text()[-2_000:]}")
        time.sleep(0.05)
    say(f"Mail for {mailbox} is taken at {HERE}:{port}")


def stop(state: Path) -> None:
    """End the process, if it runs."""
    running = _read(state)
    for number in (signal.SIGTERM, signal.SIGKILL):
        deadline = time.monotonic() + STOP_LIMIT_SECONDS
        if running and running.alive():
            with contextlib.suppress(ProcessLookupError):
                os.kill(running.pid, number)
        while running and running.alive() and time.monotonic() < deadline:
            with contextlib.suppress(ChildProcessError):  # reap it if we are its parent
                os.waitpid(running.pid, os.WNOHANG)
            time.sleep(0.05)
    _path(state).unlink(missing_ok=True)


def _path(state: Path) -> Path:
    return state / "mail.json"


def _read(state: Path) -> Running | None:
    try:
        kept = json.loads(_path(state).read_text())
        return Running(kept["pid"], kept["started"], tuple(kept["told"]))
    except (FileNotFoundError, ValueError, TypeError, KeyError):
        return None


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HERE, port)) == 0
