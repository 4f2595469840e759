"""Which messages an agent has had on the screen, so that the terminal can say what is new."""

import json
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

KEPT = 2_000
"""Tickets that are remembered: the ones that were looked at last."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The number of the last message seen of each ticket, in a file that only its owner can read.

    The file holds ids and numbers, no text. A file that cannot be read means that nothing was seen:
    then messages are new that the agent knows, which does no harm.
    """

    file: Path

    def numbers(self) -> Mapping[str, int]:
        """Return the number of the last message seen, by ticket id."""
        try:
            found = json.loads(self.file.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return {}
        if not isinstance(found, dict):
            return {}
        return {name: number for name, number in found.items() if isinstance(number, int)}

    def note(self, ticket_id: str, number: int) -> None:
        """Remember that the agent has seen a ticket's messages up to this number. Raises OSError.

        Numbers only grow: an older screen takes nothing back.
        """
        numbers = dict(self.numbers())
        number = max(number, numbers.pop(ticket_id, 0))
        self._write({**numbers, ticket_id: number})

    def forget(self, ticket_id: str) -> None:
        """Forget a ticket, for example one that was erased. Raises OSError."""
        numbers = dict(self.numbers())
        if numbers.pop(ticket_id, None) is not None:
            self._write(numbers)

    def _write(self, numbers: dict[str, int]) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = self.file.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
        newest = dict(list(numbers.items())[-KEPT:])
        with open(fresh, "w", encoding="utf-8", opener=_private) as file:
            json.dump(newest, file)
        fresh.replace(self.file)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
