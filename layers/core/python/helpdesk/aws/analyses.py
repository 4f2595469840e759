"""Analyses of the last hour in the tickets table, for every process of the predict function:

    ANALYSIS#<digest of an owner>  RESULT#<digest of the message>   an analysis as it was shown

Owners are the customer's address and reference, and the ticket whose files were analysed. Each has
an item, which names all of them: erasing one finds the others' too. An analysis without any has its
own digest as owner. Nothing of the message is kept but what the analysis says of it.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from hashlib import sha256
from zlib import compress, decompress

from helpdesk.analysing import LIFE, Kept, Place
from helpdesk.aws.conditions import Key
from helpdesk.aws.tables import Item, Table


class DynamoAnalyses:
    """Analyses in the DynamoDB table of tickets."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, place: Place) -> Kept | None:
        """Return what is kept there, which may be older than LIFE."""
        key = {"pk": _pk(_owners(place)[0]), "sk": _sk(place)}
        item = self._table.get_item(Key=key, ConsistentRead=True)
        if item is None:
            return None
        return Kept(decompress(bytes(item["said"])).decode(), datetime.fromisoformat(item["at"]))

    def put(self, place: Place, kept: Kept) -> None:
        """Keep an analysis, with each of its owners."""
        owners = _owners(place)
        item = {
            "sk": _sk(place),
            "said": compress(kept.said.encode(), 9),
            "at": kept.at.isoformat(),
            "owners": owners,
            "expires_at": int((kept.at + LIFE).timestamp()),
        }
        for owner in owners:
            self._table.put_item(Item={"pk": _pk(owner), **item})


def keys_about(table: Table, owners: Iterable[str]) -> Iterator[Item]:
    """Yield the keys of the analyses about customers and tickets, each once."""
    found: dict[tuple[str, str], None] = {}
    for owner in owners:
        listed = table.query(
            KeyConditionExpression=Key("pk").eq(_pk(_digest(owner))),
            ProjectionExpression="sk, owners",
            ConsistentRead=True,
        )
        found |= {(_pk(each), item["sk"]): None for item in listed for each in item["owners"]}
    yield from ({"pk": pk, "sk": sk} for pk, sk in found)


def _owners(place: Place) -> list[str]:
    return [_digest(each) for each in place.owners] or [place.digest[:32]]


def _digest(owner: str) -> str:
    return sha256(owner.encode()).hexdigest()[:32]


def _pk(owner: str) -> str:
    return f"ANALYSIS#{owner}"


def _sk(place: Place) -> str:
    return f"RESULT#{place.digest}"
