"""What is remembered of a move with an idempotency key: an attribute of the item of its event.

A repeated move is a new version of its ticket. So a request that finds nothing here, and commits on
the version it read before, is the first one with its key.
"""

from collections.abc import Iterator
from typing import Any

from helpdesk.aws.conditions import Key
from helpdesk.aws.tables import Item, Table
from helpdesk.ports import Repeat
from helpdesk.ticket import State

_NAME = "repeat"
_RANGES = (("MESSAGE#", "MESSAGE$"), ("EVENT#", "EVENT$"))
"""An event with a message is in the first range of sort keys, one without in the second."""

_PAGE = 10
"""Events read at once, the newest first: a request comes again within seconds."""


def beside_an_event(remembered: Repeat) -> dict[str, Any]:
    """Return what to add to the item of an event."""
    kept = {
        "key": bytes.fromhex(remembered.key_id),
        "fingerprint": bytes.fromhex(remembered.fingerprint),
        "state": remembered.state.value,
    }
    if remembered.sealed_token:
        kept["token"] = remembered.sealed_token
    return {_NAME: kept}


def found(table: Table, pk: str, key_id: str, since: str) -> Repeat | None:
    """Return what is remembered under a key in a ticket's partition, from the moment `since` on."""
    key = bytes.fromhex(key_id)
    for item in _events(table, pk, since):
        kept = item.get(_NAME)
        if kept and kept["key"] == key:
            return Repeat(
                key_id=key_id,
                fingerprint=kept["fingerprint"].hex(),
                version=int(item["number"]),
                state=State(kept["state"]),
                sealed_token=kept.get("token"),
            )
    return None


def _events(table: Table, pk: str, since: str) -> Iterator[Item]:
    for first, end in _RANGES:
        newest_first = table.query(
            KeyConditionExpression=Key("pk").eq(pk) & Key("sk").between(first, end),
            ScanIndexForward=False,
            ConsistentRead=True,
            page_size=_PAGE,
        )
        for item in newest_first:
            if item.get("moment", "") < since:
                break
            yield item
