"""What the commands about documents and past replies print for scripts: the published schemas."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from helpdesk.curation import Adoption, Imported, Importing
from helpdesk.evidence import Document, Passage, Reply
from helpdesk.evidence.passages import Dropped
from helpdesk.evidence.reading import LeftOut


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentView:
    """A document that drafts may quote, with the number of its passages."""

    name: str
    title: str
    file: str
    passages: int
    version: int
    at: datetime
    by: str

    @classmethod
    def of(cls, document: Document) -> Self:
        """Return the view of a document."""
        return cls(
            name=document.name,
            title=document.title,
            file=document.file,
            passages=document.pieces,
            version=document.version,
            at=document.at,
            by=document.by,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentImportView:
    """What an import did, or would do. `done` is false if nothing was written.

    `changed` is false if the document in force says the same. `left_out` are the texts that no
    draft may quote, each with the reason.
    """

    document: DocumentView
    changed: bool
    left_out: tuple[LeftOut, ...]
    done: bool

    @classmethod
    def of(cls, plan: Importing, *, done: bool) -> Self:
        """Return the view of an import."""
        document = plan.document if plan.changes or not plan.replaces else plan.replaces
        return cls(
            document=DocumentView.of(document),
            changed=plan.changes,
            left_out=plan.left_out,
            done=done and plan.changes,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PiecesView:
    """A document with its passages, and the record of its imports, oldest first."""

    document: DocumentView
    passages: tuple[Passage, ...]
    imports: tuple[Imported, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyView:
    """A reply of an agent that drafts may repeat, masked; `at` and `by` say who adopted it."""

    ticket: str
    message: int
    title: str
    text: str
    version: int
    at: datetime
    by: str
    expires_at: datetime

    @classmethod
    def of(cls, reply: Reply) -> Self:
        """Return the view of a reply."""
        return cls(
            ticket=reply.ticket_id,
            message=reply.message,
            title=reply.title,
            text=reply.text,
            version=reply.version,
            at=reply.at,
            by=reply.by,
            expires_at=reply.expires_at,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptionView:
    """What adopting a reply did, or would do: its passages, and the sentences that are none.

    `done` is false if nothing was written.
    """

    reply: ReplyView
    passages: tuple[Passage, ...]
    dropped: tuple[Dropped, ...]
    done: bool

    @classmethod
    def of(cls, plan: Adoption, *, done: bool) -> Self:
        """Return the view of an adoption."""
        return cls(
            reply=ReplyView.of(plan.reply),
            passages=plan.cut.passages,
            dropped=plan.cut.dropped,
            done=done,
        )
