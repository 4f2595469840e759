"""A lock on a folder: only one process at a time may change it."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from filelock import FileLock, Timeout


def take(path: Path, waiting: Callable[[], None]) -> AbstractContextManager[object]:
    """Take the lock file `path` and return what gives it back, for a `with` statement.

    If another process holds it, calls `waiting` once and waits. The operating system releases the
    lock when its process ends in any way. Raises OSError if the file cannot be made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path)
    try:
        return lock.acquire(timeout=0)
    except Timeout:
        waiting()
        return lock.acquire()
