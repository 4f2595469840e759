"""What has to leave the house, over the tickets table: mails to customers, notices to leads.

Each is an item of its ticket's partition, written with its move and erased with its ticket. One
that waits has the keys of the index `by-awaiting`, and is no longer in it with its mark.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from heapq import merge
from operator import itemgetter

from botocore.exceptions import ClientError

from helpdesk.aws import items
from helpdesk.aws.conditions import Key
from helpdesk.aws.items import Item
from helpdesk.aws.races import lost_race
from helpdesk.aws.tables import Table
from helpdesk.ports import ConflictError

HOLD = timedelta(seconds=60)
"""How long a courier has a dispatch for itself: longer than the function may run."""

HIDDEN = timedelta(seconds=200)
"""How long the queue hides a message that was received, before the next attempt."""

LONGEST_PAUSE = timedelta(days=1)
"""How long the pause between two nudges may become; it doubles each time."""


class Dispatches:
    """Dispatches of one kind in `table`, which wait under the name `awaiting`.

    `patience` is how long the queue may take.
    """

    def __init__(self, table: Table, awaiting: str, *, patience: timedelta) -> None:
        self._table = table
        self._awaiting = awaiting
        self._patience = patience

    def fresh(self, item: Item, ticket_id: str, *, at: datetime, expires_at: datetime) -> Item:
        """Return the item of a dispatch that is to leave at a moment."""
        return {
            **item,
            "expires_at": int(expires_at.timestamp()),
            "schema": items.SCHEMA,
            "awaiting": items.shard(self._awaiting, ticket_id),
            "due": items.moment(at),
            "nudges": 0,
        }

    def begin(self, key: Item, ticket_id: str, now: datetime) -> None:
        """Count an attempt, and keep others off for its time. What failed waits again.

        Raises ConflictError if another courier has the dispatch or has ended it.
        """
        self._update(
            key,
            "SET awaiting = :awaiting, due = :due, held_until = :until ADD attempts :one "
            "REMOVE failed",
            "attribute_exists(pk) AND attribute_not_exists(ended_at) "
            "AND (attribute_not_exists(held_until) OR held_until <= :now)",
            {
                ":awaiting": items.shard(self._awaiting, ticket_id),
                ":due": items.moment(now + HIDDEN + self._patience),
                ":until": items.moment(now + HOLD),
                ":now": items.moment(now),
                ":one": 1,
            },
        )

    def put_off(self, key: Item, until: datetime) -> None:
        """Let a dispatch wait for its next attempt. Raises ConflictError if it ended or is gone."""
        self._update(
            key,
            "SET due = :due REMOVE held_until",
            "attribute_exists(pk) AND attribute_not_exists(ended_at)",
            {":due": items.moment(until + self._patience)},
        )

    def mark(self, key: Item, told: Item) -> Item:
        """Return the update that stores how a dispatch ended, for a transaction."""
        return {
            "Key": key,
            "UpdateExpression": f"SET {', '.join(f'{name} = :{name}' for name in told)} "
            "REMOVE awaiting, due, held_until",
            "ConditionExpression": "attribute_exists(pk) AND attribute_not_exists(ended_at)",
            "ExpressionAttributeValues": {f":{name}": value for name, value in told.items()},
        }

    def overdue(self, now: datetime) -> Iterator[Item]:
        """Yield the items of what should have left by now, the oldest first.

        The index may be out of date, so each is read again from the table.
        """
        late = [
            self._table.query(
                IndexName="by-awaiting",
                KeyConditionExpression=Key("awaiting").eq(shard)
                & Key("due").lte(items.moment(now)),
            )
            for shard in items.shards(self._awaiting)
        ]
        for key in merge(*late, key=itemgetter("due")):
            whole = {"pk": key["pk"], "sk": key["sk"]}
            item = self._table.get_item(Key=whole, ConsistentRead=True)
            if item and item.get("awaiting") and item["due"] <= items.moment(now):
                yield item

    def waiting(self) -> Iterator[Item]:
        """Yield the items of all that waits to leave, overdue or not; may be moments old."""
        keys = (
            {"pk": key["pk"], "sk": key["sk"]}
            for shard in items.shards(self._awaiting)
            for key in self._table.query(
                IndexName="by-awaiting",
                KeyConditionExpression=Key("awaiting").eq(shard),
            )
        )
        return (item for item in self._table.get_all(keys) if item.get("awaiting"))

    def nudge(self, key: Item, nudges: int, now: datetime) -> None:
        """Count a nudge and put off the next one. Raises ConflictError if it moved on."""
        pause: timedelta = self._patience * 2**nudges
        self._update(
            key,
            "SET due = :due ADD nudges :one",
            "attribute_exists(awaiting) AND nudges = :before",
            {
                ":due": items.moment(now + min(pause, LONGEST_PAUSE)),
                ":one": 1,
                ":before": nudges,
            },
        )

    def _update(self, key: Item, change: str, condition: str, values: Item) -> None:
        try:
            self._table.update_item(
                Key=key,
                UpdateExpression=change,
                ConditionExpression=condition,
                ExpressionAttributeValues=values,
            )
        except ClientError as error:
            if lost_race(error):
                raise ConflictError(f"{key['sk']} moved on") from error
            raise
