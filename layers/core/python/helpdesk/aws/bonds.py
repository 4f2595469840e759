"""Bonds and decisions in the tickets table: each is two items, one in the partition of each key.

    CUSTOMER#<key>  <other key>                a bond
    DECISION#<key>  <moment>#<other key>       a decision; only leads may write these

Both directions of a bond are put one by one. If the process dies between them, the ticket that
shows the bond is not stored yet, and the next one that shows it puts what is missing.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from helpdesk.aws.conditions import Key
from helpdesk.aws.items import moment
from helpdesk.aws.tables import Item, Table
from helpdesk.belonging import Bond, Decision, Tie
from helpdesk.ticket import CustomerKey


class DynamoBonds:
    """Bonds and decisions in the DynamoDB table `table`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def of(self, key: CustomerKey) -> Iterator[Bond]:
        """Yield the bonds of a key."""
        for item in self._query(f"CUSTOMER#{key.stored}"):
            other = CustomerKey.read(item["sk"])
            yield Bond(one=key, other=other, expires_at=_moment(item))

    def decisions(self, key: CustomerKey) -> Iterator[Decision]:
        """Yield the decisions about a key, oldest first."""
        for item in self._query(f"DECISION#{key.stored}"):
            at, _, other = item["sk"].partition("#")
            yield Decision(
                one=key,
                other=CustomerKey.read(other),
                together=item["together"],
                by=item["by"],
                at=datetime.fromisoformat(at),
                reason=item["reason"],
            )

    def note(self, bonds: Iterable[Bond], *, needed_until: datetime) -> None:
        """Store the bonds that are not stored yet, or that expire before `needed_until`.

        Bonds that are stored cost one read and no write.
        """
        wanted = [item for bond in bonds for item in _items(bond)]
        if not wanted:
            return
        name = self._table.name
        keys = [_key(item) for item in wanted]
        answer = self._table.client.batch_get_item(
            RequestItems={name: {"Keys": keys, "ConsistentRead": True}}
        )
        stored = {
            (item["pk"], item["sk"])
            for item in answer["Responses"].get(name, ())
            if _moment(item) >= needed_until
        }
        for item in wanted:
            if (item["pk"], item["sk"]) not in stored:
                self._table.put_item(Item=item)

    def decide(self, decision: Decision) -> None:
        """Store a decision, for both of its keys or for neither."""
        puts = [{"Put": {"TableName": self._table.name, "Item": item}} for item in _items(decision)]
        self._table.client.transact_write_items(TransactItems=puts)

    def remove(self, ties: Iterable[Tie]) -> None:
        """Delete bonds and decisions. Raises ConflictError if one of them is being written."""
        self._table.erase_all(keys_of(ties), lost="what ties these keys changed meanwhile")

    def _query(self, pk: str) -> Iterator[Item]:
        return self._table.query(KeyConditionExpression=Key("pk").eq(pk), ConsistentRead=True)


def keys_of(ties: Iterable[Tie]) -> list[Item]:
    """Return the keys of the items of bonds and decisions, each once."""
    found = [_key(item) for tie in ties for item in _items(tie)]
    return list({(key["pk"], key["sk"]): key for key in found}.values())


def _items(tie: Tie) -> Iterator[Item]:
    for one, other in ((tie.one, tie.other), (tie.other, tie.one)):
        expires_at = int(tie.expires_at.timestamp())
        if isinstance(tie, Bond):
            yield {"pk": f"CUSTOMER#{one.stored}", "sk": other.stored, "expires_at": expires_at}
        else:
            yield {
                "pk": f"DECISION#{one.stored}",
                "sk": f"{moment(tie.at)}#{other.stored}",
                "together": tie.together,
                "by": tie.by,
                "reason": tie.reason,
                "expires_at": expires_at,
            }


def _key(item: Item) -> Item:
    return {"pk": item["pk"], "sk": item["sk"]}


def _moment(item: Item) -> datetime:
    return datetime.fromtimestamp(int(item["expires_at"]), UTC)
