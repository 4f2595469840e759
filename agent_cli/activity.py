"""Whether an agent is at work in an editor of their own, as far as the machine can tell."""

import os
import sys
from contextlib import suppress
from pathlib import Path


class Activity:
    """Notices keys that are typed at the terminal, and changes of the file in the editor.

    The kernel notes when a terminal was last read, to some seconds; `w` shows idle times by it. An
    editor in a window of its own reads no terminal: there only a saved file is a sign of life.
    """

    def __init__(self, file: Path, *, terminal: int | None) -> None:
        self._file, self._terminal = file, terminal
        self._before = self._signs()

    def since_last_look(self) -> bool:
        """Tell whether the agent did anything since the last call, or since the beginning."""
        before, self._before = self._before, self._signs()
        return before != self._before

    def _signs(self) -> tuple[float, ...]:
        signs: list[float] = []
        if self._terminal is not None:
            with suppress(OSError):
                signs.append(os.fstat(self._terminal).st_atime)
        with suppress(OSError):
            signs.append(self._file.stat().st_mtime)
        return tuple(signs)


def terminal() -> int | None:
    """Return the descriptor of the terminal that the agent types at, if there is one."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        with suppress(AttributeError, OSError, ValueError):
            if stream.isatty():
                return stream.fileno()
    return None
