"""What a ticket's items look like in the table, written and read.

An event that brings a message is part of the message's item: one item less to pay for.
What an event changed is compressed, and so is a long text. So an answer and its event fit into the
1,024 bytes of one write unit.

Every item holds the number of its schema. The number grows when an older reader would lose a part
of a newer item. The older reader then refuses the item.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields, replace
from datetime import UTC, date, datetime
from typing import Any, get_type_hints
from zlib import compressobj, decompressobj

from helpdesk import stats
from helpdesk.aws.shapes import Shape
from helpdesk.drafting import Draft
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
    Listing,
    Message,
    Ticket,
    place,
)

SCHEMA = 6
"""Written on every item. Items of schema 1 have their events apart, uncompressed.

A reader of schema 2 takes every customer for verified; one of schema 3 forgets how serious a ticket
is, one of schema 4 that it has a draft, one of schema 5 that its customer gets mails.
"""

_TICKET = Shape[Ticket](Ticket)
_MESSAGE = Shape[Message](Message)
_EVENT = Shape[Event](Event)
_FIELDS = {name: Shape[Any](kind) for name, kind in get_type_hints(Ticket).items()}
_HAPPENING = Shape[Happening](Happening)
_DRAFT = Shape[Draft](Draft)
_EVENTS_OWN = {"ticket_id", "number", "move", "at", "actor"}
"""What statistics are told of an event that the event says anyway."""

_RARE = {"matter", "draft", "microdollars", "returned"}
"""Facts that few events have. They travel inside of `was`, each with a + before its name: DynamoDB
projects at most twenty attributes into an index."""

LONG_TEXT = 256
"""Bytes of a message from which on it is compressed, so that few cost a second write unit."""

SHARDS_OF_A_DAY = 8
SHARDS_OF_WHAT_IS_AWAITED = 8
SHARDS_OF_A_LIST = 4
"""Partitions in an index: of the events of one day; of the tickets that wait for one thing; of the
tickets that wait for people.

A partition takes a thousand writes a second, and a question writes two entries of either of the
first two indexes: docs/benchmarks.md has what follows. Agents read the lists, so these are in few.
"""

_OF_IDS = "0123456789abcdefghjkmnpqrstvwxyz"
"""The characters of tickets' ids (`helpdesk.access`)."""

_WORDS = (
    b'{"id":"","version":1,"created_at":"20","updated_at":"20","expires_at":"20","token_hash":'
    b'"","token_expires_at":"20","channel":"web","customer":{"email":"@","name":null,"referenc'
    b'e":null,"tier":"standard"},"messages":1,"subject":"","urgency":{"points":[{"why":" matte'
    b'r","points":-40}],"since":"20"},"priority":"high","category":null,"department":null,"und'
    b'erstanding":null,"reason":null,"fence":0,"lease":null,"assignee":null,"snoozed_until":nu'
    b'll,"choices":[],"asked":false,"helpful":null,"lease":{"agent":"","until":"20","fence":1,'
    b'"receipt":null},"state":"received"}{"understanding":{"ranking":[{"name":"","probability"'
    b':0.9,"required":0.5},{"name":"","probability":0.0,"required":0.9}],"scope":0.,"scope_req'
    b'uired":0.,"language":"en","sentiment":0.0,"entities":[],"model":""},"category":"","depar'
    b'tment":"orders","state":"escalated","reason":"low_confidence","urgency":{"points":[],"si'
    b'nce":"20"},"priority":"normal","messages":2,"state":"answered","reason":null'
)
"""What events of schema 2 usually say, for zlib: it halves what a short text compresses to.

It belongs to the schema. Another text would make stored events unreadable.
"""

type Item = dict[str, Any]


def pk(ticket_id: str) -> str:
    """Return the partition of a ticket's items."""
    return f"TICKET#{ticket_id}"


def message_sk(number: int) -> str:
    """Return the sort key of a message."""
    return f"MESSAGE#{number:06}"


