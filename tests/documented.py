"""The documents and past replies of a desk in memory, for tests that need no AWS."""

from helpdesk.curation import Adopted, DocumentShelf, Imported, ReplyShelf
from helpdesk.evidence import Document, Piece, Reply
from helpdesk.ports import ConflictError


class InMemoryDocuments(DocumentShelf):
    """Documents in dictionaries."""

    def __init__(self) -> None:
        self.kept: dict[str, tuple[Document, tuple[Piece, ...]]] = {}
        self.records: dict[str, list[Imported]] = {}

    def document(self, name: str) -> Document | None:
        return self.kept[name][0] if name in self.kept else None

    def documents(self) -> tuple[Document, ...]:
        return tuple(self.kept[name][0] for name in sorted(self.kept))

    def pieces(self, document: Document) -> tuple[Piece, ...]:
        return self.kept[document.name][1]

    def imports(self, name: str) -> tuple[Imported, ...]:
        return tuple(self.records.get(name, ()))

    def put_document(
        self, document: Document, pieces: tuple[Piece, ...], *, instead_of: Document | None
    ) -> None:
        self._expect(document.name, instead_of)
        self.kept[document.name] = document, pieces
        record = Imported(
            version=document.version,
            at=document.at,
            by=document.by,
            file=document.file,
            pieces=document.pieces,
        )
        self.records.setdefault(document.name, []).append(record)

    def forget_document(self, document: Document, record: Imported) -> None:
        self._expect(document.name, document)
        del self.kept[document.name]
        self.records[document.name].append(record)

    def _expect(self, name: str, before: Document | None) -> None:
        if self.document(name) != before:
            raise ConflictError(f"another lead changed the document {name} meanwhile")


class InMemoryReplies(ReplyShelf):
    """Replies in a dictionary; the tickets that are `gone` take none."""

    def __init__(self) -> None:
        self.kept: dict[str, Adopted] = {}
        self.gone: set[str] = set()

    def adopted(self, ticket_id: str) -> Adopted | None:
        return self.kept.get(ticket_id)

    def replies(self) -> tuple[Reply, ...]:
        return tuple(reply for each in self.kept.values() for reply in each.replies)

    def put_adopted(self, adopted: Adopted) -> None:
        before = self.kept.get(adopted.ticket_id)
        version = before.version if before else 0
        if adopted.ticket_id in self.gone or version != adopted.version - 1:
            raise ConflictError("another lead was faster, or the ticket is gone")
        self.kept[adopted.ticket_id] = adopted
