"""What the commands say of a ticket's files, for scripts and for people."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from helpdesk.figures import Files
from helpdesk.files import Held, State, Why

SHOWN = 2_000
"""Characters of a file's text that the page of a ticket shows."""

_STATES = {
    State.EXPECTED: "expected",
    State.CHECKED: "being checked",
    State.READY: "ready",
    State.REFUSED: "refused",
    State.ERASED: "erased",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FileView:
    """A file of a ticket.

    `media_type` is what the customer said that it is, `kind` what its content is and `named` what
    its name says if that differs. `why` says why it is refused, or has no text. `pages` counts all
    that it has, and `cut` tells that it has more text than `text`. `saved` is where it was saved.
    """

    number: int
    name: str
    media_type: str
    size: int
    state: State
    why: Why | None
    kind: str | None
    named: str | None
    pages: int | None
    cut: bool
    text: str
    announced_at: datetime
    saved: str | None

    @classmethod
    def of(cls, held: Held, saved: str | None = None) -> Self:
        """Return the view of a file."""
        file = held.file
        return cls(
            number=file.number,
            name=file.name,
            media_type=file.media_type,
            size=file.size,
            state=file.state,
            why=file.why,
            kind=file.kind,
            named=file.named,
            pages=file.pages,
            cut=file.cut,
            text=held.text,
            announced_at=file.announced_at,
            saved=saved,
        )


def heading(view: FileView) -> str:
    """Return which file it is, as in "file 1 · invoice.pdf · 48 kB · ready"."""
    return f"file {view.number} · {view.name} · {size(view.size)} · {standing(view)}"


def standing(view: FileView) -> str:
    """Return how far the desk is with a file."""
    said = _STATES[view.state]
    return f"{said}, content is {view.kind}" if view.named else said


def told(view: FileView, most: int = SHOWN) -> str:
    """Return what a file says, up to `most` characters of it, or why it says nothing."""
    if view.why:
        return view.why.text
    if not view.text:
        return ""
    shown = view.text[:most]
    more = view.cut or len(view.text) > most
    return f"{shown}\n…" if more else shown


def counted(files: Files) -> str:
    """Return what became of the files that came, in few words."""
    return f"{files.kept} kept, {files.read} read, {files.refused} refused"


def size(number: int) -> str:
    """Return a number of bytes in a form that is read at a glance."""
    if number < 1_000:
        return f"{number} B"
    return f"{number / 1_000:.0f} kB" if number < 1_000_000 else f"{number / 1_000_000:.1f} MB"
