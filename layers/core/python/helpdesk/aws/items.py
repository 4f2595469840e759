"""What a ticket's items look like in the table, written and read.

Every item holds the number of its schema. It grows when an older reader would lose something of a
newer item; that reader then refuses the item instead.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any, get_type_hints

from helpdesk import stats
from helpdesk.aws.shapes import Shape
from helpdesk.erasure import Erasure
from helpdesk.ports import NewerSchemaError, Submission
from helpdesk.reconciling import Overdue
from helpdesk.stats import Happening
from helpdesk.ticket import (
    Await,
    Awaiting,
    Change,
    Conversation,
    Event,
    Message,
    Place,
    Ticket,
    place,
)

SCHEMA = 1
"""Written on every item."""

_TICKET = Shape[Ticket](Ticket)
_MESSAGE = Shape[Message](Message)
_EVENT = Shape[Event](Event)
_FIELDS = {name: Shape[Any](kind) for name, kind in get_type_hints(Ticket).items()}
_HAPPENING = Shape[Happening](Happening)
_FACTS = ("intent", "reason", "waited")

SHARDS = 8
"""Partitions of the events of one day."""

type Item = dict[str, Any]


def pk(ticket_id: str) -> str:
    """Return the partition of a ticket's items."""
    return f"TICKET#{ticket_id}"


def message_sk(number: int) -> str:
    """Return the sort key of a message."""
    return f"MESSAGE#{number:06}"


def awaiting_sk(awaiting: Awaiting) -> str:
    """Return the sort key of what a ticket waits for beside the most pressing."""
    return f"AWAITING#{awaiting}"


def moment(at: datetime) -> str:
    """Return a moment in a form of fixed width, so that text order is time order."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds")


def partition(stands: Place) -> str:
    """Return under which key of the index `by-state` a ticket is listed."""
    return f"{stands.listing}#{stands.day}" if stands.day else stands.listing.value


def day_partitions(since: datetime, until: datetime) -> Iterator[str]:
    """Yield the keys of the index `by-day` that hold the events of a span."""
    for number in range((until.date() - since.date()).days + 1):
        for shard in range(SHARDS):
            yield f"{since.date() + timedelta(days=number)}#{shard}"


def written(change: Change, awaited: tuple[Await, ...], ended: Iterable[Awaiting]) -> list[Item]:
    """Return the items of a change, the ticket's first: event, messages, what else it waits for.

    What the ticket waits for most is told by the ticket's own item, so that it costs no item more.
    `ended` is what the ticket waited for beside that, and does no longer: these items leave the
    index.
    """
    ticket = change.after
    children = [_event_item(change)]
    children += [(message_sk(each.number), _MESSAGE.write(each)) for each in change.messages]
    children += [(awaiting_sk(each.what), _awaiting(ticket, each)) for each in awaited[1:]]
    children += [(awaiting_sk(each), {}) for each in ended]
    item = _ticket_item(ticket, awaited[0] if awaited else None)
    return [item, *(_child(ticket, sk, child) for sk, child in children)]


def override_item(change: Change) -> Item:
    """Return the record of a lead's move on what another agent holds."""
    event, ticket = change.event, change.after
    return {
        "pk": f"OVERRIDE#{ticket.id}",
        "sk": f"EVENT#{event.number:06}",
        "by": event.actor,
        "at": moment(event.at),
        "expires_at": int(ticket.expires_at.timestamp()),
    }


def erasure_item(erasure: Erasure) -> Item:
    """Return the record of an erasure."""
    return {
        "pk": f"ERASURE#{erasure.ticket_id}",
        "sk": "ERASURE",
        "by": erasure.by,
        "at": moment(erasure.at),
        "expires_at": int(erasure.expires_at.timestamp()),
    }


def submission_item(submission: Submission) -> Item:
    """Return what is remembered of a request with an idempotency key."""
    return {
        "pk": f"IDEMPOTENCY#{submission.key_id}",
        "sk": "IDEMPOTENCY",
        **{k: v for k, v in asdict(submission).items() if k != "key_id"},
        "expires_at": int(submission.expires_at.timestamp()),
    }


def submission(key_id: str, item: Mapping[str, Any]) -> Submission:
    """Return the submission of an item."""
    return Submission(
        key_id=key_id,
        fingerprint=item["fingerprint"],
        ticket_id=item["ticket_id"],
        sealed_token=item["sealed_token"],
        expires_at=datetime.fromtimestamp(int(item["expires_at"]), UTC),
    )


def ticket(item: Mapping[str, Any]) -> Ticket:
    """Return the ticket of an item. Raises NewerSchemaError."""
    if item.get("schema", 1) > SCHEMA:
        raise NewerSchemaError(
            f"{item['pk']} was written by a later version (schema {item['schema']}, this one "
            f"knows {SCHEMA}); install that"
        )
    known = {f.name: item[f.name] for f in fields(Ticket) if f.name in item}
    return _TICKET.read({**known, "expires_at": int(item["expires_at"])})


def event(item: Mapping[str, Any]) -> Event:
    """Return the event of an item."""
    found = _EVENT.read({**item, "changed": {}})
    changed = {name: _FIELDS[name].read(v) for name, v in item["changed"].items()}
    found.changed.update(changed)
    return found


def happening(item: Mapping[str, Any]) -> Happening:
    """Return an event as statistics see it."""
    return _HAPPENING.read({**item, "ticket_id": item["pk"].removeprefix("TICKET#")})


def overdue(of: Ticket, awaiting: Awaiting, item: Mapping[str, Any]) -> Overdue:
    """Return what a ticket waits for in vain, from the item that says so."""
    return Overdue(of, awaiting, datetime.fromisoformat(item["due"]), int(item["nudges"]))


def conversation(items: Iterable[Item]) -> Conversation | None:
    """Return a ticket with those of its messages that are among the items."""
    by_key = {item["sk"]: item for item in items}
    item = by_key.pop("TICKET", None)
    if item is None:
        return None
    messages = (_MESSAGE.read(by_key[sk]) for sk in sorted(by_key))
    return Conversation(ticket(item), tuple(messages))


def _ticket_item(of: Ticket, awaited: Await | None) -> Item:
    item = _TICKET.write(of)
    stands = place(of)
    item["listing"], item["order"] = partition(stands), moment(stands.order)
    if awaited:
        item |= _awaiting(of, awaited)
    if key := of.customer.key:
        item["customer_key"] = key
    return _child(of, "TICKET", item)


def _awaiting(of: Ticket, awaited: Await) -> Item:
    return {
        "awaiting": awaited.what.value,
        "due": moment(awaited.due),
        "nudges": 0,
        "version": of.version,
    }


def _event_item(change: Change) -> tuple[str, Item]:
    event, of = change.event, change.after
    changed = {name: _FIELDS[name].write(v, none=True) for name, v in event.changed.items()}
    plain = _EVENT.write(replace(event, changed={}), none=True)
    told = _HAPPENING.write(stats.happening(change))
    facts = {
        "day": f"{event.at.astimezone(UTC).date()}#{int(of.id[-1], 36) % SHARDS}",
        "moment": moment(event.at),
        **{name: told[name] for name in _FACTS if name in told},
    }
    return f"EVENT#{event.number:06}", {**plain, "changed": changed, **facts}


def _child(of: Ticket, sk: str, item: Item) -> Item:
    expires_at = int(of.expires_at.timestamp())
    return {**item, "pk": pk(of.id), "sk": sk, "expires_at": expires_at, "schema": SCHEMA}
