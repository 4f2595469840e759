"""Files for tests that need no AWS: one that is expected, and a reader."""

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from helpdesk.files import Attachment, Reading, State

from tests.fakes import MORNING
from tests.filed import InMemoryRegister, InMemoryVault

__all__ = ["PDF", "SOON", "InMemoryRegister", "InMemoryVault", "an_attachment", "reads_as_text"]

PDF = "application/pdf"
SOON = timedelta(seconds=300)


def an_attachment(
    ticket_id: str = "0123456789abcdef", number: int = 1, **more: object
) -> Attachment:
    """Return a file that is expected."""
    expected = Attachment(
        ticket_id=ticket_id,
        number=number,
        version=1,
        name="invoice.pdf",
        media_type=PDF,
        size=1000,
        state=State.EXPECTED,
        announced_at=MORNING,
        upload_until=MORNING + SOON,
        expires_at=MORNING + timedelta(days=400),
    )
    return replace(expected, **more)  # type: ignore[arg-type]


def reads_as_text(content: bytes, name: str, declared: str) -> Reading:
    """Read a file as the text that it is."""
    return Reading(text=content.decode(), kind="text")


if TYPE_CHECKING:  # mypy holds the fakes against the Protocols
    from helpdesk import files

    _reader: files.Reader = reads_as_text
