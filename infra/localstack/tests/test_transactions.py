"""A transaction happens wholly or not at all, at a cost that does not grow with the table."""

from __future__ import annotations

import copy
from typing import Any, ClassVar

import pytest
from moto.dynamodb.models import DynamoDBBackend
from tables import calls_of, contents, create, put


class TestTransaction:
    @staticmethod
    def action(kind: str, sk: str, value: str = "new", **extra: Any) -> dict[str, Any]:
        body: dict[str, Any] = {"TableName": "T", **extra}
        key = {"pk": {"S": "p"}, "sk": {"S": sk}}
        match kind:
            case "Put":
                body |= {"Item": {**key, "v": {"S": value}}}
            case "Update":
                body |= {
                    "Key": key,
                    "UpdateExpression": "SET v = :v",
                    "ExpressionAttributeValues": {":v": {"S": value}},
                }
            case _:
                body |= {"Key": key}
        return {kind: body}

    REFUSED: ClassVar = {"ConditionExpression": "attribute_not_exists(pk)"}

    @pytest.mark.parametrize("kind", ["Put", "Update", "Delete"])
    @pytest.mark.parametrize("target", ["old", "unknown"])
    def test_all_or_nothing(self, backend: DynamoDBBackend, kind: str, target: str) -> None:
        table: Any = create(backend, "pk", "sk", streams={"StreamViewType": "NEW_AND_OLD_IMAGES"})
        put(table, pk="p", sk="old", v="before")
        put(table, pk="p", sk="guard", v="before")
        before, records = contents(table), table.stream_shard.items
        length = len(records)
        refused = self.action("Put", "guard", **self.REFUSED)
        with pytest.raises(Exception, match="ConditionalCheckFailed"):
            backend.transact_write_items([self.action(kind, target), refused])
        assert backend.tables["T"] is table
        assert contents(table) == before
        assert len(records) == length

        backend.transact_write_items([self.action(kind, target), self.action("Put", "other")])
        assert contents(table) != before
        assert copy.deepcopy(table) is not table, "copying works again afterwards"

    def test_cost_does_not_grow_with_the_table(self, backend: DynamoDBBackend) -> None:
        """Counted in calls: moto's own transaction copies every item of the table."""
        table = create(backend, "pk", "sk")
        calls = []
        for size in (10, 5_000):
            for number in range(len(contents(table)), size):
                put(table, pk="p", sk=f"s{number}", v="before")
            backend.transact_write_items([self.action("Update", "s0")])
            calls.append(
                calls_of(lambda: backend.transact_write_items([self.action("Update", "s1")]))
            )
        few, many = calls
        assert 0 < many <= few * 1.1
