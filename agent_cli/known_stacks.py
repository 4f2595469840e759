"""The outputs of stacks, kept on disk for some minutes.

So the next command need not ask CloudFormation. The outputs hold no secret. Only the owner of the
files can read them, as with everything that the terminal keeps.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

type Where = tuple[str | None, ...]
"""What tells stacks apart: name, profile, region, address, credentials."""

KEPT = timedelta(minutes=5)
"""How long the outputs of a stack on disk are used; then AWS is asked again."""


@dataclass(frozen=True, slots=True)
class KnownStacks:
    """Outputs of stacks in a folder, one file for each way to reach one."""

    folder: Path

    def read(self, where: Where, now: datetime) -> Mapping[str, str] | None:
        """Return the outputs of the stack that is reached so, if they are known and fresh."""
        try:
            kept: dict[str, Any] = json.loads(self._path(where).read_text(encoding="utf-8"))
            at, outputs = datetime.fromisoformat(kept["at"]), kept["outputs"]
        except (OSError, ValueError, KeyError, TypeError):
            return None  # not there, or not whole: the stack is asked
        # A clock that was set back must not make them last.
        return outputs if timedelta(0) <= now - at < KEPT else None

    def keep(self, where: Where, outputs: Mapping[str, str], now: datetime) -> None:
        """Store what a stack said. A disk that takes nothing costs the next command its time."""
        path = self._path(where)
        fresh = path.with_suffix(f".{os.getpid()}")
        with suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with open(fresh, "w", encoding="utf-8", opener=_private) as file:
                json.dump({"at": now.isoformat(), "outputs": dict(outputs)}, file)
            fresh.replace(path)

    def drop(self, where: Where) -> None:
        """Forget a stack."""
        with suppress(OSError):
            self._path(where).unlink(missing_ok=True)

    def _path(self, where: Where) -> Path:
        digest = hashlib.sha256(json.dumps(where).encode()).hexdigest()[:32]
        return self.folder / f"{digest}.json"


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
