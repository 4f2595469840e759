"""Records on disk: whole or not there, at any crash."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from helpdesk_localstack.journal import Journal, mend, records

RECORDS = [b"one", b"\x00" * 50, b"three" * 400]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    journal = Journal(tmp_path / "j", sync=False)
    for payload in RECORDS:
        journal.append(payload)
    journal.close()
    return journal.path


def test_what_was_appended_is_read(path: Path) -> None:
    assert list(records(path)) == RECORDS
    assert mend(path) == 0


@pytest.mark.parametrize("sync", [False, True])
def test_it_goes_on_where_it_ended(path: Path, *, sync: bool) -> None:
    again = Journal(path, sync=sync)
    again.append(b"four")
    assert list(records(path)) == [*RECORDS, b"four"]
    assert again.size == path.stat().st_size
    again.close()


def test_cut_anywhere_everything_before_the_cut_is_there(path: Path) -> None:
    whole = path.read_bytes()
    ends = [0, 11, 69, len(whole)]
    for cut in [*range(100), *range(100, len(whole), 97), len(whole) - 1]:
        path.write_bytes(whole[:cut])
        sound = max(end for end in ends if end <= cut)
        assert mend(path) == cut - sound
        assert list(records(path)) == RECORDS[: ends.index(sound)]


def test_a_tail_that_the_disk_never_got_is_torn(path: Path) -> None:
    """After a power failure a file may be long enough and hold zeros, or half of the payload."""
    whole = path.read_bytes()
    path.write_bytes(whole + b"\x00" * 300)
    assert mend(path) == 300
    path.write_bytes(whole[:-1000] + b"\x00" * 1000)
    assert mend(path) == len(whole) - 69
    assert list(records(path)) == RECORDS[:2]


def test_damage_before_the_last_record_is_not_dropped_silently(path: Path) -> None:
    damaged = bytearray(path.read_bytes())
    damaged[30] ^= 1
    path.write_bytes(damaged)
    with pytest.raises(ValueError, match="damaged at byte 11, before its last record"):
        mend(path)
    with pytest.raises(ValueError, match="damaged at byte 11"):
        list(records(path))
    assert path.read_bytes() == damaged


def test_a_full_disk_leaves_no_half_record(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal(path, sync=False)
    write = os.write

    def full(descriptor: int, data: memoryview) -> int:
        if len(data) < 8:
            raise OSError(errno.ENOSPC, "no space")
        return write(descriptor, data[: len(data) - 5])

    monkeypatch.setattr("helpdesk_localstack.journal.os.write", full)
    with pytest.raises(OSError, match="no space"):
        journal.append(b"does not fit")
    monkeypatch.undo()
    journal.append(b"fits")
    journal.close()
    assert list(records(path)) == [*RECORDS, b"fits"]


def test_a_closed_journal_takes_nothing(path: Path) -> None:
    journal = Journal(path, sync=False)
    journal.close()
    with pytest.raises(OSError, match="Bad file descriptor"):
        journal.append(b"late")
    assert list(records(path)) == RECORDS
