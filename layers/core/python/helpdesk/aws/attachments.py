"""The register of files, in the tickets table.

The items of a ticket's files have a partition of their own, `FILES#<ticket>`, so that the function
that reads files can be allowed to write these and no ticket. The sort key `FACTS#<number>` has what
is known of a file, `TEXT#<number>` the text that was found in it. Both end with the ticket.
"""

import json
from collections.abc import Iterable
from zlib import compressobj, decompressobj

from helpdesk.aws.conditions import Key
from helpdesk.aws.shapes import Shape
from helpdesk.aws.tables import Item, Table
from helpdesk.files import Attachment, Expected

_ATTACHMENT = Shape[Attachment](Attachment)


def files_pk(ticket_id: str) -> str:
    """Return the partition of the files of a ticket."""
    return f"FILES#{ticket_id}"


class DynamoAttachments:
    """Files in the DynamoDB table of tickets."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def of(self, ticket_id: str) -> tuple[Attachment, ...]:
        """Return a ticket's files in the order of their numbers."""
        found = self._table.query(
            KeyConditionExpression=Key("pk").eq(files_pk(ticket_id))
            & Key("sk").begins_with("FACTS"),
            ConsistentRead=True,
        )
        return tuple(map(_attachment, found))

    def get(self, ticket_id: str, number: int) -> Attachment | None:
        """Return a file, or None if there is none of that number."""
        item = self._item(ticket_id, f"FACTS#{number:02}")
        return _attachment(item) if item else None

    def text(self, ticket_id: str, number: int) -> str:
        """Return the text that was found in a file; empty if there is none."""
        item = self._item(ticket_id, f"TEXT#{number:02}")
        return _unpacked(item["text"]) if item and "text" in item else ""

    def add(self, file: Attachment, *, instead_of: Attachment | None = None) -> None:
        """Store a file that is expected, in the place of one that never came if that is given.

        Raises ConflictError if the number is taken meanwhile, or the ticket is gone.
        """
        ticket = {"pk": f"TICKET#{file.ticket_id}", "sk": "TICKET"}
        there = {"Key": ticket, "ConditionExpression": "attribute_exists(pk)"}
        self._table.write_together(
            [{"ConditionCheck": there}, {"Put": _put(file, instead_of)}],
            lost=f"another file of ticket {file.ticket_id} has this number",
        )

    def change(self, before: Attachment, after: Attachment, *, text: str | None = None) -> None:
        """Store what became of a file; with `text`, that is its text from now on.

        Raises ConflictError if the file changed meanwhile, or is gone.
        """
        writes: list[Item] = [{"Put": _put(after, before)}]
        if text is not None:
            content = {"text": _packed(text)} if text else {}
            writes.append({"Put": {"Item": {**content, **_keys(after, "TEXT")}}})
        self._table.write_together(
            writes, lost=f"file {after.number} of ticket {after.ticket_id} changed meanwhile"
        )

    def _item(self, ticket_id: str, sk: str) -> Item | None:
        key = {"pk": files_pk(ticket_id), "sk": sk}
        return self._table.get_item(Key=key, ConsistentRead=True)


def writes(expected: Iterable[Expected]) -> list[Item]:
    """Return what announces files in the same step as a change of their ticket."""
    return [{"Put": _put(each.file, each.instead_of)} for each in expected]


def _put(file: Attachment, before: Attachment | None) -> Item:
    """Return what stores a file if it is as it was before, or not there at all."""
    put: Item = {"Item": {**_ATTACHMENT.write(file), **_keys(file, "FACTS")}}
    if before is None:
        return put | {"ConditionExpression": "attribute_not_exists(pk)"}
    return put | {
        "ConditionExpression": "version = :version",
        "ExpressionAttributeValues": {":version": before.version},
    }


def _keys(file: Attachment, kind: str) -> Item:
    return {
        "pk": files_pk(file.ticket_id),
        "sk": f"{kind}#{file.number:02}",
        "expires_at": int(file.expires_at.timestamp()),
    }


def _attachment(item: Item) -> Attachment:
    return _ATTACHMENT.read({**item, "expires_at": int(item["expires_at"])})


def _packed(text: str) -> bytes:
    press = compressobj(9, wbits=-15)
    return press.compress(json.dumps(text, ensure_ascii=False).encode()) + press.flush()


def _unpacked(stored: bytes) -> str:
    text: str = json.loads(decompressobj(wbits=-15).decompress(bytes(stored)))
    return text
