"""The API keys of the local stack: made once, kept in the state folder over every restart."""

import os
import secrets
from pathlib import Path


def kept(state: Path, name: str = "api-key") -> str:
    """Return the key of this name that is kept in the folder `state`, made now if there is none.

    Only the owner of the file may read it. Raises OSError where it cannot be read or written.
    """
    path = state / name
    if path.exists():
        return path.read_text().strip()
    key = secrets.token_hex(20)
    state.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.partial")
    unfinished.touch(mode=0o600)
    unfinished.write_text(key)
    unfinished.replace(path)
    return key
