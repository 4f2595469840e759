"""moto's tables in this process: repairs, expiry and snapshots, without LocalStack around them."""

from __future__ import annotations

import copy
import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, ClassVar

import pytest
from moto.dynamodb.models import DynamoDBBackend, dynamodb_backends
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import Table

from helpdesk_localstack import expiry, moto_repairs, snapshot
from helpdesk_localstack.snapshot import Snapshot

ACCOUNT, REGION = "000000000000", "eu-west-1"
STOCK_QUERY: Any = Table.query
moto_repairs.install()


@pytest.fixture
def backend() -> Iterator[DynamoDBBackend]:
    found = dynamodb_backends[ACCOUNT][REGION]
    yield found
    found.tables.clear()


def create(backend: DynamoDBBackend, *keys: str, name: str = "T", **options: Any) -> Any:
    defaults: dict[str, Any] = dict.fromkeys(
        (
            "throughput",
            "global_indexes",
            "indexes",
            "streams",
            "sse_specification",
            "tags",
            "deletion_protection_enabled",
            "warm_throughput",
        )
    )
    kinds = dict(zip(keys, ("HASH", "RANGE"), strict=False))
    table: Any = backend.create_table(
        name,
        schema=[{"AttributeName": key, "KeyType": kind} for key, kind in kinds.items()],
        attr=[{"AttributeName": key, "AttributeType": "S"} for key in ("pk", "sk", "g", "r")],
        billing_mode="PAY_PER_REQUEST",
        **{**defaults, **options},
    )
    return table


def calls_of(action: Callable[[], object]) -> int:
    """How many functions `action` calls, those of the interpreter included."""
    counted = 0

    def count(_frame: Any, event: str, _argument: Any) -> None:
        nonlocal counted
        counted += event in {"call", "c_call"}

    sys.setprofile(count)
    try:
        action()
    finally:
        sys.setprofile(None)
    return counted


def put(table: Any, **values: Any) -> None:
    kinds = {str: "S", int: "N", float: "N"}
    table.put_item(
        {
            name: {kinds[type(value)]: str(value)} if type(value) in kinds else value
            for name, value in values.items()
        }
    )


def contents(table: Any) -> list[Any]:
    return [item.to_json()["Attributes"] for item in table.all_items()]


