"""Two processes at one folder: the second waits, is told so once, and never waits for the dead."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra import file_lock

HOLD = """
import sys
from pathlib import Path
from infra import file_lock

with file_lock.take(Path(sys.argv[1]), lambda: print("waits", flush=True)):
    print("holds", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock until its input ends."""
    command = [sys.executable, "-c", HOLD, tmp_path / "new" / "lock"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "holds\n"
        yield process
        process.kill()


def test_the_second_waits_until_the_first_is_done(
    tmp_path: Path, holder: subprocess.Popen[str]
) -> None:
    told: list[int | None] = []

    def waiting() -> None:
        told.append(holder.poll())
        assert holder.stdin
        holder.stdin.close()

    with file_lock.take(tmp_path / "new" / "lock", waiting):
        assert told == [None], "told once, while the other still held it"


def test_a_lock_ends_with_its_process(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    with file_lock.take(tmp_path / "new" / "lock", holder.kill):
        assert holder.wait() == -9


def test_a_free_lock_is_taken_again_and_again(tmp_path: Path) -> None:
    told: list[str] = []
    for _ in range(2):
        with file_lock.take(tmp_path / "lock", lambda: told.append("waits")):
            assert told == []


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        file_lock.take(tmp_path / "file" / "lock", lambda: None)
