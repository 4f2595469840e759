"""The tickets port over one DynamoDB table.

A ticket's items share the partition key `TICKET#<id>`; the sort keys are `TICKET` (the ticket as
it is now), `MESSAGE#<number>` and `EVENT#<number>`, so that one range holds the ticket with its
messages and another its history. The ticket item carries the keys of three indexes:

    by-state      listing, order            what waits, by due time; what is done, by day
    by-customer   customer_key, created_at  one customer's tickets
    by-awaiting   awaiting, due             what the reconciler looks at

The event item carries those of a fourth, with what statistics need and nothing else:

    by-day        day, moment               what happened, in eight partitions a day

An idempotency key is an item of its own, written in the same transaction as its ticket. So is
`OVERRIDE#<id>`, the record of a lead's move on what another agent holds: the agents' IAM policy
lets nobody else write it. `ERASURE#<id>` is all that is left of an erased ticket; `RATE#<digest>`
counts requests (see `buckets`).
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, fields
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, get_type_hints

from boto3.dynamodb.conditions import ConditionBase, Key
from botocore.exceptions import ClientError
from pydantic import TypeAdapter

from helpdesk.agents import Listing
from helpdesk.desk import Awaiting, ConflictError, NewerSchemaError, Overdue, Submission
from helpdesk.erasure import Erasure
from helpdesk.stats import Happening
from helpdesk.ticket import Change, Conversation, Customer, Event, Message, Move, State, Ticket

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

PATIENCE = timedelta(minutes=2)
"""How long a queue message may take before the reconciler looks for it."""

CHOICE_PATIENCE = timedelta(hours=24)
"""How long a customer may think about a choice before a person looks."""

_TICKET = TypeAdapter(Ticket)
_MESSAGE = TypeAdapter(Message)
_EVENT = TypeAdapter(Event)
_FIELDS = {name: TypeAdapter(kind) for name, kind in get_type_hints(Ticket).items()}
_HAPPENING = TypeAdapter(Happening)

PAGE = 25
"""Tickets read at once from a list: an agent rarely needs more than the first few."""

SCHEMA = 1
"""Written on every item. It grows when an older reader would lose something of a newer item."""

_SHARDS = 8

_TRANSACTION = 100
"""Items one transaction may hold."""

type Item = dict[str, Any]


class DynamoTickets:
    """Tickets in the DynamoDB table `table`; `patience` is how long a queue may take."""

    def __init__(self, table: "Table", *, patience: timedelta = PATIENCE) -> None:
        self._table = table
        # The client behind a table speaks plain Python types; its stubs do not know.
        self._client: Any = table.meta.client
        self._patience = patience

    def commit(self, change: Change, submission: Submission | None = None) -> None:
        """Store a change whole or not at all.

        Raises ConflictError if the ticket moved, or the submission's key is taken and in force.
        """
        after = change.after
        ticket_put: Item = {"Item": self._ticket_item(after)}
        if change.before is None:
            ticket_put["ConditionExpression"] = "attribute_not_exists(pk)"
        else:
            ticket_put["ConditionExpression"] = "version = :version"
            ticket_put["ExpressionAttributeValues"] = {":version": change.before.version}
        event = _child(after, *_event_item(change))
        if submission:
            event["submission"] = submission.key_id  # for whoever erases the ticket
        puts = [ticket_put, {"Item": event}]
        puts += [{"Item": _child(after, *_message_item(message))} for message in change.messages]
        if change.overrides:
            puts.append({"Item": _override_item(change)})
        if submission:
            puts.append(_submission_put(submission, after.created_at))
        try:
            self._client.transact_write_items(
                TransactItems=[{"Put": {"TableName": self._table.name, **put}} for put in puts]
            )
        except ClientError as error:
            if _lost_race(error):
                raise ConflictError(f"ticket {after.id} was moved by somebody else") from error
            raise

    def submission(self, key_id: str, now: datetime) -> Submission | None:
        """Return what is remembered under an idempotency key and still in force."""
        item = self._item(f"IDEMPOTENCY#{key_id}", "IDEMPOTENCY")
        if item is None:
            return None
        found = Submission(
            key_id=key_id,
            fingerprint=item["fingerprint"],
            ticket_id=item["ticket_id"],
            sealed_token=item["sealed_token"],
            expires_at=datetime.fromtimestamp(int(item["expires_at"]), UTC),
        )
        return found if now < found.expires_at else None

    def get(self, ticket_id: str) -> Ticket | None:
        """Return the ticket without its messages."""
        item = self._item(_pk(ticket_id), "TICKET")
        return _ticket(item) if item else None

    def opening(self, ticket_id: str) -> Conversation | None:
        """Return the ticket with its first message only."""
        name = self._table.name
        keys = [
            {"pk": _pk(ticket_id), "sk": "TICKET"},
            {"pk": _pk(ticket_id), "sk": _message_sk(1)},
        ]
        answer = self._client.batch_get_item(
            RequestItems={name: {"Keys": keys, "ConsistentRead": True}}
        )
        if answer.get("UnprocessedKeys"):
            return self.conversation(ticket_id)
        return _assembled(answer["Responses"].get(name, ()))

    def conversation(self, ticket_id: str) -> Conversation | None:
        """Return the ticket with all its messages."""
        return _assembled(self._query(ticket_id, Key("sk").gte("MESSAGE#")))

    def events(self, ticket_id: str) -> tuple[Event, ...]:
        """Return the ticket's history, oldest first."""
        return tuple(map(_event, self._query(ticket_id, Key("sk").begins_with("EVENT#"))))

    def listed(self, listing: Listing, day: date | None = None) -> Iterator[Ticket]:
        """Return the tickets of a listing in its order, as of a moment ago; done ones of a day."""
        partition = f"{listing}#{day}" if day else listing.value
        key = Key("listing").eq(partition)
        items = self._pages(IndexName="by-state", KeyConditionExpression=key, PageSize=PAGE)
        return map(_ticket, items)

    def oldest(self, listing: Listing) -> datetime | None:
        """Return since when the first ticket of an open listing waits, as of a moment ago."""
        waits = (each.urgency.since for each in self.listed(listing))
        return min(waits, default=None)

    def of_customer(self, customer: Customer) -> tuple[Ticket, ...]:
        """Return a customer's tickets, newest first; none for a customer nobody can tell."""
        if (name := customer.key) is None:
            return ()
        key = Key("customer_key").eq(name)
        items = self._pages(
            IndexName="by-customer", KeyConditionExpression=key, ScanIndexForward=False
        )
        return tuple(map(_ticket, items))

    def happened(self, since: datetime, until: datetime) -> tuple[Happening, ...]:
        """Return every event from `since` to before `until`, as of a moment ago, oldest first."""
        days = [since.date() + timedelta(days=n) for n in range((until - since).days + 2)]
        moments = Key("moment").between(_moment(since), _moment(until - timedelta(milliseconds=1)))
        found = [
            _HAPPENING.validate_python({**item, "ticket_id": item["pk"].removeprefix("TICKET#")})
            for day in days
            if day <= until.date()
            for shard in range(_SHARDS)
            for item in self._pages(
                IndexName="by-day", KeyConditionExpression=Key("day").eq(f"{day}#{shard}") & moments
            )
        ]
        return tuple(sorted(found, key=lambda each: (each.at, each.ticket_id, each.number)))

    def overdue(self, awaiting: Awaiting, now: datetime) -> Iterable[Overdue]:
        """Return the open tickets whose message on that queue should have been dealt with."""
        late = Key("awaiting").eq(awaiting) & Key("due").lte(_moment(now))
        for key in self._pages(IndexName="by-awaiting", KeyConditionExpression=late):
            item = self._item(key["pk"], "TICKET")
            if item and item.get("awaiting") == awaiting:
                yield Overdue(
                    _ticket(item), datetime.fromisoformat(item["due"]), int(item["nudges"])
                )

    def waiting(self, awaiting: Awaiting) -> int:
        """Count the open tickets that should have a message on that queue."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table.name,
            IndexName="by-awaiting",
            Select="COUNT",
            KeyConditionExpression=Key("awaiting").eq(awaiting),
        )
        return sum(page["Count"] for page in pages)

    def nudge(self, overdue: Overdue, now: datetime) -> None:
        """Count a nudge and put off the next one. Raises ConflictError if the ticket moved."""
        try:
            self._table.update_item(
                Key={"pk": _pk(overdue.ticket.id), "sk": "TICKET"},
                UpdateExpression="SET due = :due ADD nudges :one",
                ConditionExpression="version = :version AND nudges = :nudges",
                ExpressionAttributeValues={
                    ":due": _moment(now + self._patience),
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
        found = list(self._keys(_pk(ticket.id))) + list(self._keys(f"OVERRIDE#{ticket.id}"))
        first = self._item(_pk(ticket.id), "EVENT#000001") or {}
        others = [{"pk": f"RATE#{bucket}", "sk": "RATE"} for bucket in erasure.buckets]
        if key_id := first.get("submission"):
            others.append({"pk": f"IDEMPOTENCY#{key_id}", "sk": "IDEMPOTENCY"})
        children = [key for key in found if key["sk"] not in {"TICKET", "EVENT#000001"}]
        room = _TRANSACTION - len(others) - 3
        with self._table.batch_writer() as batch:
            for key in children[: max(0, len(children) - room)]:
                batch.delete_item(Key=key)
        last = [*children[max(0, len(children) - room) :], *others]
        if first:
            last.append({"pk": _pk(ticket.id), "sk": "EVENT#000001"})
        deletes: list[Item] = [{"Key": key} for key in last]
        deletes.append(
            {
                "Key": {"pk": _pk(ticket.id), "sk": "TICKET"},
                "ConditionExpression": "version = :version",
                "ExpressionAttributeValues": {":version": ticket.version},
            }
        )
        record = {"Item": _erasure_item(erasure)}
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

    def _ticket_item(self, ticket: Ticket) -> Item:
        item = _plain(_TICKET, ticket)
        item["listing"], item["order"] = _listing(ticket)
        if awaited := self._awaited(ticket):
            item["awaiting"], due = awaited
            item["due"] = _moment(due)
            item["nudges"] = 0
        if key := ticket.customer.key:
            item["customer_key"] = key
        return _child(ticket, "TICKET", item)

    def _awaited(self, ticket: Ticket) -> tuple[str, datetime] | None:
        """Return what a ticket waits for, and when the reconciler shall look whether it came."""
        if ticket.state is State.RECEIVED:
            return Awaiting.INTAKE, ticket.updated_at + self._patience
        if ticket.state is State.ASKED:
            return Awaiting.CHOICE, ticket.updated_at + CHOICE_PATIENCE
        if ticket.state is not State.ESCALATED:
            return None
        if ticket.snoozed_until:
            return Awaiting.WAKING, ticket.snoozed_until
        hidden_until = ticket.lease.until if ticket.lease else ticket.updated_at
        return Awaiting.ESCALATION, hidden_until + self._patience

    def _item(self, pk: str, sk: str) -> Item | None:
        return self._table.get_item(Key={"pk": pk, "sk": sk}, ConsistentRead=True).get("Item")

    def _query(self, ticket_id: str, sk: ConditionBase) -> Iterator[Item]:
        return self._pages(
            KeyConditionExpression=Key("pk").eq(_pk(ticket_id)) & sk, ConsistentRead=True
        )

    def _pages(self, PageSize: int | None = None, **query: Any) -> Iterator[Item]:  # noqa: N803 -- as boto3
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table.name, PaginationConfig={"PageSize": PageSize}, **query
        )
        for page in pages:
            yield from page["Items"]


def _pk(ticket_id: str) -> str:
    return f"TICKET#{ticket_id}"


def _message_sk(number: int) -> str:
    return f"MESSAGE#{number:06}"


def _message_item(message: Message) -> tuple[str, Item]:
    return _message_sk(message.number), _plain(_MESSAGE, message)


def _event_item(change: Change) -> tuple[str, Item]:
    event, ticket = change.event, change.after
    changed = {name: _FIELDS[name].dump_python(v, mode="json") for name, v in event.changed.items()}
    plain = _EVENT.dump_python(event, mode="json", exclude={"changed"})
    facts = {
        "day": f"{event.at.astimezone(UTC).date()}#{int(ticket.id[-1], 36) % _SHARDS}",
        "moment": _moment(event.at),
        **_facts(change),
    }
    return f"EVENT#{event.number:06}", _decimals({**plain, "changed": changed, **facts})


def _facts(change: Change) -> Item:
    """What statistics ask of an event, so that they need not read the ticket."""
    event, ticket = change.event, change.after
    ranking = ticket.understanding.ranking if ticket.understanding else ()
    facts: Item = {"intent": ranking[0].name} if ranking else {}
    if event.move in {Move.ESCALATED, Move.REOPENED} and ticket.reason:
        facts["reason"] = ticket.reason.value
    if event.move in {Move.ANSWERED, Move.REPLIED}:
        facts["waited"] = int((event.at - ticket.urgency.since).total_seconds())
    return facts


def _override_item(change: Change) -> Item:
    event, ticket = change.event, change.after
    return {
        "pk": f"OVERRIDE#{ticket.id}",
        "sk": f"EVENT#{event.number:06}",
        "by": event.actor,
        "at": _moment(event.at),
        "expires_at": int(ticket.expires_at.timestamp()),
    }


def _erasure_item(erasure: Erasure) -> Item:
    return {
        "pk": f"ERASURE#{erasure.ticket_id}",
        "sk": "ERASURE",
        "by": erasure.by,
        "at": _moment(erasure.at),
        "expires_at": int(erasure.expires_at.timestamp()),
    }


def _listing(ticket: Ticket) -> tuple[str, str]:
    """Return the partition and the order in which a ticket is listed."""
    if ticket.state in {State.RECEIVED, State.ASKED}:
        return Listing(ticket.state), _moment(ticket.created_at)
    if ticket.state is State.ESCALATED and ticket.snoozed_until:
        return Listing.SNOOZED, _moment(ticket.snoozed_until)
    if ticket.state is State.ESCALATED:
        return Listing.ESCALATED, _moment(ticket.urgency.due)
    done = ticket.updated_at.astimezone(UTC)
    return f"{ticket.state}#{done.date()}", _moment(done)


def _child(ticket: Ticket, sk: str, item: Item) -> Item:
    expires_at = int(ticket.expires_at.timestamp())
    return {**item, "pk": _pk(ticket.id), "sk": sk, "expires_at": expires_at, "schema": SCHEMA}


def _submission_put(submission: Submission, now: datetime) -> Item:
    """The key may be taken again once it has expired: DynamoDB deletes expired items late."""
    return {
        "Item": {
            "pk": f"IDEMPOTENCY#{submission.key_id}",
            "sk": "IDEMPOTENCY",
            **{k: v for k, v in asdict(submission).items() if k != "key_id"},
            "expires_at": int(submission.expires_at.timestamp()),
        },
        "ConditionExpression": "attribute_not_exists(pk) OR expires_at <= :now",
        "ExpressionAttributeValues": {":now": int(now.timestamp())},
    }


def _assembled(items: Iterable[Item]) -> Conversation | None:
    by_key = {item["sk"]: item for item in items}
    item = by_key.pop("TICKET", None)
    if item is None:
        return None
    messages = (_MESSAGE.validate_python(by_key[sk]) for sk in sorted(by_key))
    return Conversation(_ticket(item), tuple(messages))


def _ticket(item: Mapping[str, Any]) -> Ticket:
    if item.get("schema", 1) > SCHEMA:
        raise NewerSchemaError(
            f"{item['pk']} was written by a later version (schema {item['schema']}, this one "
            f"knows {SCHEMA}); install that"
        )
    known = {f.name: item[f.name] for f in fields(Ticket) if f.name in item}
    return _TICKET.validate_python({**known, "expires_at": int(item["expires_at"])})


def _event(item: Mapping[str, Any]) -> Event:
    event = _EVENT.validate_python({**item, "changed": {}})
    changed = {name: _FIELDS[name].validate_python(v) for name, v in item["changed"].items()}
    event.changed.update(changed)
    return event


def _plain(adapter: TypeAdapter[Any], value: object) -> Item:
    return _decimals(adapter.dump_python(value, mode="json", exclude_none=True))


def _decimals(plain: Item) -> Item:
    """DynamoDB takes Decimal for what JSON calls a number."""
    item: Item = json.loads(json.dumps(plain), parse_float=Decimal)
    return item


def _moment(at: datetime) -> str:
    """A form of fixed width, so that text order is time order."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds")


def _lost_race(error: ClientError) -> bool:
    """Tell a failed condition, or a transaction that met another, from every other failure."""
    code = error.response["Error"]["Code"]
    if code == "ConditionalCheckFailedException":
        return True
    reasons = {reason.get("Code") for reason in error.response.get("CancellationReasons", ())}
    return bool(reasons & {"ConditionalCheckFailed", "TransactionConflict"})
