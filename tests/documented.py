"""The documents of a desk in memory, for tests that need no AWS."""

from helpdesk.curation import DocumentShelf, Imported
from helpdesk.evidence import Document, Piece
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
