"""One process at a time: what two terminals must not do to one folder at once."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from filelock import FileLock, Timeout


def take(path: Path, waiting: Callable[[], None]) -> AbstractContextManager[object]:
    """Take the lock file `path` and return what gives it back, for a `with` statement.

    Where another process holds it, calls `waiting` once and waits. The operating system takes a
    lock back when its process ends, however it ends. Raises OSError where the file cannot be made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path)
    try:
        return lock.acquire(timeout=0)
    except Timeout:
        waiting()
        return lock.acquire()
