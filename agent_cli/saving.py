"""Files of customers, saved on an agent's machine: only what was checked, and over nothing."""

import os
from pathlib import Path
from typing import Protocol

from helpdesk.files import Attachment, NotReadyError, Stored, check_released
from helpdesk.ports import ConflictError

MOST_OF_A_NAME = 1_000
"""How many files of one name a folder may have."""


class Bucket(Protocol):
    """Where the files of customers are kept."""

    def look(self, ticket_id: str, number: int) -> Stored | None:
        """Return what is stored of a file, or None if there is nothing."""

    def read(self, ticket_id: str, number: int, stored: Stored) -> bytes:
        """Return the content that was looked at. Raises ConflictError if there is another now."""


def save(file: Attachment, folder: Path, bucket: Bucket) -> Path | None:
    """Save a file that is ready in a folder; return where, or None if it is gone or was replaced.

    A file that has the name is not replaced. Raises OSError.
    """
    content = fetched(file, bucket)
    return put(content, folder, file.name) if content is not None else None


def put(content: bytes, folder: Path, name: str) -> Path:
    """Write what only its owner reads to a new file in a folder; return where. Raises OSError."""
    handle, path = _new_file(folder, name)
    with os.fdopen(handle, "wb") as written:
        written.write(content)
    return path


def fetched(file: Attachment, bucket: Bucket) -> bytes | None:
    """Return the content of a file that is ready; None if it is gone or was replaced."""
    stored = bucket.look(file.ticket_id, file.number)
    if stored is None:
        return None
    try:
        check_released(file, stored)
        return bucket.read(file.ticket_id, file.number, stored)
    except (ConflictError, NotReadyError):
        return None


def _new_file(folder: Path, name: str) -> tuple[int, Path]:
    """Create a file that was not there, which only its owner reads: `a.pdf`, else `a (2).pdf`."""
    for number in range(1, MOST_OF_A_NAME):
        beside = f" ({number})" if number > 1 else ""
        path = folder / f"{Path(name).stem}{beside}{Path(name).suffix}"
        try:
            return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), path
        except FileExistsError:
            continue
    raise FileExistsError(0, f"there are {MOST_OF_A_NAME} files named {name}")
