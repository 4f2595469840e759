"""The documents that drafts may quote, in the knowledge table.

DOCUMENT          <name>                           a document in force, without its pieces
DOCUMENT#<name>   PIECES#<version>#<digest>#<n>    fifty of its pieces
DOCUMENT#<name>   VERSION#<number>                 who imported or forgot it, and when

They belong to the desk and not to an edition. The pieces of a version are stored before the
document is put in force, under a name that no other import uses, and deleted after the next one.
"""

from collections.abc import Collection, Iterable
from itertools import batched
from typing import Any

from helpdesk.aws.conditions import Key
from helpdesk.aws.editions import items
from helpdesk.aws.shapes import Shape
from helpdesk.aws.tables import Table
from helpdesk.curation import Imported
from helpdesk.evidence import Document, Piece
from helpdesk.ports import ConflictError

PIECES_OF_AN_ITEM = 50
"""An item takes 400 kB, and fifty of the longest pieces take less in any script."""

_PARTITION = "DOCUMENT"
_DOCUMENT = Shape[Document](Document)
_PIECE = Shape[Piece](Piece)
_IMPORTED = Shape[Imported](Imported)


class DynamoDocuments:
    """Documents in the DynamoDB table `table`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def document(self, name: str) -> Document | None:
        """Return the document of a name as it is now."""
        item = self._table.get_item(Key=_key(name), ConsistentRead=True)
        return _DOCUMENT.read(item) if item else None

    def documents(self) -> tuple[Document, ...]:
        """Return all documents, by name."""
        return tuple(map(_DOCUMENT.read, items(self._table, _PARTITION)))

    def pieces(self, document: Document) -> tuple[Piece, ...]:
        """Return the pieces of a document, in order."""
        wanted = Key("pk").eq(_own(document.name)) & Key("sk").begins_with(_prefix(document))
        found = self._table.query(KeyConditionExpression=wanted, ConsistentRead=True)
        return tuple(map(_PIECE.read, (each for item in found for each in item["pieces"])))

    def some_pieces(self, document: Document, numbers: Collection[int]) -> dict[int, Piece]:
        """Return pieces of a document by their numbers, which count from 1; only those it has."""
        found: dict[int, Piece] = {}
        for part in sorted({(number - 1) // PIECES_OF_AN_ITEM for number in numbers if number > 0}):
            key = {"pk": _own(document.name), "sk": f"{_prefix(document)}{part:06}"}
            item = self._table.get_item(Key=key, ConsistentRead=True) or {"pieces": []}
            first = part * PIECES_OF_AN_ITEM + 1
            found |= {
                number: _PIECE.read(each)
                for number, each in enumerate(item["pieces"], start=first)
                if number in numbers
            }
        return found

    def imports(self, name: str) -> tuple[Imported, ...]:
        """Return the record of a name, oldest first, also of a document that was forgotten."""
        wanted = Key("pk").eq(_own(name)) & Key("sk").begins_with("VERSION#")
        found = self._table.query(KeyConditionExpression=wanted, ConsistentRead=True)
        return tuple(map(_IMPORTED.read, found))

    def put_document(
        self, document: Document, pieces: tuple[Piece, ...], *, instead_of: Document | None
    ) -> None:
        """Put a version in force and record it; readers get the one before or this one, whole.

        Raises ConflictError if the document in force is not `instead_of` any more.
        """
        self._table.put_all(_parts(document, pieces))
        record = Imported(
            version=document.version,
            at=document.at,
            by=document.by,
            file=document.file,
            pieces=document.pieces,
        )
        item = {**_DOCUMENT.write(document), **_key(document.name)}
        try:
            self._change(document.name, {"Put": {"Item": item, **_still(instead_of)}}, record)
        except ConflictError:
            now = self.document(document.name)
            if now is None or _prefix(now) != _prefix(document):
                self._delete_pieces(document)
            raise
        if instead_of:
            self._delete_pieces(instead_of)

    def forget_document(self, document: Document, record: Imported) -> None:
        """Delete a document with its pieces and record that.

        Raises ConflictError if it is not in force any more.
        """
        delete = {"Delete": {"Key": _key(document.name), **_still(document)}}
        self._change(document.name, delete, record)
        self._delete_pieces(document)

    def _change(self, name: str, write: dict[str, Any], record: Imported) -> None:
        sk = f"VERSION#{record.version:06}"
        item = {**_IMPORTED.write(record), "pk": _own(name), "sk": sk}
        kept = {"Put": {"Item": item, "ConditionExpression": "attribute_not_exists(pk)"}}
        lost = f"another lead changed the document {name} meanwhile"
        self._table.write_together([write, kept], lost=lost)

    def _delete_pieces(self, document: Document) -> None:
        parts = -(-document.pieces // PIECES_OF_AN_ITEM)
        self._table.delete_all(
            {"pk": _own(document.name), "sk": f"{_prefix(document)}{part:06}"}
            for part in range(parts)
        )


def _parts(document: Document, pieces: Iterable[Piece]) -> Iterable[dict[str, Any]]:
    for part, some in enumerate(batched(pieces, PIECES_OF_AN_ITEM, strict=False)):
        key = {"pk": _own(document.name), "sk": f"{_prefix(document)}{part:06}"}
        yield {**key, "pieces": [_PIECE.write(each) for each in some]}


def _key(name: str) -> dict[str, str]:
    return {"pk": _PARTITION, "sk": name}


def _own(name: str) -> str:
    return f"{_PARTITION}#{name}"


def _prefix(document: Document) -> str:
    return f"PIECES#{document.version:06}#{document.digest}#"


def _still(document: Document | None) -> dict[str, Any]:
    """Return the condition under which a document is still the one in force."""
    if document is None:
        return {"ConditionExpression": "attribute_not_exists(pk)"}
    return {
        "ConditionExpression": "#version = :version",
        "ExpressionAttributeNames": {"#version": "version"},
        "ExpressionAttributeValues": {":version": document.version},
    }
