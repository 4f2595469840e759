"""Which processes of this machine belong to an emulator."""

import contextlib
import json
import subprocess
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from infra.emulator.state_folder import record_path

LOOK = 0.5
"""Seconds between two looks whether a process still runs."""


@dataclass(frozen=True)
class Record:
    """The process we started. Its start time tells it from a later one with the same number."""

    pid: int
    started: str
    port: int

    @property
    def url(self) -> str:
        """Where that process answers."""
        return f"http://127.0.0.1:{self.port}"

    def alive(self) -> bool:
        """Whether that very process still runs."""
        return start_time(self.pid) == self.started

    def write(self, state: Path) -> None:
        """Keep the record in a state folder."""
        record_path(state).write_text(json.dumps(asdict(self)) + "\n")

    @staticmethod
    def read(state: Path) -> "Record | None":
        """Return what a state folder keeps, or None where there is no readable record."""
        try:
            return Record(**json.loads(record_path(state).read_text()))
        except (FileNotFoundError, ValueError, TypeError):
            return None


def start_time(pid: int) -> str:
    """When a process started, in the system's own unit; empty if it does not run."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return "" if fields[0] == "Z" else fields[19]
    except (FileNotFoundError, ProcessLookupError):
        if Path("/proc/self").exists():
            return ""
        command = ["ps", "-o", "lstart=", "-p", str(pid)]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def wait_for_end(pid: int | None) -> None:
    """Wait until a process has ended; without one, for ever."""
    started = start_time(pid) if pid else ""
    while not pid or (started and start_time(pid) == started):
        time.sleep(LOOK)


def processes_of(state: Path) -> list[int]:
    """LocalStack and the functions of this state folder, known by their temporary folder."""
    mark = f"TMPDIR={state / 'tmp'}"
    proc = Path("/proc/self").exists()
    return [pid for pid, text in (_environs() if proc else _listed_by_ps()) if mark in text]


def _environs() -> Iterator[tuple[int, str]]:
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # ended meanwhile, or another user's
            yield int(folder.name), (folder / "environ").read_text(errors="replace")


def _listed_by_ps() -> Iterator[tuple[int, str]]:
    command = ["ps", "-axwwE", "-o", "pid=,command="]
    listing = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    for line in listing.splitlines():
        pid, _, text = line.strip().partition(" ")
        yield int(pid), text