def draft_sk(number: int) -> str:
    """Return the sort key of a draft, which no reader of messages or events meets."""
    return f"DRAFT#{number:06}"


def awaiting_sk(awaiting: Awaiting) -> str:
    """Return the sort key of a further thing that a ticket waits for, less pressing."""
    return f"AWAITING#{awaiting}"


def moment(at: datetime) -> str:
    """Return a moment in a form of fixed width, so that text order is time order."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds")


def shards(name: str) -> list[str]:
    """Return the partitions of what is awaited; the first has the plain name."""
    return _numbered(name, SHARDS_OF_WHAT_IS_AWAITED)


def shard(name: str, ticket_id: str) -> str:
    """Return the partition of what is awaited in which a ticket stands."""
    return shards(name)[_number(ticket_id) % SHARDS_OF_WHAT_IS_AWAITED]


def shards_of_list(listing: Listing) -> list[str]:
    """Return the partitions of a list of agents; the first has the plain name."""
    return _numbered(listing, SHARDS_OF_A_LIST)


def shard_of_list(listing: Listing, ticket_id: str) -> str:
    """Return the partition of a list of agents in which a ticket stands."""
    return shards_of_list(listing)[_number(ticket_id) % SHARDS_OF_A_LIST]


def shards_of(day: date) -> list[str]:
    """Return the partitions of the events of a day."""
    return [f"{day}#{shard}" for shard in range(SHARDS_OF_A_DAY)]


def shard_of(day: date, ticket_id: str) -> str:
    """Return the partition of the events of a day in which those of a ticket are."""
    return shards_of(day)[_number(ticket_id) % SHARDS_OF_A_DAY]


def _numbered(name: str, count: int) -> list[str]:
    return [name, *(f"{name}#{number}" for number in range(1, count))]


def _number(ticket_id: str) -> int:
    """Return a number that spreads tickets evenly: each character of an id is as likely."""
    return _OF_IDS.find(ticket_id[-1])


def written(change: Change, awaited: tuple[Await, ...], ended: Iterable[Awaiting]) -> list[Item]:
    """Return the items of a change: the ticket, its event and message, what else it waits for.

    The ticket's own item names the most pressing thing that the ticket waits for, so this costs no
    further item. `ended` names the further things for which the ticket no longer waits; their items
    leave the index.
    """
    ticket = change.after
    event = _event_item(change)
    children = [(f"EVENT#{change.event.number:06}", event)]
    if change.messages:
        said, *beside = change.messages
        children = [(message_sk(said.number), {**event, "message": _message(said)})]
        children += [(message_sk(each.number), _beside(each)) for each in beside]
    children += [(awaiting_sk(each.what), _awaiting(ticket, each)) for each in awaited[1:]]
    children += [(awaiting_sk(each), {}) for each in ended]
    if change.draft:
        draft = {"draft": packed(_DRAFT.write(change.draft))}
        children.append((draft_sk(change.draft.number), draft))
    item = _ticket_item(ticket, awaited[0] if awaited else None)
    return [item, *(_child(ticket, sk, child) for sk, child in children)]


def override_item(change: Change) -> Item:
    """Return the record of a lead's move on a ticket that another agent holds."""
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
        **({"key_id": erasure.key_id} if erasure.key_id else {}),
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
    stored = item["changed"]
    changed = stored if isinstance(stored, Mapping) else unpacked(stored, _WORDS)
    found.changed.update({name: _FIELDS[name].read(v) for name, v in changed.items()})
    return found


def has_event(item: Mapping[str, Any]) -> bool:
    """Tell whether an item holds an event, alone or beside a message."""
    return "move" in item


def happening(item: Mapping[str, Any]) -> Happening:
    """Return an event as statistics see it."""
    was = dict(item.get("was", {}))
    rare = {name: was.pop(f"+{name}") for name in _RARE if f"+{name}" in was}
    told = {**item, **rare, "ticket_id": item["pk"].removeprefix("TICKET#")}
    return _HAPPENING.read({**told, "was": was or None})


