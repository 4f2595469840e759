"""The files of the one folder that an emulator writes to, and its lock."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from infra import file_lock
from infra.emulator.errors import EmulatorError
from infra.paths import BUILD

DEFAULT_STATE = BUILD / "localstack"
DEFAULT_PORT = 4566

type Say = Callable[[str], None]


def record_path(state: Path) -> Path:
    """Return the file that names the process which was started here."""
    return state / "localstack.json"


def log_path(state: Path) -> Path:
    """Return the file that LocalStack's output goes to."""
    return state / "localstack.log"


def tables_path(state: Path) -> Path:
    """Return the folder that the items of tables are kept in."""
    return state / "tables"


def legacy_tables_path(state: Path) -> Path:
    """Return the file that earlier versions kept the items of tables in."""
    return state / "tables.json"


def objects_path(state: Path) -> Path:
    """Return the folder that the objects of buckets are kept in."""
    return state / "objects"


def code_path(state: Path) -> Path:
    """Return the folder that the unzipped code of functions and layers is kept in."""
    return state / "code"


def only_one(state: Path, say: Say) -> AbstractContextManager[object]:
    """Take a state folder for one start or stop at a time; the others wait their turn.

    Raises EmulatorError where the folder cannot be written.
    """
    waiting = "Another start or stop is under way: waiting for it"
    try:
        return file_lock.take(state / "lock", lambda: say(waiting))
    except OSError as error:
        raise EmulatorError(f"cannot write to {state}: {error.strerror}") from error
