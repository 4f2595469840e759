"""Items whose time is over go, and only those are looked at."""

from __future__ import annotations

from typing import Any

import pytest
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType
from tables import calls_of, contents, create, put

from helpdesk_localstack import expiry


class TestExpiry:
    NOW = 1_800_000_000

    @pytest.fixture
    def table(self, backend: DynamoDBBackend) -> Any:
        table = create(backend, "pk", "sk", streams={"StreamViewType": "OLD_IMAGE"})
        table.ttl = {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires"}
        put(table, pk="p", sk="due", expires=self.NOW)
        put(table, pk="p", sk="past", expires=self.NOW - 1.5)
        put(table, pk="p", sk="later", expires=self.NOW + 1)
        put(table, pk="p", sk="ancient", expires=self.NOW - 6 * 365 * 24 * 3600)
        put(table, pk="p", sk="text", expires="1")
        put(table, pk="p", sk="never")
        return table

    def test_only_what_is_due_goes(self, table: Any) -> None:
        assert expiry.sweep(self.NOW) == 2
        assert {item["sk"]["S"] for item in contents(table)} == {
            "later",
            "ancient",
            "text",
            "never",
        }
        assert expiry.sweep(self.NOW) == 0

    def test_the_stream_tells_who_deleted(self, table: Any) -> None:
        expiry.sweep(self.NOW)
        last = table.stream_shard.items[-1].to_json()
        assert last["eventName"] == "REMOVE"
        assert last["userIdentity"]["principalId"] == "dynamodb.amazonaws.com"

    def test_switched_off(self, table: Any) -> None:
        table.ttl["TimeToLiveStatus"] = "DISABLED"
        assert expiry.sweep(self.NOW) == 0

    def test_a_changed_or_deleted_item_is_not_due_any_more(self, table: Any) -> None:
        assert expiry.sweep(self.NOW) == 2
        put(table, pk="p", sk="moved", expires=self.NOW + 5)
        put(table, pk="p", sk="moved", expires=self.NOW + 50)
        put(table, pk="p", sk="gone", expires=self.NOW + 5)
        table.delete_item(DynamoType({"S": "p"}), DynamoType({"S": "gone"}))
        assert expiry.sweep(self.NOW + 6) == 1, "what was due a second later, and neither of these"

    def test_another_attribute(self, table: Any) -> None:
        assert expiry.sweep(self.NOW) == 2
        put(table, pk="p", sk="other", ends=self.NOW)
        table.ttl["AttributeName"] = "ends"
        assert expiry.sweep(self.NOW) == 1

    def test_cost_does_not_grow_with_the_table(self, table: Any) -> None:
        expiry.sweep(self.NOW)
        calls = []
        for size in (10, 3_000):
            for number in range(size):
                put(table, pk="p", sk=f"s{number}", expires=self.NOW + 1_000)
            calls.append(calls_of(lambda: expiry.sweep(self.NOW)))
        few, many = calls
        assert 0 < many <= few * 1.1
