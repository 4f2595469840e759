"""One DynamoDB table, over a client that speaks plain Python types."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import batched
from typing import Any

from botocore.exceptions import ClientError

from helpdesk.aws.races import lost_race
from helpdesk.ports import ConflictError

type Item = dict[str, Any]

BATCH = 25
"""Writes that DynamoDB takes at once."""

READ_AT_ONCE = 100
"""Items that DynamoDB returns at once by their keys."""

TRANSACTION = 100
"""Items that one transaction may hold."""


@dataclass(frozen=True, slots=True)
class Table:
    """The table `name`. Calls take DynamoDB's own parameters, without the table's name."""

    name: str
    client: Any

    def get_item(self, **parameters: Any) -> Item | None:
        """Return one item, or None if there is none."""
        found: Item | None = self.client.get_item(TableName=self.name, **parameters).get("Item")
        return found

    def get_all(self, keys: Iterable[Item], *, latest: bool = False) -> Iterator[Item]:
        """Yield the items of many keys, in no order; some may be gone.

        Without `latest`, they may be some moments old.
        """
        how = {"ConsistentRead": True} if latest else {}
        for batch in batched(keys, READ_AT_ONCE, strict=False):
            left = list(batch)
            while left:
                request = {self.name: {"Keys": left, **how}}
                answer = self.client.batch_get_item(RequestItems=request)
                yield from answer["Responses"].get(self.name, ())
                left = answer.get("UnprocessedKeys", {}).get(self.name, {}).get("Keys", [])

    def put_item(self, **parameters: Any) -> None:
        """Store one item."""
        self.client.put_item(TableName=self.name, **parameters)

    def update_item(self, **parameters: Any) -> Item:
        """Change one item; return what `ReturnValues` asks for."""
        answer: Item = self.client.update_item(TableName=self.name, **parameters)
        attributes: Item = answer.get("Attributes", {})
        return attributes

    def delete_item(self, **parameters: Any) -> None:
        """Delete one item."""
        self.client.delete_item(TableName=self.name, **parameters)

    def query(
        self, *, page_size: int | None = None, after: Item | None = None, **parameters: Any
    ) -> Iterator[Item]:
        """Yield every item of a query, asking for pages as they are needed; see `query_pages`."""
        for page in self.query_pages(page_size=page_size, after=after, **parameters):
            yield from page["Items"]

    def query_pages(
        self, *, page_size: int | None = None, after: Item | None = None, **parameters: Any
    ) -> Iterator[Item]:
        """Yield the answers of a query, one a page.

        `after` is the key of an item, in the table or of one that is gone: the answers begin after
        it.
        """
        limit = {"Limit": page_size} if page_size else {}
        start: Item = {"ExclusiveStartKey": after} if after else {}
        while True:
            page = self.client.query(TableName=self.name, **limit, **start, **parameters)
            yield page
            if not (last := page.get("LastEvaluatedKey")):
                return
            start = {"ExclusiveStartKey": last}

    def put_all(self, items: Iterable[Item]) -> None:
        """Store many items, in no order and not in one step."""
        self._write({"PutRequest": {"Item": item}} for item in items)

    def delete_all(self, keys: Iterable[Item]) -> None:
        """Delete many items, in no order and not in one step."""
        self._write({"DeleteRequest": {"Key": key}} for key in keys)

    def erase_all(self, keys: Iterable[Item], *, lost: str) -> None:
        """Delete many items, a hundred in one step, with the right to delete alone.

        A batch, as `delete_all` sends it, takes the right to store as well, and half the write
        units. Raises ConflictError with the text `lost` if one of them is being written.
        """
        once = {(each["pk"], each["sk"]): each for each in keys}
        for some in batched(once.values(), TRANSACTION, strict=False):
            self.write_together([{"Delete": {"Key": key}} for key in some], lost=lost)

    def write_together(self, writes: Iterable[Item], *, lost: str) -> None:
        """Make writes in one step, each as `{"Put": parameters}`, as `TransactWriteItems` takes it.

        Raises ConflictError with the text `lost` if a condition of one of them failed.
        """
        named = [
            {kind: {"TableName": self.name, **parameters} for kind, parameters in write.items()}
            for write in writes
        ]
        try:
            self.client.transact_write_items(TransactItems=named)
        except ClientError as error:
            if not lost_race(error):
                raise
            raise ConflictError(lost) from error

    def _write(self, requests: Iterable[Item]) -> None:
        for batch in batched(requests, BATCH, strict=False):
            left: Item = {self.name: list(batch)}
            while left:
                left = self.client.batch_write_item(RequestItems=left).get("UnprocessedItems", {})
