"""What leads do to the documents that drafts may quote: import, forget. Each import is recorded."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from helpdesk.curation.leads import check_lead
from helpdesk.evidence import Document, InvalidDocumentError, Piece
from helpdesk.evidence.reading import LeftOut, Paper
from helpdesk.ports import NotFoundError
from helpdesk.ticket import Agent

MOST_DOCUMENTS = 200

_NO_LETTER = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """One version of a document: who brought it or, as `forgotten`, who took it away."""

    version: int
    at: datetime
    by: str
    file: str
    pieces: int
    forgotten: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Importing:
    """What an import would do. `replaces` is the document in force now; None if there is none.

    `changes` is false if the document in force says the same.
    """

    document: Document
    pieces: tuple[Piece, ...]
    left_out: tuple[LeftOut, ...]
    replaces: Document | None

    @property
    def changes(self) -> bool:
        """Whether the document in force says something else, or there is none."""
        return self.replaces is None or self.replaces.digest != self.document.digest


class DocumentShelf(Protocol):
    """The documents, with the record of their imports."""

    def document(self, name: str) -> Document | None:
        """Return the document of a name as it is now."""

    def documents(self) -> tuple[Document, ...]:
        """Return all documents, by name."""

    def pieces(self, document: Document) -> tuple[Piece, ...]:
        """Return the pieces of a document, in order."""

    def imports(self, name: str) -> tuple[Imported, ...]:
        """Return the record of a name, oldest first, also of a document that was forgotten."""

    def put_document(
        self, document: Document, pieces: tuple[Piece, ...], *, instead_of: Document | None
    ) -> None:
        """Put a version in force and record it; readers get the one before or this one, whole.

        Raises ConflictError if the document in force is not `instead_of` any more.
        """

    def forget_document(self, document: Document, record: Imported) -> None:
        """Delete a document with its pieces and record that.

        Raises ConflictError if it is not in force any more.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Librarian:
    """A lead at the documents.

    Every change raises NotAllowedError for an agent who is not a lead, and ConflictError if another
    lead changed the document meanwhile.
    """

    lead: Agent
    shelf: DocumentShelf
    clock: Callable[[], datetime]

    def plan(self, paper: Paper, *, file: str, name: str | None = None) -> Importing:
        """Return what importing a file would do; by default it is named as the file is.

        Raises NotAllowedError or InvalidDocumentError.
        """
        check_lead(self.lead)
        name = name or named_as(file)
        before = self.shelf.document(name)
        if before is None and len(self.shelf.documents()) >= MOST_DOCUMENTS:
            raise InvalidDocumentError(f"there are {MOST_DOCUMENTS} documents: forget one first")
        document = Document(
            name=name,
            title=paper.title or name.replace("_", " "),
            file=file,
            digest=_digest(paper),
            pieces=len(paper.pieces),
            version=max((each.version for each in self.shelf.imports(name)), default=0) + 1,
            at=self.clock(),
            by=self.lead.name,
        )
        return Importing(
            document=document, pieces=paper.pieces, left_out=paper.left_out, replaces=before
        )

    def carry_out(self, plan: Importing) -> None:
        """Put a document in force. Nothing is written if it says what the one in force says."""
        check_lead(self.lead)
        if plan.changes:
            self.shelf.put_document(plan.document, plan.pieces, instead_of=plan.replaces)

    def forget(self, name: str) -> Document:
        """Delete a document; no draft quotes it from then on. Raises NotFoundError."""
        check_lead(self.lead)
        document = self.get(name)
        record = Imported(
            version=document.version + 1,
            at=self.clock(),
            by=self.lead.name,
            file=document.file,
            pieces=0,
            forgotten=True,
        )
        self.shelf.forget_document(document, record)
        return document

    def get(self, name: str) -> Document:
        """Return a document. Raises NotFoundError, naming those that there are."""
        if document := self.shelf.document(name):
            return document
        known = ", ".join(each.name for each in self.shelf.documents()) or "none"
        raise NotFoundError(f"no document {name!r}; there are: {known}")


def named_as(file: str) -> str:
    """Return the name for a document of a file: its own, in the letters that names have."""
    stem = file.rpartition(".")[0] or file
    return _NO_LETTER.sub("_", stem.casefold()).lstrip("_0123456789").rstrip("_") or "document"


def _digest(paper: Paper) -> str:
    said = "\x00".join([paper.title, *(f"{each.title}\x01{each.text}" for each in paper.pieces)])
    return hashlib.sha256(said.encode()).hexdigest()[:16]
