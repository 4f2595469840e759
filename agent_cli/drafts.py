"""Replies not sent yet. A reply is on disk before it is sent, and deleted after it was sent."""

import os
import re
import threading
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

SCISSORS = "------------------------ >8 ------------------------"
"""The text below this line in a draft is for reading and is not sent."""

_TICKET = re.compile(r"[0-9a-z]{1,64}")


@dataclass(frozen=True, slots=True)
class Drafts:
    """Unsent replies in a folder that only its owner can read, one file for each ticket.

    Agents who share a machine are told apart by the name of `agent`: a draft is its writer's.
    """

    folder: Path
    agent: str | None = None

    def path(self, ticket_id: str) -> Path:
        """Return where the draft of a ticket is, or would be. Raises ValueError."""
        return self._own / _name(ticket_id)

    def read(self, ticket_id: str) -> str | None:
        """Return the draft of a ticket, if there is one that is not blank. Raises ValueError."""
        try:
            text = self.path(ticket_id).read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return None
        text = text.partition(SCISSORS)[0].strip()
        return text or None

    def kept(self) -> list[str]:
        """Return the ids of the tickets that have a draft, in order."""
        return sorted(path.stem for path in self._own.glob("*.txt"))

    def keep(self, ticket_id: str, text: str | bytes) -> Path:
        """Store a draft whole or not at all, and return its path. Raises OSError."""
        path = self.path(ticket_id)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
        data = text.encode(errors="surrogateescape") if isinstance(text, str) else text
        with open(fresh, "wb", opener=_private) as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        return path

    def drop(self, ticket_id: str) -> None:
        """Forget the draft of a ticket."""
        self.path(ticket_id).unlink(missing_ok=True)

    def erase(self, ticket_id: str) -> None:
        """Delete every agent's draft of a ticket. Raises ValueError."""
        for path in self.folder.rglob(_name(ticket_id)):
            path.unlink(missing_ok=True)

    @property
    def _own(self) -> Path:
        return self.folder / quote(self.agent, safe="") if self.agent else self.folder


def _name(ticket_id: str) -> str:
    if not _TICKET.fullmatch(ticket_id):
        raise ValueError(f"{ticket_id!r} is not a ticket id")
    return f"{ticket_id}.txt"


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
