"""LocalStack's log, and what can be read from it."""

import re
import shutil
import sys
import time
from pathlib import Path

from infra.emulator.errors import EmulatorError
from infra.emulator.state_folder import DEFAULT_STATE, log_path


def log_offset(state: Path = DEFAULT_STATE) -> int:
    """Where the log ends now, in bytes: give it to `skipped_resources` after a deployment."""
    log = log_path(state.resolve())
    return log.stat().st_size if log.exists() else 0


def skipped_resources(state: Path = DEFAULT_STATE, *, since: int = 0) -> list[str]:
    """Resource types that LocalStack left out since byte `since` of its log, sorted.

    CloudFormation still reports CREATE_COMPLETE or UPDATE_COMPLETE for them.
    """
    log = log_path(state.resolve())
    if not log.exists():
        return []
    with log.open("rb") as file:
        file.seek(since)
        text = file.read().decode("utf-8", "replace")
    return sorted(
        set(
            re.findall(
                r"(?:No resource provider found for|Unable to update resource type)"
                r' "([^"]+)"',
                text,
            )
        )
    )


def print_log(log: Path, *, follow: bool) -> None:
    """Print a log, with `follow` until the process is interrupted. Raises EmulatorError."""
    if not log.exists():
        raise EmulatorError(f"there is no log yet at {log}")
    with log.open(errors="replace") as file:
        while True:
            shutil.copyfileobj(file, sys.stdout)
            sys.stdout.flush()
            if not follow:
                return
            time.sleep(0.3)


def tail(log: Path, lines: int = 15) -> str:
    """Return the last lines of a log."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
