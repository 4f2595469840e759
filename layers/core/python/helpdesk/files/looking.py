"""What people at the desk see of a ticket's files: each with the text that was found in it."""

from dataclasses import dataclass

from helpdesk.files.model import Attachment, State
from helpdesk.files.ports import Files


@dataclass(frozen=True, slots=True)
class Held:
    """A file of a ticket with its text, which is empty if none was found."""

    file: Attachment
    text: str = ""


def held(ticket_id: str, files: Files) -> tuple[Held, ...]:
    """Return the files of a ticket with their texts, in the order of their numbers."""
    return tuple(
        Held(each, files.text(ticket_id, each.number) if has_text(each) else "")
        for each in files.of(ticket_id)
    )


def has_text(file: Attachment) -> bool:
    """Tell whether a text was found in a file."""
    return file.state is State.READY and file.why is None