class TestQuery:
    """The repaired query answers like moto's own on anything it is asked."""

    @pytest.fixture(params=[("pk", "sk"), ("pk",)], ids="-".join)
    def table(self, backend: DynamoDBBackend, request: pytest.FixtureRequest) -> Any:
        index = {
            "IndexName": "by-g",
            "KeySchema": [
                {"AttributeName": "g", "KeyType": "HASH"},
                {"AttributeName": "r", "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "ALL"},
        }
        table = create(backend, *request.param, global_indexes=[index])
        choose = random.Random(5)
        for number in range(150):
            partitions = 8 if table.has_range_key else 80
            values = {
                "pk": f"p{choose.randrange(partitions)}",
                "sk": f"s{choose.randrange(30):02}",
                "n": number,
            }
            if choose.random() < 0.6:
                values |= {"g": f"g{choose.randrange(4)}", "r": f"r{choose.randrange(20):02}"}
            put(table, **values)
        return table

    @pytest.mark.parametrize("index", [None, "by-g"])
    def test_same_answers(self, table: Any, index: str | None) -> None:
        choose = random.Random(7)
        asked = answered = 0
        for _ in range(200):
            key = DynamoType({"S": f"{'g' if index else 'p'}{choose.randrange(10)}"})
            ranged = index is not None or table.has_range_key
            compare = choose.choice([None, "BEGINS_WITH", "GT"]) if ranged else None
            bound = [DynamoType({"S": f"{'r' if index else 's'}{choose.randrange(3)}"})]
            arguments = (
                key,
                compare,
                bound if compare else [],
                choose.choice([None, 1, 5]),
                None,
                choose.random() < 0.5,
                None,
                index,
                False,
                None,
            )
            old, new = STOCK_QUERY(table, *arguments), table.query(*arguments)
            assert [i.to_json() for i in new[0]] == [i.to_json() for i in old[0]]
            assert new[1:] == old[1:]
            asked, answered = asked + 1, answered + len(new[0])
        assert answered > asked / 2, "the comparison compared something"

    def test_pages_join_up(self, table: Any) -> None:
        seen, start = [], None
        while True:
            page, _, last = table.query(
                DynamoType({"S": "g1"}), None, [], 3, start, True, None, "by-g", False, None
            )
            seen += [item.attrs["n"].value for item in page]
            if last is None:
                break
            start = {name: value.to_json() for name, value in last.items()}
        whole, _, _ = STOCK_QUERY(
            table, DynamoType({"S": "g1"}), None, [], None, None, True, None, "by-g", False, None
        )
        assert seen == [item.attrs["n"].value for item in whole]
        assert len(seen) > 6


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


class TestSnapshot:
    RICH: ClassVar[dict[str, Any]] = {
        "pk": {"S": "p"},
        "sk": {"S": "ż\n\u2028"},
        "n": {"N": "12345678901234567890.5"},
        "b": {"B": "AP8="},
        "ss": {"SS": ["a", "b"]},
        "ns": {"NS": ["1", "2"]},
        "yes": {"BOOL": True},
        "none": {"NULL": True},
        "empty": {"S": ""},
        "deep": {"M": {"list": {"L": [{"M": {"x": {"N": "1"}}}, {"S": "y"}]}, "m": {"M": {}}}},
    }

    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        return tmp_path / "deeper" / "tables.json"

    def saved(self, path: Path, backend: DynamoDBBackend, *keys: str) -> None:
        table = create(backend, *keys)
        table.put_item(copy.deepcopy(self.RICH))
        put(table, pk="q", sk="2", v="3")
        kept = Snapshot(path)
        kept.changed()
        kept.save()
        backend.tables.clear()

    @pytest.mark.parametrize("keys", [("pk", "sk"), ("pk",)], ids="-".join)
    def test_items_return_when_their_table_does(
        self, path: Path, backend: DynamoDBBackend, keys: tuple[str, ...]
    ) -> None:
        self.saved(path, backend, *keys)
        after = Snapshot(path)
        other = create(backend, *keys, name="Other")
        table = create(backend, *keys, streams={"StreamViewType": "NEW_IMAGE"})
        after.fill_new_tables()
        assert contents(other) == []
        assert contents(table) == [self.RICH, {"pk": {"S": "q"}, "sk": {"S": "2"}, "v": {"S": "3"}}]
        assert table.stream_shard.items == [], "restoring is not writing"

    def test_a_table_deleted_and_created_again_is_empty(
        self, path: Path, backend: DynamoDBBackend
    ) -> None:
        self.saved(path, backend, "pk", "sk")
        after = Snapshot(path)
        create(backend, "pk", "sk")
        after.fill_new_tables()
        backend.delete_table("T")
        again = create(backend, "pk", "sk")
        after.fill_new_tables()
        assert contents(again) == []

    def test_other_keys_get_nothing(self, path: Path, backend: DynamoDBBackend) -> None:
        self.saved(path, backend, "pk", "sk")
        after = Snapshot(path)
        table = create(backend, "pk")
        after.fill_new_tables()
        assert contents(table) == []

    def test_tables_not_yet_created_again_stay_in_the_file(
        self, path: Path, backend: DynamoDBBackend
    ) -> None:
        self.saved(path, backend, "pk", "sk")
        second = Snapshot(path)
        put(create(backend, "pk", name="New"), pk="n")
        second.changed()
        second.save()
        backend.tables.clear()
        third = Snapshot(path)
        old, new = create(backend, "pk", "sk"), create(backend, "pk", name="New")
        third.fill_new_tables()
        assert (len(contents(old)), len(contents(new))) == (2, 1)

    def test_a_crash_while_saving_leaves_the_file_before(
        self, path: Path, backend: DynamoDBBackend, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.saved(path, backend, "pk", "sk")
        before = path.read_bytes()

        def crash(_descriptor: int) -> None:
            os.kill(os.getpid(), signal.SIGKILL)

        kept = Snapshot(path)
        put(create(backend, "pk", name="New"), pk="n")
        kept.changed()
        monkeypatch.setattr("helpdesk_localstack.snapshot.os.fsync", crash)
        with pytest.raises(OSError, match="ended with -9"):
            kept.save()
        assert path.read_bytes() == before
        Snapshot(path)

    def test_what_cannot_be_written_says_why(
        self, path: Path, backend: DynamoDBBackend, capfd: pytest.CaptureFixture[str]
    ) -> None:
        create(backend, "pk")
        kept = Snapshot(path)
        kept.changed()
        path.parent.write_text("in the way of the folder")
        with pytest.raises(OSError, match="ended with 1"):
            kept.save()
        assert "FileExistsError" in capfd.readouterr().err

    def test_who_saves_holds_nothing_open(
        self, path: Path, backend: DynamoDBBackend, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Else a port or a pipe would outlive a LocalStack that is killed meanwhile."""
        create(backend, "pk")
        reading, writing = os.pipe()

        def slow(_descriptor: int) -> None:
            os.mkfifo(path.parent / "fifo")
            (path.parent / "fifo").read_bytes()

        monkeypatch.setattr("helpdesk_localstack.snapshot.os.fsync", slow)
        kept = Snapshot(path)
        kept.changed()
        with ThreadPoolExecutor(1) as pool:
            saved = pool.submit(kept.save)
            while not (path.parent / "fifo").exists():
                time.sleep(0.01)
            os.close(writing)
            assert os.read(reading, 1) == b"", "the end of the file: no other process holds it"
            (path.parent / "fifo").write_bytes(b"")
            saved.result()

    def test_nothing_changed_nothing_written(self, path: Path) -> None:
        Snapshot(path).save()
        assert not path.exists()

    def test_a_saved_picture_stays_as_it_was(
        self, path: Path, backend: DynamoDBBackend, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        table = create(backend, "pk", "sk")
        table.put_item(copy.deepcopy(self.RICH))
        fork = snapshot._fork

        def change_at_once() -> int | None:
            if child := fork():
                put(table, pk="too", sk="late")
            return child

        monkeypatch.setattr(snapshot, "_fork", change_at_once)
        kept = Snapshot(path)
        kept.changed()
        kept.save()
        assert len(contents(table)) == 2
        (saved,) = json.loads(path.read_bytes())["tables"]
        assert saved["items"] == [self.RICH]

    def test_another_format_is_refused(self, path: Path) -> None:
        path.parent.mkdir()
        path.write_text('{"format": 99}')
        with pytest.raises(ValueError, match="format 99"):
            Snapshot(path)
