"""The replies of agents that drafts may repeat, in the tickets table.

ADOPTED   <ticket>   the replies of a ticket, masked

They are one item a ticket, under a key that is known from the ticket: what erases a ticket deletes
it unseen, in the same step, and no reply is stored of a ticket that is not there. The item expires
with its ticket. It stays when its last reply is dropped, so that its version goes on.
"""

from typing import Any

from helpdesk.aws import items
from helpdesk.aws.editions import items as items_of
from helpdesk.aws.shapes import Shape
from helpdesk.aws.tables import Table
from helpdesk.curation import Adopted
from helpdesk.evidence import Reply

_PARTITION = "ADOPTED"
_ADOPTED = Shape[Adopted](Adopted)


def key_of(ticket_id: str) -> dict[str, str]:
    """Return the key of the replies of a ticket."""
    return {"pk": _PARTITION, "sk": ticket_id}


class DynamoReplies:
    """Replies in the DynamoDB table `table` of the tickets."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def adopted(self, ticket_id: str) -> Adopted | None:
        """Return the replies of a ticket; None if it has none."""
        item = self._table.get_item(Key=key_of(ticket_id), ConsistentRead=True)
        return _ADOPTED.read(item) if item else None

    def reply(self, ticket_id: str, message: int) -> Reply | None:
        """Return a reply by its ticket and its message's number."""
        found = self.adopted(ticket_id)
        return found.of(message) if found else None

    def replies(self) -> tuple[Reply, ...]:
        """Return the replies of all tickets."""
        found = map(_ADOPTED.read, items_of(self._table, _PARTITION))
        return tuple(reply for each in found for reply in each.replies)

    def put_adopted(self, adopted: Adopted) -> None:
        """Store the replies of a ticket in place of those of the version before.

        Raises ConflictError if another lead changed them, or the ticket is gone.
        """
        still: dict[str, Any] = {"ConditionExpression": "attribute_not_exists(pk)"}
        if adopted.version > 1:
            still = {
                "ConditionExpression": "#version = :before",
                "ExpressionAttributeNames": {"#version": "version"},
                "ExpressionAttributeValues": {":before": adopted.version - 1},
            }
        item = {
            **_ADOPTED.write(adopted),
            **key_of(adopted.ticket_id),
            "expires_at": int(adopted.expires_at.timestamp()),
        }
        there = {
            "Key": {"pk": items.pk(adopted.ticket_id), "sk": "TICKET"},
            "ConditionExpression": "attribute_exists(pk)",
        }
        writes = [{"Put": {"Item": item, **still}}, {"ConditionCheck": there}]
        lost = f"another lead changed the replies of {adopted.ticket_id}, or the ticket is gone"
        self._table.write_together(writes, lost=lost)
