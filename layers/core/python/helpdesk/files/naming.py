"""Names of files: what a person sees of them, what a browser saves, and where they are kept. Pure.

What a customer calls a file is shown and saved, and is never a part of the place where it is kept.
"""

import re
from pathlib import PurePosixPath
from unicodedata import normalize
from urllib.parse import quote

from helpdesk import characters

LONGEST_NAME = 120
LONGEST_ENDING = 16
"""Characters of a name, and of its ending with the dot."""

NAMELESS = "file"
"""What a file is called of whose name nothing is left."""

_KEY = re.compile(r"attachments/(?P<ticket>[0-9a-z]{16})/(?P<number>[1-9][0-9]{0,3})")
_NOT_IN_NAMES = re.compile(r'[<>:"|?*]')
_PORTS = {f"{port}{number}" for port in ("com", "lpt") for number in range(10)}
_DEVICES = {"con", "prn", "aux", "nul", *_PORTS}
_PLAIN = re.compile(r"[^A-Za-z0-9 ._()-]")
_SAFE_IN_EXTENDED = "!#$&+-.^_`|~"
"""What RFC 8187 leaves as it is, beside letters and digits."""


def clean_name(said: str) -> str:
    """Return a name that can be shown in one line and saved in any folder, on any machine.

    It is the last part of the path that was said, in composed form, without characters that hide
    or steer, and not a name that a system keeps for a device.
    """
    last = normalize("NFC", said).replace("\\", "/").rstrip("/ ").rpartition("/")[2]
    seen = "".join(" " if c.isspace() else c for c in last if c.isspace() or _shown(c))
    name = _NOT_IN_NAMES.sub("_", " ".join(seen.split())).strip(". ")
    ending = PurePosixPath(name).suffix if name else ""
    if not 1 < len(ending) <= LONGEST_ENDING:
        ending = ""
    stem = name.removesuffix(ending) if ending else name
    kept = characters.headline(stem, LONGEST_NAME - len(ending)).strip(". ")
    if kept.partition(".")[0].strip().lower() in _DEVICES:
        kept = f"_{kept}"[: LONGEST_NAME - len(ending)]
    return f"{kept or NAMELESS}{ending}"


def _shown(character: str) -> bool:
    return not characters.hides_something(character)


def disposition(name: str) -> str:
    """Return the header with which a browser saves a file under its name, and opens nothing.

    RFC 6266: a plain name for old browsers, and the whole one in the form of RFC 8187.
    """
    plain = _PLAIN.sub("_", name).strip() or NAMELESS
    whole = quote(name, safe=_SAFE_IN_EXTENDED)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{whole}"


def key_of(ticket_id: str, number: int) -> str:
    """Return where a file is kept."""
    return f"{folder_of(ticket_id)}{number}"


def folder_of(ticket_id: str) -> str:
    """Return where the files of a ticket are kept."""
    return f"attachments/{ticket_id}/"


def kept_at(key: str) -> tuple[str, int] | None:
    """Return the ticket and the number of the file that is kept there; None if none can be."""
    found = _KEY.fullmatch(key)
    return (found["ticket"], int(found["number"])) if found else None


def number_said(said: str) -> int | None:
    """Return the number of a file as a path says it; None for what cannot be one, such as -1."""
    plain = said.isascii() and said.isdigit() and len(said) <= 4 and not said.startswith("0")
    return int(said) if plain else None
