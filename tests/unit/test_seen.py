"""What the terminal remembers of the messages that an agent has seen."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from agent_cli import seen
from agent_cli.seen import Seen


@pytest.fixture
def kept(tmp_path: Path) -> Seen:
    return Seen(tmp_path / "state" / "messages.json")


def test_nothing_was_seen_at_first(kept: Seen) -> None:
    assert kept.numbers() == {}


def test_numbers_only_grow(kept: Seen) -> None:
    kept.note("a", 3)
    kept.note("a", 2)
    assert kept.numbers() == {"a": 3}


def test_only_the_owner_can_read_the_file(kept: Seen) -> None:
    kept.note("a", 1)
    assert kept.file.stat().st_mode & 0o777 == 0o600


def test_the_tickets_looked_at_last_are_remembered(
    kept: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seen, "KEPT", 2)
    for name in ("a", "b", "a", "c"):
        kept.note(name, 1)
    assert set(kept.numbers()) == {"a", "c"}


def test_a_ticket_can_be_forgotten(kept: Seen) -> None:
    kept.note("a", 1)
    kept.note("b", 1)
    kept.forget("a")
    kept.forget("unheard-of")
    assert kept.numbers() == {"b": 1}


@pytest.mark.parametrize("text", ["", "{", "[]", '{"a": "b"}', "\xff"])
def test_a_damaged_file_means_that_nothing_was_seen(kept: Seen, text: str) -> None:
    kept.file.parent.mkdir()
    kept.file.write_bytes(text.encode("latin-1"))
    assert kept.numbers() == {}
    kept.note("a", 1)
    assert kept.numbers() == {"a": 1}


def test_threads_of_one_process_may_note_at_once(kept: Seen) -> None:
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda number: kept.note("a", number), range(200)))

    assert kept.numbers()["a"] > 0
    assert [each.name for each in kept.file.parent.iterdir()] == [kept.file.name]
