"""Run with `python -m infra.emulator test`, which builds and names both environments."""

from __future__ import annotations

import io
import os
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from moto.dynamodb.models import DynamoDBBackend, dynamodb_backends


@pytest.fixture(scope="session")
def interpreter() -> str:
    """The Python that runs functions."""
    return os.environ["LAMBDA_PYTHON"]


def archive(files: dict[str, str]) -> bytes:
    """A zip file with these texts in it, by path."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as target:
        for name, text in files.items():
            target.writestr(name, text)
    return buffer.getvalue()


def eventually[T](look: Callable[[], T], *, within: float = 10.0) -> T:
    """The first true value of `look()`; fails after `within` seconds."""
    deadline = time.monotonic() + within
    while not (seen := look()):
        assert time.monotonic() < deadline, f"still {seen!r} after {within} s"
        time.sleep(0.02)
    return seen


def runs(pid: int) -> bool:
    """Whether a process exists and is not just waiting to be reaped."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.fixture
def children_of_a_function(tmp_path: Path) -> Iterator[Path]:
    """A file in which functions leave process ids; whatever still runs afterwards is a failure."""
    ledger = tmp_path / "pids"
    ledger.touch()
    yield ledger
    left = [pid for pid in map(int, ledger.read_text().split()) if runs(pid)]
    for pid in left:
        os.kill(pid, 9)
    assert not left


@pytest.fixture
def backend() -> Iterator[DynamoDBBackend]:
    """moto's tables of one account and region, empty before and after."""
    found = dynamodb_backends["000000000000"]["eu-west-1"]
    yield found
    found.tables.clear()