def overdue(of: Ticket, awaiting: Awaiting, item: Mapping[str, Any]) -> Overdue:
    """Return the overdue thing that a ticket waits for, from the item that names it."""
    return Overdue(of, awaiting, datetime.fromisoformat(item["due"]), int(item["nudges"]))


def conversation(items: Iterable[Item]) -> Conversation | None:
    """Return a ticket with the messages that are among the items."""
    by_key = {item["sk"]: item for item in items}
    item = by_key.pop("TICKET", None)
    if item is None:
        return None
    messages = (message(by_key[sk]) for sk in sorted(by_key))
    return Conversation(ticket(item), tuple(messages))


def message(item: Mapping[str, Any]) -> Message:
    """Return the message of an item."""
    if "message" not in item:
        return _MESSAGE.read(item)
    said = dict(item["message"])
    if not isinstance(said["text"], str):
        said["text"] = unpacked(said["text"])
    said |= {"number": int(item["sk"].removeprefix("MESSAGE#")), "at": item["at"]}
    return _MESSAGE.read(said)


def draft(item: Mapping[str, Any]) -> Draft:
    """Return the draft of an item."""
    return _DRAFT.read(unpacked(item["draft"]))


def _ticket_item(of: Ticket, awaited: Await | None) -> Item:
    item = _TICKET.write(of)
    stands = place(of)
    if stands.listing is Listing.ESCALATED:
        item["listing"], item["order"] = shard_of_list(stands.listing, of.id), moment(stands.order)
    if awaited:
        item |= _awaiting(of, awaited)
    if key := of.customer.key:
        item["customer_key"] = key
    return _child(of, "TICKET", item)


def _awaiting(of: Ticket, awaited: Await) -> Item:
    return {
        "awaiting": shard(awaited.what, of.id),
        "due": moment(awaited.due),
        "nudges": 0,
        "version": of.version,
    }


def _event_item(change: Change) -> Item:
    event, of = change.event, change.after
    changed = {name: _FIELDS[name].write(v, none=True) for name, v in event.changed.items()}
    plain = _EVENT.write(replace(event, changed={}))
    told = _HAPPENING.write(stats.happening(change))
    rare = {f"+{name}": told.pop(name) for name in _RARE if name in told}
    if rare:
        told["was"] = {**told.get("was", {}), **rare}
    facts = {name: value for name, value in told.items() if name not in _EVENTS_OWN}
    return {
        **plain,
        **facts,
        "day": shard_of(event.at.astimezone(UTC).date(), of.id),
        "moment": moment(event.at),
        "changed": packed(changed, _WORDS),
    }


def packed(content: Any, words: bytes = b"") -> bytes:
    """Return content compressed, with the help of words that it usually has."""
    press = compressobj(9, wbits=-15, zdict=words)
    plain = json.dumps(content, separators=(",", ":"), ensure_ascii=False, default=float)
    return press.compress(plain.encode()) + press.flush()


def unpacked(stored: bytes, words: bytes = b"") -> Any:
    """Return the content that was compressed with these words."""
    return json.loads(decompressobj(wbits=-15, zdict=words).decompress(stored))


def _beside(said: Message) -> Item:
    """Return the item of a further message of a move; the move's event is with the first."""
    return {"at": _MESSAGE.write(said)["at"], "message": _message(said)}


def _message(said: Message) -> Item:
    written = _MESSAGE.write(said)
    plain = {name: value for name, value in written.items() if name not in {"number", "at"}}
    if len(said.text.encode()) > LONG_TEXT:
        plain["text"] = packed(said.text)
    return plain


def _child(of: Ticket, sk: str, item: Item) -> Item:
    expires_at = int(of.expires_at.timestamp())
    return {**item, "pk": pk(of.id), "sk": sk, "expires_at": expires_at, "schema": SCHEMA}
