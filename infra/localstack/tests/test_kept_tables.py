"""Items on disk: what was answered is there again, and in the tables it belongs to."""

from __future__ import annotations

import copy
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType
from tables import contents, create, put

from helpdesk_localstack import changes, expiry, item_index, segments
from helpdesk_localstack.kept_tables import KeptTables

RICH: dict[str, Any] = {
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
def folder(tmp_path: Path) -> Path:
    return tmp_path / "deeper" / "tables"


type Keep = Callable[..., KeptTables]


@pytest.fixture
def keep(folder: Path, backend: DynamoDBBackend, monkeypatch: pytest.MonkeyPatch) -> Iterator[Keep]:
    """Starts keeping tables as a fresh LocalStack does; called again, as after a `kill -9`."""
    stock = {
        name: getattr(DynamoDBBackend, name)
        for name in (
            "create_table",
            "delete_table",
            "restore_table_from_backup",
            "restore_table_to_point_in_time",
        )
    }
    kept: list[KeptTables] = []

    def again(**options: Any) -> KeptTables:
        forget()
        kept.append(KeptTables(folder, **options))
        kept[-1].install()
        return kept[-1]

    def forget() -> None:
        backend.tables.clear()
        changes.forget_listeners()
        item_index.install()
        expiry.install()
        for name, method in stock.items():
            monkeypatch.setattr(DynamoDBBackend, name, method)

    yield again
    forget()
    for one in kept:
        one.close()


def sorted_contents(table: Any) -> list[Any]:
    return sorted(contents(table), key=json.dumps)


@pytest.mark.parametrize("keys", [("pk", "sk"), ("pk",)], ids="-".join)
def test_items_return_when_their_table_does(
    keep: Keep, backend: DynamoDBBackend, keys: tuple[str, ...]
) -> None:
    keep()
    table = create(backend, *keys)
    table.put_item(copy.deepcopy(RICH))
    put(table, pk="q", sk="2", v="3")
    keep()
    other = create(backend, *keys, name="Other")
    table = create(backend, *keys, streams={"StreamViewType": "NEW_IMAGE"})
    assert contents(other) == []
    assert contents(table) == [RICH, {"pk": {"S": "q"}, "sk": {"S": "2"}, "v": {"S": "3"}}]
    assert table.stream_shard.items == [], "restoring is not writing"


def test_a_table_deleted_and_created_again_is_empty(keep: Keep, backend: DynamoDBBackend) -> None:
    keep()
    put(create(backend, "pk"), pk="p")
    backend.delete_table("T")
    assert contents(create(backend, "pk")) == []
    keep()
    assert contents(create(backend, "pk")) == []


def test_a_table_of_other_keys_gets_nothing_and_takes_nothing(
    keep: Keep, backend: DynamoDBBackend
) -> None:
    keep()
    put(create(backend, "pk", "sk"), pk="p", sk="s")
    keep()
    table = create(backend, "pk")
    assert contents(table) == []
    put(table, pk="other")
    keep()
    assert contents(create(backend, "pk", "sk")) == [{"pk": {"S": "p"}, "sk": {"S": "s"}}]


def test_tables_not_created_again_wait(keep: Keep, backend: DynamoDBBackend) -> None:
    keep()
    put(create(backend, "pk", "sk"), pk="p", sk="s")
    keep().compact()
    put(create(backend, "pk", name="New"), pk="n")
    keep()
    old, new = create(backend, "pk", "sk"), create(backend, "pk", name="New")
    assert (len(contents(old)), len(contents(new))) == (1, 1)


def test_restored_tables_are_kept(keep: Keep, backend: DynamoDBBackend) -> None:
    keep()
    put(create(backend, "pk"), pk="p")
    backend.restore_table_to_point_in_time("Copy", "T")
    keep()
    assert contents(create(backend, "pk", name="Copy")) == [{"pk": {"S": "p"}}]


def test_what_expired_stays_away(keep: Keep, backend: DynamoDBBackend) -> None:
    keep()
    table = create(backend, "pk")
    table.ttl = {"TimeToLiveStatus": "ENABLED", "AttributeName": "ends"}
    put(table, pk="due", ends=1_800_000_000)
    put(table, pk="later", ends=1_800_000_001)
    assert expiry.sweep(1_800_000_000) == 1
    keep()
    assert [item["pk"]["S"] for item in contents(create(backend, "pk"))] == ["later"]


class TestAnswers:
    ACTIONS: ClassVar = [
        {
            "Put": {
                "TableName": "T",
                "Item": {"pk": {"S": "p"}, "sk": {"S": str(number)}},
            }
        }
        for number in range(5)
    ]

    def test_a_transaction_is_one_record(self, keep: Keep, backend: DynamoDBBackend) -> None:
        kept = keep()
        create(backend, "pk", "sk")
        before = kept._journal.size
        with changes.operation():
            backend.transact_write_items(self.ACTIONS)
        path = kept._journal.path
        os.truncate(path, kept._journal.size - 1)
        assert kept._journal.size > before
        keep()
        assert contents(create(backend, "pk", "sk")) == []

    def test_a_refused_transaction_leaves_nothing(
        self, keep: Keep, backend: DynamoDBBackend
    ) -> None:
        keep()
        put(create(backend, "pk", "sk"), pk="p", sk="4", v="before")
        refused = copy.deepcopy(self.ACTIONS)
        refused[4]["Put"]["ConditionExpression"] = "attribute_not_exists(pk)"
        with changes.operation(), pytest.raises(Exception, match="ConditionalCheckFailed"):
            backend.transact_write_items(refused)
        keep()
        (item,) = contents(create(backend, "pk", "sk"))
        assert item["v"] == {"S": "before"}

    def test_a_write_that_cannot_be_kept_is_no_success(
        self, keep: Keep, backend: DynamoDBBackend, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        kept = keep()
        table = create(backend, "pk")

        def full(_payload: bytes) -> None:
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patched:
            patched.setattr(kept._journal, "append", full)
            with pytest.raises(OSError, match="No space"):
                put(table, pk="refused")
        put(table, pk="next")
        keep()
        assert sorted_contents(create(backend, "pk")) == [
            {"pk": {"S": "next"}},
            {"pk": {"S": "refused"}},
        ], "memory and disk agree again with the next write"


def test_replay_equals_memory(keep: Keep, backend: DynamoDBBackend) -> None:
    kept = keep()
    table = create(backend, "pk", "sk")
    choose = random.Random(3)
    for step in range(2_000):
        pk, sk = f"p{choose.randrange(6)}", f"s{choose.randrange(12)}"
        key = {"pk": {"S": pk}, "sk": {"S": sk}}
        match choose.randrange(4):
            case 0:
                put(table, pk=pk, sk=sk, v=step)
            case 1:
                table.delete_item(DynamoType(key["pk"]), DynamoType(key["sk"]))
            case 2:
                expression = "SET deep = :m ADD n :n"
                values = {":n": {"N": "1"}, ":m": {"M": {"step": {"L": [{"N": str(step)}]}}}}
                backend.update_item("T", key, expression, {}, values)
            case _:
                actions = [{"Delete": {"TableName": "T", "Key": key}}]
                with changes.operation():
                    backend.transact_write_items(actions)
        if step % 500 == 499:
            kept.compact()
        if step == 1_200:
            before = sorted_contents(table)
            kept = keep()
            table = create(backend, "pk", "sk")
            assert sorted_contents(table) == before
    before = sorted_contents(table)
    assert len(before) > 20
    keep()
    assert sorted_contents(create(backend, "pk", "sk")) == before


class TestCompaction:
    def test_files_that_are_replaced_go(
        self, keep: Keep, backend: DynamoDBBackend, folder: Path
    ) -> None:
        kept = keep()
        table = create(backend, "pk")
        for number in range(500):
            put(table, pk="p", v=number)
        before = sum(segments.sizes(folder))
        kept.compact()
        assert sum(segments.sizes(folder)) < before / 20
        assert sorted(path.suffix for path in folder.iterdir()) == [".base", ".journal"]

    def test_under_load_nothing_waits_and_nothing_is_lost(
        self, keep: Keep, backend: DynamoDBBackend
    ) -> None:
        """The writer is never held up for as long as a compaction takes."""
        kept = keep()
        table = create(backend, "pk")
        for number in range(5_000):
            put(table, pk=f"p{number}", text="x" * 500)
        took: list[float] = []

        def compact() -> None:
            began = time.monotonic()
            kept.compact()
            took.append(time.monotonic() - began)

        thread = threading.Thread(target=compact)
        thread.start()
        written, longest = 0, 0.0
        while thread.is_alive():
            began = time.monotonic()
            put(table, pk=f"during{written}")
            longest = max(longest, time.monotonic() - began)
            written += 1
        assert written > 20
        assert longest < took[0] / 2
        keep()
        assert len(contents(create(backend, "pk"))) == 5_000 + written

    def test_it_happens_by_itself(self, keep: Keep, backend: DynamoDBBackend, folder: Path) -> None:
        kept = keep(compact_over_bytes=20_000)
        table = create(backend, "pk")
        for number in range(400):
            put(table, pk=f"p{number % 3}", text="x" * 100)
        assert kept._compacting is not None
        kept._compacting.join()
        assert list(folder.glob("*.base"))

    def test_what_short_runs_journalled_adds_up(
        self, keep: Keep, backend: DynamoDBBackend, folder: Path
    ) -> None:
        for run in range(4):
            kept = keep(compact_over_bytes=20_000)
            table = create(backend, "pk")
            put(table, pk=f"p{run}", text="x" * 6_000)
            assert (kept._compacting is None) == (run < 3)
        assert kept._compacting is not None
        kept._compacting.join()
        assert list(folder.glob("*.base"))
        keep()
        assert len(contents(create(backend, "pk"))) == 4

    def test_one_that_fails_loses_nothing(
        self, keep: Keep, backend: DynamoDBBackend, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        kept = keep()
        put(create(backend, "pk"), pk="p")
        with monkeypatch.context() as patched:
            patched.setattr(sys, "executable", "/bin/false")
            with pytest.raises(OSError, match="ended with 1"):
                kept.compact()
        put(backend.tables["T"], pk="q")
        keep()
        assert len(contents(create(backend, "pk"))) == 2

    def test_what_a_crash_left_of_one_is_ignored_and_removed(
        self, keep: Keep, backend: DynamoDBBackend, folder: Path
    ) -> None:
        keep()
        put(create(backend, "pk"), pk="p")
        left = folder / "00000009.123.partial"
        left.write_bytes(b"half")
        keep()
        assert len(contents(create(backend, "pk"))) == 1
        assert not left.exists()


@pytest.mark.parametrize("compact_over_bytes", [10**9, 20_000])
def test_killed_in_mid_write(folder: Path, compact_over_bytes: int) -> None:
    """What was answered is there, whole, and at most one transaction more that was under way."""
    choose = random.Random(8)
    answered = 0
    for _round in range(4):
        writer = subprocess.Popen(
            [
                sys.executable,
                Path(__file__).with_name("writer.py"),
                folder,
                str(compact_over_bytes),
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert writer.stdout is not None
        assert int(writer.stdout.readline()) in {answered + 1, answered + 2}
        time.sleep(choose.random() / 5)
        writer.send_signal(signal.SIGKILL)
        answered = max([answered + 1, *map(int, writer.stdout.read().split())])
        writer.wait()
        (items,) = segments.recover(folder)[0].values()
        numbers = {
            pk: {int(i["sk"]["S"]) for i in items.values() if i["pk"]["S"] == pk} for pk in "ab"
        }
        (count,) = (int(i["n"]["N"]) for i in items.values() if i["pk"]["S"] == "count")
        assert numbers["a"] == numbers["b"] == set(range(1, count + 1))
        assert count in {answered, answered + 1}
        answered = count


class TestEarlierVersions:
    DOCUMENT: ClassVar = {
        "format": 1,
        "tables": [
            {
                "account": "000000000000",
                "region": "eu-west-1",
                "table": "T",
                "keys": ["pk", "sk"],
                "items": [RICH],
            }
        ],
    }

    def test_their_file_is_read_once(
        self, keep: Keep, backend: DynamoDBBackend, tmp_path: Path
    ) -> None:
        legacy = tmp_path / "tables.json"
        legacy.write_text(json.dumps(self.DOCUMENT))
        keep(legacy=legacy)
        table = create(backend, "pk", "sk")
        assert contents(table) == [RICH]
        assert not legacy.exists()
        put(table, pk="new", sk="s")
        keep(legacy=legacy)
        assert len(contents(create(backend, "pk", "sk"))) == 2

    def test_another_format_is_refused_and_left_alone(self, keep: Keep, tmp_path: Path) -> None:
        legacy = tmp_path / "tables.json"
        legacy.write_text('{"format": 99}')
        with pytest.raises(ValueError, match="format 99"):
            keep(legacy=legacy)
        assert legacy.exists()


def test_a_damaged_file_is_named(keep: Keep, backend: DynamoDBBackend, folder: Path) -> None:
    keep()
    put(create(backend, "pk"), pk="p")
    keep()
    put(create(backend, "pk"), pk="q")
    first = segments.journal_path(folder, 1)
    first.write_bytes(first.read_bytes()[:-1])
    with pytest.raises(ValueError, match=first.name):
        keep()
