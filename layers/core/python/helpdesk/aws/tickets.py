"""The tickets port over one DynamoDB table.

A ticket's items share the partition key `TICKET#<id>`; the sort keys are `TICKET` (the ticket as
it is now), `MESSAGE#<number>` and `EVENT#<number>`, so that one range holds the ticket with its
messages and another its history. The ticket item carries the keys of three indexes:

    by-state      listing, order            what waits, by due time; what is done, by day
    by-customer   customer_key, created_at  one customer's tickets
    by-awaiting   awaiting, due             what the reconciler looks at

What a ticket waits for most stands on its own item; what it waits for beside that is an item
`AWAITING#<what>` with the same keys.

The event item carries those of a fourth, with what statistics need and nothing else:

    by-day        day, moment               what happened, in eight partitions a day

An idempotency key is an item of its own, written in the same transaction as its ticket. So is
`OVERRIDE#<id>`, the record of a lead's move on what another agent holds: only the leads' IAM policy
allows to write it. `ERASURE#<id>` is all that is left of an erased ticket; `RATE#<digest>`
counts requests (see `buckets`).
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from helpdesk.aws import items
from helpdesk.aws.conditions import Condition, Key
from helpdesk.aws.items import Item
from helpdesk.aws.tables import Table
from helpdesk.erasure import Erasure
from helpdesk.ports import ConflictError, Submission
from helpdesk.reconciling import Overdue
from helpdesk.stats import Happening
from helpdesk.ticket import (
    Await,
    Awaiting,
    Change,
    Conversation,
    Customer,
    Event,
    Listing,
    Ticket,
    awaits,
)

PATIENCE = timedelta(minutes=2)
"""How long a queue message may take before the reconciler looks for it."""

PAGE = 25
"""Tickets read at once from a list: an agent rarely needs more than the first few."""

_TRANSACTION = 100
"""Items one transaction may hold."""


class DynamoTickets:
    """Tickets in the DynamoDB table `table`; `patience` is how long a queue may take.

    `rule` says what a ticket waits for.
    """

    def __init__(
        self,
        table: Table,
        *,
        patience: timedelta = PATIENCE,
        rule: Callable[[Ticket, timedelta], tuple[Await, ...]] = awaits,
    ) -> None:
        self._table = table
        self._client = table.client
        self._patience = patience
        self._rule = rule

    def commit(self, change: Change, submission: Submission | None = None) -> None:
        """Store a change whole or not at all.

        Raises ConflictError if the ticket moved, or the submission's key is taken and in force.
        """
        after = change.after
        awaited = self._rule(after, self._patience)
        beside = {each.what for each in awaited[1:]}
        before = self._rule(change.before, self._patience)[1:] if change.before else ()
        ended = [each.what for each in before if each.what not in beside]
        item, event, *others = items.written(change, awaited, ended)
        ticket_put: Item = {"Item": item}
        if change.before is None:
            ticket_put["ConditionExpression"] = "attribute_not_exists(pk)"
        else:
            ticket_put["ConditionExpression"] = "version = :version"
            ticket_put["ExpressionAttributeValues"] = {":version": change.before.version}
        if submission:
            event["submission"] = submission.key_id  # for the erasure of the ticket
        puts = [ticket_put, {"Item": event}, *({"Item": other} for other in others)]
        if change.overrides:
            puts.append({"Item": items.override_item(change)})
        if submission:
            puts.append(_submission_put(submission, after.created_at))
        try:
            self._client.transact_write_items(
                TransactItems=[{"Put": {"TableName": self._table.name, **put}} for put in puts]
            )
        except ClientError as error:
            if _lost_race(error):
                raise ConflictError(f"another move of ticket {after.id} came first") from error
            raise

    def submission(self, key_id: str, now: datetime) -> Submission | None:
        """Return what is remembered under an idempotency key and still in force."""
        item = self._item(f"IDEMPOTENCY#{key_id}", "IDEMPOTENCY")
        found = items.submission(key_id, item) if item else None
        return found if found and now < found.expires_at else None

    def get(self, ticket_id: str) -> Ticket | None:
        """Return the ticket without its messages."""
        item = self._item(items.pk(ticket_id), "TICKET")
        return items.ticket(item) if item else None

    def opening(self, ticket_id: str) -> Conversation | None:
        """Return the ticket with its first message only."""
        name = self._table.name
        keys = [
            {"pk": items.pk(ticket_id), "sk": "TICKET"},
            {"pk": items.pk(ticket_id), "sk": items.message_sk(1)},
        ]
        answer = self._client.batch_get_item(
            RequestItems={name: {"Keys": keys, "ConsistentRead": True}}
        )
        if answer.get("UnprocessedKeys"):
            return self.conversation(ticket_id)
        return items.conversation(answer["Responses"].get(name, ()))

    def conversation(self, ticket_id: str) -> Conversation | None:
        """Return the ticket with all its messages."""
        return items.conversation(self._query(ticket_id, Key("sk").gte("MESSAGE#")))

    def events(self, ticket_id: str) -> tuple[Event, ...]:
        """Return the ticket's history, oldest first."""
        return tuple(map(items.event, self._query(ticket_id, Key("sk").begins_with("EVENT#"))))

    def listed(self, listing: Listing, day: date | None = None) -> Iterator[Ticket]:
        """Return the tickets of a listing in its order, as of a moment ago; done ones of a day."""
        partition = f"{listing}#{day}" if day else listing.value
        key = Key("listing").eq(partition)
        pages = self._pages(IndexName="by-state", KeyConditionExpression=key, PageSize=PAGE)
        return map(items.ticket, pages)

    def oldest(self, listing: Listing) -> datetime | None:
        """Return since when the first ticket of an open listing waits, as of a moment ago."""
        waits = (each.urgency.since for each in self.listed(listing))
        return min(waits, default=None)

    def of_customer(self, customer: Customer) -> tuple[Ticket, ...]:
        """Return a customer's tickets, newest first; none for a customer without a key."""
        if (name := customer.key) is None:
            return ()
        key = Key("customer_key").eq(name)
        pages = self._pages(
            IndexName="by-customer", KeyConditionExpression=key, ScanIndexForward=False
        )
        return tuple(map(items.ticket, pages))

    def happened(self, since: datetime, until: datetime) -> tuple[Happening, ...]:
        """Return every event from `since` to before `until`, as of a moment ago, oldest first."""
        span = Key("moment").between(
            items.moment(since), items.moment(until - timedelta(milliseconds=1))
        )
        found = [
            items.happening(item)
            for day in items.day_partitions(since, until)
            for item in self._pages(
                IndexName="by-day", KeyConditionExpression=Key("day").eq(day) & span
            )
        ]
        return tuple(sorted(found, key=lambda each: (each.at, each.ticket_id, each.number)))

    def overdue(self, awaiting: Awaiting, now: datetime) -> Iterator[Overdue]:
        """Yield the tickets for which this should have come by now, the oldest first.

        The index may be behind, so what it names is looked at again.
        """
        late = Key("awaiting").eq(awaiting) & Key("due").lte(items.moment(now))
        for key in self._pages(IndexName="by-awaiting", KeyConditionExpression=late):
            item = self._item(key["pk"], key["sk"])
            if item is None or item.get("awaiting") != awaiting or item["due"] > items.moment(now):
                continue
            whole = item if key["sk"] == "TICKET" else self._item(key["pk"], "TICKET")
            if whole:
                yield items.overdue(items.ticket(whole), awaiting, item)

    def waiting(self, awaiting: Awaiting) -> int:
        """Count the tickets that wait for this."""
        pages = self._table.query_pages(
            IndexName="by-awaiting",
            Select="COUNT",
            KeyConditionExpression=Key("awaiting").eq(awaiting),
        )
        return sum(page["Count"] for page in pages)

    def nudge(self, overdue: Overdue, now: datetime) -> None:
        """Count a nudge and put off the next one. Raises ConflictError if the ticket moved."""
        first = self._rule(overdue.ticket, self._patience)[0].what
        sk = "TICKET" if overdue.awaiting is first else items.awaiting_sk(overdue.awaiting)
        try:
            self._table.update_item(
                Key={"pk": items.pk(overdue.ticket.id), "sk": sk},
                UpdateExpression="SET due = :due ADD nudges :one",
                ConditionExpression="version = :version AND nudges = :nudges",
                ExpressionAttributeValues={
                    ":due": items.moment(now + self._patience),
                    ":one": 1,
                    ":version": overdue.ticket.version,
                    ":nudges": overdue.nudges,
                },
            )
        except ClientError as error:
            if _lost_race(error):
                raise ConflictError(f"ticket {overdue.ticket.id} moved meanwhile") from error
            raise

    def erased(self, ticket_id: str) -> bool:
        """Tell whether there was such a ticket and it was erased."""
        return self._item(f"ERASURE#{ticket_id}", "ERASURE") is not None

    def erase(self, ticket: Ticket, erasure: Erasure) -> None:
        """Delete every item that stems from a ticket and store the record of it, in one step.

        Of a ticket with more items than a transaction takes, the oldest messages and events go
        before. Raises ConflictError if the ticket moved.
        """
        name = self._table.name
        found = list(self._keys(items.pk(ticket.id))) + list(self._keys(f"OVERRIDE#{ticket.id}"))
        first = self._item(items.pk(ticket.id), "EVENT#000001") or {}
        others = [{"pk": f"RATE#{bucket}", "sk": "RATE"} for bucket in erasure.buckets]
        if key_id := first.get("submission"):
            others.append({"pk": f"IDEMPOTENCY#{key_id}", "sk": "IDEMPOTENCY"})
        children = [key for key in found if key["sk"] not in {"TICKET", "EVENT#000001"}]
        room = _TRANSACTION - len(others) - 3
        self._table.delete_all(children[: max(0, len(children) - room)])
        last = [*children[max(0, len(children) - room) :], *others]
        if first:
            last.append({"pk": items.pk(ticket.id), "sk": "EVENT#000001"})
        deletes: list[Item] = [{"Key": key} for key in last]
        deletes.append(
            {
                "Key": {"pk": items.pk(ticket.id), "sk": "TICKET"},
                "ConditionExpression": "version = :version",
                "ExpressionAttributeValues": {":version": ticket.version},
            }
        )
        record = {"Item": items.erasure_item(erasure)}
        writes = [{"Put": {"TableName": name, **record}}]
        writes += [{"Delete": {"TableName": name, **delete}} for delete in deletes]
        try:
            self._client.transact_write_items(TransactItems=writes)
        except ClientError as error:
            if _lost_race(error):
                raise ConflictError(f"ticket {ticket.id} moved meanwhile") from error
            raise

    def _keys(self, pk: str) -> Iterator[Item]:
        return self._pages(
            KeyConditionExpression=Key("pk").eq(pk),
            ProjectionExpression="pk, sk",
            ConsistentRead=True,
        )

    def _item(self, pk: str, sk: str) -> Item | None:
        return self._table.get_item(Key={"pk": pk, "sk": sk}, ConsistentRead=True)

    def _query(self, ticket_id: str, sk: Condition) -> Iterator[Item]:
        return self._pages(
            KeyConditionExpression=Key("pk").eq(items.pk(ticket_id)) & sk, ConsistentRead=True
        )

    def _pages(self, PageSize: int | None = None, **query: Any) -> Iterator[Item]:  # noqa: N803 -- as boto3
        return self._table.query(page_size=PageSize, **query)


def _submission_put(submission: Submission, now: datetime) -> Item:
    """The key may be taken again once it has expired: DynamoDB deletes expired items late."""
    return {
        "Item": items.submission_item(submission),
        "ConditionExpression": "attribute_not_exists(pk) OR expires_at <= :now",
        "ExpressionAttributeValues": {":now": int(now.timestamp())},
    }


def _lost_race(error: ClientError) -> bool:
    """Tell a failed condition, or a transaction that met another, from every other failure."""
    code = error.response["Error"]["Code"]
    if code == "ConditionalCheckFailedException":
        return True
    reasons = {reason.get("Code") for reason in error.response.get("CancellationReasons", ())}
    return bool(reasons & {"ConditionalCheckFailed", "TransactionConflict"})
