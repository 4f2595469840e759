"""The end of a ticket: every item that belongs to it goes, and a record of that stays."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from botocore.exceptions import ClientError

from helpdesk.aws import analyses, cases, conversations, items, letters, outbox, replies
from helpdesk.aws.attachments import files_pk
from helpdesk.aws.bonds import DynamoBonds, keys_of
from helpdesk.aws.conditions import Key
from helpdesk.aws.items import Item
from helpdesk.aws.races import lost_race
from helpdesk.aws.tables import TRANSACTION, Table
from helpdesk.erasure import Erasure
from helpdesk.ports import ConflictError
from helpdesk.ticket import CustomerKey, Ticket

_TIES = 10
"""Bonds and decisions that are deleted in the transaction that erases a ticket."""


def erase(
    table: Table,
    ticket: Ticket,
    erasure: Erasure,
    *,
    bonds: DynamoBonds,
    forget_raw: Callable[[str], None],
) -> None:
    """Delete every item that belongs to a ticket and store the record of it, in one step.

    If a ticket has more items than a transaction takes, its oldest messages and events are
    deleted before that step. So are ties beyond the first, the ids of its mails, the analyses of
    its customer's messages and of its files, its customer's conversations and, by `forget_raw`, the
    objects in which mails came.
    Raises ConflictError if the ticket moved.
    """
    own = list(_own(table, ticket.id))
    found = [{"pk": each["pk"], "sk": each["sk"]} for each in own]
    for elsewhere in (f"OVERRIDE#{ticket.id}", files_pk(ticket.id)):
        found += _keys(table, elsewhere)
    first = _first_event(table, ticket.id)
    others = keys_of(erasure.ties[:_TIES])
    bonds.remove(erasure.ties[_TIES:])
    forget_keys = partial(table.erase_all, lost=f"ticket {ticket.id} changed meanwhile")
    for thread_of in (letters.thread_of, outbox.thread_of):
        forget_keys(filter(None, map(thread_of, own)))
    for raw in (each["key"] for each in own if each["sk"].startswith("LETTER#")):
        forget_raw(raw)
    about = (*(each.stored for each in ticket.customer.keys), ticket.id)
    forget_keys(analyses.keys_about(table, about))
    forget_keys(conversations.keys_about(table, about))
    others.append(replies.key_of(ticket.id))
    others += [{"pk": f"RATE#{bucket}", "sk": "RATE"} for bucket in erasure.buckets]
    if ticket.customer.key:
        others.append(cases.key_of(ticket.customer.key))
    if key_id := first.get("submission"):
        others.append({"pk": f"IDEMPOTENCY#{key_id}", "sk": "IDEMPOTENCY"})
    kept = {"TICKET", first.get("sk")}
    children = [key for key in found if key["sk"] not in kept]
    room = TRANSACTION - len(others) - 3
    forget_keys(children[: max(0, len(children) - room)])
    last = [*children[max(0, len(children) - room) :], *others]
    if first:
        last.append({"pk": first["pk"], "sk": first["sk"]})
    deletes: list[Item] = [{"Key": key} for key in last]
    deletes.append(
        {
            "Key": {"pk": items.pk(ticket.id), "sk": "TICKET"},
            "ConditionExpression": "version = :version",
            "ExpressionAttributeValues": {":version": ticket.version},
        }
    )
    record = {"Item": items.erasure_item(erasure)}
    writes = [{"Put": {"TableName": table.name, **record}}]
    writes += [{"Delete": {"TableName": table.name, **delete}} for delete in deletes]
    try:
        table.client.transact_write_items(TransactItems=writes)
    except ClientError as error:
        if lost_race(error):
            raise ConflictError(f"ticket {ticket.id} changed meanwhile") from error
        raise


def forget(table: Table, keys: Iterable[CustomerKey]) -> None:
    """Delete the analyses and the conversations of the customer with these keys.

    Raises ConflictError if one of them is being written.
    """
    about = [each.stored for each in keys]
    for kept in (analyses, conversations):
        table.erase_all(
            kept.keys_about(table, about), lost="the customer's items changed meanwhile"
        )


def _first_event(table: Table, ticket_id: str) -> Item:
    """Return the item of a ticket's submission: of schema 2, or else of schema 1."""
    for sk in (items.message_sk(1), "EVENT#000001"):
        key = {"pk": items.pk(ticket_id), "sk": sk}
        item = table.get_item(Key=key, ConsistentRead=True)
        if item and items.has_event(item):
            return item
    return {}


def _own(table: Table, ticket_id: str) -> Iterator[Item]:
    """Yield the keys of a ticket's items, with what names something elsewhere."""
    return table.query(
        KeyConditionExpression=Key("pk").eq(items.pk(ticket_id)),
        ProjectionExpression="pk, sk, sent_as, message_id, #indexed, #key",
        ExpressionAttributeNames={"#key": "key", "#indexed": "indexed"},  # reserved words
        ConsistentRead=True,
    )


def _keys(table: Table, pk: str) -> Iterator[Item]:
    return table.query(
        KeyConditionExpression=Key("pk").eq(pk),
        ProjectionExpression="pk, sk",
        ConsistentRead=True,
    )
