"""Conversations of assisted persons in the tickets table, for every process:

    CONVERSATION#<id>                  CONVERSATION   the messages, their customer and their ticket
    CONVERSATION#<digest of an owner>  OF#<id>        so that erasing the owner finds it

Owners are the customer's address and reference. All items of a conversation are written in one
step and expire together.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from zlib import compress, decompress

from helpdesk.assisting import Conversation, Talked
from helpdesk.aws.conditions import Key
from helpdesk.aws.tables import Item, Table
from helpdesk.ticket import Customer

SK = "CONVERSATION"


class DynamoConversations:
    """Conversations in the DynamoDB table of tickets, each kept for `life` after its last one."""

    def __init__(self, table: Table, life: timedelta) -> None:
        self._table = table
        self._life = life

    def get(self, conversation_id: str) -> Conversation | None:
        """Return a conversation as it is now; one that expired may still be there."""
        key = {"pk": _pk(conversation_id), "sk": SK}
        item = self._table.get_item(Key=key, ConsistentRead=True)
        return _conversation(conversation_id, item) if item else None

    def put(self, conversation: Conversation, now: datetime) -> None:
        """Store the next version of a conversation, with its owners. Raises ConflictError."""
        expires_at = int((now + self._life).timestamp())
        owners = [_digest(each.stored) for each in conversation.owners]
        item = {
            "pk": _pk(conversation.id),
            "sk": SK,
            "said": compress(json.dumps(_said(conversation)).encode(), 9),
            "version": conversation.version,
            "owners": owners,
            "expires_at": expires_at,
        }
        if conversation.version == 1:
            condition = Key("pk").not_exists()
        else:
            condition = Key("version").eq(conversation.version - 1)
        of_owners: list[Item] = [
            {"pk": _pk(owner), "sk": f"OF#{conversation.id}", "expires_at": expires_at}
            for owner in owners
        ]
        self._table.write_together(
            [
                {"Put": {"Item": item, **condition.parameters("ConditionExpression")}},
                *({"Put": {"Item": each}} for each in of_owners),
            ],
            lost=f"conversation {conversation.id} was changed",
        )


def keys_about(table: Table, owners: Iterable[str]) -> Iterator[Item]:
    """Yield the keys of the conversations of customers, each once."""
    found: dict[tuple[str, str], None] = {}
    for owner in owners:
        listed = table.query(
            KeyConditionExpression=Key("pk").eq(_pk(_digest(owner))),
            ProjectionExpression="sk",
            ConsistentRead=True,
        )
        for conversation_id in [each["sk"].removeprefix("OF#") for each in listed]:
            item = table.get_item(Key={"pk": _pk(conversation_id), "sk": SK}, ConsistentRead=True)
            digests = {_digest(owner), *(item["owners"] if item else ())}
            found[_pk(conversation_id), SK] = None
            found |= {(_pk(each), f"OF#{conversation_id}"): None for each in digests}
    yield from ({"pk": pk, "sk": sk} for pk, sk in found)


def _said(conversation: Conversation) -> dict[str, Any]:
    customer = asdict(conversation.customer)
    return {
        "customer": {name: customer[name] for name in ("email", "name", "reference", "verified")},
        "ticket": conversation.ticket,
        "messages": [
            [each.by_customer, each.text, each.at.isoformat() if each.at else None]
            for each in conversation.messages
        ],
    }


def _conversation(conversation_id: str, item: Item) -> Conversation:
    said = json.loads(decompress(bytes(item["said"])))
    return Conversation(
        id=conversation_id,
        customer=Customer(**said["customer"]),
        messages=tuple(
            Talked(by_customer=by, text=text, at=datetime.fromisoformat(at) if at else None)
            for by, text, at in said["messages"]
        ),
        ticket=said["ticket"],
        version=int(item["version"]),
    )


def _digest(owner: str) -> str:
    return sha256(owner.encode()).hexdigest()[:32]


def _pk(name: str) -> str:
    return f"CONVERSATION#{name}"
