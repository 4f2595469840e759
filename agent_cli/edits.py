"""Edits of articles that are not stored yet: on disk before they are tried, gone once stored."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

_BEGAN = re.compile(r"# began with version (\d+)\n")


@dataclass(frozen=True, slots=True)
class Kept:
    """An edit as it was written; `version` is that of the article it began with, if known."""

    text: str
    version: int | None


@dataclass(frozen=True, slots=True)
class Edits:
    """Edits in a folder, one file for each intent. The terminal and the console share them."""

    folder: Path

    def path(self, intent: str) -> Path:
        """Return where the edit of an article is, or would be."""
        name = "".join(c for c in intent if c.isalnum() or c == "_")
        return self.folder / f"{name or '_'}.yaml"

    def read(self, intent: str) -> Kept | None:
        """Return the edit of an article; None if none is kept."""
        try:
            text = self.path(intent).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        began = _BEGAN.match(text)
        return Kept(text[began.end() :], int(began[1])) if began else Kept(text, None)

    def keep(self, intent: str, text: str, *, version: int) -> Path:
        """Store an edit that began with a version of its article; return where. Raises OSError."""
        path = self.path(intent)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = path.with_suffix(f".{os.getpid()}")
        fresh.write_text(f"# began with version {version}\n{text}", encoding="utf-8")
        fresh.replace(path)
        return path

    def drop(self, intent: str) -> None:
        """Forget the edit of an article."""
        self.path(intent).unlink(missing_ok=True)
