"""The register of files, and their bucket with its links, in memory."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from helpdesk import files
from helpdesk.files import Attachment, Expected, Form, Stored, Verdict
from helpdesk.ports import ConflictError


class InMemoryRegister:
    """Files in a dictionary."""

    def __init__(self, *known: Attachment) -> None:
        self._files = {(each.ticket_id, each.number): each for each in known}
        self.texts: dict[tuple[str, int], str] = {}
        self.writes = 0

    def of(self, ticket_id: str) -> tuple[Attachment, ...]:
        found = [each for each in self._files.values() if each.ticket_id == ticket_id]
        return tuple(sorted(found, key=lambda each: each.number))

    def text(self, ticket_id: str, number: int) -> str:
        return self.texts.get((ticket_id, number), "")

    def get(self, ticket_id: str, number: int) -> Attachment | None:
        return self._files.get((ticket_id, number))

    def add(self, file: Attachment, *, instead_of: Attachment | None = None) -> None:
        if self.get(file.ticket_id, file.number) != instead_of:
            raise ConflictError("the number is taken")
        self._files[file.ticket_id, file.number] = file

    def check(self, expected: Iterable[Expected]) -> None:
        """Raise what adding these files would."""
        for each in expected:
            if self.get(each.file.ticket_id, each.file.number) != each.instead_of:
                raise ConflictError("the number is taken")

    def expect(self, expected: Iterable[Expected]) -> None:
        """Add files in the same step as a change of their ticket."""
        for each in expected:
            self.add(each.file, instead_of=each.instead_of)

    def change(self, before: Attachment, after: Attachment, *, text: str | None = None) -> None:
        known = self.get(after.ticket_id, after.number)
        if known is None or known.version != before.version:
            raise ConflictError("the file changed meanwhile")
        self.writes += 1
        self._files[after.ticket_id, after.number] = after
        if text is not None:
            self.texts[after.ticket_id, after.number] = text

    def forget(self, ticket_id: str) -> None:
        """Let everything of a ticket be gone, as its erasure does."""
        self._files = {key: each for key, each in self._files.items() if key[0] != ticket_id}


@dataclass
class InMemoryVault:
    """Objects in a dictionary, with the tags of a scanner."""

    objects: dict[tuple[str, int], bytes] = field(default_factory=dict)
    verdicts: dict[tuple[str, int], Verdict] = field(default_factory=dict)
    reads: int = 0

    def look(self, ticket_id: str, number: int) -> Stored | None:
        content = self.objects.get((ticket_id, number))
        if content is None:
            return None
        return Stored(len(content), hashlib.sha256(content).hexdigest())

    def store(self, file: Attachment, content: bytes) -> None:
        self.objects[file.ticket_id, file.number] = content

    def contents(self, files: Iterable[Attachment]) -> dict[str, bytes | None]:
        """Return files by their numbers and names, each with its content if that is kept."""
        return {
            f"{each.number} {each.name}": self.objects.get((each.ticket_id, each.number))
            for each in files
        }

    def verdict(self, ticket_id: str, number: int) -> Verdict | None:
        return self.verdicts.get((ticket_id, number))

    def read(self, ticket_id: str, number: int, stored: Stored) -> bytes:
        if self.look(ticket_id, number) != stored:
            raise ConflictError("there is another content now")
        self.reads += 1
        return self.objects[ticket_id, number]

    def discard(self, ticket_id: str, number: int) -> None:
        self.objects.pop((ticket_id, number), None)

    def erase(self, ticket_id: str) -> None:
        self.objects = {key: each for key, each in self.objects.items() if key[0] != ticket_id}

    def form(self, file: Attachment, *, now: datetime) -> Form:
        return Form(
            "https://bucket", {"key": files.key_of(file.ticket_id, file.number)}, file.upload_until
        )

    def link(self, file: Attachment, *, life: timedelta) -> str:
        return f"https://bucket/{file.number}?for={int(life.total_seconds())}"


if TYPE_CHECKING:  # mypy holds the fakes against the Protocols
    from helpdesk.erasure import Belongings

    def _fill_the_ports(
        register: InMemoryRegister, vault: InMemoryVault
    ) -> tuple[files.Register, files.Vault, files.Links, files.Shelf, Belongings]:
        return register, vault, vault, vault, vault
